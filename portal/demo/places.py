"""The units of the demonstration and how many of the letter's figures each carries.

Place names and totals come from the public letter of October 2023; the split between units and every person is
invented. Weights are shares, not counts; late weights put most late cases where the letter says they were.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A unit of the demonstration: where it stands, who leads it, and its share of the cases."""

    code: str
    name: str
    kind: str
    reports_in: str
    managed_by: str
    head_title: str = ""
    officers: int = 0
    cases: int = 0
    late: float = 1.0
    online: int | None = None
    fields: tuple[str, ...] = ()


PROVINCE = "H16"
DISTRICT = "H16.117"
LAND_OFFICE = "H16.40"
LAND_BRANCH = "H16.40.117"
OFFICE = "H16.117.01"
HOME_AFFAIRS = "H16.117.02"

_COMMUNE_FIELDS = ("Hộ tịch", "Chứng thực", "Bảo trợ xã hội", "Đất đai cấp xã")


def _commune(code: str, name: str, cases: int, late: float, online: int | None = None, town: bool = False) -> Place:
    kind = "thị trấn" if town else "xã"
    return Place(
        f"H16.117.{code}",
        f"UBND {kind} {name}",
        "commune",
        DISTRICT,
        DISTRICT,
        f"Chủ tịch UBND {kind}",
        4,
        cases,
        late,
        online,
        _COMMUNE_FIELDS,
    )


def _division(
    code: str, name: str, title: str, officers: int, cases: int, late: float, online: int | None, *fields: str
) -> Place:
    return Place(f"H16.117.{code}", name, "division", DISTRICT, DISTRICT, title, officers, cases, late, online, fields)


PLACES: tuple[Place, ...] = (
    Place(PROVINCE, "UBND tỉnh Đắk Nông", "province", "", ""),
    Place("H16.09", "Sở Thông tin và Truyền thông", "department", PROVINCE, PROVINCE, "Giám đốc Sở"),
    Place(LAND_OFFICE, "Văn phòng Đăng ký đất đai tỉnh Đắk Nông", "department", PROVINCE, PROVINCE, "Giám đốc"),
    Place(DISTRICT, "UBND huyện Krông Nô", "district", PROVINCE, PROVINCE, "Chủ tịch UBND huyện"),
    Place(
        LAND_BRANCH,
        "Chi nhánh Văn phòng đăng ký đất đai Krông Nô",
        "branch",
        DISTRICT,
        LAND_OFFICE,
        "Giám đốc Chi nhánh",
        8,
        4700,
        2.2,
        None,
        ("Đăng ký đất đai",),
    ),
    Place(OFFICE, "Văn phòng HĐND và UBND huyện", "office", DISTRICT, DISTRICT, "Chánh Văn phòng", 1, 0),
    _division("02", "Phòng Nội vụ", "Trưởng phòng", 3, 260, 0.3, 132, "Thi đua, khen thưởng"),
    _division("03", "Phòng Kinh tế và Hạ tầng", "Trưởng phòng", 3, 420, 0.6, 22, "Xây dựng"),
    _division("04", "Phòng Tài chính - Kế hoạch", "Trưởng phòng", 3, 830, 0.3, 2, "Đăng ký kinh doanh"),
    _division("05", "Phòng Tài nguyên và Môi trường", "Trưởng phòng", 4, 1350, 1.5, 0, "Đất đai"),
    _division("06", "Phòng Tư pháp", "Trưởng phòng", 3, 640, 0.3, 9, "Hộ tịch cấp huyện"),
    _division(
        "07", "Phòng Lao động - Thương binh và Xã hội", "Trưởng phòng", 3, 380, 0.5, 0, "Bảo trợ xã hội cấp huyện"
    ),
    _division("08", "Phòng Văn hóa và Thông tin", "Trưởng phòng", 2, 45, 0.2, 0, "Văn hóa cơ sở"),
    _division("09", "Phòng Giáo dục và Đào tạo", "Trưởng phòng", 2, 70, 0.2, 0, "Giáo dục"),
    _division("10", "Phòng Nông nghiệp và Phát triển nông thôn", "Trưởng phòng", 2, 40, 0.2, 0, "Nông nghiệp"),
    _division("11", "Phòng Y tế", "Trưởng phòng", 1, 0, 0.0, 0),
    _division("12", "Thanh tra huyện", "Chánh Thanh tra", 1, 0, 0.0, 0),
    _commune("21", "Đắk Mâm", 1050, 0.5, 96, town=True),
    _commune("22", "Buôn Choah", 330, 0.3, 31),
    _commune("23", "Đắk Drô", 690, 0.5, 54),
    _commune("24", "Đắk Nang", 430, 0.3, 22),
    _commune("25", "Đắk Sôr", 560, 4.0, 0),
    _commune("26", "Đức Xuyên", 410, 0.4, 1),
    _commune("27", "Nam Đà", 940, 0.5, 88),
    _commune("28", "Nam Xuân", 520, 0.4, 35),
    _commune("29", "Nâm N'Đir", 640, 0.4, 41),
    _commune("30", "Nâm Nung", 480, 0.3, 27),
    _commune("31", "Quảng Phú", 570, 0.6, 38),
    _commune("32", "Tân Thành", 580, 0.4, 44),
)


@dataclass(frozen=True)
class Service:
    """A procedure of the demonstration: its allowed term in working days and online level."""

    code: str
    title: str
    field: str
    term_days: int
    online_level: str


SERVICES: tuple[Service, ...] = (
    Service("1.001193", "Đăng ký khai sinh", "Hộ tịch", 1, "partial"),
    Service("1.000656", "Đăng ký khai tử", "Hộ tịch", 1, "partial"),
    Service("1.000894", "Đăng ký kết hôn", "Hộ tịch", 3, "partial"),
    Service("1.004873", "Cấp Giấy xác nhận tình trạng hôn nhân", "Hộ tịch", 3, "full"),
    Service("2.000635", "Cấp bản sao trích lục hộ tịch", "Hộ tịch", 1, "full"),
    Service("2.000815", "Chứng thực bản sao từ bản chính giấy tờ, văn bản", "Chứng thực", 2, "none"),
    Service(
        "2.001035", "Chứng thực hợp đồng, giao dịch liên quan đến tài sản là quyền sử dụng đất", "Chứng thực", 2, "none"
    ),
    Service("1.001776", "Thực hiện, điều chỉnh trợ cấp xã hội hằng tháng", "Bảo trợ xã hội", 22, "partial"),
    Service(
        "2.000751", "Trợ giúp xã hội khẩn cấp về hỗ trợ làm nhà ở, sửa chữa nhà ở", "Bảo trợ xã hội", 12, "partial"
    ),
    Service("1.003554", "Hòa giải tranh chấp đất đai", "Đất đai cấp xã", 45, "none"),
    Service("2.000748", "Thay đổi, cải chính, bổ sung hộ tịch có yếu tố nước ngoài", "Hộ tịch cấp huyện", 6, "partial"),
    Service("2.000528", "Đăng ký khai sinh có yếu tố nước ngoài", "Hộ tịch cấp huyện", 3, "partial"),
    Service(
        "2.000777", "Hỗ trợ chi phí mai táng cho đối tượng bảo trợ xã hội", "Bảo trợ xã hội cấp huyện", 5, "partial"
    ),
    Service(
        "1.000684", "Đăng ký, thay đổi nội dung hoạt động cơ sở trợ giúp xã hội", "Bảo trợ xã hội cấp huyện", 5, "full"
    ),
    Service("2.000402", "Tặng Giấy khen của Chủ tịch UBND cấp huyện", "Thi đua, khen thưởng", 10, "full"),
    Service("2.000414", "Tặng danh hiệu Lao động tiên tiến", "Thi đua, khen thưởng", 10, "full"),
    Service("1.009994", "Cấp giấy phép xây dựng mới đối với nhà ở riêng lẻ", "Xây dựng", 15, "full"),
    Service("1.009995", "Cấp giấy phép xây dựng sửa chữa, cải tạo nhà ở riêng lẻ", "Xây dựng", 15, "full"),
    Service("1.001612", "Đăng ký thành lập hộ kinh doanh", "Đăng ký kinh doanh", 3, "full"),
    Service("2.000720", "Đăng ký thay đổi nội dung đăng ký hộ kinh doanh", "Đăng ký kinh doanh", 3, "full"),
    Service(
        "1.001570",
        "Tạm ngừng kinh doanh, tiếp tục kinh doanh trước thời hạn của hộ kinh doanh",
        "Đăng ký kinh doanh",
        3,
        "full",
    ),
    Service(
        "1.000798",
        "Chuyển mục đích sử dụng đất phải được phép của cơ quan nhà nước có thẩm quyền",
        "Đất đai",
        25,
        "none",
    ),
    Service(
        "1.005187",
        "Giao đất, cho thuê đất cho hộ gia đình, cá nhân không qua đấu giá quyền sử dụng đất",
        "Đất đai",
        30,
        "none",
    ),
    Service(
        "2.000395", "Giải quyết tranh chấp đất đai thuộc thẩm quyền của Chủ tịch UBND cấp huyện", "Đất đai", 45, "none"
    ),
    Service(
        "1.004227",
        "Đăng ký biến động quyền sử dụng đất, quyền sở hữu tài sản gắn liền với đất",
        "Đăng ký đất đai",
        10,
        "partial",
    ),
    Service(
        "1.004238",
        "Xác nhận tiếp tục sử dụng đất nông nghiệp của hộ gia đình, cá nhân",
        "Đăng ký đất đai",
        5,
        "partial",
    ),
    Service("2.000983", "Đăng ký, cấp Giấy chứng nhận quyền sử dụng đất lần đầu", "Đăng ký đất đai", 30, "none"),
    Service("1.004203", "Tách thửa hoặc hợp thửa đất", "Đăng ký đất đai", 15, "none"),
    Service("1.004193", "Đính chính Giấy chứng nhận đã cấp", "Đăng ký đất đai", 10, "none"),
    Service("1.000954", "Xét tặng danh hiệu Gia đình văn hóa hằng năm", "Văn hóa cơ sở", 5, "full"),
    Service("1.004438", "Xét, cấp học bổng chính sách", "Giáo dục", 8, "partial"),
    Service("1.003605", "Phê duyệt kế hoạch khuyến nông địa phương", "Nông nghiệp", 20, "partial"),
)

FAMILY = (
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Huỳnh",
    "Phan",
    "Vũ",
    "Võ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Ngô",
    "Dương",
    "Lý",
    "H'",
    "Y",
)
MIDDLE_MAN = ("Văn", "Đình", "Hữu", "Quốc", "Minh", "Xuân", "Công", "Thanh", "Ngọc", "Đức")
MIDDLE_WOMAN = ("Thị", "Thị Mỹ", "Thị Ngọc", "Thị Thanh", "Thúy", "Thị Hồng", "Kim", "Thị Bích")
GIVEN_MAN = (
    "Hùng",
    "Dũng",
    "Quyết",
    "Ước",
    "Thắng",
    "Lợi",
    "Tuấn",
    "Nghĩa",
    "Phúc",
    "Khánh",
    "Trường",
    "Đạt",
    "Sỹ",
    "Bằng",
    "Cường",
    "Hiếu",
    "Vượng",
    "Ẩn",
    "Kiên",
    "Thịnh",
)
GIVEN_WOMAN = (
    "Hạnh",
    "Quỳnh",
    "Lệ",
    "Ngữ",
    "Thủy",
    "Hằng",
    "Nguyệt",
    "Ánh",
    "Yến",
    "Phượng",
    "Hường",
    "Tuyết",
    "Mai",
    "Diễm",
    "Oanh",
    "Vân",
    "Thảo",
    "Nhung",
    "Liễu",
    "Xuyến",
)
HIGHLAND_MAN = ("Blơ Niê", "Bhăm Êban", "Thuyên Mlô", "Nguôn Byă", "Djăp Knul")
HIGHLAND_WOMAN = ("Lan Niê", "Bliah Êban", "Nhiêm Mlô", "Rưn Byă", "Ngăm Knul")

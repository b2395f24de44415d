"""What invented officers write in the demonstration, by cause."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Story:
    """One way a case was late: cause, what happened, remedy, and whether the head agreed it was nobody's fault."""

    cause: str
    happened: str
    remedy: str
    commitment: str
    weight: int = 1
    details: tuple[tuple[str, str], ...] = ()
    """What the cause asks for; ``{number}`` is a number of the case's own."""
    days: tuple[tuple[str, str, int], ...] = ()
    """The days it asks for: field, ``received`` or ``due``, and how many working days after it."""


STORIES: tuple[Story, ...] = (
    Story(
        "CQ",
        "Hồ sơ nằm ở bước thẩm định 3 ngày do tôi xử lý các hồ sơ đến sau trước; không trình lãnh đạo ký đúng ngày.",
        "Đã rà soát toàn bộ hồ sơ đang giữ, xếp theo ngày hẹn trả; trình ký trước hạn ít nhất 1 ngày làm việc.",
        "Không để phát sinh hồ sơ trễ hạn trong tháng tới.",
        5,
    ),
    Story(
        "CQ",
        "Tôi nghỉ phép 2 ngày, bàn giao công việc bằng lời nên người thay không biết hồ sơ đến hạn.",
        "Lập danh sách hồ sơ đến hạn và ký bàn giao mỗi khi nghỉ từ 1 ngày trở lên.",
        "Bàn giao bằng văn bản mỗi khi vắng mặt.",
        3,
    ),
    Story(
        "QT",
        "Trong kỳ nhận 61 hồ sơ, gấp đôi tháng trước; cả bộ phận có 2 người, một người đi tập huấn 5 ngày.",
        "Đã đề nghị lãnh đạo điều thêm người hỗ trợ; ưu tiên hồ sơ sắp đến hạn.",
        "Giải quyết hết hồ sơ tồn trong tháng.",
        3,
    ),
    Story(
        "LT-THUE",
        "Phiếu chuyển thông tin nghĩa vụ tài chính gửi cơ quan thuế đúng ngày, nhận lại thông báo chậm 8 ngày làm việc.",
        "Gửi văn bản đôn đốc cơ quan thuế khi quá 3 ngày làm việc; ghi tạm dừng trên phần mềm trong thời gian chờ.",
        "Theo dõi phiếu chuyển hằng ngày.",
        4,
        (("LT-THUE.slip_no", "{number}/PC-TTHC"),),
        (("LT-THUE.sent_on", "received", 1), ("LT-THUE.back_on", "due", 0)),
    ),
    Story(
        "LT-PH",
        "Xã gửi biên bản xác minh thực địa chậm so với hẹn; hồ sơ không đủ căn cứ để trình ký.",
        "Thống nhất lịch xác minh với xã ngay khi nhận hồ sơ.",
        "Báo cáo lãnh đạo khi xã chậm quá 2 ngày làm việc.",
        3,
        (("LT-PH.body", "UBND xã nơi có đất"), ("LT-PH.letter_no", "{number}/CN-XM")),
        (("LT-PH.sent_on", "received", 2),),
    ),
    Story(
        "KT",
        "Phần mềm một cửa mất kết nối với hệ thống đất đai từ chiều, không chuyển được bước; đã báo Sở TTTT.",
        "Lập biên bản sự cố, chuyển hồ sơ giấy trong ngày để không chờ hệ thống.",
        "Báo ngay khi có sự cố, không để qua ngày.",
        2,
        (("KT.system", "Phần mềm một cửa"),),
        (("KT.from_on", "due", 0), ("KT.to_on", "due", 1)),
    ),
    Story(
        "PT",
        "Ranh giới thửa đất trên bản đồ lệch với hiện trạng, phải đo đạc lại và lấy ý kiến hộ giáp ranh.",
        "Kiểm tra bản đồ ngay khi tiếp nhận để gia hạn kịp thời.",
        "Thông báo cho công dân ngay khi thấy phải đo lại.",
        2,
    ),
    Story(
        "NHAP",
        "Chọn nhầm thủ tục có thời hạn ngắn hơn khi nhập hồ sơ; phát hiện khi đã quá hạn.",
        "Đối chiếu mã thủ tục với giấy tiếp nhận trước khi lưu.",
        "Nhờ người thứ hai kiểm tra khi nhập.",
        1,
    ),
)
RETURN_COMMENTS = (
    "Chưa nêu số, ngày phiếu chuyển và ngày nhận lại; bổ sung chứng cứ.",
    "Nêu rõ bước nào chậm bao nhiêu ngày, ai giữ hồ sơ trong thời gian đó.",
)
CITIZEN_CAUSE = "quá trình kiểm tra, thẩm định hồ sơ mất nhiều thời gian hơn dự kiến"
FOLLOWUP_NOTES = {
    "reminder": "Nhắc nhở tại cuộc họp giao ban tuần.",
    "lesson": "Rút kinh nghiệm trước tập thể, ghi biên bản.",
    "criticism": "Phê bình trước tập thể do nhiều hồ sơ trễ hạn vì nguyên nhân chủ quan trong quý.",
    "self_review": "Viết bản kiểm điểm làm rõ trách nhiệm cá nhân.",
    "discipline": "Nhiều hồ sơ trễ hạn, đã kiểm điểm nhưng tái diễn.",
}
NOT_MINE = "Hồ sơ đã chuyển sang đồng nghiệp thẩm định từ ngày 20/9; tôi chỉ tiếp nhận ban đầu."
OBJECTION = (
    "Hồ sơ phải chờ công dân bổ sung trích lục từ ngày 02/10, có phiếu yêu cầu bổ sung kèm theo hồ sơ. "
    "Đề nghị xem lại mức trách nhiệm đã kết luận."
)
LETTER_RETURNED = "Ghi rõ nơi công dân nhận kết quả và số điện thoại liên hệ trước khi trình ký."

CARDS: tuple[tuple[str, str, str], ...] = (
    (
        "officer",
        "Công chức, viên chức thụ lý",
        "Giải trình các hồ sơ trễ của mình, soạn thư xin lỗi, xem hồ sơ sắp đến hạn.",
    ),
    ("clerk", "Văn thư đơn vị", "Cấp số và gửi thư xin lỗi đã ký."),
    ("section_head", "Phụ trách bộ phận", "Xem giải trình của người trong tổ trước thủ trưởng, ghi ý kiến."),
    ("head", "Thủ trưởng đơn vị", "Đọc giải trình, trả lại hoặc kết luận; ký thư xin lỗi."),
    ("monitoring_office", "Văn phòng theo dõi", "Nhập danh sách hồ sơ, mở vi phạm, theo dõi độ phủ, in số liệu."),
    ("home_affairs", "Phòng Nội vụ", "Theo dõi xử lý trách nhiệm, đánh giá cuối năm, xuất bảng tính."),
    ("chair", "Chủ tịch", "Một bức tranh: tỷ lệ đúng hạn, quá hạn, độ phủ giải trình và xin lỗi."),
    ("administrator", "Quản trị", "Danh bạ, tài khoản, lịch làm việc, gán tên."),
    ("auditor", "Kiểm tra nhật ký", "Đọc nhật ký thay đổi, tên được che."),
    ("it_authority", "Cơ quan công nghệ thông tin", "Xác nhận sự cố kỹ thuật: từ lúc nào đến lúc nào, hệ thống nào."),
)


@dataclass(frozen=True)
class Wrong:
    """A violation or complaint of the demonstration, and how far it went: waiting, answered, returned, concluded."""

    kind: str
    origin: str
    unit: str
    found_on: date
    summary: str
    until: str
    answers: tuple[str, str] = ("", "")
    reporter: str = ""
    call_number: str = ""


VIOLATIONS: tuple[Wrong, ...] = (
    Wrong(
        "attitude",
        "hotline",
        "H16.117.25",
        date(2023, 10, 13),
        "Công dân phản ánh bị yêu cầu đi lại ba lần để nộp giấy tờ không có trong thành phần hồ sơ.",
        "waiting",
        reporter="Bà Nguyễn Thị Minh Hoạ (dữ liệu minh hoạ)",
        call_number="ĐDN-2023-0147",
    ),
    Wrong(
        "outside_system",
        "person",
        "H16.117.27",
        date(2023, 10, 11),
        "Kiểm tra sổ giấy thấy 3 hồ sơ chứng thực nhận ngày 09/10 chưa nhập phần mềm.",
        "answered",
        ("habit", "Nhận giấy trước vì đông người, định nhập cuối ngày rồi quên; đã nhập bổ sung sáng 12/10."),
    ),
    Wrong(
        "stalled",
        "person",
        "H16.117.05",
        date(2023, 10, 11),
        "Hồ sơ giao đất nằm ở bước thẩm định từ đầu tháng 9, không có ý kiến xử lý.",
        "returned",
        ("waits_for_guidance", "Chờ hướng dẫn của Sở Tài nguyên và Môi trường về giá đất."),
    ),
    Wrong(
        "premature_closure",
        "person",
        "H16.117.05",
        date(2023, 10, 10),
        "Phần mềm ghi kết thúc ngày 06/10 nhưng quyết định được ký ngày 09/10.",
        "concluded",
        ("to_be_in_time", "Bấm kết thúc trước để hồ sơ không bị trễ hạn, dự kiến lãnh đạo ký trong ngày."),
    ),
)
QUESTION_TO_TAX = "Đề nghị Chi cục cho biết ngày nhận phiếu chuyển, ngày ra thông báo thuế và lý do nếu chậm."
QUESTION_TO_COMMUNE = "Đề nghị UBND xã cho biết ngày nhận yêu cầu xác minh thực địa và ngày gửi lại biên bản."
SUPPLEMENT = (
    "Đã có thông báo thuế, đang chờ công dân nộp nghĩa vụ tài chính và nộp lại chứng từ.",
    "Gọi điện nhắc công dân hai lần; trình ký ngay trong ngày nhận được chứng từ.",
)

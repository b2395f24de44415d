"""What invented officers write in the demonstration, by cause."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Story:
    """One way a case was late: cause, what happened, remedy, and whether the head agreed it was nobody's fault."""

    cause: str
    happened: str
    remedy: str
    commitment: str
    weight: int = 1
    details: tuple[tuple[str, str], ...] = ()


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
        (("LT-THUE.slip_no", "118/PC-TTHC"), ("LT-THUE.sent_on", "2023-09-06"), ("LT-THUE.back_on", "2023-09-20")),
    ),
    Story(
        "LT-PH",
        "Xã gửi biên bản xác minh thực địa chậm so với hẹn; hồ sơ không đủ căn cứ để trình ký.",
        "Thống nhất lịch xác minh với xã ngay khi nhận hồ sơ.",
        "Báo cáo lãnh đạo khi xã chậm quá 2 ngày làm việc.",
        3,
        (("LT-PH.body", "UBND xã nơi có đất"), ("LT-PH.letter_no", "75/CN-XM"), ("LT-PH.sent_on", "2023-09-07")),
    ),
    Story(
        "KT",
        "Phần mềm một cửa mất kết nối với hệ thống đất đai từ chiều, không chuyển được bước; đã báo Sở TTTT.",
        "Lập biên bản sự cố, chuyển hồ sơ giấy trong ngày để không chờ hệ thống.",
        "Báo ngay khi có sự cố, không để qua ngày.",
        2,
        (("KT.system", "Phần mềm một cửa"), ("KT.from_on", "2023-09-21"), ("KT.to_on", "2023-09-22")),
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
CARDS: tuple[tuple[str, str, str], ...] = (
    (
        "officer",
        "Công chức, viên chức thụ lý",
        "Giải trình các hồ sơ trễ của mình, soạn thư xin lỗi, xem hồ sơ sắp đến hạn.",
    ),
    ("clerk", "Văn thư đơn vị", "Cho số và gửi thư xin lỗi đã ký."),
    ("head", "Thủ trưởng đơn vị", "Đọc giải trình, trả lại hoặc kết luận; ký thư xin lỗi."),
    ("monitoring_office", "Văn phòng theo dõi", "Nhập danh sách hồ sơ, mở vi phạm, theo dõi độ phủ, in số liệu."),
    ("home_affairs", "Phòng Nội vụ", "Theo dõi xử lý trách nhiệm, đánh giá cuối năm, xuất bảng tính."),
    ("chair", "Chủ tịch", "Một bức tranh: tỷ lệ đúng hạn, quá hạn, độ phủ giải trình và xin lỗi."),
    ("administrator", "Quản trị", "Danh bạ, tài khoản, lịch làm việc, gán tên."),
    ("auditor", "Kiểm tra nhật ký", "Đọc nhật ký thay đổi, tên được che."),
    ("it_authority", "Cơ quan công nghệ thông tin", "Xác nhận sự cố kỹ thuật (các bước sau của hệ thống)."),
)

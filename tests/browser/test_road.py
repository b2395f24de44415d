"""The whole road once, in Chromium: from the file of the one-stop system to the line in the yearly workbook."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from docx import Document
from flask import Flask

from portal import clock
from portal.access import actions as access
from portal.access.passwords import new_slip
from portal.database import commit
from portal.directory.models import Person
from portal.directory.rules import UnitKind
from portal.guard import Role
from tests.access_to import cookie_of
from tests.conftest import SESSION_COOKIE
from tests.factories import Make

NOW = datetime(2023, 10, 16, 9, 30)
LATE, OVERDUE = "000.21.37.H47-230904-0003", "000.21.37.H47-230911-0007"
APPLICANT = "Lê Thị Hoà"
OFFICER, HEAD, CLERK = "Trần Văn Bảy", "Y Thuận Ayun", "H' Liên Niê"
OWN_PASSWORD = "bốn từ dễ nhớ của riêng tôi"
HAPPENED = "Hồ sơ nằm ở bước thẩm định từ 08/09 đến 18/09 vì tôi xử lý các hồ sơ đến sau trước."
REMEDY = "Đã trả kết quả ngày 20/09/2023; xếp lại hồ sơ đang giữ theo ngày hẹn trả."
COMMITMENT = "Trình ký trước hạn ít nhất một ngày làm việc."
REASON_FOR_HER = "việc thẩm định hồ sơ của chúng tôi mất nhiều thời gian hơn dự kiến"


@dataclass(frozen=True)
class Cast:
    """Who walks the road."""

    officer: Person
    head: Person
    clerk: Person
    office: Person
    home_affairs: Person
    slip: str


@pytest.fixture
def cast(app: Flask, make: Make) -> Cast:
    """A district with one commune; the officer has an account with a one-time password, as on the first day."""
    app.before_request_funcs.setdefault(None, []).insert(0, lambda: clock.set_business_time(NOW))
    clock.set_business_time(NOW)
    district = make.unit("UBND huyện Thử", kind=UnitKind.DISTRICT)
    commune = make.unit("UBND xã Mẫu", reports_in=district)
    officer = make.officer(commune, OFFICER)
    slip = new_slip()
    with commit():
        access.create_account(officer, "bay.tran", slip.hash, by=None, at=clock.now())
    return Cast(
        officer,
        make.head(commune, HEAD),
        make.in_role("clerk", commune, CLERK),
        make.in_role(Role.MONITORING_OFFICE, district, "Phạm Văn Phòng"),
        make.in_role(Role.HOME_AFFAIRS, district, "Đỗ Thị Nội"),
        slip.password,
    )


@pytest.fixture
def case_list(tmp_path: Path) -> Path:
    """What the one-stop system exports: titles, a header of two rows with merged cells, column numbers, a total."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["UBND HUYỆN THỬ"])
    sheet.append(["DANH SÁCH HỒ SƠ TỪ 01/09/2023 ĐẾN 16/10/2023"])
    sheet.append([])
    sheet.append(
        [
            "STT",
            "Số hồ sơ",
            "Tên thủ tục hành chính",
            "Chủ hồ sơ",
            "Thời gian",
            None,
            None,
            "Đơn vị",
            None,
            "Tình trạng",
        ]
    )
    sheet.append(
        [None] * 4 + ["Ngày tiếp nhận", "Ngày hẹn trả", "Ngày kết thúc xử lý", "Cơ quan giải quyết", "Cán bộ thụ lý"]
    )
    for merged in ("A4:A5", "B4:B5", "C4:C5", "D4:D5", "E4:G4", "H4:I4", "J4:J5"):
        sheet.merge_cells(merged)
    sheet.append([f"({number})" for number in range(1, 11)])
    for number, line in enumerate(LINES, start=1):
        code, received, due, finished, officer = line
        moments = [datetime.fromisoformat(text) if text else None for text in (received, due, finished)]
        status = "Đã trả kết quả" if finished else "Đang xử lý"
        title, applicant = "Đăng ký biến động quyền sử dụng đất", APPLICANT if code == LATE else "Nguyễn Văn Khác"
        sheet.append([number, code, title, applicant, *moments, "UBND xã Mẫu", officer, status])
    sheet.append([None, "Tổng cộng", None, None, len(LINES)])
    path = tmp_path / "danh-sach-ho-so.xlsx"
    book.save(path)
    return path


LINES = (
    ("000.21.37.H47-230901-0001", "2023-09-01 08:10", "2023-09-15 16:30", "2023-09-12 10:00", OFFICER),
    ("000.21.37.H47-230901-0002", "2023-09-01 09:05", "2023-09-15 16:30", "2023-09-15 15:20", OFFICER),
    (LATE, "2023-09-04 08:00", "2023-09-15 16:30", "2023-09-20 09:40", OFFICER),
    ("000.21.37.H47-230905-0004", "2023-09-05 14:00", "2023-09-19 16:30", "2023-09-18 08:30", OFFICER),
    (OVERDUE, "2023-09-11 08:30", "2023-09-25 16:30", None, OFFICER),
    ("000.21.37.H47-231010-0011", "2023-10-10 08:30", "2023-10-24 16:30", None, OFFICER),
    ("000.21.37.H47-231011-0012", "2023-10-11 08:30", "2023-10-12 16:30", "2023-10-12 11:00", CLERK),
)


class Walk:
    """One tab; whoever sits before it sees and presses what is there."""

    def __init__(self, page: Any, tmp_path: Path, *, scripts: bool = True) -> None:
        self.page, self.folder, self.scripts = page, tmp_path, scripts
        page.set_default_timeout(15_000)

    def enter_as(self, person: Person) -> None:
        """Somebody else sits down; the session is opened without the pages of sign-in."""
        self.page.context.clear_cookies()
        self.page.goto("/sign-in")
        url = re.match(r"https?://[^/]+", self.page.url)[0]  # type: ignore[index]
        self.page.context.add_cookies([{"name": SESSION_COOKIE, "value": cookie_of(person, NOW), "url": url}])
        self.page.goto("/")

    def menu(self, words: str) -> None:
        """Go to a place of the main menu."""
        self.page.locator("#main-menu nav").get_by_role("link", name=words, exact=True).click()

    def press(self, words: str) -> None:
        """Press the button of this name."""
        self.page.get_by_role("button", name=words, exact=True).click()

    def sees(self, *words: str) -> None:
        """All of this stands on the page."""
        for one in words:
            self.page.locator("body").get_by_text(one).locator("visible=true").first.wait_for()

    def take(self, words: str, name: str) -> Path:
        """Download by the link of this name."""
        with self.page.expect_download() as found:
            self.page.get_by_role("link", name=words, exact=True).click()
        path = self.folder / name
        found.value.save_as(path)
        return path


def test_one_late_case_walks_the_whole_road(page: Any, cast: Cast, case_list: Path, tmp_path: Path) -> None:
    _walk_the_road(Walk(page, tmp_path), cast, case_list)


@pytest.mark.browser
def test_the_road_needs_no_script(browser: Any, live_server: Any, cast: Cast, case_list: Path, tmp_path: Path) -> None:
    context = browser.new_context(base_url=live_server.url, locale="vi-VN", java_script_enabled=False)

    _walk_the_road(Walk(context.new_page(), tmp_path, scripts=False), cast, case_list)

    context.close()


def _walk_the_road(walk: Walk, cast: Cast, case_list: Path) -> None:
    evidence = walk.folder / "phieu-luan-chuyen.txt"
    evidence.write_text("Phiếu luân chuyển hồ sơ", "utf-8")
    _office_imports(walk, cast, case_list)
    _office_checks_that_breaches_are_open(walk)
    _officer_signs_in_for_the_first_time(walk, cast)
    _officer_explains(walk, evidence)
    _officer_drafts_the_apology(walk)
    _head_concludes(walk, cast)
    _head_signs_the_letter(walk)
    _clerk_numbers_and_sends(walk, cast)
    _home_affairs_records_a_reminder(walk, cast)
    _home_affairs_takes_the_workbook(walk)


def _office_imports(walk: Walk, cast: Cast, case_list: Path) -> None:
    page = walk.page
    walk.enter_as(cast.office)
    walk.menu("Nhập số liệu")
    walk.sees("Chưa nhập danh sách hồ sơ nào.")
    page.get_by_role("link", name="Nhập danh sách hồ sơ").first.click()
    page.get_by_label("Tệp", exact=True).set_input_files(case_list)
    page.get_by_label("Số liệu đến").fill("16/10/2023 08:00")
    walk.press("Đọc tệp")

    walk.sees("Đã đọc tệp. Chưa có gì thay đổi", "Áp dụng sẽ ghi 7 hồ sơ mới và 0 hồ sơ thay đổi.", case_list.name)
    walk.press("Áp dụng")

    walk.sees("Đã áp dụng: 7 hồ sơ mới, 0 hồ sơ thay đổi.", "Đã mở 2 vi phạm thời hạn.")


def _office_checks_that_breaches_are_open(walk: Walk) -> None:
    walk.menu("Độ phủ")
    walk.sees("2 vi phạm")
    walk.press("Mở phần còn thiếu")
    walk.sees("2 vi phạm")


def _officer_signs_in_for_the_first_time(walk: Walk, cast: Cast) -> None:
    page = walk.page
    page.context.clear_cookies()
    page.goto("/")
    page.get_by_label("Tên đăng nhập").fill("bay.tran")
    page.get_by_label("Mật khẩu", exact=True).fill("sai mật khẩu rồi nhé")
    walk.press("Đăng nhập")
    page.get_by_label("Mật khẩu", exact=True).fill(cast.slip)
    walk.press("Đăng nhập")
    page.get_by_label("Mật khẩu dùng một lần trên phiếu").fill(cast.slip)
    for field in ("password", "again"):
        page.locator(f"#password-form input[name={field}]").fill(OWN_PASSWORD)
    walk.press("Lưu mật khẩu mới")
    walk.sees("Việc của tôi hôm nay", OFFICER)


def _officer_explains(walk: Walk, evidence: Path) -> None:
    page = walk.page
    page.goto("/")
    page.get_by_role("link", name=LATE).first.click()
    walk.sees(f"Giải trình hồ sơ {LATE}", "Hạn giải trình: Thứ Năm, 19/10/2023", "15/09/2023 16:30")
    page.get_by_label("Chậm trễ của cá nhân").check()
    page.get_by_label("Diễn biến").fill(HAPPENED)
    page.get_by_label("Biện pháp khắc phục").fill(REMEDY)
    page.get_by_label(re.compile(r"^Cam kết(?! xong)")).fill(COMMITMENT)
    if walk.scripts:
        walk.sees("Đã lưu nháp")
    page.get_by_label("Tệp kèm").set_input_files(evidence)
    walk.press("Nộp giải trình")
    walk.sees("Đã nộp giải trình.", HAPPENED, evidence.name, f"Chờ {HEAD} kết luận, hạn 19/10/2023.")


def _officer_drafts_the_apology(walk: Walk) -> None:
    page = walk.page
    walk.menu("Thư xin lỗi")
    page.get_by_role("link", name=LATE).click()
    walk.sees(f"Thư xin lỗi hồ sơ {LATE}")
    page.get_by_label("Kính gửi").fill(APPLICANT)
    page.get_by_label("Lý do chậm trễ").fill(REASON_FOR_HER)
    if not walk.scripts:
        walk.press("Xem thư")
    walk.sees(f"Kính gửi: {APPLICANT}", REASON_FOR_HER)
    walk.press("Trình ký")
    walk.sees("Đã trình ký.", "chờ ký")


def _head_concludes(walk: Walk, cast: Cast) -> None:
    page = walk.page
    walk.enter_as(cast.head)
    walk.sees("Việc của tôi hôm nay")
    walk.menu("Chờ kết luận")
    walk.sees("Giải trình nào chờ tôi kết luận?", LATE, HAPPENED, REMEDY, COMMITMENT)
    page.get_by_label("Chủ quan, trách nhiệm toàn bộ").check()
    page.get_by_label("Lý do").fill("Chậm ở bước thẩm định, không có nguyên nhân bên ngoài.")
    page.locator("#explanations-decide").get_by_role("button", name="Kết luận").click()
    walk.sees("Đã kết luận:")


def _head_signs_the_letter(walk: Walk) -> None:
    walk.menu("Thư xin lỗi")
    walk.page.get_by_role("link", name=LATE).click()
    walk.sees(f"Kính gửi: {APPLICANT}", REASON_FOR_HER)
    walk.press("Ký")
    walk.sees("Đã ký. Văn thư cấp số và gửi.")


def _clerk_numbers_and_sends(walk: Walk, cast: Cast) -> None:
    page = walk.page
    walk.enter_as(cast.clerk)
    walk.menu("Thư xin lỗi")
    page.get_by_role("link", name=LATE).click()
    walk.press("Cấp số")
    walk.sees("Thư đã có số 1.", "Số: 01/PXL")
    page.get_by_label("bản giấy").check()
    page.get_by_label("Bằng chứng gửi").fill("Sổ giao nhận số 12, bà Hoà ký nhận")
    walk.press("Ghi nhận đã gửi")
    walk.sees("Đã ghi nhận việc gửi.", "đã gửi")

    for text in (_text_of_pdf(walk.take("PDF", "thu.pdf")), _text_of_docx(walk.take("Word", "thu.docx"))):
        for words in (APPLICANT, LATE, "01/PXL", "ngày 16 tháng 10 năm 2023", "xin lỗi", REASON_FOR_HER, HEAD):
            assert words in text, (words, text)
        assert OFFICER not in text


def _text_of_pdf(path: Path) -> str:
    done = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True)
    return _one_line(done.stdout)


def _text_of_docx(path: Path) -> str:
    document = Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return _one_line(" ".join([*cells, *(paragraph.text for paragraph in document.paragraphs)]))


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def _home_affairs_records_a_reminder(walk: Walk, cast: Cast) -> None:
    page = walk.page
    walk.enter_as(cast.home_affairs)
    walk.menu("Theo dõi xử lý")
    page.get_by_role("link", name="Ghi nhận xử lý trách nhiệm").click()
    page.get_by_role("link", name=OFFICER).click()
    page.get_by_label("Hình thức xử lý").select_option("reminder")
    page.get_by_label("Ngày quyết định").fill("16/10/2023")
    page.get_by_label("Người ký").fill(HEAD)
    page.get_by_label("Ghi chú").fill("Nhắc nhở tại giao ban tuần.")
    page.get_by_label(LATE).check()
    walk.press("Ghi nhận")
    walk.sees("Đã ghi nhận.", f"Nhắc nhở: {OFFICER}", LATE)


def _home_affairs_takes_the_workbook(walk: Walk) -> None:
    walk.menu("Đánh giá")
    walk.sees("Đánh giá năm 2023", "tạm tính đến 16/10/2023", OFFICER)

    book = openpyxl.load_workbook(walk.take("Tải bảng tính", "danh-gia-2023.xlsx"))

    found = _row_of(book["Công chức"], OFFICER)
    assert {name: found[name] for name in FIGURES} == FIGURES
    line = _row_of(book["Vi phạm thời hạn"], LATE)
    assert (line["Loại nguyên nhân kết luận"], line["Trách nhiệm"]) == ("Chủ quan", "Toàn bộ")
    assert (line["Giải trình"], line["Xin lỗi"], line["Số thư"]) == ("Đã kết luận", "Đã gửi", "01/PXL")
    assert (line["Hẹn trả"], line["Kết thúc xử lý"]) == (datetime(2023, 9, 15, 16, 30), datetime(2023, 9, 20, 9, 40))


FIGURES: dict[str, Any] = {
    "Đơn vị": "UBND xã Mẫu",
    "Hồ sơ: Tiếp nhận": 6,
    "Hồ sơ: Đã giải quyết": 4,
    "Hồ sơ: Trước hạn": 2,
    "Hồ sơ: Đúng hạn": 1,
    "Hồ sơ: Trễ hạn": 1,
    "Hồ sơ: Quá hạn": 1,
    "Hồ sơ: R1 (%)": 75,
    "Vi phạm thời hạn: Tổng số vi phạm thời hạn": 2,
    "Loại nguyên nhân: Chủ quan": 1,
    "Loại nguyên nhân: Chưa kết luận": 1,
    "Trách nhiệm: Toàn bộ": 1,
    "Trách nhiệm: Quy đổi": 1,
    "Giải trình: Đã kết luận": 1,
    "Giải trình: Chờ giải trình": 1,
    "Xin lỗi: Đã gửi": 1,
    "Xin lỗi: Chờ soạn": 1,
    "Theo dõi xử lý: Nhắc nhở": 1,
}


def _row_of(sheet: Any, value: str) -> dict[str, Any]:
    """The row in which a value stands, by the headings of the table, each after its group where it has one."""
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    top = next(index for index, row in enumerate(rows) if str(row[0]).startswith("Mã"))
    group, names = "", []
    for above, heading in zip(rows[top - 1], rows[top], strict=True):
        group = above or group
        names.append(f"{group}: {heading}" if group else heading)
    return dict(zip(names, next(row for row in rows[top:] if value in row), strict=True))

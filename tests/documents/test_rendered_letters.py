"""Letters as they come out on paper, from both layouts: the national title on one line, fonts inside, every word."""

import re
import subprocess
from dataclasses import replace
from datetime import date

import pytest

from portal.documents import office
from portal.documents.docx import letter_docx
from portal.documents.letter import NATION, Letter
from portal.documents.naming import agency_lines, day_in_words
from portal.documents.pdf import letter_pdf
from tests.documents.test_letter_layout import pdf_text

LONG = Letter(
    parent_lines=agency_lines("Sở Nông nghiệp và Môi trường tỉnh Lâm Đồng"),
    agency_lines=agency_lines("Chi nhánh Văn phòng Đăng ký đất đai khu vực Krông Nô - Đắk Mil - Cư Jút"),
    number_line="Số: 05/PXL",
    place_and_date="Nam Đà, " + day_in_words(date(2026, 3, 17)),
    title="PHIẾU XIN LỖI VÀ ĐỀ NGHỊ GIA HẠN THỜI GIAN GIẢI QUYẾT",
    recipients=(
        "Ông Nguyễn Văn Thử, thôn Nam Thanh, xã Nam Đà",
        "Hợp tác xã Dịch vụ Nông nghiệp tổng hợp và Phát triển nông thôn Nâm N'Đir",
        "Bà H'Ưởn Ê Ban",
    ),
    paragraphs=(
        "Ngày 02 tháng 3 năm 2026, cơ quan tiếp nhận hồ sơ " + "Đăng ký biến động quyền sử dụng đất, thừa kế, " * 6,
        *("Tuy nhiên đến nay, cơ quan chưa trả kết quả giải quyết hồ sơ đúng thời hạn quy định. " * 4,) * 6,
        "Mong nhận được sự thông cảm của Ông/Bà/Tổ chức vì sự chậm trễ này./.",
    ),
    authority_lines=("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"),
    signer_name="Nguyễn Thị Phương Khánh Huyền Trân",
    copies=("- Như trên;", "- Bộ phận Tiếp nhận và Trả kết quả;", "- Lưu: VT, hồ sơ."),
    dated_on=date(2026, 3, 17),
)


def words_of(folder):
    """(page, word, top) of every word of the letter in ``folder``."""
    command = ["pdftotext", "-bbox", str(folder / "letter.pdf"), "-"]
    pages = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split("<page ")[1:]
    pattern = re.compile(r'yMin="([\d.]+)"[^>]*>([^<]*)</word>')
    return [(number, word, float(top)) for number, page in enumerate(pages, 1) for top, word in pattern.findall(page)]


@pytest.mark.parametrize("layout", ["typst", "libreoffice"])
def test_a_letter_with_long_names_comes_out_right(layout, tmp_path):
    data = letter_pdf(LONG) if layout == "typst" else office.to_pdf(letter_docx(LONG))

    text = pdf_text(data, tmp_path)
    bare = text.replace(" ", "")
    lines = (*LONG.agency_lines, *LONG.parent_lines, LONG.title, *LONG.recipients, *LONG.paragraphs, *LONG.copies)
    for line in (*lines, *LONG.authority_lines, LONG.signer_name):
        assert line.replace(" ", "") in bare
    found = words_of(tmp_path)
    title = [word for word in found if word[0] == 1 and word[1] in NATION.split()]
    assert len({top for _page, _word, top in title[:8]}) == 1 and " ".join(word for _p, word, _t in title[:8]) == NATION
    assert pages_of(found, "Trân") == pages_of(found, "này./.") == [2]
    fonts = subprocess.run(["pdffonts", tmp_path / "letter.pdf"], capture_output=True, check=True, text=True).stdout
    used = fonts.splitlines()[2:]
    assert used and all("LiberationSerif" in line and re.search(r"\byes (yes|no) +(yes|no)\b", line) for line in used)


def pages_of(found, wanted):
    return [page for page, word, _top in found if word == wanted]


def test_a_short_letter_stays_on_one_page(tmp_path):
    pdf_text(letter_pdf(replace(LONG, paragraphs=LONG.paragraphs[-2:])), tmp_path)

    assert {page for page, _word, _top in words_of(tmp_path)} == {1}

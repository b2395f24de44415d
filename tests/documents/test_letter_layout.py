"""A letter looks the same as PDF and as Word file, says what its content says, and keeps the geometry of Decree 30."""

import io
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn

from portal.documents.docx import letter_docx
from portal.documents.letter import DEMO_MARK, DRAFT_MARK, MOTTO, NATION, Letter
from portal.documents.naming import agency_lines, area_of, blank_day_in_words, day_in_words, number_with_zero
from portal.documents.pdf import letter_pdf

LETTER = Letter(
    parent_lines=agency_lines("UBND huyện Krông Nô"),
    agency_lines=agency_lines("Phòng Tài nguyên và Môi trường"),
    number_line="Số: 05/PXL",
    place_and_date="Krông Nô, " + day_in_words(date(2023, 10, 17)),
    title="PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ",
    recipients=("Nguyễn Thị Ước Ẩn",),
    paragraphs=("Ngày 01 tháng 9 năm 2023, hồ sơ được tiếp nhận.", 'Lý do: #panic("x") *đậm* $x$ {{ 7 * 7 }} <b>&amp;'),
    authority_lines=("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"),
    signer_name="Trần Thị Hường",
    copies=("- Như trên;", "- Lưu: VT."),
    dated_on=date(2023, 10, 17),
    mark=DEMO_MARK,
)
OFFICE = shutil.which("soffice") or "/usr/lib/libreoffice/program/soffice"
WORDS = (NATION, MOTTO, "Số: 05/PXL", LETTER.title, "Nguyễn Thị Ước Ẩn", "TM. ỦY BAN NHÂN DÂN", "Nơi nhận:", DEMO_MARK)


def pdf_text(data: bytes, folder: Path, *options: str) -> str:
    """The text of a PDF, blanks and line ends made one blank."""
    path = folder / "letter.pdf"
    path.write_bytes(data)
    done = subprocess.run(["pdftotext", *options, str(path), "-"], capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


def test_pdf_says_everything_and_nothing_is_read_as_markup(tmp_path):
    text = pdf_text(letter_pdf(LETTER), tmp_path)

    for words in (*WORDS, *LETTER.paragraphs, *LETTER.agency_lines, *LETTER.copies):
        assert words in text


def test_pdf_has_only_its_own_fonts(tmp_path):
    path = tmp_path / "letter.pdf"
    path.write_bytes(letter_pdf(LETTER))

    fonts = subprocess.run(["pdffonts", str(path)], capture_output=True, check=True, text=True).stdout

    used = [line.split()[0] for line in fonts.splitlines()[2:]]
    assert used and all("LiberationSerif" in name for name in used)


def test_first_page_has_no_number_and_the_second_has(tmp_path):
    long = replace(LETTER, paragraphs=LETTER.paragraphs * 25)
    path = tmp_path / "letter.pdf"
    path.write_bytes(letter_pdf(long))

    pages = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True).stdout.decode()

    first, second = pages.split("\f")[:2]
    assert first.split("\n")[0].strip() != "1" and second.strip().split("\n")[0].strip() == "2"
    assert DEMO_MARK in first and DEMO_MARK in second


def test_a_draft_says_so(tmp_path):
    assert DRAFT_MARK in pdf_text(letter_pdf(replace(LETTER, draft=True)), tmp_path)
    assert DRAFT_MARK not in pdf_text(letter_pdf(LETTER), tmp_path)


def test_same_content_gives_the_same_bytes():
    assert letter_pdf(LETTER) == letter_pdf(LETTER)
    assert letter_docx(LETTER) == letter_docx(LETTER)
    assert letter_pdf(LETTER) != letter_pdf(replace(LETTER, signer_name="Lê Văn Bé"))


def test_word_file_has_the_geometry_of_the_decree():
    document = docx.Document(io.BytesIO(letter_docx(LETTER)))

    section = document.sections[0]
    assert [round(length.mm) for length in (section.page_width, section.page_height)] == [210, 297]
    margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(length.mm) for length in margins] == [20, 20, 30, 15]
    assert section.different_first_page_header_footer
    assert not section.first_page_header.paragraphs[0].text.strip()
    assert "PAGE" in section.header._element.xml
    fonts = document.styles["Normal"].element.rPr.rFonts
    assert {fonts.get(qn(f"w:{script}")) for script in ("ascii", "hAnsi", "eastAsia", "cs")} == {"Times New Roman"}


def test_word_file_has_two_tables_without_borders_and_every_word():
    document = docx.Document(io.BytesIO(letter_docx(LETTER)))

    head, foot = document.tables
    assert (len(head.rows), len(head.columns)) == (2, 2) and "w:tblBorders" not in head._tbl.xml
    assert head.rows[1].cells[0].text == "Số: 05/PXL" and head.rows[0].cells[1].text.startswith(NATION)
    assert foot.rows[0].cells[0].text.startswith("Nơi nhận:") and "Trần Thị Hường" in foot.rows[0].cells[1].text
    assert [paragraph.text for paragraph in document.paragraphs if paragraph.text][2:] == list(LETTER.paragraphs)
    assert document.sections[0].first_page_footer.paragraphs[0].text == DEMO_MARK


def test_an_office_program_reads_the_word_file(tmp_path):
    path = tmp_path / "letter.docx"
    path.write_bytes(letter_docx(LETTER))
    home = f"-env:UserInstallation=file://{tmp_path}/home"

    command = [OFFICE, home, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(path)]
    subprocess.run(command, capture_output=True, check=True, timeout=180)

    text = pdf_text((tmp_path / "letter.pdf").read_bytes(), tmp_path)
    for words in (*WORDS, *LETTER.paragraphs):
        assert words in text


def test_word_file_is_a_plain_zip_without_macros():
    with zipfile.ZipFile(io.BytesIO(letter_docx(LETTER))) as archive:
        assert archive.testzip() is None
        assert not [name for name in archive.namelist() if "vba" in name.lower()]


@pytest.mark.parametrize(
    ("name", "lines", "area"),
    [
        ("UBND xã Đắk Sôr", ("ỦY BAN NHÂN DÂN", "XÃ ĐẮK SÔR"), "Đắk Sôr"),
        ("Ủy ban nhân dân thị trấn Đắk Mâm", ("ỦY BAN NHÂN DÂN", "THỊ TRẤN ĐẮK MÂM"), "Đắk Mâm"),
        ("UBND Phường 5", ("ỦY BAN NHÂN DÂN", "PHƯỜNG 5"), "Phường 5"),
        ("Xã Nam Đà", ("XÃ NAM ĐÀ",), "Nam Đà"),
        ("CN VPĐKĐĐ Krông Nô", ("CHI NHÁNH", "VĂN PHÒNG ĐĂNG KÝ", "ĐẤT ĐAI KRÔNG NÔ"), None),
        ("Phòng Tài nguyên và Môi trường", ("PHÒNG TÀI NGUYÊN", "VÀ MÔI TRƯỜNG"), None),
    ],
)
def test_agencies_are_written_out_in_capitals(name, lines, area):
    assert agency_lines(name) == lines
    assert area is None or area_of(name) == area


def test_days_and_numbers_take_their_zero():
    assert day_in_words(date(2023, 2, 7)) == "ngày 07 tháng 02 năm 2023"
    assert day_in_words(date(2023, 10, 17)) == "ngày 17 tháng 10 năm 2023"
    assert day_in_words(date(2023, 3, 1)) == "ngày 01 tháng 3 năm 2023"
    assert "17" not in blank_day_in_words(date(2023, 10, 17))
    assert (number_with_zero(5), number_with_zero(12), number_with_zero(120)) == ("05", "12", "120")


def test_a_name_without_end_is_broken_at_once():
    lines = agency_lines("Sở " + "rất dài " * 40)

    assert max(map(len, lines)) <= 22 and " ".join(lines) == ("Sở " + "rất dài " * 40).strip().upper()

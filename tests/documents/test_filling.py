"""An agency's own Word file: plain placeholders are filled wherever Word has torn them, nothing is executed."""

import io
import shutil
import zipfile
from dataclasses import replace

import docx
import pytest
from docx.oxml import parse_xml
from docx.shared import Mm

from portal.documents import office
from portal.documents.filling import FIELDS, filled, placeholders
from portal.documents.template_checks import check_template
from portal.refusal import Refused
from tests.documents.test_letter_layout import LETTER, pdf_text

HOSTILE = "{{so}} {% for x in range(9) %} {{ 7 * 7 }} ${1+1} <w:p/> & < >"
SCHEMAS = "http://schemas.openxmlformats.org"
DETAILS = (("ma_ho_so", "H20.1"), ("ly_do", "Bận."), ("ngay_hen_moi", "ngày 20 tháng 10 năm 2023"))


def template(*paragraphs):
    """A Word file with a table in front, a header, and the paragraphs."""
    document = docx.Document()
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "{{co_quan}}", "{{so}}"
    document.sections[0].left_margin = Mm(30)
    document.sections[0].header.paragraphs[0].text = "Mẫu riêng: {{dia_danh_ngay}}"
    for text in paragraphs or (
        "Kính gửi: {{kinh_gui}}",
        "{{noi_dung}}",
        "{{chuc_vu}}",
        "{{ nguoi_ky }}",
        "{{noi_nhan}}",
    ):
        document.add_paragraph(text)
    return saved(document)


def saved(document):
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def texts(data):
    return [paragraph.text for paragraph in docx.Document(io.BytesIO(data)).paragraphs]


def with_member(data, name, content, replace_member=False):
    """The zip with one more member, or with another content of one it has."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for member in source.namelist():
            if not (replace_member and member == name):
                target.writestr(member, source.read(member))
        target.writestr(name, content)
    return out.getvalue()


def code_of(data, name="mau.docx"):
    with pytest.raises(Refused) as error:
        check_template(data, name)
    return error.value.code


def test_every_line_stands_in_its_place():
    done = filled(template(), LETTER)

    document = docx.Document(io.BytesIO(done))
    cells = document.tables[0].rows[0].cells
    assert cells[0].text.split("\n") == list(LETTER.agency_lines) and cells[1].text == "Số: 05/PXL"
    assert document.sections[0].header.paragraphs[0].text == f"Mẫu riêng: {LETTER.place_and_date}"
    said = texts(done)
    assert said[0] == "Kính gửi: Nguyễn Thị Ước Ẩn" and said[1:3] == list(LETTER.paragraphs)
    assert said[3:] == ["TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH", "Trần Thị Hường", "- Như trên;", "- Lưu: VT."]


def test_a_placeholder_torn_over_runs_is_filled_with_the_look_of_its_first():
    document = docx.Document()
    paragraph = document.add_paragraph()
    for text, bold in (("Số ", False), ("{{", True), ("ma_", False), ("ho_so", True), ("}} !", False)):
        paragraph.add_run(text).bold = bold

    done = docx.Document(io.BytesIO(filled(saved(document), replace(LETTER, details=DETAILS)))).paragraphs[0]

    assert done.text == "Số H20.1 !"
    assert next(run for run in done.runs if run.text == "H20.1").bold


def test_what_is_filled_in_is_never_read_again_nor_executed():
    hostile = replace(LETTER, recipients=(HOSTILE,), signer_name="{{noi_dung}}")

    said = texts(filled(template(), hostile))

    assert said[0] == f"Kính gửi: {HOSTILE}" and "{{noi_dung}}" in said
    code = ("{{ ''.__class__.__mro__ }}", "{% import os %}{{kinh_gui}}")
    assert texts(filled(template(*code), LETTER))[0] == code[0]
    assert texts(filled(template(*code), LETTER))[1] == "{% import os %}Nguyễn Thị Ước Ẩn"


def test_the_same_letter_gives_the_same_bytes():
    own = template()

    assert filled(own, LETTER) == filled(own, LETTER)


def test_unknown_and_missing_placeholders_are_listed():
    found = placeholders(template("{{kinh_gui}}", "{{noi_dung}}", "{{ten_linh_tinh}}"), promises=True)
    own_words = placeholders(template("{{kinh_gui}} {{nguoi_ky}} {{ma_ho_so}} {{ly_do}}"), promises=True)

    assert (found.unknown, found.missing, found.usable) == (("ten_linh_tinh",), ("nguoi_ky",), False)
    assert own_words.missing == ("ngay_hen_moi",)
    assert placeholders(template("{{kinh_gui}} {{nguoi_ky}} {{ma_ho_so}} {{ly_do}}"), promises=False).usable
    assert placeholders(template(), promises=True).usable and set(found.known) <= set(FIELDS)


def test_hostile_files_are_refused():
    own = template()
    rels = f'<Relationships xmlns="{SCHEMAS}/package/2006/relationships"><Relationship Id="r9" {{}}/></Relationships>'
    kind = f'Type="{SCHEMAS}/officeDocument/2006/relationships/{{}}" Target="http://x/" TargetMode="External"'
    assert check_template(own, "Mẫu.docx") == "Mẫu.docx"
    for link in ("attachedTemplate", "image", "oleObject", "frame"):
        outside = with_member(own, "word/_rels/settings.xml.rels", rels.format(kind.format(link)), replace_member=True)
        assert code_of(outside) == "documents.template_fetches"
    linked = with_member(own, "word/_rels/x.xml.rels", rels.format(kind.format("hyperlink")))
    assert check_template(linked, "mau.docx") == "mau.docx"
    assert code_of(with_member(own, "word/vbaProject.bin", b"x")) == "documents.has_macros"
    assert code_of(with_member(own, "word/embeddings/oleObject1.bin", b"x")) == "documents.template_embeds"
    assert code_of(with_member(own, "word/x.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a/>')) == "documents.template_hides"
    assert code_of(with_member(own, "word/big.xml", b" " * (30 << 20))) == "documents.inflates_too_much"
    assert code_of(b"%PDF-1.4", "mau.pdf") == "documents.template_kind"
    assert code_of(own + b"\0" * (3 << 20)) in ("documents.too_large", "documents.not_what_it_says")


@pytest.mark.parametrize("torn", [("DDEAUTO c:\\\\x",), ("DD", "E cmd"), ("INCLUDETEXT http://x",)])
def test_fields_that_run_or_fetch_are_refused(torn):
    document = docx.Document()
    run = document.add_paragraph().add_run()
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    for text in torn:
        run._r.append(parse_xml(f"<w:instrText {space}>{text}</w:instrText>"))

    assert code_of(saved(document)) == "documents.template_runs"


def test_libreoffice_makes_the_pdf_in_a_profile_of_its_own(tmp_path):
    text = pdf_text(office.to_pdf(filled(template(), LETTER)), tmp_path)

    for words in ("Số: 05/PXL", "Kính gửi: Nguyễn Thị Ước Ẩn", *LETTER.paragraphs, "Trần Thị Hường"):
        assert words in text


def test_without_libreoffice_or_when_it_hangs_the_clerk_is_told(monkeypatch):
    slow = shutil.which("sleep")
    monkeypatch.setattr(office, "program", lambda: None)
    with pytest.raises(Refused) as none:
        office.to_pdf(template())
    monkeypatch.setattr(office, "program", lambda: slow)
    monkeypatch.setattr(office, "OPTIONS", ("60",))
    with pytest.raises(Refused) as hangs:
        office.to_pdf(template(), seconds=1)
    assert (none.value.code, hangs.value.code) == ("documents.no_office", "documents.office_failed")

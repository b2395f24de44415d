"""A letter as .docx with the real geometry of Decree 30/2020, so that offices can correct it in their own editor.

Word obeys cell widths, LibreOffice the grid: both are set. Fonts are named for Latin, East Asian and complex scripts,
otherwise Vietnamese letters fall back. The same content gives the same bytes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime, time
from typing import cast

from docx import Document
from docx.document import Document as DocumentFile
from docx.enum.section import WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from portal.documents.letter import DRAFT_MARK, MOTTO, NATION, Letter

FONT = "Times New Roman"
HEAD_WIDTHS = (Mm(61), Mm(104))
FOOT_WIDTHS = (Mm(75), Mm(90))
INDENT = Mm(12.7)
CENTRE = WD_ALIGN_PARAGRAPH.CENTER
# The oldest moment a zip can carry; real times would make two renderings of one letter differ.
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
MOTTO_RULE = Mm(61)
AGENCY_RULE = Mm(22)


def letter_docx(letter: Letter) -> bytes:
    """Lay ``letter`` out as a Word file: A4, margins 20/20/30/15 mm, page number centred on top from page 2."""
    document = Document()
    _set_fonts(document)
    _set_page(document, letter)
    _head(document, letter)
    _title(document, letter)
    _recipients(document, letter.recipients)
    for text in letter.paragraphs:
        last = _body_paragraph(document, text)
        last.paragraph_format.keep_with_next = text is letter.paragraphs[-1]
    _foot(document, letter)
    _set_properties(document, letter)
    return packed(document)


def _set_fonts(document: DocumentFile) -> None:
    style = document.styles["Normal"]
    style.font.name = FONT
    style.font.size = Pt(14)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(script), FONT)
    language = OxmlElement("w:lang")
    for attribute in ("w:val", "w:eastAsia"):
        language.set(qn(attribute), "vi-VN")
    style.element.get_or_add_rPr().append(language)
    style.paragraph_format.space_after = Pt(0)
    style.paragraph_format.space_before = Pt(0)
    style.paragraph_format.line_spacing = 1.0


def _set_page(document: DocumentFile, letter: Letter) -> None:
    section = document.sections[0]
    section.start_type = WD_SECTION.NEW_PAGE
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(15)
    section.header_distance = section.footer_distance = Mm(10)
    section.different_first_page_header_footer = True
    number = section.header.paragraphs[0]
    number.alignment = CENTRE
    _page_field(number)
    if letter.draft:
        run = section.first_page_header.paragraphs[0].add_run(DRAFT_MARK)
        run.bold, run.font.size = True, Pt(11)
    if letter.mark:
        for footer in (section.first_page_footer, section.footer):
            paragraph = footer.paragraphs[0]
            paragraph.alignment = CENTRE
            run = paragraph.add_run(letter.mark)
            run.italic, run.font.size = True, Pt(10)


def _page_field(paragraph: Paragraph) -> None:
    """The running page number, as a field that every office program counts itself."""
    run = paragraph.add_run()
    run.font.size = Pt(13)
    for kind in ("begin", "end"):
        mark = OxmlElement("w:fldChar")
        mark.set(qn("w:fldCharType"), kind)
        run._r.append(mark)
        if kind == "begin":
            instruction = OxmlElement("w:instrText")
            instruction.text = "PAGE"
            run._r.append(instruction)


def _borderless(document: DocumentFile, rows: int, widths: Sequence[Length]) -> Table:
    table = document.add_table(rows=rows, cols=len(widths))
    table.autofit = False
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    properties = table._tbl.tblPr
    margins = OxmlElement("w:tblCellMar")
    for side in ("w:left", "w:right"):
        margin = OxmlElement(side)
        margin.set(qn("w:w"), "0")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    properties.append(margins)
    for index, width in enumerate(widths):
        table.columns[index].width = width
        for row in table.rows:
            row.cells[index].width = width
    return cast(Table, table)


def _line(
    cell: _Cell, text: str, *, size: float, bold: bool = False, italic: bool = False, centred: bool = True
) -> Paragraph:
    """One more line in a table cell; the first uses the paragraph every cell is born with."""
    first = cell.paragraphs[0]
    paragraph = first if not first.runs and len(cell.paragraphs) == 1 and not cell.tables else cell.add_paragraph()
    if centred:
        paragraph.alignment = CENTRE
    run = paragraph.add_run(text)
    run.font.size, run.bold, run.italic = Pt(size), bold, italic
    return cast(Paragraph, paragraph)


def _rule(cell: _Cell, width: Length, cell_width: Length) -> None:
    """A short line under the text: the upper border of an empty paragraph, indented from both sides."""
    paragraph = cell.add_paragraph()
    layout = paragraph.paragraph_format
    layout.space_before = Pt(2)
    layout.left_indent = layout.right_indent = Length((cell_width - width) // 2)
    layout.line_spacing = Pt(4)
    borders = OxmlElement("w:pBdr")
    top = OxmlElement("w:top")
    for attribute, value in (("w:val", "single"), ("w:sz", "4"), ("w:space", "1"), ("w:color", "000000")):
        top.set(qn(attribute), value)
    borders.append(top)
    _insert_borders(paragraph, borders)


def _insert_borders(paragraph: Paragraph, borders: object) -> None:
    """Put ``w:pBdr`` where the schema wants it: before spacing, indentation and alignment."""
    properties = paragraph._p.get_or_add_pPr()
    for position, child in enumerate(properties):
        if child.tag in (qn("w:spacing"), qn("w:ind"), qn("w:jc")):
            properties.insert(position, borders)
            return
    properties.append(borders)


def _head(document: DocumentFile, letter: Letter) -> None:
    table = _borderless(document, 2, HEAD_WIDTHS)
    left, right = table.rows[0].cells
    for line in letter.parent_lines:
        _line(left, line, size=13)
    for line in letter.agency_lines:
        _line(left, line, size=13, bold=True)
    _rule(left, AGENCY_RULE, HEAD_WIDTHS[0])
    _line(right, NATION, size=13, bold=True)
    _line(right, MOTTO, size=14, bold=True)
    _rule(right, MOTTO_RULE, HEAD_WIDTHS[1])
    number, day = table.rows[1].cells
    _line(number, letter.number_line, size=13).paragraph_format.space_before = Pt(6)
    _line(day, letter.place_and_date, size=14, italic=True).paragraph_format.space_before = Pt(6)


def _title(document: DocumentFile, letter: Letter) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = CENTRE
    paragraph.paragraph_format.space_before = Pt(16)
    paragraph.paragraph_format.space_after = Pt(0 if letter.subject else 12)
    paragraph.add_run(letter.title).bold = True
    if letter.subject:
        subject = document.add_paragraph()
        subject.alignment = CENTRE
        subject.paragraph_format.space_after = Pt(12)
        subject.add_run(letter.subject).bold = True


def _recipients(document: DocumentFile, recipients: Sequence[str]) -> None:
    if len(recipients) == 1:
        paragraph = document.add_paragraph(f"Kính gửi: {recipients[0]}")
        paragraph.alignment = CENTRE
        paragraph.paragraph_format.space_after = Pt(6)
        return
    last = len(recipients) - 1
    for index, line in enumerate(("Kính gửi:", *(f"- {name}" for name in recipients))):
        ending = "" if index == 0 else (";" if index <= last else ".")
        document.add_paragraph(line + ending).paragraph_format.left_indent = Mm(40)


def _body_paragraph(document: DocumentFile, text: str) -> Paragraph:
    paragraph = document.add_paragraph(text)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    layout = paragraph.paragraph_format
    layout.first_line_indent = INDENT
    layout.space_before = Pt(6)
    layout.line_spacing = 1.1
    layout.keep_together = True
    return paragraph


def _foot(document: DocumentFile, letter: Letter) -> None:
    gap = document.add_paragraph()
    gap.paragraph_format.line_spacing = Pt(12)
    gap.paragraph_format.keep_with_next = True
    table = _borderless(document, 1, FOOT_WIDTHS)
    left, right = table.rows[0].cells
    _line(left, "Nơi nhận:", size=12, bold=True, italic=True, centred=False)
    for line in letter.copies:
        _line(left, line, size=11, centred=False)
    for line in letter.authority_lines:
        _line(right, line, size=14, bold=True)
    for _ in range(4):
        _line(right, "", size=14)
    _line(right, letter.signer_name, size=14, bold=True)
    _keep_together(table)


def _keep_together(table: Table) -> None:
    """The signature never stands torn over two pages."""
    for row in table.rows:
        never_split = OxmlElement("w:cantSplit")
        row._tr.get_or_add_trPr().append(never_split)


def _set_properties(document: DocumentFile, letter: Letter) -> None:
    properties = document.core_properties
    made_at = datetime.combine(letter.dated_on, time())
    properties.title, properties.language = letter.title.capitalize(), "vi-VN"
    properties.author = properties.last_modified_by = " ".join(letter.agency_lines)
    properties.comments = letter.mark
    properties.created = properties.modified = made_at


def packed(document: DocumentFile) -> bytes:
    """The file with all members in the order they were written and one fixed time, so that content alone decides."""
    raw, packed = io.BytesIO(), io.BytesIO()
    document.save(raw)
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for member in source.infolist():
            fixed = zipfile.ZipInfo(member.filename, ZIP_EPOCH)
            fixed.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(fixed, source.read(member.filename))
    return packed.getvalue()

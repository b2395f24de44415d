"""An agency's own Word file with plain placeholders: ``{{so}}``, ``{{noi_dung}}``. Nothing in it is ever executed.

Placeholders are names out of a fixed list, no expressions: a template engine, even a sandboxed one, would let whoever
uploads a file compute on this server, and letters need no loops. Word tears a placeholder over several runs, so it is
looked for in the text of the whole paragraph; the first run gives the look of what is filled in.
"""

from __future__ import annotations

import copy
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from docx import Document
from docx.document import Document as DocumentFile
from docx.oxml.ns import qn

from portal.documents.docx import packed
from portal.documents.letter import Letter

PLACEHOLDER = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
FIELDS: Mapping[str, str] = {
    "co_quan_chu_quan": "cơ quan chủ quản, chữ hoa",
    "co_quan": "cơ quan ban hành, chữ hoa",
    "so": "số, ký hiệu: Số: 05/PXL",
    "dia_danh_ngay": "địa danh, ngày tháng năm",
    "tieu_de": "tên loại văn bản",
    "kinh_gui": "người nhận",
    "noi_dung": "toàn bộ nội dung theo mẫu của Thông tư, mỗi đoạn một dòng",
    "ma_ho_so": "mã hồ sơ",
    "thu_tuc": "tên thủ tục hành chính",
    "ngay_tiep_nhan": "ngày tiếp nhận",
    "han_tra": "thời gian hẹn trả đã ghi",
    "ly_do": "lý do gửi người dân",
    "ngay_hen_moi": "ngày hẹn trả lại",
    "chuc_vu": "quyền hạn, chức vụ người ký, chữ hoa",
    "nguoi_ky": "họ tên người ký",
    "noi_nhan": "nơi nhận, mỗi nơi một dòng",
    "ghi_chu": "dòng ghi chú cuối trang của bản trình diễn",
}
"""The placeholders an agency may use, each with what it stands for, as the page lists them."""
NEEDED = ("so", "dia_danh_ngay", "kinh_gui", "nguoi_ky")
BODY = "noi_dung"
INSTEAD_OF_BODY = ("ma_ho_so", "ly_do")
FILLED_PARTS = re.compile(r"/word/(document|header\d*|footer\d*|footnotes|endnotes)\.xml")
ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Found:
    """Which placeholders a file has, which of them nobody knows, and which it lacks; each in order."""

    known: tuple[str, ...]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def usable(self) -> bool:
        """Whether letters can be made with it."""
        return not self.unknown and not self.missing


def placeholders(template: bytes, *, promises: bool) -> Found:
    """The placeholders of a Word file. ``promises``: it is for letters with a new date."""
    document = Document(io.BytesIO(template))
    names = {name for paragraph in _paragraphs(document) for name in PLACEHOLDER.findall(_text(paragraph))}
    instead = (*INSTEAD_OF_BODY, *(("ngay_hen_moi",) if promises else ()))
    needed = NEEDED if BODY in names else (*NEEDED, *instead)
    return Found(
        known=tuple(name for name in FIELDS if name in names),
        unknown=tuple(sorted(names - FIELDS.keys())),
        missing=tuple(name for name in needed if name not in names),
    )


def filled(template: bytes, letter: Letter) -> bytes:
    """The Word file with the words of ``letter``; the same letter and file give the same bytes.

    A placeholder alone in its paragraph that stands for several lines becomes as many paragraphs of the same look.
    """
    document = Document(io.BytesIO(template))
    values = values_of(letter)
    for paragraph in list(_paragraphs(document)):
        _fill(paragraph, values)
    properties = document.core_properties
    properties.title = letter.title.capitalize()
    properties.created = properties.modified = datetime.combine(letter.dated_on, time())
    return packed(document)


def values_of(letter: Letter) -> dict[str, tuple[str, ...]]:
    """What each placeholder stands for, as lines."""
    details = dict(letter.details)
    lines: dict[str, tuple[str, ...]] = {
        "co_quan_chu_quan": letter.parent_lines,
        "co_quan": letter.agency_lines,
        "so": (letter.number_line,),
        "dia_danh_ngay": (letter.place_and_date,),
        "tieu_de": (letter.title,),
        "kinh_gui": letter.recipients,
        BODY: letter.paragraphs,
        "chuc_vu": letter.authority_lines,
        "nguoi_ky": (letter.signer_name,),
        "noi_nhan": letter.copies,
        "ghi_chu": (letter.mark,),
    }
    found = {name: lines.get(name, (details.get(name, ""),)) for name in FIELDS}
    return {name: tuple(ILLEGAL.sub("", line) for line in value) for name, value in found.items()}


def _paragraphs(document: DocumentFile) -> Iterator[Any]:
    """Every paragraph of the body, of tables and text boxes, of headers and footers."""
    for part in document.part.package.iter_parts():
        if FILLED_PARTS.fullmatch(str(part.partname)) and hasattr(part, "element"):
            yield from part.element.iter(qn("w:p"))


def _texts(paragraph: Any) -> list[Any]:
    """The text nodes of a paragraph, without those of a text box inside it."""
    return [node for node in paragraph.iter(qn("w:t")) if next(node.iterancestors(qn("w:p"))) is paragraph]


def _text(paragraph: Any) -> str:
    return "".join(node.text or "" for node in _texts(paragraph))


def _fill(paragraph: Any, values: Mapping[str, tuple[str, ...]]) -> None:
    text = _text(paragraph)
    alone = PLACEHOLDER.fullmatch(text.strip())
    lines = values.get(alone.group(1)) if alone else None
    if lines is None:
        _replace(paragraph, {name: ", ".join(line for line in value if line) for name, value in values.items()})
        return
    twins = [copy.deepcopy(paragraph) for _line in lines[1:]]
    for one, line in zip((paragraph, *twins), lines or ("",), strict=True):
        _replace(one, dict.fromkeys(values, line))
    for twin in reversed(twins):
        paragraph.addnext(twin)


def _replace(paragraph: Any, values: Mapping[str, str]) -> None:
    """Put values in the place of placeholders, from the end to the front so that positions hold."""
    nodes = _texts(paragraph)
    for match in reversed(list(PLACEHOLDER.finditer(_text(paragraph)))):
        if match.group(1) in values:
            _put(nodes, match.start(), match.end(), values[match.group(1)])


def _put(nodes: list[Any], start: int, end: int, value: str) -> None:
    """Replace the characters from ``start`` to ``end`` of the joined text; the node where they begin takes all."""
    at, written = 0, False
    for node in nodes:
        text = node.text or ""
        first, last = max(start - at, 0), min(end - at, len(text))
        at += len(text)
        if first >= len(text) or last <= 0:
            continue
        node.text = text[:first] + ("" if written else value) + text[last:]
        node.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        written = True

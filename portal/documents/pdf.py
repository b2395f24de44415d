"""A letter as PDF, drawn by typst: own fonts only, no network, the same bytes for the same content."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

import typst

from portal.documents.letter import Letter

HERE = Path(__file__).resolve().parent
TEMPLATE = HERE / "letter.typ"
STAMP = HERE / "stamp.typ"
FONTS = HERE / "fonts"
POINTS_A_MM = 72 / 25.4
A4_HEIGHT = 297 * POINTS_A_MM


@dataclass(frozen=True)
class Place:
    """Where a block stands: the page from 0, and its sides in points from the lower left corner."""

    page: int
    left: float
    bottom: float
    right: float
    top: float

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height in millimetres."""
        return (self.right - self.left) / POINTS_A_MM, (self.top - self.bottom) / POINTS_A_MM


@cache
def _template(path: Path) -> bytes:
    return path.read_bytes()


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])


def letter_pdf(letter: Letter) -> bytes:
    """Draw ``letter`` on A4 by Decree 30/2020. The content travels as JSON and is never read as markup."""
    made_at = datetime.combine(letter.dated_on, time(), tzinfo=UTC)
    return _drawn(TEMPLATE, letter.as_data(), pdf_standards=["a-2b"], timestamp=made_at)


def signature_place(letter: Letter) -> Place:
    """Where the block of a seal stands on the standard letter: between the signer's title and the name."""
    data = json.dumps(letter.as_data(), ensure_ascii=False)
    found = typst.query(
        str(TEMPLATE), "<signature>", field="value", one=True, root=str(HERE), font_paths=_fonts(),
        ignore_system_fonts=True, sys_inputs={"data": data},
    )  # fmt: skip
    corner = json.loads(found)
    middle = corner["x"] + 45 * POINTS_A_MM
    top = A4_HEIGHT - corner["y"] - POINTS_A_MM
    return Place(corner["page"] - 1, middle - 36 * POINTS_A_MM, top - 22 * POINTS_A_MM, middle + 36 * POINTS_A_MM, top)


CORNER = Place(0, (210 - 15 - 72) * POINTS_A_MM, A4_HEIGHT - 19 * POINTS_A_MM, 195 * POINTS_A_MM, A4_HEIGHT - 9)
"""Where the block stands on files of an unknown layout: in the upper right corner of the first page (Decree 30)."""


def stamp_pdf(lines: Sequence[str], place: Place, made_at: datetime) -> bytes:
    """The block of a seal as a page of its own, of the size of ``place``, with its font inside."""
    width, height = place.size_mm
    data = {"lines": list(lines), "width": width, "height": height}
    return _drawn(STAMP, data, timestamp=made_at.replace(tzinfo=UTC))


def _drawn(template: Path, data: Mapping[str, Any], **options: Any) -> bytes:
    compiler = typst.Compiler(_template(template), root=str(HERE), font_paths=_fonts(), ignore_system_fonts=True)
    content = json.dumps(data, ensure_ascii=False)
    result = compiler.compile(format="pdf", sys_inputs={"data": content}, **options)
    if not isinstance(result, bytes):
        raise TypeError("typst gave no single PDF")
    return result

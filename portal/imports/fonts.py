"""PURE: text written for the fonts of the time before Unicode (TCVN3, VNI), or encoded twice, known by its letters.

In such a file "Mã hồ sơ" is stored as "M· hå s¬" (TCVN3) or "Maõ hoà sô" (VNI), and only the old font shows it right.
Such a text is never guessed back: the file is refused with the name of what it is, and how to convert it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from portal.vietnamese import fold

TCVN3 = str.maketrans(
    "¡¢£¤¥¦§¨©ª«¬­®µ¶·¸¹»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ",
    "ĂÂÊÔƠƯĐăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ",
)
VNI_MARKED = re.compile("([aeouyôö])[ùøûõïâêáàåãäéèúüë]")
VNI_SINGLE = str.maketrans({"ñ": "đ", "ô": "ơ", "ö": "ư", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"})
SIGNS = {
    "TCVN3": re.compile("[A-Za-zÀ-ÿ][¨©ª«¬®µ¶·¸¹»¼½¾][A-Za-zÀ-ÿ]"),
    "VNI": re.compile("[aeouyAEOUYôöÔÖ][øûïåäëüØÛÏÅÄËÜ]"),
    "UTF-8": re.compile("á[»º][\x80-¿‘’“”•–—˜™š›œžŸ€‚ƒ„…†‡ˆ‰Š‹ŒŽ]"),
}
"""Letters beside each other that no Vietnamese text in Unicode has."""
Cell = str | int | float
LEAST, SHARE = 3, 0.2
HEADINGS = frozenset(
    ("ma ho so", "so ho so", "so bien nhan", "ngay tiep nhan", "ngay nhan", "ngay hen tra", "hen tra", "chu ho so",
     "co quan giai quyet", "don vi xu ly", "can bo thu ly", "trang thai", "ngay nhan ho so", "nguoi nop")
)  # fmt: skip


def old_font_of(rows: Iterable[tuple[int, Sequence[Cell]]], *, headings: bool) -> tuple[str, int] | None:
    """Which old font or double encoding the first rows of a sheet are written in, and in which row; None: in none.

    Sure where a row becomes headings once converted (looked at where ``headings``); else where a fifth of the texts
    with marks carry its letters.
    """
    marked = [
        (number, _bytes_of(cell))
        for number, cells in rows
        for cell in cells
        if isinstance(cell, str) and len(cell) > 1 and not cell.isascii()
    ]
    return (_by_headings(marked) if headings else None) or _by_letters(marked)


def _by_headings(marked: Sequence[tuple[int, str]]) -> tuple[str, int] | None:
    for name, convert in CONVERSIONS.items():
        hits: dict[int, int] = {}
        for number, text in marked:
            if fold(convert(text)) in HEADINGS and fold(text) not in HEADINGS:
                hits[number] = hits.get(number, 0) + 1
                if hits[number] == 2:
                    return name, number
    return None


def _by_letters(marked: Sequence[tuple[int, str]]) -> tuple[str, int] | None:
    for name, signs in SIGNS.items():
        hits = [number for number, text in marked if signs.search(text)]
        if len(hits) >= max(LEAST, SHARE * len(marked)):
            return name, hits[0]
    return None


def _bytes_of(text: str) -> str:
    """A text as the bytes it had, one sign each, where it was read as Windows-1258."""
    try:
        return text.encode("cp1258").decode("latin-1")
    except UnicodeEncodeError:
        return text


def _from_tcvn3(text: str) -> str:
    return text.translate(TCVN3)


def _from_vni(text: str) -> str:
    return VNI_MARKED.sub(r"\1", text.lower()).translate(VNI_SINGLE)


def _once(text: str) -> str:
    for encoding in ("cp1252", "latin-1", "cp1258"):
        try:
            return text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return text


CONVERSIONS: dict[str, Callable[[str], str]] = {"TCVN3": _from_tcvn3, "VNI": _from_vni, "UTF-8": _once}

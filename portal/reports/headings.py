"""PURE: which column of a source's report tells which figure, by the groups and words of its heading."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from portal.imports.header import key_of
from portal.reports.rules import Figure
from portal.reports.tables import Matcher


class Name(StrEnum):
    """The columns that name a row."""

    UNIT = "unit"
    FIELD = "field"
    CODE = "code"


Column = Figure | Name

UNIT_WORDS = ("don vi", "co quan", "xa phuong", "phuong xa", "ubnd", "ten don vi")
FIELD_WORDS = ("linh vuc", "cong viec giai quyet", "nhom thu tuc")
CODE_WORDS = ("ma don vi", "ma co quan", "ma dinh danh")
NEVER = ("ty le", "phan tram", "ghi chu", "thanh toan", "so luong thu tuc", "cho tiep nhan", "khong duoc tiep nhan")
PAUSED = ("tam dung", "cho bo sung", "yeu cau bo sung")
WITHDRAWN = ("rut", "xin rut", "ho so rut")
RESOLVED = ("da giai quyet", "da xu ly", "ket qua giai quyet", "so da giai quyet")
OPEN = ("dang giai quyet", "dang xu ly", "chua giai quyet", "chua xu ly")
RECEIPT = ("tiep nhan", "tong so ho so", "so ho so nhan")
CARRIED = ("ky truoc", "ton ky truoc", "ton dau ky", "tu ky truoc")
TOTAL = ("tong so", "tong", "tong cong", "cong", "so luong")
LATE = ("qua han", "tre han", "cham han", "tre", "qua han giai quyet")
WITHIN = ("trong han", "chua den han", "con han")


class ReportHeadings(Matcher[Column]):
    """The headings of the reports of one-stop systems and of form II.06a."""

    def match(self, headings: Mapping[int, tuple[str, ...]]) -> dict[int, Column]:
        """Column to figure or name. Several columns may be parts of one figure: late with and without a letter."""
        taken: dict[int, Column] = {}
        for column, parts in headings.items():
            figure = figure_of(parts)
            if figure is not None:
                taken[column] = figure
        _settle_receipts(taken, headings)
        _settle_totals(taken, headings)
        named = self._names(headings, taken)
        return {**named, **taken} if named else {}

    def _names(self, headings: Mapping[int, tuple[str, ...]], taken: Mapping[int, Column]) -> dict[int, Column]:
        free = {column: key_of(" ".join(parts)) for column, parts in headings.items() if column not in taken}
        found: dict[int, Column] = {}
        for name, words in ((Name.CODE, CODE_WORDS), (Name.UNIT, UNIT_WORDS), (Name.FIELD, FIELD_WORDS)):
            column = next((c for c, key in free.items() if c not in found and _has_any(key, words)), None)
            if column is not None and not (name is Name.FIELD and Name.UNIT in found.values()):
                found[column] = name
        return found


def figure_of(parts: tuple[str, ...]) -> Figure | None:
    """The figure a heading tells, read from the top down; None where it tells none that is kept."""
    whole, leaf = key_of(" ".join(parts)), key_of(parts[-1])
    if _has_any(whole, NEVER) or _has_any(whole, CODE_WORDS) or "%" in parts[-1]:
        return None
    if _has_any(whole, PAUSED):
        return Figure.PAUSED if len(parts) == 1 or leaf in TOTAL or _has_any(leaf, PAUSED) else None
    if _has_any(leaf, WITHDRAWN):
        return Figure.WITHDRAWN
    if _has_any(whole, CARRIED):
        return Figure.CARRIED_OVER
    if _has_any(whole, OPEN):
        return _open(leaf)
    if _has_any(whole, RESOLVED):
        return _resolved(leaf)
    if _has_any(whole, RECEIPT) and not _has_any(whole, UNIT_WORDS):
        return _receipt(whole, leaf, len(parts))
    return _alone(leaf) if len(parts) == 1 else None


def _open(leaf: str) -> Figure | None:
    if _has_any(leaf, WITHIN):
        return Figure.WITHIN_TERM
    if _has_any(leaf, LATE):
        return Figure.OVERDUE
    return Figure.OPEN if leaf in TOTAL or _has_any(leaf, OPEN) else None


def _resolved(leaf: str) -> Figure | None:
    early, on_time = "truoc han" in leaf or "som han" in leaf or "truoc" in leaf.split(), "dung" in leaf.split()
    if early and on_time:
        return Figure.IN_TIME
    if early:
        return Figure.EARLY
    if on_time or "trong han" in leaf:
        return Figure.ON_TIME
    if _has_any(leaf, LATE):
        return Figure.LATE
    return Figure.RESOLVED if leaf in TOTAL or _has_any(leaf, RESOLVED) else None


def _receipt(whole: str, leaf: str, depth: int) -> Figure | None:
    if "trong ky" in whole and (leaf in TOTAL or "trong ky" in leaf or _has_any(leaf, RECEIPT)):
        return Figure.RECEIVED
    if leaf in TOTAL or (depth == 1 and _has_any(leaf, RECEIPT)):
        return Figure.POPULATION
    return None


def _alone(leaf: str) -> Figure | None:
    """Headings of one line, without a group."""
    if "truoc" in leaf.split() and "dung" in leaf.split():
        return Figure.IN_TIME
    known = {
        "truoc han": Figure.EARLY,
        "dung han": Figure.ON_TIME,
        "tre han": Figure.LATE,
        "trong han": Figure.WITHIN_TERM,
        "qua han": Figure.OVERDUE,
    }
    return known.get(leaf)


def _settle_receipts(taken: dict[int, Column], headings: Mapping[int, tuple[str, ...]]) -> None:
    """The total of a receipt group holds what was carried over only where that stands in the same group."""
    for column in [column for column, figure in taken.items() if figure is Figure.POPULATION]:
        group = headings[column][0]
        carried = [c for c, figure in taken.items() if figure is Figure.CARRIED_OVER]
        beside = any(len(headings[c]) > 1 and headings[c][0] == group for c in carried)
        if not beside and Figure.RECEIVED not in taken.values() and len(headings[column]) >= 1:
            taken[column] = Figure.RECEIVED


def _settle_totals(taken: dict[int, Column], headings: Mapping[int, tuple[str, ...]]) -> None:
    """Where two columns fit one figure of which a total is told, the total stays; parts of late cases are added up."""
    summed = {Figure.LATE, Figure.OVERDUE}
    for figure in Figure:
        columns = [column for column, word in taken.items() if word is figure]
        if len(columns) < 2 or figure in summed:
            continue
        totals = [column for column in columns if key_of(headings[column][-1]) in TOTAL]
        kept = totals[0] if totals else min(columns, key=lambda c: (len(headings[c]), c))
        for column in columns:
            if column != kept:
                del taken[column]


def _has_any(key: str, words: tuple[str, ...]) -> bool:
    return any(f" {word} " in f" {key} " for word in words)

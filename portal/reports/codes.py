"""PURE: lists of codes as a source prints them ("danh sách hồ sơ quá hạn"): the column of the code, and of the unit."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from portal.imports.aliases import ALIASES
from portal.imports.header import key_of
from portal.imports.rules import Fact
from portal.reports.tables import Matcher


class CodeName(StrEnum):
    """The columns of a list of codes that are kept."""

    CODE = "code"
    UNIT = "unit"


class CodeColumns(Matcher[CodeName]):
    """The headings of case lists, read as the import reads them; only code and resolving unit are kept."""

    least = 1

    def match(self, headings: Mapping[int, tuple[str, ...]]) -> dict[int, CodeName]:
        """Column to word; a list without a column of codes has none."""
        taken: dict[int, CodeName] = {}
        for fact, word in ((Fact.CODE, CodeName.CODE), (Fact.UNIT, CodeName.UNIT)):
            keys = [key_of(alias) for alias in ALIASES[fact]]
            fits = {column: key for column, parts in headings.items() if (key := key_of(parts[-1])) in keys}
            if fits:
                taken[min(fits, key=lambda column, found=fits: keys.index(found[column]))] = word  # type: ignore[misc]
        return taken if CodeName.CODE in taken.values() else {}

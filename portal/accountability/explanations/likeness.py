"""What looks alike: duties that probably have one cause, and texts that were written once already. PURE."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher

from portal.vietnamese import fold

FEWEST = 3
"""From so many duties on it is worth proposing to write one explanation for them."""


@dataclass(frozen=True)
class Owed:
    """A duty to write, with what hints at its cause. ``step``: in which the term was missed, empty where unknown.

    ``holder``: whose duty it is: a stand-in writes those of others too, but one explanation is one person's.
    """

    id: int
    case_code: str
    procedure_id: int | None
    procedure: str
    unit_id: int
    unit: str
    step: str
    missed_on: date
    due_on: date
    state: str
    holder_id: int = 0
    holder: str = ""


@dataclass(frozen=True)
class Alike:
    """Duties that probably have one cause. ``by_day``: many procedures of one unit missed on one day."""

    duties: tuple[Owed, ...]
    by_day: bool

    @property
    def first(self) -> Owed:
        """The one that falls due first; it names the group in addresses."""
        return self.duties[0]

    def __len__(self) -> int:
        return len(self.duties)


def likely_same(duties: Sequence[Owed], fewest: int = FEWEST) -> list[Alike]:
    """Groups of at least ``fewest`` duties, the largest first; no duty stands in two.

    First the same holder, procedure, unit and step; of the others, the same holder, unit and day of the missed term.
    """
    by_step = _groups(duties, lambda one: (one.holder_id, one.unit_id, one.procedure_id, one.step), fewest)
    taken = {one.id for group in by_step for one in group}
    by_day = _groups(
        [one for one in duties if one.id not in taken], lambda one: (one.holder_id, one.unit_id, one.missed_on), fewest
    )
    found = [Alike(group, False) for group in by_step] + [Alike(group, True) for group in by_day]
    return sorted(found, key=lambda group: (-len(group), group.first.due_on, group.first.id))


def _groups(duties: Sequence[Owed], key: Callable[[Owed], Hashable], fewest: int) -> list[tuple[Owed, ...]]:
    found: dict[Hashable, list[Owed]] = defaultdict(list)
    for one in duties:
        found[key(one)].append(one)
    return [
        tuple(sorted(group, key=lambda one: (one.due_on, one.id))) for group in found.values() if len(group) >= fewest
    ]


def plain_text(*texts: str) -> tuple[str, ...]:
    """The words of texts without marks, case, signs and figures: what is left when only a date or a code differs."""
    letters = (character if character.isalpha() else " " for character in fold(" ".join(texts)))
    return tuple("".join(letters).split())


def likeness(one: Sequence[str], other: Sequence[str]) -> int:
    """How much of two plain texts is the same, 0 to 100 percent; only the same words in the same order are 100.

    Texts of very different length are not alike, whatever part of the longer one the shorter is.
    """
    if not one or not other:
        return 0
    if one == other:
        return 100
    if min(len(one), len(other)) * 3 < max(len(one), len(other)):
        return 0
    return min(99, int(100 * SequenceMatcher(None, one, other, autojunk=False).ratio()))

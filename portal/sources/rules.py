"""PURE: how a source is read, as one value with a version, and what changes between two versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

COLUMNS, MEANINGS, CHANNELS = "columns", "meanings", "channels"
PARTS = (COLUMNS, MEANINGS, CHANNELS)
LONGEST_WORD = 200
MOST_WORDS = 300
"""So many different texts a source may write in one column before it is no list of statuses any more."""


class SourceKind(StrEnum):
    """What kind of system a source is."""

    IGATE = "igate"
    VNPT = "vnpt"
    VIETTEL = "viettel"
    SECTOR = "sector"
    NGSP = "ngsp"
    OTHER = "other"


class WordKind(StrEnum):
    """Texts of a source that mean something to the portal."""

    STATUS = "status"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """How a source is read since ``version``.

    ``columns``: fact to the heading that holds it; ``headings``: all headings of that list. ``meanings`` and
    ``channels``: text as written to what it means, over the shipped default.
    """

    version: int
    columns: Mapping[str, str] = field(default_factory=dict)
    headings: frozenset[str] = frozenset()
    meanings: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)

    def part(self, name: str) -> Mapping[str, str]:
        """One of ``PARTS``."""
        found: Mapping[str, str] = getattr(self, name)
        return found


NOTHING = Vocabulary(0)


@dataclass(frozen=True, slots=True)
class Difference:
    """One entry that two versions hold otherwise; None where one of them has none."""

    part: str
    key: str
    old: str | None
    new: str | None


def differences(old: Vocabulary, new: Vocabulary) -> list[Difference]:
    """What ``new`` says otherwise than ``old``: columns, then statuses, then channels, each by its text."""
    found = []
    for part in PARTS:
        before, after = old.part(part), new.part(part)
        for key in sorted(before.keys() | after.keys()):
            if before.get(key) != after.get(key):
                found.append(Difference(part, key, before.get(key), after.get(key)))
    return found


def may_be_mapped(owned: Iterable[int], scope: frozenset[int]) -> bool:
    """Whether who answers for ``scope`` may say how a source is read: it rules no unit outside of it."""
    return set(owned) <= scope

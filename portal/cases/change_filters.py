"""PURE: the kinds of changes seen between imports, and what a reader asked the list of changes for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, Self

from portal.cases.filters import day_from, number_from

NOTABLE = "notable"
ALL = "all"


class ChangeKind(StrEnum):
    """What a difference between two imports means. Those worth a question stand first, the gravest before the rest."""

    PREMATURE_CLOSURE = "premature_closure"
    DUE_LATER = "due_later"
    DUE_REMOVED = "due_removed"
    DUE_EARLIER = "due_earlier"
    REOPENED = "reopened"
    FINISH_MOVED = "finish_moved"
    STATUS_BACKWARDS = "status_backwards"
    RECEIVED_CHANGED = "received_changed"
    SUPPLEMENT_AGAIN = "supplement_again"
    GONE = "gone"
    OFFICER_CHANGED = "officer_changed"
    UNIT_CHANGED = "unit_changed"
    DUE_ADDED = "due_added"
    FINISHED = "finished"
    MEANING_CHANGED = "meaning_changed"
    BACK = "back"
    MAPPED = "mapped"
    UNDONE = "undone"
    CHANGED = "changed"


USUAL = (
    ChangeKind.DUE_ADDED,
    ChangeKind.FINISHED,
    ChangeKind.MEANING_CHANGED,
    ChangeKind.BACK,
    ChangeKind.MAPPED,
    ChangeKind.UNDONE,
    ChangeKind.CHANGED,
)
"""What every working day brings; shown on demand."""
WORTH_ASKING = tuple(kind for kind in ChangeKind if kind not in USUAL)
"""What somebody should ask about: the list begins with these."""


@dataclass(frozen=True, kw_only=True)
class ChangeFilters:
    """One list of changes as the URL describes it. ``kind``: a kind, ``notable`` or ``all``; unknown words fall back.

    The days bound the moment of the data that showed the change, both included. ``after`` and ``before`` are numbers
    of changes: the next older and the next newer page.
    """

    kind: str = NOTABLE
    unit: int | None = None
    below: bool = False
    officer: int | None = None
    batch: int | None = None
    source: int | None = None
    from_: date | None = None
    to: date | None = None
    after: int | None = None
    before: int | None = None

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> Self:
        """Read the arguments of a URL; what cannot be understood is left out."""
        kind = args.get("kind", "")
        numbers = {
            name: number_from(args.get(name)) for name in ("unit", "officer", "batch", "source", "after", "before")
        }
        return cls(
            kind=kind if kind == ALL or kind in set(ChangeKind) else NOTABLE,
            below=args.get("below") == "1",
            from_=day_from(args.get("from", "")),
            to=day_from(args.get("to", "")),
            **numbers,
        )

    def to_args(self) -> dict[str, str]:
        """The arguments of the URL that shows this list; defaults are left out."""
        values: dict[str, Any] = {
            "kind": self.kind if self.kind != NOTABLE else "",
            "unit": self.unit,
            "below": "1" if self.below else "",
            "officer": self.officer,
            "batch": self.batch,
            "source": self.source,
            "from": f"{self.from_:%d/%m/%Y}" if self.from_ else "",
            "to": f"{self.to:%d/%m/%Y}" if self.to else "",
            "after": self.after,
            "before": self.before,
        }
        return {name: str(value) for name, value in values.items() if value}

    def but(self, **changes: Any) -> Self:
        """The same list with something changed, from its first page."""
        return replace(self, **{"after": None, "before": None, **changes})

    @property
    def kinds(self) -> tuple[ChangeKind, ...] | None:
        """The kinds shown; None: all."""
        if self.kind == ALL:
            return None
        return WORTH_ASKING if self.kind == NOTABLE else (ChangeKind(self.kind),)

    @property
    def family(self) -> tuple[ChangeKind, ...] | None:
        """The kinds that are counted beside those shown: what is worth asking, or all (None)."""
        return WORTH_ASKING if self.kind == NOTABLE or self.kind in WORTH_ASKING else None

    @property
    def is_narrowed(self) -> bool:
        """Whether anything beside the kind is chosen."""
        return self.but() != type(self)(kind=self.kind)

"""PURE: what a reader asked a list for, as it stands in the URL, and the order that fits each list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self, TypeVar

from portal.cases.rules import Verdict
from portal.deadlines import AgeBucket
from portal.vietnamese import clean

Word = TypeVar("Word", bound=StrEnum)
NOBODY = "none"
"""In the officer filter: cases without a known officer."""


class Show(StrEnum):
    """Which cases a list shows: groups first, then the single words."""

    OVERDUE = "overdue"
    DUE = "due"
    OPEN = "open"
    LATE = "late"
    ALL = "all"
    MISSING_TERM = "missing_term"
    STALE = "stale"
    FAULT = "fault"
    GONE = "gone"
    MOVED = "moved"
    SUPPLEMENT_AGAIN = "supplement_again"
    BODY_WAITS = "body_waits"
    DUE_TOO_SHORT = "due_too_short"
    DUE_TOO_LONG = "due_too_long"
    DUE_CHANGED = "due_changed"
    EARLY = "early"
    ON_TIME = "on_time"
    WITHIN_TERM = "within_term"
    DUE_TODAY = "due_today"
    DUE_SOON = "due_soon"
    PAUSED = "paused"
    NO_TERM = "no_term"
    OPEN_NO_TERM = "open_no_term"
    WITHDRAWN = "withdrawn"
    UNKNOWN_END = "unknown_end"
    NOT_COUNTED = "not_counted"


TABS = (Show.OVERDUE, Show.DUE, Show.OPEN, Show.LATE, Show.ALL)

SINGLE: dict[Show, Verdict] = {show: Verdict(show.value) for show in Show if show.value in set(Verdict)}
"""The lists of one word."""


class Sort(StrEnum):
    """What a list can be ordered by; ties are broken by the case's number."""

    DUE = "due"
    FINISHED = "finished"
    RECEIVED = "received"
    CODE = "code"


BY_FINISH = frozenset({Show.LATE, Show.EARLY, Show.ON_TIME, Show.NO_TERM})
"""Lists of answered cases: newest end first, and a period means the end."""
BY_DUE = frozenset(
    {
        Show.OVERDUE,
        Show.DUE,
        Show.OPEN,
        Show.STALE,
        Show.WITHIN_TERM,
        Show.DUE_TODAY,
        Show.DUE_SOON,
        Show.PAUSED,
        Show.BODY_WAITS,
    }
)
"""Lists of open cases: the longest due first, and a period means the due moment."""


def default_sort(show: Show) -> tuple[Sort, bool]:
    """What needs action first: (order, whether descending)."""
    if show in BY_DUE:
        return Sort.DUE, False
    if show in BY_FINISH:
        return Sort.FINISHED, True
    return Sort.RECEIVED, True


@dataclass(frozen=True, kw_only=True)
class CaseFilters:
    """One list as the URL describes it. Unknown words fall back to the default: an old link still opens."""

    show: Show = Show.OVERDUE
    q: str = ""
    unit: int | None = None
    below: bool = False
    officer: int | None = None
    no_officer: bool = False
    procedure: int | None = None
    field: str = ""
    age: AgeBucket | None = None
    from_: date | None = None
    to: date | None = None
    sort: Sort | None = None
    descending: bool = False
    after: str = ""
    before: str = ""

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> Self:
        """Read the arguments of a URL; what cannot be understood is left out."""
        sort = _word(Sort, args.get("sort"))
        return cls(
            show=_word(Show, args.get("show")) or Show.OVERDUE,
            q=clean(args.get("q", ""))[:100],
            unit=number_from(args.get("unit")),
            below=args.get("below") == "1",
            officer=number_from(args.get("officer")),
            no_officer=args.get("officer") == NOBODY,
            procedure=number_from(args.get("procedure")),
            field=clean(args.get("field", ""))[:300],
            age=_word(AgeBucket, args.get("age")),
            from_=day_from(args.get("from", "")),
            to=day_from(args.get("to", "")),
            sort=sort,
            descending=sort is not None and args.get("desc") == "1",
            after=clean(args.get("after", ""))[:200],
            before=clean(args.get("before", ""))[:200],
        )

    def to_args(self) -> dict[str, str]:
        """The arguments of the URL that shows this list; defaults are left out."""
        args: dict[str, str] = {"show": self.show.value}
        texts: dict[str, Any] = {
            "q": self.q,
            "unit": self.unit,
            "below": "1" if self.below else "",
            "officer": NOBODY if self.no_officer else self.officer,
            "procedure": self.procedure,
            "field": self.field,
            "age": self.age,
            "from": f"{self.from_:%d/%m/%Y}" if self.from_ else "",
            "to": f"{self.to:%d/%m/%Y}" if self.to else "",
            "sort": self.sort,
            "desc": "1" if self.descending else "",
            "after": self.after,
            "before": self.before,
        }
        args.update({name: str(value) for name, value in texts.items() if value})
        return args

    def but(self, **changes: Any) -> Self:
        """The same list with something changed, from its first page."""
        return replace(self, **{"after": "", "before": "", **changes})

    def sorted_by(self, sort: Sort) -> Self:
        """The same list in another order; the same order again turns it round."""
        now, descending = self.order
        return self.but(sort=sort, descending=not descending if sort is now else sort is not Sort.DUE)

    @property
    def order(self) -> tuple[Sort, bool]:
        """The order of the list: (what by, whether descending)."""
        return (self.sort, self.descending) if self.sort else default_sort(self.show)

    @property
    def is_narrowed(self) -> bool:
        """Whether anything beside the kind of list is chosen."""
        plain = type(self)(show=self.show)
        ignored = {"sort", "descending", "after", "before"}
        return any(getattr(self, f.name) != getattr(plain, f.name) for f in fields(self) if f.name not in ignored)


def _word(words: type[Word], text: str | None) -> Word | None:
    return words(text) if text in set(words) else None


def number_from(text: str | None) -> int | None:
    """A row number out of an address or a form; None for anything that fits no integer column, as "²" does not."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def day_from(text: str) -> date | None:
    """A day written dd/mm/yyyy or in ISO form; None where it is neither."""
    for shape in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text.strip(), shape).date()
        except ValueError:
            continue
    return None

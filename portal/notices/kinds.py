"""What kinds of notices there are. Each feature makes its own known and words it; this package only carries them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import LazyString

from portal.deadlines import WorkingCalendar

Words = Callable[[int, str], str]
"""The sentence of a notice in the reader's language: how many things, and the stage."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of notice.

    ``name``: ``feature.what``, unique. ``label``: what it is called where one chooses. ``says``: the sentence of a
    notice. ``endpoint`` with ``argument``: the page of one thing by its number; ``listed`` with ``values``: the page
    of several. One of both is there. ``is_duty``: it asks for something that a term hangs on, so
    nobody can switch it off, and whoever stands in gets it too.
    """

    name: str
    label: LazyString
    says: Words
    listed: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    endpoint: str | None = None
    argument: str = ""
    is_duty: bool = True


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing to tell one person: its number, who is told, and what stands on the line: a code and a day.

    Nothing else travels by mail, so nothing about an applicant can. ``never``: who must not be told although they
    stand in for the person, because the thing is their own.
    """

    entity_id: int
    person_id: int
    label: str
    due_on: date | None = None
    never: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Telling:
    """Things of one kind and stage that are still to be told, or were told already: ``tell`` knows which."""

    kind: Kind
    stage: str
    items: tuple[Item, ...]


Derivation = Callable[[date, WorkingCalendar], Iterable[Telling]]
"""A feature's answer to: what should people know at the start of this working day? Reads only."""

Whom = Callable[[Any], int | None]
KINDS: dict[str, Kind] = {}


def known_kind(kind: Kind) -> Kind:
    """Make a kind known to the pages and mails."""
    if kind.name in KINDS:
        raise ValueError(f"two kinds of notices called {kind.name}")
    KINDS[kind.name] = kind
    return kind


def by_stage(
    kind: Kind,
    rows: Iterable[Any],
    whom: Whom,
    stage_of: Callable[[Any], str | None],
    due: Callable[[Any], date | None] = lambda row: row.due_on,
) -> Iterator[Telling]:
    """Rows of things as tellings of one kind, one for each stage; rows without a stage or a person are left out.

    A row has ``id``, ``code``, ``due_on`` and ``own``. Any further term is urged by one more call of this.
    """
    found: dict[str, list[Item]] = {}
    for row in rows:
        stage, person_id = stage_of(row), whom(row)
        if stage is None or person_id is None:
            continue
        never = frozenset() if person_id in row.own else row.own
        item = Item(entity_id=row.id, person_id=person_id, label=row.code, due_on=due(row), never=never)
        found.setdefault(str(stage), []).append(item)
    return (Telling(kind, stage, tuple(items)) for stage, items in found.items())

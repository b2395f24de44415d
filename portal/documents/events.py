"""What happens to numbers of registers apart from the documents that carry them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.audit import Event, known_event


@known_event
@dataclass(frozen=True, kw_only=True)
class NumberKeptBack(Event):
    """A number was reserved for a document that is still to come."""

    kind: ClassVar[str] = "number.kept_back"
    entity: ClassVar[str] = "unit"
    title: ClassVar[LazyString] = _l("Document number kept back")
    form: str
    year: int
    number: int
    note: str


@known_event
@dataclass(frozen=True, kw_only=True)
class NumberExplained(Event):
    """Somebody said what became of a number: used outside the portal, or cancelled."""

    kind: ClassVar[str] = "number.explained"
    entity: ClassVar[str] = "unit"
    title: ClassVar[LazyString] = _l("Document number explained")
    form: str
    year: int
    number: int
    state: str
    note: str

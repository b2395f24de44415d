"""Whom urging notes are told to: the head of the unit, again after the term, and the chair at the third round."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import select

from portal.accountability.explanations.queries import Deciders
from portal.cases.words import word
from portal.database import db
from portal.deadlines import WorkingCalendar
from portal.directives.models import UrgingNote
from portal.directives.rules import LAST_ROUND, State
from portal.directives.wording import number_text
from portal.notices.kinds import Kind, Telling, by_stage, known_kind

NOTE = known_kind(
    Kind(
        name="urging.note",
        label=_l("My unit is urged by the office"),
        says=lambda num, stage: (
            ngettext("%(num)s urging note is past its term", "%(num)s urging notes are past their term", num)
            if stage
            else ngettext("%(num)s urging note waits for a reply", "%(num)s urging notes wait for a reply", num)
        ),
        listed="urging.index",
        endpoint="urging.show",
        argument="note_id",
    )
)
LAST = known_kind(
    Kind(
        name="urging.last_round",
        label=_l("A unit leaves even the third urging note unanswered"),
        says=lambda num, _: ngettext(
            "%(num)s unit did not answer even the third urging note",
            "%(num)s units did not answer even the third urging note",
            num,
        ),
        listed="urging.index",
        values={"show": "last"},
        endpoint="urging.show",
        argument="note_id",
    )
)


@dataclass(frozen=True)
class Row:
    """What telling needs of a note."""

    id: int
    unit_id: int
    number: int
    round: int
    due_on: date

    @property
    def code(self) -> str:
        """What stands on the line."""
        return number_text(self.number)

    @property
    def own(self) -> frozenset[int]:
        """A note is nobody's own matter."""
        return frozenset()


def tell_of_urging(today: date, _calendar: WorkingCalendar) -> Iterator[Telling]:
    """Open notes to the head of the unit, once and once past the term; the third round past its term to the chair.

    What a head issued to one of his own people is his own matter.
    """
    columns = (UrgingNote.id, UrgingNote.unit_id, UrgingNote.number, UrgingNote.round, UrgingNote.reply_due_on)
    found = select(*columns).where(UrgingNote.state == word(State.ISSUED), UrgingNote.issuer_id != UrgingNote.unit_id)
    rows = [Row(*row) for row in db.session.execute(found.order_by(UrgingNote.id))]
    if not rows:
        return
    leaders = Deciders.on(today)
    yield from by_stage(
        NOTE,
        rows,
        lambda row: leaders.of(row.unit_id, frozenset()).person_id,
        lambda row: "past" if row.due_on < today else "",
    )
    last = [row for row in rows if row.round == LAST_ROUND and row.due_on < today]
    yield from by_stage(LAST, last, lambda row: leaders.chair_of(row.unit_id), lambda _row: "")

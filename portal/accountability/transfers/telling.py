"""What is to be told about duties without a holder at the start of a working day. Reads only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from portal.accountability.explanations.queries import Deciders
from portal.accountability.transfers.queries import Duty, waiting_for_another
from portal.accountability.transfers.rules import Kind
from portal.deadlines import WorkingCalendar
from portal.guard import Viewer
from portal.notices.kinds import Kind as NoticeKind
from portal.notices.kinds import Telling, by_stage, known_kind

LEFT = known_kind(
    NoticeKind(
        name="transfers.left",
        label=_l("Duties of people who left my unit"),
        says=lambda count, _stage: ngettext(
            "%(num)s duty waits until you name who does it: its holder has left the unit",
            "%(num)s duties wait until you name who does them: their holders have left the unit",
            count,
        ),
        listed="transfers.index",
    )
)


TABLES = {Kind.EXPLANATION: "e", Kind.FOR_UNIT: "e", Kind.SUPPLEMENT: "s", Kind.LETTER: "l", Kind.VIOLATION: "v",
          Kind.QUESTION: "q"}  # fmt: skip
"""Numbers are unique within a table only, so the stage names it."""


@dataclass(frozen=True)
class Row:
    """One duty as it is told of: once for each holder who left."""

    duty: Duty

    @property
    def id(self) -> int:
        """Its number within its kind."""
        return self.duty.id

    @property
    def code(self) -> str:
        """What stands on the line."""
        return self.duty.case_code

    @property
    def due_on(self) -> date | None:
        """Its term."""
        return self.duty.due_on

    @property
    def own(self) -> frozenset[int]:
        """Whoever stands in for the head may name somebody."""
        return frozenset()


def tell_of_transfers(today: date, _calendar: WorkingCalendar) -> Iterator[Telling]:
    """To the head of the unit, or the next head up where its post is vacant: each duty whose holder has left, once."""
    rows = [Row(duty) for duty in waiting_for_another(Viewer.for_command(), today)]
    if not rows:
        return
    deciders = Deciders.on(today)
    yield from by_stage(
        LEFT,
        rows,
        lambda row: deciders.of(row.duty.unit_id, frozenset({row.duty.holder_id})).person_id,
        lambda row: f"{TABLES[row.duty.kind]}{row.duty.holder_id}",
    )

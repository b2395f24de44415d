"""One line of a list, as a viewer may see it: the screen and the sheet are made from the same lines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from portal.cases.labels import LOOKS, PLAIN, VERDICTS, lateness
from portal.cases.name_queries import Names
from portal.cases.narrowing import Now
from portal.cases.queries import CaseRow, hours_past_due
from portal.cases.rules import Verdict, is_stale, masked, verdict
from portal.guard import Viewer

Moment = tuple[datetime | None, str | None]
"""A wall moment and its precision."""
NO_MOMENT: Moment = (None, None)
CHANNEL_WORDS = {"direct": "Trực tiếp", "online": "Trực tuyến", "postal": "Bưu chính công ích"}


@dataclass(frozen=True)
class Line:
    """A case in the words of the reader. ``officer`` is empty where nobody is known; ``working_days`` past due.

    ``due_at`` is the moment that rules; ``printed_at`` the one its source printed, the same unless a pause moved it.
    """

    case_id: int
    code: str
    procedure: str
    applicant: str
    unit: str
    officer: str
    received_at: datetime
    received_precision: str
    due_at: datetime | None
    due_precision: str
    printed_at: datetime | None
    printed_precision: str
    finished_at: datetime | None
    finished_precision: str
    verdict: Verdict
    working_days: int | None
    lateness: str
    is_stale: bool

    @property
    def is_moved(self) -> bool:
        """Whether recorded pauses or extensions moved the due moment."""
        return self.due_at != self.printed_at

    @property
    def verdict_words(self) -> str:
        """The verdict as a word."""
        return str(VERDICTS[self.verdict])

    @property
    def tag(self) -> tuple[str, str, str | None]:
        """The tag of a list: its words (the lateness where there is one), tone and icon."""
        return (self.lateness or self.verdict_words, *LOOKS.get(self.verdict, PLAIN))


def line_of(row: CaseRow, now: Now, viewer: Viewer) -> Line:
    """The line of a case at a business moment; names are masked as the viewer's role demands."""
    case = row.case
    word = verdict(case, now.at, now.soon_until)
    days = now.working_days_past_due(case)
    return Line(
        case_id=case.id,
        code=case.code,
        procedure=row.procedure,
        applicant=shown_applicant(case.applicant_name, viewer),
        unit=row.unit,
        officer=shown_officer(row.officer, viewer),
        received_at=case.received_at,
        received_precision=case.received_precision,
        due_at=case.ruling_due_at,
        due_precision=case.ruling_due_precision or "minute",
        printed_at=case.due_at,
        printed_precision=case.due_precision or "minute",
        finished_at=case.finished_at,
        finished_precision=case.finished_precision or "minute",
        verdict=word,
        working_days=days,
        lateness=lateness(word, days, hours_past_due(case, now) if days == 0 else None),
        is_stale=is_stale(case, now.at),
    )


@dataclass(frozen=True)
class Told:
    """What a source told of a case beyond the line, so that an exported list can be imported again as it is.

    ``ended``: the end of processing where the source itself called it that; ``channel`` in the words of exports.
    """

    status: str
    officer: str
    procedure_code: str
    receiving_unit: str
    channel: str
    subject: str
    result: str
    ended: Moment
    returned: Moment
    asked: Moment
    supplied: Moment


def told_of(row: CaseRow, names: Names, viewer: Viewer) -> Told:
    """The same facts as the line, as the source told them; masked alike."""
    case = row.case
    ended = (case.finished_at, case.finished_precision) if case.finished_from != "returned" else NO_MOMENT
    return Told(
        status=case.status_text,
        officer=shown_officer(case.officer_name or "", viewer),
        procedure_code=names.procedure_codes.get(case.procedure_id or 0, ""),
        receiving_unit=names.units.get(case.receiving_unit_id or 0, ""),
        channel=CHANNEL_WORDS.get(case.channel, ""),
        subject="" if viewer.masks_applicant else case.subject or "",
        result=case.result_ref or "",
        ended=ended,
        returned=(case.returned_at, case.returned_precision),
        asked=_bare(case.supplement_asked_at),
        supplied=_bare(case.supplement_done_at),
    )


def _bare(moment: datetime | None) -> Moment:
    """A moment kept without its precision: midnight has no time of day."""
    return moment, "day" if moment is not None and moment.time() == time() else "minute"


def shown_applicant(name: str | None, viewer: Viewer) -> str:
    """The applicant's name, or its mask."""
    return masked(name) if viewer.masks_applicant else (name or "")


def shown_officer(name: str, viewer: Viewer) -> str:
    """The officer's name, or its mask for readers of the trail only."""
    return masked(name) if viewer.masks_names else name

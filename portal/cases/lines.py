"""One line of a list, as a viewer may see it: the screen and the sheet are made from the same lines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.cases.labels import LOOKS, PLAIN, VERDICTS, lateness
from portal.cases.queries import CaseRow, Now
from portal.cases.rules import Verdict, is_stale, masked, verdict
from portal.guard import Viewer


@dataclass(frozen=True)
class Line:
    """A case in the words of the reader. ``officer`` is empty where nobody is known; ``working_days`` past due."""

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
    finished_at: datetime | None
    finished_precision: str
    verdict: Verdict
    working_days: int | None
    lateness: str
    is_stale: bool

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
        due_at=case.due_at,
        due_precision=case.due_precision or "minute",
        finished_at=case.finished_at,
        finished_precision=case.finished_precision or "minute",
        verdict=word,
        working_days=days,
        lateness=lateness(word, days),
        is_stale=is_stale(case, now.at),
    )


def shown_applicant(name: str | None, viewer: Viewer) -> str:
    """The applicant's name, or its mask."""
    return masked(name) if viewer.masks_applicant else (name or "")


def shown_officer(name: str, viewer: Viewer) -> str:
    """The officer's name, or its mask for readers of the trail only."""
    return masked(name) if viewer.masks_names else name

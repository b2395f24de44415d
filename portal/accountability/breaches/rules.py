"""When a missed term is a breach, and who answers for it. Rules of domain §3.1–3.7, pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Was(StrEnum):
    """What the case was when its breach was opened."""

    LATE = "late"
    OVERDUE = "overdue"


class How(StrEnum):
    """How a case in breach ended."""

    FINISHED = "finished"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class CorrectionState(StrEnum):
    """A correction is proposed by the machine or a person and decided by another person."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    DECLINED = "declined"


ENDED_MEANINGS = ("finished", "refused", "withdrawn")
OPEN_MEANING = "open"


@dataclass(frozen=True)
class TermFacts:
    """The facts of a case that decide whether its term was missed; all moments are Vietnam wall time.

    ``due_at`` is the printed due moment moved by recorded lawful pauses; a date-only due is 23:59:59, a date-only
    end 00:00, so that plain comparison compares days where either side has no time of day.
    """

    due_at: datetime | None
    finished_at: datetime | None
    meaning: str
    data_as_of: datetime
    gone: bool = False
    paused_since: datetime | None = None


def missed(facts: TermFacts, day_end: datetime) -> Was | None:
    """Whether the term was missed as known at the end of a day, and how; None when it was not, or nobody may say so.

    Late: ended after the due moment by then, at the applicant's wish too (§3.6). Overdue: open then, and the data are
    younger than the due moment (§3.3). Paused, not counted, without term or end moment, or gone from the source: None.
    """
    if facts.due_at is None or facts.gone:
        return None
    if facts.meaning in ENDED_MEANINGS:
        if facts.finished_at is None or facts.finished_at <= facts.due_at:
            return None
        if facts.finished_at <= day_end:
            return Was.LATE
        return Was.OVERDUE if facts.due_at < day_end else None
    if not _is_running(facts, day_end) or facts.due_at >= day_end:
        return None
    return Was.OVERDUE if facts.data_as_of > facts.due_at else None


def is_stale(facts: TermFacts, day_end: datetime) -> bool:
    """Whether an open case is past its term at the end of the day but its data are too old to accuse anybody (§3.3)."""
    if facts.due_at is None or facts.gone or not _is_running(facts, day_end):
        return False
    return facts.due_at < day_end and facts.data_as_of <= facts.due_at


def _is_running(facts: TermFacts, day_end: datetime) -> bool:
    paused = facts.paused_since is not None and facts.paused_since <= day_end
    return facts.meaning == OPEN_MEANING and not paused


def is_legacy(due_at: datetime, cut_over: date | None) -> bool:
    """Whether a breach is older than the first use of the portal ("tồn trước vận hành", §3.9)."""
    return cut_over is not None and due_at.date() < cut_over


@dataclass(frozen=True)
class Holding:
    """Who held a case from the moment a batch says so; ``officer_id`` None = blank or unknown in that batch."""

    since: datetime
    officer_id: int | None


def holder_at(due_at: datetime, holdings: tuple[Holding, ...]) -> tuple[int | None, bool]:
    """The responsible officer at the due moment and whether he is provisional (§3.7).

    ``holdings`` are in the order of their batches. The last batch not younger than the due moment rules; where it names
    nobody, the first later batch that names somebody names him provisionally. None: the duty goes to the head.
    """
    known = [holding for holding in holdings if holding.since <= due_at]
    if known and known[-1].officer_id is not None:
        return known[-1].officer_id, False
    for holding in holdings[len(known) :]:
        if holding.officer_id is not None:
            return holding.officer_id, True
    return None, False


def may_decide_correction(proposed_by: int | None, decider: int, officer_id: int | None) -> bool:
    """Whether a person may decide the cancelling of a breach: never its officer, nor who proposed it."""
    return decider not in (proposed_by, officer_id)

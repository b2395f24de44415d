"""PURE: which due moment rules a case: the printed one, moved by what was recorded. The arithmetic is in ``deadlines``.

Everything is counted from the printed moment and the whole of what is recorded, never from an earlier result.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import NamedTuple, Protocol

from portal.cases.rules import OPEN_MEANINGS
from portal.deadlines import (
    Extension,
    Moment,
    Pause,
    PauseKind,
    Precision,
    TermUnit,
    WorkingCalendar,
    repeated_supplements,
    ruling_due,
)


class Printed(Protocol):
    """What is asked of a case."""

    @property
    def meaning(self) -> str: ...
    @property
    def due_at(self) -> datetime | None: ...
    @property
    def due_precision(self) -> str | None: ...
    @property
    def finished_at(self) -> datetime | None: ...
    @property
    def finished_precision(self) -> str | None: ...


class RecordedPause(Protocol):
    """What is asked of a recorded pause."""

    @property
    def id(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def started_at(self) -> datetime: ...
    @property
    def ended_at(self) -> datetime | None: ...
    @property
    def due_before(self) -> datetime | None: ...
    @property
    def due_after(self) -> datetime | None: ...
    @property
    def in_printed(self) -> bool: ...
    @property
    def document(self) -> str: ...
    @property
    def document_on(self) -> date | None: ...


class RecordedExtension(Protocol):
    """What is asked of a recorded extension."""

    @property
    def amount(self) -> int: ...
    @property
    def unit(self) -> str: ...
    @property
    def in_printed(self) -> bool: ...
    @property
    def document(self) -> str: ...
    @property
    def document_on(self) -> date: ...


@dataclass(frozen=True, slots=True)
class Ruling:
    """What rules a case. ``moved_by`` names what moved it, empty where nothing did; ``paused_since``: it stands so."""

    due_at: datetime | None
    precision: str | None
    moved_by: str = ""
    paused_since: datetime | None = None


class Own(NamedTuple):
    """Our count for a case; ``term_id`` None: there is none (any more)."""

    case_id: int
    term_id: int | None
    due_at: datetime | None
    precision: str | None
    difference: str | None
    last_hour_rule: bool


def moment_of(at: datetime, precision: str | None = None) -> Moment:
    """A stored moment; without a precision of its own, 00:00 has no time of day."""
    if precision is None:
        precision = Precision.DAY if at.time() == time() else Precision.MINUTE
    return Moment(at, Precision(precision))


def is_contained(pause: RecordedPause, due_at: datetime) -> bool:
    """Whether the printed due moment contains a pause already: a person says so, or the source printed a later one for
    it and that one (or a later one) is what stands printed now."""
    if pause.in_printed:
        return True
    after = pause.due_after
    if after is None or (pause.due_before is not None and after <= pause.due_before):
        return False
    return due_at.date() >= after.date()


def pause_of(case: Printed, pause: RecordedPause) -> Pause:
    """A recorded pause as the arithmetic takes it. One left open ends with the case it belongs to."""
    started = moment_of(pause.started_at)
    ended = moment_of(pause.ended_at) if pause.ended_at else None
    if ended is None and case.finished_at is not None and case.meaning not in OPEN_MEANINGS:
        finished = moment_of(case.finished_at, case.finished_precision)
        ended = finished if finished.latest > started.latest else started
    contained = case.due_at is not None and is_contained(pause, case.due_at)
    return Pause(started, ended, PauseKind(pause.kind), contained, document_of(pause), pause.id)


def document_of(recorded: RecordedPause | RecordedExtension) -> str:
    """The number and day of a document, as people write it."""
    day = f"{recorded.document_on:%d/%m/%Y}" if recorded.document_on else ""
    return ", ".join(part for part in (recorded.document, day) if part)


def extension_of(extension: RecordedExtension) -> Extension:
    """A recorded extension as the arithmetic takes it."""
    return Extension(extension.amount, TermUnit(extension.unit), document_of(extension), extension.in_printed)


def ruling_of(
    case: Printed,
    pauses: Sequence[RecordedPause],
    extensions: Sequence[RecordedExtension],
    calendar: WorkingCalendar,
    printed_by: WorkingCalendar | None = None,
) -> Ruling:
    """What rules a case by all that is recorded. A pause that stands open adds nothing yet: the case is paused.

    ``printed_by``: the calendar by which the due moment was printed, where that is not the present one.

    Raises DayOutsideCalendar where the calendar ends before the moved moment.
    """
    known = [pause_of(case, each) for each in pauses]
    standing = [each for each in known if each.ended is None]
    since = min((each.started.at for each in standing), default=None) if case.meaning in OPEN_MEANINGS else None
    if case.due_at is None:
        return Ruling(None, case.due_precision, "", since)
    printed = moment_of(case.due_at, case.due_precision or Precision.MINUTE)
    over = [each for each in known if each.ended is not None]
    until = max((each.ended.at for each in over if each.ended), default=printed.at)
    granted = [extension_of(each) for each in extensions]
    last = Moment(max(until, printed.at), Precision.DAY)
    due = ruling_due(printed, over, granted, calendar, until=last, printed_by=printed_by)
    if due.at <= printed.at:
        return Ruling(case.due_at, case.due_precision, "", since)
    return Ruling(due.at, case.due_precision, _name_of(case.due_at, over, granted), since)


def _name_of(due_at: datetime, pauses: Sequence[Pause], extensions: Sequence[Extension]) -> str:
    """What tells one moved term of a case from another: the printed moment and a digest of what moved it."""
    parts = sorted(f"{each.started.at:%Y%m%d%H%M%S}-{each.ended.at:%Y%m%d%H%M%S}" for each in pauses if each.ended)
    parts += sorted(f"{each.amount}{each.unit}" for each in extensions)
    digest = hashlib.sha256(";".join(parts).encode()).hexdigest()[:16]
    return f"{due_at:%Y-%m-%dT%H:%M:%S} P{len(pauses)} E{len(extensions)} {digest}"


def asked_again(case: Printed, pauses: Sequence[RecordedPause]) -> frozenset[int]:
    """The pauses that are a second or further request for a supplement (Decree 118/2025 art. 11)."""
    again = repeated_supplements(pause_of(case, each) for each in pauses)
    return frozenset(each.reference for each in again if isinstance(each.reference, int))

"""Opening breaches with both duties in one action, and cancelling them together."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sqlalchemy import text

from portal import clock
from portal.accountability.apologies import actions as apologies
from portal.accountability.apologies import bulk as apologies_bulk
from portal.accountability.apologies import queries as apology_queries
from portal.accountability.breaches import actions as breaches
from portal.accountability.breaches import bulk
from portal.accountability.breaches.events import BreachesOpened
from portal.accountability.breaches.models import BreachCorrection
from portal.accountability.explanations import queries as explanation_queries
from portal.accountability.explanations.actions import deciding
from portal.accountability.explanations.bulk import (
    end_supplements,
    insert_missing_explanations,
    insert_missing_supplements,
)
from portal.accountability.explanations.leave import follow_leave, give_to_stand_ins
from portal.accountability.ledger import queries
from portal.accountability.ledger.rules import OpenResult
from portal.accountability.violations import leave as violation_leave
from portal.audit import record
from portal.calendars.queries import current_version_id, require_ready
from portal.database import POSTGRESQL_SETTINGS, db, dialect, note_growth
from portal.deadlines import WorkingCalendar
from portal.guard import Viewer
from portal.policy import queries as policy
from portal.refusal import Refused

DAY_BEFORE = "day_before"
MANY = 1_000
"""Rows of one run after which the database looks at a table again: the first run opens all at once."""
OPENING_LOCK = 7_061_849
"""Two runs at once would open the same duties; the second waits and finds nothing left to open."""


def open_breaches(on: date, at: datetime, by: Viewer | None = None) -> OpenResult:
    """Open what is still to open at the end of ``on``: breaches, explanations, letters, ends. Safe to run twice.

    Inside the caller's ``commit()``. Refused before the calendar of ``on`` and of the terms that begin then is
    loaded; a due moment older than every calendar needs none, because the printed due rules (§3.1). ``by`` None:
    the machine or a command. The order of the runs does not matter; a later run opens what an earlier one left.
    """
    _wait_for_other_runs()
    day_end = clock.end_of(on)
    calendar = require_ready(on)
    rules = policy.rule_set(on)
    before = queries.standing_breaches(day_end)
    version = current_version_id()
    opened = bulk.insert_missing_breaches(on, day_end, at, calendar_version_id=version, cut_over=rules.cut_over)
    if opened > MANY:
        note_growth("breaches")
    term = rules.explanation_days.officer
    due_on = calendar.add_working_days(on, term)
    legacy_due_on = due_on
    if rules.cut_over is not None:
        legacy_due_on = calendar.add_working_days(max(rules.cut_over, on), policy.legacy_days(on))
    explained = insert_missing_explanations(on, due_on, legacy_due_on)
    if explained > MANY:
        note_growth("explanations")
    end_supplements()
    further = _open_supplements(on, due_on, calendar)
    give_to_stand_ins(on, by=by, at=at)
    follow_leave(by=by, at=at)
    violation_leave.follow_leave(by=by, at=at)
    apologised = apologies_bulk.open_for_breaches()
    ahead = _open_letters_ahead(on, calendar)
    ended = bulk.record_ends(day_end, at)
    proposed = bulk.propose_cancellations(day_end, at)
    if opened or explained or further or apologised or ahead or ended or proposed:
        event = BreachesOpened(
            on=on,
            opened=opened,
            ended=ended,
            proposed=proposed,
            explanations=explained,
            supplements=further,
            apologies=apologised,
            apologies_ahead=ahead,
            calendar_version_id=version,
        )
        record(event, entity_id=None, by=by, at=at)
    late, overdue = queries.missed_cases(day_end)
    return OpenResult(opened=opened, already_open=before, cases_late=late, cases_overdue=overdue)


def _wait_for_other_runs() -> None:
    """One run at a time. A run over many cases takes longer than a lock may otherwise be waited for."""
    if dialect() == "postgresql":
        db.session.execute(text("SET LOCAL lock_timeout = 0"))
        db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": OPENING_LOCK})
        db.session.execute(text(f"SET LOCAL lock_timeout = '{POSTGRESQL_SETTINGS['lock_timeout']}'"))


def _open_supplements(on: date, due_on: date, calendar: WorkingCalendar) -> int:
    """Open the further explanations of cases that stay open, every so many working days or after a missed date (§3.10).

    A calendar that does not reach so far back knows of no such case.
    """
    quiet = calendar.number(on) - policy.supplement_every_days(on)
    if quiet < 1:
        return 0
    answered_by = calendar.working_day(quiet + 1) - timedelta(days=1)
    return insert_missing_supplements(on, due_on, answered_by, apology_queries.promises())


def _open_letters_ahead(on: date, calendar: WorkingCalendar) -> int:
    """Open the letters of cases that fall due by the end of the next working day, where policy says so (§3.13).

    Letters opened so before their term are dropped again when the case ends in time.
    """
    apologies_bulk.drop_answered_before_due()
    apologies_bulk.drop_moved_before_due()
    if policy.apology_at(on) != DAY_BEFORE:
        return 0
    last = clock.end_of(calendar.add_working_days(on, 1))
    return apologies_bulk.open_before_due(datetime.combine(on, time()), last)


def decide_correction(
    correction: BreachCorrection, *, approve: bool, reason: str, version: int, by: Viewer, at: datetime
) -> None:
    """Decide a proposal to cancel a breach; approved, its open duties are cancelled and sent letters stay (§3.5).

    Who owes the explanation decides as little as the officer of the breach: it would be his own duty.
    """
    breach_id, proposed = correction.breach_id, correction.reason
    explanation = explanation_queries.explanation_of_breach(breach_id)
    own = (explanation.holder_id, explanation.answers_for_id) if explanation is not None else ()
    if by.person_id is not None and by.person_id in own:
        raise Refused("breaches.not_his_own")
    breaches.decide_correction(correction, approve=approve, reason=reason, version=version, by=by, at=at)
    if not approve:
        return
    if explanation is not None:
        deciding.cancel_with_breach(explanation, proposed, by=by, at=at)
    apology = apology_queries.apology_of_breach(breach_id)
    if apology is not None:
        apologies.cancel_with_breach(apology, proposed, by=by, at=at)

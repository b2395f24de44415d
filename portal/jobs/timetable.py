"""The timetable: everything that runs by itself, in one list. Times are Vietnam wall time."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from flask_babel import lazy_gettext as _l

from portal.access.jobs import end_old_sessions
from portal.accountability.apologies.mailing import a_mail_was_taken, settle_mails
from portal.accountability.incidents import actions as incidents
from portal.accountability.ledger import actions as ledger
from portal.accountability.ledger import queries as ledger_queries
from portal.accountability.violations import actions as violations
from portal.api.jobs import forget_answers
from portal.audit.actions import verify_chain
from portal.cases.jobs import project_cases
from portal.cases.recounting import is_waiting
from portal.database import commit
from portal.impact.jobs import count_previews
from portal.impact.queries import preview_waits
from portal.imports.dropping import drop_folder
from portal.imports.jobs import erase_uploads, poll_drop_folder, work_on_batches
from portal.jobs.entries import Daily, Every, Timetable
from portal.jobs.queries import a_batch_waits
from portal.jobs.rules import Missed
from portal.jobs.telling import mail_may_leave, make_notices, send_mails, tell_news, there_is_news, write_digests
from portal.notices.jobs import forget_bodies
from portal.refusal import Refused
from portal.reports.jobs import forget_unconfirmed
from portal.web.jobs import forget_operations


def open_breaches(today: date, at: datetime) -> dict[str, int]:
    """Open what is still to open at the end of ``today``; imports call the same action after they applied."""
    with commit():
        return ledger.open_breaches(today, at).as_json()


def propose_incidents(today: date, at: datetime) -> dict[str, int]:
    """Propose what the last days' unusual numbers of missed terms suggest; a day is proposed once."""
    with commit():
        return {"proposed": incidents.propose_incidents(today, at)}


def suspect_violations(today: date, at: datetime) -> dict[str, int]:
    """Take up what the data of the day suggest; each is suspected once."""
    with commit():
        return {"suspected": violations.suspect(today, at)}


def is_dropping() -> bool:
    """Whether this portal has a drop folder."""
    return drop_folder() is not None


def check_ledger(today: date, at: datetime) -> dict[str, int]:
    """Add up all duties. Refused, and so red on the pages, where a breach lacks one of its two."""
    found = ledger_queries.coverage(today)
    if not found.adds_up:
        raise Refused("jobs.ledger_broken", breaches=found.breaches)
    return {"breaches": found.breaches, "without_breach": found.without_breach, "pending": found.pending}


def verify_trail(today: date, at: datetime) -> dict[str, int]:
    """Walk the whole chain of the trail. Refused, and so red on the pages, where a link does not hold."""
    events, broken_at = verify_chain()
    if broken_at is not None:
        raise Refused("jobs.trail_broken", seq=broken_at)
    return {"events": events}


# Why most of these make up for the newest missed day only (``Missed.LAST``): they settle all that is still to do,
# whenever they run, so a second run the same hour finds nothing. Opening breaches under an older day would even do
# harm: the terms of the officers run from that day (domain rules §3.9), and three days off would eat them up.
# A job whose result belongs to its day (a count kept for that day) takes the default, ``Missed.EACH``.
TIMETABLE: Timetable = (
    Daily("end_old_sessions", _l("End old sessions"), end_old_sessions, time(3, 30), Missed.LAST),
    Daily("forget_operations", _l("Forget keys of old forms"), forget_operations, time(3, 35), Missed.LAST),
    Daily("erase_uploads", _l("Erase source files kept long enough"), erase_uploads, time(3, 40), Missed.LAST),
    Daily("forget_answers", _l("Forget answers to programs"), forget_answers, time(3, 45), Missed.LAST),
    Daily("forget_reports", _l("Erase unconfirmed reports"), forget_unconfirmed, time(3, 50), Missed.LAST),
    Daily("forget_bodies", _l("Erase the texts of old mails"), forget_bodies, time(3, 55), Missed.LAST),
    Daily("open_breaches", _l("Open breaches with their duties"), open_breaches, time(4, 10), Missed.LAST),
    Daily("check_ledger", _l("Add up all duties"), check_ledger, time(4, 15), Missed.LAST),
    Daily("propose_incidents", _l("Look for unusual days"), propose_incidents, time(4, 20), Missed.LAST),
    Daily("suspect_violations", _l("Look for violations in the data"), suspect_violations, time(4, 25), Missed.LAST),
    Daily("verify_trail", _l("Verify the trail"), verify_trail, time(4, 30), Missed.LAST),
    Daily("make_notices", _l("Tell people of their duties"), make_notices, time(5, 30), Missed.LAST),
    Daily("write_digests", _l("Write the mails of the day"), write_digests, time(7, 35), Missed.LAST),
    Every("tell_news", _l("Tell people what has just happened"), tell_news, timedelta(minutes=5), there_is_news),
    Every("send_mails", _l("Send waiting mails"), send_mails, timedelta(minutes=1), mail_may_leave),
    Every("settle_mails", _l("Record letters that were mailed"), settle_mails, timedelta(minutes=1), a_mail_was_taken),
    Every("work_on_batches", _l("Read and apply large files"), work_on_batches, timedelta(seconds=5), a_batch_waits),
    Every("project_cases", _l("Count due moments anew"), project_cases, timedelta(seconds=30), is_waiting),
    Every("count_previews", _l("Count what changes would move"), count_previews, timedelta(seconds=30), preview_waits),
    Every("poll_drop_folder", _l("Look into the drop folder"), poll_drop_folder, timedelta(minutes=1), is_dropping),
)

"""What people are told, derived each working day from what is: one list of the features that have something to say.

A derivation reads the state and names things, people and stages; ``tell`` knows what was told before. So a run that was
missed is made up for by the next one, and a second run tells nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from portal import clock
from portal.accountability.apologies.telling import tell_of_apologies
from portal.accountability.explanations.telling import tell_of_explanations
from portal.accountability.explanations.telling_further import tell_of_supplements
from portal.accountability.explanations.telling_others import tell_of_objections, tell_of_questions
from portal.accountability.incidents.telling import tell_of_incidents
from portal.accountability.transfers.telling import tell_of_transfers
from portal.accountability.violations.telling import tell_of_violations
from portal.audit.queries import newest_events
from portal.calendars.queries import current_calendar
from portal.calendars.telling import tell_of_calendar
from portal.database import commit
from portal.deadlines import WorkingCalendar
from portal.directives.telling import tell_of_urging
from portal.guard import Role
from portal.jobs import queries
from portal.jobs.rules import RunState, Trouble
from portal.notices import jobs as notices
from portal.notices import outbox
from portal.notices.actions import tell_all
from portal.notices.kinds import Derivation, Item, Kind, Telling, known_kind
from portal.notices.queries import holders_of
from portal.notices.rules import Hours
from portal.policy import queries as policy

FAILED = known_kind(
    Kind(
        name="jobs.failed",
        label=_l("A job of the night failed"),
        says=lambda count, _stage: ngettext(
            "%(num)s job of the night failed", "%(num)s jobs of the night failed", count
        ),
        listed="jobs.index",
    )
)
SILENT = known_kind(
    Kind(
        name="jobs.silent",
        label=_l("Nothing runs by itself any more"),
        says=lambda _count, _stage: _("Nothing has run by itself for more than 26 hours."),
        listed="jobs.index",
    )
)


def tell_of_jobs(today: date, _calendar: WorkingCalendar) -> Iterator[Telling]:
    """To administrators: jobs whose newest run failed, and silence of the scheduler where somebody else runs this."""
    administrators = holders_of(Role.ADMINISTRATOR, clock.real_today())
    failed = [run for run in queries.newest_daily_runs().values() if run.state == RunState.FAILED]
    yield Telling(
        FAILED,
        "",
        tuple(Item(entity_id=run.id, person_id=who, label=run.job) for run in failed for who in administrators),
    )
    if queries.health(clock.now()).trouble is Trouble.SILENT:
        day = today.toordinal()
        yield Telling(
            SILENT, "", tuple(Item(entity_id=day, person_id=who, label=f"{today:%d/%m/%Y}") for who in administrators)
        )


def tell_of_next_year(today: date, _calendar: WorkingCalendar) -> Iterator[Telling]:
    """To administrators, from the day policy says: the next year is not open."""
    yield from tell_of_calendar(today, policy.next_year_from(today))


TELLERS = ("make_notices", "tell_news")
TOLD_OF = frozenset(
    {
        "breach", "breaches", "explanation", "explanation_batch", "question", "apology", "incident", "violation",
        "urging_note",
    }
)  # fmt: skip
"""The things of the trail whose events may be news for somebody."""
LOOK_BACK = 200
"""So many of the newest events are looked at; more of other things in between only delay a notice to the next night."""

DERIVATIONS: tuple[Derivation, ...] = (
    tell_of_next_year,
    tell_of_explanations,
    tell_of_supplements,
    tell_of_objections,
    tell_of_questions,
    tell_of_apologies,
    tell_of_incidents,
    tell_of_violations,
    tell_of_transfers,
    tell_of_urging,
    tell_of_jobs,
)


def make_notices(today: date, at: datetime) -> Mapping[str, int]:
    """Tell everybody what they should know at the start of a working day; on a day off nobody is told anything."""
    calendar = current_calendar()
    if calendar.covers(today) and not calendar.is_working(today):
        return {"told": 0}
    return {"told": sum(_tell(derivation(today, calendar), today, at) for derivation in DERIVATIONS)}


def tell_news(today: date, at: datetime) -> Mapping[str, int]:
    """Tell what has just happened: the same derivations, which tell nobody anything twice."""
    return make_notices(today, at)


def there_is_news() -> bool:
    """Whether something people are told of was recorded since the last telling, of the night or of the hour."""
    since = max((run.started_at for run in queries.newest_runs(TELLERS)), default=None)
    return any(entity in TOLD_OF and (since is None or at >= since) for entity, at in newest_events(LOOK_BACK))


def _tell(tellings: Iterable[Telling], today: date, at: datetime) -> int:
    found = tuple(tellings)
    with commit():
        return tell_all(found, on=today, at=at)


def write_digests(today: date, at: datetime) -> Mapping[str, int]:
    """Write the mails of a working day."""
    calendar = current_calendar()
    if calendar.covers(today) and not calendar.is_working(today):
        return {"mails": 0}
    return notices.write_digests(today, at)


def send_mails(today: date, at: datetime) -> Mapping[str, int]:
    """Hand waiting mails to the server."""
    return outbox.send_due(at, today)


def mail_may_leave() -> bool:
    """Whether a mail waits and it is an hour of a working day in which mail leaves; mail lives in real time."""
    at = clock.now()
    wall = clock.in_vietnam(at)
    return notices.mail_waits(at) and office_hours(wall.date()).are_open(wall, current_calendar())


def office_hours(on: date) -> Hours:
    """Between which hours of a working day mail leaves, by policy."""
    first, last = policy.mail_hours(on)
    return Hours(time.fromisoformat(first), time.fromisoformat(last))

"""The home page as data: duties in the order of urgency, what falls due next, and where each number leads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import clock
from portal.accountability.apologies.queries import Reach, desks_in, desks_statement
from portal.accountability.explanations.batches import owed_by as duties_of
from portal.accountability.explanations.likeness import Alike, likely_same
from portal.accountability.explanations.likeness import Owed as ToWrite
from portal.accountability.ledger.queries import Gap, count_gap
from portal.accountability.transfers.queries import waiting_for_another
from portal.calendars.queries import calendar_for_terms, is_provisional, next_year_missing
from portal.cases.queries import CaseQuery
from portal.deadlines import WorkingCalendar
from portal.desk import queries
from portal.desk.duties import Duty, by_urgency, tone_of
from portal.desk.letters import duties_of_letters
from portal.desk.queries import URGENT, Owed, Span, ToDecide
from portal.desk.waiting import duties_beside, waiting_in, wanted_of
from portal.guard import Permission, Role, Viewer
from portal.jobs.board import machine_moment
from portal.jobs.messages import ALARMS, Alarm
from portal.jobs.queries import health
from portal.policy import queries as policy

WATCHERS = frozenset({Role.MONITORING_OFFICE, Role.HOME_AFFAIRS, Role.CHAIR})
GROUPS = 3
"""So many groups of like duties are named; the others are one click away."""


@dataclass(frozen=True)
class Ahead:
    """What falls due on the coming days: one number a day, each with its list."""

    words: str
    numbers: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Machine:
    """Whether the portal's own work at night is done: one quiet line, or an alarm. ``url``: for who may read more."""

    last: str
    alarm: Alarm | None
    url: str | None


@dataclass
class Board:
    """Everything the home page shows before the figures."""

    duties: list[Duty] = field(default_factory=list)
    days: tuple[Span, ...] = ()
    ahead: list[Ahead] = field(default_factory=list)
    urgent: Sequence[ToWrite] = ()
    stopped: int = 0
    machine: Machine | None = None
    missing_year: int | None = None
    provisional: bool = False


def board_of(viewer: Viewer, today: date, at: datetime) -> Board:
    """The home page of a viewer at wall moment ``at``."""
    board = Board()
    writes, decides = viewer.may(Permission.WRITE_EXPLANATIONS), viewer.may(Permission.CONCLUDE)
    stamps = viewer.may(Permission.NUMBER_LETTERS)
    follows_cases = bool(viewer.roles & {Role.OFFICER, Role.HEAD})
    wanted: dict[str, Any] = {}
    calendar: WorkingCalendar | None = None
    owed, alike = Owed(), list[Alike]()
    if follows_cases:
        calendar = calendar_for_terms()
        board.days = queries.days_ahead(today, calendar)
        ends = board.days[-1].last
        board.provisional = ends.year > today.year and is_provisional(ends)
        wanted |= queries.cases_ahead(_cases(viewer), at, board.days)
    if writes and viewer.person_id is not None:
        owed = queries.owed_by(viewer.person_id, today, board.days)
        to_write = duties_of([viewer.person_id]) if owed.total else []
        board.urgent, board.stopped = to_write[:URGENT], owed.stopped
        alike = likely_same(to_write)[:GROUPS]
    seats = queries.seats_on(today) if decides or stamps else None
    deciding = queries.to_decide(viewer, seats, today) if seats else ToDecide()
    if viewer.may(Permission.OPEN_BREACHES) or decides:
        wanted["corrections"] = queries.corrections_waiting(viewer)
    if viewer.may(Permission.OPEN_BREACHES):
        wanted["stale"] = queries.stale_cases(viewer, at)
    if viewer.roles & WATCHERS:
        wanted["past_term"] = queries.explanations_past_term(viewer, today)
    if viewer.may(Permission.MAP_NAMES):
        wanted |= queries.imports_waiting()
    rules = policy.rule_set(today)
    if viewer.may(Permission.RECORD_PAUSES):
        wanted["body_waits"] = queries.waits_too_long(viewer, today, rules["explanation.question_days"], calendar)
    reach = seats.reach(viewer) if seats else Reach()
    letters = desks_statement(viewer, reach, today) if viewer.may(Permission.READ_LETTERS) else None
    left = waiting_for_another(viewer, today, seats.tree if seats else None)
    counts = queries.counted({**wanted, **wanted_of(viewer, today, seats)}, letters)
    if viewer.may(Permission.MANAGE_SETTINGS):
        board.missing_year = next_year_missing(today, policy.next_year_from(today))
        counts["calendar"] = int(board.missing_year is not None)
    if viewer.may(Permission.OPEN_BREACHES):
        counts["without_breach"] = count_gap(Gap.WITHOUT_BREACH, today, viewer)
    found = [
        *_writing(owed),
        *(_together(group, today) for group in alike),
        *_deciding(deciding, today),
        *duties_beside(waiting_in(counts), today),
        *duties_of_letters(desks_in(counts) if letters is not None else {}, today, rules["apology.opens_at"]),
        _handing_over(len(left)),
        *_cases_due(counts, viewer),
        *_keeping(counts, today),
    ]
    board.duties = by_urgency(found)
    board.ahead = list(_ahead(owed, counts, board.days, viewer))
    if viewer.roles & WATCHERS or viewer.may(Permission.READ_JOBS):
        board.machine = _machine(viewer)
    return board


def _machine(viewer: Viewer) -> Machine:
    """The scheduler lives in real time, whatever clock is set."""
    found = health(clock.now())
    return Machine(
        last=machine_moment(found.last_beat) if found.last_beat else "",
        alarm=ALARMS[found.trouble] if found.trouble else None,
        url=url_for("jobs.index") if viewer.may(Permission.READ_JOBS) else None,
    )


def _cases(viewer: Viewer) -> CaseQuery:
    """An officer follows their own cases; a head those of the units."""
    found = CaseQuery.visible_to(viewer)
    return found if Role.HEAD in viewer.roles else found.of_officer(viewer.person_id)


def _case_list(viewer: Viewer, **values: Any) -> str:
    own: dict[str, Any] = {} if Role.HEAD in viewer.roles else {"officer": viewer.person_id}
    return url_for("cases.index", **values, **own)


def _explanations(part: str, span: Span | None = None) -> str:
    """Exactly the explanations a number counts; of a span of days those due in it."""
    days: dict[str, Any] = {"from": _day(span.first), "to": _day(span.last)} if span else {}
    return url_for("explanations.mine", show=part, **days)


def _writing(owed: Owed) -> Iterator[Duty]:
    write = _("Write explanations")
    yield Duty(
        owed.late, ngettext("explanation past its term", "explanations past their term", owed.late),
        _explanations("late"), "late", _("The head may conclude without your words."), write,
    )  # fmt: skip
    yield Duty(
        owed.ahead[0], ngettext("explanation due today", "explanations due today", owed.ahead[0]), _explanations("due"),
        "today", _("Tomorrow it counts as not answered in time."), write,
    )  # fmt: skip
    yield Duty(
        owed.returned,
        ngettext("explanation returned to be rewritten", "explanations returned to be rewritten", owed.returned),
        _explanations("returned"), "today", _("The head's comment stands above the text."), write,
    )  # fmt: skip


def _together(group: Alike, today: date) -> Duty:
    """Duties that probably have one cause: written once."""
    first, count = group.first, len(group)
    what = first.unit if group.by_day else ", ".join(part for part in (first.procedure, first.step) if part)
    late, due_today = first.due_on < today, first.due_on == today
    return Duty(
        count, ngettext("explanation that may have the same cause", "explanations that may have the same cause", count),
        url_for("explanations.choose", like=first.id), "late" if late else "today" if due_today else "plain", what,
        ngettext("Explain %(num)s case together", "Explain %(num)s cases together", count),
    )  # fmt: skip


def _deciding(waiting: ToDecide, today: date) -> Iterator[Duty]:
    late = waiting.past_term
    yield Duty(
        waiting.submitted, ngettext("explanation to conclude", "explanations to conclude", waiting.submitted),
        url_for("explanations.queue", part="submitted"), "late" if late else "today",
        ngettext("%(num)s is past the term of conclusion.", "%(num)s are past the term of conclusion.", late)
        if late else _("The officer waits for your conclusion on cause and blame."),
        _("Go to the queue"), waiting.nearest,
    )  # fmt: skip
    yield Duty(
        waiting.objected, ngettext("objection to decide", "objections to decide", waiting.objected),
        url_for("explanations.queue", part="objected"), tone_of(waiting.objected_nearest, today, "today"),
        _("Decided once, by the next head up; the first conclusion stands until then."), _("Go to the queue"),
        waiting.objected_nearest,
    )  # fmt: skip
    yield Duty(
        waiting.unanswered,
        ngettext("explanation not answered in time", "explanations not answered in time", waiting.unanswered),
        url_for("explanations.queue", part="unanswered"), "late",
        _("A person concludes them, never the machine."), _("Go to the queue"),
    )  # fmt: skip
    yield Duty(
        waiting.redirected, ngettext("officer says: not mine", "officers say: not mine", waiting.redirected),
        url_for("explanations.queue", part="redirected"), "today",
        _("The clock stands until you name who answers."), _("Settle this"),
    )  # fmt: skip


def _handing_over(left: int) -> Duty:
    """What nobody does any more, because its holder has left the unit."""
    return Duty(
        left, ngettext("duty whose holder has left", "duties whose holders have left", left),
        url_for("transfers.index"), "today", _("Name who does it from now on; its term does not wait for you."),
        _("See the list"),
    )  # fmt: skip


def _cases_due(counts: dict[str, int], viewer: Viewer) -> Iterator[Duty]:
    overdue, today = counts.get("overdue", 0), counts.get("due_0", 0)
    yield Duty(
        overdue, ngettext("case overdue", "cases overdue", overdue), _case_list(viewer, show="overdue"), "late",
        _("Each is explained and apologised for; the longest overdue stands first."), _("See the list"),
    )  # fmt: skip
    yield Duty(
        today, ngettext("case due today", "cases due today", today), _case_list(viewer, show="due_today"), "today",
        "", _("See the list"),
    )  # fmt: skip


def _keeping(counts: dict[str, int], today: date) -> Iterator[Duty]:
    """What the monitoring office and the administrator keep in order, so that no number lies."""
    gaps: tuple[tuple[str, str, dict[str, Any], str, str, str, str], ...] = (
        ("without_breach", "ledger.coverage", {}, "late",
         ngettext("late case without a breach", "late cases without a breach", counts.get("without_breach", 0)),
         _("Open the breaches, so that nobody is forgotten."), _("Open breaches")),
        ("calendar", "calendar_years.propose", {"year": str(today.year + 1)}, "late", _("year without a calendar"),
         _("No term of next year can be counted before its days off are entered."), _("Enter days off")),
        ("corrections", "ledger.corrections", {}, "today",
         ngettext("breach proposed to be cancelled", "breaches proposed to be cancelled", counts.get("corrections", 0)),
         _("Later data say there was no lateness."), _("Decide on proposals")),
        ("pending_rows", "imports.names", {}, "today",
         ngettext("row without a known unit", "rows without a known unit", counts.get("pending_rows", 0)),
         _("They are in no figure until the unit is named."), _("Name the units")),
        ("names", "imports.names", {}, "plain",
         ngettext("name to map", "names to map", counts.get("names", 0)),
         _("Until then the duty is the head's."), _("Map names")),
        ("past_term", "ledger.index", {"day": today.isoformat(), "part": "past_term"}, "today",
         ngettext("explanation past its term in the units", "explanations past their term in the units",
                  counts.get("past_term", 0)),
         _("Urge the units; their heads conclude what stays unanswered."), _("See the list")),
        ("body_waits", "cases.index", {"show": "body_waits"}, "today",
         ngettext(
             "pause for another body that nobody ended", "pauses for other bodies that nobody ended",
             counts.get("body_waits", 0),
         ),
         _("Its term is over: record the answer and end the pause, or take it back."), _("See the list")),
        ("stale", "cases.index", {"show": "stale"}, "plain",
         ngettext("case needs newer data", "cases need newer data", counts.get("stale", 0)),
         _("The term has passed since the last import; stale data accuse nobody."), _("See the list")),
    )  # fmt: skip
    for name, endpoint, values, tone, words, then, action in gaps:
        yield Duty(counts.get(name, 0), words, url_for(endpoint, **values), tone, then, action)


def _ahead(owed: Owed, counts: dict[str, int], days: Sequence[Span], viewer: Viewer) -> Iterator[Ahead]:
    if not days:
        return
    if viewer.may(Permission.WRITE_EXPLANATIONS):
        lists = [_explanations("due", span) for span in days]
        yield Ahead(_("Explanations to hand in"), tuple(zip(owed.ahead, lists, strict=True)))
    links = [_case_list(viewer, show="due_today")]
    links += [_case_list(viewer, show="due", **{"from": _day(span.first), "to": _day(span.last)}) for span in days[1:]]
    numbers = tuple((counts.get(f"due_{index}", 0), link) for index, link in enumerate(links))
    yield Ahead(_("Cases to answer"), numbers)


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"

"""What waits for a viewer beside their explanations and cases: incidents, questions, violations; with nearest terms.

Every number is the count of the list its link shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Select, func
from sqlalchemy.orm import InstrumentedAttribute

from portal.accountability.explanations.models import Explanation
from portal.accountability.explanations.queries import Deciders, ExplanationQuery
from portal.accountability.explanations.supplement_queries import SupplementQuery
from portal.accountability.explanations.supplements import Supplement
from portal.accountability.incidents.models import BodyQuestion
from portal.accountability.incidents.queries import IncidentQuery, QuestionQuery
from portal.accountability.incidents.rules import State as IncidentState
from portal.accountability.ledger.proposal_queries import ProposalQuery
from portal.accountability.violations.models import Violation
from portal.accountability.violations.queries import ViolationQuery
from portal.accountability.violations.rules import State as ViolationState
from portal.desk.duties import Duty, tone_of
from portal.desk.queries import Seats
from portal.guard import Permission, Viewer


@dataclass(frozen=True)
class Waiting:
    """So many things of one kind, and the day by which the first of them is due; None where no term runs."""

    count: int = 0
    nearest: date | None = None


NOTHING = Waiting()
_NEAREST = "{}, nearest"
Wanted = tuple[Select[Any], InstrumentedAttribute[Any] | None]


def wanted_of(viewer: Viewer, today: date, seats: Seats | None) -> dict[str, Select[Any]]:
    """The counts and the nearest terms of what a viewer's permissions make his to do, for ``counted``.

    ``seats``: read for who decides.
    """
    columns: dict[str, Select[Any]] = {}
    for name, (things, due_on) in _things(viewer, today, seats).items():
        columns[name] = things.with_only_columns(func.count()).order_by(None)
        if due_on is not None:
            columns[_NEAREST.format(name)] = things.with_only_columns(func.min(due_on)).order_by(None)
    return columns


def waiting_in(counted: Mapping[str, object]) -> Mapping[str, Waiting]:
    """What waits, by name, in what the statement gave."""
    return {name: _waiting(name, counted) for name in counted}


def _waiting(name: str, counted: Mapping[str, object]) -> Waiting:
    count, nearest = counted.get(name), counted.get(_NEAREST.format(name))
    return Waiting(count if isinstance(count, int) else 0, nearest if isinstance(nearest, date) else None)


def _things(viewer: Viewer, today: date, seats: Seats | None) -> Mapping[str, Wanted]:
    """What this viewer's permissions make his to do: the things, and the column of their term."""
    wanted: dict[str, Wanted] = {}
    if viewer.may(Permission.WRITE_EXPLANATIONS):
        owed = SupplementQuery.visible_to(viewer).owed_by(viewer.person_ids)
        wanted["further"] = (owed.statement, Supplement.due_on)
    if viewer.may(Permission.CONCLUDE):
        wanted["further_unread"] = (SupplementQuery.visible_to(viewer).unread(viewer).statement, None)
    if viewer.may(Permission.RECORD_PAUSES):
        pauses = ProposalQuery.visible_to(viewer).waiting().decided_by(viewer)
        wanted["pauses_proposed"] = (pauses.statement, None)
    if viewer.may(Permission.CONFIRM_INCIDENTS):
        declared = IncidentQuery.visible_to(viewer).confirmable_by(viewer).in_states(IncidentState.DECLARED)
        wanted["incidents_to_confirm"] = (declared.statement, None)
    if viewer.may(Permission.DECLARE_INCIDENTS):
        proposed = IncidentQuery.visible_to(viewer).declarable_by(viewer).in_states(IncidentState.PROPOSED)
        wanted["incidents_proposed"] = (proposed.statement, None)
    if viewer.may(Permission.ANSWER_QUESTIONS):
        asked = QuestionQuery.visible_to(viewer).put_to(viewer).waiting()
        wanted["questions_to_answer"] = (asked.statement, BodyQuestion.due_on)
    if viewer.may(Permission.READ_INCIDENTS) and viewer.person_id is not None:
        silent = QuestionQuery.visible_to(viewer).kept_by(*viewer.person_ids).silent(today)
        wanted["questions_silent"] = (silent.statement, None)
    if viewer.may(Permission.READ_VIOLATIONS) and viewer.person_id is not None:
        mine = ViolationQuery.visible_to(viewer).owed_by(*viewer.person_ids)
        wanted["violations_to_answer"] = (mine.statement, Violation.due_on)
    if seats is not None and viewer.may(Permission.CONCLUDE):
        first = ExplanationQuery.visible_to(viewer).read_first_by(viewer, seats.heads, today)
        wanted["read_first"] = (first.statement, Explanation.section_due_on)
        deciders = Deciders(seats.tree, seats.heads, seats.chairs)
        decided = ViolationQuery.visible_to(viewer).to_conclude(viewer, today, deciders)
        wanted["violations_to_conclude"] = (decided.statement, Violation.decision_due_on)
    if viewer.may(Permission.RECORD_VIOLATIONS):
        suspected = ViolationQuery.visible_to(viewer).recordable_by(viewer).in_states(ViolationState.SUSPECTED)
        wanted["violations_suspected"] = (suspected.statement, None)
    return wanted


def duties_beside(found: Mapping[str, Waiting], today: date) -> Iterator[Duty]:
    """The lines of "must do" that these are."""
    yield _reading_first(found.get("read_first", NOTHING), today)
    yield from _supplements(found, today)
    yield from _questions(found, today)
    yield from _violations(found, today)
    yield from _incidents(found)
    yield _pauses(found.get("pauses_proposed", NOTHING))


def _pauses(waiting: Waiting) -> Duty:
    """What officers propose as pauses of their cases."""
    return Duty(
        waiting.count, ngettext("proposed pause to decide", "proposed pauses to decide", waiting.count),
        url_for("pause_proposals.index"), "today", _("The term runs on until you record it, or say why not."),
        _("See the list"),
    )  # fmt: skip


def _reading_first(waiting: Waiting, today: date) -> Duty:
    """What the head of a section reads before the head of the unit."""
    return Duty(
        waiting.count,
        ngettext("explanation to read before the head", "explanations to read before the head", waiting.count),
        url_for("explanations.with_section"), tone_of(waiting.nearest, today, "today"),
        _("After your term it goes on to the head without your opinion."), _("See the list"), waiting.nearest,
    )  # fmt: skip


def _supplements(found: Mapping[str, Waiting], today: date) -> Iterator[Duty]:
    owed, unread = found.get("further", NOTHING), found.get("further_unread", NOTHING)
    url = url_for("explanations.supplements")
    yield Duty(
        owed.count,
        ngettext("supplementary explanation to write", "supplementary explanations to write", owed.count),
        url, tone_of(owed.nearest, today, "today"), _("The case is still open long after its first explanation."),
        _("Write explanations"), owed.nearest,
    )  # fmt: skip
    yield Duty(
        unread.count,
        ngettext("supplementary explanation to read", "supplementary explanations to read", unread.count), url,
        "plain", _("It changes no conclusion; it says why the case is still open."), _("See the list"),
    )  # fmt: skip


def _questions(found: Mapping[str, Waiting], today: date) -> Iterator[Duty]:
    asked, silent = found.get("questions_to_answer", NOTHING), found.get("questions_silent", NOTHING)
    yield Duty(
        asked.count,
        ngettext("question to my unit about a late case", "questions to my unit about late cases", asked.count),
        url_for("questions.index", show="put_to_me"), tone_of(asked.nearest, today),
        _("The clock of who asked stands until your unit answers; silence confirms nothing."), _("Answer questions"),
        asked.nearest,
    )  # fmt: skip
    yield Duty(
        silent.count,
        ngettext("question that a body left unanswered", "questions that bodies left unanswered", silent.count),
        url_for("questions.index", show="silent"), "today",
        _("The term runs again: record the letter of the body, or withdraw the question."), _("See the list"),
    )  # fmt: skip


def _violations(found: Mapping[str, Waiting], today: date) -> Iterator[Duty]:
    owed = found.get("violations_to_answer", NOTHING)
    decide, look = found.get("violations_to_conclude", NOTHING), found.get("violations_suspected", NOTHING)
    yield Duty(
        owed.count, ngettext("violation or complaint to answer", "violations or complaints to answer", owed.count),
        url_for("violations.index", show="to_answer"), tone_of(owed.nearest, today, "today"),
        _("The head may conclude without your words."), _("Write the answer"), owed.nearest,
    )  # fmt: skip
    yield Duty(
        decide.count,
        ngettext("violation or complaint to conclude", "violations or complaints to conclude", decide.count),
        url_for("violations.index", show="to_conclude"), tone_of(decide.nearest, today, "today"),
        _("Whom it concerns and who complained wait for what you find."), _("Go to the list"), decide.nearest,
    )  # fmt: skip
    yield Duty(
        look.count,
        ngettext("suspicion in the data to look into", "suspicions in the data to look into", look.count),
        url_for("violations.index", show="suspected"), "plain", _("It accuses nobody until a person opens it."),
        _("See the list"),
    )  # fmt: skip


def _incidents(found: Mapping[str, Waiting]) -> Iterator[Duty]:
    confirm, proposed = found.get("incidents_to_confirm", NOTHING), found.get("incidents_proposed", NOTHING)
    yield Duty(
        confirm.count, ngettext("technical incident to confirm", "technical incidents to confirm", confirm.count),
        url_for("incidents.index", show="declared"), "today",
        _("A technical cause excuses nobody before the interval is confirmed."), _("See the incidents"),
    )  # fmt: skip
    yield Duty(
        proposed.count,
        ngettext("day with unusually many missed terms", "days with unusually many missed terms", proposed.count),
        url_for("incidents.index", show="proposed"), "plain",
        _("Was it an incident? Declare it, or note that there was none."), _("See the list"),
    )  # fmt: skip

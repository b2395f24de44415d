"""The page of one explanation, also after a step that a rule refused."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access.messages import ABSENCE_REASONS
from portal.accountability.breaches.late import late_by
from portal.accountability.explanations import earlier, notices, queries
from portal.accountability.explanations.actions import writing
from portal.accountability.explanations.forms import AnswerForm
from portal.accountability.explanations.journey import steps_taken
from portal.accountability.explanations.messages import BLAMES, CLASSES, SEATS, STATES, said
from portal.accountability.explanations.models import Explanation
from portal.accountability.explanations.queries import Road
from portal.accountability.explanations.rules import WRITABLE, Seat, State, is_with_section
from portal.accountability.explanations.views.after import after_conclusion
from portal.accountability.explanations.views.basis import DECIDES, Basis, find
from portal.accountability.explanations.views.deciding_forms import deciding_forms, section_forms
from portal.accountability.explanations.views.writing_forms import writing_forms
from portal.audit.queries import events_of
from portal.cases.lines import shown_applicant
from portal.cases.rules import verdict
from portal.database import commit
from portal.deadlines import WorkingCalendar
from portal.deadlines.calendar import days
from portal.guard import Permission, viewer
from portal.policy import queries as policy
from portal.refusal import Conflict, Refused
from portal.web.forms import PortalForm
from portal.web.respond import done, invalid, page

LONGEST_DRAWING = timedelta(days=800)


def _facts(explanation: Explanation, calendar: WorkingCalendar, road: Road) -> dict[str, Any]:
    """What happened to the case, as the left side shows it."""
    case, breach, now = explanation.case, explanation.breach, clock.local_now()
    end = case.finished_at or now
    span_end = max(end, breach.due_at)
    off: list[Any] = []
    if span_end - case.received_at < LONGEST_DRAWING:
        span = days(case.received_at.date(), span_end.date() + timedelta(days=1))
        off = [day for day in span if calendar.covers(day) and not calendar.is_working(day)]
    return {
        "case": case,
        "breach": breach,
        "procedure": case.procedure.title if case.procedure else "",
        "applicant": shown_applicant(case.applicant_name, viewer()),
        "verdict": verdict(case, now),
        "late_by": late_by(breach, case, now, calendar),
        "pauses": [(pause.started_at, pause.ended_at, pause.reason) for pause in road.pauses],
        "steps": steps_taken(road.steps, case.finished_at, now, calendar, viewer()),
        "days_off": off,
        "now": now,
    }


def _before(explanation: Explanation, road: Road, today: date) -> dict[str, Any]:
    """Earlier explanations of the same person; for whoever reads a handed-in text, those that read nearly the same."""
    own = explanation.holder_id in viewer().person_ids
    together = {member.explanation_id for member in road.together}
    reads = not own and explanation.submitted_at is not None
    alike = earlier.nearly_same(explanation, road.before, together) if reads else []
    least = policy.rule_set(today).similar_text_pct if alike else 100
    batches = [member.batch_id for member in road.together if member.explanation_id == explanation.id]
    return {
        "earlier": earlier.of_same_person(explanation, road.before),
        "nearly_same": [(one, likeness) for one, likeness in alike if likeness >= least][: earlier.SHOWN],
        "in_batch": max(batches, default=None),
    }


def context_of(explanation: Explanation, **forms: PortalForm) -> dict[str, Any]:
    """Everything the page of one explanation shows, with its trail; forms given keep what was typed."""
    return {**shown_of(explanation, **forms), "events": events_of("explanation", explanation.id)}


def shown_of(explanation: Explanation, basis: Basis | None = None, **forms: PortalForm) -> dict[str, Any]:
    """An explanation with its facts and the forms of the viewer, as it also stands beside the queue."""
    basis, who = basis or Basis.read(), viewer()
    today, deciders = basis.today, basis.deciders
    road = queries.road_of(explanation, earlier.ids_before(explanation, who, today))
    excluded = queries.excluded_by(explanation, [row.named_id for row in road.redirections])
    decider = deciders.of(explanation.unit_id, excluded)
    writes = explanation.holder_id in who.person_ids and explanation.state in WRITABLE
    above = decider.seat is Seat.ABOVE and who.person_id is not None and who.person_id != explanation.holder_id
    decides = any(who.may(permission) for permission in DECIDES) and (queries.decides(who, decider, excluded) or above)
    with_section = explanation.state == State.SUBMITTED and is_with_section(explanation.section_due_on, today)
    reads = queries.reads_for_section(explanation, who, deciders, today)
    late = queries.is_late(explanation, today)
    context: dict[str, Any] = {
        **_facts(explanation, basis.calendar, road),
        "explanation": explanation,
        "writes": writes,
        "decides": decides and not with_section,
        "with_section": with_section,
        "readings": road.readings,
        "above": above,
        "late": late,
        "decider": decider,
        "decider_name": deciders.name_of(decider),
        "decides_for": deciders.name_of(decider) if decider.person_id != who.person_id and not above else "",
        "attachments": road.attachments,
        "returns": road.returns,
        "redirections": road.redirections,
        "texts": road.texts,
        "conclusions": road.conclusions,
        "objections": road.objections,
        **_before(explanation, road, today),
        "side_drafts": [row for row in road.beside if row.person_id == who.person_id],
        "stands_in_for": {one.person_id: one.name for one in who.acting_for},
        "leaves": road.leaves,
        "leave_words": ABSENCE_REASONS,
        "reminders": road.reminders,
        "reminder_kinds": notices.REMINDERS,
        "reminder_words": notices.STAGES,
        "state_words": STATES,
        "class_words": CLASSES,
        "blame_words": BLAMES,
        "seat_words": SEATS,
    }
    if writes:
        context |= writing_forms(explanation, basis)
    if reads:
        context |= section_forms(explanation, today)
    if decides and not with_section:
        context |= deciding_forms(explanation, basis, road)
    return context | after_conclusion(explanation, basis, road) | forms


def step(
    explanation: Explanation,
    form: PortalForm,
    name: str,
    act: Callable[[], None],
    words: str,
    *,
    in_queue: bool = False,
) -> ResponseReturnValue:
    """One step: shape, action, answer. What was typed stands on the page again when a rule says no."""
    if not form.validate():
        return invalid("explanations/show.html", **context_of(explanation, **{name: form}))
    try:
        act()
    except Refused as refused:
        return refused_page(explanation, form, name, refused)
    more = in_queue and viewer().may(Permission.CONCLUDE)
    return done(words, _next_in_queue() if more else url_for(".show", explanation_id=explanation.id))


def _next_in_queue() -> str:
    """The queue, at the explanation that stood below the one just decided, where the form said which."""
    form = request.form
    settled = form.get("settled", type=int)
    return url_for(
        ".queue",
        part=form.get("part") or None,
        id=form.get("following", type=int),
        settled=None if settled is None else settled + 1,
    )


def refused_page(explanation: Explanation, form: PortalForm, name: str, refused: Refused) -> ResponseReturnValue:
    """409 with the text kept in the form; a text that lost against another window is kept in the database too."""
    ident = explanation.id
    if isinstance(refused, Conflict) and isinstance(form, AnswerForm) and explanation.holder_id in viewer().person_ids:
        with commit():
            writing.keep_conflicting_text(explanation, form.answer(), by=viewer(), at=clock.now())
    form.form_errors.append(said(refused))
    fresh = find(ident)
    if "version" in form:
        form.version.raw_data, form.version.data = None, fresh.version
    renew(form)
    return page("explanations/show.html", status=409, **context_of(fresh, **{name: form}))


def renew(form: PortalForm) -> None:
    """A new key: the form was refused, so sending it again is another operation."""
    form.op_id.data = str(uuid.uuid4())

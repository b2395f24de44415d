"""Violations and complaints on pages: the list, recording one, one with its road."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.access.messages import ABSENCE_REASONS
from portal.accountability.explanations.messages import SEATS
from portal.accountability.explanations.queries import Deciders, decides
from portal.accountability.violations import actions, queries
from portal.accountability.violations.actions import Draft, Said
from portal.accountability.violations.forms import AnswerForm, ConcludeForm, OpenForm, ReasonForm, RecordForm
from portal.accountability.violations.leave import leaves_during
from portal.accountability.violations.messages import (
    BLAMES,
    CAUSES,
    FINDINGS,
    KINDS,
    MEASURES,
    ORIGINS,
    STATES,
    TONES,
    WAITING,
)
from portal.accountability.violations.models import Violation
from portal.accountability.violations.queries import ViolationQuery
from portal.accountability.violations.rules import WRITABLE, Blame, Finding, Kind, Origin, State, is_past_term
from portal.audit.queries import events_of
from portal.cases.models import Case
from portal.cases.queries import CaseQuery
from portal.database import commit
from portal.directory.queries import postings_on, units_in_force
from portal.guard import Permission, permit, viewer
from portal.refusal import Refused
from portal.web.forms import PortalForm
from portal.web.respond import done, invalid, or_404, page
from portal.web.words import sentence

bp = Blueprint("violations", __name__, url_prefix="/violations")


@bp.get("")
@permit(Permission.READ_VIOLATIONS)
def index() -> ResponseReturnValue:
    """What I may see: open ones first; counted by kind."""
    show = request.args.get("show", "")
    found = _shown(ViolationQuery.visible_to(viewer()), show)
    kind, counts = request.args.get("kind", ""), found.counts()
    if kind in list(Kind):
        found = found.of_kind(kind)
    return page(
        "violations/index.html",
        fragment="violations/_rows.html",
        rows=found.newest(),
        counts=counts,
        kind=kind,
        show=show if show in WAITING else "",
        waiting_words=WAITING,
        **_words(),
    )


def _shown(found: ViolationQuery, show: str) -> ViolationQuery:
    """What of these waits for me: to answer, to conclude, to look into; else all of them."""
    me = viewer()
    if show == "to_answer":
        return found.owed_by(*me.person_ids)
    if show == "to_conclude":
        return found.to_conclude(me, clock.today(), Deciders.on(clock.today()))
    if show == "suspected":
        return found.recordable_by(me).in_states(State.SUSPECTED)
    return found


def _words() -> dict[str, Any]:
    return {
        "kind_words": KINDS,
        "state_words": STATES,
        "tones": TONES,
        "origin_words": ORIGINS,
        "cause_words": CAUSES,
        "finding_words": FINDINGS,
        "blame_words": BLAMES,
        "measure_words": MEASURES,
        "past_term": lambda one: is_past_term(one.state, one.due_on, clock.today()),
    }


@bp.get("/new")
@permit(Permission.RECORD_VIOLATIONS)
def new() -> ResponseReturnValue:
    """Record a violation or complaint."""
    code = request.args.get("case", "")
    form = _offering(RecordForm(formdata=None, found_on=clock.today(), case_code=code))
    return page("violations/new.html", form=form)


def _people() -> list[tuple[int, str]]:
    """Who holds a posting in the units one answers for: (number, name and unit)."""
    me = viewer()
    held = [one for one in postings_on(clock.today()) if me.sees_all or one.unit_id in me.own_reach]
    named = {one.person_id: f"{one.person.full_name} – {one.unit.name}" for one in held}
    return sorted(named.items(), key=lambda pair: pair[1])


def _offering(form: RecordForm) -> RecordForm:
    me = viewer()
    units = [unit for unit in units_in_force(clock.today()) if me.sees_all or unit.id in me.own_reach]
    form.offer([(unit.id, unit.name) for unit in units], _people())
    return form


@bp.post("")
@permit(Permission.RECORD_VIOLATIONS)
def create() -> ResponseReturnValue:
    """Record it; whom it concerns must answer."""
    form = _offering(RecordForm())
    if not form.validate():
        return invalid("violations/new.html", form=form)
    try:
        draft = _draft(form)
        with commit():
            made = actions.register(draft, by=viewer(), at=clock.now(), today=clock.today()).id
    except Refused as refused:
        return page("violations/new.html", status=409, form=_told(form, refused))
    return done(_("Recorded; whom it concerns is asked to answer."), _show_url(made))


def _draft(form: RecordForm) -> Draft:
    return Draft(
        kind=Kind(form.kind.data),
        origin=Origin(form.origin.data),
        unit_id=form.unit_id.data,
        summary=form.summary.data or "",
        found_on=form.found_on.data,
        holder_id=form.holder_id.data or None,
        case=_case(form.case_code.data or ""),
        occurred_on=form.occurred_on.data,
        reporter=form.reporter.data or "",
        call_number=form.call_number.data or "",
    )


def _case(code: str) -> Case | None:
    if not code:
        return None
    found = CaseQuery.visible_to(viewer()).where(Case.code == code).first(1)
    if not found:
        raise Refused("violations.case_unknown")
    return found[0].case


def _show_url(violation_id: int) -> str:
    return url_for("violations.show", violation_id=violation_id)


@bp.get("/<int:violation_id>")
@permit(Permission.READ_VIOLATIONS)
def show(violation_id: int) -> ResponseReturnValue:
    """One of them: what was found, the answer, the conclusion."""
    return page("violations/show.html", **_context(_find(violation_id)))


def _find(violation_id: int) -> Violation:
    return or_404(ViolationQuery.visible_to(viewer()).get(violation_id))


def _context(violation: Violation, **forms: Any) -> dict[str, Any]:
    me, today = viewer(), clock.today()
    deciders = Deciders.on(today)
    decider = queries.decider_of(violation, today, deciders)
    records = queries.is_recorder(me, violation)
    decides_it = me.may(Permission.CONCLUDE) and decides(me, decider, queries.excluded(violation))
    concludes = violation.state == State.ANSWERED or (
        violation.state in WRITABLE
        and (violation.holder_id is None or is_past_term(violation.state, violation.due_on, today))
    )
    context = {
        "violation": violation,
        "texts": queries.texts_of(violation.id),
        "events": events_of("violation", violation.id),
        "leaves": leaves_during(violation),
        "leave_words": ABSENCE_REASONS,
        "decider_name": deciders.name_of(decider) or SEATS[decider.seat],
        "sees_reporter": records or decides_it,
        "opens": records and violation.state == State.SUSPECTED,
        "answers": actions.owes(violation, me),
        "decides": decides_it and concludes,
        "open_form": OpenForm(formdata=None, holder_id=violation.holder_id or 0, version=violation.version),
        "answer_form": AnswerForm(
            formdata=None, cause=violation.cause, text=violation.answer, version=violation.version
        ),
        "conclude_form": ConcludeForm(formdata=None, version=violation.version),
        "reason_form": ReasonForm(formdata=None, version=violation.version),
        **_words(),
        **forms,
    }
    if context["opens"]:
        context["open_form"].offer(_people())
    context["answer_form"].offer(violation.kind)
    context["conclude_form"].offer(violation.kind)
    return context


@bp.post("/<int:violation_id>/open")
@permit(Permission.RECORD_VIOLATIONS)
def open_suspicion(violation_id: int) -> ResponseReturnValue:
    """Make a duty of a suspicion."""
    violation, form = _find(violation_id), OpenForm()
    form.offer(_people())
    if not form.validate():
        return invalid("violations/show.html", **_context(violation, open_form=form))
    return _acted(
        violation_id,
        _("Opened; whom it concerns is asked to answer."),
        lambda: actions.open_suspicion(
            violation, form.holder_id.data or None, form.summary.data or "", version=_version(form), **_now()
        ),
        open_form=form,
    )


@bp.post("/<int:violation_id>/dismiss")
@permit(Permission.RECORD_VIOLATIONS)
def dismiss(violation_id: int) -> ResponseReturnValue:
    """Nothing to explain."""
    violation, form = _find(violation_id), ReasonForm()
    if not form.validate():
        return invalid("violations/show.html", **_context(violation, reason_form=form))
    return _acted(
        violation_id,
        _("Noted as looked into."),
        lambda: actions.dismiss(violation, form.reason.data or "", version=_version(form), by=viewer(), at=clock.now()),
        reason_form=form,
    )


@bp.post("/<int:violation_id>/answer")
@permit(Permission.READ_VIOLATIONS)
def answer(violation_id: int) -> ResponseReturnValue:
    """Whom it concerns answers."""
    violation, form = _find(violation_id), AnswerForm()
    form.offer(violation.kind)
    if not form.validate():
        return invalid("violations/show.html", **_context(violation, answer_form=form))
    return _acted(
        violation_id,
        _("Your answer is with the head."),
        lambda: actions.answer(
            violation, form.cause.data or "", form.text.data or "", version=_version(form), **_now()
        ),
        answer_form=form,
    )


@bp.post("/<int:violation_id>/return")
@permit(Permission.CONCLUDE)
def send_back(violation_id: int) -> ResponseReturnValue:
    """The decider asks for a rework."""
    violation, form = _find(violation_id), ReasonForm()
    if not form.validate():
        return invalid("violations/show.html", **_context(violation, reason_form=form))
    return _acted(
        violation_id,
        _("Returned for rework."),
        lambda: actions.send_back(violation, form.reason.data or "", version=_version(form), **_now()),
        reason_form=form,
    )


@bp.post("/<int:violation_id>/conclude")
@permit(Permission.CONCLUDE)
def conclude(violation_id: int) -> ResponseReturnValue:
    """The decider concludes."""
    violation, form = _find(violation_id), ConcludeForm()
    form.offer(violation.kind)
    if not form.validate():
        return invalid("violations/show.html", **_context(violation, conclude_form=form))
    said = Said(
        finding=Finding(form.finding.data),
        blame=Blame(form.blame.data),
        reason=form.reason.data or "",
        measures=tuple(form.measures.data or ()),
        remedy=form.remedy.data or "",
        remedy_by=form.remedy_by.data,
        reply=form.reply.data or "",
    )
    return _acted(
        violation_id,
        _("Concluded."),
        lambda: actions.conclude(violation, said, version=_version(form), **_now()),
        conclude_form=form,
    )


def _now() -> dict[str, Any]:
    return {"by": viewer(), "at": clock.now(), "today": clock.today()}


def _acted(violation_id: int, said: str, act: Callable[[], None], **forms: PortalForm) -> ResponseReturnValue:
    """Do it, or show the page once more with what was typed and why it was refused."""
    try:
        with commit():
            act()
    except Refused as refused:
        told = {name: _told(form, refused) for name, form in forms.items()}
        return page("violations/show.html", status=409, **_context(_find(violation_id), **told))
    return done(said, _show_url(violation_id))


def _version(form: Any) -> int:
    text = str(form.version.data or "")
    return int(text) if text.isdigit() else 0


def _told(form: Any, refused: Refused) -> Any:
    form.form_errors.append(sentence(refused))
    form.op_id.data = str(uuid.uuid4())
    return form

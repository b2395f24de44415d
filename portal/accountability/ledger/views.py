"""Coverage on pages: one sum, the list behind each number, the duties of a case, proposals to cancel a breach."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from flask import Blueprint, current_app, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import clock
from portal.accountability.apologies.messages import STATES as APOLOGY_WORDS
from portal.accountability.breaches import actions as breaches
from portal.accountability.breaches.late import late_by
from portal.accountability.breaches.models import Breach
from portal.accountability.breaches.queries import (
    PAGE,
    BreachQuery,
    cancelled_among,
    corrections_of,
    proposed_corrections,
)
from portal.accountability.explanations.messages import ACTIONS, ACTORS, EFFECTS, GUARDS
from portal.accountability.explanations.messages import STATES as EXPLANATION_WORDS
from portal.accountability.explanations.rules import MACHINE
from portal.accountability.ledger import actions, queries
from portal.accountability.ledger.forms import DecideForm, ProposeForm
from portal.accountability.ledger.messages import GAP_REASONS, GAPS, HANDED_OVER, ONLY, REASONS
from portal.accountability.ledger.queries import Gap, Only
from portal.calendars.queries import current_calendar
from portal.database import commit
from portal.directory.queries import person_by_id
from portal.guard import Permission, permit, viewer
from portal.policy import queries as policy
from portal.refusal import Refused
from portal.web.forms import EmptyForm, PortalForm
from portal.web.respond import done, invalid, or_404, page
from portal.web.words import sentence

bp = Blueprint("ledger", __name__, url_prefix="/coverage")
READS = (Permission.READ_COVERAGE,)
NAMES = "imports.names"
"""Where rows without a known unit are settled; the imports stand above this package."""


def _on() -> date:
    """The day asked for, as 16/10/2023 or 2023-10-16; today when none can be read."""
    wanted = request.args.get("day", "").strip()
    try:
        return date(*map(int, wanted.split("/")[::-1])) if "/" in wanted else date.fromisoformat(wanted)
    except (TypeError, ValueError):
        return clock.today()


@bp.get("")
@permit(*READS)
def coverage() -> ResponseReturnValue:
    """Whether every late or overdue case has its breach and both duties."""
    on = _on()
    return page(
        "ledger/coverage.html",
        fragment="ledger/_coverage.html",
        on=on,
        sums=queries.coverage(on, viewer()),
        proposals=len(proposed_corrections(viewer())),
        checked=queries.last_check(),
        explanation_words=EXPLANATION_WORDS,
        apology_words=APOLOGY_WORDS,
        gap_words=GAPS,
        gap_reasons=GAP_REASONS,
        only_words=ONLY,
        open_form=EmptyForm(formdata=None),
        pending_url=url_for(NAMES) if NAMES in current_app.view_functions else "",
    )


@bp.get("/rules")
@permit(Permission.SIGNED_IN)
def machine() -> ResponseReturnValue:
    """Who does what, when: the table the explanations are run by, and the terms of today."""
    today = clock.today()
    rules = policy.rule_set(today)
    return page(
        "ledger/machine.html", steps=MACHINE.items(), state_words=EXPLANATION_WORDS, action_words=ACTIONS,
        actor_words=ACTORS, guard_words=GUARDS, effect_words=EFFECTS, today=today, days=rules.explanation_days,
        section_step=policy.section_step(today),
        return_max=rules.return_max, reminders=rules.reminders_after_days, escalates=rules.escalate_after_days,
        objection=(policy.objection_days(today), policy.objection_decision_days(today)),
    )  # fmt: skip


@bp.post("/open")
@permit(Permission.OPEN_BREACHES)
def open_now() -> ResponseReturnValue:
    """Open what is still to open, today."""
    EmptyForm()
    try:
        with commit():
            result = actions.open_breaches(clock.today(), clock.now(), by=viewer())
    except Refused as refused:
        return done(sentence(refused), url_for(".coverage"))
    words = ngettext("%(num)s breach opened.", "%(num)s breaches opened.", result.opened)
    return done(words, url_for(".coverage"))


@bp.get("/breaches")
@permit(*READS)
def index() -> ResponseReturnValue:
    """The breaches behind one number."""
    on, args = _on(), request.args
    only = Only(args["part"]) if args.get("part") in list(Only) else None
    explanation, apology = args.get("explanation", ""), args.get("apology", "")
    found = queries.narrowed(BreachQuery.visible_to(viewer()), on, explanation=explanation, apology=apology, only=only)
    total = found.count()
    rows = list(_after(found, args.get("after", "")).page())
    shown, more = rows[:PAGE], len(rows) > PAGE
    kept: dict[str, Any] = {"day": on.isoformat(), "explanation": explanation, "apology": apology, "part": only or ""}
    last = f"{shown[-1].due_at.isoformat()}_{shown[-1].id}" if more else ""
    return page(
        "ledger/index.html",
        fragment="ledger/_breaches.html",
        on=on,
        title=_title(explanation, apology, only),
        duties=queries.with_duties(shown),
        late_by=_lateness(),
        cancelled=cancelled_among([row.id for row in shown]),
        total=total,
        next_url=url_for(".index", **{**kept, "after": last}) if more else None,
        explanation_words=EXPLANATION_WORDS,
        apology_words=APOLOGY_WORDS,
    )


def _lateness() -> Callable[[Breach], str]:
    """How late the case of a breach is, in words."""
    now, calendar = clock.local_now(), current_calendar()
    return lambda breach: late_by(breach, breach.case, now, calendar)


def _title(explanation: str, apology: str, only: Only | None) -> str:
    if only is not None:
        return str(ONLY[only])
    if explanation in EXPLANATION_WORDS:
        return _("Breaches whose explanation is: %(state)s", state=EXPLANATION_WORDS[explanation])
    if apology in APOLOGY_WORDS:
        return _("Breaches whose letter of apology is: %(state)s", state=APOLOGY_WORDS[apology])
    return _("Breaches")


def _after(found: BreachQuery, mark: str) -> BreachQuery:
    """The page after a row, as its link says it; a broken mark starts at the top."""
    due_at, _mark, ident = mark.partition("_")
    try:
        return found.after(datetime.fromisoformat(due_at).replace(tzinfo=None), int(ident))
    except ValueError:
        return found


@bp.get("/cases")
@permit(*READS)
def cases() -> ResponseReturnValue:
    """The cases that stand beside the breaches, each list with its reason."""
    on = _on()
    gap = Gap(request.args["gap"]) if request.args.get("gap") in list(Gap) else Gap.WITHOUT_BREACH
    rows = list(queries.cases_in_gap(gap, on, viewer(), request.args.get("after", 0, type=int)))
    shown, more = rows[:PAGE], len(rows) > PAGE
    return page(
        "ledger/cases.html",
        fragment="ledger/_cases.html",
        on=on,
        gap=gap,
        title=GAPS[gap],
        reason=GAP_REASONS[gap],
        rows=shown,
        total=queries.count_gap(gap, on, viewer()),
        next_url=url_for(".cases", gap=gap, day=on.isoformat(), after=shown[-1].id) if more else None,
    )


@bp.get("/cases/<int:case_id>")
@permit(Permission.READ_CASES)
def case_duties(case_id: int) -> ResponseReturnValue:
    """The breaches of one case with both duties."""
    case = or_404(queries.case_of(case_id, viewer()))
    return page("ledger/case_duties.html", fragment="ledger/_case_duties.html", **_duties_context(case))


def _duties_context(case: Any, **more: Any) -> dict[str, Any]:
    duties = queries.duties_of_case(case.id, viewer())
    ids = [duty.breach.id for duty in duties]
    return {
        "case": case,
        "duties": duties,
        "cancelled": cancelled_among(ids),
        "corrections": {ident: corrections_of(ident) for ident in ids},
        "reasons": REASONS,
        "late_by": _lateness(),
        "explanation_words": EXPLANATION_WORDS,
        "apology_words": APOLOGY_WORDS,
        "propose_form": ProposeForm(formdata=None),
        **more,
    }


@bp.post("/breaches/<int:breach_id>/corrections")
@permit(Permission.OPEN_BREACHES, Permission.CONCLUDE)
def propose(breach_id: int) -> ResponseReturnValue:
    """Propose to cancel a breach."""
    breach, form = or_404(BreachQuery.visible_to(viewer()).get(breach_id)), ProposeForm()
    case_id = breach.case_id
    if not form.validate():
        return invalid("ledger/case_duties.html", **_duties_context(breach.case, propose_form=form))
    try:
        with commit():
            breaches.propose_cancellation(breach, form.reason.data or "", by=viewer(), at=clock.now())
    except Refused as refused:
        _told(form, refused)
        case = or_404(queries.case_of(case_id, viewer()))
        return page("ledger/case_duties.html", status=409, **_duties_context(case, propose_form=form))
    return done(_("Proposed; another person decides."), url_for(".case_duties", case_id=case_id))


@bp.get("/corrections")
@permit(*READS)
def corrections() -> ResponseReturnValue:
    """The proposals to cancel a breach that wait for a decision."""
    return page("ledger/corrections.html", **_corrections_context())


def _corrections_context(**more: Any) -> dict[str, Any]:
    return {"proposals": proposed_corrections(viewer()), "reasons": REASONS, "form": DecideForm(formdata=None), **more}


@bp.post("/corrections/<int:correction_id>")
@permit(Permission.OPEN_BREACHES, Permission.CONCLUDE)
def decide(correction_id: int) -> ResponseReturnValue:
    """Approve or decline a proposal; approved, the open duties are cancelled."""
    visible = {row.id: row for row in proposed_corrections(viewer())}
    correction, form = or_404(visible.get(correction_id)), DecideForm()
    if not form.validate():
        return invalid("ledger/corrections.html", **_corrections_context(form=form, decided=correction_id))
    approve = "approve" in request.form
    try:
        with commit():
            actions.decide_correction(
                correction,
                approve=approve,
                reason=form.reason.data or "",
                version=form.version.data or 0,
                by=viewer(),
                at=clock.now(),
            )
    except Refused as refused:
        _told(form, refused)
        return page("ledger/corrections.html", status=409, **_corrections_context(form=form, decided=correction_id))
    words = _("The breach is cancelled with its open duties.") if approve else _("Declined; the breach stays.")
    return done(words, url_for(".corrections"))


@bp.get("/people/<int:person_id>")
@permit(Permission.SIGNED_IN)
def handover(person_id: int) -> ResponseReturnValue:
    """What waits for one person, for who stands in or comes after them."""
    today = clock.today()
    person = or_404(person_by_id(person_id) if queries.may_read_handover(person_id, viewer(), today) else None)
    found = queries.handover_of(person_id, viewer(), today, clock.local_now())
    return page(
        "ledger/handover.html", fragment="ledger/_handover.html", person=person, handover=found, words=HANDED_OVER,
        explanation_words=EXPLANATION_WORDS, today=today,
    )  # fmt: skip


def _told(form: PortalForm, refused: Refused) -> None:
    form.form_errors.append(sentence(refused))
    form.op_id.data = str(uuid.uuid4())

"""The term of a case on pages: why this date, and what lawfully moves it.

It stands above the cases because it shows the date a letter of apology promises, and because a pause recorded late may
take the lateness of a breach away.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from portal import clock
from portal.accountability.apologies.queries import of_case as letters_of_case
from portal.accountability.breaches import bulk as breaches
from portal.accountability.breaches.models import Breach
from portal.accountability.breaches.queries import BreachQuery
from portal.accountability.ledger.forms import DecideForm
from portal.accountability.ledger.messages import PROPOSAL_STATES
from portal.accountability.ledger.proposal_queries import ProposalQuery
from portal.accountability.ledger.proposing import may_propose
from portal.calendars.queries import (
    calendar_for_terms,
    calendar_of_version,
    current_version_id,
    printing_calendars,
)
from portal.cases import actions
from portal.cases.actions import ExtensionDraft, PauseDraft
from portal.cases.forms import ExtensionForm, PauseEndForm, PauseForm, TakeBackForm
from portal.cases.freshness import Freshness
from portal.cases.labels import data_line
from portal.cases.lines import line_of
from portal.cases.messages import DIFFERENCES, KINDS, REASONS, UNITS
from portal.cases.models import Case, CaseExtension, Pause
from portal.cases.moving import asked_again, is_contained
from portal.cases.name_queries import source_name
from portal.cases.narrowing import now_at
from portal.cases.pause_queries import pause_history, pauses_of, standing_extension, standing_extensions, standing_pause
from portal.cases.queries import CaseQuery, CaseRow
from portal.cases.telling import why_computed, why_ruling
from portal.cases.terms import term_on
from portal.database import commit
from portal.deadlines import PauseKind, TermUnit
from portal.guard import Permission, permit, viewer
from portal.policy.queries import term_policies
from portal.refusal import Refused
from portal.web.forms import PortalForm
from portal.web.respond import done, invalid, or_404, page
from portal.web.words import sentence

bp = Blueprint("terms", __name__, url_prefix="/cases")
PAUSE, EXTENSION = "pause-", "extension-"
"""How an entry is named in a form."""


@bp.get("/<int:case_id>/term")
@permit(Permission.READ_CASES)
def show(case_id: int) -> ResponseReturnValue:
    """Why this date? For every role that may see the case; prints as an annex."""
    return page("terms/show.html", **context_of(row_of(case_id)))


@bp.get("/<int:case_id>/term/<int:breach_id>")
@permit(Permission.READ_CASES)
def of_breach(case_id: int, breach_id: int) -> ResponseReturnValue:
    """The same for a breach, by the calendar as it was when the breach was frozen."""
    breach = or_404(BreachQuery.visible_to(viewer()).of_case(case_id).get(breach_id))
    return page("terms/show.html", **context_of(row_of(case_id), breach=breach))


def row_of(case_id: int) -> CaseRow:
    """A case that the viewer may see; 404 for any other."""
    return or_404(CaseQuery.visible_to(viewer()).get(case_id))


def context_of(row: CaseRow, breach: Breach | None = None, **more: Any) -> dict[str, Any]:
    """Everything the page of a term shows; forms given keep what was typed."""
    case, now = row.case, now_at(clock.local_now())
    pauses, extensions = pauses_of(case.id), standing_extensions([case.id])
    version = breach.calendar_version_id if breach else current_version_id()
    calendar = calendar_of_version(version) if breach else calendar_for_terms()
    term = term_on(case.procedure_id, case.received_at.date())
    policy = term_policies()(case.received_at.date())
    computed = why_computed(case, term, pauses, extensions, calendar, policy, now.at) if term else None
    records = viewer().may(Permission.RECORD_PAUSES) and actions.may_record(case, viewer())
    proposals = ProposalQuery.visible_to(viewer()).of_case(case.id).newest()
    forms: dict[str, Any] = {
        "pause_form": PauseForm(formdata=None),
        "end_form": PauseEndForm(formdata=None),
        "extension_form": ExtensionForm(formdata=None),
        "back_form": TakeBackForm(formdata=None),
        "decide_form": DecideForm(formdata=None, version=max((one.version for one in proposals[:1]), default=0)),
        **more,
    }
    _offer(forms["end_form"].pause, [one for one in pauses if one.ended_at is None], ())
    _offer(forms["back_form"].entry, pauses, extensions)
    return {
        "row": row,
        "case": case,
        "line": line_of(row, now, viewer()),
        "now": now.at,
        "breach": breach,
        "pauses": pauses,
        "again": asked_again(case, pauses),
        "contained": {one.id for one in pauses if case.due_at is not None and is_contained(one, case.due_at)},
        "history": [one for one in pause_history(case.id) if one.id not in {each.id for each in pauses}],
        "extensions": extensions,
        "ruling": why_ruling(case, pauses, extensions, calendar, now.at, printing_calendars()(case.received_at)),
        "term": term,
        "policy": policy,
        "computed": computed,
        "difference": _difference(case, computed.due) if computed else None,
        "letters": [one for one in letters_of_case(case.id) if one.new_date],
        "version": version,
        "records": records,
        "proposes": may_propose(case, viewer()),
        "proposals": proposals,
        "proposal_words": PROPOSAL_STATES,
        "hides": viewer().masks_applicant,
        "kind_words": KINDS,
        "unit_words": UNITS,
        "reason_words": REASONS,
        "difference_words": DIFFERENCES,
        "data_as_of": data_line([Freshness(source_name(case.source_id), case.data_as_of)]),
        **forms,
    }


def _difference(case: Case, computed: datetime | None) -> str | None:
    """How the ruling day stands to our own count of it; None where nothing can be compared, "" where they agree."""
    if case.ruling_due_at is None or computed is None:
        return None
    if case.ruling_due_at.date() == computed.date():
        return ""
    return "too_short" if case.ruling_due_at < computed else "too_long"


@bp.post("/<int:case_id>/pauses")
@permit(Permission.RECORD_PAUSES)
def record_pause(case_id: int) -> ResponseReturnValue:
    """Record a pause, open or over."""
    row, form = row_of(case_id), PauseForm()
    if not form.validate():
        return invalid("terms/show.html", **context_of(row, pause_form=form))
    work = work_of(lambda at: actions.record_pause(row.case, draft_of(form), by=viewer(), at=at))
    return answer(case_id, form, "pause_form", work, _("The pause is recorded; the term follows it."))


def draft_of(form: PauseForm) -> PauseDraft:
    """The pause that a valid form says."""
    return PauseDraft(
        kind=PauseKind(form.kind.data),
        started_at=form.started.moment,
        ended_at=form.ended.moment,
        document=form.document.data or "",
        document_on=form.document_on.data,
        reason=form.reason.data or "",
        in_printed=form.in_printed.data,
    )


@bp.post("/<int:case_id>/pauses/end")
@permit(Permission.RECORD_PAUSES)
def end_pause(case_id: int) -> ResponseReturnValue:
    """Record the end of a pause that stands open."""
    row, form = row_of(case_id), PauseEndForm()
    _offer(form.pause, [one for one in pauses_of(case_id) if one.ended_at is None], ())
    if not form.validate():
        return invalid("terms/show.html", **context_of(row, end_form=form))
    pause = or_404(standing_pause(case_id, int(form.pause.data.removeprefix(PAUSE))))
    ended, document = form.stopped.moment, form.stop_document.data or ""
    work = work_of(lambda at: actions.end_pause(row.case, pause, ended, document, by=viewer(), at=at))
    return answer(case_id, form, "end_form", work, _("The end of the pause is recorded; the term runs on."))


@bp.post("/<int:case_id>/extensions")
@permit(Permission.RECORD_PAUSES)
def record_extension(case_id: int) -> ResponseReturnValue:
    """Record a lawful extension."""
    row, form = row_of(case_id), ExtensionForm()
    if not form.validate():
        return invalid("terms/show.html", **context_of(row, extension_form=form))
    draft = ExtensionDraft(
        amount=form.amount.data,
        unit=TermUnit(form.unit.data),
        document=form.decision.data,
        document_on=form.decided_on.data,
        reason=form.grounds.data or "",
        in_printed=form.is_printed.data,
    )
    work = work_of(lambda at: actions.record_extension(row.case, draft, by=viewer(), at=at))
    return answer(case_id, form, "extension_form", work, _("The extension is recorded; the term follows it."))


@bp.post("/<int:case_id>/term/take-back")
@permit(Permission.RECORD_PAUSES)
def take_back(case_id: int) -> ResponseReturnValue:
    """Take a pause or an extension back that was recorded wrongly."""
    row, form = row_of(case_id), TakeBackForm()
    _offer(form.entry, pauses_of(case_id), standing_extensions([case_id]))
    if not form.validate():
        return invalid("terms/show.html", **context_of(row, back_form=form))
    entry, why = form.entry.data, form.why.data
    if entry.startswith(PAUSE):
        pause = or_404(standing_pause(case_id, int(entry.removeprefix(PAUSE))))
        work = work_of(lambda at: actions.take_back_pause(row.case, pause, why, by=viewer(), at=at))
    else:
        extension = or_404(standing_extension(case_id, int(entry.removeprefix(EXTENSION))))
        work = work_of(lambda at: actions.take_back_extension(row.case, extension, why, by=viewer(), at=at))
    return answer(case_id, form, "back_form", work, _("It is taken back; its row stays in the history."))


def _offer(field: SelectField, pauses: Sequence[Pause], extensions: Sequence[CaseExtension]) -> None:
    """What can be ended or taken back, as a reader knows it."""
    choices = [
        (f"{PAUSE}{one.id}", f"{KINDS[PauseKind(one.kind)]}, {one.started_at:%d/%m/%Y}, {one.document or '–'}")
        for one in pauses
    ]
    choices += [
        (f"{EXTENSION}{one.id}", f"{one.amount} {UNITS[TermUnit(one.unit)]}, {one.document}") for one in extensions
    ]
    field.choices = [SelectChoice(*choice) for choice in choices]


def work_of(action: Callable[[datetime], object]) -> Callable[[], None]:
    """The action, and what it means for a breach, in one transaction."""

    def work() -> None:
        at = clock.now()
        with commit():
            action(at)
            breaches.propose_cancellations(clock.end_of(clock.today()), at)

    return work


def answer(case_id: int, form: PortalForm, name: str, work: Callable[[], None], words: str) -> ResponseReturnValue:
    """Do it, and show the page again: with the refusal and what was typed, or with what is recorded."""
    try:
        work()
    except Refused as refused:
        form.form_errors.append(sentence(refused))
        form.op_id.data = str(uuid.uuid4())
        return page("terms/show.html", status=409, **context_of(row_of(case_id), **{name: form}))
    return done(words, url_for("terms.show", case_id=case_id))

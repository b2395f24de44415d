"""Technical incidents on pages: the list, declaring one, one with its cases, what the IT authority decides."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import clock
from portal.accountability.incidents import actions, queries
from portal.accountability.incidents.actions import Draft
from portal.accountability.incidents.forms import CodesForm, DecisionForm, IncidentForm, ReasonForm
from portal.accountability.incidents.messages import OVERLAPS, STATES, TONES
from portal.accountability.incidents.models import Incident
from portal.accountability.incidents.queries import IncidentQuery
from portal.accountability.incidents.rules import LINKING, Action, State, allows, typed_codes
from portal.audit.queries import events_of
from portal.calendars.queries import current_calendar
from portal.cases.queries import CaseQuery
from portal.database import commit
from portal.directory.queries import load_tree, units_in_force
from portal.directory.rules import Line
from portal.guard import Permission, permit, viewer
from portal.refusal import Refused
from portal.sources.queries import source_names
from portal.web.forms import PortalForm
from portal.web.respond import done, invalid, or_404, page
from portal.web.words import sentence

bp = Blueprint("incidents", __name__, url_prefix="/incidents")
WAITING = (State.PROPOSED, State.DECLARED)
MINE = (State.PROPOSED.value, State.DECLARED.value)
"""The lists the home page leads to: suspected by the portal, and waiting for the IT authority."""


@bp.get("")
@permit(Permission.READ_INCIDENTS)
def index() -> ResponseReturnValue:
    """The incidents I may see: what waits for somebody first, then the newest."""
    me, show = viewer(), request.args.get("show", "")
    found = IncidentQuery.visible_to(me)
    if show in MINE:
        mine = found.confirmable_by(me) if show == State.DECLARED else found.declarable_by(me)
        waiting, decided = list(mine.in_states(show).newest()), []
    else:
        show, waiting = "", list(found.in_states(*WAITING).newest())
        decided = list(found.in_states(*(state for state in State if state not in WAITING)).newest())
    counts = queries.standing_links([row.id for row in (*waiting, *decided)])
    return page("incidents/index.html", waiting=waiting, decided=decided, counts=counts, show=show, **_words())


def _words() -> dict[str, Any]:
    return {"state_words": STATES, "tones": TONES, "overlap_words": OVERLAPS}


@bp.get("/new")
@permit(Permission.DECLARE_INCIDENTS)
def new() -> ResponseReturnValue:
    """Declare an incident."""
    return page("incidents/new.html", form=_offering(IncidentForm(formdata=None)))


def _offering(form: IncidentForm) -> IncidentForm:
    me = viewer()
    units = [unit for unit in units_in_force(clock.today()) if me.sees_all or unit.id in me.own_reach]
    form.offer([(unit.id, unit.name) for unit in units], list(source_names().items()))
    return form


@bp.post("")
@permit(Permission.DECLARE_INCIDENTS)
def create() -> ResponseReturnValue:
    """Declare an incident; then its cases are linked."""
    form = _offering(IncidentForm())
    if not form.validate():
        return invalid("incidents/new.html", form=form)
    try:
        with commit():
            made = actions.declare(_draft(form), by=viewer(), at=clock.now(), now=clock.local_now()).id
    except Refused as refused:
        return page("incidents/new.html", status=409, form=_told(form, refused))
    return done(_("Declared. The IT authority sees it now; link the cases it touched."), _show_url(made))


def _draft(form: IncidentForm) -> Draft:
    return Draft(
        unit_id=form.unit_id.data,
        source_id=form.source_id.data or None,
        system=form.system.data or "",
        description=form.description.data or "",
        started_at=form.started_at.data,
        ended_at=form.ended_at.data,
        told=form.told.data or "",
    )


def _show_url(incident_id: int) -> str:
    return url_for("incidents.show", incident_id=incident_id)


@bp.get("/<int:incident_id>")
@permit(Permission.READ_INCIDENTS)
def show(incident_id: int) -> ResponseReturnValue:
    """One incident: what failed, which cases it touched and how, what was decided."""
    return page("incidents/show.html", **_context(_visible(incident_id)))


def _visible(incident_id: int) -> Incident:
    return or_404(IncidentQuery.visible_to(viewer()).get(incident_id))


def _declarable(incident_id: int) -> Incident:
    return or_404(IncidentQuery.visible_to(viewer()).declarable_by(viewer()).get(incident_id))


def _confirmable(incident_id: int) -> Incident:
    return or_404(IncidentQuery.visible_to(viewer()).confirmable_by(viewer()).get(incident_id))


def _context(incident: Incident, **forms: Any) -> dict[str, Any]:
    me = viewer()
    declares = me.may(Permission.DECLARE_INCIDENTS) and (me.sees_all or incident.unit_id in me.own_reach)
    decides = me.may(Permission.CONFIRM_INCIDENTS) and incident.unit_id in me.it_units
    links = declares and incident.state in LINKING
    return {
        "incident": incident,
        "lines": queries.lines_of(incident, clock.local_now(), current_calendar()),
        "total": queries.standing_links([incident.id]).get(incident.id, 0),
        "missed": queries.count_missed_in(incident, _units_of(incident)) if links else 0,
        "decisions": queries.decisions_of(incident.id),
        "events": events_of("incident", incident.id),
        "declares": declares,
        "decides": decides,
        "links": links,
        "may": {action.value: allows(incident.state, action) for action in Action},
        "own": me.person_id is not None and me.person_id == incident.declared_by,
        "declare_form": _filled(incident) if declares and incident.state == State.PROPOSED else None,
        "decision_form": DecisionForm(
            formdata=None, started_at=incident.started_at, ended_at=incident.ended_at, version=incident.version
        ),
        "reason_form": ReasonForm(formdata=None, version=incident.version),
        "codes_form": CodesForm(formdata=None),
        **_words(),
        **forms,
    }


def _filled(incident: Incident) -> IncidentForm:
    form = IncidentForm(formdata=None, obj=incident)
    return _offering(form)


def _units_of(incident: Incident) -> frozenset[int] | None:
    """The unit of an incident with what reports to it, as far as the viewer reads there."""
    below = load_tree(clock.today(), with_ended=True).reach(Line.REPORTS_IN, incident.unit_id)
    return below if viewer().sees_all else below & viewer().own_reach


@bp.post("/<int:incident_id>/declare")
@permit(Permission.DECLARE_INCIDENTS)
def declare(incident_id: int) -> ResponseReturnValue:
    """Declare what the portal suspected."""
    incident, form = _declarable(incident_id), _offering(IncidentForm())
    if not form.validate():
        return invalid("incidents/show.html", **_context(incident, declare_form=form))
    try:
        with commit():
            actions.declare_proposed(
                incident,
                _draft(form),
                version=_version(form),
                by=viewer(),
                at=clock.now(),
                now=clock.local_now(),
            )
    except Refused as refused:
        return _again(incident_id, refused, declare_form=form)
    return done(_("Declared. The IT authority sees it now."), _show_url(incident_id))


@bp.post("/<int:incident_id>/confirm")
@permit(Permission.CONFIRM_INCIDENTS)
def confirm(incident_id: int) -> ResponseReturnValue:
    """The IT authority confirms the interval."""
    incident, form = _confirmable(incident_id), DecisionForm()
    if not form.validate() or form.started_at.data is None or form.ended_at.data is None:
        form.form_errors.append(_("Give both moments between which the system failed."))
        return invalid("incidents/show.html", **_context(incident, decision_form=form))
    return _decided(
        incident_id,
        _("Confirmed. Heads see it when they conclude, and the evaluation counts it."),
        lambda: actions.confirm(
            incident,
            form.started_at.data,
            form.ended_at.data,
            form.reason.data or "",
            form.document.data or "",
            version=_version(form),
            by=viewer(),
            at=clock.now(),
            now=clock.local_now(),
        ),
        decision_form=form,
    )


@bp.post("/<int:incident_id>/refuse")
@permit(Permission.CONFIRM_INCIDENTS)
def refuse(incident_id: int) -> ResponseReturnValue:
    """The IT authority finds that the system did not fail."""
    incident, form = _confirmable(incident_id), DecisionForm()
    if not form.validate():
        return invalid("incidents/show.html", **_context(incident, decision_form=form))
    return _decided(
        incident_id,
        _("Recorded as not confirmed."),
        lambda: actions.refuse(
            incident,
            form.reason.data or "",
            form.document.data or "",
            version=_version(form),
            by=viewer(),
            at=clock.now(),
        ),
        decision_form=form,
    )


@bp.post("/<int:incident_id>/dismiss")
@permit(Permission.DECLARE_INCIDENTS)
def dismiss(incident_id: int) -> ResponseReturnValue:
    """An unusual number was no incident."""
    return _with_reason(incident_id, actions.dismiss, _("Noted as looked into: no incident."))


@bp.post("/<int:incident_id>/withdraw")
@permit(Permission.DECLARE_INCIDENTS)
def withdraw(incident_id: int) -> ResponseReturnValue:
    """Take a declaration back."""
    return _with_reason(incident_id, actions.withdraw, _("The declaration is withdrawn; it stays on the record."))


def _with_reason(incident_id: int, action: Callable[..., None], said: str) -> ResponseReturnValue:
    incident, form = _declarable(incident_id), ReasonForm()
    if not form.validate():
        return invalid("incidents/show.html", **_context(incident, reason_form=form))
    return _decided(
        incident_id,
        said,
        lambda: action(incident, form.reason.data or "", version=_version(form), by=viewer(), at=clock.now()),
        reason_form=form,
    )


def _decided(incident_id: int, said: str, act: Callable[[], None], **forms: PortalForm) -> ResponseReturnValue:
    try:
        with commit():
            act()
    except Refused as refused:
        return _again(incident_id, refused, **forms)
    return done(said, _show_url(incident_id))


def _again(incident_id: int, refused: Refused, **forms: PortalForm) -> ResponseReturnValue:
    """The page once more with what was typed and why it was refused."""
    told = {name: _told(form, refused) for name, form in forms.items()}
    return page("incidents/show.html", status=409, **_context(_visible(incident_id), **told))


@bp.post("/<int:incident_id>/link-missed")
@permit(Permission.DECLARE_INCIDENTS)
def link_missed(incident_id: int) -> ResponseReturnValue:
    """Link every breach that lay open while the incident lasted."""
    incident = _declarable(incident_id)
    units = _units_of(incident)
    with commit():
        linked = actions.link_missed(incident, units, by=viewer(), at=clock.now())
    return done(_linked(linked), _show_url(incident_id))


def _linked(count: int) -> str:
    return ngettext("%(num)s case linked.", "%(num)s cases linked.", count)


@bp.post("/<int:incident_id>/link-codes")
@permit(Permission.DECLARE_INCIDENTS)
def link_codes(incident_id: int) -> ResponseReturnValue:
    """Link cases by their codes; says how many codes name no case one may read."""
    incident, form = _declarable(incident_id), CodesForm()
    codes = typed_codes(form.codes.data or "")
    if not form.validate():
        return invalid("incidents/show.html", **_context(incident, codes_form=form))
    visible = CaseQuery.visible_to(viewer()).ids()
    try:
        with commit():
            linked = actions.link_codes(incident, codes, visible, by=viewer(), at=clock.now())
    except Refused as refused:
        return _again(incident_id, refused, codes_form=form)
    said = _linked(linked)
    if linked < len(codes):
        said += " " + _(
            "%(count)s of the codes were linked already or name no case you may read.", count=len(codes) - linked
        )
    return done(said, _show_url(incident_id))


@bp.post("/<int:incident_id>/links/<int:link_id>/remove")
@permit(Permission.DECLARE_INCIDENTS)
def unlink(incident_id: int, link_id: int) -> ResponseReturnValue:
    """Take a wrongly linked case off."""
    incident, form = _declarable(incident_id), ReasonForm()
    link = or_404(queries.link_of(incident.id, link_id))
    if not form.validate():
        return invalid("incidents/show.html", **_context(incident, reason_form=form))
    return _decided(
        incident_id,
        _("The case is taken off the incident."),
        lambda: actions.unlink(incident, link, form.reason.data or "", by=viewer(), at=clock.now()),
        reason_form=form,
    )


def _version(form: Any) -> int:
    text = form.version.data or ""
    return int(text) if str(text).isdigit() else 0


def _told(form: Any, refused: Refused) -> Any:
    form.form_errors.append(sentence(refused))
    form.op_id.data = str(uuid.uuid4())
    return form

"""Duties that wait for another holder, on one page, for heads and the monitoring office; and those of one person."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, ngettext

from portal import clock
from portal.accountability.explanations.messages import STATES as EXPLANATION_STATES
from portal.accountability.incidents.messages import QUESTION_STATES
from portal.accountability.transfers import actions, queries
from portal.accountability.transfers.forms import HandOverForm
from portal.accountability.transfers.messages import KINDS, WHERE
from portal.accountability.transfers.queries import Duty
from portal.accountability.transfers.rules import Kind
from portal.accountability.violations.messages import STATES as VIOLATION_STATES
from portal.database import commit
from portal.directory.models import Person
from portal.directory.queries import load_tree, person_by_id
from portal.guard import Permission, permit, viewer
from portal.refusal import Refused
from portal.web.respond import done, invalid, or_404, page
from portal.web.words import sentence

bp = Blueprint("transfers", __name__, url_prefix="/handovers")
PAGES: Mapping[Kind, tuple[str, str]] = {
    Kind.EXPLANATION: ("explanations.show", "explanation_id"),
    Kind.FOR_UNIT: ("explanations.show", "explanation_id"),
    Kind.SUPPLEMENT: ("explanations.supplement", "supplement_id"),
    Kind.LETTER: ("apologies.show", "apology_id"),
    Kind.VIOLATION: ("violations.show", "violation_id"),
    Kind.QUESTION: ("questions.show", "question_id"),
}
"""Where a duty of each kind is done."""


@bp.get("")
@permit(Permission.HAND_OVER_DUTIES)
def index() -> ResponseReturnValue:
    """What waits for another holder; with ``person``: everything one person holds by name."""
    return page("transfers/index.html", **_context(_person()))


@bp.post("")
@permit(Permission.HAND_OVER_DUTIES)
def hand_over() -> ResponseReturnValue:
    """Give the ticked duties to the person named."""
    person = _person()
    context = _context(person, HandOverForm())
    form: HandOverForm = context["form"]
    if not form.validate():
        return invalid("transfers/index.html", **context)
    shown = {(duty.kind, duty.id) for duty in context["duties"]}
    chosen = [duty for duty in _ticked() if duty in shown]
    try:
        with commit():
            count = actions.hand_over(
                chosen, form.to.data, form.reason.data or "", by=viewer(), at=clock.now(), today=clock.today()
            )
    except Refused as refused:
        form.form_errors.append(sentence(refused))
        form.op_id.data = str(uuid.uuid4())
        return page("transfers/index.html", status=409, **_context(person, form))
    words = ngettext("%(num)s duty handed over.", "%(num)s duties handed over.", count)
    return done(words, url_for(".index", person=person.id if person else None))


def _person() -> Person | None:
    """The person asked for, or 404."""
    wanted = request.args.get("person", type=int)
    return None if wanted is None else or_404(person_by_id(wanted))


def _ticked() -> list[tuple[Kind, int]]:
    """What was ticked: kind and number; anything else is nothing."""
    pairs = (mark.partition("-") for mark in request.form.getlist("duty"))
    return [(Kind(kind), int(ident)) for kind, _dash, ident in pairs if kind in list(Kind) and ident.isdecimal()]


def _context(person: Person | None, form: HandOverForm | None = None) -> dict[str, Any]:
    who, today = viewer(), clock.today()
    tree = load_tree(today, with_ended=True)
    if person is None:
        duties = queries.waiting_for_another(who, today, tree)
    else:
        duties = queries.held_by(person.id, who, today, tree)
    form = form or HandOverForm(formdata=None)
    form.offer(queries.who_might_take(duties, who, today, tree))
    ticked = set(_ticked()) if request.method == "POST" else {(one.kind, one.id) for one in duties if one.waits}
    return {
        "person": person,
        "duties": duties,
        "ticked": ticked,
        "form": form,
        "kind_words": KINDS,
        "where_words": WHERE,
        "state_of": _state_of,
        "url_of": _url_of,
        "today": today,
    }


def _state_of(duty: Duty) -> str | None:
    """The word of its state where that of the tag does not do."""
    words: Mapping[str, LazyString] = {
        Kind.LETTER: {}, Kind.VIOLATION: VIOLATION_STATES, Kind.QUESTION: QUESTION_STATES,
    }.get(duty.kind, EXPLANATION_STATES)  # fmt: skip
    return str(words[duty.state]) if duty.state in words else None


def _url_of(duty: Duty) -> str:
    """The page of the duty itself."""
    endpoint, argument = PAGES[duty.kind]
    values: dict[str, Any] = {argument: duty.id}
    return url_for(endpoint, **values)

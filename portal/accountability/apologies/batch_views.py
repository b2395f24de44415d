"""One step for many letters of a list, and many letters in one file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, ngettext

from portal import clock
from portal.accountability.apologies import actions, batches, issuing, sending
from portal.accountability.apologies.batches import MOST
from portal.accountability.apologies.forms import (
    BatchDraftForm,
    BatchNumberForm,
    BatchSendForm,
    BatchSignForm,
)
from portal.accountability.apologies.messages import BATCHES
from portal.accountability.apologies.models import Apology
from portal.accountability.apologies.queries import ApologyQuery, Desk
from portal.accountability.apologies.rules import Action, Channel
from portal.accountability.apologies.views import given, new_date_of
from portal.database import commit
from portal.documents.serving import document_mark, file_store, send_bytes
from portal.guard import Permission, permit, viewer
from portal.policy.queries import causes_in_force
from portal.web.forms import PortalForm
from portal.web.respond import done, invalid, or_404, page
from portal.web.words import sentence

bp = Blueprint("apology_batches", __name__, url_prefix="/apologies/batch")
STEPS = {
    "hand-in": (Action.HAND_IN, BatchDraftForm, Desk.TO_DRAFT),
    "sign": (Action.SIGN, BatchSignForm, Desk.TO_SIGN),
    "number": (Action.NUMBER, BatchNumberForm, Desk.TO_NUMBER),
    "send": (Action.SEND, BatchSendForm, Desk.TO_SEND),
}


@bp.get("/print")
@permit(Permission.READ_LETTERS)
def printed() -> ResponseReturnValue:
    """The letters that were ticked, in one PDF."""
    letters = batches.chosen(viewer(), _idents())
    data = batches.printed(letters, file_store(), mark=document_mark(), on=clock.today())
    return send_bytes(or_404(data or None), f"Thư xin lỗi {clock.today():%Y-%m-%d} ({len(letters)}).pdf")


@bp.get("/<any('hand-in', sign, number, send):step>")
@permit(Permission.DRAFT_LETTERS, Permission.SIGN_LETTERS, Permission.NUMBER_LETTERS)
def show(step: str) -> ResponseReturnValue:
    """The letters that were ticked, with what is asked once for all of them."""
    return page("apologies/batch.html", **_context(step, _form(step)))


@bp.post("/<any('hand-in', sign, number, send):step>")
@permit(Permission.DRAFT_LETTERS, Permission.SIGN_LETTERS, Permission.NUMBER_LETTERS)
def act(step: str) -> ResponseReturnValue:
    """Take the step for each; what a rule refuses stays on the page with its reason and with all that was typed."""
    form = _form(step, typed=True)
    if request.form.get("propose") and isinstance(form, BatchDraftForm):
        chosen = next((one for one in causes_in_force(clock.today()) if one.id == form.cause.data), None)
        form.cause_text.data = chosen.citizen_text if chosen else form.cause_text.data
        return page("apologies/batch.html", **_context(step, form))
    if not form.validate():
        return invalid("apologies/batch.html", **_context(step, form))
    letters = [(letter.id, letter.case.code) for letter in batches.chosen(viewer(), _idents())]
    outcome = batches.each(letters, _actor(step, form))
    said = ngettext("Done for %(num)s letter.", "Done for %(num)s letters.", outcome.done)
    if not outcome.refused:
        return done(said, url_for("apologies.index", desk=STEPS[step][2]))
    reasons = {ident: sentence(refused) for ident, _code, refused in outcome.refused}
    return page("apologies/batch.html", status=409, **_context(step, form, reasons=reasons, said=said))


def _idents() -> list[int]:
    return request.values.getlist("id", type=int)


def _form(step: str, *, typed: bool = False) -> PortalForm:
    kind = STEPS[step][1]
    form: PortalForm = kind() if typed else kind(formdata=None, **_filled(step))
    if isinstance(form, BatchDraftForm):
        form.offer(causes_in_force(clock.today()), english=str(get_locale()) == "en")
    return form


def _filled(step: str) -> dict[str, Any]:
    known: dict[str, dict[str, Any]] = {
        "number": {"issued_on": clock.today()}, "send": {"sent_at": clock.local_now()},
    }  # fmt: skip
    return known.get(step, {})


def _actor(step: str, form: PortalForm) -> Callable[[int], None]:
    """What is done with one letter: the row is read anew, and the version that was on the screen must still hold."""
    work: dict[str, Callable[[Apology, PortalForm, int], None]] = {
        "hand-in": _hand_in, "sign": _sign, "number": _number, "send": _send,
    }  # fmt: skip

    def once(ident: int) -> None:
        letter = or_404(ApologyQuery.visible_to(viewer()).get(ident))
        work[step](letter, form, request.form.get(f"version-{ident}", 0, type=int))

    return once


def _hand_in(letter: Apology, form: PortalForm, version: int) -> None:
    addressee = request.form.get(f"addressee-{letter.id}", "")
    draft = actions.Draft(
        addressee=addressee,
        cause_id=form["cause"].data or None,
        cause_text=form["cause_text"].data or "",
        new_date=new_date_of(form) if isinstance(form, BatchDraftForm) else None,
    )
    with commit():
        actions.hand_in(letter, draft, version=version, by=viewer(), at=clock.now(), on=clock.today())


def _sign(letter: Apology, form: PortalForm, version: int) -> None:
    issuing.sign(
        letter, file_store(), mark=document_mark(), version=version, by=viewer(), at=clock.now(), on=clock.today()
    )


def _number(letter: Apology, form: PortalForm, version: int) -> None:
    issuing.number(
        letter, None, file_store(), issued_on=form["issued_on"].data, version=version, by=viewer(), at=clock.now(),
        on=clock.today(),
    )  # fmt: skip


def _send(letter: Apology, form: PortalForm, version: int) -> None:
    proof = f"{form['proof'].data} {request.form.get(f'item-{letter.id}', '')}".strip()
    upload = form["file"].data
    file = given(upload) if upload else None
    with commit():
        sending.send(
            letter, Channel(form["channel"].data), form["sent_at"].data, proof, file, version=version, by=viewer(),
            at=clock.now(), now=clock.local_now(),
        )  # fmt: skip


def _context(step: str, form: PortalForm, reasons: dict[int, str] | None = None, said: str = "") -> dict[str, Any]:
    action, _kind, desk = STEPS[step]
    letters: Sequence[Apology] = batches.chosen(viewer(), _idents())
    if reasons:
        letters = [letter for letter in letters if letter.id in reasons]
    may, not_now = batches.ready(letters, action, by=viewer(), on=clock.today())
    return {
        "step": step, "form": form, "letters": may, "left_out": not_now, "reasons": reasons or {}, "said": said,
        "desk": desk, "words": BATCHES[step], "most": MOST, "typed": request.form,
    }  # fmt: skip

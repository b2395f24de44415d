"""The decider's pages: the queue, and every decision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import clock
from portal.accountability.explanations import queries
from portal.accountability.explanations.actions import deciding
from portal.accountability.explanations.forms import BulkForm, ConcludeForm, ReturnForm
from portal.accountability.explanations.messages import CLASSES, CONCLUSIONS, SHORT_CONCLUSIONS, said
from portal.accountability.explanations.models import Explanation
from portal.accountability.explanations.queries import ExplanationQuery
from portal.accountability.explanations.rules import bulk_conclusion
from portal.accountability.explanations.views.basis import DECIDES, SHOWN, Basis, ages, bp, find
from portal.accountability.explanations.views.deciding_forms import offered_shares, reassign_form
from portal.accountability.explanations.views.page import renew, shown_of, step
from portal.database import commit
from portal.guard import Permission, permit, viewer
from portal.refusal import Refused
from portal.web.carrying import carries_text
from portal.web.respond import done, page

WAITING = ("submitted", "objected", "redirected", "unanswered")
PARTS = (*WAITING, "bulk", "today")


@bp.get("/queue")
@permit(Permission.CONCLUDE)
def queue() -> ResponseReturnValue:
    """What waits for my decision: a list, and one of them open beside it."""
    return page("explanations/queue.html", fragment="explanations/_queue.html", **_queue_context())


@bp.post("/<int:explanation_id>/conclude")
@permit(*DECIDES)
@carries_text
def conclude(explanation_id: int) -> ResponseReturnValue:
    """Conclude on class and blame."""
    explanation = find(explanation_id)
    form = offered_shares(ConcludeForm(), explanation, clock.today())

    def act() -> None:
        cause_class, blame = form.chosen
        with commit():
            deciding.conclude(
                explanation,
                cause_class,
                blame,
                form.reason.data or "",
                version=form.version.data or 0,
                by=viewer(),
                at=clock.now(),
                today=clock.today(),
                confirmation=form.confirmation.data or "",
                letter=form.letter.data or "",
                step=form.step.data or "",
                shares=form.said_of_others(),
            )

    words = _("Concluded: %(code)s.", code=explanation.case.code)
    return step(explanation, form, "conclude_form", act, words, in_queue=True)


@bp.post("/<int:explanation_id>/return")
@permit(*DECIDES)
@carries_text
def send_back(explanation_id: int) -> ResponseReturnValue:
    """Return with a comment."""
    explanation, form = find(explanation_id), ReturnForm()

    def act() -> None:
        with commit():
            deciding.return_for_rework(
                explanation,
                form.comment.data or "",
                version=form.version.data or 0,
                by=viewer(),
                at=clock.now(),
                today=clock.today(),
            )

    return step(explanation, form, "return_form", act, _("Returned to the officer."), in_queue=True)


@bp.post("/<int:explanation_id>/reassign")
@permit(*DECIDES)
@carries_text
def reassign(explanation_id: int) -> ResponseReturnValue:
    """Answer "not mine": give it to another person, or keep the holder."""
    explanation, form = find(explanation_id), reassign_form(explanation_id)
    keeps = "keep" in request.form

    def act() -> None:
        reason = form.reason.data or ""
        with commit():
            if keeps:
                deciding.keep_holder(explanation, reason, by=viewer(), at=clock.now(), today=clock.today())
            else:
                deciding.reassign(
                    explanation, form.holder.data, reason, by=viewer(), at=clock.now(), today=clock.today()
                )

    words = _("The holder stays; the term starts anew.") if keeps else _("Reassigned; a new term runs.")
    return step(explanation, form, "reassign_form", act, words, in_queue=True)


@bp.post("/queue/conclude")
@permit(Permission.CONCLUDE)
def conclude_many() -> ResponseReturnValue:
    """Conclude several with the class each officer himself stated."""
    form = BulkForm()
    found = ((ExplanationQuery.visible_to(viewer()).get(ident), version) for ident, version in form.pairs())
    chosen = [(explanation, version) for explanation, version in found if explanation is not None]
    try:
        with commit():
            count = deciding.conclude_many(chosen, by=viewer(), at=clock.now(), today=clock.today())
    except Refused as refused:
        form.form_errors.append(said(refused))
        renew(form)
        return page("explanations/queue.html", status=409, **_queue_context("bulk", bulk_form=form))
    words = ngettext("%(num)s explanation concluded.", "%(num)s explanations concluded.", count)
    return done(words, url_for(".queue"))


def _queue_context(part: str = "", **more: Any) -> dict[str, Any]:
    """The list of one part of the queue, and the explanation that is open beside it."""
    basis = Basis.read()
    found = queries.queue_of(viewer(), basis.today, basis.deciders)
    in_bulk = [row for row in found.submitted if bulk_conclusion(row.cause.default_class if row.cause else None)]
    lists: dict[str, Sequence[Explanation]] = {name: getattr(found, name) for name in WAITING}
    part = part or request.args.get("part", "")
    part = part if part in PARTS else next((name for name in WAITING if lists[name]), WAITING[0])
    today = queries.concluded_today(viewer(), basis.today) if part == "today" else ()
    lists |= {"bulk": in_bulk, "today": today}
    rows, wanted = lists[part], request.args.get("id", type=int)
    place = next((index for index, row in enumerate(rows) if row.id == wanted), 0)
    settled = max(request.args.get("settled", 0, type=int), 0)
    context: dict[str, Any] = {
        "part": part,
        "counts": {name: len(lists[name]) for name in PARTS},
        "rows": rows[:SHOWN],
        "place": place,
        "settled": settled,
        "counter": (settled + place + 1, settled + len(rows)),
        "following": rows[place + 1].id if place + 1 < len(rows) else None,
        "class_words": CLASSES,
        "age": ages(basis.today, basis.calendar),
        "bulk_form": BulkForm(formdata=None),
        "stated": lambda row: bulk_conclusion(row.cause.default_class if row.cause else None),
        "conclusion_words": CONCLUSIONS,
        "short_words": SHORT_CONCLUSIONS,
    }
    if rows and part not in ("bulk", "today"):
        context |= shown_of(rows[place], basis)
    return context | more

"""One reason for many: "not mine" and "already done" said of several cases of the list; each keeps its own record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from portal import clock
from portal.accountability.explanations import evidence, queries
from portal.accountability.explanations.actions import writing
from portal.accountability.explanations.evidence import Files
from portal.accountability.explanations.forms import SeveralDoneForm, SeveralNotMineForm
from portal.accountability.explanations.messages import SEVERAL
from portal.accountability.explanations.models import Attachment, Explanation
from portal.accountability.explanations.queries import ExplanationQuery
from portal.accountability.explanations.rules import WRITABLE
from portal.accountability.explanations.views.basis import WRITES, bp, find
from portal.accountability.explanations.views.page import renew
from portal.cases.filters import number_from
from portal.database import commit
from portal.directory.queries import load_tree
from portal.documents.serving import keep_upload
from portal.guard import permit, viewer
from portal.refusal import Refused
from portal.web.respond import done, invalid, page
from portal.web.words import sentence

MOST = 100
"""So many cases are settled at a time; what was ticked beyond them follows on the next page, the text kept."""
Form = SeveralNotMineForm | SeveralDoneForm


@bp.post("/several/<any('not-mine', 'already-done'):step>")
@permit(*WRITES)
def several(step: str) -> ResponseReturnValue:
    """Say it of each ticked case; what a rule refuses stays on the page with its reason and with all that was typed.

    The list asks with ``show``: it sends the ticks and gets the page where the reason is typed. What is ticked beyond
    ``MOST`` comes with the page (``later``) and follows once the first ones are settled, the files with it (``along``).
    """
    form = _form(step)
    ticked, later = _chosen(form), _ids("later")
    rows, later = ticked[:MOST], [*(row.id for row in ticked[MOST:]), *later]
    if request.form.get("show"):
        return page("explanations/several.html", **_context(step, form, rows, later))
    if not form.validate():
        return invalid("explanations/several.html", **_context(step, form, rows, later))
    try:
        files = _kept(form)
    except Refused as refused:
        form.form_errors.append(sentence(refused))
        return page("explanations/several.html", status=409, **_context(step, form, rows, later))
    act = _not_mine(form) if isinstance(form, SeveralNotMineForm) else _already_done(form, files)
    settled, reasons = list[int](), dict[int, str]()
    for ident in [row.id for row in rows]:
        try:
            with commit():
                act(find(ident))
            settled.append(ident)
        except Refused as refused:
            reasons[ident] = sentence(refused)
    said = ngettext("Said of %(num)s case.", "Said of %(num)s cases.", len(settled))
    along = evidence.to_go_along(settled[0], files, viewer()) if settled else _along()
    lost = {content.sha256 for _name, content in files} - {row.sha256 for row in along}
    told = {"said": said, "reasons": reasons, "along": along, "files_again": bool(lost)}
    if reasons:
        context = _context(step, form, _mine().among(reasons), later)
        return page("explanations/several.html", status=409, **context | told)
    following = _mine().among(later)
    if not following:
        return done(said, url_for(".mine"))
    renew(form)
    context = _context(step, form, following[:MOST], [row.id for row in following[MOST:]])
    return page("explanations/several.html", **context | told)


def _form(step: str) -> Form:
    form = SeveralNotMineForm() if step == "not-mine" else SeveralDoneForm()
    if isinstance(form, SeveralNotMineForm):
        rows, tree = _chosen(form), load_tree(clock.today(), with_ended=True)
        people = queries.colleagues_of(rows[0].unit_id, clock.today(), tree) if rows else []
        form.offer([person for person in people if person[0] != viewer().person_id])
    return form


def _chosen(form: Form) -> Sequence[Explanation]:
    """Those of the ticked cases that the viewer must answer now, the first due first."""
    return _mine().among(form.ids())


def _mine() -> ExplanationQuery:
    return ExplanationQuery.visible_to(viewer()).held_by(*viewer().person_ids).in_states(*WRITABLE)


def _ids(name: str) -> list[int]:
    """The numbers a field of the request holds; what is no number is left out."""
    return [ident for said in request.form.getlist(name) if (ident := number_from(said)) is not None]


def _kept(form: Form) -> Files:
    """The evidence of a form, checked and stored once for all cases, with what went along from the page before."""
    if isinstance(form, SeveralNotMineForm):
        return ()
    uploads = [upload for upload in form.files.data or [] if upload and upload.filename]
    chosen = [(checked.name, content) for checked, content in map(keep_upload, uploads)]
    files = {content.sha256: (name, content) for name, content in (*evidence.contents_of(_along()), *chosen)}
    return list(files.values())


def _along() -> Sequence[Attachment]:
    return evidence.went_along(_ids("along"), viewer())


def _not_mine(form: SeveralNotMineForm) -> Callable[[Explanation], None]:
    def act(explanation: Explanation) -> None:
        writing.say_not_mine(
            explanation, named_id=form.named.data or None, step=form.step.data or "", reason=form.reason.data or "",
            by=viewer(), at=clock.now(),
        )  # fmt: skip

    return act


def _already_done(form: SeveralDoneForm, files: Files) -> Callable[[Explanation], None]:
    def act(explanation: Explanation) -> None:
        by, at = viewer(), clock.now()
        for name, content in files:
            writing.attach(explanation, content, name, by=by, at=at)
        own = request.form.get(f"note-{explanation.id}", "").strip()
        note = "\n".join(part for part in ((form.note.data or "").strip(), own) if part)
        version = request.form.get(f"version-{explanation.id}", 0, type=int)
        writing.say_already_done(explanation, note, version=version, by=by, at=at, today=clock.today())

    return act


def _context(step: str, form: Form, rows: Sequence[Explanation], later: Sequence[int]) -> dict[str, Any]:
    return {
        "step": step, "form": form, "rows": rows, "later": later, "reasons": {}, "said": "", "words": SEVERAL[step],
        "typed": request.form, "most": MOST, "along": _along(),
    }  # fmt: skip

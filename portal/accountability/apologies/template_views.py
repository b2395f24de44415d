"""A unit's own Word files for letters on pages: what is in use, what a file lacks, and the sample made with it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.accountability.apologies import queries, templates
from portal.accountability.apologies.forms import ActivateForm, TemplateForm, VersionForm
from portal.accountability.apologies.messages import TEMPLATE_KINDS
from portal.accountability.apologies.models import LetterTemplate
from portal.database import commit
from portal.directory.queries import load_tree
from portal.documents import office
from portal.documents.filling import FIELDS, Found, filled, placeholders
from portal.documents.rules import LARGEST_FILE, MEDIA_TYPES
from portal.documents.serving import file_store, send_bytes, send_stored
from portal.documents.template_checks import check_template
from portal.guard import Permission, permit, viewer
from portal.policy.rules import FormKind
from portal.refusal import Refused
from portal.web.forms import PortalForm
from portal.web.operations import repeatable
from portal.web.respond import done, invalid, or_404, page
from portal.web.words import sentence

bp = Blueprint("apology_templates", __name__, url_prefix="/apologies/templates")
KEEPS = (Permission.SIGN_LETTERS, Permission.MANAGE_SETTINGS)


@bp.get("")
@permit(*KEEPS)
def index() -> ResponseReturnValue:
    """The forms of the units the viewer keeps them for."""
    return page("apologies/templates.html", **_list())


@bp.post("")
@permit(*KEEPS)
def upload() -> ResponseReturnValue:
    """Check and keep a Word file; nothing uses it yet."""
    form = _upload_form(filled_in=True)
    if not form.validate():
        return invalid("apologies/templates.html", **_list(form))
    try:
        data = form.word.data.stream.read(LARGEST_FILE + 1)
        name = check_template(data, form.word.data.filename or "")
        content = file_store().put(data, MEDIA_TYPES["docx"])
        with commit():
            template = templates.upload(
                form.unit.data, FormKind(form.kind.data), name, content, by=viewer(), at=clock.now()
            )
            ident = template.id
    except Refused as refused:
        form.form_errors.append(sentence(refused))
        return page("apologies/templates.html", status=409, **_list(form))
    return done(_("The form is kept. Try it with the sample letter."), url_for(".show", template_id=ident))


@bp.get("/<int:template_id>")
@permit(*KEEPS)
def show(template_id: int) -> ResponseReturnValue:
    """One form: its placeholders, its sample, its use."""
    return page("apologies/template.html", **_one(_find(template_id)))


@bp.get("/<int:template_id>/file")
@permit(*KEEPS)
def file(template_id: int) -> ResponseReturnValue:
    """The Word file as it was uploaded."""
    template = _find(template_id)
    return send_stored(template.sha256, template.file_name)


@bp.post("/<int:template_id>/sample/<any(docx, pdf):kind>")
@permit(*KEEPS)
@repeatable
def sample(template_id: int, kind: str) -> ResponseReturnValue:
    """The sample letter made with this form; that it was tried is noted."""
    template, store = _find(template_id), file_store()
    data = filled(store.read(template.sha256), templates.sample(template, clock.today()))
    try:
        data = office.to_pdf(data) if kind == "pdf" else data
        with commit():
            templates.tried(template, by=viewer(), at=clock.now())
    except Refused as refused:
        return page("apologies/template.html", status=409, **_one(_find(template_id), said=sentence(refused)))
    return send_bytes(data, f"Bản thử mẫu thư {template_id}.{kind}")


@bp.post("/<int:template_id>/activate")
@permit(*KEEPS)
def activate(template_id: int) -> ResponseReturnValue:
    """Use the form from a day on."""
    template, form = _find(template_id), ActivateForm()
    if not form.validate():
        return invalid("apologies/template.html", **_one(template, form=form))
    found = _placeholders(template)
    try:
        with commit():
            templates.activate(
                template, found, form.valid_from.data, version=form.version.data, by=viewer(), at=clock.now(),
                on=clock.today(),
            )  # fmt: skip
    except Refused as refused:
        form.form_errors.append(sentence(refused))
        return page("apologies/template.html", status=409, **_one(_find(template_id), form=form))
    return done(_("The form is used from that day on."), url_for(".show", template_id=template_id))


@bp.post("/<int:template_id>/withdraw")
@permit(*KEEPS)
def withdraw(template_id: int) -> ResponseReturnValue:
    """Use the form no longer."""
    template, form = _find(template_id), VersionForm()
    if not form.validate():
        return invalid("apologies/template.html", **_one(template))
    try:
        with commit():
            templates.withdraw(template, version=form.version.data, by=viewer(), at=clock.now(), on=clock.today())
    except Refused as refused:
        return page("apologies/template.html", status=409, **_one(_find(template_id), said=sentence(refused)))
    return done(_("The form is used no longer; letters made with it stay as they are."), url_for(".index"))


def _find(template_id: int) -> LetterTemplate:
    found = queries.templates_of(sorted(templates.kept_by(viewer())))
    return or_404(next((row for row in found if row.id == template_id), None))


def _placeholders(template: LetterTemplate) -> Found:
    return placeholders(file_store().read(template.sha256), promises=template.kind == FormKind.REAPPOINTMENT)


def _upload_form(*, filled_in: bool = False) -> TemplateForm:
    form = TemplateForm() if filled_in else TemplateForm(formdata=None)
    kept, tree = templates.kept_by(viewer()), load_tree(clock.today())
    units = sorted((node for node in tree.nodes.values() if node.id in kept), key=lambda node: node.name)
    form.unit.choices = [(node.id, node.name) for node in units]
    return form


def _list(form: TemplateForm | None = None) -> dict[str, Any]:
    rows = queries.templates_of(sorted(templates.kept_by(viewer())))
    return {
        "rows": rows, "form": form or _upload_form(), "kinds": TEMPLATE_KINDS, "fields": FIELDS, "today": clock.today(),
    }  # fmt: skip


def _one(template: LetterTemplate, form: PortalForm | None = None, said: str = "") -> dict[str, Any]:
    version, today = template.version, clock.today()
    if form is not None and "version" in form:
        form.version.data = form.version.raw_data = None
        form.version.data = version
    return {
        "own": template, "found": _placeholders(template), "fields": FIELDS, "kinds": TEMPLATE_KINDS,
        "form": form or ActivateForm(formdata=None, version=version, valid_from=today), "today": today, "said": said,
        "plain": VersionForm(formdata=None, version=version), "has_office": office.program() is not None,
    }  # fmt: skip

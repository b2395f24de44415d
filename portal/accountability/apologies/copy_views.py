"""The signed letter on its page: scans and signed PDFs come in, the seal is put on, and every copy goes out again."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import clock
from portal.accountability.apologies import copies, mailing, queries, sending
from portal.accountability.apologies.forms import ProofForm, ScanForm, SignedForm, VersionForm
from portal.accountability.apologies.models import Apology
from portal.accountability.apologies.views import context_of, find, given
from portal.database import commit
from portal.documents.serving import file_store, seals, send_stored, trusted_roots
from portal.guard import Permission, permit, viewer
from portal.refusal import Refused
from portal.web.forms import PortalForm
from portal.web.respond import done, invalid, or_404, page
from portal.web.words import sentence

bp = Blueprint("apology_copies", __name__, url_prefix="/apologies/<int:apology_id>/copies")
BRINGS = (Permission.NUMBER_LETTERS, Permission.SIGN_LETTERS)


@bp.post("/scan")
@permit(*BRINGS)
def scan(apology_id: int) -> ResponseReturnValue:
    """Keep the scan of the letter that was signed on paper."""
    apology, form = find(apology_id), ScanForm()

    def act() -> str:
        copies.keep_scan(apology, given(form.scan.data), by=viewer(), at=clock.now(), on=clock.today())
        return _("The scan is kept.")

    return _step(apology, form, "scan_form", act)


@bp.post("/signed")
@permit(*BRINGS)
def signed(apology_id: int) -> ResponseReturnValue:
    """Prove and keep the PDF that came back signed."""
    apology, form = find(apology_id), SignedForm()

    def act() -> str:
        brought, now = given(form.signed.data), clock.now()
        store = file_store()
        found = copies.take_back(
            apology, brought, store, roots=trusted_roots(), by=viewer(), at=now, on=clock.today()
        )  # fmt: skip
        names = ", ".join(one.signer for one in found)
        return ngettext(
            "Signature of %(names)s proved.", "%(num)s signatures proved: %(names)s.", len(found), names=names
        )

    return _step(apology, form, "signed_form", act)


@bp.post("/seal")
@permit(*BRINGS)
def seal(apology_id: int) -> ResponseReturnValue:
    """Put the seal of the unit on the letter."""
    apology, form = find(apology_id), VersionForm()

    def act() -> str:
        copies.put_seal(
            apology, file_store(), seals(), roots=trusted_roots(), by=viewer(), at=clock.now(), now=clock.local_now()
        )
        return _("Sealed.")

    return _step(apology, form, "seal_form", act)


@bp.post("/mail")
@permit(*BRINGS)
def mail(apology_id: int) -> ResponseReturnValue:
    """Put the signed letter into the outbox, to the address the officer recorded."""
    apology, form = find(apology_id), VersionForm()

    def act() -> str:
        mailing.queue(
            apology, file_store(), version=form.version.data or 0, by=viewer(), at=clock.now(), on=clock.today()
        )
        return _("In the outbox; it counts as sent when the mail server took it.")

    return _step(apology, form, "mail_form", act)


@bp.post("/proof")
@permit(*BRINGS)
def proof(apology_id: int) -> ResponseReturnValue:
    """Keep a further proof of the sending."""
    apology, form = find(apology_id), ProofForm()

    def act() -> str:
        file = given(form.proof_file.data)
        with commit():
            sending.add_proof(apology, file, by=viewer(), at=clock.now(), on=clock.today())
        return _("The proof is kept.")

    return _step(apology, form, "proof_form", act)


@bp.get("/proofs/<int:proof_id>")
@permit(Permission.READ_LETTERS)
def proved(apology_id: int, proof_id: int) -> Response:
    """A proof of the sending as it was brought."""
    found = or_404(sending.proof_of(find(apology_id), proof_id))
    return send_stored(found.sha256, found.file_name)


@bp.get("/<int:copy_id>")
@permit(Permission.READ_LETTERS)
def show(apology_id: int, copy_id: int) -> Response:
    """A signed copy: the very bytes that were kept."""
    apology = find(apology_id)
    copy = or_404(queries.copy_of(apology, copy_id))
    return send_stored(copy.sha256, copy.file_name)


def _step(apology: Apology, form: PortalForm, name: str, act: Callable[[], str]) -> ResponseReturnValue:
    if not form.validate():
        return invalid("apologies/show.html", **context_of(apology, **{name: form}))
    try:
        said = act()
    except Refused as refused:
        form.form_errors.append(sentence(refused))
        return page("apologies/show.html", status=409, **context_of(find(apology.id), **{name: form}))
    return done(said, url_for("apologies.show", apology_id=apology.id))

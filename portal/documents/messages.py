"""How the file store and the registers say no."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

REFUSALS: Mapping[str, LazyString] = {
    "documents.empty_file": _l("The file %(name)s is empty. Nothing was kept."),
    "documents.too_large": _l("The file %(name)s is larger than %(most)s MiB. Nothing was kept."),
    "documents.type_not_allowed": _l("The file %(name)s is of a kind the portal does not keep. Allowed: %(allowed)s."),
    "documents.not_what_it_says": _l(
        "The file %(name)s is damaged or is not a real .%(ending)s file. Nothing was kept."
    ),
    "documents.has_macros": _l("The file %(name)s contains macros. Save it without macros and send it again."),
    "documents.too_many_members": _l("The file %(name)s holds more than %(most)s parts. Nothing was kept."),
    "documents.inflates_too_much": _l("The file %(name)s unpacks to far more than its size. Nothing was kept."),
    "documents.not_the_issued_file": _l(
        "This file does not continue the PDF that was issued here: another letter, or a program that wrote the whole "
        "file anew. Download the issued PDF, sign that very file, and let the program add the signature to it. "
        "Nothing was kept."
    ),
    "documents.not_signed": _l("The file carries no signature. Nothing was kept."),
    "documents.too_much_added": _l(
        "More than %(most)s MiB were added to the issued PDF; a signature is far smaller. Nothing was kept."
    ),
    "documents.signature_unreadable": _l("What was added to the issued PDF cannot be read. Nothing was kept."),
    "documents.signature_broken": _l(
        "The signature of %(signer)s does not fit the file: one of both was changed. Nothing was kept."
    ),
    "documents.changed_after_signature": _l("The file was changed after %(signer)s had signed it. Nothing was kept."),
    "documents.changed_beside_signature": _l(
        "Besides the signature the file has other changes against the issued PDF. Only signatures may be added. "
        "Nothing was kept."
    ),
    "documents.signature_covers_page": _l(
        "The picture of the signature hides a large part of the page. Make it smaller and sign the issued PDF again. "
        "Nothing was kept."
    ),
    "documents.certificate_expired": _l(
        "The certificate of %(signer)s is valid from %(first)s to %(last)s only. Nothing was kept."
    ),
    "documents.certificate_not_trusted": _l(
        "The certificate of %(signer)s was issued by %(issuer)s, whom this portal does not trust, or it does not lead "
        "back to a trusted authority. Nothing was kept."
    ),
    "documents.template_kind": _l("The file %(name)s is no .docx file. Nothing was kept."),
    "documents.template_embeds": _l(
        "The file %(name)s has other files or objects inside it. Remove them and upload it again. Nothing was kept."
    ),
    "documents.template_hides": _l("The file %(name)s has a part that Word itself never writes. Nothing was kept."),
    "documents.template_fetches": _l(
        "The file %(name)s fetches something from outside (a picture, a template, an object). Put the picture into the "
        "file itself and upload it again. Nothing was kept."
    ),
    "documents.template_runs": _l(
        "The file %(name)s has a field that runs or fetches something (DDE, INCLUDETEXT, MACROBUTTON and the like). "
        "Remove it and upload the file again. Nothing was kept."
    ),
    "documents.no_office": _l("This server has no LibreOffice; save the Word file as PDF and upload that."),
    "documents.office_failed": _l(
        "LibreOffice could not make a PDF of this Word file. Save it as PDF in Word and upload that."
    ),
    "documents.no_seal": _l("This server keeps no seal for the unit %(unit)s."),
    "documents.seal_expired": _l("The certificate of the seal of %(unit)s is not valid today (valid until %(last)s)."),
    "documents.seal_unreadable": _l(
        "The seal of %(unit)s cannot be opened: its file or its password is missing or wrong. The administrator of the "
        "server must look at it."
    ),
    "documents.seal_open_to_others": _l(
        "The files of the seal of %(unit)s can be read by other users of the server, so the seal is not used. The "
        "administrator of the server must close them (mode 0600)."
    ),
    "documents.bad_number": _l("%(number)s is no possible document number."),
    "documents.number_taken": _l(
        "Number %(number)s of %(year)s was given before. The next free number of the register is %(next)s."
    ),
    "documents.number_not_reached": _l(
        "Number %(number)s of %(year)s was not reached by the register yet; there is nothing to explain."
    ),
    "documents.number_not_in_use": _l("Number %(number)s of %(year)s is not in use."),
    "documents.reason_missing": _l("Write the reason; a number is not cancelled without one."),
}

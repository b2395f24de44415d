"""Signing and numbering with their files: drawn and stored before the transaction, as slow work is."""

from __future__ import annotations

import io
import unicodedata
from contextlib import suppress
from datetime import date, datetime

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from portal.accountability.apologies import actions, letters, queries
from portal.accountability.apologies.models import Apology, LetterTemplate
from portal.accountability.apologies.rules import REGISTER_FORM, Form
from portal.database import commit, db
from portal.documents import office
from portal.documents import queries as registers
from portal.documents import rules as documents
from portal.documents.docx import letter_docx
from portal.documents.filling import filled
from portal.documents.letter import Letter
from portal.documents.pdf import letter_pdf
from portal.documents.store import Content, FileStore
from portal.guard import Viewer
from portal.policy.rules import FormKind
from portal.refusal import Refused

TRIES = 8
DRAW = {"pdf": letter_pdf, "docx": letter_docx}


def sign(apology: Apology, store: FileStore, *, mark: str, version: int, by: Viewer, at: datetime, on: date) -> None:
    """Draw the letter, keep the PDF, sign it: what is signed is stored. ``mark``: the foot line of a demonstration."""
    signed = letters.for_signing(apology, on, queries.seats_on(on, by), mark=mark)
    pdf = store.put(letter_pdf(signed.letter), documents.MEDIA_TYPES["pdf"])
    with commit():
        actions.sign(apology, signed, pdf, version=version, by=by, at=at, on=on)


def number(
    apology: Apology,
    typed: int | None,
    store: FileStore,
    *,
    issued_on: date,
    version: int,
    by: Viewer,
    at: datetime,
    on: date,
) -> int:
    """Number the letter with ``typed``, or with the next number of the register; gives the number.

    The number stands on the letter, so it is proposed, drawn into the files, and then taken under lock; when another
    clerk was quicker the next one is proposed.
    """
    template = own_form(apology, issued_on)
    for _ in range(TRIES):
        # a typed 0 is refused below: taken for "nothing typed", it would draw a number nobody asked for
        wanted = registers.next_number(apology.unit_id, REGISTER_FORM, issued_on.year) if typed is None else typed
        if apology.content is None or not documents.is_possible_number(wanted):
            raise (
                Refused("apologies.not_now")
                if apology.content is None
                else Refused("documents.bad_number", number=wanted)
            )
        files = keep_files(letters.issued(apology, wanted, issued_on), store, template)
        try:
            with commit():
                actions.number(
                    apology,
                    wanted,
                    files,
                    issued_on=issued_on,
                    drawn=typed is None,
                    version=version,
                    by=by,
                    at=at,
                    on=on,
                )
        except Refused as refused:
            if typed is not None or refused.code != "documents.number_taken":
                raise
        else:
            return wanted
    raise Refused("changed_meanwhile")


def own_form(apology: Apology, on: date) -> LetterTemplate | None:
    """The unit's own Word file for this letter on a day, None where it takes the standard layout."""
    kind = FormKind.SHORT if apology.form == Form.APOLOGY_SHORT else FormKind.REAPPOINTMENT
    return queries.template_in_force(apology.unit_id, kind, on)


def keep_files(letter: Letter, store: FileStore, template: LetterTemplate | None = None) -> actions.Files:
    """Draw a letter in both formats and keep them; from the unit's own Word file where it has one.

    Its PDF is made by LibreOffice; where that is not installed or fails, somebody saves it from Word and brings it.
    """
    if template is not None:
        word = filled(store.read(template.sha256), letter)
        docx = store.put(word, documents.MEDIA_TYPES["docx"])
        return actions.Files(_own_pdf(word, store), docx, template.id)
    pdf = store.put(letter_pdf(letter), documents.MEDIA_TYPES["pdf"])
    return actions.Files(pdf, store.put(letter_docx(letter), documents.MEDIA_TYPES["docx"]))


def _own_pdf(word: bytes, store: FileStore) -> Content | None:
    if office.program() is None:
        return None
    with suppress(Refused):
        return store.put(office.to_pdf(word), documents.MEDIA_TYPES["pdf"])
    return None


def bring_pdf(
    apology: Apology, pdf: Content, store: FileStore, *, version: int, by: Viewer, at: datetime, on: date
) -> None:
    """Take in the PDF that was saved from the numbered Word file, after reading that it is this very letter."""
    missing = missing_in(store.read(pdf.sha256), apology)
    with commit():
        actions.bring_pdf(apology, pdf, missing, version=version, by=by, at=at, on=on)


def missing_in(pdf: bytes, apology: Apology) -> list[str]:
    """What stands on the letter and is not read in a PDF: number, case, addressee, signer; blanks do not count."""
    try:
        text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    except (PyPdfError, ValueError, KeyError, TypeError, RecursionError):
        text = ""
    read = _bare(text)
    signed = letters.Signed.from_json(apology.content).letter.signer_name if apology.content else ""
    wanted = (apology.number_text or "", apology.case.code, apology.addressee, signed)
    return [words for words in wanted if _bare(words) not in read]


def _bare(text: str) -> str:
    return "".join(unicodedata.normalize("NFC", text).split())


def file_of(apology: Apology, kind: str, store: FileStore, *, mark: str, on: date) -> bytes | None:
    """The letter as a file (``pdf`` or ``docx``): the very bytes that were signed or issued, else drawn now.

    None where no letter is due. A file that is missing in the store, as in a database restored without its files, is
    drawn again from the words that were signed.
    """
    if kind == "pdf" and apology.template_id is not None and apology.file_sha256 is None:
        return None
    stored = apology.docx_sha256 if kind == "docx" else apology.file_sha256 or apology.signed_sha256
    if stored is not None and store.has(stored):
        return store.read(stored)
    letter = letters.present(apology, on, mark=mark)
    if apology.template_id is not None:
        template = db.session.get(LetterTemplate, apology.template_id)
        return filled(store.read(template.sha256), letter) if kind == "docx" and template and letter else None
    return DRAW[kind](letter) if letter is not None else None

"""Signing and numbering with their files: drawn and stored before the transaction, as slow work is."""

from __future__ import annotations

from datetime import date, datetime

from portal.accountability.apologies import actions, letters, queries
from portal.accountability.apologies.models import Apology
from portal.accountability.apologies.rules import REGISTER_FORM
from portal.database import commit
from portal.documents import queries as registers
from portal.documents import rules as documents
from portal.documents.docx import letter_docx
from portal.documents.letter import Letter
from portal.documents.pdf import letter_pdf
from portal.documents.store import FileStore
from portal.guard import Viewer
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
    for _ in range(TRIES):
        wanted = typed or registers.next_number(apology.unit_id, REGISTER_FORM, issued_on.year)
        if apology.content is None or not documents.is_possible_number(wanted):
            raise (
                Refused("apologies.not_now")
                if apology.content is None
                else Refused("documents.bad_number", number=wanted)
            )
        files = keep_files(letters.issued(apology, wanted, issued_on), store)
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


def keep_files(letter: Letter, store: FileStore) -> actions.Files:
    """Draw a letter in both formats and keep them."""
    pdf = store.put(letter_pdf(letter), documents.MEDIA_TYPES["pdf"])
    return actions.Files(pdf, store.put(letter_docx(letter), documents.MEDIA_TYPES["docx"]))


def file_of(apology: Apology, kind: str, store: FileStore, *, mark: str, on: date) -> bytes | None:
    """The letter as a file (``pdf`` or ``docx``): the very bytes that were signed or issued, else drawn now.

    None where no letter is due. A file that is missing in the store, as in a database restored without its files, is
    drawn again from the words that were signed.
    """
    stored = apology.docx_sha256 if kind == "docx" else apology.file_sha256 or apology.signed_sha256
    if stored is not None and store.has(stored):
        return store.read(stored)
    letter = letters.present(apology, on, mark=mark)
    return DRAW[kind](letter) if letter is not None else None

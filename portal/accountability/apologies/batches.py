"""Many letters at once: the same step for each, one unit of work a letter, and one file to print.

What holds for a single letter holds for each of many; a letter that a rule refuses is left as it was and says why.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from pypdf import PdfReader, PdfWriter
from sqlalchemy.orm import joinedload

from portal.accountability.apologies import issuing, queries
from portal.accountability.apologies.models import Apology
from portal.accountability.apologies.queries import ApologyQuery
from portal.accountability.apologies.rules import Action, actions_for
from portal.cases.models import Case
from portal.database import db
from portal.documents.store import FileStore
from portal.guard import Viewer
from portal.refusal import Refused

MOST = 50
"""So many letters go through one request; it is also a page of the list."""


@dataclass
class Outcome:
    """What came of a batch: how many went through, and which did not and why."""

    done: int = 0
    refused: list[tuple[int, str, Refused]] = field(default_factory=list)


def chosen(by: Viewer, idents: Iterable[int]) -> Sequence[Apology]:
    """The letters of the viewer's scope among ``idents``, at most ``MOST``, the oldest terms first."""
    wanted = list(dict.fromkeys(idents))[:MOST]
    found = ApologyQuery.visible_to(by).where(Apology.id.in_(wanted)).letters()
    case = joinedload(Apology.case)
    return db.session.scalars(found.options(case.joinedload(Case.procedure), joinedload(Apology.signer))).all()


def ready(letters: Sequence[Apology], action: Action, *, by: Viewer, on: date) -> tuple[list[Apology], list[Apology]]:
    """The letters for which the viewer may take this step now, and the others."""
    seats = queries.seats_on(on, by)
    may: list[Apology] = []
    not_now: list[Apology] = []
    for letter in letters:
        standing = queries.standing_of(by, letter, seats)
        fits = action in actions_for(letter.state, standing, handed_in=letter.handed_in)
        (may if fits else not_now).append(letter)
    return may, not_now


def each(letters: Iterable[tuple[int, str]], act: Callable[[int], None]) -> Outcome:
    """Do ``act`` for each letter (id, case code); a refusal of one stops no other."""
    outcome = Outcome()
    for ident, code in letters:
        try:
            act(ident)
        except Refused as refused:
            outcome.refused.append((ident, code, refused))
        else:
            outcome.done += 1
    return outcome


def printed(letters: Sequence[Apology], store: FileStore, *, mark: str, on: date) -> bytes:
    """The letters one after the other in one PDF, each as it stands: signed, issued, or a draft that says so.

    A letter for which none is due (exempt, cancelled) is left out; gives no bytes where none is left.
    """
    copies = _electronic(letters)
    writer = PdfWriter()
    for letter in letters:
        sha256 = copies.get(letter.id)
        data = store.read(sha256) if sha256 else issuing.file_of(letter, "pdf", store, mark=mark, on=on)
        if data is not None:
            writer.append(PdfReader(io.BytesIO(data)), import_outline=False)
    if not writer.pages:
        return b""
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _electronic(letters: Sequence[Apology]) -> Mapping[int, str]:
    """The newest electronically signed file of each letter that has one, in one query."""
    bases = {letter.id: letter.file_sha256 for letter in letters}
    rows = queries.electronic_copies(list(bases))
    return {row.apology_id: row.sha256 for row in rows if row.base_sha256 == bases[row.apology_id]}

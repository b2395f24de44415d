"""Set-based writing: who owns which units, and the words a file wrote."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import case, delete, insert, literal, or_, select, update

from portal.cases.models import Source, SourceUnit
from portal.database import WallTime, db
from portal.sources.models import SourceWord
from portal.sources.rules import LONGEST_WORD, MOST_WORDS, WordKind


def own(source_id: int, unit_ids: Iterable[int]) -> None:
    """Give units to a source; they must be nobody's."""
    rows = [{"unit_id": unit_id, "source_id": source_id} for unit_id in sorted(unit_ids)]
    if rows:
        db.session.execute(insert(SourceUnit), rows)


def disown(unit_ids: Iterable[int]) -> None:
    """Take units from whichever source has them."""
    wanted = sorted(unit_ids)
    if wanted:
        db.session.execute(
            delete(SourceUnit).where(SourceUnit.unit_id.in_(wanted)), execution_options={"synchronize_session": False}
        )


def note_contact(source_id: int, at: datetime, data_as_of: datetime) -> None:
    """Data of the moment ``data_as_of`` came from a source at ``at``; older data leave its newest moment alone."""
    is_newer = or_(Source.data_as_of.is_(None), Source.data_as_of < data_as_of)
    newest = case((is_newer, literal(data_as_of, WallTime())), else_=Source.data_as_of)
    values = {"last_contact_at": at, "data_as_of": newest, "version": Source.version + 1}
    db.session.execute(update(Source).where(Source.id == source_id).values(values))


def set_newest(source_id: int, data_as_of: datetime | None) -> None:
    """The moment of the newest data of a source, where a batch was taken back."""
    values = {"data_as_of": data_as_of, "version": Source.version + 1}
    db.session.execute(update(Source).where(Source.id == source_id).values(values))


def note_words(source_id: int, kind: WordKind, counts: Mapping[str, int], at: datetime) -> None:
    """Keep which texts a file wrote in a column and on how many rows. A column of free text is no list of words."""
    said = {text[:LONGEST_WORD]: rows for text, rows in counts.items() if text}
    found = select(SourceWord).where(SourceWord.source_id == source_id, SourceWord.kind == kind.value)
    known = {word.text: word for word in db.session.scalars(found)}
    if len(said.keys() | known.keys()) > MOST_WORDS:
        said = {text: rows for text, rows in said.items() if text in known}
    new = []
    for text, rows in sorted(said.items()):
        if text in known:
            known[text].row_count, known[text].seen_at = rows, at
        else:
            new.append({"source_id": source_id, "kind": kind.value, "text": text, "row_count": rows, "seen_at": at})
    if new:
        db.session.execute(insert(SourceWord), new)
    db.session.flush()

"""Reading sources: how each is read now and was read before, which units it rules, which words its files wrote."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import ScalarSelect, Select, and_, false, func, select, true

from portal.cases.models import Case, Source, SourceUnit
from portal.database import db
from portal.directory.models import Unit
from portal.guard import Permission, Viewer
from portal.sources.meanings import channel_of, folded, meaning_of
from portal.sources.models import SourceMapping, SourceWord
from portal.sources.rules import NOTHING, Vocabulary, WordKind


def vocabulary_of(row: SourceMapping) -> Vocabulary:
    """A stored version as the value the rules know."""
    return Vocabulary(row.version, row.columns, frozenset(row.headings), row.meanings, row.channels)


def current_mapping(source_id: int) -> Vocabulary | None:
    """How a source is read now; None where nobody has said anything and no file of it was applied."""
    found = select(SourceMapping).where(SourceMapping.source_id == source_id)
    row = db.session.scalars(found.order_by(SourceMapping.version.desc()).limit(1)).first()
    return vocabulary_of(row) if row else None


def versions_of(source_id: int) -> Sequence[SourceMapping]:
    """Every version of the mapping of a source, the newest first."""
    found = select(SourceMapping).where(SourceMapping.source_id == source_id)
    return db.session.scalars(found.order_by(SourceMapping.version.desc())).all()


def layouts_of(source_id: int) -> list[Vocabulary]:
    """The lists a source has sent, each by its headings as they were last mapped; the newest first."""
    return layouts_in(versions_of(source_id))


def layouts_in(versions: Iterable[SourceMapping]) -> list[Vocabulary]:
    """The lists in versions that stand the newest first."""
    found: dict[frozenset[str], Vocabulary] = {}
    for row in versions:
        said = vocabulary_of(row)
        if said.headings:
            found.setdefault(said.headings, said)
    return list(found.values())


def version_of(source_id: int, version: int) -> SourceMapping | None:
    """One version of the mapping of a source."""
    found = select(SourceMapping).where(SourceMapping.source_id == source_id, SourceMapping.version == version)
    return db.session.scalars(found).first()


@dataclass(frozen=True)
class SourceQuery:
    """Sources of case lists. Their names stand on every page; how they are read is for those who answer for it."""

    statement: Select[Any]

    @classmethod
    def visible_to(cls, viewer: Viewer) -> Self:
        """All sources for those who may read them, none for others."""
        return cls(select(Source).where(true() if viewer.may(Permission.READ_SOURCES) else false()))

    @classmethod
    def mapped_by(cls, viewer: Viewer) -> Self:
        """The sources whose words and columns the viewer may explain.

        An administrator: all. A monitoring office: those that rule no unit outside its scope, since what a status
        means counts for all of them.
        """
        if not viewer.may(Permission.MAP_SOURCES):
            return cls(select(Source).where(false()))
        if viewer.may(Permission.MANAGE_SETTINGS) or viewer.sees_all:
            return cls(select(Source))
        foreign = select(SourceUnit.unit_id).where(
            SourceUnit.source_id == Source.id, SourceUnit.unit_id.not_in(sorted(viewer.own_reach))
        )
        return cls(select(Source).where(~foreign.exists()))

    def get(self, source_id: int) -> Source | None:
        """One source."""
        found: Source | None = db.session.scalar(self.statement.where(Source.id == source_id))
        return found

    def lines(self) -> list[SourceLine]:
        """One line a source with what is known of it, by name; three statements, however many sources."""
        rows = db.session.execute(self.statement.add_columns(_owned()).order_by(Source.name)).all()
        current, words = _current(), _words()
        return [
            SourceLine(
                source,
                owned,
                source.data_as_of,
                current.get(source.id),
                unknown_words(words.get(source.id, ()), current.get(source.id)),
            )
            for source, owned in rows
        ]


@dataclass(frozen=True)
class SourceLine:
    """A source on the index: units it rules, its newest data, its mapping, and words nobody has explained."""

    source: Source
    owned: int
    newest: datetime | None
    mapping: Vocabulary | None
    unknown: Sequence[SourceWord]


def _owned() -> ScalarSelect[int]:
    found = select(func.count()).where(SourceUnit.source_id == Source.id)
    return found.correlate(Source).scalar_subquery()


def _current() -> dict[int, Vocabulary]:
    newest = select(SourceMapping.source_id, func.max(SourceMapping.version).label("version"))
    last = newest.group_by(SourceMapping.source_id).subquery()
    same = and_(SourceMapping.source_id == last.c.source_id, SourceMapping.version == last.c.version)
    return {row.source_id: vocabulary_of(row) for row in db.session.scalars(select(SourceMapping).join(last, same))}


def _words() -> dict[int, list[SourceWord]]:
    found: dict[int, list[SourceWord]] = {}
    for word in db.session.scalars(select(SourceWord).order_by(SourceWord.row_count.desc(), SourceWord.text)):
        found.setdefault(word.source_id, []).append(word)
    return found


def words_of(source_id: int, kind: WordKind | None = None) -> Sequence[SourceWord]:
    """What the files of a source wrote, the most frequent first."""
    found = select(SourceWord).where(SourceWord.source_id == source_id)
    if kind is not None:
        found = found.where(SourceWord.kind == kind.value)
    return db.session.scalars(found.order_by(SourceWord.row_count.desc(), SourceWord.text)).all()


def is_known(word: SourceWord, mapping: Vocabulary) -> bool:
    """Whether the portal knows what a word means: the shipped tables or the source's own say so."""
    if word.kind == WordKind.STATUS:
        return meaning_of(word.text, folded(mapping.meanings)) is not None
    return channel_of(word.text, folded(mapping.channels)) != "unknown"


def unknown_words(words: Sequence[SourceWord], mapping: Vocabulary | None) -> list[SourceWord]:
    """The words nobody has explained."""
    return [word for word in words if not is_known(word, mapping or NOTHING)]


def status_counts(source_id: int) -> dict[str, int]:
    """How many cases of a source carry each status as written."""
    found = select(Case.status_text, func.count()).where(Case.source_id == source_id, Case.status_text != "")
    return {row[0]: row[1] for row in db.session.execute(found.group_by(Case.status_text))}


def owners() -> dict[int, int]:
    """Unit to the source that rules its cases."""
    return {row.unit_id: row.source_id for row in db.session.execute(select(SourceUnit.unit_id, SourceUnit.source_id))}


def units_of(source_id: int) -> Sequence[Unit]:
    """The units a source rules, by name."""
    found = select(Unit).join(SourceUnit, SourceUnit.unit_id == Unit.id).where(SourceUnit.source_id == source_id)
    return db.session.scalars(found.order_by(Unit.sort_key)).all()


def source_names() -> dict[int, str]:
    """Names of all sources by id."""
    return {row.id: row.name for row in db.session.execute(select(Source.id, Source.name))}


def is_name_taken(name: str, but: int | None = None) -> bool:
    """Whether another source has this name."""
    found = db.session.scalar(select(Source.id).where(Source.name == name))
    return found is not None and found != but


def unit_codes(unit_ids: Iterable[int]) -> dict[int, str]:
    """Codes of units by id."""
    wanted = sorted(set(unit_ids))
    return {row.id: row.code for row in db.session.execute(select(Unit.id, Unit.code).where(Unit.id.in_(wanted)))}

"""Changing sources: every change of how one is read is a new version; old versions stay as they were."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from portal.audit import actor_label, record
from portal.cases.models import Source
from portal.database import db
from portal.guard import Viewer
from portal.refusal import Refused
from portal.sources import bulk, queries
from portal.sources.events import SourceDescribed, SourceMade, SourceMapped, SourceUnitsSet
from portal.sources.models import SourceMapping
from portal.sources.rules import LONGEST_WORD, NOTHING, SourceKind, Vocabulary, differences
from portal.vietnamese import clean


@dataclass(frozen=True, kw_only=True)
class Description:
    """What people say of a source beside its mapping."""

    name: str
    kind: SourceKind
    label: str = ""
    note: str = ""
    active: bool = True
    supplements_pause: bool = False


def make_source(said: Description, *, by: Viewer, at: datetime) -> Source:
    """Enter a system before its first file comes."""
    if queries.is_name_taken(said.name):
        raise Refused("sources.name_taken", name=said.name)
    source = Source(name=said.name, kind=said.kind.value, label=said.label, note=said.note, meanings={})
    db.session.add(source)
    db.session.flush()
    record(SourceMade(name=said.name, source_kind=said.kind.value), entity_id=source.id, by=by, at=at)
    return source


def describe(source: Source, said: Description, *, by: Viewer, at: datetime) -> None:
    """Say anew what a source is. A source that is put out of use takes no further file."""
    if queries.is_name_taken(said.name, but=source.id):
        raise Refused("sources.name_taken", name=said.name)
    source.name, source.kind, source.label = said.name, said.kind.value, said.label
    source.note, source.active, source.supplements_pause = said.note, said.active, said.supplements_pause
    db.session.flush()
    event = SourceDescribed(
        name=said.name, source_kind=said.kind.value, label=said.label, note=said.note, active=said.active,
        supplements_pause=said.supplements_pause,
    )  # fmt: skip
    record(event, entity_id=source.id, by=by, at=at)


def demand_active(source: Source) -> None:
    """Refuse further files of a source that was put out of use."""
    if not source.active:
        raise Refused("sources.out_of_use", name=source.name)


def set_meanings(source: Source, meanings: Mapping[str, str], reason: str, *, by: Viewer, at: datetime) -> None:
    """Say what statuses mean in this source; counts from the next file on, cases that are in stay as they are."""
    said = queries.current_mapping(source.id) or NOTHING
    _new_version(source, said, replace(said, meanings=_clean(meanings)), reason, by=by, at=at)


def set_channels(source: Source, channels: Mapping[str, str], reason: str, *, by: Viewer, at: datetime) -> None:
    """Say which channel a text of this source means; counts from the next file on."""
    said = queries.current_mapping(source.id) or NOTHING
    _new_version(source, said, replace(said, channels=_clean(channels)), reason, by=by, at=at)


def remember_columns(
    source: Source,
    columns: Mapping[str, str],
    headings: Iterable[str],
    reason: str,
    *,
    by: Viewer | None,
    at: datetime,
    batch_id: int | None = None,
) -> int:
    """Keep which heading holds which fact; gives the version, the present one where nothing is new.

    A source that sends two lists by turns makes no version each time: its layouts are known side by side.
    """
    said = queries.current_mapping(source.id) or NOTHING
    new = replace(said, columns=dict(columns), headings=frozenset(headings))
    known = next((one for one in queries.layouts_of(source.id) if one.headings == new.headings), None)
    if known is not None and known.columns == new.columns:
        return said.version
    return _new_version(source, said, new, reason, by=by, at=at, batch_id=batch_id)


def _clean(words: Mapping[str, str]) -> dict[str, str]:
    return {clean(text)[:LONGEST_WORD]: meant for text, meant in sorted(words.items()) if clean(text)}


def _new_version(
    source: Source,
    old: Vocabulary,
    new: Vocabulary,
    reason: str,
    *,
    by: Viewer | None,
    at: datetime,
    batch_id: int | None = None,
) -> int:
    """Append a version. Of two who do so at once the unique number lets one win."""
    found = differences(old, new)
    if not found and old.headings == new.headings:
        raise Refused("sources.nothing_changed")
    version = old.version + 1
    row = SourceMapping(
        source_id=source.id,
        version=version,
        columns=dict(new.columns),
        headings=sorted(new.headings),
        meanings=dict(new.meanings),
        channels=dict(new.channels),
        author=((by.label or by.name) if by else actor_label())[:200],
        reason=reason,
        made_at=at,
        batch_id=batch_id,
    )
    db.session.add(row)
    db.session.flush()
    event = SourceMapped(name=source.name, version=version, changes=len(found), reason=reason, batch_id=batch_id)
    record(event, entity_id=source.id, by=by, at=at)
    return version


def own_units(source: Source, unit_ids: Iterable[int], *, by: Viewer, at: datetime) -> None:
    """Set which units a source rules. A unit has one owner: a unit ticked here leaves the source that had it."""
    wanted = set(unit_ids)
    owners = queries.owners()
    had = {unit_id for unit_id, source_id in owners.items() if source_id == source.id}
    added, removed = wanted - had, had - wanted
    if not added and not removed:
        raise Refused("sources.nothing_changed")
    codes = queries.unit_codes(added | removed)
    bulk.disown(removed | (added & owners.keys()))
    bulk.own(source.id, added)
    event = SourceUnitsSet(
        name=source.name,
        added=", ".join(sorted(codes[unit_id] for unit_id in added)),
        removed=", ".join(sorted(codes[unit_id] for unit_id in removed)),
        owned=len(wanted),
    )
    record(event, entity_id=source.id, by=by, at=at)

"""Tying written names to units and people: the rows and cases that waited for a name follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from portal.audit import record
from portal.database import db
from portal.guard import Viewer
from portal.imports import bulk, queries, waiting_bulk
from portal.imports.checking import Checked
from portal.imports.events import NameIgnored, NameMapped
from portal.imports.header import key_of
from portal.imports.models import PendingRow, SourceName
from portal.imports.placing import place
from portal.imports.planning import Change, draw_up
from portal.imports.rules import Fact, NameKind, NameState, Remark
from portal.imports.staging import CODES, meet, take_turn, unstage
from portal.imports.waiting import draft_of
from portal.imports.writing import with_made, write_known, write_new
from portal.refusal import Refused


@dataclass(slots=True)
class Mapped:
    """What mapping a name did."""

    cases: int = 0
    still_pending: int = 0
    remarks: list[Remark] = field(default_factory=list)


def map_unit(name: SourceName, unit_id: int, *, by: Viewer, at: datetime, today: date) -> Mapped:
    """Tie a written unit to a unit of the directory and let the rows that waited for it become cases."""
    take_turn()
    _demand_waiting(name, NameKind.UNIT)
    if queries.unit_in_force(unit_id, today) is None:
        raise Refused("imports.unit_not_in_force")
    name.unit_match, name.state = unit_id, NameState.MAPPED.value
    db.session.flush()
    done = Mapped()
    waiting: dict[int, list[PendingRow]] = {}
    for row in queries.pending_of_unit(name.folded):
        waiting.setdefault(row.batch_id, []).append(row)
    for batch_id, rows in sorted(waiting.items()):
        _place_waiting(batch_id, rows, done, at)
    _record_mapped(name, done, by, at)
    return done


def _place_waiting(batch_id: int, rows: Sequence[PendingRow], done: Mapped, at: datetime) -> None:
    """Let the waiting rows of one batch become cases of that batch."""
    first = rows[0]
    drafts, facts = [], set[Fact]()
    for row in rows:
        draft, of_row = draft_of(row.payload)
        drafts.append(draft)
        facts |= of_row
    checked = Checked.of(drafts, first.data_as_of, frozenset(facts))
    placement = place(checked, queries.load_directory(first.data_as_of.date()))
    made = draw_up(checked, placement)
    columns, _ = with_made(placement)
    met = meet(columns)
    write_known(made, checked, placement, met, first.source_id, batch_id, keep=False)
    write_new(met, placement, first.source_id, first.data_as_of, batch_id)
    waiting_bulk.settle_pending(at)
    unstage(CODES)
    waiting_bulk.queue_names(placement.waiting.values(), batch_id, at)
    done.cases += len(placement)
    done.still_pending += len(made.pending)
    done.remarks += made.warnings


def map_officer(name: SourceName, person_id: int, *, by: Viewer, at: datetime) -> Mapped:
    """Tie a written name to a person posted in the unit, and give them the cases that name them."""
    take_turn()
    _demand_waiting(name, NameKind.OFFICER)
    if name.unit_id is None or queries.person_in_unit(person_id, name.unit_id) is None:
        raise Refused("imports.person_not_in_unit")
    name.person_match, name.state = person_id, NameState.MAPPED.value
    db.session.flush()
    cases = queries.cases_without_officer(name.unit_id)
    meant = [case.id for case in cases if key_of(case.officer_name) == name.folded]
    waiting_bulk.assign_officer(meant, person_id)
    # Without a batch: mapping says who was meant all the time; it is no change of officer in the source.
    bulk.write_changes((Change(case_id, "officer_id", None, str(person_id), "mapped") for case_id in meant), None)
    done = Mapped(cases=len(meant))
    _record_mapped(name, done, by, at)
    return done


def _record_mapped(name: SourceName, done: Mapped, by: Viewer, at: datetime) -> None:
    event = NameMapped(
        name_kind=name.kind, name=name.text, unit_id=name.unit_match, person_id=name.person_match, cases=done.cases
    )
    record(event, entity_id=name.id, by=by, at=at)


def ignore_name(name: SourceName, *, by: Viewer, at: datetime) -> None:
    """Put a name aside: it is nobody of the directory. Only officers' names: a case always has a unit."""
    _demand_waiting(name, NameKind.OFFICER)
    name.state = NameState.IGNORED.value
    db.session.flush()
    record(NameIgnored(name_kind=name.kind, name=name.text), entity_id=name.id, by=by, at=at)


def _demand_waiting(name: SourceName, kind: NameKind) -> None:
    if name.kind != kind or name.state != NameState.WAITING:
        raise Refused("imports.name_decided")

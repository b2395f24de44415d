"""Reorganising: units that take over from others, renamed units, officers who move. Dated, recorded, never deleted.

History stays with the unit of its day: no case, breach, letter or past posting is moved by anything here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from portal.audit import record
from portal.database import db
from portal.directory import actions, queries
from portal.directory.events import PersonTransferred, UnitRenamed, UnitSucceeded
from portal.directory.models import Posting, Unit, UnitName, UnitSuccession
from portal.directory.rules import Line, SuccessionKind
from portal.guard import Role, Viewer
from portal.refusal import Refused
from portal.vietnamese import clean

ONE_DAY = actions.ONE_DAY


@dataclass(frozen=True)
class Document:
    """The decision a reorganisation rests on."""

    number: str = ""
    on: date | None = None
    note: str = ""


def succeed(
    former: Sequence[Unit],
    successors: Sequence[Unit],
    kind: SuccessionKind,
    *,
    on: date,
    document: Document,
    keep: Mapping[int, Role],
    by: Viewer | None,
    at: datetime,
) -> list[Posting]:
    """Let units take over from others on a day; gives the postings that ended the day before.

    ``former`` end the day before, unless they only transfer tasks and go on. Units below them come below the first
    successor. ``keep``: posting to the role with which its holder goes on in the first successor from the day on.
    Raises Refused before anything is changed.
    """
    _check_shape(former, successors, kind)
    ending = former if kind is not SuccessionKind.TRANSFER else ()
    _check_days(former, successors, on)
    leaving = queries.postings_from([unit.id for unit in ending], on) if ending else []
    begun_later = next((posting for posting in leaving if posting.valid_from >= on), None)
    if begun_later is not None:
        raise Refused("directory.posting_after_end", person=begun_later.person.full_name, unit=begun_later.unit.name)
    _move_below(ending, successors, on, by, at)
    for unit in ending:
        if unit.valid_to is None or unit.valid_to >= on:
            actions.change_unit(unit, {"valid_to": on - ONE_DAY}, by=by, at=at)
    for posting in leaving:
        actions.change_posting(posting, {"valid_to": on - ONE_DAY}, by=by, at=at)
    _go_on(leaving, successors[0], on, keep, by, at)
    _record_successions(former, successors, kind, on, document, by, at)
    return list(leaving)


def rename_unit(
    unit: Unit, name: str, *, on: date, today: date, document: str, by: Viewer | None, at: datetime
) -> None:
    """Give a unit a new name from a day on, not after today; the former name is kept with its days.

    Raises Refused when the name is the present one, or the day is not after the first day of the present name.
    """
    name = clean(name)
    if name == unit.name:
        raise Refused("directory.same_name")
    if on > today:
        raise Refused("directory.rename_ahead")
    first = named_since(unit)
    if on <= first:
        raise Refused("directory.rename_too_early", first=f"{first:%d/%m/%Y}")
    former = UnitName(
        unit_id=unit.id, name=unit.name, valid_from=first, valid_to=on - ONE_DAY, document=clean(document)
    )
    db.session.add(former)
    actions.name_unit(unit, name)
    event = UnitRenamed(old=former.name, new=name, valid_from=on, document=former.document)
    record(event, entity_id=unit.id, by=by, at=at)


def named_since(unit: Unit) -> date:
    """The first day of the present name of a unit."""
    former = queries.former_names_of(unit.id)
    return former[0].valid_to + ONE_DAY if former else unit.valid_from


def transfer(
    posting: Posting,
    unit: Unit,
    role: Role,
    *,
    on: date,
    reason: str,
    document: str,
    position: str = "",
    is_clerk: bool = False,
    by: Viewer | None,
    at: datetime,
) -> Posting:
    """End a posting the day before and begin another on the day, in one step; gives the new one.

    Cases and duties stay with the person (domain rules, breach and duties). Raises Refused when the posting does not
    hold on the day before, or the person holds the same role there already.
    """
    if posting.valid_to is not None and posting.valid_to < on:
        raise Refused("directory.posting_ended")
    if posting.valid_from >= on:
        raise Refused("directory.transfer_too_early", first=f"{posting.valid_from:%d/%m/%Y}")
    former = posting.unit
    actions.change_posting(posting, {"valid_to": on - ONE_DAY}, by=by, at=at)
    begun = actions.add_posting(
        posting.person, unit, role, position=position, is_clerk=is_clerk, valid_from=on, by=by, at=at
    )
    event = PersonTransferred(
        from_unit=former.code, to_unit=unit.code, valid_from=on, reason=clean(reason), document=clean(document)
    )
    record(event, entity_id=posting.person_id, by=by, at=at)
    return begun


def _check_shape(former: Sequence[Unit], successors: Sequence[Unit], kind: SuccessionKind) -> None:
    fits = {
        SuccessionKind.MERGE: len(successors) == 1,
        SuccessionKind.SPLIT: len(former) == 1 and len(successors) > 1,
        SuccessionKind.RENAME: len(former) == len(successors) == 1,
        SuccessionKind.TRANSFER: True,
    }
    if not former or not successors or not fits[kind]:
        raise Refused("directory.succession_shape", kind=kind)
    both = {unit.id for unit in former} & {unit.id for unit in successors}
    if both:
        raise Refused("directory.succeeds_itself")
    known = select(UnitSuccession.id).where(
        UnitSuccession.from_id.in_([unit.id for unit in former]),
        UnitSuccession.to_id.in_([unit.id for unit in successors]),
    )
    if db.session.scalar(known.limit(1)) is not None:
        raise Refused("directory.succession_known")


def _check_days(former: Sequence[Unit], successors: Sequence[Unit], on: date) -> None:
    for unit in successors:
        if unit.valid_from > on or (unit.valid_to is not None and unit.valid_to < on):
            raise Refused("directory.successor_not_in_force", unit=unit.name)
    late = next((unit for unit in former if unit.valid_from >= on), None)
    if late is not None:
        raise Refused("directory.succession_too_early", unit=late.name, first=f"{late.valid_from:%d/%m/%Y}")


def _move_below(ending: Sequence[Unit], successors: Sequence[Unit], on: date, by: Viewer | None, at: datetime) -> None:
    """Units below the ending ones come below the first successor; a successor among them one step up."""
    gone, coming = {unit.id for unit in ending}, {unit.id for unit in successors}
    if not gone:
        return
    tree = queries.load_tree(on - ONE_DAY, with_ended=True)
    for link in queries.children_on(sorted(gone), on):
        if link.unit_id in gone or link.valid_to is not None:
            continue
        line = Line(link.kind)
        parent: Unit | None = successors[0]
        if link.unit_id in coming:
            above = next((unit for unit in tree.ancestors(line, link.unit_id) if unit not in gone), None)
            parent = queries.unit_by_id(above) if above is not None else None
        actions.set_parent(link.unit, line, parent, from_=on, by=by, at=at)


def _go_on(
    leaving: Sequence[Posting], unit: Unit, on: date, keep: Mapping[int, Role], by: Viewer | None, at: datetime
) -> None:
    """Begin the postings of those who go on; two postings that become the same are one."""
    held = {(posting.person_id, posting.role) for posting in queries.postings_from([unit.id], on)}
    for posting in leaving:
        role = keep.get(posting.id)
        if role is None or (posting.person_id, role) in held:
            continue
        held.add((posting.person_id, role))
        actions.add_posting(
            posting.person, unit, role, position=posting.position, is_clerk=posting.is_clerk, valid_from=on,
            by=by, at=at,
        )  # fmt: skip


def _record_successions(
    former: Sequence[Unit],
    successors: Sequence[Unit],
    kind: SuccessionKind,
    on: date,
    document: Document,
    by: Viewer | None,
    at: datetime,
) -> None:
    number, note = clean(document.number), clean(document.note)
    for old in former:
        for new in successors:
            row = UnitSuccession(
                from_id=old.id, to_id=new.id, kind=kind, from_day=on, document=number, document_on=document.on,
                note=note,
            )  # fmt: skip
            db.session.add(row)
            db.session.flush()
    event = UnitSucceeded(
        succession=kind, former=[unit.code for unit in former], successors=[unit.code for unit in successors],
        valid_from=on, document=number, document_on=document.on,
    )  # fmt: skip
    for unit in (*former, *successors):
        record(event, entity_id=unit.id, by=by, at=at)

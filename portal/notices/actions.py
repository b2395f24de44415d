"""Telling people, reading, and switching off what is no duty; always inside the caller's ``commit()``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from portal.audit import record
from portal.database import db, transition
from portal.guard import Viewer
from portal.notices import bulk, queries
from portal.notices.events import MailTriedAgain
from portal.notices.kinds import KINDS, Item, Kind, Telling
from portal.notices.models import Mail, MutedKind, Notice
from portal.notices.rules import MailState, What
from portal.refusal import Refused

LABEL_LENGTH = 100


def tell(kind: Kind, items: Iterable[Item], *, stage: str = "", on: date, at: datetime) -> int:
    """Tell people about things of one kind; how many lines were new. Safe to call again: a thing is told once.

    ``on``: the business day, ``at``: the instant. ``stage`` makes it a further telling of the same thing ("nhắc lần
    2"). A duty is told to whoever stands in for its person today as well; an optional kind not to who muted it.
    """
    wanted = list(_recipients(kind, items, on))
    if not wanted:
        return 0
    bulk.one_at_a_time()
    known = bulk.told(kind.name, stage, (item.entity_id for item, _, _ in wanted))
    groups: dict[tuple[int, int | None], list[Item]] = {}
    for item, reader, absent in wanted:
        if (item.entity_id, reader) not in known:
            known.add((item.entity_id, reader))
            groups.setdefault((reader, absent), []).append(item)
    for (reader, absent), told in groups.items():
        _add(kind, stage, reader, absent, told, on, at)
    return sum(map(len, groups.values()))


def tell_all(tellings: Iterable[Telling], *, on: date, at: datetime) -> int:
    """Tell what a feature derived; how many lines were new."""
    return sum(tell(one.kind, one.items, stage=one.stage, on=on, at=at) for one in tellings)


def _recipients(kind: Kind, items: Iterable[Item], on: date) -> Iterable[tuple[Item, int, int | None]]:
    """Each thing with who reads of it, and in whose place they do."""
    stand_ins = queries.stand_ins_on(on) if kind.is_duty else {}
    muted = frozenset() if kind.is_duty else queries.who_muted(kind.name)
    for item in items:
        if item.person_id not in muted:
            yield item, item.person_id, None
        for stand_in in stand_ins.get(item.person_id, frozenset()) - item.never:
            yield item, stand_in, item.person_id


def _add(
    kind: Kind, stage: str, reader: int, absent: int | None, items: Sequence[Item], on: date, at: datetime
) -> None:
    notice = queries.open_notice(reader, absent, kind.name, stage, on)
    if notice is None:
        notice = Notice(
            person_id=reader, for_id=absent, kind=kind.name, stage=stage, things=len(items), made_on=on, made_at=at
        )
        db.session.add(notice)
        db.session.flush()
    else:
        bulk.grow(notice.id, len(items))
    bulk.add_items(
        [
            {
                "notice_id": notice.id,
                "kind": kind.name,
                "entity_id": item.entity_id,
                "stage": stage,
                "person_id": reader,
                "label": item.label[:LABEL_LENGTH],
                "due_on": item.due_on,
            }
            for item in items
        ]
    )


def choose(kinds: Iterable[str], *, by: Viewer) -> None:
    """Let the viewer do without some kinds, and get all others. Refused for a duty or an unknown kind."""
    if by.person_id is None:
        raise Refused("notices.no_person")
    wanted, before = frozenset(kinds), queries.muted_by(by.person_id)
    if any(name not in KINDS or KINDS[name].is_duty for name in wanted):
        raise Refused("notices.is_a_duty")
    for name in before - wanted:
        row = db.session.get(MutedKind, (by.person_id, name))
        if row is not None:
            db.session.delete(row)
    db.session.add_all(MutedKind(person_id=by.person_id, kind=name) for name in sorted(wanted - before))


def try_again(mail: Mail, *, by: Viewer, at: datetime, on: date) -> None:
    """Put a mail that failed for good back into the outbox, to the address its person has now."""
    error, address = mail.error, mail.address if mail.what == What.LETTER else queries.address_of(mail.person_id, on)
    if not mail.plain:
        raise Refused("notices.body_gone")
    if not address:
        raise Refused("notices.no_address")
    to = {"state": MailState.WAITING, "attempts": 0, "next_at": at, "address": address, "error": ""}
    transition(Mail, mail.id, where={"state": MailState.FAILED}, to=to)
    record(MailTriedAgain(error=error), entity_id=mail.id, by=by, at=at)

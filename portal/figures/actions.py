"""Keeping counts that no case list carries. Run inside ``commit()``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from portal import clock
from portal.audit.actions import actor_label, record
from portal.database import db
from portal.figures.aggregate_queries import AggregateQuery, Key, values_of
from portal.figures.events import AggregatesSaved
from portal.figures.models import Aggregate
from portal.figures.rules import Quantity
from portal.guard import Viewer
from portal.refusal import Refused

FIRST_MONTH = date(2015, 1, 1)


def save_aggregates(
    told: Mapping[Key, int | None],
    *,
    source: str,
    by: Viewer | None,
    at: datetime,
    seen: int | None = None,
    file_name: str = "",
    file_sha256: str = "",
) -> dict[Key, tuple[int | None, int | None]]:
    """Keep what differs from what rules now; give those keys with (before, after). None takes a value back.

    ``seen``: the last saying the page showed of these units and months; a newer one of somebody else refuses.
    """
    if not told:
        return {}
    if not source:
        raise Refused("figures.aggregate_source")
    viewer = by or Viewer.for_command()
    units, months = {key[0] for key in told}, [key[2] for key in told]
    if not (viewer.sees_all or units <= viewer.own_reach):
        raise Refused("figures.aggregate_out_of_reach")
    if min(months) < FIRST_MONTH or max(months) > clock.today():
        raise Refused("figures.aggregate_month")
    query = AggregateQuery.visible_to(viewer).of_units(units).between(min(months), max(months))
    if seen is not None and query.newest_id() > seen:
        raise Refused("figures.aggregates_changed")
    known = values_of(query.ruling())
    changed = {key: (known.get(key), value) for key, value in told.items() if known.get(key) != value}
    _check({**known, **told})
    rows = [
        Aggregate(
            unit_id=unit_id,
            field=field,
            month=month,
            quantity=quantity.value,
            value=after,
            source=source,
            author=by.name if by else actor_label(),
            at=at,
            file_name=file_name or None,
            file_sha256=file_sha256 or None,
        )
        for (unit_id, field, month, quantity), (_before, after) in changed.items()
    ]
    db.session.add_all(rows)
    db.session.flush()
    if changed:
        event = AggregatesSaved(
            months=sorted({f"{key[2]:%Y-%m}" for key in changed}),
            units=len({key[0] for key in changed}),
            values=len(changed),
            source=source,
            file_name=file_name,
            file_sha256=file_sha256,
        )
        record(event, entity_id=next(iter(units)) if len(units) == 1 else None, by=by, at=at)
    return changed


def _check(values: Mapping[Key, int | None]) -> None:
    """Online payments are a part of all payments, where both are told."""
    for (unit_id, field, month, quantity), value in values.items():
        if quantity is Quantity.PAYMENTS_ONLINE and value is not None:
            whole = values.get((unit_id, field, month, Quantity.PAYMENTS))
            if whole is not None and value > whole:
                raise Refused("figures.online_above_payments", field=field, online=value, payments=whole)

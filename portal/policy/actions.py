"""Changing the rule set: shipped values at an upgrade, an agency's own by its administrator."""

from __future__ import annotations

import tomllib
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from portal.audit import actor_label, record
from portal.database import db
from portal.guard import Viewer
from portal.policy import queries
from portal.policy.events import PolicyLoaded, PolicyValueSet
from portal.policy.models import Cause, LetterForm, PolicyValue
from portal.policy.rules import in_force, may_hold
from portal.refusal import Refused

SHIPPED = Path(__file__).with_name("shipped.toml")
ONE_DAY = timedelta(days=1)
CAUSE_FIELDS = (
    "name",
    "name_en",
    "default_class",
    "guidance",
    "guidance_en",
    "citizen_text",
    "needs_evidence",
    "asks",
    "confirmed_by",
    "is_violation",
    "valid_to",
    "basis",
    "place",
)
FORM_FIELDS = ("kind", "name", "valid_to", "basis")


def load_shipped(at: datetime) -> int:
    """Load shipped values, causes and letter forms; gives how many rows changed (0 when run again).

    A key, cause or form that an agency edited stays as it is, whatever a new shipped version says.
    """
    shipped = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    number = shipped["version"]
    changed = _load_values(shipped["values"], number, at)
    causes = [{"place": place, **_cause_defaults(row)} for place, row in enumerate(shipped["causes"], start=1)]
    changed += _load_rows(Cause, causes, CAUSE_FIELDS, number)
    changed += _load_rows(LetterForm, shipped["letter_forms"], FORM_FIELDS, number)
    if changed:
        record(PolicyLoaded(shipped_version=number, changed=tuple(changed)), entity_id=None, by=None, at=at)
    return len(changed)


def _cause_defaults(row: dict[str, Any]) -> dict[str, Any]:
    asks = [{"kind": "text", "required": False, **one} for one in row.get("asks", ())]
    plain = {"default_class": None, "needs_evidence": False, "is_violation": False, "confirmed_by": ""}
    return {**plain, **row, "asks": asks}


def _load_values(rows: list[dict[str, Any]], number: int, at: datetime) -> list[str]:
    known = queries.rows_of(PolicyValue)
    edited = {row.key for row in known if row.edited_at is not None}
    by_date = {(row.key, row.valid_from): row for row in known}
    changed = []
    for shipped in rows:
        key, value = shipped["key"], shipped.get("value")
        if not may_hold(key, value):
            raise ValueError(f"shipped policy value {key} = {value!r}")
        row = by_date.get((key, shipped["valid_from"]))
        wanted = (value, shipped.get("valid_to"), shipped["basis"])
        if key in edited or (row is not None and (row.value, row.valid_to, row.basis) == wanted):
            continue
        if row is None:
            row = PolicyValue(key=key, valid_from=shipped["valid_from"])
            db.session.add(row)
        row.value, row.valid_to, row.basis = wanted
        row.shipped_version, row.set_by, row.set_at = number, actor_label(), at
        changed.append(key)
    return changed


def _load_rows(
    model: type[Cause] | type[LetterForm], rows: list[dict[str, Any]], fields: tuple[str, ...], number: int
) -> list[str]:
    known = {(row.code, row.valid_from): row for row in queries.rows_of(model)}
    changed = []
    for shipped in rows:
        row = known.get((shipped["code"], shipped["valid_from"]))
        wanted = {field: shipped.get(field) for field in fields}
        if row is None:
            identity = {"code": shipped["code"], "valid_from": shipped["valid_from"], "shipped_version": number}
            db.session.add(model(**identity, **wanted))
        elif row.edited_at is None and any(getattr(row, field) != value for field, value in wanted.items()):
            for field, value in {**wanted, "shipped_version": number}.items():
                setattr(row, field, value)
        else:
            continue
        changed.append(shipped["code"])
    return changed


def set_value(key: str, value: Any, *, valid_from: date, basis: str, by: Viewer | None, at: datetime) -> PolicyValue:
    """Set a value from a day on, with its legal basis; the value before it ends the day before.

    Refused for a key that does not exist, a value it may not hold, or an empty basis. From now on no upgrade touches
    the key.
    """
    if not may_hold(key, value):
        raise Refused("policy.bad_value", key=key)
    if not basis.strip():
        raise Refused("policy.basis_missing")
    rows = [row for row in queries.rows_of(PolicyValue) if row.key == key]
    before = next((row for row in rows if in_force(row.valid_from, row.valid_to, valid_from)), None)
    later = min((row.valid_from for row in rows if row.valid_from > valid_from), default=None)
    old = before.value if before else None
    row = before if before and before.valid_from == valid_from else None
    if row is None:
        if before:
            before.valid_to = valid_from - ONE_DAY
            before.edited_at = at
            db.session.flush()
        row = PolicyValue(key=key, valid_from=valid_from, valid_to=later - ONE_DAY if later else None)
        db.session.add(row)
    row.value, row.basis, row.edited_at = value, basis, at
    row.set_by, row.set_at = (by.name if by else actor_label()), at
    db.session.flush()
    event = PolicyValueSet(key=key, old=old, new=value, valid_from=valid_from, basis=basis)
    record(event, entity_id=row.id, by=by, at=at)
    return row

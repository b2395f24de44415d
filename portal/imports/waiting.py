"""Rows that are no cases yet: kept until their unit is known, with what is to be said of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from portal.cases.rules import Meaning
from portal.imports import waiting_bulk
from portal.imports.checking import Checked, Draft
from portal.imports.header import key_of
from portal.imports.models import Batch
from portal.imports.moments import Moment
from portal.imports.placing import Placement
from portal.imports.planning import Plan
from portal.imports.rules import Fact


def leave_waiting(batch: Batch, placement: Placement, made: Plan, checked: Checked, at: datetime) -> None:
    """Keep what could not be placed, and what is to be said of single rows."""
    pending = [_pending_row(draft, batch, checked) for draft, _ in made.pending]
    waiting_bulk.write_pending(pending)
    waiting_bulk.queue_names(placement.waiting.values(), batch.id, at)
    write_remarks(batch, made)


def write_remarks(batch: Batch, made: Plan) -> None:
    """Write what a batch says of its rows, in place of what its last preview said."""
    waiting = {id(remark) for _, remark in made.pending}
    remarks = [("pending" if id(remark) in waiting else "rejected", remark) for remark in made.problems]
    remarks += [("warning", remark) for remark in made.warnings]
    waiting_bulk.forget_remarks(batch.id)
    waiting_bulk.write_remarks(batch.id, remarks)


def _pending_row(draft: Draft, batch: Batch, checked: Checked) -> dict[str, Any]:
    unit = draft.text(Fact.UNIT)
    return {
        "code": draft.code,
        "unit_text": unit,
        "unit_folded": key_of(unit),
        "batch_id": batch.id,
        "source_id": batch.source_id,
        "data_as_of": checked.data_as_of,
        "payload": payload_of(draft, checked.facts),
        "settled_at": None,
    }


def payload_of(draft: Draft, facts: frozenset[Fact]) -> str:
    """A draft as text, to be taken up again when its unit is known."""
    moments = {
        fact.value: [moment.at.isoformat(), moment.precision] for fact, moment in draft.moments.items() if moment
    }
    said = {
        "row": draft.row,
        "code": draft.code,
        "texts": {fact.value: text for fact, text in draft.texts.items()},
        "moments": moments,
        "meaning": draft.meaning.value,
        "data_fault": draft.data_fault,
        "end": [draft.end.at.isoformat(), draft.end.precision] if draft.end else None,
        "end_from": draft.end_from,
        "facts": sorted(fact.value for fact in facts),
    }
    return json.dumps(said, ensure_ascii=False, sort_keys=True)


def draft_of(payload: str) -> tuple[Draft, frozenset[Fact]]:
    said = json.loads(payload)
    draft = Draft(
        row=said["row"],
        code=said["code"],
        texts={Fact(fact): text for fact, text in said["texts"].items()},
        moments={Fact(fact): _moment_of(moment) for fact, moment in said["moments"].items()},
        meaning=Meaning(said["meaning"]),
        data_fault=said["data_fault"],
        end=_moment_of(said["end"]),
        end_from=said["end_from"],
    )
    return draft, frozenset(Fact(fact) for fact in said["facts"])


def _moment_of(said: Sequence[str] | None) -> Moment | None:
    return Moment(datetime.fromisoformat(said[0]), said[1]) if said else None

"""PURE: between a body and the import: cases as a list the importer knows, its plan as the outcome of each item."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from portal.api.rules import FIELDS, REQUIRED, moment_cell, plain
from portal.api.shapes import CaseIn
from portal.imports.header import Cell, Header
from portal.imports.listing import Listed
from portal.imports.planning import Plan
from portal.imports.rules import MOMENTS, SUPPLEMENTS, Fact, Outcome, Remark
from portal.imports.texts import text_of


def listed_of(cases: Sequence[CaseIn], headings: Mapping[str, str]) -> Listed:
    """The cases of a body as a list: a column for each fact that any of them carries, rows counted from 1.

    ``headings``: what a fact is called in the body that came.
    """
    spoken = {name for case in cases for name in case.model_fields_set}
    names = [name for name in FIELDS if name in spoken or name in REQUIRED]
    header = Header(
        rows=(0,),
        headings={place: headings.get(name, name) for place, name in enumerate(names)},
        columns={FIELDS[name]: place for place, name in enumerate(names)},
    )
    dated = frozenset({*MOMENTS, *SUPPLEMENTS})
    cells: list[Callable[[str | None], str]] = [moment_cell if FIELDS[name] in dated else plain for name in names]
    columns: dict[Fact, Sequence[Cell]] = {
        FIELDS[name]: [cell(getattr(case, name)) for case in cases] for name, cell in zip(names, cells, strict=True)
    }
    return Listed("", header, list(range(1, len(cases) + 1)), columns)


@dataclass(slots=True)
class Told:
    """What is to be answered about one item."""

    row: int
    code: str
    outcome: Outcome
    problems: list[Remark] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)


def outcomes_of(plan: Plan, codes: Iterable[str | None]) -> list[Told]:
    """The outcome of each item, in the order of the body; their sums are the plan's counts, or ValueError."""
    pending = {draft.row for draft, _ in plan.pending}
    refused = {remark.row for remark in plan.problems} - pending
    fresh, changed = set(plan.fresh), set(plan.changed)
    told = []
    for row, cell in enumerate(codes, start=1):
        code = text_of(plain(cell))
        outcome = Outcome.UNCHANGED
        if row in pending or row in refused:
            outcome = Outcome.PENDING if row in pending else Outcome.REJECTED
        elif code in fresh or code in changed:
            outcome = Outcome.NEW if code in fresh else Outcome.CHANGED
            # The same case twice in one body is one case: what repeats it changes nothing.
            fresh.discard(code)
            changed.discard(code)
        told.append(Told(row, code, outcome))
    _remark(told, plan)
    _demand_sums(told, plan)
    return told


def _remark(told: Sequence[Told], plan: Plan) -> None:
    for remark in plan.problems:
        told[(remark.row or 1) - 1].problems.append(remark)
    for remark in plan.warnings:
        told[(remark.row or 1) - 1].warnings.append(remark)


def _demand_sums(told: Sequence[Told], plan: Plan) -> None:
    sums = {outcome.value: sum(one.outcome is outcome for one in told) for outcome in Outcome}
    if {"rows": len(told), **sums} != plan.counts.as_dict():
        raise ValueError(f"outcomes {sums} are not the counts {plan.counts.as_dict()}")

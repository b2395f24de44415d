"""PURE: where a duty goes when its holder leaves the unit it belongs to.

Domain rules §3.4, §3.7, §3.8: unit, officer and head of a breach are frozen, so the old unit answers for its time, and
a conclusion concerns whom the breach is about, wherever they work now. What is the unit's own work stays in the unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from portal.directory.rules import Line, UnitTree


class Kind(StrEnum):
    """The duties that a person holds by name. What belongs to a seat (to conclude, to sign) follows the seat."""

    EXPLANATION = "explanation"
    FOR_UNIT = "for_unit"
    SUPPLEMENT = "supplement"
    LETTER = "letter"
    VIOLATION = "violation"
    QUESTION = "question"


class Whereabouts(StrEnum):
    """Where the holder of a duty works today, seen from the unit of the duty."""

    HERE = "here"
    ELSEWHERE = "elsewhere"
    GONE = "gone"


WAITS_FOR_ANOTHER: Mapping[Kind, frozenset[Whereabouts]] = {
    Kind.EXPLANATION: frozenset({Whereabouts.GONE}),
    Kind.FOR_UNIT: frozenset({Whereabouts.ELSEWHERE, Whereabouts.GONE}),
    Kind.SUPPLEMENT: frozenset({Whereabouts.ELSEWHERE, Whereabouts.GONE}),
    Kind.LETTER: frozenset({Whereabouts.ELSEWHERE, Whereabouts.GONE}),
    Kind.VIOLATION: frozenset({Whereabouts.GONE}),
    Kind.QUESTION: frozenset({Whereabouts.ELSEWHERE, Whereabouts.GONE}),
}
"""When a duty waits for another holder.

An explanation of one's own delay is written by oneself, also from another unit; so is the answer to a violation or
complaint. What is written for somebody else or as the head of a unit, why a case is still open, the unit's letter to
the citizen and what was asked of another body are the work of the unit.
"""


def kind_of_explanation(
    holder_id: int, officer_id: int | None, head_id: int | None, answers_for_id: int | None
) -> Kind:
    """Whether the holder explains a delay of their own, or writes for the unit: for another, or as its head (§1.7)."""
    as_head = officer_id is None and holder_id == head_id
    return Kind.FOR_UNIT if as_head or answers_for_id is not None else Kind.EXPLANATION


def whereabouts(unit_id: int, posted_in: Iterable[int], tree: UnitTree) -> Whereabouts:
    """Where somebody is who holds postings in some units: in the unit, in a part of it, in who took over from it."""
    units = set(posted_in)
    if not units:
        return Whereabouts.GONE
    own = tree.subtree(Line.MANAGED_BY, unit_id) | {unit_id, *tree.heirs(unit_id)}
    here = units & own or any(unit_id in before(unit, tree) for unit in units)
    return Whereabouts.HERE if here else Whereabouts.ELSEWHERE


def before(unit_id: int, tree: UnitTree) -> frozenset[int]:
    """Every unit that a unit took over from, directly or not; also of several successors of one unit."""
    found: set[int] = set()
    waiting = [unit_id]
    while waiting:
        new = set(tree.predecessors(waiting.pop())) - found
        found |= new
        waiting.extend(new)
    return frozenset(found)


def waits_for_another(kind: Kind, where: Whereabouts) -> bool:
    """Whether somebody must name who does this duty from now on."""
    return where in WAITS_FOR_ANOTHER[kind]

"""PURE: how far a person's postings reach over the tree of units (domain rules, units, people, rights)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from portal.directory.rules import Line, UnitKind, UnitTree
from portal.guard.viewer import Role

READS_THE_LEVEL = frozenset({Role.MONITORING_OFFICE, Role.HOME_AFFAIRS, Role.CHAIR})
READS_CASES = READS_THE_LEVEL | {Role.OFFICER, Role.HEAD}


@dataclass(frozen=True, slots=True)
class Held:
    """A posting in force, as far as rights go."""

    posting_id: int
    unit_id: int
    role: Role
    is_clerk: bool = False


@dataclass(frozen=True, slots=True)
class Reach:
    """The units that postings give, by what they give them for."""

    own: frozenset[int] = frozenset()
    headed: frozenset[int] = frozenset()
    scope: frozenset[int] = frozenset()
    admin: frozenset[int] = frozenset()
    clerk: frozenset[int] = frozenset()
    it: frozenset[int] = frozenset()
    sees_all: bool = False


def needs_tree(held: Iterable[Held]) -> bool:
    """Whether any posting reaches beyond its own unit."""
    return any(posting.role != Role.OFFICER or posting.is_clerk for posting in held)


def reach_of(held: Iterable[Held], tree: UnitTree) -> Reach:
    """Add up what each posting reaches. A unit the tree does not know gives nothing.

    Whoever reaches a unit reaches the units it took over from: cases of merged communes stay with the unit of their
    day, and somebody must see them.
    """
    postings = [posting for posting in held if posting.unit_id in tree]
    headed = _union(tree.reach(Line.MANAGED_BY, p.unit_id) for p in postings if p.role == Role.HEAD)
    scope = _union(_level(tree, p.unit_id) for p in postings if p.role in READS_THE_LEVEL)
    return Reach(
        own=frozenset(p.unit_id for p in postings),
        headed=headed,
        scope=scope,
        admin=_union(_administered(tree, p.unit_id) for p in postings if p.role == Role.ADMINISTRATOR),
        clerk=_union(_stamped(tree, p.unit_id) for p in postings if p.is_clerk),
        it=_union(_level(tree, p.unit_id) for p in postings if p.role == Role.IT_AUTHORITY),
        sees_all=bool(tree.nodes) and (headed | scope) >= tree.nodes.keys(),
    )


def fingerprint(held: Iterable[Held]) -> str:
    """A short text that changes whenever a right-giving posting begins, ends or changes."""
    facts = sorted(f"{p.posting_id}:{p.unit_id}:{p.role}:{int(p.is_clerk)}" for p in held)
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()


def _level(tree: UnitTree, unit_id: int) -> frozenset[int]:
    """The reports-in subtree of the province, district or commune of a unit; of the unit itself where it has none."""
    level = tree.level_of(unit_id)
    return tree.reach(Line.REPORTS_IN, unit_id if level is None else level)


def _administered(tree: UnitTree, unit_id: int) -> frozenset[int]:
    """As the level; all units for an administrator outside every level, as the first one is before the directory."""
    if tree.level_of(unit_id) is None and not tree.ancestors(Line.REPORTS_IN, unit_id):
        return frozenset(tree.nodes)
    return _level(tree, unit_id)


def _stamped(tree: UnitTree, unit_id: int) -> frozenset[int]:
    """The units whose letters a clerk numbers: the unit and what it manages.

    The clerk of an office right under a level, or of the level itself, serves that level and its divisions, but not
    the levels below, which have clerks of their own.
    """
    node, level = tree.node(unit_id), tree.level_of(unit_id)
    serves_level = node is not None and level is not None and (
        level == unit_id or (node.kind == UnitKind.OFFICE and tree.parent(Line.REPORTS_IN, unit_id) == level)
    )  # fmt: skip
    if not serves_level or level is None:
        return tree.reach(Line.MANAGED_BY, unit_id)
    found: set[int] = set()
    waiting = [level]
    while waiting:
        served = _of_level(tree, waiting.pop()) - found
        found |= served
        waiting.extend(before for unit in served for before in tree.predecessors(unit) if before not in found)
    return frozenset(found | {unit_id})


def _of_level(tree: UnitTree, unit_id: int) -> frozenset[int]:
    """A unit and what it manages within its own level."""
    level = tree.level_of(unit_id)
    managed = tree.subtree(Line.MANAGED_BY, unit_id)
    return frozenset(unit for unit in managed if tree.level_of(unit) == level) | {unit_id}


def _union(sets: Iterable[frozenset[int]]) -> frozenset[int]:
    return frozenset().union(*sets)

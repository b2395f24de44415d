"""PURE: the words of the directory, and the tree of units with its two lines of parents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum, auto

SINCE_EVER = date(1900, 1, 1)
"""The first day of what has no known first day. Pages show it as a dash."""


class UnitKind(StrEnum):
    """Kinds of units; the first, third and fifth are levels of government."""

    PROVINCE = auto()
    DEPARTMENT = auto()
    DISTRICT = auto()
    DIVISION = auto()
    COMMUNE = auto()
    BRANCH = auto()
    OFFICE = auto()


LEVELS = frozenset({UnitKind.PROVINCE, UnitKind.DISTRICT, UnitKind.COMMUNE})


class Line(StrEnum):
    """The two parents of a unit (domain rules, units, people, rights)."""

    REPORTS_IN = auto()
    MANAGED_BY = auto()


class PersonKind(StrEnum):
    """How a person is employed: cán bộ, công chức, viên chức, hợp đồng, bưu chính."""

    CAN_BO = auto()
    CONG_CHUC = auto()
    VIEN_CHUC = auto()
    HOP_DONG = auto()
    BUU_CHINH = auto()


class SuccessionKind(StrEnum):
    """How a unit takes over from another. ``rename``: one unit goes on as another with a new code."""

    MERGE = auto()
    SPLIT = auto()
    RENAME = auto()
    TRANSFER = auto()


class FileState(StrEnum):
    """What became of an uploaded directory file."""

    PREVIEWED = auto()
    APPLIED = auto()
    DISCARDED = auto()


@dataclass(frozen=True, slots=True)
class Succession:
    """A unit took over from another on a day. ``number``: the order of recording; the first of several answers."""

    number: int
    from_id: int
    to_id: int
    from_day: date


@dataclass(frozen=True, slots=True)
class Node:
    """A unit as the tree knows it."""

    id: int
    code: str
    name: str
    kind: str
    sort_key: str = ""
    ended: bool = False


class UnitTree:
    """The units of one day with both lines of parents. Walks stop where a file or a hand made a circle."""

    def __init__(
        self,
        nodes: Iterable[Node],
        parents: Mapping[tuple[Line, int], int],
        successions: Iterable[Succession] = (),
    ) -> None:
        """``parents``: (line, unit id) to parent id; a parent that is not among the nodes counts as none.

        ``successions``: those in force on the day.
        """
        self.nodes = {node.id: node for node in sorted(nodes, key=lambda node: (node.sort_key, node.code))}
        self._parents = {
            key: parent for key, parent in parents.items() if key[1] in self.nodes and parent in self.nodes
        }
        self._children: dict[tuple[Line, int], list[int]] = {}
        for unit_id in self.nodes:
            for line in Line:
                parent = self._parents.get((line, unit_id))
                if parent is not None:
                    self._children.setdefault((line, parent), []).append(unit_id)
        self._taken: dict[int, list[Succession]] = {}
        self._before: dict[int, list[int]] = {}
        for step in sorted(successions, key=lambda step: (step.from_day, step.number)):
            if step.from_id in self.nodes and step.to_id in self.nodes:
                self._taken.setdefault(step.from_id, []).append(step)
                if self.nodes[step.from_id].ended:
                    self._before.setdefault(step.to_id, []).append(step.from_id)

    def __contains__(self, unit_id: int) -> bool:
        return unit_id in self.nodes

    def node(self, unit_id: int) -> Node | None:
        """The unit, or None when it is not of this day."""
        return self.nodes.get(unit_id)

    def parent(self, line: Line, unit_id: int) -> int | None:
        """The parent on a line; None at the top."""
        return self._parents.get((line, unit_id))

    def children(self, line: Line, unit_id: int) -> tuple[int, ...]:
        """The units directly below, in the order of their names."""
        return tuple(self._children.get((line, unit_id), ()))

    def ancestors(self, line: Line, unit_id: int) -> tuple[int, ...]:
        """All units above, the nearest first."""
        above: list[int] = []
        current = self.parent(line, unit_id)
        while current is not None and current != unit_id and current not in above:
            above.append(current)
            current = self.parent(line, current)
        return tuple(above)

    def subtree(self, line: Line, unit_id: int) -> frozenset[int]:
        """The unit and all below it; empty when the unit is not of this day."""
        if unit_id not in self.nodes:
            return frozenset()
        found = {unit_id}
        waiting = [unit_id]
        while waiting:
            for child in self.children(line, waiting.pop()):
                if child not in found:
                    found.add(child)
                    waiting.append(child)
        return frozenset(found)

    def heirs(self, unit_id: int, *, sole: bool = False) -> tuple[int, ...]:
        """The units that took over from an ended unit, one after another, up to the one in force; empty without one.

        One step a date. Of several successors the first recorded answers; ``sole``: there the walk stops instead,
        because nobody can say which of them a case of the old unit belongs to.
        """
        found: list[int] = []
        current, since = unit_id, date.min
        while (node := self.nodes.get(current)) is not None and node.ended:
            steps = [step for step in self._taken.get(current, ()) if step.from_day > since]
            if not steps or (sole and len(steps) > 1) or steps[0].to_id in (unit_id, *found):
                break
            current, since = steps[0].to_id, steps[0].from_day
            found.append(current)
        return tuple(found)

    def heir(self, unit_id: int) -> int:
        """The unit under which figures of a unit are rolled up: its sole successor's, or itself."""
        return (unit_id, *self.heirs(unit_id, sole=True))[-1]

    def upward(self, line: Line, unit_id: int) -> tuple[int, ...]:
        """Who answers for a unit, the nearest first: the unit, who took over from it, and all above the last of them.

        What stood above an ended unit without a successor has its successors in the line too.
        """
        found: list[int] = []
        waiting = [unit_id]
        while waiting:
            current = waiting.pop(0)
            if current in found:
                continue
            found.append(current)
            taken = self.heirs(current)
            found.extend(unit for unit in taken if unit not in found)
            parent = self.parent(line, taken[-1] if taken else current)
            if parent is not None:
                waiting.append(parent)
        return tuple(found)

    def reach(self, line: Line, unit_id: int) -> frozenset[int]:
        """The subtree and every unit it took over from, with their subtrees: nothing of theirs becomes invisible."""
        found: set[int] = set()
        waiting = [unit_id]
        while waiting:
            current = waiting.pop()
            new = self.subtree(line, current) - found
            found |= new
            waiting.extend(before for unit in new for before in self._before.get(unit, ()) if before not in found)
        return frozenset(found)

    def predecessors(self, unit_id: int) -> tuple[int, ...]:
        """The ended units a unit took over from directly."""
        return tuple(self._before.get(unit_id, ()))

    def roots(self, line: Line) -> tuple[int, ...]:
        """Units without a parent on a line."""
        return tuple(unit_id for unit_id in self.nodes if self.parent(line, unit_id) is None)

    def level_of(self, unit_id: int) -> int | None:
        """The province, district or commune a unit belongs to on the reports-in line, itself included."""
        for candidate in (unit_id, *self.ancestors(Line.REPORTS_IN, unit_id)):
            node = self.nodes.get(candidate)
            if node is not None and node.kind in LEVELS:
                return candidate
        return None

    def would_loop(self, line: Line, unit_id: int, parent_id: int) -> bool:
        """Whether this parent would stand below its own child."""
        return parent_id == unit_id or unit_id in self.ancestors(line, parent_id)

    def walk(self, line: Line) -> Iterator[tuple[int, Node]]:
        """Every unit with its depth, parents before children, siblings by name; units of a circle come last."""
        seen: set[int] = set()
        stack = [(0, unit_id) for unit_id in reversed(self.roots(line))]
        rest = iter(self.nodes)
        while True:
            while stack:
                depth, unit_id = stack.pop()
                if unit_id in seen:
                    continue
                seen.add(unit_id)
                yield depth, self.nodes[unit_id]
                stack.extend((depth + 1, child) for child in reversed(self.children(line, unit_id)))
            left = next((unit_id for unit_id in rest if unit_id not in seen), None)
            if left is None:
                return
            stack.append((0, left))


def in_force(valid_from: date, valid_to: date | None, on: date) -> bool:
    """Whether dates cover a day; the last day is included."""
    return valid_from <= on and (valid_to is None or on <= valid_to)

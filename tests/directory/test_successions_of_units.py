"""The tree of units that were merged, split or renamed: who answers, who sees, and where figures are rolled up."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from portal.access.reach import Held, reach_of
from portal.directory.rules import Line, Node, Succession, UnitTree
from portal.guard import Role

REFORM = date(2025, 7, 1)
PROVINCE, DISTRICT, NEW = 1, 2, 10
OLD = (3, 4, 5)


def reformed(*more: Succession, ended: tuple[int, ...] = (DISTRICT, *OLD)) -> UnitTree:
    """Three communes of a district became one commune of the province; the district ended without a successor."""
    kinds = {PROVINCE: "province", DISTRICT: "district"}
    nodes = [
        Node(unit, f"U{unit}", f"Đơn vị {unit}", kinds.get(unit, "commune"), ended=unit in ended)
        for unit in (PROVINCE, DISTRICT, *OLD, NEW, NEW + 1)
    ]
    above = {DISTRICT: PROVINCE, NEW: PROVINCE, NEW + 1: PROVINCE, **dict.fromkeys(OLD, DISTRICT)}
    parents = {(line, unit): parent for line in Line for unit, parent in above.items()}
    merged = [Succession(number, old, NEW, REFORM) for number, old in enumerate(OLD, start=1)]
    return UnitTree(nodes, parents, [*merged, *more])


def test_the_successor_answers_then_what_stands_above_it() -> None:
    tree = reformed()

    assert tree.upward(Line.MANAGED_BY, OLD[0]) == (OLD[0], NEW, PROVINCE)
    assert tree.upward(Line.MANAGED_BY, NEW) == (NEW, PROVINCE)


def test_an_ended_unit_without_successor_is_answered_for_above() -> None:
    assert reformed().upward(Line.MANAGED_BY, DISTRICT) == (DISTRICT, PROVINCE)


def test_a_unit_in_force_that_gave_away_tasks_answers_itself() -> None:
    tree = reformed(Succession(9, NEW, NEW + 1, REFORM + timedelta(days=30)))

    assert tree.heirs(NEW) == () and tree.heir(NEW) == NEW
    assert NEW not in tree.reach(Line.MANAGED_BY, NEW + 1)


def test_one_step_a_date() -> None:
    later = Succession(9, NEW, NEW + 1, REFORM + timedelta(days=365))
    tree = reformed(later, ended=(DISTRICT, *OLD, NEW))

    assert tree.heirs(OLD[0]) == (NEW, NEW + 1)


def test_a_step_of_the_same_day_is_not_taken_twice() -> None:
    tree = reformed(Succession(9, NEW, NEW + 1, REFORM), ended=(DISTRICT, *OLD, NEW))

    assert tree.heirs(OLD[0]) == (NEW,)


def test_of_several_successors_the_first_answers_and_figures_stay() -> None:
    split = Succession(9, OLD[0], NEW + 1, REFORM)
    tree = reformed(split)

    assert tree.heirs(OLD[0]) == (NEW,)
    assert tree.heir(OLD[0]) == OLD[0]


def test_whoever_heads_the_successor_reaches_the_units_before_it() -> None:
    reach = reach_of([Held(1, NEW, Role.HEAD)], reformed())

    assert reach.headed == {NEW, *OLD}


def test_without_a_succession_nothing_is_reached() -> None:
    reach = reach_of([Held(1, NEW + 1, Role.HEAD)], reformed())

    assert reach.headed == {NEW + 1}


def test_the_clerk_of_the_successor_numbers_letters_of_the_units_before_it() -> None:
    reach = reach_of([Held(1, NEW, Role.OFFICER, True)], reformed())
    of_the_province = reach_of([Held(1, PROVINCE, Role.OFFICER, True)], reformed())

    assert reach.clerk == {NEW, *OLD}
    assert of_the_province.clerk == {PROVINCE}


STEPS = st.lists(
    st.tuples(st.integers(1, 8), st.integers(1, 8), st.integers(0, 5)).filter(lambda step: step[0] != step[1]),
    max_size=12, unique_by=lambda step: step[:2],
)  # fmt: skip


@given(
    steps=STEPS, ended=st.frozensets(st.integers(1, 8)), counts=st.lists(st.integers(0, 1000), min_size=8, max_size=8)
)
def test_rolling_up_keeps_every_total(
    steps: list[tuple[int, int, int]], ended: frozenset[int], counts: list[int]
) -> None:
    """Whatever was recorded, circles included: the sum over successors is the sum over the units of their day."""
    nodes = [Node(unit, f"U{unit}", "", "commune", ended=unit in ended) for unit in range(1, 9)]
    taken = [Succession(n, a, b, REFORM + timedelta(days=day)) for n, (a, b, day) in enumerate(steps)]
    tree = UnitTree(nodes, {}, taken)
    of_day = dict(zip(range(1, 9), counts, strict=True))

    rolled: dict[int, int] = {}
    for unit, count in of_day.items():
        rolled[tree.heir(unit)] = rolled.get(tree.heir(unit), 0) + count

    assert sum(rolled.values()) == sum(of_day.values())
    assert all(unit in tree.upward(Line.MANAGED_BY, unit) for unit in of_day)
    assert all(unit in tree.reach(Line.MANAGED_BY, tree.heir(unit)) for unit in of_day)

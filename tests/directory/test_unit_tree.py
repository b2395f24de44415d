"""The tree of units: two lines of parents, levels, and circles that hang nobody."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from portal.directory.rules import Line, Node, UnitKind, UnitTree

PROVINCE, DISTRICT, COMMUNE, OFFICE, BRANCH = range(1, 6)
KINDS = {
    PROVINCE: UnitKind.PROVINCE,
    DISTRICT: UnitKind.DISTRICT,
    COMMUNE: UnitKind.COMMUNE,
    OFFICE: UnitKind.OFFICE,
    BRANCH: UnitKind.BRANCH,
}


def district_with_branch() -> UnitTree:
    """A land-registry branch that reports in the district and is managed by the province."""
    nodes = [Node(number, f"U{number}", f"U{number}", kind, f"{number}") for number, kind in KINDS.items()]
    reports = {DISTRICT: PROVINCE, COMMUNE: DISTRICT, OFFICE: DISTRICT, BRANCH: DISTRICT}
    managed = {**reports, BRANCH: PROVINCE}
    parents = {(Line.REPORTS_IN, child): parent for child, parent in reports.items()}
    return UnitTree(nodes, parents | {(Line.MANAGED_BY, child): parent for child, parent in managed.items()})


def test_the_branch_counts_in_the_district_and_answers_to_the_province() -> None:
    tree = district_with_branch()

    assert BRANCH in tree.subtree(Line.REPORTS_IN, DISTRICT)
    assert BRANCH not in tree.subtree(Line.MANAGED_BY, DISTRICT)
    assert tree.ancestors(Line.MANAGED_BY, BRANCH) == (PROVINCE,)
    assert tree.ancestors(Line.REPORTS_IN, BRANCH) == (DISTRICT, PROVINCE)


def test_the_level_of_a_unit_is_the_nearest_government_above_it() -> None:
    tree = district_with_branch()

    assert tree.level_of(OFFICE) == DISTRICT
    assert tree.level_of(COMMUNE) == COMMUNE
    assert tree.level_of(BRANCH) == DISTRICT


def test_a_unit_outside_the_tree_has_nothing_below_it() -> None:
    tree = district_with_branch()

    assert tree.subtree(Line.REPORTS_IN, 99) == frozenset()
    assert 99 not in tree


def test_a_parent_below_its_child_would_loop() -> None:
    tree = district_with_branch()

    assert tree.would_loop(Line.REPORTS_IN, DISTRICT, COMMUNE)
    assert tree.would_loop(Line.REPORTS_IN, DISTRICT, DISTRICT)
    assert not tree.would_loop(Line.REPORTS_IN, COMMUNE, PROVINCE)


def test_the_walk_shows_parents_before_children() -> None:
    walked = [(depth, node.id) for depth, node in district_with_branch().walk(Line.REPORTS_IN)]

    assert walked == [(0, PROVINCE), (1, DISTRICT), (2, COMMUNE), (2, OFFICE), (2, BRANCH)]


@given(st.lists(st.integers(0, 9), min_size=10, max_size=10))
def test_any_parents_even_circles_are_walked_once(parents: list[int]) -> None:
    nodes = [Node(number, str(number), str(number), UnitKind.OFFICE, str(number)) for number in range(10)]
    tree = UnitTree(
        nodes, {(Line.REPORTS_IN, child): parent for child, parent in enumerate(parents) if parent != child}
    )

    walked = [node.id for _depth, node in tree.walk(Line.REPORTS_IN)]

    assert sorted(walked) == list(range(10))
    for unit in range(10):
        assert unit in tree.subtree(Line.REPORTS_IN, unit)
        assert len(set(tree.ancestors(Line.REPORTS_IN, unit))) == len(tree.ancestors(Line.REPORTS_IN, unit))

"""How far each role reaches: the matrix of domain rules, units, people, rights."""

from __future__ import annotations

import pytest

from portal.access.reach import Held, fingerprint, needs_tree, reach_of
from portal.directory.rules import Line, Node, UnitKind, UnitTree
from portal.guard import Role

(PROVINCE, PROVINCE_OFFICE, DEPARTMENT, DISTRICT, OFFICE, DIVISION, BRANCH, COMMUNE, COMMUNE_OFFICE, ALONE) = range(
    1, 11
)
KINDS = {
    PROVINCE: UnitKind.PROVINCE, PROVINCE_OFFICE: UnitKind.OFFICE, DEPARTMENT: UnitKind.DEPARTMENT,
    DISTRICT: UnitKind.DISTRICT, OFFICE: UnitKind.OFFICE, DIVISION: UnitKind.DIVISION, BRANCH: UnitKind.BRANCH,
    COMMUNE: UnitKind.COMMUNE, COMMUNE_OFFICE: UnitKind.OFFICE, ALONE: UnitKind.OFFICE,
}  # fmt: skip
REPORTS = {
    PROVINCE_OFFICE: PROVINCE, DEPARTMENT: PROVINCE, DISTRICT: PROVINCE, OFFICE: DISTRICT, DIVISION: DISTRICT,
    BRANCH: DISTRICT, COMMUNE: DISTRICT, COMMUNE_OFFICE: COMMUNE,
}  # fmt: skip
MANAGED = {**REPORTS, BRANCH: DEPARTMENT}
TREE = UnitTree(
    [Node(number, f"U{number}", f"U{number}", kind, f"{number:02}") for number, kind in KINDS.items()],
    {(Line.REPORTS_IN, child): parent for child, parent in REPORTS.items()}
    | {(Line.MANAGED_BY, child): parent for child, parent in MANAGED.items()},
)
IN_DISTRICT = frozenset({DISTRICT, OFFICE, DIVISION, BRANCH, COMMUNE, COMMUNE_OFFICE})
NONE: frozenset[int] = frozenset()


@pytest.mark.parametrize(
    ("role", "unit", "headed", "scope", "admin"),
    [
        (Role.OFFICER, DIVISION, NONE, NONE, NONE),
        (Role.HEAD, DIVISION, {DIVISION}, NONE, NONE),
        (Role.HEAD, DISTRICT, IN_DISTRICT - {BRANCH}, NONE, NONE),
        (Role.HEAD, DEPARTMENT, {DEPARTMENT, BRANCH}, NONE, NONE),
        (Role.HEAD, BRANCH, {BRANCH}, NONE, NONE),
        (Role.MONITORING_OFFICE, OFFICE, NONE, IN_DISTRICT, NONE),
        (Role.HOME_AFFAIRS, DIVISION, NONE, IN_DISTRICT, NONE),
        (Role.CHAIR, DISTRICT, NONE, IN_DISTRICT, NONE),
        (Role.CHAIR, COMMUNE, NONE, {COMMUNE, COMMUNE_OFFICE}, NONE),
        (Role.MONITORING_OFFICE, COMMUNE_OFFICE, NONE, {COMMUNE, COMMUNE_OFFICE}, NONE),
        (Role.MONITORING_OFFICE, PROVINCE_OFFICE, NONE, set(KINDS) - {ALONE}, NONE),
        (Role.CHAIR, ALONE, NONE, {ALONE}, NONE),
        (Role.IT_AUTHORITY, OFFICE, NONE, NONE, NONE),
        (Role.AUDITOR, OFFICE, NONE, NONE, NONE),
        (Role.ADMINISTRATOR, OFFICE, NONE, NONE, IN_DISTRICT),
        (Role.ADMINISTRATOR, ALONE, NONE, NONE, set(KINDS)),
    ],
)
def test_each_role_reaches_so_far(role: Role, unit: int, headed: set[int], scope: set[int], admin: set[int]) -> None:
    reach = reach_of([Held(1, unit, role)], TREE)

    assert (reach.headed, reach.scope, reach.admin, reach.own) == (headed, scope, admin, {unit})
    assert not reach.sees_all


@pytest.mark.parametrize(
    ("unit", "stamped"),
    [
        (DIVISION, {DIVISION}),
        (BRANCH, {BRANCH}),
        (OFFICE, {DISTRICT, OFFICE, DIVISION}),
        (COMMUNE_OFFICE, {COMMUNE, COMMUNE_OFFICE}),
        (COMMUNE, {COMMUNE, COMMUNE_OFFICE}),
    ],
)
def test_a_clerk_numbers_letters_of(unit: int, stamped: set[int]) -> None:
    assert reach_of([Held(1, unit, Role.OFFICER, is_clerk=True)], TREE).clerk == stamped


def test_postings_add_up_and_all_is_all() -> None:
    both = [Held(1, PROVINCE, Role.CHAIR), Held(2, ALONE, Role.HEAD)]

    assert reach_of(both, TREE).sees_all
    assert not reach_of(both[:1], TREE).sees_all


def test_a_posting_in_an_unknown_unit_gives_nothing() -> None:
    assert reach_of([Held(1, 99, Role.CHAIR)], TREE) == reach_of([], TREE)
    assert not reach_of([], UnitTree([], {})).sees_all


def test_the_fingerprint_changes_with_anything_that_gives_rights() -> None:
    start = Held(1, DIVISION, Role.OFFICER)
    others = [
        [], [Held(2, DIVISION, Role.OFFICER)], [Held(1, OFFICE, Role.OFFICER)], [Held(1, DIVISION, Role.HEAD)],
        [Held(1, DIVISION, Role.OFFICER, is_clerk=True)], [start, Held(3, OFFICE, Role.OFFICER)],
    ]  # fmt: skip

    assert fingerprint([start]) not in {fingerprint(other) for other in others}
    assert fingerprint(others[-1]) == fingerprint(reversed(others[-1]))


def test_an_officer_needs_no_tree() -> None:
    assert not needs_tree([Held(1, DIVISION, Role.OFFICER)])
    assert needs_tree([Held(1, DIVISION, Role.OFFICER, is_clerk=True)])

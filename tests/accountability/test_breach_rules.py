"""When a missed term accuses somebody, and whom."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.accountability.breaches.rules import (
    Holding,
    TermFacts,
    Was,
    holder_at,
    is_legacy,
    is_stale,
    may_decide_correction,
    missed,
)

DUE = datetime(2023, 10, 10, 16, 30)
END = datetime(2023, 10, 16, 23, 59, 59)
LATER = datetime(2023, 10, 12, 9, 0)


def facts(**changes: object) -> TermFacts:
    return TermFacts(**{"due_at": DUE, "finished_at": None, "meaning": "open", "data_as_of": END, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("meaning", ["finished", "refused", "withdrawn"])
def test_an_end_after_the_due_moment_is_late(meaning: str) -> None:
    assert missed(facts(meaning=meaning, finished_at=LATER), END) is Was.LATE


@pytest.mark.parametrize("finished_at", [DUE, DUE - timedelta(minutes=1)])
def test_an_end_by_the_due_moment_is_not_late(finished_at: datetime) -> None:
    assert missed(facts(meaning="finished", finished_at=finished_at), END) is None


def test_an_end_without_moment_accuses_nobody() -> None:
    assert missed(facts(meaning="finished"), END) is None


def test_a_case_that_ended_after_the_day_was_overdue_on_it() -> None:
    assert missed(facts(meaning="finished", finished_at=END + timedelta(days=1)), END) is Was.OVERDUE


def test_a_case_due_and_ended_after_the_day_was_neither_on_it() -> None:
    later = facts(meaning="finished", due_at=END + timedelta(days=1), finished_at=END + timedelta(days=2))

    assert missed(later, END) is None


def test_an_open_case_past_its_term_is_overdue() -> None:
    assert missed(facts(), END) is Was.OVERDUE


def test_data_older_than_the_due_moment_accuse_nobody_and_are_listed() -> None:
    stale = facts(data_as_of=DUE)

    assert missed(stale, END) is None
    assert is_stale(stale, END)


def test_a_case_is_not_overdue_on_its_due_day() -> None:
    assert missed(facts(due_at=END), END) is None


@pytest.mark.parametrize(
    "changes", [{"meaning": "paused"}, {"meaning": "not_counted"}, {"due_at": None}, {"gone": True}]
)
def test_what_may_not_accuse(changes: dict[str, object]) -> None:
    assert missed(facts(**changes), END) is None
    assert not is_stale(facts(**changes), END)


def test_a_date_only_end_on_the_due_day_is_on_time() -> None:
    midnight = datetime(2023, 10, 10)

    assert missed(facts(meaning="finished", finished_at=midnight), END) is None


def test_the_holder_is_the_one_of_the_last_batch_before_the_due_moment() -> None:
    holdings = (
        Holding(DUE - timedelta(days=5), 1),
        Holding(DUE - timedelta(days=1), 2),
        Holding(DUE + timedelta(days=1), 3),
    )

    assert holder_at(DUE, holdings) == (2, False)


def test_the_first_batch_that_shows_the_breach_names_the_holder_provisionally() -> None:
    assert holder_at(DUE, (Holding(DUE + timedelta(days=1), 3),)) == (3, True)


@pytest.mark.parametrize(
    "holdings", [(), (Holding(DUE + timedelta(days=1), None),), (Holding(DUE - timedelta(days=1), None),)]
)
def test_nobody_known_means_the_head(holdings: tuple[Holding, ...]) -> None:
    assert holder_at(DUE, holdings) == (None, False)


@given(st.lists(st.integers(-10, 10), max_size=6))
def test_nobody_who_took_the_case_after_the_due_moment_answers_when_an_earlier_holder_is_known(days: list[int]) -> None:
    holdings = tuple(Holding(DUE + timedelta(days=day), day) for day in sorted(days))

    officer, provisional = holder_at(DUE, holdings)

    if any(day <= 0 for day in days):
        assert officer is not None and officer <= 0 and not provisional
    else:
        assert officer == (min(days) if days else None)


def test_a_blank_at_the_due_moment_is_filled_provisionally_by_the_first_batch_that_names_somebody() -> None:
    holdings = (
        Holding(DUE - timedelta(days=1), None),
        Holding(DUE + timedelta(days=1), 3),
        Holding(DUE + timedelta(days=2), 4),
    )

    assert holder_at(DUE, holdings) == (3, True)


def test_breaches_before_the_cut_over_are_legacy() -> None:
    assert is_legacy(DUE, date(2023, 10, 11))
    assert not is_legacy(DUE, date(2023, 10, 10))
    assert not is_legacy(DUE, None)


def test_the_officer_and_the_proposer_do_not_decide_a_correction() -> None:
    assert may_decide_correction(1, 3, 2)
    assert not may_decide_correction(3, 3, 2)
    assert not may_decide_correction(1, 2, 2)

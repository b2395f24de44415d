"""How sheets add up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from portal.evaluation.rules import Months, Tally, Year, merged, months_of, tally_of, total, year_of

DECEMBER = (12, 1)


@pytest.mark.parametrize(
    ("day", "year"),
    [(date(2022, 11, 30), 2022), (date(2022, 12, 1), 2023), (date(2023, 10, 16), 2023), (date(2023, 12, 1), 2024)],
)
def test_an_evaluation_year_runs_from_december_to_november(day: date, year: int) -> None:
    assert year_of(day, DECEMBER) == year


def test_a_year_from_january_is_the_calendar_year() -> None:
    assert year_of(date(2023, 12, 31), (1, 1)) == 2023


def test_a_running_year_counts_to_today_and_says_so() -> None:
    year = Year(2023, date(2022, 12, 1), date(2023, 11, 30), date(2023, 10, 16))

    assert year.to == date(2023, 10, 16)
    assert year.is_provisional


def test_an_ended_year_counts_to_its_last_day() -> None:
    year = Year(2023, date(2022, 12, 1), date(2023, 11, 30), date(2023, 12, 5))

    assert year.to == date(2023, 11, 30)
    assert not year.is_provisional


def test_shared_blame_weighs_one_half_and_what_is_not_concluded_nothing() -> None:
    rows = [
        ("subjective", "full", "concluded", "sent", 3),
        ("subjective", "shared", "concluded", "waiting", 1),
        ("objective", "none", "concluded", "sent", 2),
        (None, None, "waiting", "waiting", 4),
    ]

    tally = tally_of(rows)

    assert tally.breaches == 10
    assert tally.weighed(Decimal("0.5")) == Decimal("3.5")
    assert tally.by_class == {"subjective": 4, "objective": 2, "not_concluded": 4}
    assert tally.apologies == {"sent": 5, "waiting": 5}


def test_every_state_of_a_duty_sums_to_the_breaches() -> None:
    one = tally_of([("technical", "none", "concluded", "draft", 2)])
    other = tally_of([(None, None, "submitted", "exempt", 5)])

    both = total([one, other])

    assert both.breaches == sum(both.explanations.values()) == sum(both.apologies.values()) == 7
    assert total([]) == Tally()


def test_a_month_at_100_has_cases_and_none_late() -> None:
    assert months_of([("2023-01", 10, 0), ("2023-02", 5, 1), ("2023-03", 0, 0)]) == Months(judged=2, at_100=1)


def test_months_of_several_units_are_one_month() -> None:
    """One unit's late case spoils the month of the head above both."""
    both = merged([[("2023-01", 10, 0), ("2023-02", 4, 0)], [("2023-01", 5, 1)]])

    assert both == [("2023-01", 15, 1), ("2023-02", 4, 0)]
    assert months_of(both) == Months(judged=2, at_100=1)

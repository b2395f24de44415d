"""Counts, ratios and the sentence of the floor, against brute force."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.cases.rules import State
from portal.figures.periods import Period, Preset, months_of, period_from, preset_period, quarter_start
from portal.figures.rules import Cell, Colour, Counts, ToFloor, colour, counts_of, is_below, pct, places_below, to_floor

KRONG_NO = Counts(received=15935, early=9000, on_time=1677, late=662, within_term=4200, paused=96, overdue=300)


def test_krong_no() -> None:
    assert KRONG_NO.is_consistent
    assert (KRONG_NO.judged, KRONG_NO.in_time, KRONG_NO.open) == (11339, 10677, 4596)
    assert pct(KRONG_NO.r1) == Decimal("94.16")
    assert pct(KRONG_NO.late_share) == Decimal("5.84")
    assert pct(KRONG_NO.r1, 1) == Decimal("94.2")
    assert to_floor(KRONG_NO.in_time, KRONG_NO.judged, Decimal(95)) == ToFloor(96, 1901, 19)
    assert KRONG_NO.r1_if_closed == Fraction(10677, 11639)


def test_closing_the_overdue_divides_by_all_resolved_and_overdue() -> None:
    """Resolved cases without a due date stand in the denominator too, as the rules say."""
    assert Counts(on_time=6, late=1, no_term=1, overdue=2).r1_if_closed == Fraction(6, 10)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 400), st.integers(0, 400), st.sampled_from([50, 75, 90, 95, 98]))
def test_the_sentence_of_the_floor_by_trying(in_time: int, late: int, floor: int) -> None:
    judged, share = in_time + late, Fraction(floor, 100)

    found = to_floor(in_time, judged, Decimal(floor))

    def reaches(on_time: int, whole: int) -> bool:
        return Fraction(on_time) >= share * whole

    assert found.missing == next(n for n in range(judged + 1) if reaches(in_time + n, judged))
    assert found.next_on_time is not None and found.per_late is not None
    assert reaches(in_time + found.next_on_time, judged + found.next_on_time)
    assert found.next_on_time == 0 or not reaches(in_time + found.next_on_time - 1, judged + found.next_on_time - 1)
    worse = to_floor(in_time, judged + 1, Decimal(floor)).next_on_time
    if found.missing and worse is not None:
        assert found.per_late - 1 <= worse - found.next_on_time <= found.per_late


def test_a_floor_of_a_hundred_is_reached_by_no_number_of_cases() -> None:
    assert to_floor(9, 10, Decimal(100)) == ToFloor(1, None, None)
    assert to_floor(10, 10, Decimal(100)).is_reached


@given(st.integers(0, 10_000), st.integers(1, 10_000))
def test_percentages_are_rounded_half_up(part: int, rest: int) -> None:
    ratio = Fraction(part, part + rest)

    rounded = pct(ratio)

    assert rounded is not None and rounded.as_tuple().exponent == -2
    assert Fraction(-1, 20_000) < Fraction(rounded) / 100 - ratio <= Fraction(1, 20_000)


def test_nothing_divided_by_nothing_is_a_dash() -> None:
    assert Counts().r1 is None and Counts().r2 is None and pct(None) is None
    assert colour(None) is Colour.GREY


@pytest.mark.parametrize(
    ("ratio", "places"),
    [
        (Fraction(9416, 10000), 1),
        (Fraction(9494, 10000), 1),
        (Fraction(9496, 10000), 2),
        (Fraction(94996, 100000), 3),
        (Fraction(95, 100), 1),
        (None, 1),
    ],
)
def test_rounding_never_lifts_a_ratio_over_the_floor(ratio: Fraction | None, places: int) -> None:
    assert places_below(ratio, Decimal(95)) == places
    shown = pct(ratio, places)
    assert shown is None or (shown < 95) == is_below(ratio, Decimal(95))


@pytest.mark.parametrize(
    ("percent", "name"),
    [("98", "green"), ("97.999", "yellow"), ("95", "yellow"), ("94.999", "orange"), ("90", "orange"), ("89.99", "red")],
)
def test_colours_change_at_their_borders(percent: str, name: str) -> None:
    assert colour(Fraction(percent) / 100) == name


def test_a_refusal_counts_like_a_result() -> None:
    counts = counts_of([Cell(State.LATE, True, True, 2), Cell(State.OVERDUE, False, True, 1)])

    assert (counts.late, counts.refused, counts.resolved, counts.overdue, counts.received) == (2, 2, 2, 1, 2)
    assert counts.carried_over == 1 and counts.is_consistent


@pytest.mark.parametrize(
    ("day", "start"),
    [
        (date(2024, 3, 14), date(2023, 12, 15)),
        (date(2024, 3, 15), date(2024, 3, 15)),
        (date(2023, 12, 14), date(2023, 9, 15)),
        (date(2023, 12, 31), date(2023, 12, 15)),
    ],
)
def test_report_quarters_run_from_the_15th(day: date, start: date) -> None:
    assert quarter_start(day) == start


def test_months_of_a_period_are_cut_at_its_ends() -> None:
    found = [(one.from_, one.to) for one in months_of(Period(date(2023, 12, 15), date(2024, 2, 3)))]

    assert found == [
        (date(2023, 12, 15), date(2023, 12, 31)), (date(2024, 1, 1), date(2024, 1, 31)),
        (date(2024, 2, 1), date(2024, 2, 3)),
    ]  # fmt: skip
    assert months_of(Period(date(2024, 2, 1), date(2024, 2, 29))) == []


def test_presets_and_typed_periods() -> None:
    today = date(2024, 4, 19)

    assert preset_period(Preset.LAST_QUARTER, today).to_args() == {"period": "last_quarter"}
    assert preset_period(Preset.LAST_QUARTER, today).from_ == date(2023, 12, 15)
    assert preset_period(Preset.LAST_QUARTER, today).to == date(2024, 3, 14)
    assert preset_period(Preset.LAST_MONTH, today).to == date(2024, 3, 31)
    assert preset_period(Preset.WEEK, today) == Period(date(2024, 4, 15), today, Preset.WEEK)
    assert preset_period(Preset.WEEK, date(2024, 4, 21)).from_ == date(2024, 4, 15)
    assert preset_period(Preset.LAST_WEEK, date(2024, 1, 1)) == Period(
        date(2023, 12, 25), date(2023, 12, 31), Preset.LAST_WEEK
    )
    assert period_from({"from": "01/02/2024", "to": "31/12/2030"}, today).to == today
    assert period_from({"from": "nonsense"}, today).preset is Preset.YEAR
    assert period_from({"from": "01/05/2024"}, today).preset is Preset.YEAR

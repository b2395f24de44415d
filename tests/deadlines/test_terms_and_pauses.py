"""Terms, pauses and extensions: properties on random calendars, and a naive second implementation that agrees."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.deadlines import (
    DayOff,
    DayReason,
    Extension,
    Moment,
    Pause,
    PauseKind,
    Term,
    TermPolicy,
    TermUnit,
    WorkingCalendar,
    computed_due,
    is_past_due,
    repeated_supplements,
    ruling_due,
    tell,
    tell_ruling,
)
from tests.deadlines import naive
from tests.deadlines.draws import (
    DAYS,
    MIXED_EXTENSIONS,
    PAUSES,
    TERMS,
    UNTIL,
    World,
    extensions,
    moments,
    pauses,
    world,
    worlds,
)

LAST_HOUR = TermPolicy(last_hour_rule=True)
PLAIN = TermPolicy()
A_SECOND = Fraction(1, 4 * 3600)
"""Due moments are whole seconds: what is told may differ by a part of one, here of the shortest day."""


@given(worlds(), moments(), TERMS, PAUSES, UNTIL, st.booleans(), st.data())
def test_the_computed_due_moment_agrees_with_walking(
    made: World, received: Moment, term: Term, stood: list[Pause], until: Moment, last_hour: bool, data: st.DataObject
) -> None:
    more = data.draw(extensions(term.unit))
    policy = LAST_HOUR if last_hour else PLAIN

    due = computed_due(received, term, stood, more, made.calendar, policy, until=until)

    assert due == naive.due(received, term, made.office, stood, more, until=until, last_hour=last_hour)


@given(worlds(), moments(), PAUSES, UNTIL)
def test_the_ruling_due_moment_agrees_with_walking(
    made: World, printed: Moment, stood: list[Pause], until: Moment
) -> None:
    printed = _in_hours(printed, made)

    due = ruling_due(printed, stood, [], made.calendar, until=until)

    assert due == naive.ruling(printed, made.office, stood, until=until)


def _as_stored(due: Moment) -> Moment:
    """A due day without a time of day stands for its end."""
    return Moment.end_of_day(due.day) if due.is_whole_day else due


def _in_hours(printed: Moment, made: World) -> Moment:
    """What a receipt prints: a moment of the working hours, or a day."""
    if printed.is_whole_day:
        return Moment.end_of_day(printed.day)
    quarters = made.office.quarters(made.office.next_working(printed.day))
    return Moment(quarters[printed.at.hour % len(quarters)] + naive.QUARTER)


@given(worlds(), moments(), TERMS, PAUSES, UNTIL)
def test_without_pauses_and_extensions_the_term_alone_says_it(
    made: World, received: Moment, term: Term, stood: list[Pause], until: Moment
) -> None:
    assert computed_due(received, term, [], [], made.calendar, until=until) == term.due(received, made.calendar)
    assert ruling_due(received, [], [], made.calendar, until=until) == _as_stored(received)


@given(worlds(), moments(), TERMS, PAUSES, UNTIL, DAYS)
def test_one_more_day_off_never_moves_a_due_moment_earlier(
    made: World, received: Moment, term: Term, stood: list[Pause], until: Moment, extra: date
) -> None:
    closed = made.calendar.for_unit(closed=[DayOff(extra, "nghỉ")])

    before = computed_due(received, term, stood, [], made.calendar, until=until)
    after = computed_due(received, term, stood, [], closed, until=until)

    assert after.at >= before.at


@given(worlds(), moments(), PAUSES, UNTIL, DAYS, moments())
def test_one_more_day_off_never_makes_a_case_late(
    made: World, printed: Moment, stood: list[Pause], until: Moment, extra: date, finished: Moment
) -> None:
    closed = made.calendar.for_unit(closed=[DayOff(extra, "nghỉ")])

    before = ruling_due(printed, stood, [], made.calendar, until=until)
    after = ruling_due(printed, stood, [], closed, until=until, printed_by=made.calendar)

    assert after.at >= before.at
    assert is_past_due(before, finished) or not is_past_due(after, finished)


@given(worlds(), moments(), TERMS, PAUSES, pauses(), UNTIL)
def test_pausing_never_shortens(
    made: World, received: Moment, term: Term, stood: list[Pause], more: Pause, until: Moment
) -> None:
    computed = [computed_due(received, term, each, [], made.calendar, until=until) for each in (stood, [*stood, more])]
    ruling = [ruling_due(received, each, [], made.calendar, until=until) for each in (stood, [*stood, more])]

    assert computed[0].at <= computed[1].at
    assert ruling[0].at <= ruling[1].at


@given(worlds(), moments(), TERMS, PAUSES, MIXED_EXTENSIONS, UNTIL)
def test_the_order_of_pauses_and_extensions_does_not_matter(
    made: World, received: Moment, term: Term, stood: list[Pause], more: list[Extension], until: Moment
) -> None:
    mixed, others = [*stood[1:], *stood[:1]], list(reversed(more))

    assert computed_due(received, term, stood, more, made.calendar, until=until) == computed_due(
        received, term, mixed, others, made.calendar, until=until
    )
    assert ruling_due(received, stood, more, made.calendar, until=until) == ruling_due(
        received, mixed, others, made.calendar, until=until
    )


@given(worlds(), moments(), TERMS, pauses(), UNTIL, moments())
def test_splitting_a_pause_in_two_changes_nothing(
    made: World, received: Moment, term: Term, whole: Pause, until: Moment, cut: Moment
) -> None:
    if not (whole.started.latest < cut.latest and (whole.ended is None or cut.latest <= whole.ended.latest)):
        cut = whole.started
    parts = [Pause(whole.started, cut, whole.kind), Pause(cut, whole.ended, whole.kind)]

    computed = [computed_due(received, term, each, [], made.calendar, until=until) for each in ([whole], parts)]
    ruling = [ruling_due(received, each, [], made.calendar, until=until) for each in ([whole], parts)]

    assert computed[0] == computed[1]
    assert ruling[0] == ruling[1]


@given(worlds(), moments(), pauses(), UNTIL)
def test_a_pause_begun_past_the_due_moment_moves_nothing(
    made: World, printed: Moment, stood: Pause, until: Moment
) -> None:
    due = ruling_due(printed, [stood], [], made.calendar, until=until)

    assert due == _as_stored(printed) or not is_past_due(printed, stood.started)


@given(worlds(), moments(), PAUSES, UNTIL)
def test_what_the_printed_moment_contains_is_not_added_again(
    made: World, printed: Moment, stood: list[Pause], until: Moment
) -> None:
    contained = [Pause(each.started, each.ended, each.kind, in_printed=True) for each in stood]

    assert ruling_due(printed, contained, [], made.calendar, until=until) == _as_stored(printed)
    assert ruling_due(printed, [*contained, *stood], [], made.calendar, until=until) == _as_stored(printed)


@given(worlds(), moments(), TERMS, PAUSES, UNTIL, st.data())
def test_what_is_told_adds_up_to_the_term(
    made: World, received: Moment, term: Term, stood: list[Pause], until: Moment, data: st.DataObject
) -> None:
    more = data.draw(extensions(term.unit))

    told = tell(received, term, made.calendar, pauses=stood, extensions=more, until=until)

    assert told.due == computed_due(received, term, stood, more, made.calendar, until=until)
    assert [day.day for day in told.days] == [received.day + timedelta(days=step) for step in range(len(told.days))]
    assert told.days[-1].day == told.due.day
    if term.unit is not TermUnit.MONTHS:
        assert abs(told.days[-1].total - term.amount - sum(extension.amount for extension in more)) < A_SECOND


def test_days_between_a_last_day_off_and_a_pause_on_the_next_one_are_not_counted() -> None:
    office = world({date(2023, 1, 23)}, set(), {}, {})
    sunday = Pause(Moment.of_day(date(2023, 1, 29)), None, PauseKind.SUPPLEMENT)

    told = tell(
        Moment.of_day(date(2023, 1, 21)),
        Term(4, TermUnit.CALENDAR_DAYS),
        office.calendar,
        pauses=[sunday],
        until=Moment.of_day(date(2023, 2, 1)),
    )

    assert [day.day.day for day in told.days if day.is_counted] == [25, 26, 27, 28]


@given(worlds(), moments(), PAUSES, UNTIL)
def test_what_is_told_of_the_ruling_moment_is_what_was_left_when_the_clock_stood(
    made: World, printed: Moment, stood: list[Pause], until: Moment
) -> None:
    printed = _in_hours(printed, made)

    told = tell_ruling(printed, stood, [], made.calendar, until=until)

    begin = min([printed.latest, *(pause.started.latest for pause in stood if not is_past_due(until, pause.started))])
    left = sum(
        made.office.weight(quarter, TermUnit.WORKING_DAYS) * naive.QUARTER.seconds
        for day in {begin.date() + timedelta(days=step) for step in range(80)}
        for quarter in made.office.quarters(day)
        if begin <= quarter < printed.latest
    )
    assert told.due == ruling_due(printed, stood, [], made.calendar, until=until)
    assert abs(told.days[-1].total - Fraction(left, naive.PARTS_OF_A_DAY)) < A_SECOND


@given(worlds(), moments(), TERMS, PAUSES, UNTIL)
def test_every_told_day_has_one_reason_that_fits(
    made: World, received: Moment, term: Term, stood: list[Pause], until: Moment
) -> None:
    for day in tell(received, term, made.calendar, pauses=stood, until=until).days:
        if day.is_counted:
            assert day.reason in (DayReason.WORKING, DayReason.MAKE_UP) or term.unit in (
                TermUnit.CALENDAR_DAYS,
                TermUnit.MONTHS,
            )
        else:
            assert day.reason not in (DayReason.WORKING, DayReason.MAKE_UP)
        assert (day.reason is DayReason.PAUSED) <= (day.pause is not None)


@given(st.lists(pauses(), max_size=5))
def test_the_second_request_for_a_supplement_is_the_one_asked_later(stood: list[Pause]) -> None:
    asked = [pause for pause in stood if pause.kind is PauseKind.SUPPLEMENT]

    repeated = repeated_supplements(stood)

    assert len(repeated) == max(len(asked) - 1, 0)
    assert all(pause.kind is PauseKind.SUPPLEMENT for pause in repeated)
    assert not repeated or min(pause.started.at for pause in asked) <= repeated[0].started.at
    assert repeated == repeated_supplements(list(reversed(stood)))


def test_an_open_pause_is_told_only_up_to_a_moment() -> None:
    made = world(set(), set(), {}, {})
    stands = Pause.of_days(date(2023, 1, 5))

    with pytest.raises(ValueError, match="an open pause is told up to a moment"):
        tell(Moment.of_day(date(2023, 1, 3)), Term(3, TermUnit.WORKING_DAYS), made.calendar, pauses=[stands])


def test_a_pause_does_not_end_before_it_began() -> None:
    with pytest.raises(ValueError, match="ends on or after the day it began"):
        Pause.of_days(date(2023, 1, 5), date(2023, 1, 4))


def test_a_unit_without_exceptions_shares_the_calendar_of_all() -> None:
    calendar: WorkingCalendar = world(set(), set(), {}, {}).calendar

    assert calendar.for_unit() is calendar

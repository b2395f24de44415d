"""The machine of explanations, who concludes, and what a conclusion may say."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.accountability.explanations.rules import (
    MACHINE,
    OPEN,
    WRITABLE,
    Action,
    Actor,
    Answer,
    Blame,
    CauseClass,
    Decider,
    Seat,
    State,
    after,
    allows,
    bulk_conclusion,
    counts_as_late_answer,
    goes_together,
    is_past_term,
    may_return,
    missing_parts,
    needs_reason,
    who_concludes,
)

FRIDAY = date(2023, 10, 20)
ANSWERED = Answer(cause_id=1, happened="Chờ thuế.", remedy="Đã đôn đốc.", commitment="", commitment_on=FRIDAY)


@pytest.mark.parametrize("state", [State.CONCLUDED, State.CANCELLED])
@pytest.mark.parametrize("action", list(Action))
def test_the_ends_of_the_road_are_ends(state: State, action: Action) -> None:
    assert not allows(state, action)
    with pytest.raises(ValueError, match="not possible"):
        after(state, action)


@given(st.lists(st.sampled_from(list(Action)), max_size=30))
def test_no_road_leaves_the_states_of_the_road(actions: list[Action]) -> None:
    state = State.WAITING
    for action in actions:
        if not allows(state, action):
            continue
        state = after(state, action)
        assert state in State
        if state is State.CONCLUDED:
            assert action in (Action.CONCLUDE, Action.CONCLUDE_UNANSWERED)
        if state is State.SUBMITTED:
            assert action in (Action.SUBMIT, Action.ALREADY_DONE)


def test_a_returned_explanation_that_is_saved_stays_returned() -> None:
    assert after(State.RETURNED, Action.SAVE) is State.RETURNED


def test_only_the_decider_ends_it_and_never_the_machine() -> None:
    for action, step in MACHINE.items():
        if step.target is State.CONCLUDED:
            assert step.actor is Actor.DECIDER, action


def test_who_writes_cannot_write_what_is_submitted() -> None:
    assert State.SUBMITTED not in WRITABLE
    assert set(OPEN) | {State.CONCLUDED, State.CANCELLED} == set(State)


@pytest.mark.parametrize("cause_class", list(CauseClass))
@pytest.mark.parametrize("blame", list(Blame))
def test_subjective_has_blame_and_no_other_class_has(cause_class: CauseClass, blame: Blame) -> None:
    assert goes_together(cause_class, blame) == ((cause_class is CauseClass.SUBJECTIVE) == (blame is not Blame.NONE))


def test_bulk_takes_only_the_class_the_officer_stated() -> None:
    assert bulk_conclusion("subjective") == (CauseClass.SUBJECTIVE, Blame.FULL)
    assert bulk_conclusion("technical") == (CauseClass.TECHNICAL, Blame.NONE)
    assert bulk_conclusion(None) is None


@pytest.mark.parametrize(
    ("stated", "concluded", "answered", "expected"),
    [
        ("objective", CauseClass.OBJECTIVE, True, False),
        ("objective", CauseClass.SUBJECTIVE, True, True),
        (None, CauseClass.OBJECTIVE, True, True),
        ("objective", CauseClass.OBJECTIVE, False, True),
    ],
)
def test_a_harsher_or_unstated_class_needs_a_reason(
    stated: str | None, concluded: CauseClass, answered: bool, expected: bool
) -> None:
    assert needs_reason(stated, concluded, answered=answered) is expected


def test_after_two_returns_he_must_conclude() -> None:
    assert [may_return(times, 2) for times in (0, 1, 2)] == [True, True, False]


COMMUNE, DISTRICT, PROVINCE = 1, 2, 3
LINE = (COMMUNE, DISTRICT, PROVINCE)
HEADS = {COMMUNE: 10, DISTRICT: 20, PROVINCE: 30}


@pytest.mark.parametrize(
    ("heads", "chair", "excluded", "expected"),
    [
        (HEADS, 40, {5}, Decider(10, Seat.HEAD)),
        ({DISTRICT: 20}, 40, {5}, Decider(20, Seat.NEXT_HEAD)),
        (HEADS, 40, {10}, Decider(20, Seat.NEXT_HEAD)),
        (HEADS, 40, {10, 20}, Decider(30, Seat.NEXT_HEAD)),
        ({COMMUNE: 10}, 40, {10}, Decider(40, Seat.CHAIR)),
        ({}, 40, {40}, Decider(None, Seat.ABOVE)),
        ({}, None, {5}, Decider(None, Seat.ABOVE)),
    ],
)
def test_who_concludes(heads: dict[int, int], chair: int | None, excluded: set[int], expected: Decider) -> None:
    assert who_concludes(LINE, heads, chair, frozenset(excluded)) == expected


@given(
    st.dictionaries(st.sampled_from(LINE), st.integers(1, 6)),
    st.none() | st.integers(1, 6),
    st.frozensets(st.integers(1, 6), max_size=6),
)
def test_nobody_concludes_his_own(heads: dict[int, int], chair: int | None, excluded: frozenset[int]) -> None:
    assert who_concludes(LINE, heads, chair, excluded).person_id not in excluded


def test_the_term_is_over_the_day_after_its_last_day() -> None:
    assert not is_past_term(FRIDAY, FRIDAY, stopped_at=None, legacy=False)
    assert is_past_term(FRIDAY, date(2023, 10, 21), stopped_at=None, legacy=False)


def test_a_stopped_clock_and_an_old_breach_are_never_late() -> None:
    saturday = date(2023, 10, 21)

    assert not is_past_term(FRIDAY, saturday, stopped_at=datetime(2023, 10, 18), legacy=False)
    assert not is_past_term(FRIDAY, saturday, stopped_at=None, legacy=True)
    assert not counts_as_late_answer(FRIDAY, saturday, legacy=True)
    assert counts_as_late_answer(FRIDAY, saturday, legacy=False)


def test_an_empty_answer_names_every_missing_part() -> None:
    empty = Answer(cause_id=None, happened=" ", remedy="", commitment="", commitment_on=None)

    missing = missing_parts(empty, needs_evidence=True, has_evidence=False, still_open=True)

    assert missing == ("cause", "happened", "remedy", "commitment_on", "evidence")


def test_a_whole_answer_misses_nothing() -> None:
    assert missing_parts(ANSWERED, needs_evidence=True, has_evidence=True, still_open=True) == ()
    assert missing_parts(ANSWERED, needs_evidence=False, has_evidence=False, still_open=False) == ()

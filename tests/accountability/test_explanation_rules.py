"""The machine of explanations, who concludes, and what a conclusion may say."""

from datetime import date, datetime
from typing import Any

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
    Share,
    State,
    after,
    allows,
    bulk_conclusion,
    counts_as_late_answer,
    goes_together,
    is_past_term,
    is_unconfirmed,
    may_return,
    missing_parts,
    needs_reason,
    shares_fault,
    who_concludes,
    who_hears,
)

FRIDAY = date(2023, 10, 20)
ANSWERED = Answer(cause_id=1, happened="Chờ thuế.", remedy="Đã đôn đốc.", commitment="", commitment_on=FRIDAY)


RECONSIDERED = {Action.WITHDRAW, Action.OBJECT, Action.DECIDE_OBJECTION}


@pytest.mark.parametrize("action", list(Action))
def test_what_is_cancelled_stays_so_and_what_is_concluded_is_only_reconsidered(action: Action) -> None:
    assert not allows(State.CANCELLED, action)
    assert allows(State.CONCLUDED, action) == (action in RECONSIDERED)
    with pytest.raises(ValueError, match="not possible"):
        after(State.CANCELLED, action)


def test_a_withdrawn_conclusion_leads_back_to_where_it_was_drawn() -> None:
    assert after(State.CONCLUDED, Action.WITHDRAW, came_from=State.RETURNED) is State.RETURNED
    assert after(State.CONCLUDED, Action.OBJECT) is after(State.CONCLUDED, Action.DECIDE_OBJECTION) is State.CONCLUDED


@given(st.lists(st.sampled_from(list(Action)), max_size=30))
def test_no_road_leaves_the_states_of_the_road(actions: list[Action]) -> None:
    state = State.WAITING
    for action in actions:
        if not allows(state, action):
            continue
        state = after(state, action)
        assert state in State
        if state is State.CONCLUDED:
            assert action in {Action.CONCLUDE, Action.CONCLUDE_UNANSWERED} | RECONSIDERED
        if state is State.SUBMITTED:
            assert action in (Action.SUBMIT, Action.PASS_ON, Action.ALREADY_DONE, Action.WITHDRAW)


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


@pytest.mark.parametrize(
    ("heads", "chair", "excluded", "expected"),
    [
        (HEADS, 40, {10}, Decider(20, Seat.NEXT_HEAD)),
        (HEADS, 40, set(), Decider(20, Seat.NEXT_HEAD)),
        (HEADS, 40, {10, 20}, Decider(30, Seat.NEXT_HEAD)),
        ({COMMUNE: 10}, 40, {10}, Decider(40, Seat.CHAIR)),
        ({COMMUNE: 10}, 40, {40}, Decider(None, Seat.ABOVE)),
    ],
)
def test_an_objection_goes_to_the_next_head_up(
    heads: dict[int, int], chair: int | None, excluded: set[int], expected: Decider
) -> None:
    assert who_hears(LINE, heads, chair, frozenset(excluded)) == expected


SHARED, FULL, OBJECTIVE = (
    (CauseClass.SUBJECTIVE, Blame.SHARED), (CauseClass.SUBJECTIVE, Blame.FULL), (CauseClass.OBJECTIVE, Blame.NONE),
)  # fmt: skip


@pytest.mark.parametrize(
    ("own", "others", "fault"),
    [
        (SHARED, [(7, SHARED), (8, OBJECTIVE)], None),
        (OBJECTIVE, [(7, FULL)], None),
        (FULL, [(7, OBJECTIVE)], None),
        (FULL, [(7, SHARED)], "full_is_not_shared"),
        (SHARED, [(7, FULL)], "full_is_not_shared"),
        (SHARED, [(7, SHARED), (7, SHARED)], "named_twice"),
        (SHARED, [(5, SHARED)], "named_twice"),
        (SHARED, [(7, (CauseClass.OBJECTIVE, Blame.FULL))], "class_and_blame"),
    ],
)
def test_who_shares_a_delay_has_a_line_of_his_own(own: Any, others: list[Any], fault: str | None) -> None:
    shares = [Share(person, "Địa chính", *said) for person, said in others]

    assert shares_fault(*own, shares, holder_id=5) == fault


@pytest.mark.parametrize(
    ("cause_class", "confirmation", "expected"),
    [("technical", "", True), ("other_body", "CV 12/CCT", False), ("objective", "", False), ("subjective", "", False)],
)
def test_a_technical_cause_is_unconfirmed_without_a_document(
    cause_class: str, confirmation: str, expected: bool
) -> None:
    assert is_unconfirmed(cause_class, confirmation) is expected

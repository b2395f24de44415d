"""The words in SQL are the words in Python, on random cases, on both databases."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

from sqlalchemy import insert, select

from portal.cases import words
from portal.cases.models import Case
from portal.cases.rules import Meaning, State, Verdict, is_counted, state_at, verdict
from portal.database import commit, db
from tests.factories import Make

DAY = date(2023, 10, 16)
AT = datetime(2023, 10, 16, 10, 30)
SOON = datetime(2023, 10, 18, 23, 59, 59)
MOMENTS = [
    datetime(2023, 10, day, *time) for day in range(12, 21) for time in ((0, 0), (10, 30), (16, 30), (23, 59, 59))
]


def random_facts(chance: random.Random) -> dict[str, object]:
    """Facts as imports leave them, unlikely ones included."""
    due = chance.choice([None, *MOMENTS])
    return {
        "meaning": chance.choice(list(Meaning)).value,
        "received_at": chance.choice(MOMENTS),
        "due_at": due,
        "ruling_due_at": due and due + timedelta(hours=chance.choice([0, 0, 1, 30, 72])),
        "paused_since": chance.choice([None, None, *MOMENTS]),
        "finished_at": chance.choice([None, *MOMENTS]),
        "ended_seen_at": chance.choice([None, *MOMENTS]),
        "data_as_of": chance.choice(MOMENTS),
    }


def store(make: Make, count: int, seed: int) -> None:
    """Random cases of one unit."""
    chance = random.Random(seed)
    fixed = {"resolving_unit_id": make.unit().id, "source_id": make.source().id}
    rows = [{**random_facts(chance), **fixed, "code": f"C{number}"} for number in range(count)]
    with commit():
        db.session.execute(insert(Case), rows)


def test_a_verdict_in_sql_is_the_verdict_in_python(make: Make) -> None:
    store(make, 3000, seed=1)

    found = db.session.execute(select(Case, words.verdict_word(AT, SOON))).all()

    assert {word for _, word in found} == set(Verdict)
    assert [(case.code, word) for case, word in found if verdict(case, AT, SOON) != word] == []


def test_each_case_carries_exactly_one_verdict(make: Make) -> None:
    store(make, 1500, seed=2)

    counts: dict[int, int] = {}
    for word in Verdict:
        for ident in db.session.scalars(select(Case.id).where(words.verdict_is(word, AT, SOON))):
            counts[ident] = counts.get(ident, 0) + 1

    assert len(counts) == 1500
    assert set(counts.values()) == {1}


def test_without_a_limit_nothing_is_due_soon(make: Make) -> None:
    store(make, 1500, seed=3)

    found = db.session.execute(select(Case, words.verdict_word(AT))).all()

    assert [case.code for case, word in found if verdict(case, AT) != word] == []
    assert Verdict.DUE_SOON not in {word for _, word in found}


def test_the_state_at_the_end_of_a_period_is_the_same(make: Make) -> None:
    store(make, 3000, seed=4)
    start, end = datetime(2023, 10, 14), datetime(2023, 10, 16, 23, 59, 59)

    found = db.session.execute(select(Case, words.state_word(end), words.is_counted(start, end))).all()

    assert {word for _, word, _ in found} == set(State)
    assert [case.code for case, word, _ in found if state_at(case, end) != word] == []
    assert [case.code for case, _, counted in found if is_counted(case, start, end) != bool(counted)] == []


def test_a_date_only_due_lasts_to_the_end_of_its_day(make: Make) -> None:
    due = make.case(due="2023-10-16", finished=None)
    finished = make.case(due="2023-10-16 10:00", finished="2023-10-16", code="F")

    assert verdict(due, datetime(2023, 10, 16, 23, 59, 59)) is Verdict.DUE_TODAY
    assert verdict(due, datetime(2023, 10, 17, 0, 0, 0)) is Verdict.OVERDUE
    assert verdict(finished, AT) is Verdict.ON_TIME


def test_early_is_an_earlier_day_and_a_minute_past_is_late(make: Make) -> None:
    early = make.case(due="2023-10-16 17:00", finished="2023-10-15 17:30", code="E")
    on_time = make.case(due="2023-10-16 17:00", finished="2023-10-16 17:00", code="O")
    late = make.case(due="2023-10-16 17:00", finished=datetime(2023, 10, 16, 17, 0, 1), code="L")

    assert [verdict(case, AT) for case in (early, on_time, late)] == [Verdict.EARLY, Verdict.ON_TIME, Verdict.LATE]


def test_no_term_accuses_nobody(make: Make) -> None:
    case = make.case(due=None, meaning="paused")

    assert verdict(case, AT + timedelta(days=400)) is Verdict.OPEN_NO_TERM

"""Opening breaches: whom they accuse, what they freeze, how often they may be run. Rules §3.1–3.7, 3.9, 3.15."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError

from portal import clock
from portal.accountability.apologies.models import Apology
from portal.accountability.breaches.bulk import is_missed_at, is_stale_at
from portal.accountability.breaches.models import Breach, BreachCorrection, BreachEnd
from portal.accountability.breaches.rules import TermFacts, Was, is_stale, missed
from portal.accountability.explanations.models import Explanation
from portal.accountability.explanations.queries import queue_of
from portal.accountability.ledger.actions import MANY, open_breaches
from portal.accountability.ledger.rules import OpenResult
from portal.cases.models import Case, CaseChange
from portal.cases.projecting import project
from portal.database import allow_long_statements, commit, db, dialect
from portal.guard import Role
from portal.policy.models import PolicyValue
from portal.refusal import Refused
from tests.accountability.conftest import MONDAY, NEXT_MONDAY, TUESDAY, Place, acting
from tests.accountability.road import at_once
from tests.factories import Make

Open = Callable[..., OpenResult]
Batch = Callable[[str], int]


def breaches() -> list[Breach]:
    return list(db.session.scalars(select(Breach).order_by(Breach.id)))


def change(case: Case, **values: Any) -> None:
    """Later data about a case; a due moment printed anew rules anew."""
    db.session.rollback()
    if "due_at" in values:
        values.setdefault("ruling_due_at", values["due_at"])
    with commit():
        for name, value in values.items():
            setattr(case, name, value)


def test_a_late_and_an_overdue_case_open_a_breach_with_both_duties(make: Make, place: Place, opened: Open) -> None:
    late = make.case(unit=place.commune, officer=place.officer, finished="2023-10-12 09:00")
    overdue = make.case(unit=place.commune, officer=place.officer)
    make.case(unit=place.commune, officer=place.officer, due="2023-10-20 17:00")

    result = opened()

    assert result == OpenResult(opened=2, already_open=0, cases_late=1, cases_overdue=1)
    assert {(row.case_id, row.was) for row in breaches()} == {(late.id, "late"), (overdue.id, "overdue")}
    assert db.session.scalar(select(func.count()).select_from(Explanation)) == 2
    assert db.session.scalar(select(func.count()).select_from(Apology)) == 2


def test_a_second_run_opens_nothing(make: Make, place: Place, opened: Open) -> None:
    make.case(unit=place.commune)
    opened()

    assert opened() == OpenResult(opened=0, already_open=1, cases_late=0, cases_overdue=1)
    assert opened(TUESDAY).opened == 0


def test_after_many_the_database_knows_how_many_there_are(make: Make, place: Place, opened: Open) -> None:
    one = make.case(unit=place.commune, officer=place.officer)
    facts = {column.name: getattr(one, column.name) for column in Case.__table__.columns if column.name != "id"}
    db.session.rollback()
    with commit():
        db.session.execute(insert(Case), [{**facts, "code": f"{one.code}-{number}"} for number in range(MANY)])

    assert opened().opened == MANY + 1
    if dialect() == "postgresql":
        known = db.session.scalars(text("SELECT reltuples FROM pg_class WHERE relname IN ('breaches', 'explanations')"))
        assert list(known) == [MANY + 1] * 2


def test_the_facts_of_the_opening_are_frozen(make: Make, place: Place, opened: Open) -> None:
    case = make.case(unit=place.commune, officer=place.officer, last_batch_id=7)
    opened()

    breach = breaches()[0]
    assert (breach.due_at, breach.due_precision) == (case.due_at, "minute")
    assert (breach.officer_id, breach.unit_id, breach.head_id) == (place.officer.id, place.commune.id, place.head.id)
    assert breach.posting_id is not None
    assert breach.batch_id == 7
    assert breach.calendar_version_id >= 1
    assert breach.opened_on == MONDAY
    assert not breach.officer_is_provisional
    assert not breach.legacy


@pytest.mark.parametrize("statement", ["UPDATE breaches SET was = 'late'", "DELETE FROM breaches"])
def test_the_database_itself_refuses_to_change_a_breach(make: Make, place: Place, opened: Open, statement: str) -> None:
    make.case(unit=place.commune)
    opened()

    with pytest.raises(DBAPIError, match="append-only"), commit():
        db.session.execute(text(statement))


def test_the_end_of_an_overdue_case_is_one_later_row_of_the_same_breach(make: Make, place: Place, opened: Open) -> None:
    case = make.case(unit=place.commune)
    opened()
    change(case, meaning="finished", finished_at=datetime(2023, 10, 17, 9), finished_precision="minute")

    result = opened(TUESDAY)
    opened(TUESDAY)

    assert (result.opened, result.already_open) == (0, 1)
    ends = db.session.scalars(select(BreachEnd)).all()
    assert [(end.breach_id, end.how, end.ended_at) for end in ends] == [
        (breaches()[0].id, "finished", datetime(2023, 10, 17, 9))
    ]


def test_an_end_after_the_day_is_not_recorded_on_it(make: Make, place: Place, opened: Open) -> None:
    make.case(unit=place.commune, finished="2023-10-17 09:00", as_of="2023-10-18 08:00")

    opened(MONDAY)

    assert breaches()[0].was == "overdue"
    assert not db.session.scalars(select(BreachEnd)).all()


def test_withdrawn_after_the_due_moment_is_a_breach_outside_the_late_cases(
    make: Make, place: Place, opened: Open
) -> None:
    make.case(unit=place.commune, meaning="withdrawn", finished="2023-10-12 09:00")

    assert opened() == OpenResult(opened=1, already_open=0, cases_late=0, cases_overdue=0)
    assert db.session.scalars(select(BreachEnd.how)).one() == "withdrawn"


@pytest.mark.parametrize(
    "facts",
    [
        {"as_of": "2023-10-10 16:00"},
        {"due": None},
        {"meaning": "paused"},
        {"meaning": "not_counted"},
        {"meaning": "finished"},
        {"finished": "2023-10-10 17:00"},
        {"gone_since": datetime(2023, 10, 12)},
        {"due": "2023-10-16"},
    ],
)
def test_what_accuses_nobody(make: Make, place: Place, opened: Open, facts: dict[str, Any]) -> None:
    make.case(unit=place.commune, officer=place.officer, **facts)

    assert opened().opened == 0


def test_a_reopened_case_with_the_same_term_is_the_same_breach(make: Make, place: Place, opened: Open) -> None:
    case = make.case(unit=place.commune, finished="2023-10-12 09:00")
    opened()
    change(case, meaning="open", finished_at=None, finished_precision=None, data_as_of=datetime(2023, 10, 17, 8))

    assert opened(TUESDAY).opened == 0


def test_a_new_printed_term_after_a_reopening_is_a_new_breach(
    make: Make, place: Place, opened: Open, batch: Batch
) -> None:
    case = make.case(unit=place.commune, finished="2023-10-12 09:00")
    opened()
    change(
        case,
        meaning="open",
        finished_at=None,
        finished_precision=None,
        due_at=datetime(2023, 10, 18, 17),
        data_as_of=datetime(2023, 10, 20, 8),
    )
    make.add(
        CaseChange(case_id=case.id, batch_id=batch("2023-10-20 08:00"), field="meaning", old="finished", new="open")
    )

    assert opened(NEXT_MONDAY).opened == 1
    assert [row.due_at for row in breaches()] == [datetime(2023, 10, 10, 17), datetime(2023, 10, 18, 17)]


def test_a_term_moved_later_without_a_pause_leaves_the_breach_alone(make: Make, place: Place, opened: Open) -> None:
    case = make.case(unit=place.commune)
    opened()
    change(case, due_at=datetime(2023, 10, 18, 17), data_as_of=datetime(2023, 10, 20, 8))

    assert opened(NEXT_MONDAY).opened == 0


def test_a_pause_recorded_later_that_proves_there_was_no_lateness_proposes_to_cancel(
    make: Make, place: Place, opened: Open
) -> None:
    cured = make.case(unit=place.commune, finished="2023-10-12 09:00")
    still_late = make.case(unit=place.commune, finished="2023-10-12 09:00")
    reprinted = make.case(unit=place.commune, finished="2023-10-12 09:00")
    standing = make.case(unit=place.commune)
    assert opened().opened == 4
    make.pause(cured, "2023-10-04", "2023-10-09")
    make.pause(still_late, "2023-10-04", "2023-10-05")
    make.pause(standing, "2023-10-05")
    change(reprinted, due_at=datetime(2023, 10, 20, 17))
    with commit():
        project([cured.id, still_late.id, standing.id])

    opened()
    opened()

    proposals = db.session.scalars(select(BreachCorrection).order_by(BreachCorrection.breach_id)).all()
    assert [(row.breach.case_id, row.reason) for row in proposals] == [
        (cured.id, "moved_by_pause"),
        (standing.id, "moved_by_pause"),
    ]


def test_a_moved_term_that_is_missed_is_a_breach_of_the_moved_term(make: Make, place: Place, opened: Open) -> None:
    case = make.case(unit=place.commune, finished="2023-10-13 09:00")
    make.pause(case, "2023-10-04", "2023-10-05")
    with commit():
        project([case.id])

    assert opened().opened == 1

    breach = breaches()[0]
    assert breach.due_at == datetime(2023, 10, 11, 17)
    assert breach.pauses_key == case.moved_by != ""


def test_data_that_prove_there_was_no_lateness_propose_to_cancel_and_cancel_nothing(
    make: Make, place: Place, opened: Open
) -> None:
    case = make.case(unit=place.commune)
    opened()
    change(case, meaning="finished", finished_at=datetime(2023, 10, 10, 9), finished_precision="minute")

    result = opened(TUESDAY)
    opened(TUESDAY)

    assert result.already_open == 1
    proposals = db.session.scalars(select(BreachCorrection)).all()
    assert [(row.state, row.reason, row.proposed_by) for row in proposals] == [("proposed", "finished_by_due", None)]


def test_an_unknown_officer_means_the_head_owes_the_answer(make: Make, place: Place, opened: Open) -> None:
    make.case(unit=place.commune)
    opened()

    assert breaches()[0].officer_id is None
    assert db.session.scalars(select(Explanation.holder_id)).one() == place.head.id


def test_a_vacant_post_is_filled_from_the_managed_by_line(make: Make, place: Place, opened: Open) -> None:
    province = make.unit(kind="province")
    director = make.head(province)
    branch = make.unit(kind="branch", reports_in=place.district, managed_by=province)
    make.case(unit=branch)

    opened()

    assert breaches()[0].head_id == director.id


def test_the_head_is_the_one_of_the_due_day(make: Make, place: Place, opened: Open) -> None:
    unit = make.unit()
    then, now = make.person(), make.person()
    make.posting(then, unit, "head", valid_to=date(2023, 10, 12))
    make.posting(now, unit, "head", valid_from=date(2023, 10, 13))
    make.case(unit=unit)

    opened()

    assert breaches()[0].head_id == then.id


def test_the_officer_is_the_holder_at_the_due_moment(make: Make, place: Place, opened: Open, batch: Batch) -> None:
    first, second = batch("2023-10-05 08:00"), batch("2023-10-13 08:00")
    case = make.case(unit=place.commune, officer=place.colleague, first_batch_id=first, last_batch_id=second)
    make.add(
        CaseChange(
            case_id=case.id, batch_id=second, field="officer_id",
            old=str(place.officer.id), new=str(place.colleague.id),
        )
    )  # fmt: skip

    opened()

    assert breaches()[0].officer_id == place.officer.id
    assert not breaches()[0].officer_is_provisional


def test_a_case_first_seen_after_its_term_has_a_provisional_officer(
    make: Make, place: Place, opened: Open, batch: Batch
) -> None:
    first = batch("2023-10-13 08:00")
    make.case(unit=place.commune, officer=place.officer, first_batch_id=first, last_batch_id=first)

    opened()

    assert (breaches()[0].officer_id, breaches()[0].officer_is_provisional) == (place.officer.id, True)


def test_an_officer_named_only_after_the_term_is_provisional(
    make: Make, place: Place, opened: Open, batch: Batch
) -> None:
    first, second = batch("2023-10-05 08:00"), batch("2023-10-13 08:00")
    case = make.case(unit=place.commune, officer=place.officer, first_batch_id=first, last_batch_id=second)
    make.add(CaseChange(case_id=case.id, batch_id=second, field="officer_id", old=None, new=str(place.officer.id)))

    opened()

    assert (breaches()[0].officer_id, breaches()[0].officer_is_provisional) == (place.officer.id, True)


def test_terms_run_from_the_notice_in_working_days(make: Make, place: Place, opened: Open) -> None:
    make.case(unit=place.commune, officer=place.officer)

    opened(date(2023, 10, 19))

    explanation = db.session.scalars(select(Explanation)).one()
    assert (explanation.noticed_on, explanation.due_on) == (date(2023, 10, 19), date(2023, 10, 24))


def test_breaches_before_the_cut_over_are_legacy_with_a_common_term(make: Make, place: Place, opened: Open) -> None:
    with commit():
        value = db.session.scalars(select(PolicyValue).where(PolicyValue.key == "accountability.cut_over")).one()
        value.value = "2023-10-16"
    make.case(unit=place.commune, officer=place.officer)

    opened()

    assert breaches()[0].legacy
    assert db.session.scalars(select(Explanation.due_on)).one() > date(2023, 10, 19)


def test_where_policy_says_so_the_letter_is_opened_a_working_day_before_and_joins_the_breach(
    make: Make, place: Place, opened: Open
) -> None:
    with commit():
        value = db.session.scalars(select(PolicyValue).where(PolicyValue.key == "apology.opens_at")).one()
        value.value = "day_before"
    case = make.case(unit=place.commune, officer=place.officer, due="2023-10-17 17:00")
    make.case(unit=place.commune, officer=place.officer, due="2023-10-18 17:00")

    assert opened().opened == 0
    ahead = db.session.scalars(select(Apology)).one()
    assert (ahead.case_id, ahead.breach_id) == (case.id, None)

    change(case, data_as_of=datetime(2023, 10, 18, 8))
    opened(date(2023, 10, 17))

    joined = db.session.scalars(select(Apology).where(Apology.case_id == case.id)).one()
    assert (joined.id, joined.breach_id) == (ahead.id, breaches()[0].id)


def test_a_duty_without_any_holder_waits_for_the_decider(make: Make, opened: Open) -> None:
    commune = make.unit()
    make.case(unit=commune)
    opened()
    head = make.head(commune)

    queue = queue_of(acting(head, Role.HEAD, heads=(commune,)), NEXT_MONDAY)

    assert [row.holder_id for row in queue.redirected] == [None]
    assert not queue.unanswered


def test_nothing_is_opened_in_years_without_a_calendar(make: Make, place: Place, opened: Open) -> None:
    make.case(unit=place.commune)

    with pytest.raises(Refused, match="calendars"):
        opened(date(2035, 10, 16))
    assert not breaches()


def test_a_term_older_than_every_calendar_is_opened_like_any_other(make: Make, place: Place, opened: Open) -> None:
    make.case(unit=place.commune, received="2010-01-04 08:00", due="2010-02-01 17:00")
    make.case(unit=place.commune)

    assert opened().opened == 2


def test_the_run_stands_in_the_trail_and_an_empty_run_does_not(make: Make, place: Place, opened: Open) -> None:
    make.case(unit=place.commune)
    opened()
    opened()

    recorded = db.session.execute(text("SELECT count(*) FROM audit_events WHERE kind = 'breaches.opened'")).scalar()
    assert recorded == 1


def test_sixteen_runs_at_once_open_each_breach_once(app: Flask, make: Make, place: Place) -> None:
    for _ in range(5):
        make.case(unit=place.commune, officer=place.officer)
    db.session.rollback()

    db.engine.dispose()

    def run() -> int:
        allow_long_statements()
        with commit():
            return open_breaches(MONDAY, clock.now()).opened

    results = at_once(app, run)

    assert sorted(results) == [0] * 15 + [5]
    assert len(breaches()) == 5
    for duty in (Explanation, Apology):
        assert db.session.scalar(select(func.count()).select_from(duty)) == 5
    recorded = db.session.execute(text("SELECT count(*) FROM audit_events WHERE kind = 'breaches.opened'")).scalar()
    assert recorded == 1


DAYS = st.integers(-3, 3)
CASES = st.lists(
    st.fixed_dictionaries(
        {
            "meaning": st.sampled_from(["not_counted", "open", "paused", "withdrawn", "refused", "finished"]),
            "due": st.none() | DAYS,
            "finished": st.none() | DAYS,
            "as_of": DAYS,
            "gone": st.booleans(),
            "moved": st.integers(0, 2),
            "paused": st.none() | DAYS,
        }
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=CASES)
def test_sql_accuses_exactly_whom_the_rules_accuse(make: Make, place: Place, drawn: list[dict[str, Any]]) -> None:
    noon = datetime(2023, 10, 16, 12)
    day_end = clock.end_of(MONDAY)
    db.session.rollback()
    with commit():
        db.session.execute(text("DELETE FROM cases"))
    procedure, source = make.procedure(), make.source()
    expected_missed, expected_stale = set(), set()
    for facts in drawn:
        moments = {
            name: noon + timedelta(days=facts[name]) if facts[name] is not None else None
            for name in ("due", "finished", "as_of")
        }
        ruling = moments["due"] and moments["due"] + timedelta(days=facts["moved"])
        paused = noon + timedelta(days=facts["paused"]) if facts["paused"] is not None else None
        case = make.case(
            unit=place.commune, procedure=procedure, source=source, received="2023-10-01 08:00", **moments,
            meaning=facts["meaning"], gone_since=noon if facts["gone"] else None, ruling_due_at=ruling,
            paused_since=paused,
        )  # fmt: skip
        known = TermFacts(ruling, moments["finished"], facts["meaning"], case.data_as_of, facts["gone"], paused)
        if missed(known, day_end) in (Was.LATE, Was.OVERDUE):
            expected_missed.add(case.id)
        if is_stale(known, day_end):
            expected_stale.add(case.id)

    assert set(db.session.scalars(select(Case.id).where(is_missed_at(day_end)))) == expected_missed
    assert set(db.session.scalars(select(Case.id).where(is_stale_at(day_end)))) == expected_stale

"""While a case stays open a further explanation is due, one at a time (rules §3.10)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import func, literal, select, update

from portal import clock
from portal.accountability.explanations import bulk
from portal.accountability.explanations.actions import supplementing
from portal.accountability.explanations.actions.supplementing import Progress
from portal.accountability.explanations.models import Explanation
from portal.accountability.explanations.queries import ExplanationQuery
from portal.accountability.explanations.rules import Blame, CauseClass
from portal.accountability.explanations.supplements import Supplement
from portal.accountability.explanations.telling_further import tell_of_supplements
from portal.accountability.ledger.queries import coverage, handover_of
from portal.calendars.queries import current_calendar
from portal.cases.models import Case
from portal.database import commit, db
from portal.guard import Viewer
from portal.refusal import Conflict, Refused
from tests.accountability.conftest import MONDAY, Place, Voices
from tests.accountability.road import SignIn, conclude, submitted
from tests.factories import Make

Open = Callable[..., Any]
TEN_LATER = date(2023, 10, 30)
SAID = Progress("Vẫn chờ cơ quan thuế.", "Đôn đốc hằng tuần.", date(2023, 11, 10))


@pytest.fixture
def still_open(make: Make, place: Place, voices: Voices, opened: Open) -> Explanation:
    """The explanation of an open case, answered and concluded on Monday the 16th."""
    make.case(unit=place.commune, officer=place.officer)
    opened()
    explanation = ExplanationQuery.visible_to(voices.officer).by_due()[0]
    submitted(explanation, voices)
    conclude(explanation, voices.head, CauseClass.SUBJECTIVE, Blame.FULL, "Lý do.", today=MONDAY)
    return explanation


def found() -> list[tuple[int, str, str]]:
    db.session.rollback()
    rows = select(Supplement.number, Supplement.reason, Supplement.state).order_by(Supplement.id)
    return [tuple(row) for row in db.session.execute(rows)]


def do(action: Callable[..., Any], *args: Any, **more: Any) -> Any:
    db.session.rollback()
    row = db.session.scalars(select(Supplement).order_by(Supplement.id.desc())).first()
    assert row is not None
    with commit():
        return action(row, *args, version=more.pop("version", row.version), at=clock.now(), **more)


def test_after_ten_working_days_one_is_due_and_only_one(still_open: Explanation, opened: Open) -> None:
    opened(date(2023, 10, 27))
    early = found()
    for _ in range(2):
        opened(TEN_LATER)

    assert early == []
    assert found() == [(1, "still_open", "waiting")]
    due_on, unit_id, holder_id = db.session.execute(
        select(Supplement.due_on, Supplement.unit_id, Supplement.holder_id)
    ).one()
    assert (due_on, unit_id, holder_id) == (date(2023, 11, 2), still_open.unit_id, still_open.holder_id)


def test_what_is_not_concluded_is_still_the_one_that_counts(
    make: Make, place: Place, opened: Open, voices: Voices
) -> None:
    make.case(unit=place.commune, officer=place.officer)
    opened()
    submitted(ExplanationQuery.visible_to(voices.officer).by_due()[0], voices)

    opened(TEN_LATER)

    assert found() == []


def test_a_promised_day_that_passed_asks_at_once(still_open: Explanation) -> None:
    promises = select(
        literal(still_open.breach_id).label("breach_id"), literal(date(2023, 10, 19)).label("promised_on")
    )

    def opened_on(on: date) -> int:
        db.session.rollback()
        with commit():
            return bulk.insert_missing_supplements(on, date(2023, 10, 25), date(2023, 10, 5), promises)

    assert [opened_on(date(2023, 10, day)) for day in (19, 20, 20)] == [0, 1, 0]
    assert found() == [(1, "date_missed", "waiting")]


def test_the_next_one_follows_ten_days_after_the_last_answer(
    still_open: Explanation, opened: Open, voices: Voices
) -> None:
    opened(TEN_LATER)
    do(supplementing.submit, SAID, by=voices.officer, today=TEN_LATER)
    opened(date(2023, 11, 14))
    meanwhile = found()
    do(supplementing.take_note, by=voices.head, today=TEN_LATER)
    opened(date(2023, 11, 10))
    too_early = found()
    opened(date(2023, 11, 13))

    assert meanwhile == [(1, "still_open", "submitted")]
    assert too_early == [(1, "still_open", "noted")]
    assert found() == [(1, "still_open", "noted"), (2, "still_open", "waiting")]


def test_a_case_that_ended_owes_no_more(still_open: Explanation, opened: Open) -> None:
    opened(TEN_LATER)
    with commit():
        ended = {"meaning": "finished", "finished_at": datetime(2023, 10, 31, 9), "finished_precision": "minute"}
        db.session.execute(update(Case).values(**ended))

    for on in (date(2023, 10, 31), date(2023, 11, 30)):
        opened(on)

    assert found() == [(1, "still_open", "over")]


def test_the_sum_of_all_duties_is_unchanged(still_open: Explanation, opened: Open) -> None:
    before = coverage(TEN_LATER, Viewer.for_command()).as_json()

    opened(TEN_LATER)

    assert found()
    assert coverage(TEN_LATER, Viewer.for_command()).as_json() == before


def test_it_is_written_returned_and_read(still_open: Explanation, opened: Open, voices: Voices) -> None:
    opened(TEN_LATER)
    with pytest.raises(Refused, match="incomplete"):
        do(supplementing.submit, Progress("Vẫn chờ.", "", None), by=voices.officer, today=TEN_LATER)
    do(supplementing.save, SAID, by=voices.officer)
    with pytest.raises(Conflict):
        do(supplementing.save, Progress("Khác.", "", None), version=1, by=voices.officer)
    do(supplementing.submit, SAID, by=voices.officer, today=TEN_LATER)
    with pytest.raises(Refused, match="not_decider"):
        do(supplementing.take_note, by=voices.officer, today=TEN_LATER)
    do(supplementing.send_back, "Nêu số văn bản.", by=voices.head, today=TEN_LATER)
    do(supplementing.submit, SAID, by=voices.officer, today=TEN_LATER)
    do(supplementing.take_note, by=voices.head, today=TEN_LATER)

    assert found() == [(1, "still_open", "noted")]
    with pytest.raises(Refused, match="supplement_not_now"):
        do(supplementing.save, SAID, by=voices.officer)


def test_officer_and_head_find_it_on_their_pages(
    still_open: Explanation, opened: Open, place: Place, signed_in: SignIn, at: Callable[[datetime], None]
) -> None:
    at(datetime(2023, 10, 30, 16, 0))
    opened(TEN_LATER)
    ident = db.session.scalars(select(Supplement.id)).one()
    officer, head, url = signed_in(place.officer), signed_in(place.head), f"/explanations/supplements/{ident}"
    said = {"version": 1, "happened": SAID.happened, "remedy": SAID.remedy, "promised_on": "10/11/2023"}

    home, listed = officer.get("/").text, officer.get("/explanations/supplements").text
    unseen = head.get(url).text
    handed_in = officer.post(f"{url}/submit", data=said)
    waits, read = head.get("/explanations/supplements").text, head.get(url).text
    noted = head.post(f"{url}/note", data={"version": 2})

    assert "giải trình bổ sung phải viết" in home
    assert still_open.case.code in listed
    assert SAID.happened not in unseen
    assert (handed_in.status_code, noted.status_code) == (303, 303)
    assert still_open.case.code in waits
    assert SAID.happened in read
    assert signed_in(place.colleague).get(url).status_code == 404
    assert db.session.scalar(select(func.count()).where(Supplement.state == "noted")) == 1


def test_it_is_told_to_its_writer_and_then_to_who_reads_it(
    still_open: Explanation, opened: Open, voices: Voices, place: Place
) -> None:
    """Due on Thursday 2 November; the first reminder is a working day later."""
    opened(TEN_LATER)
    kinds = {on: told_of(on) for on in (TEN_LATER, date(2023, 11, 3))}
    do(supplementing.submit, SAID, by=voices.officer, today=TEN_LATER)

    assert kinds[TEN_LATER] == {("explanations.further", "", place.officer.id)}
    assert kinds[date(2023, 11, 3)] == {("explanations.further", "first", place.officer.id)}
    assert told_of(TEN_LATER) == {("explanations.further_to_read", "", place.head.id)}
    handed_over = handover_of(place.officer.id, Viewer.for_command(), TEN_LATER, datetime(2023, 10, 30, 9)).counts
    assert (handed_over["supplements"], handed_over["questions"], handed_over["violations"]) == (0, 0, 0)


def told_of(on: date) -> set[tuple[str, str, int]]:
    """What is told of supplements on a day: kind, stage, whom."""
    db.session.rollback()
    told = tell_of_supplements(on, current_calendar())
    return {(one.kind.name, one.stage, item.person_id) for one in told for item in one.items}

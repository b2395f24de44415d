"""Who is told of which duty on which day, from the states alone; nobody's silence is concluded by the machine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from portal import clock
from portal.access.models import Absence
from portal.accountability.explanations.actions import deciding, writing
from portal.accountability.explanations.models import Explanation
from portal.accountability.explanations.rules import Blame, CauseClass, State
from portal.database import db
from portal.directory.models import Person
from portal.jobs.models import JobRun
from portal.jobs.telling import make_notices, there_is_news
from portal.notices.models import Notice
from tests.accountability.conftest import MONDAY, TUESDAY, Place, Voices
from tests.accountability.road import conclude, do, submitted
from tests.factories import Make

DUE = date(2023, 10, 19)
"""Three working days after Monday, on which the explanation was noticed."""


def tell(day: date) -> int:
    """Run the job of a day; how many lines were new."""
    with clock.standing_at(datetime.combine(day, datetime.min.time()).replace(hour=6)):
        db.session.rollback()
        return make_notices(day, clock.now())["told"]


def told(person: Person) -> list[tuple[str, str]]:
    """What a person was told: kinds and stages in order."""
    db.session.rollback()
    notices = db.session.query(Notice).filter_by(person_id=person.id).order_by(Notice.id)
    return [(notice.kind.partition(".")[2], notice.stage) for notice in notices if "apolog" not in notice.kind]


def test_a_new_duty_is_told_once(explanation: Explanation, place: Place) -> None:
    counts = [tell(TUESDAY), tell(TUESDAY), tell(TUESDAY + timedelta(days=1))]

    assert counts[0] and counts[1] == 0
    assert told(place.officer) == [("new", "")]


def test_many_new_duties_of_a_day_are_one_notice(make: Make, place: Place, opened: Callable[..., Any]) -> None:
    for _ in range(5):
        make.case(unit=place.commune, officer=place.officer, finished="2023-10-12 09:00")
    opened()
    tell(TUESDAY)

    notice = db.session.query(Notice).filter_by(kind="explanations.new").one()

    assert (notice.person_id, notice.things) == (place.officer.id, 5)


@pytest.mark.parametrize(
    ("day", "officer", "head"),
    [
        (DUE, [], []),
        (date(2023, 10, 20), [("unanswered", "first")], []),
        (date(2023, 10, 21), [], []),
        (date(2023, 10, 24), [("unanswered", "second")], []),
        (date(2023, 10, 26), [("unanswered", "next_head")], [("no_answer", "")]),
    ],
)
def test_reminders_follow_the_term_in_working_days_and_a_missed_night_is_made_up_for(
    explanation: Explanation, place: Place, day: date, officer: list[Any], head: list[Any]
) -> None:
    tell(day)

    assert [one for one in told(place.officer) if one[0] != "new"] == officer
    assert told(place.head) == head


def test_silence_is_concluded_by_nobody(explanation: Explanation, place: Place) -> None:
    for days in range(60):
        tell(DUE + timedelta(days=days))

    db.session.refresh(explanation)
    assert explanation.state == State.WAITING
    assert [stage for kind, stage in told(place.officer) if kind == "unanswered"] == ["first", "second", "next_head"]


def test_a_handed_in_answer_waits_for_the_head_and_then_for_the_next_one(
    explanation: Explanation, place: Place, voices: Voices
) -> None:
    submitted(explanation, voices)
    for day in range(16, 32):
        tell(date(2023, 10, day))

    assert told(place.head) == [("to_conclude", "0"), *(("undecided", one) for one in ("first", "second", "next_head"))]
    assert told(place.district_head) == [("undecided_below", "")]


def test_a_returned_and_a_concluded_explanation_are_told_to_who_wrote_them(
    explanation: Explanation, place: Place, voices: Voices
) -> None:
    submitted(explanation, voices)
    back = {"version": explanation.version, "by": voices.head, "today": TUESDAY}
    do(deciding.return_for_rework, explanation, "Ghi rõ ngày.", **back)
    tell(TUESDAY)
    db.session.refresh(explanation)
    submitted(explanation, voices)
    db.session.refresh(explanation)
    conclude(explanation, voices.head, CauseClass.SUBJECTIVE, Blame.FULL, "Chậm bước thẩm định.")
    tell(TUESDAY + timedelta(days=1))

    assert told(place.officer) == [("returned", "1"), ("concluded", "")]


def test_not_mine_stops_the_reminders_and_asks_the_head(explanation: Explanation, place: Place, voices: Voices) -> None:
    said = {"named_id": place.colleague.id, "step": "", "reason": "Hồ sơ của bạn", "by": voices.officer}
    do(writing.say_not_mine, explanation, **said)
    tell(date(2023, 10, 26))

    assert told(place.officer) == [] and [kind for kind, _ in told(place.head)] == ["without_holder"]


def test_a_stand_in_reads_the_duties_of_the_absent_person_but_not_about_their_own_case(
    make: Make, explanation: Explanation, place: Place, voices: Voices
) -> None:
    days = {"first_day": MONDAY, "last_day": date(2023, 12, 31), "made_at": clock.now()}
    facts = {"reason": "leave", "document": "", "note": "", "made_by": "thử", **days}
    make.add(Absence(person_id=place.head.id, stand_in_id=place.officer.id, **facts))
    make.add(Absence(person_id=place.officer.id, stand_in_id=place.colleague.id, **facts))
    tell(date(2023, 10, 20))
    submitted(explanation, voices)
    tell(date(2023, 10, 23))

    assert told(place.colleague) == [("unanswered", "first")]
    assert "to_conclude" not in [kind for kind, _ in told(place.officer)]
    assert [kind for kind, _ in told(place.head)] == ["to_conclude", "undecided"]


def test_the_page_shows_who_was_reminded_and_when(
    explanation: Explanation, place: Place, signed_in: Callable[..., Any]
) -> None:
    tell(date(2023, 10, 20))

    with clock.standing_at(datetime(2023, 10, 20, 9, 0)):
        text = signed_in(place.officer).get(f"/explanations/{explanation.id}").get_data(as_text=True)

    assert "20/10/2023 nhắc nộp giải trình (nhắc lần 1) – Lê Thị An" in text


def test_what_happens_in_the_day_is_told_the_same_day(explanation: Explanation, place: Place, voices: Voices) -> None:
    db.session.rollback()
    fresh = there_is_news()
    with clock.standing_at(datetime(2023, 10, 17, 6)):
        run = {"job": "make_notices", "slot": "2023-10-17", "state": "done", "worker": "w"}
        db.session.add(JobRun(**run, started_at=clock.now(), beat_at=clock.now()))
        db.session.commit()
    quiet = there_is_news()
    submitted(explanation, voices)

    assert (fresh, quiet, there_is_news()) == (True, False, True)
    assert tell(TUESDAY)
    assert ("to_conclude", "") in {(kind, stage.strip("0")) for kind, stage in told(place.head)}

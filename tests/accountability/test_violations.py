"""Violations and complaints: suspected by data, opened by people, answered, concluded; never a cause of lateness."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from portal import clock
from portal.accountability.explanations.queries import Deciders, decides
from portal.accountability.followups.actions import Draft as Measure
from portal.accountability.followups.actions import record_followup
from portal.accountability.followups.rules import Measure as What
from portal.accountability.violations import actions
from portal.accountability.violations.actions import Draft, Said
from portal.accountability.violations.messages import CAUSES, KINDS, MEASURES
from portal.accountability.violations.models import Violation, ViolationText
from portal.accountability.violations.queries import ViolationQuery, decider_of, excluded
from portal.accountability.violations.rules import (
    MACHINE,
    Action,
    Blame,
    Finding,
    Kind,
    Origin,
    State,
    allows,
    causes_of,
)
from portal.accountability.violations.rules import MEASURES as MEASURES_OF
from portal.cases.models import Case, CaseChange
from portal.database import commit, db
from portal.guard import Permission, Role, Viewer
from portal.refusal import Conflict, Refused
from tests.accountability.conftest import MONDAY, TUESDAY, Place, Voices, acting
from tests.factories import Make

NOW = datetime(2023, 10, 17, 9, 0)
FRIDAY = date(2023, 10, 20)
FOUND = Said(Finding.FOUNDED, Blame.FULL, "Bấm kết thúc khi chưa ký", ("reopen_case",), "Mở lại", date(2023, 10, 27))


@pytest.fixture
def home_affairs(make: Make, place: Place) -> Viewer:
    person = make.in_role(Role.HOME_AFFAIRS, place.district, "Cao Thị Hạnh")
    return acting(person, Role.HOME_AFFAIRS, scope=(place.commune, place.district))


def registered(place: Place, by: Viewer, **changes: Any) -> Violation:
    parts: dict[str, Any] = {
        "kind": Kind.PREMATURE_CLOSURE,
        "origin": Origin.PERSON,
        "unit_id": place.commune.id,
        "summary": "Hồ sơ kết thúc ngày 12/10, kết quả ký ngày 16/10.",
        "found_on": MONDAY,
        "holder_id": place.officer.id,
        **changes,
    }
    db.session.rollback()
    with commit():
        made = actions.register(Draft(**parts), by=by, at=clock.now(), today=MONDAY).id
    return db.session.get_one(Violation, made)


def reply(violation: Violation, by: Viewer, on: date = TUESDAY, cause: str = "closed_by_mistake") -> None:
    db.session.rollback()
    with commit():
        actions.answer(violation, cause, "Tôi bấm nhầm.", version=violation.version, by=by, at=clock.now(), today=on)


def conclude(violation: Violation, by: Viewer, said: Said = FOUND, on: date = TUESDAY) -> None:
    db.session.rollback()
    with commit():
        actions.conclude(violation, said, version=violation.version, by=by, at=clock.now(), today=on)


def test_the_whole_road_from_record_to_follow_up(place: Place, voices: Voices, home_affairs: Viewer) -> None:
    violation = registered(place, home_affairs)
    reply(violation, voices.officer)
    conclude(violation, voices.head)

    with commit():
        made = record_followup(
            place.officer,
            Measure(What.REMINDER, TUESDAY),
            (),
            (violation.id,),
            by=voices.head,
            at=clock.now(),
            today=TUESDAY,
        )
        grounds = made.id

    assert violation.state == State.CONCLUDED
    assert (violation.conclusion.finding, violation.conclusion.answered) == (Finding.FOUNDED, True)
    assert grounds


def test_the_answer_is_due_in_the_officer_s_term_from_the_notice(place: Place, voices: Voices) -> None:
    assert registered(place, voices.head).due_on == date(2023, 10, 19)


def test_nobody_s_silence_is_concluded_before_the_term_is_over(place: Place, voices: Voices) -> None:
    violation = registered(place, voices.head)

    with pytest.raises(Refused, match="term_runs"):
        conclude(violation, voices.head, on=date(2023, 10, 19))
    conclude(violation, voices.head, on=FRIDAY)

    assert violation.conclusion.answered is False


def test_every_submitted_text_and_comment_is_kept(place: Place, voices: Voices) -> None:
    violation = registered(place, voices.head)
    reply(violation, voices.officer)
    db.session.rollback()
    with commit():
        actions.send_back(
            violation, "Nêu rõ ngày ký", version=violation.version, by=voices.head, at=clock.now(), today=TUESDAY
        )
    reply(violation, voices.officer)

    kinds = db.session.scalars(select(ViolationText.kind).order_by(ViolationText.id)).all()

    assert kinds == ["answer", "return", "answer"]


@pytest.mark.parametrize("who", ["colleague", "head", "district_head"])
def test_only_whom_it_concerns_answers(place: Place, voices: Voices, who: str) -> None:
    violation = registered(place, voices.head)

    with pytest.raises(Refused, match="not_holder"):
        reply(violation, getattr(voices, who))


def test_a_head_whom_it_concerns_does_not_conclude_the_next_one_up_does(place: Place, voices: Voices) -> None:
    violation = registered(place, voices.district_head, holder_id=place.head.id)
    reply(violation, voices.head)

    with pytest.raises(Refused, match="not_decider"):
        conclude(violation, voices.head)
    conclude(violation, voices.district_head)

    assert violation.state == State.CONCLUDED


def test_a_hotline_complaint_is_concluded_with_the_reply_to_its_author(place: Place, voices: Voices) -> None:
    violation = registered(place, voices.head, kind=Kind.ATTITUDE, origin=Origin.HOTLINE)
    reply(violation, voices.officer, cause="admitted")
    silent = Said(Finding.PARTLY, Blame.FULL, "Lời nói chưa đúng mực", ("apologise",))

    with pytest.raises(Refused, match="reply_missing"):
        conclude(violation, voices.head, silent)
    conclude(violation, voices.head, Said(**{**silent.__dict__, "reply": "Gọi lại 09:30 ngày 17/10"}))

    assert violation.conclusion.reply == "Gọi lại 09:30 ngày 17/10"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (Said(Finding.UNFOUNDED, Blame.SHARED, "Không có"), "finding_and_blame"),
        (Said(Finding.FOUNDED, Blame.FULL, " "), "reason_missing"),
        (Said(Finding.FOUNDED, Blame.FULL, "Có", ("change_desk",)), "measure_unknown"),
    ],
)
def test_what_a_conclusion_needs(place: Place, voices: Voices, said: Said, code: str) -> None:
    violation = registered(place, voices.head)
    reply(violation, voices.officer)

    with pytest.raises(Refused, match=code):
        conclude(violation, voices.head, said)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"summary": " "}, "text_missing"),
        ({"found_on": TUESDAY}, "day_in_future"),
        ({"occurred_on": MONDAY, "found_on": date(2023, 10, 13)}, "found_before"),
    ],
)
def test_what_a_record_needs(place: Place, voices: Voices, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused, match=code):
        registered(place, voices.head, **changes)


def test_nothing_is_recorded_for_a_unit_or_person_out_of_reach(make: Make, place: Place, voices: Voices) -> None:
    elsewhere = make.officer()

    with pytest.raises(Refused, match="not_your_unit"):
        registered(place, voices.officer)
    with pytest.raises(Refused, match="no_such_person"):
        registered(place, voices.head, holder_id=elsewhere.id)


def test_two_conclusions_on_one_screen_have_one_effect(place: Place, voices: Voices) -> None:
    violation = registered(place, voices.head)
    reply(violation, voices.officer)
    seen = violation.version
    conclude(violation, voices.head)

    with pytest.raises((Refused, Conflict)), commit():
        actions.conclude(violation, FOUND, version=seen, by=voices.head, at=clock.now(), today=TUESDAY)


def suspect(on: date = MONDAY) -> int:
    db.session.rollback()
    with commit():
        return actions.suspect(on, clock.now())


def changed(make: Make, case: Case, kind: str, field: str, old: str | None, new: str | None) -> None:
    make.add(CaseChange(case_id=case.id, field=field, old=old, new=new, kind=kind))


def test_a_closure_without_a_result_is_suspected_once_and_accuses_nobody(
    make: Make, place: Place, voices: Voices
) -> None:
    case = make.case(unit=place.commune, officer=place.officer, finished="2023-10-09 09:00")
    changed(make, case, "premature_closure", "finished_at", None, "2023-10-09T09:00:00")

    assert (suspect(), suspect()) == (1, 0)
    found = db.session.scalars(select(Violation)).one()
    assert (found.kind, found.state, found.holder_id) == (Kind.PREMATURE_CLOSURE, State.SUSPECTED, place.officer.id)
    assert ViolationQuery.visible_to(voices.officer).get(found.id) is None
    assert ViolationQuery.visible_to(voices.head).get(found.id) is not None


def test_a_closure_whose_result_came_later_is_not_suspected(make: Make, place: Place) -> None:
    case = make.case(unit=place.commune, finished="2023-10-09 09:00", result_ref="15/GCN")
    changed(make, case, "premature_closure", "finished_at", None, "2023-10-09T09:00:00")

    assert suspect() == 0


@pytest.mark.parametrize(("paused", "suspected"), [(False, 1), (True, 0)])
def test_a_term_moved_after_it_was_over_is_suspected_unless_a_pause_is_recorded(
    make: Make, place: Place, paused: bool, suspected: int
) -> None:
    case = make.case(unit=place.commune, due="2023-10-20 17:00", as_of="2023-10-16 16:00")
    changed(make, case, "due_later", "due_at", "2023-10-10T17:00:00", "2023-10-20T17:00:00")
    if paused:
        make.pause(case, "2023-10-04 08:00", "2023-10-12 08:00")

    assert suspect() == suspected


def test_a_term_moved_before_it_was_over_is_no_violation(make: Make, place: Place) -> None:
    case = make.case(unit=place.commune, due="2023-10-27 17:00", as_of="2023-10-16 16:00")
    changed(make, case, "due_later", "due_at", "2023-10-20T17:00:00", "2023-10-27T17:00:00")

    assert suspect() == 0


@pytest.mark.parametrize(
    ("due", "as_of", "suspected"),
    [
        # Thirty working days before Monday 16 October is Thursday 31 August (2/9 was off on the 1st and the 4th).
        ("2023-08-30 17:00", "2023-10-16 08:00", 1),
        ("2023-09-05 17:00", "2023-10-16 08:00", 0),
        # Data that end before say nothing.
        ("2023-08-30 17:00", "2023-08-31 00:00", 0),
    ],
)
def test_a_case_long_overdue_without_a_step_is_suspected_to_be_left_lying(
    make: Make, place: Place, due: str, as_of: str, suspected: int
) -> None:
    make.case(unit=place.commune, officer=place.officer, received="2023-08-01 08:00", due=due, as_of=as_of)

    assert suspect() == suspected
    assert suspect() == 0


def test_a_suspicion_is_opened_with_words_and_its_term_runs_from_then(make: Make, place: Place, voices: Voices) -> None:
    case = make.case(unit=place.commune, officer=place.officer, finished="2023-10-09 09:00")
    changed(make, case, "premature_closure", "finished_at", None, "2023-10-09T09:00:00")
    suspect()
    found = db.session.scalars(select(Violation)).one()

    with pytest.raises(Refused, match="text_missing"), commit():
        actions.open_suspicion(
            found, found.holder_id, " ", version=found.version, by=voices.head, at=clock.now(), today=TUESDAY
        )
    db.session.rollback()
    with commit():
        actions.open_suspicion(
            found, found.holder_id, "Chưa có GCN", version=found.version, by=voices.head, at=clock.now(), today=TUESDAY
        )

    assert (found.state, found.found_on, found.due_on) == (State.WAITING, TUESDAY, FRIDAY)


def test_who_complained_is_never_shown_to_whom_it_concerns(
    place: Place, voices: Voices, signed_in: Callable[..., Any], at: Callable[[datetime], None]
) -> None:
    at(NOW)
    violation = registered(
        place, voices.head, kind=Kind.ATTITUDE, origin=Origin.HOTLINE, reporter="Đỗ Thị Quế 0905", summary="Lớn tiếng"
    )

    officer = signed_in(place.officer).get(f"/violations/{violation.id}").get_data(as_text=True)
    head = signed_in(place.head).get(f"/violations/{violation.id}").get_data(as_text=True)

    assert "Lớn tiếng" in officer
    assert "Quế" not in officer
    assert "Quế" in head


def test_recording_and_answering_on_the_pages_keep_what_was_typed(
    place: Place, signed_in: Callable[..., Any], at: Callable[[datetime], None]
) -> None:
    at(NOW)
    head, officer = signed_in(place.head), signed_in(place.officer)
    typed = {
        "kind": "attitude",
        "origin": "hotline",
        "unit_id": place.commune.id,
        "holder_id": place.officer.id,
        "found_on": "17/10/2023",
        "summary": "Phản ánh lúc 8 giờ",
    }

    unknown = head.post("/violations", data={**typed, "case_code": "H20-000"})
    made = head.post("/violations", data=typed).headers["Location"]
    without_cause = officer.post(f"{made}/answer", data={"text": "Tôi đang nghe điện thoại", "version": 1})
    answered = officer.post(f"{made}/answer", data={"cause": "denied", "text": "Không có", "version": 1})

    assert unknown.status_code == 409
    assert "Phản ánh lúc 8 giờ" in unknown.get_data(as_text=True)
    assert without_cause.status_code == 409
    assert "Tôi đang nghe điện thoại" in without_cause.get_data(as_text=True)
    assert answered.status_code == 303


def test_a_violation_of_another_unit_does_not_exist(
    make: Make, place: Place, voices: Voices, signed_in: Callable[..., Any]
) -> None:
    violation = registered(place, voices.head)

    assert signed_in("head", make.unit()).get(f"/violations/{violation.id}").status_code == 404


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("action", Action)
def test_every_action_is_possible_in_its_states_only(state: State, action: Action) -> None:
    assert allows(state, action) == (state in MACHINE[action].sources)


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_words_causes_and_measures(kind: Kind) -> None:
    assert KINDS[kind]
    assert all(CAUSES[code] for code in causes_of(kind))
    assert all(MEASURES[code] for code in MEASURES_OF[kind])


def test_the_list_to_conclude_says_what_the_rule_says(place: Place, voices: Voices, home_affairs: Viewer) -> None:
    """The head's own violation waits for the next head up; the term of the third is over without an answer."""
    answered = [registered(place, home_affairs, holder_id=who.id) for who in (place.officer, place.head)]
    for violation, voice in zip(answered, (voices.officer, voices.head), strict=True):
        reply(violation, voice)
    registered(place, home_affairs)
    late, deciders = date(2023, 10, 27), Deciders.on(date(2023, 10, 27))

    def listed(viewer: Viewer) -> set[int]:
        found = ViolationQuery.visible_to(viewer).to_conclude(viewer, late, deciders).newest()
        return {one.id for one in found}

    everything = ViolationQuery.visible_to(Viewer.for_command()).newest()
    for viewer in (voices.head, voices.district_head, voices.officer):
        his = {one.id for one in everything if decides(viewer, decider_of(one, late, deciders), excluded(one))}
        assert listed(viewer) == (his if viewer.may(Permission.CONCLUDE) else set())
    assert (len(listed(voices.head)), len(listed(voices.district_head))) == (2, 1)

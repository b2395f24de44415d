"""The road of an explanation on real rows: who may do what, what stays, what runs. Rules §3.7–3.12."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from portal import clock
from portal.accountability.explanations import actions
from portal.accountability.explanations.models import (
    Conclusion,
    Explanation,
    ExplanationText,
    Redirection,
)
from portal.accountability.explanations.queries import ExplanationQuery, decider_of, queue_of
from portal.accountability.explanations.rules import Action, Blame, CauseClass, Seat, State, allows
from portal.accountability.ledger.rules import OpenResult
from portal.audit.models import AuditEvent
from portal.database import commit, db
from portal.documents.store import Content
from portal.guard import Role, Viewer
from portal.refusal import Conflict, Refused
from tests.accountability.conftest import MONDAY, NEXT_MONDAY, TUESDAY, Place, Voices, acting, answer, cause_id
from tests.factories import Make

Open = Callable[..., OpenResult]
FILE = Content("a" * 64, 10, "application/pdf")


def do(action: Callable[..., Any], explanation: Explanation, *args: Any, **more: Any) -> Any:
    """Run one action as one unit of work."""
    db.session.rollback()
    with commit():
        return action(explanation, *args, at=clock.now(), **more)


def submitted(explanation: Explanation, voices: Voices, code: str = "QT") -> Explanation:
    do(actions.submit, explanation, answer(code), version=explanation.version, by=voices.officer, today=MONDAY)
    return explanation


def state(explanation: Explanation) -> str:
    db.session.rollback()
    db.session.refresh(explanation)
    return explanation.state


def test_a_draft_keeps_what_was_typed(explanation: Explanation, voices: Voices) -> None:
    do(actions.save_draft, explanation, answer(), version=1, by=voices.officer)

    assert state(explanation) == "draft"
    assert explanation.happened.startswith("Hồ sơ dồn")
    assert explanation.version == 2


def test_only_the_first_draft_while_typing_stands_in_the_trail(explanation: Explanation, voices: Voices) -> None:
    do(actions.save_draft, explanation, answer(), version=1, by=voices.officer, quietly=True)
    do(actions.save_draft, explanation, answer(happened="Khác."), version=2, by=voices.officer, quietly=True)

    kinds = db.session.scalars(select(AuditEvent.kind).where(AuditEvent.entity == "explanation")).all()
    assert list(kinds) == ["explanation.drafted"]


def test_two_windows_the_second_is_told_and_its_text_can_be_kept(explanation: Explanation, voices: Voices) -> None:
    do(actions.save_draft, explanation, answer(), version=1, by=voices.officer)
    other = answer(happened="Viết ở cửa sổ khác.")

    with pytest.raises(Conflict):
        do(actions.save_draft, explanation, other, version=1, by=voices.officer)
    do(actions.keep_conflicting_text, explanation, other, by=voices.officer)

    kept = db.session.scalars(select(ExplanationText)).one()
    assert (kept.kind, kept.happened) == ("conflicting", "Viết ở cửa sổ khác.")
    assert explanation.happened.startswith("Hồ sơ dồn")


def test_the_same_text_from_an_old_window_is_no_conflict(explanation: Explanation, voices: Voices) -> None:
    do(actions.save_draft, explanation, answer(), version=1, by=voices.officer, quietly=True)

    do(actions.submit, explanation, answer(), version=1, by=voices.officer, today=MONDAY)

    assert state(explanation) == "submitted"


def test_submitting_keeps_the_text_and_starts_the_head_s_term(explanation: Explanation, voices: Voices) -> None:
    submitted(explanation, voices)

    assert state(explanation) == "submitted"
    assert explanation.decision_due_on == date(2023, 10, 19)
    assert explanation.decider_id == voices.head.person_id
    assert db.session.scalars(select(ExplanationText.kind)).all() == ["submitted"]


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"cause_id": None}, ("cause",)),
        ({"happened": "  "}, ("happened",)),
        ({"remedy": ""}, ("remedy",)),
    ],
)
def test_an_incomplete_answer_is_refused_and_names_what_is_missing(
    explanation: Explanation, voices: Voices, changes: dict[str, Any], missing: tuple[str, ...]
) -> None:
    with pytest.raises(Refused) as refused:
        do(actions.submit, explanation, answer(**changes), version=1, by=voices.officer, today=MONDAY)

    assert refused.value.facts["missing"] == missing
    assert state(explanation) == "waiting"


def test_a_cause_that_needs_evidence_needs_a_file(explanation: Explanation, voices: Voices) -> None:
    with pytest.raises(Refused, match="incomplete"):
        do(actions.submit, explanation, answer("LT-THUE"), version=1, by=voices.officer, today=MONDAY)

    do(actions.attach, explanation, FILE, "phieu-chuyen.pdf", by=voices.officer)
    do(actions.submit, explanation, answer("LT-THUE"), version=1, by=voices.officer, today=MONDAY)

    assert state(explanation) == "submitted"


def test_an_open_case_needs_the_day_by_which_it_will_be_done(
    make: Make, place: Place, voices: Voices, opened: Open
) -> None:
    make.case(unit=place.commune, officer=place.officer)
    opened()
    explanation = ExplanationQuery.visible_to(voices.officer).by_due()[0]

    with pytest.raises(Refused) as refused:
        do(
            actions.submit, explanation, answer(commitment_on=None), version=1, by=voices.officer, today=MONDAY
        )  # fmt: skip

    assert refused.value.facts["missing"] == ("commitment_on",)


def test_a_violation_is_no_cause(explanation: Explanation, voices: Voices) -> None:
    violation = db.session.execute(text("SELECT id FROM causes WHERE code = 'NN'")).scalar()

    with pytest.raises(Refused, match="violation"):
        do(actions.save_draft, explanation, answer(cause_id=violation), version=1, by=voices.officer)


def test_already_done_is_one_click_with_evidence(explanation: Explanation, voices: Voices) -> None:
    with pytest.raises(Refused, match="evidence"):
        do(actions.say_already_done, explanation, "", version=1, by=voices.officer, today=MONDAY)

    note = "Đã trả ngày 09/10, sổ giao nhận số 112."
    do(actions.say_already_done, explanation, note, version=1, by=voices.officer, today=MONDAY)

    assert state(explanation) == "submitted"
    assert explanation.said_already_done
    assert explanation.cause_id == cause_id("QK")


def test_not_mine_stops_the_clock_and_the_head_gives_it_to_another(
    explanation: Explanation, voices: Voices, place: Place
) -> None:
    do(
        actions.say_not_mine, explanation, named_id=place.colleague.id, step="", reason="Đã bàn giao.",
        by=voices.officer,
    )  # fmt: skip
    db.session.refresh(explanation)
    assert explanation.stopped_at is not None
    assert ExplanationQuery.visible_to(voices.head).past_term(NEXT_MONDAY).count() == 0
    assert [row.id for row in queue_of(voices.head, MONDAY).redirected] == [explanation.id]

    do(actions.reassign, explanation, place.colleague.id, "Đúng.", by=voices.head, today=TUESDAY)

    assert state(explanation) == "waiting"
    assert (explanation.holder_id, explanation.due_on) == (place.colleague.id, date(2023, 10, 20))
    assert db.session.scalars(select(Redirection)).one().answer is not None
    with pytest.raises(Refused, match="not_holder"):
        do(actions.save_draft, explanation, answer(), version=explanation.version, by=voices.officer)


def test_not_mine_needs_a_name_or_a_step(explanation: Explanation, voices: Voices) -> None:
    with pytest.raises(Refused, match="who_instead"):
        do(actions.say_not_mine, explanation, named_id=None, step=" ", reason="", by=voices.officer)


def test_while_the_clock_stands_nothing_is_submitted(explanation: Explanation, voices: Voices) -> None:
    do(actions.say_not_mine, explanation, named_id=None, step="Thuế", reason="", by=voices.officer)

    with pytest.raises(Refused, match="clock"):
        do(actions.submit, explanation, answer(), version=explanation.version, by=voices.officer, today=MONDAY)


def test_the_head_may_keep_the_holder_and_a_new_term_runs(explanation: Explanation, voices: Voices) -> None:
    do(actions.say_not_mine, explanation, named_id=None, step="Thuế", reason="", by=voices.officer)

    do(actions.keep_holder, explanation, "Bước này của anh.", by=voices.head, today=NEXT_MONDAY)

    db.session.refresh(explanation)
    assert (explanation.stopped_at, explanation.due_on) == (None, date(2023, 10, 26))


def test_a_person_named_by_the_officer_does_not_decide(explanation: Explanation, voices: Voices, place: Place) -> None:
    do(
        actions.say_not_mine, explanation, named_id=place.head.id, step="", reason="Chờ ký.", by=voices.officer
    )  # fmt: skip

    decider = decider_of(explanation, MONDAY)

    assert (decider.person_id, decider.seat) == (place.district_head.id, Seat.NEXT_HEAD)
    with pytest.raises(Refused, match="not_decider"):
        do(actions.keep_holder, explanation, "Không.", by=voices.head, today=MONDAY)


def test_two_returns_and_then_he_must_conclude(explanation: Explanation, voices: Voices) -> None:
    for times in (1, 2):
        submitted(explanation, voices)
        do(
            actions.return_for_rework, explanation, "Nêu rõ ngày.", version=explanation.version, by=voices.head,
            today=TUESDAY,
        )  # fmt: skip
        assert (state(explanation), explanation.returned_times) == ("returned", times)
    submitted(explanation, voices)

    with pytest.raises(Refused, match="returned_enough"):
        do(
            actions.return_for_rework, explanation, "Nữa.", version=explanation.version, by=voices.head, today=TUESDAY
        )  # fmt: skip


def test_a_return_needs_a_comment(explanation: Explanation, voices: Voices) -> None:
    submitted(explanation, voices)

    with pytest.raises(Refused, match="comment"):
        do(actions.return_for_rework, explanation, " ", version=explanation.version, by=voices.head, today=MONDAY)


def conclude(explanation: Explanation, by: Viewer, *said: Any, today: date = TUESDAY, **more: Any) -> None:
    version = more.pop("version", explanation.version)
    do(actions.conclude, explanation, *said, version=version, by=by, today=today, **more)


def test_the_head_concludes_on_class_and_blame(explanation: Explanation, voices: Voices) -> None:
    submitted(explanation, voices)

    conclude(explanation, voices.head, CauseClass.SUBJECTIVE, Blame.SHARED, "Một nửa do quá tải.")

    assert state(explanation) == "concluded"
    found = db.session.scalars(select(Conclusion)).one()
    assert (found.cause_class, found.blame, found.seat, found.answered) == ("subjective", "shared", "head", True)


def test_class_and_blame_must_go_together(explanation: Explanation, voices: Voices) -> None:
    submitted(explanation, voices)

    with pytest.raises(Refused, match="class_and_blame"):
        conclude(explanation, voices.head, CauseClass.OBJECTIVE, Blame.FULL, "Vì sao.")


def test_overload_has_no_class_of_its_own_so_the_head_says_why(explanation: Explanation, voices: Voices) -> None:
    submitted(explanation, voices, "QT")

    with pytest.raises(Refused, match="reason"):
        conclude(explanation, voices.head, CauseClass.OBJECTIVE, Blame.NONE, "")


def test_the_decision_is_bound_to_the_text_on_the_screen(explanation: Explanation, voices: Voices) -> None:
    submitted(explanation, voices)

    with pytest.raises(Conflict):
        conclude(
            explanation, voices.head, CauseClass.SUBJECTIVE, Blame.FULL, "Lý do.", version=explanation.version - 1
        )  # fmt: skip


def test_no_answer_in_time_is_concluded_by_a_person(explanation: Explanation, voices: Voices) -> None:
    with pytest.raises(Refused, match="term_runs"):
        conclude(explanation, voices.head, CauseClass.SUBJECTIVE, Blame.FULL, "Không giải trình.", today=MONDAY)

    conclude(explanation, voices.head, CauseClass.SUBJECTIVE, Blame.FULL, "Không giải trình.", today=NEXT_MONDAY)

    assert db.session.scalars(select(Conclusion.answered)).one() is False


@pytest.mark.parametrize("who", ["officer", "colleague", "district_head"])
def test_nobody_else_concludes(explanation: Explanation, voices: Voices, who: str) -> None:
    submitted(explanation, voices)

    with pytest.raises(Refused, match="not_decider"):
        conclude(explanation, getattr(voices, who), CauseClass.SUBJECTIVE, Blame.FULL, "x")


def test_a_head_does_not_conclude_his_own_case(make: Make, place: Place, voices: Voices, opened: Open) -> None:
    make.case(unit=place.commune, officer=place.head, finished="2023-10-12 09:00")
    opened()
    explanation = ExplanationQuery.visible_to(voices.head).by_due()[0]
    do(actions.submit, explanation, answer(), version=1, by=voices.head, today=MONDAY)

    with pytest.raises(Refused, match="not_decider"):
        conclude(explanation, voices.head, CauseClass.OBJECTIVE, Blame.NONE, "Không phải tôi.")
    conclude(explanation, voices.district_head, CauseClass.SUBJECTIVE, Blame.FULL, "Của trưởng đơn vị.")

    assert db.session.scalars(select(Conclusion.seat)).one() == "next_head"


def test_without_any_head_the_chair_concludes_and_his_own_goes_above(make: Make, voices: Voices, opened: Open) -> None:
    commune = make.unit()
    chair = make.posting(make.person(), commune, Role.CHAIR).person
    make.case(unit=commune, officer=chair, finished="2023-10-12 09:00")
    make.case(unit=commune, officer=make.officer(commune), finished="2023-10-12 09:00")
    opened()
    by_holder = {row.holder_id: row for row in ExplanationQuery.visible_to(Viewer.for_command()).by_due()}

    own = decider_of(by_holder.pop(chair.id), MONDAY)
    other = decider_of(by_holder.popitem()[1], MONDAY)

    assert (own.person_id, own.seat) == (None, Seat.ABOVE)
    assert (other.person_id, other.seat) == (chair.id, Seat.CHAIR)


def test_the_level_above_is_heard_through_its_letter(make: Make, opened: Open) -> None:
    commune = make.unit()
    chair = make.posting(make.person(), commune, Role.CHAIR).person
    office = acting(make.person(), Role.MONITORING_OFFICE, scope=(commune,))
    make.case(unit=commune, officer=chair, finished="2023-10-12 09:00")
    opened()
    explanation = ExplanationQuery.visible_to(office).by_due()[0]
    said = (CauseClass.SUBJECTIVE, Blame.FULL, "Theo kết luận của huyện.")

    with pytest.raises(Refused, match="letter"):
        conclude(explanation, office, *said, today=NEXT_MONDAY)
    conclude(explanation, office, *said, today=NEXT_MONDAY, letter="12/KL-UBND ngày 20/10/2023")

    assert db.session.scalars(select(Conclusion.seat)).one() == "above"


def test_in_bulk_only_the_stated_class_is_taken(make: Make, place: Place, voices: Voices, opened: Open) -> None:
    for _ in range(2):
        make.case(unit=place.commune, officer=place.officer, finished="2023-10-12 09:00")
    opened()
    first, second = ExplanationQuery.visible_to(voices.officer).by_due()
    submitted(first, voices, "CQ")
    submitted(second, voices, "QT")
    ids = {row.id: row.version for row in (first, second)}

    def bulk(*chosen: int) -> int:
        db.session.rollback()
        rows = [db.session.get_one(Explanation, ident) for ident in chosen]
        with commit():
            return actions.conclude_many(
                [(row, ids[row.id]) for row in rows], by=voices.head, at=clock.now(), today=TUESDAY
            )

    with pytest.raises(Refused, match="not_in_bulk"):
        bulk(first.id, second.id)
    assert state(first) == "submitted"

    assert bulk(first.id) == 1
    found = db.session.scalars(select(Conclusion)).one()
    assert (found.cause_class, found.blame, found.in_bulk) == ("subjective", "full", True)


def test_many_at_once_one_conclusion(app: Flask, explanation: Explanation, voices: Voices) -> None:
    submitted(explanation, voices)
    ident, version = explanation.id, explanation.version
    outcomes: list[str] = []
    barrier = threading.Barrier(6)

    def run(blame: Blame) -> None:
        with app.app_context():
            row = db.session.get_one(Explanation, ident)
            barrier.wait()
            try:
                with commit():
                    actions.conclude(
                        row, CauseClass.SUBJECTIVE, blame, "Lý do.", version=version, by=voices.head, at=clock.now(),
                        today=TUESDAY,
                    )  # fmt: skip
                outcomes.append("done")
            except Refused:
                outcomes.append("refused")

    threads = [threading.Thread(target=run, args=(blame,)) for blame in [Blame.FULL, Blame.SHARED] * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()

    assert sorted(outcomes) == ["done"] + ["refused"] * 5
    assert db.session.scalar(select(func.count()).select_from(Conclusion)) == 1
    recorded = select(func.count()).where(AuditEvent.kind == "explanation.concluded")
    assert db.session.scalar(recorded) == 1


def _attempt(explanation: Explanation, action: Action, voices: Voices, place: Place) -> None:
    version, today = explanation.version, NEXT_MONDAY
    officer, head = voices.officer, voices.head
    attempts: dict[Action, Callable[[], Any]] = {
        Action.SAVE: lambda: do(
            actions.save_draft, explanation, answer(happened=f"Bản {version}."), version=version, by=officer
        ),
        Action.SUBMIT: lambda: do(actions.submit, explanation, answer(), version=version, by=officer, today=today),
        Action.ALREADY_DONE: lambda: do(
            actions.say_already_done, explanation, "Đã trả.", version=version, by=officer, today=today
        ),
        Action.NOT_MINE: lambda: do(
            actions.say_not_mine, explanation, named_id=None, step="Thuế", reason="", by=officer
        ),
        Action.REASSIGN: lambda: do(
            actions.reassign, explanation, place.officer.id, "Vẫn là anh.", by=head, today=today
        ),
        Action.KEEP_HOLDER: lambda: do(actions.keep_holder, explanation, "Vẫn là anh.", by=head, today=today),
        Action.RETURN: lambda: do(
            actions.return_for_rework, explanation, "Rõ hơn.", version=version, by=head, today=today
        ),
        Action.CONCLUDE: lambda: conclude(explanation, head, CauseClass.SUBJECTIVE, Blame.FULL, "Lý do.", today=today),
        Action.CONCLUDE_UNANSWERED: lambda: conclude(
            explanation, head, CauseClass.SUBJECTIVE, Blame.FULL, "Lý do.", today=date(2023, 11, 30)
        ),
        Action.CANCEL: lambda: do(actions.cancel_with_breach, explanation, "Sai số liệu.", by=None),
    }
    attempts[action]()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(road=st.lists(st.sampled_from(list(Action)), min_size=3, max_size=14))
def test_on_every_road_only_the_machine_s_steps_succeed(
    make: Make, place: Place, voices: Voices, opened: Open, road: list[Action]
) -> None:
    case = make.case(unit=place.commune, officer=place.officer, finished="2023-10-12 09:00")
    opened()
    explanation = ExplanationQuery.visible_to(voices.officer).of_case(case.id).by_due()[0]
    for action in road:
        before, version = State(state(explanation)), explanation.version
        try:
            _attempt(explanation, action, voices, place)
        except Refused:
            assert (state(explanation), explanation.version) == (before, version)
            continue
        after = State(state(explanation))
        reached = allows(before, action) or (action, before) == (Action.SAVE, State.RETURNED)
        concluded = (action, before) in {(Action.CONCLUDE, state_) for state_ in State} | {
            (Action.CONCLUDE_UNANSWERED, State.SUBMITTED)
        }
        assert reached or concluded or after == before, (before, action, after)
        assert explanation.returned_times <= 2
    count = db.session.scalar(select(func.count()).where(Conclusion.explanation_id == explanation.id))
    assert count == (1 if state(explanation) == "concluded" else 0)

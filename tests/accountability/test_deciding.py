"""What the decider does on real rows: who it is, what he may say, what stays. Rules §3.8–3.12."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal import clock
from portal.accountability.explanations.actions import deciding, writing
from portal.accountability.explanations.models import Conclusion, Explanation, Redirection
from portal.accountability.explanations.queries import ExplanationQuery, decider_of, queue_of
from portal.accountability.explanations.rules import Blame, CauseClass, Seat
from portal.accountability.ledger.rules import OpenResult
from portal.audit.models import AuditEvent
from portal.database import commit, db
from portal.guard import Role, Viewer
from portal.refusal import Conflict, Refused
from tests.accountability.conftest import MONDAY, NEXT_MONDAY, TUESDAY, Place, Voices, acting, answer
from tests.accountability.road import conclude, do, state, submitted
from tests.factories import Make

Open = Callable[..., OpenResult]

RACERS = 16
"""Requests at once of which one has an effect (issue 5)."""


def test_not_mine_stops_the_clock_and_the_head_gives_it_to_another(
    explanation: Explanation, voices: Voices, place: Place
) -> None:
    do(
        writing.say_not_mine, explanation, named_id=place.colleague.id, step="", reason="Đã bàn giao.",
        by=voices.officer,
    )  # fmt: skip
    db.session.refresh(explanation)
    assert explanation.stopped_at is not None
    assert ExplanationQuery.visible_to(voices.head).past_term(NEXT_MONDAY).count() == 0
    assert [row.id for row in queue_of(voices.head, MONDAY).redirected] == [explanation.id]

    do(deciding.reassign, explanation, place.colleague.id, "Đúng.", by=voices.head, today=TUESDAY)

    assert state(explanation) == "waiting"
    assert (explanation.holder_id, explanation.due_on) == (place.colleague.id, date(2023, 10, 20))
    assert db.session.scalars(select(Redirection)).one().answer is not None
    with pytest.raises(Refused, match="not_holder"):
        do(writing.save_draft, explanation, answer(), version=explanation.version, by=voices.officer)


def test_the_head_may_keep_the_holder_and_a_new_term_runs(explanation: Explanation, voices: Voices) -> None:
    do(writing.say_not_mine, explanation, named_id=None, step="Thuế", reason="", by=voices.officer)

    do(deciding.keep_holder, explanation, "Bước này của anh.", by=voices.head, today=NEXT_MONDAY)

    db.session.refresh(explanation)
    assert (explanation.stopped_at, explanation.due_on) == (None, date(2023, 10, 26))


def test_a_person_named_by_the_officer_does_not_decide(explanation: Explanation, voices: Voices, place: Place) -> None:
    do(
        writing.say_not_mine, explanation, named_id=place.head.id, step="", reason="Chờ ký.", by=voices.officer
    )  # fmt: skip

    decider = decider_of(explanation, MONDAY)

    assert (decider.person_id, decider.seat) == (place.district_head.id, Seat.NEXT_HEAD)
    with pytest.raises(Refused, match="not_decider"):
        do(deciding.keep_holder, explanation, "Không.", by=voices.head, today=MONDAY)


def test_two_returns_and_then_he_must_conclude(explanation: Explanation, voices: Voices) -> None:
    for times in (1, 2):
        submitted(explanation, voices)
        do(
            deciding.return_for_rework, explanation, "Nêu rõ ngày.", version=explanation.version, by=voices.head,
            today=TUESDAY,
        )  # fmt: skip
        assert (state(explanation), explanation.returned_times) == ("returned", times)
    submitted(explanation, voices)

    with pytest.raises(Refused, match="returned_enough"):
        do(
            deciding.return_for_rework, explanation, "Nữa.", version=explanation.version, by=voices.head, today=TUESDAY
        )  # fmt: skip


def test_a_return_needs_a_comment(explanation: Explanation, voices: Voices) -> None:
    submitted(explanation, voices)

    with pytest.raises(Refused, match="comment"):
        do(deciding.return_for_rework, explanation, " ", version=explanation.version, by=voices.head, today=MONDAY)


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
    do(writing.submit, explanation, answer(), version=1, by=voices.head, today=MONDAY)

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
            return deciding.conclude_many(
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
    barrier = threading.Barrier(RACERS)
    db.session.rollback()

    def run(blame: Blame) -> None:
        with app.app_context():
            row = db.session.get_one(Explanation, ident)
            db.session.rollback()  # gives the connection back: more racers wait here than the pool has connections
            barrier.wait(timeout=60)
            try:
                with commit():
                    deciding.conclude(
                        row, CauseClass.SUBJECTIVE, blame, "Lý do.", version=version, by=voices.head, at=clock.now(),
                        today=TUESDAY,
                    )  # fmt: skip
                outcomes.append("done")
            except Refused:
                outcomes.append("refused")

    threads = [threading.Thread(target=run, args=(blame,)) for blame in [Blame.FULL, Blame.SHARED] * (RACERS // 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()

    assert sorted(outcomes) == ["done"] + ["refused"] * (RACERS - 1)
    assert db.session.scalar(select(func.count()).select_from(Conclusion)) == 1
    recorded = select(func.count()).where(AuditEvent.kind == "explanation.concluded")
    assert db.session.scalar(recorded) == 1

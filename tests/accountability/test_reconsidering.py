"""After a conclusion: taken back the same day, objected to once, decided by the next head up; several who share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from portal.accountability.explanations import conclusion_queries
from portal.accountability.explanations.actions import reconsidering
from portal.accountability.explanations.actions.outcomes import Said
from portal.accountability.explanations.models import Conclusion, ConclusionWithdrawal, Explanation, Objection
from portal.accountability.explanations.queries import ExplanationQuery, subjective_weight
from portal.accountability.explanations.rules import Blame, CauseClass, Share
from portal.accountability.ledger.rules import OpenResult
from portal.audit.models import AuditEvent
from portal.database import commit, db
from portal.directory.models import Posting
from portal.evaluation.queries import Sheets, breach_lines
from portal.evaluation.rules import Year
from portal.guard import Role, Viewer
from portal.policy.models import Cause
from portal.refusal import Conflict, Refused
from tests.accountability.conftest import TUESDAY, Place, Voices, acting, cause_id
from tests.accountability.road import conclude, do, state, submitted
from tests.factories import Make

Open = Callable[..., OpenResult]
FULL = (CauseClass.SUBJECTIVE, Blame.FULL)
SHARED = (CauseClass.SUBJECTIVE, Blame.SHARED)
WEDNESDAY, NEXT_TUESDAY = date(2023, 10, 18), date(2023, 10, 24)
LAST_DAY_TO_OBJECT = NEXT_TUESDAY
YEAR = Year(2023, date(2022, 12, 1), date(2023, 11, 30), date(2023, 11, 30))


@pytest.fixture
def concluded(explanation: Explanation, voices: Voices) -> Explanation:
    """Concluded by the head on Tuesday: subjective, full blame."""
    submitted(explanation, voices)
    conclude(explanation, voices.head, *FULL, "Xử lý không theo thứ tự.")
    return explanation


def withdraw(explanation: Explanation, by: Viewer, *, reason: str = "Chọn nhầm.", today: date = TUESDAY) -> None:
    db.session.refresh(explanation)
    do(reconsidering.withdraw, explanation, reason, version=explanation.version, by=by, today=today)


def objects(explanation: Explanation, by: Viewer, today: date = WEDNESDAY) -> Objection:
    db.session.refresh(explanation)
    said = "Hồ sơ đến bước tôi khi đã trễ."
    found: Objection = do(reconsidering.object_to, explanation, said, version=explanation.version, by=by, today=today)
    return found


def decide(explanation: Explanation, objection: Objection, by: Viewer, said: Said | None = None, **more: Any) -> None:
    db.session.refresh(explanation)
    more = {"version": explanation.version, "today": WEDNESDAY, **more}
    do(reconsidering.decide_objection, explanation, objection, said, "Đã xem lại các bước.", by=by, **more)


def test_a_conclusion_is_taken_back_the_same_day_and_drawn_anew(concluded: Explanation, voices: Voices) -> None:
    withdraw(concluded, voices.head)

    assert state(concluded) == "submitted"
    assert concluded.conclusion is None and concluded.concluded_at is None
    conclude(concluded, voices.head, CauseClass.OBJECTIVE, Blame.NONE, "Mưa lũ.")
    assert state(concluded) == "concluded" and concluded.conclusion.cause_class == "objective"
    numbers = db.session.execute(select(Conclusion.number, Conclusion.blame).order_by(Conclusion.number)).all()
    assert numbers == [(1, "full"), (2, "none")]
    assert db.session.scalars(select(ConclusionWithdrawal.reason)).all() == ["Chọn nhầm."]


def test_taken_back_it_counts_for_nobody(concluded: Explanation, voices: Voices, place: Place) -> None:
    span = (date(2022, 12, 1), date(2023, 11, 30))
    assert subjective_weight(place.officer.id, *span) == (1, 0)

    withdraw(concluded, voices.head)

    assert subjective_weight(place.officer.id, *span) == (0, 0)


def test_without_an_answer_it_leads_back_to_no_answer(explanation: Explanation, voices: Voices) -> None:
    conclude(explanation, voices.head, *FULL, "Không giải trình.", today=date(2023, 10, 30))

    withdraw(explanation, voices.head, today=date(2023, 10, 30))

    assert state(explanation) == "waiting"


@pytest.mark.parametrize(
    ("who", "today", "reason", "code"),
    [
        ("district_head", TUESDAY, "Nhầm.", "not_his_conclusion"),
        ("head", WEDNESDAY, "Nhầm.", "day_is_over"),
        ("head", TUESDAY, "  ", "withdrawal_reason_missing"),
    ],
)
def test_who_and_when_may_take_it_back(
    concluded: Explanation, voices: Voices, who: str, today: date, reason: str, code: str
) -> None:
    with pytest.raises(Refused, match=code):
        withdraw(concluded, getattr(voices, who), reason=reason, today=today)

    assert state(concluded) == "concluded"


def test_it_stays_once_something_was_built_on_it(concluded: Explanation, voices: Voices, make: Make) -> None:
    make.followup(concluded.breach)
    with pytest.raises(Refused, match="built_on_followup"):
        withdraw(concluded, voices.head)

    objects(concluded, voices.officer, today=TUESDAY)
    with pytest.raises(Refused, match="built_on_objection"):
        withdraw(concluded, voices.head)


def test_the_next_head_up_changes_it_and_the_first_stays_visible(concluded: Explanation, voices: Voices) -> None:
    objection = objects(concluded, voices.officer)
    assert (objection.decision_due_on, concluded.objection_due_on) == (date(2023, 10, 25), date(2023, 10, 25))

    decide(concluded, objection, voices.district_head, Said(CauseClass.OBJECTIVE, Blame.NONE, "Đến tay khi đã trễ."))

    assert state(concluded) == "concluded" and concluded.objection_due_on is None
    drawn = conclusion_queries.conclusions_of(concluded.id)
    assert [(row.blame, row.seat, row.objection_id) for row in drawn] == [
        ("full", "head", None), ("none", "next_head", objection.id),
    ]  # fmt: skip
    assert concluded.conclusion is drawn[1]
    assert subjective_weight(concluded.holder_id or 0, date(2022, 12, 1), date(2023, 11, 30)) == (0, 0)
    event = db.session.scalars(select(AuditEvent).order_by(AuditEvent.seq.desc())).first()
    assert event is not None and (event.kind, event.payload["keeps"]) == ("explanation.objection_decided", False)


def test_kept_it_says_the_same_with_the_second_reason(concluded: Explanation, voices: Voices) -> None:
    decide(concluded, objects(concluded, voices.officer), voices.district_head)

    assert state(concluded) == "concluded"
    found = concluded.conclusion
    assert found is not None
    assert (found.number, found.blame, found.reason) == (2, "full", "Đã xem lại các bước.")


def test_an_objection_is_made_once_in_its_term_and_by_whom_it_concerns(concluded: Explanation, voices: Voices) -> None:
    with pytest.raises(Refused, match="objection_too_late"):
        objects(concluded, voices.officer, today=date(2023, 10, 25))
    with pytest.raises(Refused, match="not_concluded_upon"):
        objects(concluded, voices.colleague)
    objection = objects(concluded, voices.officer, today=LAST_DAY_TO_OBJECT)
    with pytest.raises(Refused, match="objected_already"):
        objects(concluded, voices.officer)

    decide(concluded, objection, voices.district_head)

    with pytest.raises(Refused, match="objected_already"):
        objects(concluded, voices.officer)
    with pytest.raises(Refused, match="not_decider"):
        decide(concluded, objection, voices.district_head)


def test_who_concluded_does_not_hear_the_objection(concluded: Explanation, voices: Voices, place: Place) -> None:
    objection = objects(concluded, voices.officer)

    with pytest.raises(Refused, match="not_decider"):
        decide(concluded, objection, voices.head)


def test_above_the_last_head_the_level_above_decides_by_letter(
    concluded: Explanation, voices: Voices, place: Place, make: Make
) -> None:
    objection = objects(concluded, voices.officer)
    db.session.rollback()
    with commit():
        held = select(Posting).where(Posting.person_id == place.district_head.id)
        db.session.scalars(held).one().valid_to = date(2023, 9, 30)
    clerk = make.in_role(Role.MONITORING_OFFICE, place.district)
    office = acting(clerk, Role.MONITORING_OFFICE, scope=(place.commune,))

    with pytest.raises(Refused, match="letter_missing"):
        decide(concluded, objection, office)
    decide(concluded, objection, office, letter="Công văn 88/UBND-NC ngày 18/10/2023")

    assert state(concluded) == "concluded" and concluded.conclusion.seat == "above"


def test_of_two_decisions_at_once_one_counts(concluded: Explanation, voices: Voices) -> None:
    objection = objects(concluded, voices.officer)
    db.session.refresh(concluded)
    version = concluded.version
    decide(concluded, objection, voices.district_head, version=version)

    with pytest.raises((Conflict, Refused)):
        decide(concluded, objection, voices.district_head, version=version)
    assert conclusion_queries.conclusions_drawn(concluded.id) == 2


def test_each_who_shares_a_delay_has_a_line_and_the_unit_counts_it_once(
    explanation: Explanation, voices: Voices, place: Place
) -> None:
    submitted(explanation, voices)
    share = Share(place.colleague.id, "Thẩm định", *SHARED)

    conclude(explanation, voices.head, *SHARED, "Hai bước cùng chậm.", step="Tiếp nhận", shares=[share])

    db.session.rollback()
    sheets = Sheets(YEAR, Viewer.for_command())
    tallies = {sheet.name: sheet.tally for sheet in (*sheets.officers, *sheets.units)}
    names = (place.officer.full_name, place.colleague.full_name, place.commune.name)
    assert [tallies[name].by_blame for name in names] == [{"shared": 1}] * 3
    lines = breach_lines(YEAR, Viewer.for_command())
    assert [line.officer.full_name for line in lines if line.officer] == list(names[:2])
    assert subjective_weight(place.colleague.id, YEAR.first, YEAR.to) == (0, 1)
    assert ExplanationQuery.visible_to(voices.colleague).get(explanation.id) is not None
    objects(explanation, voices.colleague)


@pytest.mark.parametrize(
    ("said", "reason", "code"),
    [(FULL, "Lý do.", "full_is_not_shared"), (SHARED, "", "reason_missing")],
)
def test_shares_need_a_reason_and_no_full_blame_beside(
    explanation: Explanation, voices: Voices, place: Place, said: Any, reason: str, code: str
) -> None:
    submitted(explanation, voices)

    with pytest.raises(Refused, match=code):
        conclude(explanation, voices.head, *said, reason, shares=[Share(place.colleague.id, "", *SHARED)])


def test_who_decides_has_no_share_and_strangers_have_none(
    explanation: Explanation, voices: Voices, place: Place, make: Make
) -> None:
    submitted(explanation, voices)
    for person, code in ((place.head, "shares_himself"), (make.officer(), "no_such_person")):
        with pytest.raises(Refused, match=code):
            conclude(explanation, voices.head, *SHARED, "Lý do.", shares=[Share(person.id, "", *SHARED)])


def test_an_unconfirmed_cause_rests_on_evidence_or_a_reason(explanation: Explanation, voices: Voices) -> None:
    with commit():
        cause = db.session.get_one(Cause, cause_id("KT"))
        cause.needs_evidence, cause.asks = False, []
    submitted(explanation, voices, "KT")
    technical = (CauseClass.TECHNICAL, Blame.NONE)

    with pytest.raises(Refused, match="unconfirmed"):
        conclude(explanation, voices.head, *technical, "")
    conclude(explanation, voices.head, *technical, "Phần mềm treo ngày 09/10, đã chụp màn hình.")

    assert state(explanation) == "concluded"

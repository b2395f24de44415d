"""Nobody lets his own duty go, and a duty from before the start of the portal still comes to an end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from portal import clock
from portal.accountability.explanations.models import Conclusion, Explanation, ExplanationText
from portal.accountability.explanations.queries import decider_of
from portal.accountability.followups import queries as followups
from portal.accountability.ledger.actions import decide_correction
from portal.accountability.ledger.rules import OpenResult
from portal.database import commit, db
from portal.guard import Role
from portal.policy import actions as policy
from portal.refusal import Refused
from tests.accountability.conftest import Place, acting
from tests.factories import Make

Open = Callable[..., OpenResult]


def the_explanation() -> Explanation:
    db.session.rollback()
    return db.session.scalars(select(Explanation)).one()


def test_a_head_who_holds_the_duty_does_not_cancel_the_breach(make: Make, place: Place, opened: Open) -> None:
    """Where nobody knows the officer the duty is the head's, and so is the breach."""
    make.case(unit=place.commune, finished="2023-10-12 09:00")
    opened()
    assert the_explanation().holder_id == place.head.id
    proposal = make.correction(the_explanation().breach)
    head = acting(place.head, Role.HEAD, heads=(place.commune,))
    db.session.rollback()

    with pytest.raises(Refused, match="not_his_own"), commit():
        decide_correction(proposal, approve=True, reason="Đúng.", version=1, by=head, at=clock.now())


def test_an_old_breach_nobody_explained_is_concluded_too(
    make: Make, place: Place, opened: Open, signed_in: Callable[..., Any], at: Callable[[datetime], None]
) -> None:
    """It is never a late answer, and yet no dead end: once its common term is over, the head concludes."""
    with commit():
        policy.set_value(
            "accountability.cut_over", "2023-10-11", valid_from=date(2023, 1, 1), basis="KH 2", by=None, at=clock.now()
        )
    make.case(unit=place.commune, officer=place.officer, finished="2023-10-12 09:00")
    opened()
    explanation = the_explanation()
    assert explanation.breach.legacy
    ident, version, case_code = explanation.id, explanation.version, explanation.case.code
    head = signed_in(place.head)

    at(datetime.combine(explanation.due_on, datetime.min.time()).replace(hour=16))
    early = head.get("/explanations/queue?part=unanswered")
    at(datetime(2024, 3, 1, 9, 0))
    home, queue, shown = (head.get(url) for url in ("/", "/explanations/queue", f"/explanations/{ident}"))
    answer = head.post(
        f"/explanations/{ident}/conclude",
        data={"version": version, "conclusion": "subjective-full", "reason": "Không giải trình."},
    )

    assert case_code not in early.text
    assert case_code in queue.text and home.status_code == 200
    assert 'name="conclusion"' in shown.text and "quá hạn giải trình" not in shown.text
    assert answer.status_code == 303
    db.session.rollback()
    assert db.session.scalars(select(Conclusion.answered)).one() is False


def test_who_is_given_the_duty_writes_on_an_empty_page(
    explanation: Explanation, place: Place, signed_in: Callable[..., Any], at: Callable[[datetime], None]
) -> None:
    """What the first holder wrote is kept as his, and is not put into the mouth of the second."""
    at(datetime(2023, 10, 16, 16, 0))
    ident, words = explanation.id, "Lời của người thứ nhất."
    first, head, second = signed_in(place.officer), signed_in(place.head), signed_in(place.colleague)
    draft = {"version": explanation.version, "happened": words, "commitment_on": "27/10/2023"}
    assert first.post(f"/explanations/{ident}/draft", data=draft).status_code == 303
    named = {"named": place.colleague.id, "step": "", "reason": "Đã bàn giao."}
    assert first.post(f"/explanations/{ident}/not-mine", data=named).status_code == 303
    given = {"holder": place.colleague.id, "reason": "Đúng."}
    assert head.post(f"/explanations/{ident}/reassign", data=given).status_code == 303

    now = the_explanation()
    assert (now.happened, now.cause_id, now.commitment_on, now.state) == ("", None, None, "waiting")
    kept = db.session.scalars(select(ExplanationText)).one()
    assert (kept.happened, kept.by_id, kept.kind) == (words, place.officer.id, "handed_on")
    assert words in head.get(f"/explanations/{ident}").text
    assert second.get(f"/explanations/{ident}").text.count(words) == 1


def test_a_breach_given_to_another_is_no_ground_against_the_first(
    explanation: Explanation, place: Place, signed_in: Callable[..., Any], at: Callable[[datetime], None]
) -> None:
    """Nobody is reminded for what its decider took off him."""
    at(datetime(2023, 10, 16, 16, 0))
    ident, case_code, breach_id = explanation.id, explanation.case.code, explanation.breach_id
    first, head = signed_in(place.officer), signed_in(place.head)
    named = {"named": place.colleague.id, "step": "", "reason": "Đã bàn giao."}
    first.post(f"/explanations/{ident}/not-mine", data=named)
    head.post(f"/explanations/{ident}/reassign", data={"holder": place.colleague.id, "reason": "Đúng."})
    by = acting(place.head, Role.HEAD, heads=(place.commune,))

    against_first = followups.breaches_among(by, place.officer.id, [breach_id])
    against_second = followups.breaches_among(by, place.colleague.id, [breach_id])

    assert against_first == []
    assert [breach.case.code for breach in against_second] == [case_code]


def test_naming_ones_head_chooses_no_other_judge(
    explanation: Explanation, place: Place, signed_in: Callable[..., Any], at: Callable[[datetime], None]
) -> None:
    """While it is asked whether the step was the head's, the next one upward decides; answered "no", the head again."""
    at(datetime(2023, 10, 16, 16, 0))
    ident = explanation.id
    signed_in(place.officer).post(f"/explanations/{ident}/not-mine", data={"named": place.head.id, "reason": "Chờ ký."})

    asked = decider_of(the_explanation(), date(2023, 10, 16)).person_id
    kept = {"keep": "1", "holder": place.officer.id, "reason": "Hồ sơ chưa trình."}
    signed_in(place.district_head).post(f"/explanations/{ident}/reassign", data=kept)
    answered = decider_of(the_explanation(), date(2023, 10, 16)).person_id

    assert (asked, answered) == (place.district_head.id, place.head.id)


def test_a_half_typed_date_does_not_erase_the_saved_one(
    explanation: Explanation, place: Place, signed_in: Callable[..., Any], at: Callable[[datetime], None]
) -> None:
    at(datetime(2023, 10, 16, 16, 0))
    ident, officer = explanation.id, signed_in(place.officer)
    draft = {"version": explanation.version, "happened": "Một.", "commitment_on": "27/10/2023"}
    officer.post(f"/explanations/{ident}/draft", data=draft)

    typing = {"version": the_explanation().version, "happened": "Một, hai.", "commitment_on": "3"}
    officer.post(f"/explanations/{ident}/draft", data=typing, headers={"Accept": "application/json"})

    now = the_explanation()
    assert (now.happened, now.commitment_on) == ("Một, hai.", date(2023, 10, 27))

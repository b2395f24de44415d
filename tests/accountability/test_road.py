"""The road of an explanation on real rows: on every road only the steps of the machine succeed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from portal.accountability.explanations.actions import deciding, writing
from portal.accountability.explanations.models import Conclusion, Explanation
from portal.accountability.explanations.queries import ExplanationQuery
from portal.accountability.explanations.rules import Action, Blame, CauseClass, State, allows
from portal.accountability.ledger.rules import OpenResult
from portal.database import db
from portal.refusal import Refused
from tests.accountability.conftest import NEXT_MONDAY, Place, Voices, answer
from tests.accountability.road import conclude, do, state
from tests.factories import Make

Open = Callable[..., OpenResult]
ONWARD = [one for one in Action if one not in (Action.WITHDRAW, Action.OBJECT, Action.DECIDE_OBJECTION)]


def _attempt(explanation: Explanation, action: Action, voices: Voices, place: Place) -> None:
    version, today = explanation.version, NEXT_MONDAY
    officer, head = voices.officer, voices.head
    attempts: dict[Action, Callable[[], Any]] = {
        Action.SAVE: lambda: do(
            writing.save_draft, explanation, answer(happened=f"Bản {version}."), version=version, by=officer
        ),
        Action.SUBMIT: lambda: do(writing.submit, explanation, answer(), version=version, by=officer, today=today),
        Action.ALREADY_DONE: lambda: do(
            writing.say_already_done, explanation, "Đã trả.", version=version, by=officer, today=today
        ),
        Action.NOT_MINE: lambda: do(
            writing.say_not_mine, explanation, named_id=None, step="Thuế", reason="", by=officer
        ),
        Action.REASSIGN: lambda: do(
            deciding.reassign, explanation, place.officer.id, "Vẫn là anh.", by=head, today=today
        ),
        Action.KEEP_HOLDER: lambda: do(deciding.keep_holder, explanation, "Vẫn là anh.", by=head, today=today),
        Action.RETURN: lambda: do(
            deciding.return_for_rework, explanation, "Rõ hơn.", version=version, by=head, today=today
        ),
        Action.CONCLUDE: lambda: conclude(explanation, head, CauseClass.SUBJECTIVE, Blame.FULL, "Lý do.", today=today),
        Action.CONCLUDE_UNANSWERED: lambda: conclude(
            explanation, head, CauseClass.SUBJECTIVE, Blame.FULL, "Lý do.", today=date(2023, 11, 30)
        ),
        Action.CANCEL: lambda: do(deciding.cancel_with_breach, explanation, "Sai số liệu.", by=None),
    }
    attempts[action]()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(road=st.lists(st.sampled_from(ONWARD), min_size=3, max_size=14))
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

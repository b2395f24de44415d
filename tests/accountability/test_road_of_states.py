"""The machine proven on real rows: whoever tries whatever in whatever order, the ledger adds up.

Fifty roads of thirty steps in `make sure`, two thousand of forty in `make prove`. What may be tried: machine.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import Integer, cast, func, select

from portal import clock
from portal.accountability.apologies.models import Apology
from portal.accountability.explanations.models import (
    Conclusion,
    ConclusionWithdrawal,
    Explanation,
    ExplanationReturn,
    Objection,
)
from portal.accountability.explanations.rules import MACHINE, Action, Actor, State, after
from portal.accountability.ledger.queries import coverage
from portal.audit.queries import events_of
from portal.database import db
from portal.guard import Role, Viewer
from portal.refusal import Refused
from tests.accountability import machine
from tests.databases import application
from tests.factories import Make

ACTORS = (
    "officer", "colleague", "stand_in", "head", "district_head", "monitoring_office", "home_affairs", "chair",
    "clerk", "stranger", "section_head",
)  # fmt: skip
USUALLY = {
    "officer": ("save", "submit", "already_done", "not_mine", "object", "draft_letter", "hand_in_letter"),
    "head": (
        "reassign", "keep_holder", "hand_over", "return", "conclude", "conclude_many", "withdraw", "sign_letter",
        "send_letter_back", "exempt_letter",
    ),
    "clerk": ("number_letter", "send_letter"),
    "section_head": ("pass_on", "section_return"),
    "district_head": ("decide_objection", "decide_cancelling"),
    "monitoring_office": ("propose_cancelling",),
}  # fmt: skip
LIKELY = {what: who for who, steps in USUALLY.items() for what in steps}
"""Who usually does it, so that roads get somewhere."""
LETTERS = {
    "waiting": ("draft_letter", "hand_in_letter", "next_day"),
    "draft": ("hand_in_letter", "sign_letter", "sign_letter", "send_letter_back", "next_day"),
    "signed": ("number_letter", "number_letter", "send_letter_back"),
    "numbered": ("send_letter", "send_letter_back", "propose_cancelling"),
}
"""What usually follows on the road of a letter."""
CHOICES, PICKS = st.sampled_from((0, 1, 2)), st.sampled_from(tuple(range(60)))
DECIDES = {Role.HEAD, Role.CHAIR}
NOTHING = {
    "explanation.file_attached", "explanation.not_mine", "explanation.holder_kept", "explanation.objected",
    "explanation.objection_decided", "explanation.conflicting_text_kept", "explanation.handed_over",
    "explanation.term_stood", "explanation.passed_on",
}  # fmt: skip


def folded(explanation_id: int) -> State:
    """The state as the trail alone tells it."""
    state, came_from = State.WAITING, State.WAITING
    for event in events_of("explanation", explanation_id):
        if event.kind in NOTHING:
            continue
        action = {
            "explanation.drafted": Action.SAVE,
            "explanation.submitted": Action.SUBMIT,
            "explanation.reassigned": Action.REASSIGN,
            "explanation.returned": Action.RETURN,
            "explanation.returned_by_section": Action.SECTION_RETURN,
            "explanation.concluded": Action.CONCLUDE if state is State.SUBMITTED else Action.CONCLUDE_UNANSWERED,
            "explanation.conclusion_withdrawn": Action.WITHDRAW,
            "explanation.cancelled": Action.CANCEL,
        }[event.kind]
        came_from = state if state is not State.CONCLUDED else came_from
        state = after(state, action, came_from=came_from)
    return state


def may(action: Action, road: machine.Road, by: Viewer, before: dict[str, Any]) -> bool:
    """Whether this actor may ever take this step, told from the table of the machine and the row before it."""
    actor = MACHINE[action].actor
    if actor is Actor.HEAD_OR_OFFICE:
        return bool(by.roles & (DECIDES | {Role.MONITORING_OFFICE}))
    if actor is Actor.SECTION_HEAD:
        return by.person_id == road.people["section_head"]
    own = {before["holder_id"], before["responsible_id"], before["officer_id"]}
    if actor is Actor.HOLDER:
        return before["holder_id"] in by.person_ids
    if actor is Actor.CONCLUDED_UPON:
        return bool(before["upon"] & by.person_ids)
    if actor is Actor.WHO_CONCLUDED:
        return by.person_id == before["decided_by"]
    decides = bool(by.roles & (DECIDES | {Role.MONITORING_OFFICE})) and by.person_id not in own
    return decides and (actor is not Actor.NEXT_HEAD or by.person_id != before["decided_by"])


def facts(explanation: Explanation) -> dict[str, Any]:
    """The row before a step, as plain values."""
    conclusion = explanation.conclusion
    shares = {share.person_id for share in conclusion.shares} if conclusion else set()
    return {
        "state": explanation.state,
        "version": explanation.version,
        "holder_id": explanation.holder_id,
        "responsible_id": explanation.responsible_id,
        "officer_id": explanation.breach.officer_id,
        "decided_by": conclusion.decided_by if conclusion else None,
        "upon": {explanation.responsible_id, *shares},
    }


class Roads(RuleBasedStateMachine):
    """People try things with the two duties of one case; rules say no, and what they allow holds together."""

    start: Callable[[], machine.Road]
    """Puts the world back to where every road begins, and gives a road there."""
    road: machine.Road
    moved = True
    """Whether anything was allowed since the invariants were last looked at; a refusal is compared on the spot."""

    @initialize()
    def begin(self) -> None:
        self.road = type(self).start()
        machine.BESIDE["next_day"](self.road, 0, Viewer.nobody())

    @rule(what=st.sampled_from(sorted(machine.EXPLAINS)), choice=CHOICES, who=st.sampled_from(ACTORS))
    def anybody_tries_anything(self, what: str, choice: int, who: str) -> None:
        self._explain(what, choice, who)

    @rule(pick=PICKS, choice=CHOICES)
    def who_usually_does_it_goes_on(self, pick: int, choice: int) -> None:
        """One of the steps the machine knows here; conclusions without an answer wait for their day."""
        state = self.road.explanation.state
        known = [what for what, (action, _) in sorted(machine.EXPLAINS.items()) if state in MACHINE[action].sources]
        what = (known or ["save"])[pick % max(len(known), 1)]
        self._explain(what, choice, LIKELY[what])

    @rule(what=st.sampled_from(sorted(machine.BESIDE)), choice=CHOICES, who=st.sampled_from(ACTORS))
    def anybody_tries_something_beside(self, what: str, choice: int, who: str) -> None:
        self._beside(what, choice, who)

    @rule(pick=PICKS, choice=CHOICES)
    def the_letter_goes_on(self, pick: int, choice: int) -> None:
        known = LETTERS.get(self.road.apology.state, ("next_day",))
        what = known[pick % len(known)]
        self._beside(what, choice, LIKELY.get(what, "officer"))

    def _explain(self, what: str, choice: int, who: str) -> None:
        road, (action, attempt) = self.road, machine.EXPLAINS[what]
        by = road.actors[who]
        db.session.rollback()
        before = facts(road.explanation)
        if action is Action.CONCLUDE and before["state"] != State.SUBMITTED:
            action = Action.CONCLUDE_UNANSWERED
        try:
            attempt(road, choice, by)
        except Refused:
            db.session.rollback()
            assert facts(road.explanation) == before
            return
        self.moved = True
        saved_again = action is Action.SAVE and before["state"] == State.RETURNED
        assert before["state"] in MACHINE[action].sources or saved_again, (what, before)
        assert may(action, road, by, before), (what, who, before)

    def _beside(self, what: str, choice: int, who: str) -> None:
        try:
            machine.BESIDE[what](self.road, choice, self.road.actors[who])
            self.moved = True
        except Refused:
            db.session.rollback()

    @invariant()
    def it_holds_together(self) -> None:
        if not hasattr(self, "road") or not self.moved:
            return
        self.moved = False
        db.session.rollback()
        row = self.road.explanation
        assert folded(row.id) == row.state
        self._one_conclusion_stands_or_none(row)

    def _one_conclusion_stands_or_none(self, row: Explanation) -> None:
        drawn = select(Conclusion.id, Conclusion.objection_id).where(Conclusion.explanation_id == row.id)
        conclusions = db.session.execute(drawn.order_by(Conclusion.number)).all()
        ids = [one.id for one in conclusions]
        gone = set(db.session.scalars(select(ConclusionWithdrawal.conclusion_id)))
        left = [ident for ident in ids if ident not in gone]
        assert (row.state == State.CONCLUDED) == bool(left) == (row.conclusion_id is not None)
        assert row.conclusion_id is None or row.conclusion_id == left[-1] == ids[-1]
        assert all(one.objection_id for one in conclusions if one.id in left[1:])
        objections = db.session.scalar(select(func.count(Objection.id)).where(Objection.explanation_id == row.id))
        waiting = (objections or 0) - sum(one.objection_id is not None for one in conclusions)
        assert (waiting > 0) == (row.objection_due_on is not None)
        by_section = func.sum(cast(ExplanationReturn.by_section, Integer))
        returns = select(func.count(), by_section).where(ExplanationReturn.explanation_id == row.id)
        times, of_section = db.session.execute(returns).one()
        assert times == row.returned_times <= 2 and (of_section or 0) <= 1
        assert row.base_due_on is None or row.base_due_on <= row.due_on

    def teardown(self) -> None:
        if not hasattr(self, "road"):
            return
        db.session.rollback()
        sums = coverage(self.road.today)
        assert sums.adds_up and sums.without_breach == 0
        for key in (Explanation.breach_id, Apology.breach_id):
            assert db.session.scalar(select(func.count(key)).group_by(key).having(func.count(key) > 1)) is None
        numbers = (Apology.unit_id, func.extract("year", Apology.issued_on), Apology.number)
        numbered = select(func.count(Apology.id)).where(Apology.number.is_not(None)).group_by(*numbers)
        twice = numbered.having(func.count(Apology.id) > 1)
        assert db.session.scalar(twice) is None
        db.session.remove()
        clock.set_business_time(None)


@contextmanager
def one_world(databases: Any, folder: Path) -> Iterator[Callable[[], machine.Road]]:
    """The portal on a database of its own, built once; every road begins on a copy of it."""
    url = databases.migrated()
    with application(url, folder / "files") as app, app.app_context():
        clock.set_business_time(None)
        built = machine.build(Make())
        release()
        kept = databases.kept(url)

        def start() -> machine.Road:
            release()
            databases.restore(url, kept)
            return replace(built)

        yield start
        release()
        databases.drop(kept)
    databases.drop(url)


def release() -> None:
    """Give back every connection, so that the database may be replaced."""
    db.session.remove()
    db.engine.dispose()


def prove(databases: Any, folder: Path, examples: int, steps: int) -> None:
    with one_world(databases, folder) as start:
        of_this_world = type("OfThisWorld", (Roads,), {"start": staticmethod(start)})
        run_state_machine_as_test(
            of_this_world,
            settings=settings(
                max_examples=examples,
                stateful_step_count=steps,
                deadline=None,
                phases=(Phase.generate,),
                suppress_health_check=list(HealthCheck),
            ),
        )


def test_enough_actions_and_actors_try() -> None:
    assert len(machine.EXPLAINS) + len(machine.BESIDE) >= 12
    assert len(ACTORS) >= 6 and set(LIKELY.values()) <= set(ACTORS)
    reached = {action for action, _ in machine.EXPLAINS.values()}
    assert reached | {Action.CONCLUDE_UNANSWERED, Action.CANCEL} == set(Action), "an action nobody tries"


def test_on_fifty_roads_the_ledger_adds_up(_sqlite: Any, tmp_path: Path) -> None:
    prove(_sqlite, tmp_path, 50, 30)


@pytest.mark.prove
def test_on_two_thousand_roads_the_ledger_adds_up(databases: Any, tmp_path: Path) -> None:
    prove(databases, tmp_path, 2000, 40)

"""What the holder does on real rows: what stays, what is missing, what is not his. Rules §3.7–3.9."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, text

from portal.accountability.explanations.actions import writing
from portal.accountability.explanations.models import Explanation, ExplanationText
from portal.accountability.explanations.queries import ExplanationQuery
from portal.accountability.ledger.rules import OpenResult
from portal.audit.models import AuditEvent
from portal.database import db
from portal.documents.store import Content
from portal.refusal import Conflict, Refused
from tests.accountability.conftest import MONDAY, Place, Voices, answer, cause_id
from tests.accountability.road import do, state, submitted
from tests.factories import Make

Open = Callable[..., OpenResult]
FILE = Content("a" * 64, 10, "application/pdf")


def test_a_draft_keeps_what_was_typed(explanation: Explanation, voices: Voices) -> None:
    do(writing.save_draft, explanation, answer(), version=1, by=voices.officer)

    assert state(explanation) == "draft"
    assert explanation.happened.startswith("Hồ sơ dồn")
    assert explanation.version == 2


def test_only_the_first_draft_while_typing_stands_in_the_trail(explanation: Explanation, voices: Voices) -> None:
    do(writing.save_draft, explanation, answer(), version=1, by=voices.officer, quietly=True)
    do(writing.save_draft, explanation, answer(happened="Khác."), version=2, by=voices.officer, quietly=True)

    kinds = db.session.scalars(select(AuditEvent.kind).where(AuditEvent.entity == "explanation")).all()
    assert list(kinds) == ["explanation.drafted"]


def test_two_windows_the_second_is_told_and_its_text_can_be_kept(explanation: Explanation, voices: Voices) -> None:
    do(writing.save_draft, explanation, answer(), version=1, by=voices.officer)
    other = answer(happened="Viết ở cửa sổ khác.")

    with pytest.raises(Conflict):
        do(writing.save_draft, explanation, other, version=1, by=voices.officer)
    do(writing.keep_conflicting_text, explanation, other, by=voices.officer)

    kept = db.session.scalars(select(ExplanationText)).one()
    assert (kept.kind, kept.happened) == ("conflicting", "Viết ở cửa sổ khác.")
    assert explanation.happened.startswith("Hồ sơ dồn")


def test_the_same_text_from_an_old_window_is_no_conflict(explanation: Explanation, voices: Voices) -> None:
    do(writing.save_draft, explanation, answer(), version=1, by=voices.officer, quietly=True)

    do(writing.submit, explanation, answer(), version=1, by=voices.officer, today=MONDAY)

    assert state(explanation) == "submitted"


def test_submitting_keeps_the_text_and_starts_the_head_s_term(explanation: Explanation, voices: Voices) -> None:
    submitted(explanation, voices)

    assert state(explanation) == "submitted"
    assert explanation.decision_due_on == date(2023, 10, 19)
    assert explanation.decider_id == voices.head.person_id
    assert db.session.scalars(select(ExplanationText.kind)).all() == ["submitted"]


@pytest.mark.parametrize(
    ("changes", "missing"),
    [({"cause_id": None}, ("cause",)), ({"happened": "  "}, ("happened",)), ({"remedy": ""}, ("remedy",))],
)
def test_an_incomplete_answer_is_refused_and_names_what_is_missing(
    explanation: Explanation, voices: Voices, changes: dict[str, Any], missing: tuple[str, ...]
) -> None:
    with pytest.raises(Refused) as refused:
        do(writing.submit, explanation, answer(**changes), version=1, by=voices.officer, today=MONDAY)

    assert refused.value.facts["missing"] == missing
    assert state(explanation) == "waiting"


def test_a_cause_that_needs_evidence_needs_a_file(explanation: Explanation, voices: Voices) -> None:
    whole = answer("LT-THUE", details={"LT-THUE.slip_no": "12/PC", "LT-THUE.sent_on": "2023-10-02"})
    with pytest.raises(Refused, match="incomplete"):
        do(writing.submit, explanation, whole, version=1, by=voices.officer, today=MONDAY)

    do(writing.attach, explanation, FILE, "phieu-chuyen.pdf", by=voices.officer)
    do(writing.submit, explanation, whole, version=1, by=voices.officer, today=MONDAY)

    assert state(explanation) == "submitted"


def test_an_open_case_needs_the_day_by_which_it_will_be_done(
    make: Make, place: Place, voices: Voices, opened: Open
) -> None:
    make.case(unit=place.commune, officer=place.officer)
    opened()
    explanation = ExplanationQuery.visible_to(voices.officer).by_due()[0]

    with pytest.raises(Refused) as refused:
        do(
            writing.submit, explanation, answer(commitment_on=None), version=1, by=voices.officer, today=MONDAY
        )  # fmt: skip

    assert refused.value.facts["missing"] == ("commitment_on",)


def test_a_violation_is_no_cause(explanation: Explanation, voices: Voices) -> None:
    violation = db.session.execute(text("SELECT id FROM causes WHERE code = 'NN'")).scalar()

    with pytest.raises(Refused, match="violation"):
        do(writing.save_draft, explanation, answer(cause_id=violation), version=1, by=voices.officer)


def test_already_done_is_one_click_with_evidence(explanation: Explanation, voices: Voices) -> None:
    with pytest.raises(Refused, match="evidence"):
        do(writing.say_already_done, explanation, "", version=1, by=voices.officer, today=MONDAY)

    note = "Đã trả ngày 09/10, sổ giao nhận số 112."
    do(writing.say_already_done, explanation, note, version=1, by=voices.officer, today=MONDAY)

    assert state(explanation) == "submitted"
    assert explanation.said_already_done
    assert explanation.cause_id == cause_id("QK")


def test_not_mine_needs_a_name_or_a_step(explanation: Explanation, voices: Voices) -> None:
    with pytest.raises(Refused, match="who_instead"):
        do(writing.say_not_mine, explanation, named_id=None, step=" ", reason="", by=voices.officer)


def test_while_the_clock_stands_nothing_is_submitted(explanation: Explanation, voices: Voices) -> None:
    do(writing.say_not_mine, explanation, named_id=None, step="Thuế", reason="", by=voices.officer)

    with pytest.raises(Refused, match="clock"):
        do(writing.submit, explanation, answer(), version=explanation.version, by=voices.officer, today=MONDAY)

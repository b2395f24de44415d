"""Which follow-ups may be recorded."""

from datetime import date

import pytest

from portal.accountability.followups.rules import Form, Measure, basis_of, forms_in_force, problems
from portal.accountability.ledger.rules import APOLOGY_STATES, EXPLANATION_STATES, Coverage, every_state

BEFORE, AFTER, TODAY = date(2025, 6, 30), date(2025, 7, 1), date(2026, 1, 5)


def test_two_forms_ended_with_june_2025() -> None:
    old = {known.form for known in forms_in_force(BEFORE)}
    new = {known.form for known in forms_in_force(AFTER)}

    assert old - new == {Form.PAY_CUT, Form.DEMOTION}
    assert not new - old


def test_the_basis_follows_the_day() -> None:
    assert "112/2020" in str(basis_of(Form.REPRIMAND, BEFORE))
    assert "172/2025" in str(basis_of(Form.REPRIMAND, AFTER))
    assert basis_of(Form.DEMOTION, AFTER) is None


@pytest.mark.parametrize(
    ("measure", "form", "number", "signer", "decided_on", "grounds", "expected"),
    [
        (Measure.REMINDER, None, "", "", AFTER, (1,), ()),
        (Measure.REMINDER, None, "", "", AFTER, (), ("no_grounds",)),
        (Measure.REMINDER, "reprimand", "", "", AFTER, (1,), ("form_without_discipline",)),
        (Measure.DISCIPLINE, "reprimand", "12/QĐ", "Nguyễn Văn A", AFTER, (1,), ()),
        (Measure.DISCIPLINE, "demotion", "12/QĐ", "Nguyễn Văn A", AFTER, (1,), ("form_not_in_force",)),
        (Measure.DISCIPLINE, None, "", "", AFTER, (1,), ("form_not_in_force", "no_decision_number", "no_signer")),
        (Measure.CRITICISM, None, "", "", date(2026, 2, 1), (1,), ("in_future",)),
    ],
)
def test_what_may_be_recorded(
    measure: Measure,
    form: str | None,
    number: str,
    signer: str,
    decided_on: date,
    grounds: tuple[int, ...],
    expected: tuple[str, ...],
) -> None:
    assert problems(measure, form, number, signer, decided_on, TODAY, grounds) == expected


def test_coverage_adds_up_and_prints_what_scripts_read() -> None:
    coverage = Coverage(
        breaches=5,
        cancelled=1,
        withdrawn_after_due=1,
        without_breach=0,
        pending=2,
        no_term=3,
        stale=4,
        explanations=every_state({"waiting": 4, "cancelled": 1}, EXPLANATION_STATES),
        apologies=every_state({"sent": 4, "cancelled": 1}, APOLOGY_STATES),
    )

    assert coverage.late_or_overdue == 3
    assert coverage.adds_up
    assert set(coverage.as_json()) == {
        "late_or_overdue",
        "breaches",
        "without_breach",
        "pending",
        "no_term",
        "stale",
        "explanations",
        "apologies",
    }

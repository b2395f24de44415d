"""Measures that follow from breaches, and which of them are discipline. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Measure(StrEnum):
    """What was done about a person; only the last one is discipline."""

    REMINDER = "reminder"
    LESSON = "lesson"
    CRITICISM = "criticism"
    SELF_REVIEW = "self_review"
    TRANSFER = "transfer"
    DISCIPLINE = "discipline"


class Form(StrEnum):
    """The forms of discipline."""

    REPRIMAND = "reprimand"
    WARNING = "warning"
    PAY_CUT = "pay_cut"
    DEMOTION = "demotion"
    REMOVAL = "removal"
    DISMISSAL = "dismissal"


@dataclass(frozen=True)
class FormInForce:
    """A form of discipline with its dates of force and legal basis."""

    form: Form
    valid_from: date
    valid_to: date | None
    basis: str


OLD_BASIS = "Nghị định 112/2020/NĐ-CP, 71/2023/NĐ-CP"
NEW_BASIS = "Nghị định 172/2025/NĐ-CP"
OLD_FROM, OLD_TO, NEW_FROM = date(2020, 9, 20), date(2025, 6, 30), date(2025, 7, 1)

FORMS: tuple[FormInForce, ...] = (
    *(FormInForce(form, OLD_FROM, OLD_TO, OLD_BASIS) for form in Form),
    *(
        FormInForce(form, NEW_FROM, None, NEW_BASIS)
        for form in (Form.REPRIMAND, Form.WARNING, Form.REMOVAL, Form.DISMISSAL)
    ),
)


def forms_in_force(day: date) -> tuple[FormInForce, ...]:
    """The forms of discipline that may be decided on a day."""
    return tuple(form for form in FORMS if form.valid_from <= day and (form.valid_to is None or day <= form.valid_to))


def basis_of(form: Form | str, day: date) -> str | None:
    """The legal basis of a form on a day; None when it is not in force then."""
    return next((known.basis for known in forms_in_force(day) if known.form == form), None)


def problems(
    measure: Measure,
    form: str | None,
    decision_number: str,
    signer: str,
    decided_on: date,
    today: date,
    grounds: Sequence[int],
) -> tuple[str, ...]:
    """Why a follow-up may not be recorded; codes, none when it may.

    Every follow-up rests on breaches. Discipline needs a form in force on its day, a decision number and a signer;
    no other measure has a form. Nothing is recorded before it was decided.
    """
    found = []
    if not grounds:
        found.append("no_grounds")
    if decided_on > today:
        found.append("in_future")
    if measure is Measure.DISCIPLINE:
        if form is None or basis_of(form, decided_on) is None:
            found.append("form_not_in_force")
        if not decision_number.strip():
            found.append("no_decision_number")
        if not signer.strip():
            found.append("no_signer")
    elif form:
        found.append("form_without_discipline")
    return tuple(found)

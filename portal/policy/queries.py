"""Reading the rule set as it is in force on a day. Every getter takes ``on``; a 2023 question gets the 2023 answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from portal.database import Base, db
from portal.deadlines import TermPolicy
from portal.policy.models import Cause, LetterForm, PolicyValue
from portal.policy.rules import KEYS, ColourBands, EvaluationYear, ExplanationDays, FormKind, in_force
from portal.refusal import Refused

LAST_HOUR = "cases.last_hour_rule"


def _covers(model: Any, on: date) -> ColumnElement[bool]:
    return and_(model.valid_from <= on, or_(model.valid_to.is_(None), model.valid_to >= on))


def _in_force(statement: Select[Any], model: Any, on: date) -> Select[Any]:
    return statement.where(_covers(model, on))


@dataclass(frozen=True)
class RuleSet:
    """All values in force on one day, read with one query; for pages that need several."""

    on: date
    values: dict[str, Any]

    def __getitem__(self, key: str) -> Any:
        if key not in self.values:
            raise Refused("policy.no_value", key=key, on=f"{self.on:%d/%m/%Y}")
        return self.values[key]

    @property
    def floor_pct(self) -> int:
        """The share of cases that must be early or on time, in percent."""
        return int(self["ontime.floor_pct"])

    @property
    def colour_bands(self) -> ColourBands:
        """The lowest percentage of each colour."""
        return ColourBands(**self["ontime.colour_bands"])

    @property
    def explanation_days(self) -> ExplanationDays:
        """Working days for officer, section head (optional step) and head."""
        return ExplanationDays(**self["explanation.days"])

    @property
    def return_max(self) -> int:
        """How often an explanation may be returned."""
        return int(self["explanation.return_max"])

    @property
    def reminders_after_days(self) -> tuple[int, ...]:
        """Working days after the term at which a missing explanation is reminded."""
        return tuple(int(days) for days in self["explanation.reminders_after_days"])

    @property
    def escalate_after_days(self) -> int:
        """Working days after the term at which the next head up is told."""
        return int(self["explanation.escalate_after_days"])

    @property
    def similar_text_pct(self) -> int:
        """From which likeness on, in percent, a text is pointed out as like another."""
        return int(self["explanation.similar_text_pct"])

    @property
    def cut_over(self) -> date | None:
        """The day of first use: older breaches are "tồn trước vận hành"; None until it is set."""
        value = self["accountability.cut_over"]
        return date.fromisoformat(value) if value else None

    @property
    def due_soon_days(self) -> int:
        """From how many working days before the due day a case counts as due soon."""
        return int(self["cases.due_soon_days"])

    @property
    def evaluation_year(self) -> EvaluationYear:
        """The span of an evaluation year."""
        value = self["evaluation.year"]
        return EvaluationYear(_month_day(value["starts"]), _month_day(value["ends"]))


def _month_day(text: str) -> tuple[int, int]:
    month, day = text.split("-")
    return int(month), int(day)


def rule_set(on: date) -> RuleSet:
    """The whole rule set in force on a day. One query."""
    rows = db.session.execute(_in_force(select(PolicyValue.key, PolicyValue.value), PolicyValue, on))
    return RuleSet(on, {key: value for key, value in rows})


def rule_sets(*days: date) -> tuple[RuleSet, ...]:
    """The rule sets of several days, in their order. One query."""
    columns = (PolicyValue.key, PolicyValue.value, PolicyValue.valid_from, PolicyValue.valid_to)
    rows = db.session.execute(select(*columns).where(or_(*(_covers(PolicyValue, on) for on in days)))).all()
    return tuple(
        RuleSet(on, {row.key: row.value for row in rows if row.valid_from <= on and (row.valid_to or date.max) >= on})
        for on in days
    )


def value(key: str, on: date) -> Any:
    """One value in force on a day. KeyError for a key that does not exist, Refused where none is in force."""
    if key not in KEYS:
        raise KeyError(key)
    return rule_set(on)[key]


def term_policies() -> Callable[[date], TermPolicy]:
    """What an agency decided about counting, for a day of receipt. One query; before any decision the rule is off."""
    wanted = select(PolicyValue.valid_from, PolicyValue.valid_to, PolicyValue.value)
    rows = db.session.execute(wanted.where(PolicyValue.key == LAST_HOUR)).all()

    @cache
    def policy(on: date) -> TermPolicy:
        return TermPolicy(any(row.value for row in rows if in_force(row.valid_from, row.valid_to, on)))

    return policy


def term_policies_as_if(last_hour_rule: bool, valid_from: date) -> Callable[[date], TermPolicy]:
    """The same as it would be with the last-hour rule set from a day on, up to the next value of a later day."""
    wanted = select(func.min(PolicyValue.valid_from)).where(
        PolicyValue.key == LAST_HOUR, PolicyValue.valid_from > valid_from
    )
    now, until = term_policies(), db.session.scalar(wanted)
    asked = TermPolicy(last_hour_rule)
    return lambda on: asked if valid_from <= on and (until is None or on < until) else now(on)


def floor_pct(on: date) -> int:
    """The floor of R1 in percent."""
    return rule_set(on).floor_pct


def colour_bands(on: date) -> ColourBands:
    """The colour bands of R1."""
    return rule_set(on).colour_bands


def explanation_days(on: date) -> ExplanationDays:
    """Working days of each step of an explanation, from its notice."""
    return rule_set(on).explanation_days


def section_step(on: date) -> bool:
    """Whether the head of a section reads an explanation before the head of the unit."""
    return bool(value("explanation.section_step", on))


def return_max(on: date) -> int:
    """How often an explanation may be returned."""
    return rule_set(on).return_max


def reminders_after_days(on: date) -> list[int]:
    """Working days after the term at which a missing explanation is reminded."""
    return list(rule_set(on).reminders_after_days)


def escalate_after_days(on: date) -> int:
    """Working days after the term at which the next head up is told of a missing explanation."""
    return rule_set(on).escalate_after_days


def urging_reply_days(on: date) -> int:
    """Working days in which a unit answers an urging note."""
    return int(value("urging.reply_days", on))


def mail_hours(on: date) -> tuple[str, str]:
    """From when until when mail leaves on a working day, as hh:mm of Vietnam."""
    first, last = value("notices.mail_hours", on)
    return first, last


def objection_days(on: date) -> int:
    """Working days from a conclusion within which the officer may object once."""
    return int(value("explanation.objection_days", on))


def objection_decision_days(on: date) -> int:
    """Working days in which the next head up decides an objection."""
    return int(value("explanation.objection_decision_days", on))


def supplement_every_days(on: date) -> int:
    """Every how many working days an open case needs a supplementary explanation."""
    return int(value("explanation.supplement_every_days", on))


def apology_at(on: date) -> str:
    """When the duty to apologise is opened: "breach", or "day_before" (one working day before the due day)."""
    return str(value("apology.opens_at", on))


def cut_over(on: date) -> date | None:
    """The day of first use, None until it is set."""
    return rule_set(on).cut_over


def legacy_days(on: date) -> int:
    """The common term, in working days from the cut-over, for breaches older than it."""
    return int(value("accountability.legacy_days", on))


def due_soon_days(on: date) -> int:
    """From how many working days before the due day a case counts as due soon."""
    return rule_set(on).due_soon_days


def next_year_from(on: date) -> tuple[int, int]:
    """The month and day from which a missing calendar of the next year is an alarm."""
    return _month_day(str(value("calendar.next_year_from", on)))


def evaluation_year(on: date) -> EvaluationYear:
    """The span of an evaluation year."""
    return rule_set(on).evaluation_year


def small_n(on: date) -> int:
    """Below so many handled cases no percentage caps a rating."""
    return int(value("evaluation.small_n", on))


def upload_keep_days(on: date) -> int:
    """After how many days uploaded source files are erased."""
    return int(value("uploads.keep_days", on))


def calls_per_minute(on: date) -> int:
    """How often one API token may call in a minute."""
    return int(value("api.calls_per_minute", on))


def causes_in_force(on: date) -> Sequence[Cause]:
    """The causes an officer may choose on a day, in the order of the catalogue; violations are never among them."""
    offered = select(Cause).where(Cause.is_violation.is_(False))
    return db.session.scalars(_in_force(offered, Cause, on).order_by(Cause.place, Cause.id)).all()


def cause_of(code: str, on: date) -> Cause | None:
    """The cause of that code in force on a day."""
    found: Cause | None = db.session.scalar(_in_force(select(Cause).where(Cause.code == code), Cause, on))
    return found


def catalogue(on: date) -> Sequence[Cause]:
    """All rows of the catalogue in force, violations too."""
    return db.session.scalars(_in_force(select(Cause), Cause, on).order_by(Cause.place, Cause.id)).all()


def letter_form(kind: FormKind | str, on: date) -> LetterForm:
    """The form in force for a letter issued on a day: "reappointment" for open cases, "short" for finished ones."""
    wanted = select(LetterForm).where(LetterForm.kind == str(kind)).order_by(LetterForm.valid_from.desc())
    found = db.session.scalars(_in_force(wanted, LetterForm, on)).first()
    if found is None:
        raise Refused("policy.no_form", on=f"{on:%d/%m/%Y}")
    form: LetterForm = found
    return form


def letter_forms() -> Sequence[LetterForm]:
    """Every form, oldest first."""
    return db.session.scalars(select(LetterForm).order_by(LetterForm.valid_from, LetterForm.code)).all()


def question_days(on: date) -> int:
    """Working days another body has to answer a question about its part."""
    return int(value("explanation.question_days", on))


def stalled_after_days(on: date) -> int:
    """After how many working days an overdue case without a step counts as left lying."""
    return int(value("violations.stalled_after_days", on))


def mass_overdue(on: date) -> Mapping[str, int]:
    """From how many missed terms a day is unusual: ``least``, ``times`` the usual, ``look_back_days``."""
    limits: Mapping[str, int] = value("incidents.mass_overdue", on)
    return limits


def history() -> Sequence[PolicyValue]:
    """Every value ever in force, by key and date."""
    return db.session.scalars(select(PolicyValue).order_by(PolicyValue.key, PolicyValue.valid_from)).all()


def rows_of(model: type[Base]) -> Sequence[Any]:
    """Every row of one of the three tables; for loading what is shipped."""
    return db.session.scalars(select(model)).all()

"""Which policy values exist, what they may hold, and which row is in force on a day. PURE."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any


class CauseClass(StrEnum):
    """The class of a cause, as the head concludes it (domain/rules.md §3.11)."""

    SUBJECTIVE = "subjective"
    OBJECTIVE = "objective"
    TECHNICAL = "technical"
    OTHER_BODY = "other_body"


class FormKind(StrEnum):
    """Which letter of apology a case needs: one with a new date while it is open, a short one once it is finished."""

    REAPPOINTMENT = "reappointment"
    SHORT = "short"


@dataclass(frozen=True)
class ColourBands:
    """The lowest percentage of each colour; below orange is red, without cases grey."""

    green: int
    yellow: int
    orange: int


@dataclass(frozen=True)
class ExplanationDays:
    """Working days each step has, from its notice. The section's step is optional."""

    officer: int
    section: int
    head: int


@dataclass(frozen=True)
class EvaluationYear:
    """The month and day on which an evaluation year starts (in the year before) and ends."""

    starts: tuple[int, int]
    ends: tuple[int, int]

    def span(self, year: int) -> tuple[date, date]:
        """The first and last day of evaluation year ``year``, both included."""
        last = date(year, *self.ends)
        first = date(year, *self.starts)
        return (first if first <= last else date(year - 1, *self.starts)), last

    def year_of(self, day: date) -> int:
        """The evaluation year a day belongs to."""
        return next(year for year in (day.year, day.year + 1) if self.span(year)[0] <= day <= self.span(year)[1])

    def quarter_of(self, day: date) -> int:
        """The quarter, 1 to 4, of its evaluation year: three months each from the first day of the year."""
        first = self.span(self.year_of(day))[0]
        months = 12 * (day.year - first.year) + day.month - first.month - (day.day < first.day)
        return months // 3 + 1


@dataclass(frozen=True)
class Asked:
    """One thing that a cause asks for beside the prose; ``kind``: text or day. Without a required one no submission."""

    key: str
    label: str
    label_en: str
    kind: str
    required: bool


def _whole(least: int, most: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _one_of(*words: str) -> Callable[[Any], bool]:
    return lambda value: value in words


def _holds(fields: tuple[str, ...], each: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, dict) and set(value) == set(fields) and all(map(each, value.values()))


def _wholes(value: Any) -> bool:
    return isinstance(value, list) and all(map(_whole(0, 1000), value)) and value == sorted(set(value))


def _bands(value: Any) -> bool:
    fields = ("green", "yellow", "orange")
    return _holds(fields, _whole(0, 100))(value) and value["green"] > value["yellow"] > value["orange"]


def _day_or_null(value: Any) -> bool:
    return value is None or (isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value) is not None)


def _month_day(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", value) is not None


def _hours(value: Any) -> bool:
    """Two times of day, the first before the second."""
    shape = r"([01]\d|2[0-3]):[0-5]\d"
    two = isinstance(value, list) and len(value) == 2 and all(isinstance(one, str) for one in value)
    return two and all(re.fullmatch(shape, one) for one in value) and value[0] < value[1]


DAYS = _whole(1, 60)

# Every key, with what it may hold. The order is the order of the page.
KEYS: dict[str, Callable[[Any], bool]] = {
    "ontime.floor_pct": _whole(1, 100),
    "ontime.colour_bands": _bands,
    "calendar.next_year_from": _month_day,
    "cases.due_soon_days": DAYS,
    "cases.last_hour_rule": _flag,
    "explanation.days": _holds(("officer", "section", "head"), DAYS),
    "explanation.section_step": _flag,
    "explanation.reminders_after_days": _wholes,
    "explanation.escalate_after_days": DAYS,
    "explanation.return_max": _whole(0, 5),
    "explanation.similar_text_pct": _whole(50, 100),
    "explanation.supplement_every_days": DAYS,
    "explanation.question_days": DAYS,
    "explanation.objection_days": DAYS,
    "explanation.objection_decision_days": DAYS,
    "incidents.mass_overdue": _holds(("least", "times", "look_back_days"), _whole(1, 1000)),
    "violations.stalled_after_days": DAYS,
    "apology.opens_at": _one_of("breach", "day_before"),
    "accountability.cut_over": _day_or_null,
    "accountability.legacy_days": _whole(1, 120),
    "evaluation.year": _holds(("starts", "ends"), _month_day),
    "evaluation.small_n": _whole(1, 1000),
    "evaluation.shared_weight_pct": _whole(0, 100),
    "evaluation.late_explanations_cap": _flag,
    "figures.distribution_min_n": _whole(2, 1000),
    "figures.quarter_starts_day": _whole(1, 28),
    "public_list.enabled": _flag,
    "public_list.removed_after_months": _whole(1, 120),
    "notices.mail_hours": _hours,
    "urging.reply_days": DAYS,
    "uploads.keep_days": _whole(1, 3650),
    "api.calls_per_minute": _whole(1, 100_000),
}

# Values that are kept and shown, but that no part of the portal reads yet; the page says so.
PLANNED = frozenset(
    {
        "evaluation.small_n",
        "evaluation.shared_weight_pct",
        "evaluation.late_explanations_cap",
        "figures.distribution_min_n",
        "figures.quarter_starts_day",
        "public_list.enabled",
        "public_list.removed_after_months",
    }
)


def may_hold(key: str, value: Any) -> bool:
    """Whether a key exists and may hold the value."""
    return key in KEYS and KEYS[key](value)


def in_force(valid_from: date, valid_to: date | None, on: date) -> bool:
    """Whether a row with these dates (last day included, None open) is in force on a day."""
    return valid_from <= on and (valid_to is None or on <= valid_to)

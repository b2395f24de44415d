"""The shipped rule set says what the domain rules say, and nothing it may not hold."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.policy.actions import SHIPPED
from portal.policy.messages import LABELS
from portal.policy.rules import KEYS, PLANNED, CauseClass, EvaluationYear, in_force, may_hold

FILE = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
VALUES = {row["key"]: row.get("value") for row in FILE["values"]}
CAUSES = {row["code"]: row for row in FILE["causes"]}


def test_every_key_is_shipped_once_with_a_value_it_may_hold_and_has_words() -> None:
    assert list(VALUES) == list(KEYS) == list(LABELS)
    assert len(FILE["values"]) == len(KEYS)
    assert all(may_hold(key, value) for key, value in VALUES.items())
    assert all(row["basis"] for row in FILE["values"])


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("ontime.floor_pct", 95),
        ("ontime.colour_bands", {"green": 98, "yellow": 95, "orange": 90}),
        ("explanation.days", {"officer": 3, "section": 2, "head": 3}),
        ("explanation.return_max", 2),
        ("explanation.supplement_every_days", 10),
        ("explanation.question_days", 5),
        ("apology.opens_at", "breach"),
        ("accountability.cut_over", None),
        ("uploads.keep_days", 90),
        ("evaluation.year", {"starts": "12-01", "ends": "11-30"}),
        ("evaluation.small_n", 20),
        ("evaluation.late_explanations_cap", False),
    ],
)
def test_defaults_of_the_domain_rules(key: str, value: object) -> None:
    assert VALUES[key] == value


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("ontime.floor_pct", "95"),
        ("ontime.floor_pct", 101),
        ("ontime.floor_pct", True),
        ("ontime.colour_bands", {"green": 90, "yellow": 95, "orange": 98}),
        ("ontime.colour_bands", {"green": 98}),
        ("explanation.days", {"officer": 0, "section": 2, "head": 3}),
        ("apology.opens_at", "never"),
        ("accountability.cut_over", "01/01/2026"),
        ("evaluation.year", {"starts": "13-01", "ends": "11-30"}),
        ("notices.mail_hours", ["17:00", "07:30"]),
        ("notices.mail_hours", ["7:30", "17:00"]),
        ("no.such_key", 1),
    ],
)
def test_what_a_key_may_not_hold(key: str, value: object) -> None:
    assert not may_hold(key, value)


# How code outside this package asks for a value.
GETTERS = {
    "ontime.floor_pct": "floor_pct",
    "ontime.colour_bands": "colour_bands",
    "cases.due_soon_days": "due_soon_days",
    "cases.last_hour_rule": "term_policies",
    "explanation.days": "explanation_days",
    "explanation.reminders_after_days": "reminders_after_days",
    "explanation.escalate_after_days": "escalate_after_days",
    "explanation.section_step": "section_step",
    "explanation.return_max": "return_max",
    "explanation.similar_text_pct": "similar_text_pct",
    "explanation.supplement_every_days": "supplement_every_days",
    "explanation.question_days": "question_days",
    "incidents.mass_overdue": "mass_overdue",
    "violations.stalled_after_days": "stalled_after_days",
    "apology.opens_at": "apology_at",
    "explanation.objection_days": "objection_days",
    "explanation.objection_decision_days": "objection_decision_days",
    "calendar.next_year_from": "next_year_from",
    "accountability.cut_over": "cut_over",
    "accountability.legacy_days": "legacy_days",
    "evaluation.year": "evaluation_year",
    "notices.mail_hours": "mail_hours",
    "urging.reply_days": "urging_reply_days",
    "uploads.keep_days": "upload_keep_days",
    "api.calls_per_minute": "calls_per_minute",
}


def test_a_value_nobody_reads_is_marked_as_planned() -> None:
    package = SHIPPED.parent
    sources = [path for path in package.parent.rglob("*.py") if package not in path.parents]
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources)

    assert set(GETTERS) | PLANNED == set(KEYS)
    assert [key for key, getter in GETTERS.items() if getter not in code] == []


def test_causes_have_a_known_class_or_none_and_say_what_to_give() -> None:
    classes = {row.get("default_class") for row in CAUSES.values()}

    assert classes <= {*CauseClass, None}
    assert "default_class" not in CAUSES["QT"]
    assert {code for code, row in CAUSES.items() if row.get("is_violation")} == {"KHONG_TN", "NN"}
    assert all(row["guidance"] and row["guidance_en"] for row in CAUSES.values())


def test_the_wording_for_citizens_is_there_and_blames_no_person() -> None:
    texts = [row["citizen_text"].lower() for row in CAUSES.values() if not row.get("is_violation")]

    assert all(texts)
    assert not any(word in text for text in texts for word in ("công chức", "cán bộ", "chủ quan", "lỗi của", "quên"))


@pytest.mark.parametrize(
    ("year", "first", "last"), [(2023, "2022-12-01", "2023-11-30"), (2026, "2025-12-01", "2026-11-30")]
)
def test_the_evaluation_year_starts_in_december_before(year: int, first: str, last: str) -> None:
    span = EvaluationYear((12, 1), (11, 30)).span(year)

    assert span == (date.fromisoformat(first), date.fromisoformat(last))


def test_an_evaluation_year_may_be_the_calendar_year() -> None:
    assert EvaluationYear((1, 1), (12, 31)).span(2023) == (date(2023, 1, 1), date(2023, 12, 31))


@given(st.integers(2020, 2040), st.sampled_from([((12, 1), (11, 30)), ((1, 1), (12, 31)), ((12, 15), (12, 14))]))
def test_evaluation_years_follow_without_gap_or_overlap(
    year: int, ends: tuple[tuple[int, int], tuple[int, int]]
) -> None:
    span = EvaluationYear(*ends).span

    assert span(year)[1] + timedelta(days=1) == span(year + 1)[0]


def test_dates_of_force_include_their_last_day() -> None:
    first, last = date(2018, 11, 23), date(2025, 9, 14)

    assert [in_force(first, last, day) for day in (first - timedelta(1), first, last, last + timedelta(1))] == [
        False,
        True,
        True,
        False,
    ]
    assert in_force(first, None, date(2099, 1, 1))

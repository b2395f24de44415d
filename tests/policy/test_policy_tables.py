"""The rule set in the database: loading, getters by day, setting a value."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from portal import clock
from portal.audit.queries import latest
from portal.database import commit, db
from portal.guard import Viewer
from portal.policy import actions, queries
from portal.policy.models import Cause
from portal.policy.rules import ColourBands, ExplanationDays, FormKind
from portal.refusal import Refused

ON = date(2023, 10, 16)
MACHINE = Viewer.for_command()


def set_floor(value: object, valid_from: date) -> None:
    with commit():
        actions.set_value("ontime.floor_pct", value, valid_from=valid_from, basis="CV 1", by=MACHINE, at=clock.now())


def test_getters_give_what_is_in_force(app: Flask) -> None:
    assert queries.floor_pct(ON) == 95
    assert queries.colour_bands(ON) == ColourBands(98, 95, 90)
    assert queries.explanation_days(ON) == ExplanationDays(3, 2, 3)
    assert (queries.return_max(ON), queries.apology_at(ON)) == (2, "breach")
    assert queries.cut_over(ON) is None
    assert queries.reminders_after_days(ON) == [1, 3]
    assert (queries.escalate_after_days(ON), queries.objection_days(ON), queries.objection_decision_days(ON)) == (
        5, 5, 5,
    )  # fmt: skip
    assert queries.supplement_every_days(ON) == 10
    assert (queries.legacy_days(ON), queries.due_soon_days(ON), queries.small_n(ON)) == (20, 2, 20)
    assert queries.upload_keep_days(ON) == 90
    assert queries.evaluation_year(ON).span(2023) == (date(2022, 12, 1), date(2023, 11, 30))


def test_an_upgrade_loads_once(app: Flask) -> None:
    with commit():
        changed = actions.load_shipped(clock.now())

    assert changed == 0


def test_a_value_from_a_day_on_leaves_the_past_alone(app: Flask) -> None:
    set_floor(97, date(2024, 1, 1))

    assert (queries.floor_pct(date(2023, 12, 31)), queries.floor_pct(date(2024, 1, 1))) == (95, 97)
    assert latest()[0].payload["old"] == 95


def test_values_between_others_end_where_the_next_begins(app: Flask) -> None:
    set_floor(97, date(2025, 1, 1))
    set_floor(96, date(2024, 1, 1))

    days = (date(2023, 1, 1), date(2024, 6, 1), date(2025, 6, 1))
    assert [queries.floor_pct(day) for day in days] == [95, 96, 97]


def test_the_same_day_again_replaces_the_value(app: Flask) -> None:
    set_floor(97, date(2024, 1, 1))
    set_floor(96, date(2024, 1, 1))

    assert queries.floor_pct(date(2024, 1, 1)) == 96
    assert len([row for row in queries.history() if row.key == "ontime.floor_pct"]) == 2


def test_an_upgrade_leaves_what_an_agency_set(app: Flask) -> None:
    set_floor(97, date(2018, 1, 1))
    cause = db.session.get(Cause, 1)
    with commit():
        cause.name, cause.edited_at = "Tên riêng", clock.now()

    with commit():
        changed = actions.load_shipped(clock.now())

    assert changed == 0
    assert queries.floor_pct(ON) == 97
    assert queries.causes_in_force(ON)[0].name == "Tên riêng"


def test_an_upgrade_brings_changes_to_what_nobody_edited(app: Flask) -> None:
    cause = db.session.get(Cause, 1)
    with commit():
        cause.name = "tên cũ"

    with commit():
        changed = actions.load_shipped(clock.now())

    assert changed == 1
    assert queries.causes_in_force(ON)[0].name == "Quá tải, thiếu người, hồ sơ tăng đột biến"


@pytest.mark.parametrize(
    ("value", "basis", "code"), [(120, "CV 1", "policy.bad_value"), (96, " ", "policy.basis_missing")]
)
def test_a_bad_value_is_refused(app: Flask, value: int, basis: str, code: str) -> None:
    with pytest.raises(Refused, match=code), commit():
        actions.set_value("ontime.floor_pct", value, valid_from=ON, basis=basis, by=MACHINE, at=clock.now())

    assert queries.floor_pct(ON) == 95


def test_the_cut_over_is_a_day_once_it_is_set(app: Flask) -> None:
    with commit():
        actions.set_value("accountability.cut_over", "2023-10-01", valid_from=ON, basis="KH 2", by=None, at=clock.now())

    assert queries.cut_over(ON) == date(2023, 10, 1)


def test_a_day_before_all_rules_is_refused_and_a_wrong_key_is_a_mistake(app: Flask) -> None:
    with pytest.raises(Refused, match=r"policy\.no_value"):
        queries.floor_pct(date(2010, 1, 1))
    with pytest.raises(KeyError):
        queries.value("no.such_key", ON)


def test_officers_are_offered_causes_and_never_violations(app: Flask) -> None:
    offered = [cause.code for cause in queries.causes_in_force(ON)]

    assert offered[0] == "QT" and len(offered) == 14
    assert not {"KHONG_TN", "NN"} & set(offered)
    assert len(queries.catalogue(ON)) == 16
    assert queries.cause_of("LT-THUE", ON).default_class == "other_body"  # type: ignore[union-attr]
    assert queries.cause_of("QT", ON).default_class is None  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("kind", "on", "code"),
    [
        (FormKind.REAPPOINTMENT, "2023-10-16", "apology_2018"),
        (FormKind.REAPPOINTMENT, "2025-09-14", "apology_2018"),
        (FormKind.REAPPOINTMENT, "2025-09-15", "apology_2025"),
        (FormKind.SHORT, "2023-10-16", "apology_short"),
        (FormKind.SHORT, "2026-10-16", "apology_short"),
    ],
)
def test_the_form_in_force_at_the_date_of_the_letter(app: Flask, kind: FormKind, on: str, code: str) -> None:
    assert queries.letter_form(kind, date.fromisoformat(on)).code == code


def test_no_form_before_the_first(app: Flask) -> None:
    with pytest.raises(Refused, match=r"policy\.no_form"):
        queries.letter_form(FormKind.REAPPOINTMENT, date(2017, 1, 1))

"""``portal deadline``: when a term ends and why, from the shipped calendar alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from portal import clock
from portal.database import commit
from portal.policy.actions import set_value
from tests.conftest import Ran

Portal = Callable[..., Ran]


def deadline(portal: Portal, *arguments: str) -> Ran:
    return portal("deadline", *arguments)


@pytest.mark.parametrize(
    ("received", "term", "unit", "due"),
    [
        ("2026-02-13 09:00", "3", "working_days", "2026-02-25T17:00:00"),
        ("2026-02-13", "3", "working_days", "2026-02-25"),
        ("13/02/2026 09:00", "3", "calendar_days", "2026-02-23T17:00:00"),
        ("2026-02-13 16:00", "3", "working_hours", "2026-02-23T09:00:00"),
        ("2026-01-31", "1", "months", "2026-03-02"),
    ],
)
def test_every_unit_has_a_due_moment(portal: Portal, received: str, term: str, unit: str, due: str) -> None:
    ran = deadline(portal, "--from", received, "--term", term, "--unit", unit)

    assert ran.exit_code == 0
    assert ran.json["due"] == due


def test_each_day_is_counted_or_not_and_says_why(portal: Portal) -> None:
    days = deadline(portal, "--from", "2026-01-08 09:00", "--term", "2", "--unit", "working_days").json["days"]

    assert [(day["date"], day["counted"]) for day in days] == [
        ("2026-01-08", False),
        ("2026-01-09", True),
        ("2026-01-10", True),
    ]
    assert days[0]["why"].startswith("ngày tiếp nhận, không tính")
    assert days[2]["why"].startswith("Làm bù cho thứ Sáu 2/1; ") and "12729/VPCP-KGVX" in days[2]["why"]


def test_pauses_and_an_extension_move_it(portal: Portal) -> None:
    ran = deadline(
        portal, "--from", "2026-03-02", "--term", "5", "--unit", "working_days", "--extend", "2",
        "--pause", "2026-03-03..2026-03-05", "--pause", "2026-03-04..2026-03-06",
    )  # fmt: skip

    assert ran.json["due"] == "2026-03-16"
    assert [day["why"] for day in ran.json["days"] if day["reason"] == "paused"] == [
        "tạm dừng tính thời hạn: chờ bổ sung hồ sơ"
    ] * 3
    assert ran.json["days"][-1]["why"] == "ngày làm việc, được tính; thuộc thời gian gia hạn"


def test_a_day_that_is_not_confirmed_is_named(portal: Portal) -> None:
    ran = deadline(portal, "--from", "2026-11-23 08:00", "--term", "1", "--unit", "working_days")

    assert ran.json["due"] == "2026-11-25T17:00:00"
    assert ran.json["unconfirmed"]
    assert ran.json["days"][1]["why"].endswith("; chưa xác nhận")


def test_years_that_are_not_loaded_are_not_guessed(portal: Portal) -> None:
    ran = deadline(portal, "--from", "2019-10-01", "--term", "1", "--unit", "working_days")

    assert ran.exit_code == 2
    assert "Chưa nạp lịch nghỉ năm 2019" in ran.json["problems"][0]["reason"]


def test_a_term_no_law_knows_is_refused(portal: Portal) -> None:
    ran = deadline(portal, "--from", "2026-03-02", "--term", "99999999999", "--unit", "months")

    assert ran.exit_code == 2
    assert ran.json["problems"][0]["reason"].endswith("quá dài; tối đa 48 với đơn vị này.")


def test_the_last_hour_rule_is_off_until_an_agency_says_so(portal: Portal, app: Flask) -> None:
    late = ("--from", "2026-03-02 16:30", "--term", "1", "--unit", "working_days")
    before = deadline(portal, *late)
    with commit():
        first = date(2026, 3, 1)
        set_value("cases.last_hour_rule", True, valid_from=first, basis="QĐ 1", by=None, at=clock.now())

    assert (before.json["due"], deadline(portal, *late).json["due"]) == ("2026-03-03T17:00:00", "2026-03-04T17:00:00")

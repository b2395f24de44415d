"""What later lists do to a breach: through the commands only, with the outcome worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Ran

Portal = Callable[..., Ran]
Bring = Callable[..., None]

DIRECTORY = "unit_code,unit_name,reports_in,managed_by,unit_kind\nA,Xã A,,,commune\n"
HEADINGS = "Mã hồ sơ,Ngày tiếp nhận,Ngày hẹn trả,Ngày có kết quả,Tình trạng,Cơ quan giải quyết"


@pytest.fixture
def bring(portal: Portal, tmp_path: Path) -> Bring:
    """Import one state of case H1: the moment of the data, its due moment, its finish, its status."""
    directory, listed = tmp_path / "directory.csv", tmp_path / "cases.csv"
    directory.write_text(DIRECTORY, "utf-8")
    assert portal("directory", "import", str(directory)).exit_code == 0

    def run(as_of: str, due: str, finished: str = "", status: str = "4", received: str = "01/03/2023") -> None:
        listed.write_text(f"{HEADINGS}\nH1,{received},{due},{finished},{status},Xã A\n", "utf-8")
        assert portal("cases", "import", str(listed), "--as-of", as_of).json["problems"] == []

    return run


def breaches(portal: Portal, on: str) -> tuple[int, int]:
    """What a run opens, and how many stand then."""
    ran = portal("accountability", "open-breaches", "--on", on).json
    covered = portal("report", "coverage", "--on", on).json
    assert ran["opened"] + ran["already_open"] == covered["breaches"]
    return ran["opened"], covered["breaches"]


def test_a_new_due_after_a_reopening_is_a_new_breach_whoever_ran_in_between(portal: Portal, bring: Bring) -> None:
    bring("2023-03-12", "10/03/2023")
    assert breaches(portal, "2023-03-12") == (1, 1)
    bring("2023-03-15", "10/03/2023", "14/03/2023", "9")
    bring("2023-03-16", "20/03/2023")
    bring("2023-03-25", "20/03/2023")

    assert breaches(portal, "2023-03-25") == (1, 2)


def test_a_reopening_with_the_same_due_is_the_same_breach(portal: Portal, bring: Bring) -> None:
    bring("2023-03-15", "10/03/2023", "14/03/2023", "9")
    assert breaches(portal, "2023-03-15") == (1, 1)
    bring("2023-03-16", "10/03/2023")
    assert breaches(portal, "2023-03-16") == (0, 1)
    bring("2023-03-25", "10/03/2023", "24/03/2023", "9")

    assert breaches(portal, "2023-03-25") == (0, 1)


@pytest.mark.parametrize("due", ["20/03/2023", "08/03/2023"])
def test_a_due_that_moves_without_a_reopening_is_the_same_breach(portal: Portal, bring: Bring, due: str) -> None:
    bring("2023-03-12", "10/03/2023")
    assert breaches(portal, "2023-03-12") == (1, 1)
    bring("2023-03-25", due)
    assert breaches(portal, "2023-03-25") == (0, 1)
    bring("2023-03-28", due, "27/03/2023", "9")

    assert breaches(portal, "2023-03-28") == (0, 1)


def test_due_and_finish_that_move_together_are_no_reopening(portal: Portal, bring: Bring) -> None:
    bring("2023-03-15", "10/03/2023", "14/03/2023", "9")
    assert breaches(portal, "2023-03-15") == (1, 1)
    bring("2023-03-20", "12/03/2023", "15/03/2023", "9")

    assert breaches(portal, "2023-03-20") == (0, 1)


def test_data_older_than_the_due_moment_accuse_nobody(portal: Portal, bring: Bring) -> None:
    bring("2023-03-10 16:00", "10/03/2023 17:00")
    assert breaches(portal, "2023-03-13") == (0, 0)
    assert portal("report", "coverage", "--on", "2023-03-13").json["stale"] == 1
    bring("2023-03-10 17:01", "10/03/2023 17:00")

    assert breaches(portal, "2023-03-09") == (0, 0)
    assert breaches(portal, "2023-03-10") == (1, 1)


def test_an_older_list_does_not_take_a_breach_back(portal: Portal, bring: Bring) -> None:
    bring("2023-03-15", "10/03/2023", "14/03/2023", "9")
    bring("2023-03-09", "31/03/2023")

    assert breaches(portal, "2023-03-15") == (1, 1)
    found = portal("report", "summary", "--from", "2023-03-01", "--to", "2023-03-31", "--on", "2023-03-31").json
    assert (found["totals"]["late"], found["totals"]["open"]) == (1, 0)


def test_a_due_older_than_every_calendar_blocks_nobody(portal: Portal, bring: Bring) -> None:
    bring("2023-03-15", "10/03/2023", "14/03/2023", "9")
    bring("2023-03-16", "10/03/2019", received="01/03/2019")

    assert breaches(portal, "2023-03-16") == (1, 1)


def test_terms_that_end_beyond_the_calendar_are_refused(portal: Portal, bring: Bring) -> None:
    bring("2023-03-15", "10/03/2023", "14/03/2023", "9")

    ran = portal("accountability", "open-breaches", "--on", "2026-12-31")

    assert (ran.exit_code, ran.json["opened"]) == (2, 0)
    assert "2027" in ran.json["problems"][0]["reason"]
    assert portal("accountability", "open-breaches", "--on", "2026-12-01").json["opened"] == 1

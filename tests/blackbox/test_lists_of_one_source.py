"""Lists that one source sends after another need not have the same columns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Ran

Portal = Callable[..., Ran]
Totals = Callable[..., dict[str, Any]]


@pytest.fixture
def totals(portal: Portal, tmp_path: Path) -> Totals:
    """Import lines (the header first) and give the counts of October 2023."""
    listed = tmp_path / "cases.csv"

    def run(*lines: str) -> dict[str, Any]:
        listed.write_text("\n".join(lines) + "\n", "utf-8")
        ran = portal("cases", "import", str(listed), "--create-unknown", "--as-of", "2023-10-16")
        assert (ran.exit_code, ran.json["problems"]) == (0, [])
        period = ("--from", "2023-10-01", "--to", "2023-10-16", "--on", "2023-10-16")
        found: dict[str, Any] = portal("report", "summary", *period).json["totals"]
        return found

    return run


def test_a_column_that_comes_later_is_read(totals: Totals) -> None:
    totals("Mã hồ sơ,Ngày tiếp nhận,Ngày hẹn trả,Đơn vị", "L1,02/10/2023,10/10/2023,Xã A")

    after = totals(
        "Mã hồ sơ,Ngày tiếp nhận,Ngày hẹn trả,Ngày kết thúc,Đơn vị,Tình trạng",
        "L1,02/10/2023,10/10/2023,12/10/2023,Xã A,9",
        "L2,02/10/2023,10/10/2023,,Xã A,5",
    )

    assert (after["late"], after["paused"], after["overdue"]) == (1, 1, 0)


def test_a_plain_return_date_is_due_only_while_no_other_column_is(totals: Totals) -> None:
    before = totals("Mã hồ sơ,Ngày tiếp nhận,Ngày trả,Đơn vị", "L1,02/10/2023,10/10/2023,Xã A")
    after = totals("Mã hồ sơ,Ngày tiếp nhận,Ngày hẹn trả,Ngày trả,Đơn vị", "L1,02/10/2023,13/10/2023,12/10/2023,Xã A")

    assert (before["overdue"], after["overdue"], after["early"]) == (1, 0, 1)

"""The zone of the machine changes no date: the examples are counted by a process of its own in each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from tests.house.sources import ROOT


@pytest.mark.parametrize(
    ("zone", "offsets"),
    [
        ("UTC", [0, 0]),
        ("Asia/Ho_Chi_Minh", [420, 420]),
        ("America/New_York", [-300, -240]),
        ("Pacific/Kiritimati", [840, 840]),
    ],
)
def test_examples_come_out_alike_in_every_zone(zone: str, offsets: list[int]) -> None:
    before = _day_in_vietnam()

    done = subprocess.run(
        [sys.executable, "-m", "tests.deadlines.zone_probe"],
        cwd=ROOT,
        env={**os.environ, "TZ": zone},
        capture_output=True,
        text=True,
        check=True,
    )

    said = json.loads(done.stdout)
    assert said["offsets"] == offsets
    assert said["wrong"] == []
    assert before <= said["today"] <= _day_in_vietnam()


def _day_in_vietnam() -> str:
    return (datetime.now(UTC) + timedelta(hours=7)).date().isoformat()  # noqa: TID251 - held against the portal's clock

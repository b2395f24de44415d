"""What programs were answered and files nobody confirmed do not outlive their days, whether anybody calls or not."""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask

from portal import clock
from portal.api.models import ApiAnswer, ApiToken
from portal.cases.models import Source
from portal.jobs.timetable import TIMETABLE
from portal.reports.keeping import open_store
from tests.factories import Make


def run(name: str) -> dict[str, int]:
    job = next(job for job in TIMETABLE if job.name == name)
    return job.run(clock.today(), clock.now())


@pytest.mark.parametrize(("days", "left"), [(6, 1), (8, 0)])
def test_answers_to_programs_are_forgotten(make: Make, days: int, left: int) -> None:
    at = clock.now()
    source = make.add(Source(name="iGate"))
    token = make.add(
        ApiToken(
            name="T", source_id=source.id, scopes="cases:write", token_hash="h", prefix="dh_1", made_by="x",
            expires_on=date(2027, 1, 1), made_at=at,
        )
    )  # fmt: skip
    facts = {"key": "k", "address": "a", "body_sha256": "0" * 64, "answer": "Trần Văn Bình"}
    make.add(ApiAnswer(token_id=token.id, at=at - timedelta(days=days), **facts))

    assert run("forget_answers") == {"answers": 1 - left}
    assert run("forget_answers") == {"answers": 0}


def test_reports_nobody_confirmed_are_erased(app: Flask) -> None:
    store = open_store(Path(app.config["SETTINGS"].data_dir))
    old, young = (store.put(data, "") for data in (b"old", b"young"))
    before = (clock.now() - timedelta(days=2)).timestamp()
    os.utime(store.path(old.sha256), (before, before))

    assert run("forget_reports") == {"erased": 1}
    assert store.has(young.sha256) and not store.has(old.sha256)

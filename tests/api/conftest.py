"""A source, its unit and officer, and a program that sends with a token."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from portal import clock
from portal.api import actions
from portal.database import commit, db
from portal.directory.models import Unit
from portal.guard import Scope
from tests.factories import Make
from tests.imports.lists import OFFICER, PROCEDURE, UNIT

SOURCE = "iGate"
_keys = itertools.count(1)


def case(code: str = "A", **more: Any) -> dict[str, Any]:
    """A finished case, as the source sends it."""
    told = {
        "code": code,
        "received_at": "2023-10-02T08:00:00",
        "due_at": "2023-10-10T17:00:00",
        "finished_at": "2023-10-09T15:30:00",
        "status": "Đã trả kết quả",
        "resolving_unit": UNIT,
        "officer": OFFICER,
        "procedure": PROCEDURE,
        "applicant": "Trần Văn Bình",
    }
    return {**told, **more}


def open_case(code: str = "A", **more: Any) -> dict[str, Any]:
    """A case in work."""
    return case(code, **{"finished_at": None, "status": "Đang xử lý", **more})


@dataclass
class Program:
    """What sends: it knows its token and nothing else."""

    client: Any
    token: str

    def headers(self, **more: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", **more}

    def post(self, address: str, body: Any, key: str | None = "new", **headers: str) -> Any:
        """Send a body (bytes as they are, anything else as JSON); ``key`` None sends no idempotency key."""
        if key == "new":
            key = f"k{next(_keys)}"
        if key is not None:
            headers["Idempotency-Key"] = key
        data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        return self.client.post(f"/api/v1/{address}", data=data, headers=self.headers(**headers))

    def send(self, cases: list[dict[str, Any]], key: str | None = "new", **more: Any) -> Any:
        """Send cases in the portal's own shape."""
        return self.post("cases:batch", {"cases": cases, "data_as_of": "2023-10-16T16:00:00+07:00", **more}, key)

    def get(self, address: str) -> Any:
        return self.client.get(f"/api/v1/{address}", headers=self.headers())


@pytest.fixture
def unit(make: Make) -> Unit:
    district = make.unit("Huyện Krông Nô", kind="district")
    found = make.unit(UNIT, code="H16.25.01", reports_in=district)
    make.officer(found, OFFICER)
    make.procedure(PROCEDURE)
    return found


Programs = Callable[..., Program]


@pytest.fixture
def program(app: Flask) -> Programs:
    """A program with a new token: ``program()``, ``program("Nguồn khác", scopes=[Scope.BATCHES_READ])``."""

    def make_one(source: str = SOURCE, *, scopes: Any = tuple(Scope), expires: date | None = None) -> Program:
        last = expires or clock.today() + timedelta(days=30)
        db.session.rollback()
        with commit():
            made = actions.make_token("Trục LGSP", source, scopes, last, by=None, at=clock.now())
        return Program(app.test_client(use_cookies=False), made.secret)

    return make_one

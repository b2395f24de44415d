"""Steps on the road of an explanation, each as one unit of work."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Flask

from portal import clock
from portal.accountability.explanations.actions import deciding, writing
from portal.accountability.explanations.models import Explanation
from portal.database import commit, db
from portal.guard import Viewer
from portal.refusal import Refused
from tests.accountability.conftest import MONDAY, TUESDAY, Voices, answer, cause_id

SignIn = Callable[..., Any]
TEXT = "Chờ cơ quan thuế từ 05/10/2023, đã đôn đốc hai lần."


def do(action: Callable[..., Any], explanation: Explanation, *args: Any, **more: Any) -> Any:
    """Run one action as one unit of work."""
    db.session.rollback()
    with commit():
        return action(explanation, *args, at=clock.now(), **more)


def submitted(explanation: Explanation, voices: Voices, code: str = "QT") -> Explanation:
    do(writing.submit, explanation, answer(code), version=explanation.version, by=voices.officer, today=MONDAY)
    return explanation


def state(explanation: Explanation) -> str:
    db.session.rollback()
    db.session.refresh(explanation)
    return explanation.state


def conclude(explanation: Explanation, by: Viewer, *said: Any, today: date = TUESDAY, **more: Any) -> None:
    version = more.pop("version", explanation.version)
    do(deciding.conclude, explanation, *said, version=version, by=by, today=today, **more)


def typed(explanation: Explanation, **changes: Any) -> dict[str, Any]:
    return {
        "version": explanation.version,
        "cause": cause_id("CQ"),
        "happened": TEXT,
        "remedy": "Đã trả kết quả.",
        "commitment": "Theo dõi hằng ngày.",
        "commitment_on": "27/10/2023",
        **changes,
    }


def url(explanation: Explanation, step: str = "") -> str:
    return f"/explanations/{explanation.id}" + (f"/{step}" if step else "")


def at_once(app: Flask, act: Callable[[], Any], racers: int = 16) -> list[Any]:
    """Do the same in sixteen threads that begin together: what each gave, or the code it was refused with.

    Nobody holds a connection at the barrier: more wait there than the pool has connections.
    """
    barrier, results = threading.Barrier(racers), list[Any]()

    def run() -> None:
        with app.app_context():
            barrier.wait(timeout=60)
            try:
                results.append(act())
            except Refused as refused:
                results.append(refused.code)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run) for _ in range(racers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    db.session.rollback()
    return results

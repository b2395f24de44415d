"""Duties beside explanations stand on the home page of who must act, with their nearest term, and open their list."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from html import unescape
from typing import Any

import pytest
from sqlalchemy import event

from portal import clock
from portal.accountability.breaches.models import Breach
from portal.accountability.explanations.supplements import Supplement
from portal.accountability.incidents.models import BodyQuestion, Incident
from portal.accountability.violations.models import Violation
from portal.database import db
from portal.directory.models import Person, Unit
from tests.factories import Make

MONDAY = datetime(2023, 10, 16, 16, 0)
FRIDAY, TOMORROW, LATER = date(2023, 10, 13), date(2023, 10, 17), date(2023, 10, 24)


class World:
    """A district with a commune and a land office, and one late case of an officer of the commune."""

    def __init__(self, make: Make) -> None:
        self.make = make
        self.district = make.unit("Huyện Krông Nô", kind="district")
        self.commune = make.unit("Xã Nâm N'Đir", reports_in=self.district)
        self.land = make.unit("Chi nhánh Đất đai", reports_in=self.district)
        self.officer = make.officer(self.commune, "Lê Thị Mỹ Lệ")
        self.case = make.case(unit=self.commune, officer=self.officer, finished="2023-10-12 09:00")
        self.waiting = make.case(unit=self.commune, officer=self.officer, due="2023-12-01 17:00")
        self.breach: Breach = make.breach(self.case)

    def question(self, asker: Person, due: date, body: Unit | None = None) -> None:
        self.make.add(
            BodyQuestion(
                breach_id=self.breach.id, case_id=self.case.id, unit_id=body.id if body else None,
                body=body.name if body else "Chi cục Thuế", text="Giữ hồ sơ từ ngày nào?", asked_by=asker.id,
                asked_on=FRIDAY, asked_at=clock.now(), due_on=due, stops="none",
            )
        )  # fmt: skip

    def violation(self, state: str, **more: Any) -> None:
        parts: dict[str, Any] = {"holder_id": self.officer.id, "due_on": TOMORROW, "decision_due_on": LATER, **more}
        self.make.add(
            Violation(
                kind="stalled", origin="person", state=state, unit_id=self.commune.id, found_on=FRIDAY,
                made_at=clock.now(), **parts,
            )
        )  # fmt: skip

    def incident(self, state: str) -> None:
        self.make.add(
            Incident(
                unit_id=self.district.id, system=f"Phần mềm một cửa ({state})", started_at=datetime(2023, 10, 9, 8),
                state=state, made_at=clock.now(),
            )
        )  # fmt: skip


@pytest.fixture
def world(make: Make, at: Callable[[datetime], None]) -> World:
    at(MONDAY)
    return World(make)


def duty(client: Any, words: str) -> tuple[str, int]:
    """The text of one line of "must do", and how many rows the list has that it opens."""
    home = unescape(client.get("/").get_data(as_text=True))
    lines = [line for line in re.findall(r'<li class="duty duty-.*?</li>', home, re.S) if words in line]
    assert len(lines) == 1, f"{words}: {len(lines)}"
    link = re.search(r'class="duty-link" href="([^"]+)"', lines[0])
    assert link is not None
    listed = client.get(link.group(1)).get_data(as_text=True)
    rows = re.findall(r"<tr>\s*<td", listed)
    return " ".join(re.sub(r"<[^>]+>", " ", lines[0]).split()), len(rows)


def asked_for(client: Any, url: str) -> int:
    """How many statements a page asks."""
    statements: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
            statements.append(statement)

    client.get(url)
    event.listen(db.engine, "before_cursor_execute", count)
    client.get(url)
    event.remove(db.engine, "before_cursor_execute", count)
    return len(statements)


def test_an_officer_finds_what_he_must_answer(world: World, signed_in: Any, make: Make) -> None:
    world.violation("waiting")
    world.violation("answered")
    world.question(world.officer, FRIDAY)
    explanation = make.explanation(world.breach)
    make.add(
        Supplement(
            breach_id=world.breach.id, explanation_id=explanation.id, number=1, reason="still_open",
            holder_id=world.officer.id, unit_id=world.commune.id, noticed_on=FRIDAY, due_on=LATER,
        )
    )  # fmt: skip
    client = signed_in(world.officer)

    said, rows = duty(client, "vi phạm, phản ánh phải giải trình")
    assert (said.startswith("1 "), "hạn gần nhất 17/10/2023" in said, rows) == (True, True, 1)
    assert duty(client, "câu hỏi cơ quan khác chưa trả lời, đã hết hạn")[1] == 1
    assert "hạn gần nhất 24/10/2023" in duty(client, "giải trình bổ sung phải viết")[0]
    assert "hạn gần nhất" in duty(client, "thư xin lỗi cần soạn")[0]


def test_a_head_finds_what_he_must_decide(world: World, signed_in: Any, make: Make) -> None:
    world.violation("answered")
    world.violation("waiting", due_on=FRIDAY)
    world.violation("waiting")
    world.violation("suspected", holder_id=None)
    world.question(world.officer, TOMORROW, world.land)
    world.incident("proposed")
    world.make.pause(world.waiting, "2023-10-06 08:00", kind="other_body", source="person")
    head, land_head = signed_in(make.head(world.commune)), signed_in(make.head(world.land))

    said, rows = duty(head, "vi phạm, phản ánh phải kết luận")
    assert (said.startswith("2 "), "24/10/2023" in said, rows) == (True, True, 2)
    assert duty(head, "nghi vấn từ dữ liệu cần xem xét")[1] == 1
    assert duty(head, "tạm dừng chờ cơ quan khác chưa ai kết thúc")[1] == 1
    assert asked_for(head, "/") <= 12
    said, rows = duty(land_head, "câu hỏi phối hợp chờ đơn vị tôi trả lời")
    assert ("17/10/2023" in said, rows) == (True, 1)
    assert "ngày có số hồ sơ trễ bất thường" not in head.get("/").get_data(as_text=True)
    office = signed_in("monitoring_office", world.district)
    assert duty(office, "ngày có số hồ sơ trễ bất thường")[1] == 1


def test_the_it_authority_finds_the_incidents_it_confirms(world: World, signed_in: Any) -> None:
    world.incident("declared")
    world.incident("confirmed")

    assert duty(signed_in("it_authority", world.district), "sự cố kỹ thuật chờ xác nhận")[1] == 1

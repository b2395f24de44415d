"""A division with officer, head and clerk, and a letter that waits, on the afternoon of Monday 16 October 2023."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest

from portal import clock
from portal.access.queries import viewer_of
from portal.accountability.apologies import actions, bulk, copies, issuing
from portal.accountability.apologies.actions import Draft
from portal.accountability.apologies.models import Apology
from portal.accountability.apologies.queries import ApologyQuery, apology_of_breach
from portal.accountability.apologies.rules import Channel
from portal.accountability.breaches.models import Breach
from portal.calendars.queries import current_version_id
from portal.database import commit
from portal.directory.models import Person, Unit
from portal.documents.serving import file_store
from portal.guard import Role, Viewer
from tests.documents.certificates import authority
from tests.factories import Make

NOW = datetime(2023, 10, 16, 16, 0)
TODAY = NOW.date()
AT = datetime(2023, 10, 16, 9, 0, tzinfo=UTC)
TEXT = Draft(
    addressee="Ông Trần Văn Ẩn", cause_id=None, cause_text="cần thêm thời gian xác minh", new_date=date(2023, 10, 20)
)


@dataclass
class World:
    """The units and people of a test, and what they do."""

    make: Make
    district: Unit
    unit: Unit
    officer: Person
    head: Person
    clerk: Person

    def viewer(self, person: Person) -> Viewer:
        """The rights a person has today."""
        return viewer_of(self.make.user(person), TODAY)

    def breach(self, **more: Any) -> Breach:
        """A breach of an overdue case (``finished=…`` for a late one)."""
        case = self.make.case(unit=self.unit, officer=self.officer, **more)
        return self.make.add(
            Breach(
                case_id=case.id, due_at=case.due_at, due_precision=case.due_precision, opened_at=AT, opened_on=TODAY,
                calendar_version_id=current_version_id(), officer_id=self.officer.id, unit_id=self.unit.id,
                head_id=self.head.id, was="late" if case.finished_at else "overdue", pauses_key="",
            )
        )  # fmt: skip

    def waiting(self, **more: Any) -> Apology:
        """A letter that waits to be drafted."""
        breach = self.breach(**more)
        with commit():
            bulk.open_for_breaches()
        return self.found(apology_of_breach(breach.id).id)

    def found(self, apology_id: int) -> Apology:
        """The row as it is now."""
        found = ApologyQuery.visible_to(Viewer.for_command()).get(apology_id)
        assert found is not None
        return found

    def drafted(self, apology: Apology, text: Draft = TEXT, by: Person | None = None) -> Apology:
        who = self.viewer(by or self.officer)
        with commit():
            actions.save_draft(apology, text, version=apology.version, by=who, at=AT, on=TODAY)
        return self.found(apology.id)

    def handed_in(self, apology: Apology, text: Draft = TEXT, by: Person | None = None) -> Apology:
        who = self.viewer(by or self.officer)
        with commit():
            actions.hand_in(apology, text, version=apology.version, by=who, at=AT, on=TODAY)
        return self.found(apology.id)

    def signed(self, apology: Apology, by: Person | None = None, on: date = TODAY) -> Apology:
        who = self.viewer(by or self.head)
        issuing.sign(apology, file_store(), mark="", version=apology.version, by=who, at=AT, on=on)
        return self.found(apology.id)

    def numbered(
        self, apology: Apology, typed: int | None = None, by: Person | None = None, on: date = TODAY
    ) -> Apology:
        who = self.viewer(by or self.clerk)
        issuing.number(apology, typed, file_store(), issued_on=on, version=apology.version, by=who, at=AT, on=on)
        return self.found(apology.id)

    def sent(self, apology: Apology, by: Person | None = None) -> Apology:
        who = self.viewer(by or self.clerk)
        with commit():
            actions.send(apology, Channel.PAPER, NOW, "Bưu gửi RR1", version=apology.version, by=who, at=AT, now=NOW)
        return self.found(apology.id)

    def kept(self, apology: Apology, signed: bytes) -> None:
        """The letter came back signed with the token of the head."""
        given = copies.Given("thu.pdf", file_store().put(signed, "application/pdf"))
        head, store = self.viewer(self.head), file_store()
        copies.take_back(apology, given, store, roots=[authority().root], by=head, at=AT, on=TODAY)

    def sent_back(self, apology: Apology, by: Person | None = None) -> Apology:
        who = self.viewer(by or self.clerk)
        with commit():
            actions.send_back(apology, "Nêu rõ lý do", version=apology.version, by=who, at=AT, on=TODAY)
        return self.found(apology.id)

    def issued(self, **more: Any) -> Apology:
        """A letter that has its number."""
        return self.numbered(self.signed(self.handed_in(self.waiting(**more))))


@pytest.fixture
def world(app: Any, make: Make, at: Callable[[datetime], None]) -> World:
    """Phòng Tài nguyên và Môi trường of the district, with its people."""
    at(NOW)
    district = make.unit("UBND huyện Krông Nô", kind="district")
    unit = make.unit("Phòng Tài nguyên và Môi trường", kind="division", reports_in=district)
    officer, head = make.officer(unit), make.person("Trần Thị Hường")
    make.posting(head, unit, Role.HEAD, position="Trưởng phòng")
    make.posting(make.person("Lê Văn Chủ"), district, Role.HEAD, position="Chủ tịch UBND huyện")
    clerk = make.in_role("clerk", unit)
    assert clock.today() == TODAY
    return World(make, district, unit, officer, head, clerk)

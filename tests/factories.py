"""Rows for tests, built with the real models; every argument has a sensible default.

``make.case(due="2023-10-10 17:00", finished=None)``: moments may be given as text.
"""

from __future__ import annotations

import itertools
from datetime import date, datetime, time
from typing import Any, TypeVar

from sqlalchemy import select

from portal import clock
from portal.access.models import User
from portal.accountability.apologies.models import Apology
from portal.accountability.breaches.models import Breach, BreachCorrection
from portal.accountability.explanations.models import Attachment, Explanation
from portal.accountability.followups.models import Followup, FollowupGround
from portal.accountability.ledger.actions import open_breaches
from portal.cases.models import Case, Pause, Procedure, Source
from portal.database import Base, commit, db
from portal.directory.models import Person, Posting, Unit, UnitLink
from portal.directory.rules import Line, UnitKind
from portal.documents.serving import file_store
from portal.guard import Role
from portal.sources.bulk import note_contact
from portal.vietnamese import fold, sort_key

Row = TypeVar("Row", bound=Base)
SINCE = date(2020, 1, 1)
_numbers = itertools.count(1)


def moment(value: str | datetime | date | None, *, end: bool = False) -> tuple[datetime | None, str | None]:
    """Wall time and its precision: a bare day is 00:00, or 23:59:59 where ``end`` is asked."""
    if value is None:
        return None, None
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if len(value) > 10 else date.fromisoformat(value)
    if isinstance(value, datetime):
        return value, "minute"
    return (clock.end_of(value) if end else datetime.combine(value, time())), "day"


class Make:
    """The builder of one test. Each call is one commit and gives the row, attached to the test's session."""

    def add(self, row: Row) -> Row:
        """Store a row of any model."""
        db.session.rollback()
        with commit():
            db.session.add(row)
        return row

    def unit(
        self,
        name: str | None = None,
        *,
        code: str | None = None,
        kind: str = UnitKind.COMMUNE,
        reports_in: Unit | None = None,
        managed_by: Unit | None = None,
        **more: Any,
    ) -> Unit:
        """A unit; managed by the unit it reports in to unless said otherwise."""
        number = next(_numbers)
        name = name or f"Xã Thử {number}"
        more = {"valid_from": SINCE, **more}
        unit = self.add(
            Unit(code=code or f"U{number}", name=name, folded=fold(name), sort_key=sort_key(name), kind=kind, **more)
        )
        managed_by = managed_by or reports_in
        for line, parent in ((Line.REPORTS_IN, reports_in), (Line.MANAGED_BY, managed_by)):
            if parent is not None:
                self.add(UnitLink(unit_id=unit.id, kind=line, parent_id=parent.id, valid_from=SINCE))
        return unit

    def person(self, full_name: str | None = None, *, code: str | None = None, **more: Any) -> Person:
        """A person without a posting."""
        number = next(_numbers)
        full_name = full_name or f"Nguyễn Văn {chr(65 + number % 26)}{number}"
        more = {"kind": "cong_chuc", **more}
        return self.add(
            Person(
                code=code or f"P{number}",
                full_name=full_name,
                folded=fold(full_name),
                sort_key=sort_key(full_name),
                **more,
            )
        )

    def posting(
        self,
        person: Person | None = None,
        unit: Unit | None = None,
        role: str = Role.OFFICER,
        *,
        position: str = "",
        is_clerk: bool = False,
        valid_from: date = SINCE,
        valid_to: date | None = None,
    ) -> Posting:
        """A posting in force since 2020."""
        person = person or self.person()
        unit = unit or self.unit()
        return self.add(
            Posting(
                person_id=person.id,
                unit_id=unit.id,
                role=role,
                position=position,
                is_clerk=is_clerk,
                valid_from=valid_from,
                valid_to=valid_to,
            )
        )

    def officer(self, unit: Unit | None = None, name: str | None = None) -> Person:
        """A person posted as officer."""
        return self.posting(self.person(name), unit).person

    def head(self, unit: Unit | None = None, name: str | None = None) -> Person:
        """A person posted as head."""
        return self.posting(self.person(name), unit, Role.HEAD).person

    def in_role(self, role: str, unit: Unit | None = None, name: str | None = None) -> Person:
        """A person posted in a role; ``clerk`` is an officer who keeps the stamp."""
        clerk = role == "clerk"
        return self.posting(self.person(name), unit, Role.OFFICER if clerk else role, is_clerk=clerk).person

    def user(self, person: Person | None = None) -> User:
        """The account of a person; its password fits nothing."""
        person = person or self.officer()
        known = db.session.scalar(select(User).where(User.person_id == person.id))
        if known is not None:
            return known
        return self.add(
            User(
                person_id=person.id,
                username=f"user{person.id}",
                password_hash="none",
                must_change=False,
                made_at=clock.now(),
            )
        )

    def procedure(self, title: str | None = None, *, field: str = "Đất đai", **more: Any) -> Procedure:
        """A procedure of the land field."""
        number = next(_numbers)
        title = title or f"Đăng ký biến động {number}"
        more = {"code": f"1.{number:06d}", **more}
        return self.add(Procedure(title=title, folded=fold(title), field=field, field_folded=fold(field), **more))

    def source(self, name: str | None = None, **more: Any) -> Source:
        """A system that exports case lists."""
        return self.add(Source(name=name or f"Một cửa {next(_numbers)}", **more))

    def case(
        self,
        *,
        code: str | None = None,
        unit: Unit | None = None,
        officer: Person | None = None,
        procedure: Procedure | None = None,
        source: Source | None = None,
        received: str | datetime | date = "2023-10-02 08:00",
        due: str | datetime | date | None = "2023-10-10 17:00",
        finished: str | datetime | date | None = None,
        returned: str | datetime | date | None = None,
        meaning: str | None = None,
        applicant: str = "Trần Thị Bình",
        as_of: str | datetime = "2023-10-16 16:00",
        **more: Any,
    ) -> Case:
        """A case, open unless ``finished`` is given; overdue on 16 October 2023 unless said otherwise."""
        number = next(_numbers)
        unit = unit or self.unit()
        procedure = procedure or self.procedure()
        source = source or self.source()
        received_at, received_precision = moment(received)
        due_at, due_precision = moment(due, end=True)
        finished_at, finished_precision = moment(finished)
        returned_at, returned_precision = moment(returned)
        code = code or f"000.00.{number:02d}.H20-231002-{number:04d}"
        officer_name = officer.full_name if officer else None
        case = self.add(
            Case(
                code=code,
                procedure_id=procedure.id,
                resolving_unit_id=unit.id,
                officer_id=officer.id if officer else None,
                officer_name=officer_name,
                source_id=source.id,
                applicant_name=applicant,
                applicant_folded=fold(applicant),
                received_at=received_at,
                received_precision=received_precision,
                due_at=due_at,
                due_precision=due_precision,
                finished_at=finished_at,
                finished_precision=finished_precision,
                finished_from="finished" if finished_at else None,
                returned_at=returned_at,
                returned_precision=returned_precision,
                meaning=meaning or ("finished" if finished_at else "open"),
                data_as_of=moment(as_of)[0],
                search=fold(f"{code} {procedure.title} {officer_name or ''}"),
                **more,
            )
        )
        with commit():
            note_contact(source.id, clock.now(), case.data_as_of)
        return case

    def pause(self, case: Case, started: str | datetime, ended: str | datetime | None = None, **more: Any) -> Pause:
        """A recorded pause of a case."""
        return self.add(Pause(case_id=case.id, started_at=moment(started)[0], ended_at=moment(ended)[0], **more))

    def breach(self, case: Case | None = None, *, on: date = date(2023, 10, 16), **more: Any) -> Breach:
        """A breach with both duties, opened by the real action at the end of ``on``; ``more`` makes the case."""
        case = case or self.case(**more)
        db.session.rollback()
        with commit():
            open_breaches(on, clock.now())
        found = db.session.scalars(select(Breach).where(Breach.case_id == case.id)).first()
        assert found is not None, "this case has not missed its term"
        return found

    def explanation(self, breach: Breach | None = None, **more: Any) -> Explanation:
        """The duty to explain of a breach."""
        breach = breach or self.breach(**more)
        return db.session.scalars(select(Explanation).where(Explanation.breach_id == breach.id)).one()

    def apology(self, breach: Breach | None = None, **more: Any) -> Apology:
        """The duty to apologise of a breach."""
        breach = breach or self.breach(**more)
        return db.session.scalars(select(Apology).where(Apology.breach_id == breach.id)).one()

    def attachment(self, breach: Breach | None = None, **more: Any) -> Attachment:
        """A file beside the explanation of a breach, kept in the store."""
        stored = file_store().put(b"Da chuyen ngay 05/10/2023", "text/plain")
        values = {"sha256": stored.sha256, "name": "phieu-chuyen.txt", "size": stored.size, "at": clock.now(), **more}
        return self.add(Attachment(explanation_id=self.explanation(breach).id, media_type=stored.media_type, **values))

    def correction(self, breach: Breach | None = None, **more: Any) -> BreachCorrection:
        """A proposal of the machine to cancel a breach."""
        values = {"reason": "finished_by_due", "proposed_at": clock.now(), **more}
        return self.add(BreachCorrection(breach_id=(breach or self.breach()).id, **values))

    def followup(self, breach: Breach | None = None, *, person: Person | None = None, **more: Any) -> Followup:
        """A reminder to the officer of a breach, which is its ground."""
        breach = breach or self.breach(officer=self.officer())
        values = {"measure": "reminder", "decided_on": date(2023, 10, 16), "at": clock.now(), **more}
        person_id = person.id if person else breach.officer_id
        followup = self.add(Followup(person_id=person_id, unit_id=breach.unit_id, **values))
        self.add(FollowupGround(followup_id=followup.id, breach_id=breach.id))
        return followup

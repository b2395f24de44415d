"""What stands beside explanations and letters: incidents, violations, urging notes, a report, pauses, a delegation.

Everything goes through the actions of the features at the moment at which it happens, as with ``duties``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from portal import clock
from portal.access.actions import record_absence
from portal.access.rules import AbsenceReason
from portal.accountability.incidents import actions as incidents
from portal.accountability.ledger.proposing import propose
from portal.accountability.violations import actions as violations
from portal.accountability.violations.models import Violation
from portal.accountability.violations.rules import Blame, Finding, Kind, Origin
from portal.calendars.actions import apply
from portal.calendars.changes import AddException
from portal.calendars.hours import ExceptionKind, UnitException
from portal.cases.actions import ExtensionDraft, PauseDraft, record_extension, record_pause
from portal.cases.models import Case, Source
from portal.cases.words import word
from portal.database import commit, db
from portal.deadlines import PauseKind, TermUnit
from portal.deadlines.hours import Interval
from portal.demo import places
from portal.demo.duties import Players
from portal.demo.texts import VIOLATIONS
from portal.directives.issuing import urge
from portal.directives.people import people_owing
from portal.directives.queries import units_where
from portal.directives.rules import Subject
from portal.directory.models import Person, Posting, Unit
from portal.directory.queries import load_tree
from portal.documents.letter import DEMO_MARK
from portal.documents.serving import file_store
from portal.guard import Role, Viewer
from portal.reports.actions import Draft as ReportDraft
from portal.reports.actions import DraftRow, save_report
from portal.reports.rules import Figure

SATURDAYS = (Interval(time(7, 30), time(11, 30)),)
DELEGATED = (date(2023, 10, 16), date(2023, 10, 20))
OUTAGE = (datetime(2023, 9, 21, 13, 30), datetime(2023, 9, 22, 16, 0))
"""The failure of the one-stop software that officers name in their explanations."""
SECOND_OUTAGE = (datetime(2023, 10, 12, 8, 0), datetime(2023, 10, 12, 11, 30))
URGED: tuple[tuple[datetime, str], ...] = (
    (datetime(2023, 10, 3, 9, 0), "H16.117.25"),
    (datetime(2023, 10, 10, 9, 0), "H16.117.25"),
    (datetime(2023, 10, 12, 10, 0), "H16.117.05"),
)
"""When which unit was urged: the first left the first note unanswered, so its second is round two."""
REPORTED: Mapping[str, Mapping[Figure, int]] = {
    "H16.117.25": {Figure.LATE: 4, Figure.OVERDUE: -3},
    "H16.117.05": {Figure.LATE: -2, Figure.OVERDUE: 5},
    "H16.117.21": {Figure.LATE: 0, Figure.OVERDUE: 0},
}
"""By how much the source's own report differs from the portal's figures."""


def unit_of(code: str) -> Unit:
    """A unit of the district by its code."""
    return db.session.scalars(select(Unit).where(Unit.code == code)).one()


def who_is(role: Role, unit_code: str | None = None) -> int:
    """The first person who holds a role, in a unit where one is named."""
    found = select(Posting.person_id).join(Unit, Unit.id == Posting.unit_id).where(Posting.role == role)
    if unit_code is not None:
        found = found.where(Unit.code == unit_code)
    return db.session.scalars(found.order_by(Posting.id)).first() or 0


def keep_own_calendar() -> None:
    """The land-registry branch works on Saturday mornings by a decision of its own."""
    branch = UnitException(
        unit_id=unit_of(places.LAND_BRANCH).id, kind=ExceptionKind.OPEN, valid_from=date(2023, 9, 2), valid_to=None,
        name="Làm việc sáng thứ Bảy", weekday=5, hours=SATURDAYS, document="Thông báo số 87/TB-CNVPĐKĐĐ ngày 28/8/2023",
    )  # fmt: skip
    with commit():
        apply((AddException(branch),), "Lịch riêng của Chi nhánh", by=None, at=clock.now())


def declare_incidents(players: Players) -> None:
    """One incident the IT authority confirmed, with its cases; one that waits for it; and what the data suggest."""
    office, authority = players.of(who_is(Role.MONITORING_OFFICE)), players.of(who_is(Role.IT_AUTHORITY))
    district = unit_of(places.DISTRICT).id
    source = db.session.scalars(select(Source.id)).first()
    system, described = "Phần mềm một cửa điện tử", "Không chuyển được bước sang hệ thống đất đai; đã lập biên bản."
    with clock.standing_at(datetime(2023, 10, 12, 15, 0)), commit():
        draft = incidents.Draft(district, system, described, *OUTAGE, source, "Phiếu yêu cầu hỗ trợ số 117/PYC")
        declared = incidents.declare(draft, by=office, at=clock.now(), now=clock.local_now())
        incidents.link_missed(declared, None, by=office, at=clock.now())
    with clock.standing_at(datetime(2023, 10, 13, 10, 0)), commit():
        incidents.confirm(
            declared, OUTAGE[0], OUTAGE[1], "Nhật ký máy chủ ghi mất kết nối trục tích hợp.",
            "Công văn số 1042/STTTT-CNTT ngày 13/10/2023", version=declared.version, by=authority, at=clock.now(),
            now=clock.local_now(),
        )  # fmt: skip
    with commit():
        draft = incidents.Draft(
            unit_of(places.LAND_BRANCH).id, "Hệ thống thông tin đất đai (VBDLIS)",
            "Không truy cập được dữ liệu thửa đất cả buổi sáng.", *SECOND_OUTAGE, None, "Gọi tổng đài 1900.54.54.xx",
        )  # fmt: skip
        incidents.declare(draft, by=office, at=clock.now(), now=clock.local_now())
        incidents.propose_incidents(clock.today(), clock.now())


def record_violations(players: Players) -> None:
    """A violation or complaint at every place of its road, and what the data suggest."""
    home_affairs = players.of(who_is(Role.HOME_AFFAIRS))
    with commit():
        violations.suspect(clock.today(), clock.now())
    for said in VIOLATIONS:
        unit = unit_of(said.unit)
        held = select(Posting.person_id).where(Posting.unit_id == unit.id, Posting.role == Role.OFFICER)
        holder = db.session.scalars(held.order_by(Posting.id.desc())).first()
        with clock.standing_at(datetime.combine(said.found_on, time(9, 0))), commit():
            draft = violations.Draft(
                kind=Kind(said.kind), origin=Origin(said.origin), unit_id=unit.id, summary=said.summary,
                found_on=said.found_on, holder_id=holder, occurred_on=said.found_on - timedelta(days=2),
                reporter=said.reporter, call_number=said.call_number,
            )  # fmt: skip
            made = violations.register(draft, by=home_affairs, at=clock.now(), today=clock.today())
        _walk(made, said.answers, said.until, players)


def _walk(made: Violation, answer: tuple[str, str], until: str, players: Players) -> None:
    """As far along its road as the demonstration shows it."""
    if until == "waiting" or made.holder_id is None:
        return
    holder, head = players.of(made.holder_id), players.of(who_is(Role.HEAD, made.unit.code))
    with clock.standing_at(datetime(2023, 10, 13, 14, 0)), commit():
        violations.answer(made, *answer, version=made.version, by=holder, at=clock.now(), today=clock.today())
    with clock.standing_at(datetime(2023, 10, 13, 16, 0)), commit():
        if until == "returned":
            comment = "Nêu rõ thời điểm và người chứng kiến."
            violations.send_back(made, comment, version=made.version, by=head, at=clock.now(), today=clock.today())
        elif until == "concluded":
            said = violations.Said(
                Finding.FOUNDED, Blame.FULL, "Bấm kết thúc khi kết quả chưa ký; đã đối chiếu nhật ký phần mềm.",
                ("reopen_case", "apologise"), "Mở lại hồ sơ, trả kết quả trong ngày.", date(2023, 10, 18),
            )  # fmt: skip
            violations.conclude(made, said, version=made.version, by=head, at=clock.now(), today=clock.today())


def urge_units(players: Players) -> None:
    """The office urges two units, one of them twice; the head of the land branch urges one of its people."""
    office = players.of(who_is(Role.MONITORING_OFFICE))
    for moment, code in URGED:
        with clock.standing_at(moment):
            urge(
                Subject.OVERDUE, unit_of(code).id, file_store(), mark=DEMO_MARK, by=office, at=clock.now(),
                now=clock.local_now(),
            )  # fmt: skip
    head, now = players.of(who_is(Role.HEAD, places.LAND_BRANCH)), clock.local_now()
    owing = (one.person_id for one in people_owing(head, now) if one.counts.get(Subject.OVERDUE))
    person_id = next(person_id for person_id in owing if person_id != head.person_id)
    (unit_id,) = units_where(Subject.OVERDUE, person_id, head, now)
    urge(Subject.OVERDUE, unit_id, file_store(), person_id=person_id, mark=DEMO_MARK, by=head, at=clock.now(), now=now)


def bring_report(players: Players) -> None:
    """The source's own report of the year, which differs a little from ours."""
    office, rows = players.of(who_is(Role.MONITORING_OFFICE)), []
    for code, off in REPORTED.items():
        unit = unit_of(code)
        counted = {
            Figure.LATE: _cases(unit, Case.finished_at > Case.due_at),
            Figure.OVERDUE: _cases(unit, Case.finished_at.is_(None), Case.due_at < clock.local_now()),
        }
        figures = {figure: max(0, counted[figure] + off[figure]) for figure in counted}
        rows.append(DraftRow(unit.name, unit.id, figures))
    source = db.session.scalars(select(Source.id)).first()
    draft = ReportDraft(
        source, date(2023, 1, 1), date(2023, 10, 15), datetime(2023, 10, 16, 7, 30),
        "Số in từ phần mềm một cửa sáng thứ Hai", rows,
    )  # fmt: skip
    with commit():
        save_report(draft, load_tree(clock.today(), with_ended=True), by=office, at=clock.now())


def _cases(unit: Unit, *conditions: object) -> int:
    found = select(Case.id).where(Case.resolving_unit_id == unit.id, *conditions)  # type: ignore[arg-type]
    return len(db.session.scalars(found).all())


def record_pauses(players: Players) -> None:
    """Lawful pauses and an extension of cases within their term; one wait for another body that nobody ended.

    One more was proposed by the officer of its case, and waits for the head.
    """
    head = players.of(who_is(Role.HEAD, places.LAND_BRANCH))
    within, paused = _land_cases("open", 4), _land_cases("paused", 1)
    with commit():
        for case in within[:3]:
            begun = datetime.combine(case.received_at.date() + timedelta(days=1), time(8, 0))
            pause = _pause(PauseKind.PAYMENT, begun, begun + timedelta(days=2), "Thông báo nộp nghĩa vụ tài chính")
            record_pause(case, pause, by=head, at=clock.now())
        extension = ExtensionDraft(
            amount=5, unit=TermUnit.WORKING_DAYS, document="Công văn số 63/CNVPĐKĐĐ", document_on=date(2023, 10, 13),
            reason="Phải đo đạc lại ranh giới, đã thông báo cho công dân",
        )  # fmt: skip
        record_extension(within[3], extension, by=head, at=clock.now())
        for case in paused:
            begun = datetime.combine(case.received_at.date() + timedelta(days=1), time(8, 0))
            pause = _pause(PauseKind.OTHER_BODY, begun, None, "Phiếu chuyển thông tin sang cơ quan thuế")
            record_pause(case, pause, by=head, at=clock.now())
    case = next(case for case in _land_cases("open", 20)[4:] if case.officer_id is not None)
    begun = datetime.combine(case.received_at.date() + timedelta(days=2), time(8, 0))
    pause = _pause(PauseKind.PAYMENT, begun, begun + timedelta(days=3), "Thông báo nộp nghĩa vụ tài chính")
    with commit():
        propose(case, pause, by=players.of(case.officer_id or 0), at=clock.now())


def _pause(kind: PauseKind, begun: datetime, ended: datetime | None, document: str) -> PauseDraft:
    return PauseDraft(
        kind=kind, started_at=begun, ended_at=ended, document=f"{document} số {begun:%d%m}/TB", document_on=begun.date()
    )


def _land_cases(meaning: str, most: int) -> Sequence[Case]:
    """Cases of the land-registry branch that were received some weeks ago and fall due after the demonstration."""
    branch, now = unit_of(places.LAND_BRANCH).id, clock.local_now()
    found = select(Case).where(
        Case.resolving_unit_id == branch, Case.meaning == word(meaning), Case.due_at > now + timedelta(days=3),
        Case.received_at < now - timedelta(days=14),
    )  # fmt: skip
    return db.session.scalars(found.order_by(Case.due_at.desc(), Case.id).limit(most)).all()


def delegate() -> None:
    """The head of the land-registry branch lets an officer of his act beside him for a week, by a document."""
    head, branch = who_is(Role.HEAD, places.LAND_BRANCH), unit_of(places.LAND_BRANCH).id
    others = select(Posting.person_id).where(Posting.unit_id == branch, Posting.role == Role.OFFICER)
    deputy = db.session.scalars(others.order_by(Posting.id.desc())).first() or 0
    with commit():
        record_absence(
            db.session.get_one(Person, head), db.session.get_one(Person, deputy), AbsenceReason.DELEGATED, *DELEGATED,
            document="Quyết định số 112/QĐ-CNVPĐKĐĐ ngày 13/10/2023", note="Giám đốc dự tập huấn, vẫn điều hành chung.",
            by=Viewer.for_command("bộ tạo dữ liệu minh hoạ"), at=clock.now(), today=clock.today(),
        )  # fmt: skip

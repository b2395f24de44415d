"""Terms of procedures, our own count, why this date, and recording pauses on pages."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select

from portal import clock
from portal.accountability.breaches.models import BreachCorrection
from portal.calendars.queries import calendar_for_terms
from portal.cases import recounting
from portal.cases.filters import CaseFilters, Show
from portal.cases.jobs import project_cases
from portal.cases.lines import line_of
from portal.cases.models import Case, ComputedDue, Pause, Procedure, ProcedureTerm, Projection
from portal.cases.moving import moment_of
from portal.cases.narrowing import now_at
from portal.cases.pause_queries import pauses_of
from portal.cases.queries import CaseQuery
from portal.cases.setting_terms import TermDraft, set_term
from portal.cases.telling import why_ruling
from portal.cases.terms import term_on
from portal.database import commit, db
from portal.deadlines import DayReason, Term, TermUnit
from portal.guard import Viewer
from tests.factories import Make

ALL = Viewer.for_command()
SignedIn = Callable[..., FlaskClient]


def set_to(procedure: Procedure, amount: int, since: date = date(2020, 1, 1), unit: str = "working_days") -> None:
    db.session.rollback()
    with commit():
        set_term(procedure, TermDraft(amount, TermUnit(unit), since, "QĐ 1/QĐ-UBND"), by=None, at=clock.now())


def shown(show: Show) -> list[int]:
    found = CaseQuery.visible_to(ALL).filtered(CaseFilters(show=show), now_at(clock.local_now()))
    return sorted(db.session.scalars(found.ids()))


def test_the_term_in_force_on_the_day_of_receipt_counts_and_the_history_stays(make: Make) -> None:
    procedure = make.procedure()
    set_to(procedure, 10)
    set_to(procedure, 7, since=date(2023, 10, 1))
    set_to(procedure, 6, since=date(2023, 10, 1))

    assert [term_on(procedure.id, day).amount for day in (date(2023, 9, 30), date(2023, 10, 1))] == [10, 6]  # type: ignore[union-attr]
    assert term_on(procedure.id, date(2019, 1, 1)) is None
    rows = db.session.scalars(select(ProcedureTerm).order_by(ProcedureTerm.id)).all()
    assert [(row.amount, row.valid_to, row.in_force) for row in rows] == [
        (10, date(2023, 9, 30), True),
        (7, None, False),
        (6, None, True),
    ]


def test_our_own_count_stands_beside_the_printed_date_and_moves_no_verdict(make: Make) -> None:
    procedure = make.procedure()
    right, short, long = (make.case(procedure=procedure, due=f"2023-10-{day} 17:00") for day in (10, "09", 11))
    other = make.case()
    set_to(procedure, 6)

    effect = recounting.work(clock.now())

    assert (effect.cases, effect.moved, effect.own_changed) == (3, 0, 3)
    assert [db.session.get(ComputedDue, case.id).difference for case in (right, short, long)] == [  # type: ignore[union-attr]
        None, "too_short", "too_long",
    ]  # fmt: skip
    assert db.session.get(ComputedDue, other.id) is None
    assert (shown(Show.DUE_TOO_SHORT), shown(Show.DUE_TOO_LONG)) == ([short.id], [long.id])
    assert short.ruling_due_at == datetime(2023, 10, 9, 17)


def test_work_that_was_stopped_goes_on_from_its_last_batch(make: Make, monkeypatch: Any) -> None:
    monkeypatch.setattr(recounting, "AT_ONCE", 2)
    procedure = make.procedure()
    cases = [make.case(procedure=procedure) for _ in range(5)]
    set_to(procedure, 5)
    assert recounting.is_waiting()

    recounting.work(clock.now(), batches=1)
    row = db.session.scalars(select(Projection)).one()
    assert (row.state, row.cases_done, row.after_id) == ("running", 2, cases[1].id)
    recounting.work(clock.now())

    db.session.refresh(row)
    assert (row.state, row.cases_done, row.counts_changed) == ("done", 5, 5)
    db.session.rollback()
    with commit():
        recounting.ask("Lần nữa", by=None, at=clock.now())
    assert recounting.work(clock.now()).own_changed == 0
    assert not recounting.is_waiting()


def test_what_would_move_is_what_moves(make: Make) -> None:
    case = make.case()
    make.pause(case, "2023-10-04", "2023-10-09")
    db.session.rollback()

    told = recounting.would_move(recounting.rules_now(), datetime(2023, 10, 12, 8))
    with commit():
        recounting.ask("Thử", by=None, at=clock.now())
    done = recounting.work(clock.now())

    assert (told.cases, told.moved, told.overdue, told.frozen) == (1, 1, 0, 0)
    assert done.moved == 1
    assert case.ruling_due_at == datetime(2023, 10, 13, 17)


def test_terms_come_from_a_file_and_the_same_file_changes_nothing(signed_in: SignedIn, make: Make) -> None:
    procedure = make.procedure(code="1.004203")
    admin = signed_in("administrator", make.unit())
    rows = (
        "Mã thủ tục;Thời hạn;Đơn vị;Áp dụng từ;Căn cứ\n1.004203;15;ngày làm việc;01/07/2023;QĐ 12\n"
        "9.9;3;ngày;1/1/2023;\nx;0;giờ;sai;\n"
    )

    make.case(procedure=procedure)

    def shown() -> str:
        return admin.post("/procedures/files", data={"file": (io.BytesIO(rows.encode()), "thoi-han.csv")}).text

    first = shown()
    nothing = db.session.scalar(select(func.count()).select_from(ProcedureTerm))
    kept = html.unescape(re.findall(r'name="rows"[^>]*value="([^"]*)"', first)[0])
    done = admin.post("/procedures/files/set", data={"rows": kept, "file_name": "thoi-han.csv"}).text
    again = shown()

    term = term_on(procedure.id, date(2023, 10, 2))
    assert term is not None and nothing == 0
    assert (term.amount, term.unit, term.basis) == (15, "working_days", "QĐ 12")
    assert db.session.scalar(select(func.count()).select_from(ProcedureTerm)) == 1
    assert "sẽ đặt 1 thời hạn" in first and "hạn tự tính thay đổi ở 1 hồ sơ" in first and "sẽ đặt 0 thời hạn" in again
    assert "Không có thủ tục nào mang mã này" in first and "số nguyên từ 1 đến 1000" in first
    assert "1 thời hạn" in done and 'name="rows"' not in again
    assert admin.post("/procedures/files/set", data={"rows": "hỏng"}).status_code == 422


def test_a_new_term_shows_what_it_moves_before_it_is_set(signed_in: SignedIn, make: Make) -> None:
    procedure = make.procedure()
    make.case(procedure=procedure)
    admin = signed_in("administrator", make.unit())
    said = {"amount": "5", "unit": "working_days", "valid_from": "01/01/2020", "basis": "QĐ 5"}

    preview = admin.post(f"/procedures/{procedure.id}/terms", data=said)

    assert "kết quả tính thay đổi ở 1 hồ sơ" in preview.text
    assert db.session.scalar(select(func.count()).select_from(ProcedureTerm)) == 0
    assert admin.post(f"/procedures/{procedure.id}/terms", data={**said, "confirmed": "1"}).status_code == 303
    assert admin.post(f"/procedures/{procedure.id}/terms", data={**said, "confirmed": "1"}).status_code == 409
    assert db.session.scalar(select(func.count()).select_from(ProcedureTerm)) == 1


def test_why_this_date_tells_days_pauses_and_documents(signed_in: SignedIn, make: Make) -> None:
    procedure, unit = make.procedure(), make.unit()
    case = make.case(procedure=procedure, unit=unit, officer=make.officer(unit))
    set_to(procedure, 6)
    head = signed_in("head", unit)
    said = {
        "kind": "supplement",
        "started": "04/10/2023",
        "ended": "09/10/2023",
        "document": "12/PBS",
        "document_on": "04/10/2023",
    }

    answer = head.post(f"/cases/{case.id}/pauses", data={**said, "ended": "09/10/2023"})
    told = head.get(f"/cases/{case.id}/term").text

    assert answer.status_code == 303
    for words in (
        "12/PBS",
        "13/10/2023 17:00",
        "10/10/2023 17:00",
        "chờ bổ sung hồ sơ",
        "thời hạn tạm dừng",
    ):
        assert words in told
    assert f"/cases/{case.id}/term" in head.get(f"/cases/{case.id}").text


def test_an_officer_reads_why_and_records_nothing(signed_in: SignedIn, make: Make) -> None:
    unit = make.unit()
    client = signed_in("officer", unit)
    mine = db.session.scalars(select(Case)).first()
    assert mine is None
    stranger = make.case()

    assert client.get(f"/cases/{stranger.id}/term").status_code == 404
    assert client.post(f"/cases/{stranger.id}/pauses", data={}).status_code == 403


def test_what_is_typed_survives_a_refusal(signed_in: SignedIn, make: Make) -> None:
    unit = make.unit()
    case = make.case(unit=unit)
    head = signed_in("head", unit)
    said = {"kind": "payment", "started": "01/09/2023", "document": "77/TB", "document_on": "01/09/2023"}

    refused = head.post(f"/cases/{case.id}/pauses", data=said)
    unreadable = head.post(f"/cases/{case.id}/pauses", data={**said, "started": "hôm qua"})

    assert (refused.status_code, unreadable.status_code) == (409, 422)
    assert "trước ngày tiếp nhận" in refused.text and "77/TB" in refused.text
    assert "hôm qua" in unreadable.text
    assert db.session.scalar(select(func.count()).select_from(Pause)) == 0


def test_a_pause_without_its_document_is_asked_for_it_beside_the_field(signed_in: SignedIn, make: Make) -> None:
    unit = make.unit()
    case = make.case(unit=unit, received="2023-10-02", due="2023-10-13")

    answer = signed_in("head", unit).post(f"/cases/{case.id}/pauses", data={"kind": "payment", "started": "04/10/2023"})

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert "Số văn bản <span" not in answer.text and "Ngày văn bản <span" not in answer.text


def test_a_pause_recorded_late_proposes_to_cancel_at_once_and_is_taken_back(signed_in: SignedIn, make: Make) -> None:
    unit = make.unit()
    case = make.case(unit=unit, finished="2023-10-12 09:00")
    breach = make.breach(case)
    head = signed_in("head", unit)
    said = {"kind": "supplement", "started": "04/10/2023", "document": "12/PBS", "document_on": "04/10/2023"}

    head.post(f"/cases/{case.id}/pauses", data={**said, "ended": "09/10/2023"})

    proposal = db.session.scalars(select(BreachCorrection)).one()
    assert (proposal.breach_id, proposal.reason, proposal.state) == (breach.id, "moved_by_pause", "proposed")
    assert "12/PBS" in head.get(f"/cases/{case.id}/term/{breach.id}").text
    pause = db.session.scalars(select(Pause)).one()
    back = head.post(f"/cases/{case.id}/term/take-back", data={"entry": f"pause-{pause.id}", "why": "Ghi nhầm"})
    assert back.status_code == 303
    db.session.expire_all()
    assert case.ruling_due_at == case.due_at


def test_an_open_pause_is_ended_and_an_extension_recorded_on_the_page(signed_in: SignedIn, make: Make) -> None:
    unit = make.unit()
    case = make.case(unit=unit)
    head = signed_in("head", unit)
    said = {"kind": "payment", "started": "05/10/2023 14:00", "document": "1/TB", "document_on": "05/10/2023"}
    head.post(f"/cases/{case.id}/pauses", data=said)
    pause = db.session.scalars(select(Pause)).one()
    assert "đang tạm dừng" in head.get(f"/cases/{case.id}/term").text

    ended = {"pause": f"pause-{pause.id}", "stopped": "06/10/2023 14:00"}
    assert head.post(f"/cases/{case.id}/pauses/end", data=ended).status_code == 303
    more = {"amount": "1", "unit": "working_days", "decision": "9/QĐ", "decided_on": "06/10/2023"}
    assert head.post(f"/cases/{case.id}/extensions", data=more).status_code == 303

    db.session.expire_all()
    assert case.ruling_due_at == datetime(2023, 10, 12, 17)


def test_differences_are_counted_by_unit_and_source(signed_in: SignedIn, make: Make) -> None:
    unit, procedure = make.unit("Xã Một"), make.procedure()
    make.case(unit=unit, procedure=procedure, due="2023-10-09 17:00", source=make.source("iGate 9"))
    set_to(procedure, 6)
    recounting.work(clock.now())

    told = signed_in("head", unit).get("/cases/differences").text

    assert "Xã Một" in told and "iGate 9" in told
    assert f"show=due_too_short&amp;unit={unit.id}" in told


def test_a_changed_calendar_lets_all_open_cases_be_counted_once(make: Make) -> None:
    case = make.case()
    assert not recounting.is_waiting()
    make.pause(case, "2023-10-04", "2023-10-09")
    assert recounting.is_waiting()

    first = project_cases(date(2023, 10, 16), clock.now())

    assert (first["moved"], recounting.is_waiting()) == (1, False)
    assert project_cases(date(2023, 10, 16), clock.now()) == {"cases": 0, "moved": 0, "own_changed": 0}


def test_under_one_day_lateness_is_told_in_working_hours(make: Make) -> None:
    late = make.case(due="2023-10-10 10:00", finished="2023-10-10 15:00")
    days = make.case(due="2023-10-10 10:00", finished="2023-10-12 15:00")
    dayless = make.case(due="2023-10-10", finished="2023-10-11")

    now, said = now_at(clock.local_now()), []
    for one in (late, days, dayless):
        row = CaseQuery.visible_to(ALL).get(one.id)
        assert row is not None
        said.append(line_of(row, now, ALL).lateness)

    assert said == ["trễ 3 giờ làm việc", "trễ 2 ngày làm việc", "trễ 1 ngày làm việc"]


def test_a_long_pause_is_told_in_one_row(make: Make) -> None:
    case = make.case(due="2023-10-10 17:00")
    make.pause(case, "2023-10-03", "2023-11-03")

    told = why_ruling(case, pauses_of(case.id), (), calendar_for_terms(), datetime(2023, 12, 1))

    assert told is not None
    paused = [(row.first, row.last) for row in told.rows if row.reason is DayReason.PAUSED]
    assert paused == [(date(2023, 10, 4), date(2023, 11, 3))]


def test_receipts_of_one_day_are_counted_as_each_of_them_alone(make: Make) -> None:
    procedure = make.procedure()
    moments = ["2023-10-02 06:00", "2023-10-02 11:45", "2023-10-02 17:00", "2023-10-02 17:01", "2023-10-07 09:00"]
    cases = [make.case(procedure=procedure, received=moment) for moment in (*moments, "2023-10-02")]
    set_to(procedure, 3)

    recounting.work(clock.now())

    calendar, term = calendar_for_terms(), Term(3, TermUnit.WORKING_DAYS)
    for case in cases:
        own = db.session.get(ComputedDue, case.id)
        assert own is not None
        assert own.due_at == term.due(moment_of(case.received_at, case.received_precision), calendar).at

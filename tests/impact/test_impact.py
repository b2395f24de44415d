"""What a change of the calendar would move is what it then moves; frozen breaches stay as they are."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from portal import clock
from portal.accountability.breaches.models import Breach, BreachCorrection
from portal.accountability.ledger.actions import open_breaches
from portal.calendars import drafting
from portal.calendars import queries as calendars
from portal.calendars.changes import Change, OpenYear, RemoveDay, SetDay
from portal.calendars.models import CalendarDraft
from portal.calendars.rules import DayKind, NamedDay
from portal.cases import actions as cases
from portal.cases import recounting
from portal.cases.actions import PauseDraft
from portal.cases.jobs import project_cases
from portal.cases.models import Case, ComputedDue
from portal.cases.setting_terms import TermDraft, set_term
from portal.database import commit, db
from portal.deadlines import PauseKind, TermUnit
from portal.guard import Viewer
from portal.impact import actions, jobs, queries
from portal.impact.rules import Counts, State
from tests.factories import Make

NOW = datetime(2023, 10, 16, 16)
MACHINE = Viewer.for_command()
STORM = SetDay(NamedDay(date(2023, 10, 12), DayKind.OFF, "Nghỉ phòng bão", "Công điện 01"))
SWAP = SetDay(NamedDay(date(2023, 10, 12), DayKind.SWAP, "Hoán đổi", "TB", worked_on=date(2023, 10, 14)))


@pytest.fixture(autouse=True)
def _monday(at: Any) -> None:
    at(NOW)


def paused(make: Make, due: str = "2023-10-10 17:00", started: str = "2023-10-04", ended: str = "2023-10-09") -> Case:
    """A case of which three working days stood still: 5, 6 and 9 October."""
    case = make.case(received="2023-08-21 08:00", due=due, finished=None)
    moments = [datetime.fromisoformat(day) for day in (started, ended)]
    facts = {"kind": PauseKind.SUPPLEMENT, "document": "12/PBS", "document_on": date(2023, 10, 4)}
    with commit():
        draft = PauseDraft(started_at=moments[0], ended_at=moments[1], **facts)  # type: ignore[arg-type]
        cases.record_pause(case, draft, by=MACHINE, at=clock.now())
    return case


def draft_of(*changes: Change, by: Viewer = MACHINE) -> CalendarDraft:
    with commit():
        return drafting.keep(changes, "thử", by=by, at=clock.now())


def apply(draft: CalendarDraft) -> None:
    db.session.rollback()
    with commit():
        drafting.apply_draft(draft, "thử", by=MACHINE, at=clock.now())


def due_moments() -> dict[int, datetime | None]:
    db.session.rollback()
    return {row.id: row.ruling_due_at for row in db.session.execute(select(Case.id, Case.ruling_due_at))}


def test_a_day_off_moves_only_cases_with_pauses_that_reach_over_it(make: Make) -> None:
    over, before, plain = paused(make), paused(make, "2023-10-05 17:00"), make.case(finished=None)
    draft = draft_of(STORM)

    found = queries.found_for(draft, queries.open_concerned(), NOW)

    assert [case.case_id for case in found.moved] == [over.id]
    assert found.moved[0].becomes == datetime(2023, 10, 16, 17)
    assert found.counts == Counts(moved=1, later=1, no_longer_overdue=1, aged=2)
    assert {before.id, plain.id} & {case.case_id for case in found.moved} == set()


@pytest.mark.parametrize(
    "changes",
    [(STORM,), (SWAP,), (RemoveDay(date(2023, 9, 4)),), (OpenYear(2027),), (STORM, RemoveDay(date(2023, 9, 4)))],
)
def test_the_preview_is_the_truth(make: Make, changes: tuple[Change, ...]) -> None:
    for day in ("2023-10-05 17:00", "2023-10-10 17:00", "2023-10-12 11:00", "2023-10-30 17:00"):
        paused(make, day)
    paused(make, "2023-09-01 17:00", "2023-08-28", "2023-09-06")
    draft = draft_of(*changes)
    was = due_moments()

    said = {case.case_id: case.becomes for case in queries.found_for(draft, queries.open_concerned(), NOW).moved}
    apply(draft)
    done = project_cases(NOW.date(), clock.now())

    assert due_moments() == {**was, **said}
    assert (done["cases"], done["moved"]) == (5, len(said))
    assert not recounting.is_waiting()


def test_frozen_breaches_stay_and_corrections_are_only_proposed(make: Make) -> None:
    case = paused(make)
    breach = make.breach(case)
    frozen = (breach.due_at, breach.calendar_version_id, breach.officer_id)
    draft = draft_of(STORM)

    found = queries.found_for(draft, queries.open_concerned(), NOW)
    apply(draft)
    project_cases(NOW.date(), clock.now())

    again = db.session.scalars(select(Breach)).one()
    assert found.counts.corrections == 1
    assert (again.due_at, again.calendar_version_id, again.officer_id) == frozen


def test_the_page_says_what_moves_and_exports_it(signed_in: Any, make: Make) -> None:
    case = paused(make)
    administrator = signed_in("administrator")
    form = {"day": "12/10/2023", "kind": "off", "name": "Bão", "document": "CĐ", "status": "confirmed", "reason": "x"}
    shown = administrator.post("/calendar/2023/days", data=form)
    number = shown.location.rsplit("/", 1)[1]

    page = administrator.get(f"/impact/calendar/{number}").text
    book = administrator.get(f"/impact/calendar/{number}/cases.xlsx")
    change = administrator.get(shown.location).text

    assert "1 hồ sơ đang giải quyết đổi hạn, 0 hồ sơ thành quá hạn, 0 vi phạm đã ghi nhận thay đổi" in page
    assert case.code in page and "16/10/2023 17:00" in page
    assert f"/impact/calendar/{number}" in change
    cells = [row[0].value for row in load_workbook(io.BytesIO(book.data)).active.iter_rows()]
    assert case.code in cells


def test_a_large_preview_is_counted_by_the_job(signed_in: Any, make: Make) -> None:
    paused(make)
    administrator = signed_in("administrator")
    form = {"day": "12/10/2023", "kind": "off", "name": "Bão", "document": "CĐ", "status": "confirmed", "reason": "x"}
    number = administrator.post("/calendar/2023/days", data=form).location.rsplit("/", 1)[1]

    administrator.post(f"/impact/calendar/{number}/count")
    administrator.post(f"/impact/calendar/{number}/count")
    told = jobs.count_previews(NOW.date(), clock.now())

    draft = db.session.get_one(CalendarDraft, int(number))
    preview = queries.preview_of(draft)
    assert told["previews"] == 1 and preview is not None and preview.state == State.DONE
    assert preview.counts["moved"] == 1 and len(queries.kept_cases(preview)) == 1
    assert "1 hồ sơ đang giải quyết đổi hạn" in administrator.get(f"/impact/calendar/{number}").text


def test_a_preview_of_a_decided_change_is_set_aside(make: Make) -> None:
    draft = draft_of(STORM)
    with commit():
        actions.ask(draft, at=clock.now())
    apply(draft)

    jobs.count_previews(NOW.date(), clock.now())

    assert queries.next_preview() is None


def test_open_cases_follow_a_version_and_the_page_says_so(signed_in: Any, make: Make) -> None:
    officer = signed_in("officer")
    nothing = officer.get(f"/impact/versions/{calendars.current_version_id()}").text
    case = paused(make)
    db.session.rollback()
    apply(draft_of(STORM))
    first = calendars.current_version_id()
    apply(draft_of(RemoveDay(date(2023, 10, 12))))
    apply(draft_of(STORM))
    last = calendars.current_version_id()
    waits = officer.get(f"/impact/versions/{last}").text

    project_cases(NOW.date(), clock.now())

    assert "không có gì phải tính lại" in nothing
    assert "trong ít phút" in waits
    assert "tính lại 1 hồ sơ, 1 hạn có hiệu lực thay đổi" in officer.get(f"/impact/versions/{last}").text
    assert "theo phiên bản sau" in officer.get(f"/impact/versions/{first}").text
    assert officer.get("/impact/versions/999").status_code == 404
    assert due_moments()[case.id] == datetime(2023, 10, 16, 17)


def test_a_correction_is_proposed_for_a_person_and_nothing_frozen_changes(make: Make) -> None:
    breach = make.breach(paused(make))
    frozen = (breach.id, breach.due_at, breach.calendar_version_id)
    day_after = SetDay(NamedDay(date(2023, 10, 13), DayKind.OFF, "Nghỉ phòng bão", "Công điện 02"))
    apply(draft_of(STORM, day_after))
    project_cases(NOW.date(), clock.now())
    db.session.rollback()

    with commit():
        open_breaches(NOW.date(), clock.now())

    proposal = db.session.scalars(select(BreachCorrection)).one()
    breach = db.session.scalars(select(Breach)).one()
    assert (proposal.breach_id, proposal.state) == (breach.id, "proposed")
    assert (breach.id, breach.due_at, breach.calendar_version_id) == frozen


LAST_HOUR = {"key": "cases.last_hour_rule", "text": "true", "valid_from": "01/10/2023", "basis": "QĐ 9/QĐ-UBND"}


def test_the_last_hour_rule_is_shown_what_it_moves_then_set_and_followed(signed_in: Any, make: Make) -> None:
    procedure = make.procedure()
    moved = make.case(procedure=procedure, received="2023-10-02 16:30", due="2023-10-10 17:00", finished=None)
    make.case(procedure=procedure, received="2023-10-02 09:00", due="2023-10-10 17:00", finished=None)
    with commit():
        set_term(procedure, TermDraft(6, TermUnit.WORKING_DAYS, date(2020, 1, 1), "QĐ"), by=None, at=clock.now())
    project_cases(NOW.date(), clock.now())
    administrator, address = signed_in("administrator"), "/impact/last-hour?value=1&from=01/10/2023"

    shown = administrator.post("/policy/values", data=LAST_HOUR)
    live = administrator.get(address).text
    administrator.post(address.replace("?", "/count?"))
    told = jobs.count_previews(NOW.date(), clock.now())
    kept = administrator.get(address).text
    administrator.post("/policy/values", data={**LAST_HOUR, "confirmed": "1"})
    waits = recounting.is_waiting()
    done = project_cases(NOW.date(), clock.now())

    assert "/impact/last-hour?value=1" in shown.text and "Chưa đặt" in shown.text
    sentence = "0 hồ sơ đang giải quyết đổi hạn, 0 hồ sơ thành quá hạn, 0 vi phạm đã ghi nhận thay đổi"
    own = "Hạn tự tính bên cạnh ngày hẹn trả thay đổi: 1 hồ sơ"
    assert all(words in text for text in (live, kept) for words in (sentence, own))
    assert (told["previews"], waits, done["own_changed"], recounting.is_waiting()) == (1, True, 1, False)
    assert db.session.get_one(ComputedDue, moved.id).due_at == datetime(2023, 10, 11, 17)
    assert administrator.get("/impact/last-hour?value=7").status_code == 404
    assert signed_in("head").get(address).status_code == 403


@pytest.mark.parametrize("role", ["officer", "head", "chair", "auditor"])
def test_only_administrators_see_what_a_change_would_move(signed_in: Any, role: str) -> None:
    draft = draft_of(STORM)

    assert signed_in(role).get(f"/impact/calendar/{draft.id}").status_code == 403
    assert signed_in("administrator").get(f"/impact/calendar/{draft.id}").status_code == 404

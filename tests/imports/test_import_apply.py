"""Applying a list: what is written, what is kept, what waits for people; on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select

from portal.audit.models import AuditEvent
from portal.cases.models import Case, CaseChange, Procedure, Source, SourceUnit
from portal.cases.rules import search_text
from portal.database import commit, db
from portal.directory.models import Person, Posting, Unit, UnitLink
from portal.imports import actions, mapping, preparing, queries
from portal.imports.actions import Applied
from portal.imports.models import Batch, BatchRow, PendingRow, SourceName
from portal.imports.preparing import Upload, Wishes
from portal.sources.actions import set_meanings
from portal.vietnamese import fold
from tests.factories import Make
from tests.imports.lists import HEADINGS, OFFICER, PROCEDURE, UNIT, open_row, row, text

AT = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
Import = Callable[..., Applied]


@pytest.fixture
def place(make: Make) -> Unit:
    """The unit of the lists, with its officer."""
    district = make.unit("Huyện Krông Nô", kind="district")
    unit = make.unit(UNIT, code="H16.25.01", reports_in=district)
    make.officer(unit, OFFICER)
    make.procedure(PROCEDURE)
    return unit


@pytest.fixture
def bring(app: Flask, tmp_path: Path) -> Import:
    """Import rows as a file and apply it."""
    moments = count(1)

    def bring(*rows: list[Any], headings: tuple[str, ...] = HEADINGS, **wishes: Any) -> Applied:
        path = text(tmp_path / "list.csv", rows, headings=headings)
        at = AT + timedelta(microseconds=next(moments))  # no two batches are applied at one instant
        prepared = preparing.prepare(Upload(path, path.name), Wishes(**wishes), at=at)
        with commit():
            return actions.import_prepared(prepared, by=None, at=at)

    return bring


def counts(applied: Applied) -> tuple[int, ...]:
    """rows, new, changed, unchanged, pending, rejected."""
    return tuple(applied.plan.counts.as_dict().values())


def case(code: str = "H16.25-231002-0001") -> Case:
    db.session.rollback()
    return db.session.scalars(select(Case).where(Case.code == code)).one()


def test_a_new_case_holds_what_the_file_says(place: Unit, bring: Import) -> None:
    applied = bring(row(), source="iGate")

    found = case()
    assert counts(applied) == (1, 1, 0, 0, 0, 0)
    assert (found.received_at, found.received_precision) == (datetime(2023, 10, 2, 8, 0), "minute")
    assert (found.due_at, found.due_precision) == (datetime(2023, 10, 10, 17, 0), "minute")
    assert (found.finished_at, found.finished_from) == (datetime(2023, 10, 9, 15, 30), "finished")
    assert (found.meaning, found.status_text, found.data_fault) == ("finished", "Đã trả kết quả", None)
    assert found.resolving_unit_id == place.id
    assert db.session.get_one(Person, found.officer_id).full_name == OFFICER
    assert found.applicant_name == "Trần Văn Bình"
    assert found.applicant_folded == "tran van binh"
    assert found.data_as_of == datetime(2023, 10, 9, 15, 30)
    assert db.session.get_one(Source, found.source_id).name == "iGate"
    assert found.search == search_text(found.code, PROCEDURE, OFFICER)
    assert found.first_batch_id == found.last_batch_id == applied.batch.id
    assert db.session.get_one(Procedure, found.procedure_id).title == PROCEDURE


def test_date_only_moments_keep_their_precision(place: Unit, bring: Import) -> None:
    bring(row(received="02/10/2023", due="10/10/2023", finished="10/10/2023"))

    found = case()
    assert (found.due_at, found.due_precision) == (datetime(2023, 10, 10, 23, 59, 59), "day")
    assert (found.finished_at, found.finished_precision) == (datetime(2023, 10, 10), "day")
    assert (found.received_at, found.received_precision) == (datetime(2023, 10, 2), "day")


def test_the_same_file_twice_changes_nothing(place: Unit, bring: Import) -> None:
    rows = [row(), open_row("B", unit="Không ai biết"), open_row("C", officer="Người lạ"), row("D", due="sai")]
    bring(*rows)
    before = everything()

    again = bring(*rows)

    assert counts(again) == (4, 0, 0, 2, 1, 1)
    assert again.written == 0
    assert everything() == before


def everything() -> list[Any]:
    """Every row that a repeated import must leave alone."""
    db.session.rollback()
    tables = [model.__table__ for model in (Case, CaseChange, PendingRow, SourceName, Unit, Person, Posting, Procedure)]
    return [db.session.execute(select(table).order_by(table.c.id)).all() for table in tables]


def test_newer_data_move_the_moment_of_unchanged_cases(place: Unit, bring: Import) -> None:
    bring(open_row("A"), as_of=datetime(2023, 10, 5, 8, 0))

    applied = bring(open_row("A"), as_of=datetime(2023, 10, 12, 8, 0))

    assert counts(applied) == (1, 0, 0, 1, 0, 0)
    assert case("A").data_as_of == datetime(2023, 10, 12, 8, 0)
    assert case("A").last_batch_id == applied.batch.id
    assert not changes("A")


def changes(code: str) -> list[tuple[str, str | None, str | None, str]]:
    found = select(CaseChange).where(CaseChange.case_id == case(code).id).order_by(CaseChange.field)
    return [(item.field, item.old, item.new, item.kind) for item in db.session.scalars(found)]


def test_a_finish_is_a_change_with_its_facts(place: Unit, bring: Import) -> None:
    bring(open_row("A"), as_of=datetime(2023, 10, 5))

    applied = bring(row("A"), as_of=datetime(2023, 10, 12))

    assert counts(applied) == (1, 0, 1, 0, 0, 0)
    assert case("A").finished_at == datetime(2023, 10, 9, 15, 30)
    assert case("A").version == 2
    assert changes("A") == [
        ("finished_at", None, "2023-10-09T15:30:00", "finished"),
        ("meaning", "open", "finished", "meaning_changed"),
        ("status_text", "Đang xử lý", "Đã trả kết quả", "changed"),
    ]


@pytest.mark.parametrize(
    ("due", "kind"),
    [("11/10/2023 17:00", "due_later"), ("09/10/2023 17:00", "due_earlier"), ("", "due_removed")],
)
def test_a_moved_due_date_is_kept_as_a_fact(place: Unit, bring: Import, due: str, kind: str) -> None:
    bring(open_row("A"))

    bring(open_row("A", due=due))

    assert ("due_at", "2023-10-10T17:00:00", kind) in [(field, old, kind) for field, old, _, kind in changes("A")]


def test_a_removed_finish_is_a_reopening(place: Unit, bring: Import) -> None:
    bring(row("A"), as_of=datetime(2023, 10, 12))

    bring(open_row("A"), as_of=datetime(2023, 10, 13))

    assert case("A").finished_at is None
    assert ("finished_at", "2023-10-09T15:30:00", None, "reopened") in changes("A")


def test_another_officer_is_a_change(place: Unit, bring: Import, make: Make) -> None:
    second = make.officer(place, "Lê Văn Tám")
    bring(open_row("A"))
    first_id = case("A").officer_id

    bring(open_row("A", officer="LÊ VĂN TÁM"))

    assert case("A").officer_id == second.id
    assert ("officer_id", str(first_id), str(second.id), "officer_changed") in changes("A")


def test_older_data_never_overwrite_newer_facts(place: Unit, bring: Import) -> None:
    bring(row("A"), as_of=datetime(2023, 10, 12))

    applied = bring(open_row("A"), as_of=datetime(2023, 10, 5))

    assert counts(applied) == (1, 0, 0, 1, 0, 0)
    assert [remark.reason for remark in applied.plan.warnings] == ["newer_facts_kept"]
    assert case("A").meaning == "finished"
    assert case("A").data_as_of == datetime(2023, 10, 12)


def test_columns_a_file_does_not_have_take_nothing_away(place: Unit, bring: Import) -> None:
    bring(row("A"))

    applied = bring(
        ["A", "02/10/2023 08:00", "10/10/2023 17:00", UNIT],
        headings=("Mã hồ sơ", "Ngày tiếp nhận", "Ngày hẹn trả", "Cơ quan giải quyết"),
        as_of=datetime(2023, 10, 12),
    )

    assert counts(applied) == (1, 0, 0, 1, 0, 0)
    assert (case("A").meaning, case("A").applicant_name) == ("finished", "Trần Văn Bình")


def test_ended_without_a_moment_has_no_verdict_and_remembers_when_it_was_seen(place: Unit, bring: Import) -> None:
    bring(row("A", finished=""), as_of=datetime(2023, 10, 12))
    bring(row("A", finished=""), as_of=datetime(2023, 10, 14))

    found = case("A")
    assert (found.meaning, found.finished_at, found.data_fault) == ("finished", None, "end_moment_unknown")
    assert found.ended_seen_at == datetime(2023, 10, 12)
    assert found.data_as_of == datetime(2023, 10, 14)


# --- units


def test_units_are_known_by_code_and_by_folded_name(place: Unit, bring: Import) -> None:
    applied = bring(open_row("A", unit="H16.25.01"), open_row("B", unit="ubnd xa NAM N’DIR"), open_row("C"))

    assert counts(applied) == (3, 3, 0, 0, 0, 0)


def test_an_unknown_unit_waits_and_its_name_stands_in_the_queue(place: Unit, bring: Import) -> None:
    applied = bring(open_row("A", unit="Phòng Lạ"), open_row("B", unit=""), open_row("C"))

    assert counts(applied) == (3, 1, 0, 0, 2, 0)
    reasons = [(remark.row, remark.column, remark.value, remark.reason) for remark in applied.plan.problems]
    assert reasons == [
        (2, "Cơ quan giải quyết", "Phòng Lạ", "unit_unknown"),
        (3, "Cơ quan giải quyết", "", "unit_blank"),
    ]
    assert queries.pending_count() == 2
    (name,) = db.session.scalars(select(SourceName)).all()
    assert (name.kind, name.text, name.state) == ("unit", "Phòng Lạ", "waiting")


def test_two_units_of_one_name_are_not_guessed(make: Make, bring: Import) -> None:
    make.unit("Phòng Tư pháp")
    make.unit("Phòng Tư pháp")

    applied = bring(open_row("A", unit="Phòng Tư pháp"))

    assert [remark.reason for remark in applied.plan.problems] == ["unit_ambiguous"]


def test_a_row_that_waited_is_settled_when_its_code_becomes_a_case(place: Unit, bring: Import) -> None:
    bring(open_row("A", unit="Phòng Lạ"))

    bring(open_row("A"), as_of=datetime(2023, 10, 12))

    assert queries.pending_count() == 0


def test_mapping_a_unit_brings_the_waiting_rows_in(place: Unit, bring: Import, make: Make) -> None:
    applied = bring(open_row("A", unit="Xã Nậm Nđia"), row("B", unit="Xã Nậm Nđia"), open_row("C"))
    (name,) = db.session.scalars(select(SourceName)).all()

    with commit():
        done = mapping.map_unit(name, place.id, by=viewer(), at=AT, today=AT.date())

    assert (done.cases, queries.pending_count()) == (2, 0)
    assert case("A").resolving_unit_id == place.id
    assert (case("B").finished_at, case("B").last_batch_id) == (datetime(2023, 10, 9, 15, 30), applied.batch.id)
    again = bring(open_row("A", unit="Xã Nậm Nđia"), row("B", unit="Xã Nậm Nđia"), open_row("C"))
    assert counts(again) == (3, 0, 0, 3, 0, 0)


def viewer() -> Any:
    return actions.Viewer.for_command("test")


# --- officers


def test_an_unknown_officer_is_applied_and_waits_for_a_person(place: Unit, bring: Import) -> None:
    applied = bring(
        open_row("A", officer="Nguyễn Thị Lạ"), open_row("B", officer="Nguyễn Thị Lạ"), open_row("C", officer="")
    )

    assert counts(applied) == (3, 3, 0, 0, 0, 0)
    assert [remark.reason for remark in applied.plan.warnings] == ["officer_unknown"]
    assert (case("A").officer_id, case("A").officer_name) == (None, "Nguyễn Thị Lạ")
    assert case("C").officer_name is None
    (name,) = db.session.scalars(select(SourceName)).all()
    assert (name.kind, name.unit_id, name.text) == ("officer", place.id, "Nguyễn Thị Lạ")


def test_two_officers_of_one_name_are_asked(place: Unit, bring: Import, make: Make) -> None:
    make.officer(place, OFFICER)

    applied = bring(open_row("A"))

    assert [remark.reason for remark in applied.plan.warnings] == ["officer_ambiguous"]
    assert case("A").officer_id is None


def test_of_two_the_one_posted_there_now_is_meant(place: Unit, bring: Import, make: Make) -> None:
    earlier = make.person(OFFICER)
    make.posting(earlier, place, valid_to=datetime(2022, 1, 1).date())

    bring(open_row("A"))

    assert case("A").officer_id not in (None, earlier.id)


def test_mapping_an_officer_assigns_the_cases_that_name_them(place: Unit, bring: Import, make: Make) -> None:
    person = make.officer(place, "Nguyễn Thị Mơ Lan")
    bring(open_row("A", officer="N.T. Mơ"), open_row("B", officer="N.T. Mơ"))
    (name,) = db.session.scalars(select(SourceName)).all()

    with commit():
        done = mapping.map_officer(name, person.id, by=viewer(), at=AT)

    assert done.cases == 2
    assert case("A").officer_id == person.id
    assert changes("A") == [("officer_id", None, str(person.id), "mapped")]
    assert counts(bring(open_row("A", officer="N.T. Mơ"), open_row("B", officer="N.T. Mơ"))) == (2, 0, 0, 2, 0, 0)


# --- create unknown


def test_create_unknown_makes_units_people_and_procedures_once(make: Make, bring: Import) -> None:
    root = make.unit("Huyện Krông Nô", kind="district")
    rows = [open_row("A"), open_row("B"), open_row("C", unit="Phòng Tư pháp", procedure="Khai tử")]

    first = bring(*rows, create_unknown=True)
    again = bring(*rows, create_unknown=True)

    assert counts(first) == (3, 3, 0, 0, 0, 0)
    assert counts(again) == (3, 0, 0, 3, 0, 0)
    made = db.session.scalars(select(Unit).where(Unit.made_by_import).order_by(Unit.id)).all()
    assert [(unit.code, unit.kind) for unit in made] == [
        ("nhap-ubnd-xa-nam-n-dir", "commune"),
        ("nhap-phong-tu-phap", "division"),
    ]
    assert {link.parent_id for link in db.session.scalars(select(UnitLink))} == {root.id}
    people = db.session.scalars(select(Person).where(Person.made_by_import)).all()
    assert [person.full_name for person in people] == [OFFICER, OFFICER]
    posted = db.session.scalars(select(Posting)).all()
    assert {(posting.unit_id, posting.role) for posting in posted} == {(unit.id, "officer") for unit in made}
    assert case("A").officer_id == case("B").officer_id != case("C").officer_id
    assert not first.plan.warnings


def test_procedures_are_known_by_code_else_by_folded_title(place: Unit, make: Make, bring: Import) -> None:
    known = make.procedure("Cấp giấy phép xây dựng", code="1.009994")
    headings = (*HEADINGS, "Mã TTHC")

    bring(
        [*open_row("A", procedure="Tên khác hẳn"), "1.009994"],
        [*open_row("B", procedure="CẤP GIẤY PHÉP XÂY DỰNG"), ""],
        [*open_row("C", procedure="Cấp giấy phép xây dựng"), "2.000001"],
        headings=headings,
    )

    assert case("A").procedure_id == case("B").procedure_id == known.id
    assert case("C").procedure_id != known.id


def test_an_unknown_procedure_is_made_with_a_remark(place: Unit, bring: Import) -> None:
    applied = bring(open_row("A", procedure="Thủ tục mới"), open_row("B", procedure="Thủ tục mới"))

    assert [(remark.row, remark.reason) for remark in applied.plan.warnings] == [(2, "procedure_made")]
    made = db.session.get_one(Procedure, case("B").procedure_id)
    assert (made.title, made.code, made.made_by_import) == ("Thủ tục mới", None, True)


# --- sources, extracts


def test_the_source_that_owns_the_unit_rules(place: Unit, make: Make, bring: Import) -> None:
    bring(open_row("A"), source="Đất đai", as_of=datetime(2023, 10, 5))
    make.add(SourceUnit(unit_id=place.id, source_id=case("A").source_id))

    applied = bring(row("A"), source="iGate", as_of=datetime(2023, 10, 12))

    assert [remark.reason for remark in applied.plan.warnings] == ["other_source_rules"]
    assert case("A").meaning == "open"


def test_a_full_extract_marks_what_is_missing_and_takes_it_back(place: Unit, bring: Import) -> None:
    bring(open_row("A"), open_row("B"), as_of=datetime(2023, 10, 5))

    applied = bring(open_row("A"), as_of=datetime(2023, 10, 6), full_extract=True)

    assert applied.gone == 1
    assert case("B").gone_since == datetime(2023, 10, 6)
    assert case("A").gone_since is None
    assert [item[0] for item in changes("B")] == ["gone_since"]
    bring(open_row("B"), as_of=datetime(2023, 10, 7))
    assert case("B").gone_since is None


def test_a_source_reads_statuses_its_own_way(place: Unit, make: Make, bring: Import) -> None:
    source = make.source("Đất đai")
    with commit():
        set_meanings(source, {"Dừng xử lý": "paused"}, "Đất đai tạm dừng", by=viewer(), at=AT)

    bring(open_row("A", status="Dừng xử lý"), source="Đất đai")

    assert case("A").meaning == "paused"


# --- what is kept of a batch


def test_a_batch_keeps_what_it_said_of_rows_and_the_trail_its_facts(place: Unit, bring: Import) -> None:
    applied = bring(row("A", due="sai"), open_row("B", unit="Phòng Lạ"), row("C", due=""))

    batch = db.session.get_one(Batch, applied.batch.id)
    kept = db.session.scalars(select(BatchRow).order_by(BatchRow.id)).all()
    assert [(item.kind, item.row_number, item.heading, item.value, item.reason) for item in kept] == [
        ("rejected", 2, "Ngày hẹn trả", "sai", "bad_date"),
        ("pending", 3, "Cơ quan giải quyết", "Phòng Lạ", "unit_unknown"),
        ("warning", 4, "Ngày hẹn trả", "", "no_due"),
    ]
    assert (batch.state, batch.counts["rows"], batch.rows_rejected) == ("applied", 3, 1)
    (said,) = db.session.scalars(select(AuditEvent).where(AuditEvent.kind == "batch.applied")).all()
    assert (said.payload["new"], said.payload["file_sha256"]) == (1, batch.file_sha256)


def test_a_plan_that_rests_on_something_that_moved_is_made_anew(
    place: Unit, tmp_path: Path, bring: Import, app: Flask
) -> None:
    path = text(tmp_path / "first.csv", [open_row("A")])
    prepared = preparing.prepare(Upload(path, path.name), Wishes(), at=AT)
    bring(row("A"), as_of=datetime(2023, 10, 12))

    with commit():
        applied = actions.import_prepared(prepared, by=None, at=AT)

    assert counts(applied) == (1, 0, 0, 1, 0, 0)
    assert case("A").meaning == "finished"


def test_writing_takes_few_statements_however_many_rows(place: Unit, bring: Import) -> None:
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *said: statements.append(said[2]))

    bring(*(open_row(f"A{n}") for n in range(300)))
    first = len(statements)
    bring(*(row(f"A{n}") for n in range(300)), as_of=datetime(2023, 10, 12))

    assert first < 80
    assert len(statements) - first < 80
    assert db.session.scalar(select(func.count(Case.id))) == 300


# --- the sum


CELLS = {
    "code": st.sampled_from(["A", "B", "C", "D", "E", "", "F"]),
    "received": st.sampled_from(["02/10/2023 08:00", "02/10/2023", "", "31/02/2023", "20/10/2023"]),
    "due": st.sampled_from(["10/10/2023 17:00", "10/10/2023", "", "sai", "01/09/2023"]),
    "finished": st.sampled_from(["", "", "09/10/2023 15:30", "14/10/2023", "01/10/2023"]),
    "status": st.sampled_from(["Đang xử lý", "Đã trả kết quả", "", "Lạ", "7", "3"]),
    "unit": st.sampled_from([UNIT, UNIT, "", "Phòng Lạ"]),
    "officer": st.sampled_from([OFFICER, "", "Người lạ"]),
}
ROWS = st.lists(st.fixed_dictionaries(CELLS), max_size=8)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(first=ROWS.filter(bool), second=ROWS.filter(bool))
def test_every_row_is_exactly_one_thing_and_repeats_change_nothing(
    place: Unit, bring: Import, first: list[dict[str, str]], second: list[dict[str, str]]
) -> None:
    for rows in (first, second):
        lines = [row(**cells) for cells in rows]
        said = bring(*lines).plan
        data_rows = [cells for cells in rows if cells["code"] or cells["received"] or cells["due"] or cells["finished"]]
        total, new, changed, unchanged, pending, rejected = said.counts.as_dict().values()
        assert total == new + changed + unchanged + pending + rejected
        assert total >= len(data_rows)
        assert len(said.problems) == pending + rejected
        assert len({remark.row for remark in said.problems}) == pending + rejected

        before = everything()
        again = bring(*lines)
        assert (again.plan.counts.new, again.plan.counts.changed, again.written) == (0, 0, 0)
        assert everything() == before


def test_names_are_folded_alike_everywhere(place: Unit) -> None:
    assert place.folded == fold(UNIT)


def test_a_known_case_is_found_by_a_procedure_that_its_import_makes(place: Unit, bring: Import) -> None:
    bring(open_row("A"))

    bring(open_row("A", procedure="Cấp phép xây dựng"))

    assert "cap phep xay dung" in case("A").search


def test_dates_of_a_supplement_stop_the_clock_where_the_source_means_that(
    make: Make, place: Unit, bring: Import
) -> None:
    headings = (*HEADINGS, "Ngày yêu cầu bổ sung", "Ngày bổ sung")
    paused = [*open_row("H16.25-231002-0001"), "04/10/2023", "09/10/2023"]
    bring(paused, headings=headings)
    case = db.session.scalars(select(Case)).one()
    assert (case.supplement_asked_at, case.ruling_due_at) == (datetime(2023, 10, 4), case.due_at)

    with commit():
        db.session.scalars(select(Source)).one().supplements_pause = True
    bring(paused, [*open_row("H16.25-231002-0002"), "", ""], headings=headings)
    db.session.expire_all()
    assert case.ruling_due_at == datetime(2023, 10, 13, 17)

    bring([*open_row("H16.25-231002-0001", due="11/10/2023 17:00"), "04/10/2023", "09/10/2023"], headings=headings)
    db.session.expire_all()
    assert (case.due_at, case.ruling_due_at) == (datetime(2023, 10, 11, 17), datetime(2023, 10, 16, 17))

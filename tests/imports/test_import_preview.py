"""A preview says exactly what applying does, and every change is a fact of its kind; on both databases."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from portal import clock
from portal.accountability.ledger.actions import open_breaches
from portal.cases.models import Case, CaseChange
from portal.database import commit, db
from portal.directory.models import Unit
from portal.imports import actions, preparing
from portal.imports.actions import Applied
from portal.imports.models import Batch, BatchChange
from portal.imports.preparing import Prepared, Upload, Wishes
from portal.refusal import Refused
from tests.imports.lists import HEADINGS, open_row, row, text
from tests.imports.test_import_apply import AT, ROWS, Import, bring, case, changes, place, viewer

__all__ = ["bring", "place"]

DAY = datetime(2023, 10, 12, 8, 0)
ON = date(2023, 10, 16)


def prepared(folder: Path, rows: list[list[Any]], **wishes: Any) -> Prepared:
    path = text(folder / "preview.csv", rows)
    return preparing.prepare(Upload(path, path.name), Wishes(**wishes), at=AT)


def preview(found: Prepared) -> Batch:
    with commit():
        return actions.save_preview(found, by=viewer(), at=AT)


def kinds(code: str) -> dict[str, str]:
    return {field: kind for field, _, _, kind in changes(code)}


# --- the preview is the truth


@pytest.fixture
def on_the_day() -> None:
    clock.set_business_time(datetime(2023, 10, 16, 16, 0))


def test_a_preview_counts_effects_and_changes_no_case(
    place: Unit, bring: Import, tmp_path: Path, on_the_day: None
) -> None:
    bring(open_row("A"), open_row("B"), open_row("C"), as_of=DAY - timedelta(days=5))
    before = db.session.scalar(select(func.sum(Case.version)))

    batch = preview(
        prepared(
            tmp_path,
            [row("A"), open_row("B", due="20/10/2023 17:00"), open_row("D", unit="Phòng Lạ"), open_row("E")],
            as_of=DAY,
            full_extract=True,
        )
    )

    assert batch.effects["kinds"] == {"finished": 1, "meaning_changed": 1, "changed": 1, "due_later": 1}
    assert batch.effects["fields"]["due_at"] == 1
    assert (batch.effects["gone"], batch.effects["unknown_units"], batch.effects["breaches"]) == (1, 1, 1)
    assert db.session.scalar(select(func.sum(Case.version))) == before
    assert db.session.scalar(select(func.count(CaseChange.id))) == 0
    shown = db.session.scalars(select(BatchChange).where(BatchChange.batch_id == batch.id)).all()
    assert {(item.code, item.field, item.row_number) for item in shown} >= {("A", "finished_at", 2), ("B", "due_at", 3)}


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(first=ROWS.filter(bool), second=ROWS.filter(bool), days=st.integers(-2, 4))
def test_what_a_preview_says_is_what_happens(
    place: Unit,
    bring: Import,
    tmp_path: Path,
    on_the_day: None,
    first: list[dict[str, str]],
    second: list[dict[str, str]],
    days: int,
) -> None:
    bring(*(row(**cells) for cells in first), as_of=DAY)
    with commit():
        open_breaches(ON, clock.now())
    found = prepared(tmp_path, [row(**cells) for cells in second], as_of=DAY + timedelta(days=days), full_extract=True)
    batch = preview(found)
    said, counts = dict(batch.effects), dict(batch.counts)

    with commit():
        applied = actions.apply_batch(batch, found, by=viewer(), at=AT)
    with commit():
        opened = open_breaches(ON, clock.now()).opened

    assert applied.plan.counts.as_dict() == counts
    written = db.session.scalars(select(CaseChange).where(CaseChange.batch_id == batch.id)).all()
    assert Counter(change.kind for change in written if change.kind != "gone") == said["kinds"]
    assert (applied.gone, opened) == (said["gone"], said["breaches"])


def test_applying_something_else_is_refused(place: Unit, bring: Import, tmp_path: Path) -> None:
    found = prepared(tmp_path, [open_row("A")], as_of=DAY)
    batch = preview(found)
    bring(row("A"), as_of=DAY - timedelta(days=1))

    with pytest.raises(Refused, match="preview_outdated"), commit():
        actions.apply_batch(batch, found, by=viewer(), at=AT)

    assert db.session.get_one(Batch, batch.id).state == "previewed"
    assert case("A").meaning == "finished"


def test_what_an_import_makes_leaves_the_preview_true(place: Unit, tmp_path: Path, bring: Import) -> None:
    bring(open_row("A", officer=""), as_of=DAY - timedelta(days=1))
    found = prepared(tmp_path, [open_row("A", officer="Người Mới"), open_row("B")], as_of=DAY, create_unknown=True)
    batch = preview(found)

    with commit():
        applied = actions.apply_batch(batch, found, by=viewer(), at=AT)

    assert applied.plan.counts.changed == 1
    assert case("A").officer_id is not None
    assert ("officer_id", None, str(case("A").officer_id), "officer_changed") in changes("A")


def test_a_look_writes_nothing(place: Unit, tmp_path: Path, app: Flask) -> None:
    made = actions.look(prepared(tmp_path, [open_row("A"), open_row("B", due="sai")]))

    assert (made.counts.new, made.counts.rejected) == (1, 1)
    assert db.session.scalar(select(func.count(Batch.id))) == db.session.scalar(select(func.count(Case.id))) == 0


def test_strict_refuses_a_file_with_a_faulty_row(place: Unit, tmp_path: Path) -> None:
    found = prepared(tmp_path, [open_row("A"), open_row("B", due="sai")])

    with pytest.raises(Refused, match="strict"), commit():
        actions.import_prepared(found, by=None, at=AT, strict=True)


def test_progress_is_told_by_phases(place: Unit, tmp_path: Path) -> None:
    told: list[tuple[str, int, int | None]] = []
    path = text(tmp_path / "l.csv", [open_row("A"), open_row("B")])

    found = preparing.prepare(Upload(path, path.name), Wishes(), at=AT, progress=lambda *said: told.append(said))
    with commit():
        actions.import_prepared(found, by=None, at=AT, progress=lambda *said: told.append(said))

    assert list(dict.fromkeys(phase for phase, _, _ in told)) == ["read", "checked", "applied"]
    assert told[-1] == ("applied", 2, 2)


# --- changes as facts


def twice(bring: Import, first: list[Any], second: list[Any], headings: tuple[str, ...] = HEADINGS) -> Applied:
    bring(first, headings=headings, as_of=DAY)
    return bring(second, headings=headings, as_of=DAY + timedelta(days=1))


def test_a_moved_receipt_is_a_fact(place: Unit, bring: Import) -> None:
    twice(bring, open_row("A"), open_row("A", received="03/10/2023 08:00"))

    assert kinds("A")["received_at"] == "received_changed"


@pytest.mark.parametrize(
    ("first", "second", "field"),
    [
        ("Đang xử lý", "Mới đăng ký", "meaning"),
        ("Đang xử lý", "Được tiếp nhận", "status_text"),
        ("4", "2", "status_text"),
    ],
)
def test_a_status_that_goes_backwards_is_a_fact(
    place: Unit, bring: Import, first: str, second: str, field: str
) -> None:
    twice(bring, open_row("A", status=first), open_row("A", status=second))

    assert kinds("A")[field] == "status_backwards"


@pytest.mark.parametrize(
    ("first", "second"),
    [("Được tiếp nhận", "Đang xử lý"), ("Đang xử lý", "Yêu cầu bổ sung giấy tờ"), ("Lạ lùng", "Được tiếp nhận")],
)
def test_a_status_that_goes_on_is_none(place: Unit, bring: Import, first: str, second: str) -> None:
    twice(bring, open_row("A", status=first), open_row("A", status=second))

    assert "status_backwards" not in kinds("A").values()


def test_a_reopening_is_told_as_one(place: Unit, bring: Import) -> None:
    twice(bring, row("A"), open_row("A"))

    assert kinds("A")["finished_at"] == "reopened"
    assert "status_backwards" not in kinds("A").values()


def test_a_supplement_asked_for_again_is_a_fact(place: Unit, bring: Import) -> None:
    twice(bring, open_row("A", status="Yêu cầu bổ sung giấy tờ"), open_row("A"))
    assert "supplement_again" not in kinds("A").values()

    bring(open_row("A", status="Yêu cầu bổ sung giấy tờ"), as_of=DAY + timedelta(days=2))

    again = [item for item in changes("A") if item[3] == "supplement_again"]
    assert again == [("status_text", "Đang xử lý", "Yêu cầu bổ sung giấy tờ", "supplement_again")]


def test_a_second_date_of_a_supplement_is_a_fact(place: Unit, bring: Import) -> None:
    headings = (*HEADINGS, "Ngày yêu cầu bổ sung")
    twice(bring, [*open_row("A"), "04/10/2023"], [*open_row("A"), "06/10/2023"], headings)

    assert case("A").supplement_asked_at == datetime(2023, 10, 6)
    assert kinds("A")["supplement_asked_at"] == "supplement_again"


def test_a_finish_without_its_result_is_a_fact(place: Unit, bring: Import) -> None:
    headings = (*HEADINGS, "Số văn bản kết quả")
    bring([*open_row("A"), ""], [*open_row("B"), ""], headings=headings, as_of=DAY)
    applied = bring([*row("A"), ""], [*row("B"), "12/QĐ-UBND"], headings=headings, as_of=DAY + timedelta(days=1))

    assert kinds("A")["result_ref"] == "premature_closure"
    assert (case("B").result_ref, kinds("B")["result_ref"]) == ("12/QĐ-UBND", "changed")
    assert [remark.reason for remark in applied.plan.warnings] == ["premature_closure"]


def test_without_a_column_of_results_nothing_is_suspected(place: Unit, bring: Import) -> None:
    applied = twice(bring, open_row("A"), row("A"))

    assert "premature_closure" not in kinds("A").values()
    assert not applied.plan.warnings

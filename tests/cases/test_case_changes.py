"""Changes between imports: in words on the case page, as a list with counts, within the viewer's scope."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from portal import clock
from portal.cases.change_filters import WORTH_ASKING, ChangeFilters, ChangeKind
from portal.cases.change_words import KINDS, NOTES
from portal.cases.models import Case, CaseChange
from portal.database import commit, db
from portal.imports.models import Batch
from tests.cases.test_list_plans import statements
from tests.factories import Make

NOW = datetime(2023, 10, 16, 16, 0)
MOST_QUERIES = 12


@pytest.fixture(autouse=True)
def _on_the_day(at: Callable[[datetime], None]) -> None:
    at(NOW)


def batch(make: Make, case: Case, *, as_of: datetime = NOW, unit_id: int | None = None) -> Batch:
    """A batch that was applied."""
    facts = {"file_name": "ds.csv", "file_sha256": "0" * 64, "size": 1, "uploaded_at": clock.now()}
    return make.add(Batch(source_id=case.source_id, unit_id=unit_id, state="applied", data_as_of=as_of, **facts))


def change(make: Make, case: Case, kind: str, field: str, old: str | None, new: str | None, **more: Any) -> CaseChange:
    """A difference an import kept."""
    return make.add(CaseChange(case_id=case.id, kind=kind, field=field, old=old, new=new, **more))


def moved(make: Make, case: Case, **more: Any) -> CaseChange:
    """A due date moved from the 12th to the 19th of October."""
    return change(make, case, "due_later", "due_at", "2023-10-12T17:00:00", "2023-10-19T17:00:00", **more)


def test_a_moved_due_date_is_told_with_direction_distance_batch_and_pauses(make: Make, signed_in: Any) -> None:
    unit = make.unit()
    case, paused = make.case(unit=unit), make.case(unit=unit)
    lot = batch(make, case)
    moved(make, case, batch_id=lot.id)
    moved(make, paused, batch_id=lot.id)
    make.pause(paused, "2023-10-10 08:00", "2023-10-11 08:00")
    client = signed_in("head", unit)

    text = client.get(f"/cases/{case.id}").text

    assert "hạn trả dời muộn 5 ngày làm việc: 12/10/2023 17:00 → 19/10/2023 17:00, không có tạm dừng được ghi" in text
    assert f"lô {lot.id}" in text
    assert "có 1 lần tạm dừng được ghi" in client.get(f"/cases/{paused.id}").text


def test_who_was_officer_before_and_after_is_told_by_name(make: Make, signed_in: Any) -> None:
    unit = make.unit()
    old, new = make.officer(unit, "Lê Thị Hạnh"), make.officer(unit, "Phạm Văn Nam")
    case = make.case(unit=unit, officer=new)
    change(make, case, "officer_changed", "officer_id", str(old.id), str(new.id))
    change(make, case, "officer_changed", "officer_id", None, str(old.id))

    text = signed_in("head", unit).get(f"/cases/{case.id}").text

    assert "công chức Lê Thị Hạnh → Phạm Văn Nam" in text
    assert "công chức chưa xác định → Lê Thị Hạnh" in text


def test_a_batch_is_linked_exactly_where_its_page_opens(make: Make, signed_in: Any) -> None:
    here, there = make.unit(), make.unit()
    case = make.case(unit=here)
    mine, other = batch(make, case, unit_id=here.id), batch(make, case, unit_id=there.id)
    moved(make, case, batch_id=mine.id)
    moved(make, case, batch_id=other.id)

    for role in ("monitoring_office", "head"):
        client = signed_in(role, here)
        text = client.get("/cases/changes").text
        for lot in (mine, other):
            opens = client.get(f"/imports/{lot.id}").status_code == 200
            assert (f'href="/imports/{lot.id}"' in text) == opens
            assert f"lô {lot.id}" in text


def test_only_changes_of_the_viewers_cases_are_listed_and_counted(make: Make, signed_in: Any) -> None:
    here, there = make.unit(), make.unit()
    officer = make.officer(here)
    mine = make.case(unit=here, officer=officer, code="MINE")
    moved(make, mine)
    moved(make, make.case(unit=here, code="BESIDE"))
    moved(make, make.case(unit=there, code="ELSEWHERE"))

    assert codes(signed_in(officer).get("/cases/changes").text) == ["MINE"]
    assert codes(signed_in("head", here).get("/cases/changes").text) == ["BESIDE", "MINE"]


def test_the_list_begins_with_what_is_worth_asking(make: Make, signed_in: Any) -> None:
    unit = make.unit()
    case = make.case(unit=unit, code="A")
    change(make, case, "finished", "finished_at", None, "2023-10-12T17:00:00")
    change(make, case, "premature_closure", "result_number", None, None)
    client = signed_in("head", unit)

    asked, every = client.get("/cases/changes").text, client.get("/cases/changes?kind=all").text

    assert "nghi đóng hồ sơ sớm" in asked and len(codes(asked)) == 1
    assert len(codes(every)) == 2
    assert "có thể đã đóng hồ sơ khi chưa có kết quả" in asked


def test_each_kind_has_words_and_each_worth_asking_says_why() -> None:
    assert set(KINDS) == set(ChangeKind)
    assert set(NOTES) == set(WORTH_ASKING)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kind=due_later", ["B", "A"]),
        ("kind=officer_changed", ["C"]),
        ("unit={here}", ["B", "A"]),
        ("officer={officer}", ["C"]),
        ("batch={batch}", ["A"]),
        ("source={source}", ["A"]),
        ("from=15/10/2023", ["C", "A"]),
        ("to=14/10/2023", ["B"]),
        ("from=15/10/2023&unit={here}", ["A"]),
        ("kind=nonsense&unit=x", ["C", "B", "A"]),
    ],
)
def test_filters_narrow_the_list_and_its_counts(query: str, found: list[str], make: Make, signed_in: Any) -> None:
    above = make.unit()
    here, there = make.unit(reports_in=above), make.unit(reports_in=above)
    officer = make.officer(there)
    a, b, c = make.case(unit=here, code="A"), make.case(unit=here, code="B"), make.case(unit=there, code="C")
    lot, older, third = batch(make, a), batch(make, b, as_of=datetime(2023, 10, 14, 8, 0)), batch(make, c)
    moved(make, a, batch_id=lot.id)
    moved(make, b, batch_id=older.id)
    change(make, c, "officer_changed", "officer_id", str(officer.id), None, batch_id=third.id)
    client = signed_in("monitoring_office", above)

    values = {"here": here.id, "officer": officer.id, "batch": lot.id, "source": a.source_id}
    text = client.get(f"/cases/changes?{query.format(**values)}").text

    assert codes(text) == found
    assert f"{len(found)} / {len(found)}" in text


def test_changes_of_an_undone_batch_leave_the_counts_and_stay_on_the_case(make: Make, signed_in: Any) -> None:
    unit = make.unit()
    case = make.case(unit=unit, code="A")
    lot = batch(make, case)
    moved(make, case, batch_id=lot.id)
    change(make, case, "undone", "due_at", "2023-10-19T17:00:00", "2023-10-12T17:00:00", batch_id=lot.id)
    moved(make, make.case(unit=unit, code="B"))
    undone = db.session.get(Batch, lot.id)
    db.session.rollback()
    with commit():
        undone = db.session.merge(undone)
        undone.state = "undone"
    client = signed_in("head", unit)

    assert codes(client.get("/cases/changes").text) == ["B"]
    assert codes(client.get("/cases/changes?kind=undone").text) == ["A"]
    assert codes(client.get(f"/cases/changes?batch={lot.id}").text) == ["A"]
    assert "lô đã hoàn tác" in client.get(f"/cases/{case.id}").text


@pytest.mark.parametrize("role", ["head", "officer"])
def test_pages_and_counts_agree_with_a_walk_over_all_changes(role: str, make: Make, signed_in: Any) -> None:
    here, there = make.unit(), make.unit()
    person = make.in_role(role, here)
    chance = random.Random(5)
    cases = [make.case(unit=chance.choice([here, there]), officer=chance.choice([person, None])) for _ in range(6)]
    made = [(case, kind) for case in cases for kind in chance.sample(list(ChangeKind), 5)]
    for case, kind in made:
        change(make, case, kind.value, "status_text", "a", "b")
    client = signed_in(person)
    mine = [(case, kind) for case, kind in made if (case.officer_id == person.id or
            (role == "head" and case.resolving_unit_id == here.id))]  # fmt: skip

    for wanted in ("notable", "all", *ChangeKind):
        fits = [case.code for case, kind in mine if wanted in ("all", kind) or
                (wanted == "notable" and kind in WORTH_ASKING)]  # fmt: skip
        text = client.get(f"/cases/changes?kind={wanted}").text
        assert sorted(codes(text)) == sorted(fits), wanted
        assert not fits or f"{len(fits)} / {len(fits)}" in text


def test_pages_go_forth_and_back(make: Make, signed_in: Any) -> None:
    unit = make.unit()
    case = make.case(unit=unit)
    for _ in range(103):
        moved(make, case)
    client = signed_in("head", unit)

    first = client.get("/cases/changes").text
    second = client.get(link(first, "next")).text
    third = client.get(link(second, "next")).text
    back = client.get(link(third, "prev")).text

    assert [len(codes(text)) for text in (first, second, third, back)] == [50, 50, 3, 50]
    assert 'rel="next"' not in third and 'rel="prev"' not in first
    assert "50 / 103" in first


def test_the_workbook_holds_all_rows_its_count_and_no_formula(make: Make, signed_in: Any) -> None:
    unit = make.unit(name="=HYPERLINK(1)")
    case = make.case(unit=unit, code="=1+1")
    for _ in range(60):
        moved(make, case)
    change(make, case, "changed", "status_text", None, "=cmd()")

    answer = signed_in("head", unit).get("/cases/changes/export.xlsx?kind=all")
    sheet = openpyxl.load_workbook(BytesIO(answer.data)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    cells = [cell for row in sheet.iter_rows() for cell in row]

    assert any(row[0] == "Số dòng: 61" for row in rows)
    assert sum(row[0] == "=1+1" for row in rows) == 61
    assert not [cell for cell in cells if cell.data_type == "f"]


def test_masked_readers_find_no_applicant_in_a_change(make: Make, signed_in: Any) -> None:
    unit = make.unit()
    case = make.case(unit=unit)
    change(make, case, "changed", "applicant_name", "Nguyễn Văn An", "Nguyễn Văn Ân")

    text = signed_in("home_affairs", unit).get("/cases/changes?kind=all").text

    assert ("Nguyễn Văn An" in text) == (
        "Nguyễn Văn An" in signed_in("home_affairs", unit).get(f"/cases/{case.id}").text
    )


def test_the_list_costs_few_statements(make: Make, signed_in: Any) -> None:
    above = make.unit()
    units = [make.unit(reports_in=above) for _ in range(3)]
    people = [make.officer(unit) for unit in units]
    for number in range(30):
        case = make.case(unit=units[number % 3], officer=people[number % 3])
        lot = batch(make, case)
        moved(make, case, batch_id=lot.id)
        change(make, case, "officer_changed", "officer_id", None, str(people[0].id), batch_id=lot.id)
        change(make, case, "unit_changed", "resolving_unit_id", str(units[0].id), str(units[1].id), batch_id=lot.id)
    client = signed_in("monitoring_office", above)
    url = f"/cases/changes?kind=all&unit={above.id}&below=1&source={case.source_id}&from=01/10/2023"
    client.get(url)

    with statements() as heard:
        client.get(url)

    sent = [one for one in heard if not one[0].startswith("BEGIN")]
    assert len(sent) <= MOST_QUERIES, "\n".join(text for text, _ in sent)


def test_what_a_url_says_survives_the_round() -> None:
    filters = ChangeFilters.from_args(
        {
            "kind": "due_later",
            "unit": "3",
            "below": "1",
            "officer": "4",
            "batch": "5",
            "source": "6",
            "to": "16/10/2023",
        }
    )

    assert ChangeFilters.from_args(filters.to_args()) == filters


def codes(text: str) -> list[str]:
    """The codes of a list, in order."""
    return [part.split("</a>")[0] for part in text.split('<td class="code">')[1:] for part in [part.split(">", 1)[1]]]


def link(text: str, rel: str) -> str:
    """The address of the next or previous page."""
    return text.split(f'rel="{rel}"')[1].split('href="')[1].split('"')[0].replace("&amp;", "&")

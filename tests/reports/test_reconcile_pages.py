"""A source's report beside our numbers: typed, uploaded, corrected; the cases that differ; scope, cost, export."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select

from portal import clock
from portal.audit.models import AuditEvent
from portal.cases.models import CaseChange
from portal.database import db
from portal.directory.models import Unit
from portal.guard import Viewer
from portal.imports.models import Batch, BatchRow, PendingRow
from portal.reports import queries
from portal.reports.models import SourceCode, SourceCodeList, SourceReport, SourceReportRow
from portal.reports.rules import Figure
from tests.cases.test_list_plans import statements
from tests.factories import Make

NOW = datetime(2023, 10, 16, 16, 0)
MOST_QUERIES = 13
"""One more than other pages: these read the moment of one source themselves, so the bell has a statement of its own."""
ADDRESS = "/reports/reconciliations"
COMMAND = Viewer.for_command()


@pytest.fixture(autouse=True)
def _on_the_day(at: Callable[[datetime], None]) -> None:
    at(NOW)


def district(make: Make) -> tuple[Unit, Unit, Unit]:
    """A district with two communes."""
    above = make.unit("UBND huyện Krông Nô", kind="district")
    return above, make.unit("UBND xã Đắk Drô", reports_in=above), make.unit("UBND xã Nâm Nung", reports_in=above)


def report(make: Make, above: Unit, told: dict[int | None, dict[str, int]], **more: Any) -> SourceReport:
    """A report that was kept, of the year so far."""
    facts = {"from_on": date(2023, 1, 1), "to_on": date(2023, 10, 16), "as_of": NOW, "door": "typed", "author": "Hà",
             "at": clock.now(), "unit_id": above.id, **more}  # fmt: skip
    kept = make.add(SourceReport(**facts))
    for unit_id, figures in told.items():
        make.add(SourceReportRow(report_id=kept.id, unit_id=unit_id, unit_text="", figures=figures))
    return kept


def codes_list(make: Make, kept: SourceReport, figure: str, codes: dict[str, int | None]) -> SourceCodeList:
    """A list of codes that came with a report."""
    facts = {"heading": "Mã hồ sơ", "file_name": "ds.xlsx", "file_sha256": "0" * 64, "author": "Hà", "at": clock.now()}
    found = make.add(SourceCodeList(report_id=kept.id, figure=figure, **facts))
    for code, unit_id in codes.items():
        make.add(SourceCode(list_id=found.id, code=code, unit_id=unit_id))
    return found


def head(**more: Any) -> dict[str, Any]:
    """What a form says of the report itself."""
    return {"source": "0", "from_on": "01/01/2023", "to_on": "16/10/2023", "as_of": "", "note": "", **more}


def sheet(rows: list[list[object]]) -> BytesIO:
    """A workbook to upload."""
    book, written = openpyxl.Workbook(), BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(written)
    written.seek(0)
    return written


def test_a_typed_report_stands_beside_our_numbers_with_differences(make: Make, signed_in: Any) -> None:
    above, one, other = district(make)
    make.case(unit=one)
    make.case(unit=one, finished="2023-10-09 08:00")
    make.case(unit=other)
    client = signed_in("monitoring_office", above)

    answer = client.post(ADDRESS, data=head(**{f"f-{one.id}-overdue": "0", f"f-{one.id}-late": "1.002"}))
    text = client.get(answer.headers["Location"]).text

    assert answer.status_code == 303
    assert "+1" in text and "−1.002" in text
    assert "(không có trong báo cáo)" in text
    kept = db.session.scalars(select(SourceReportRow)).one()
    assert kept.figures == {"overdue": 0, "late": 1002}
    assert db.session.scalars(select(AuditEvent.kind).where(AuditEvent.entity == "source_report")).all() == [
        "source_report.saved"
    ]


def test_what_was_not_told_is_never_zero(make: Make, signed_in: Any) -> None:
    above, one, _ = district(make)
    make.case(unit=one)
    kept = report(make, above, {one.id: {"late": 3}})

    found = queries.compare(kept, COMMAND)
    cells = next(line for line in found.lines if line.unit_id == one.id).cells

    assert cells[Figure.OVERDUE].theirs is None and cells[Figure.OVERDUE].difference is None
    assert cells[Figure.LATE].difference == -3
    assert list(found.figures) == [Figure.LATE]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (head(), "Chưa có đơn vị nào được ghi số liệu."),
        (head(from_on="17/10/2023"), "Ngày đầu kỳ nằm sau ngày cuối kỳ."),
        (head(as_of="17/10/2024"), "Thời điểm số liệu nằm trước kỳ hoặc ở tương lai."),
        (head(as_of="hôm qua"), "Hãy ghi thời điểm"),
        (head(**{"f-{unit}-late": "mười"}), "Số đếm chỉ viết bằng chữ số"),
    ],
)
def test_what_cannot_be_kept_is_said_and_stays_on_the_page(
    data: dict[str, str], said: str, make: Make, signed_in: Any
) -> None:
    above, one, _ = district(make)
    typed = {name.format(unit=one.id): value for name, value in data.items()}
    if not any(name.startswith("f-") for name in typed) and "Chưa có" not in said:
        typed[f"f-{one.id}-late"] = "7"

    answer = signed_in("monitoring_office", above).post(ADDRESS, data=typed)

    assert answer.status_code == 422 and said in answer.text
    assert all(f'value="{value}"' in answer.text for name, value in typed.items() if name.startswith("f-"))
    assert not db.session.scalars(select(SourceReport)).all()


def test_a_correction_is_a_new_version_and_the_old_one_stays(make: Make, signed_in: Any) -> None:
    above, one, _ = district(make)
    kept = report(make, above, {one.id: {"late": 3}})
    client = signed_in("monitoring_office", above)

    form = client.get(f"{ADDRESS}/{kept.id}/correct").text
    answer = client.post(f"{ADDRESS}/{kept.id}/correct", data=head(**{f"f-{one.id}-late": "4"}))
    again = client.post(f"{ADDRESS}/{kept.id}/correct", data=head(**{f"f-{one.id}-late": "5"}))

    assert f'name="f-{one.id}-late" value="3"' in form
    assert answer.status_code == 303 and again.status_code == 422
    newest = db.session.scalars(select(SourceReport).where(SourceReport.replaces_id == kept.id)).one()
    assert (newest.number, newest.root_id) == (2, kept.id)
    assert "đã được đính chính" in client.get(f"{ADDRESS}/{kept.id}").text
    listed = client.get(ADDRESS).text
    assert f"{ADDRESS}/{newest.id}" in listed and f'{ADDRESS}/{kept.id}"' not in listed


def test_an_uploaded_report_is_shown_first_and_kept_as_confirmed(make: Make, signed_in: Any) -> None:
    above, one, other = district(make)
    rows: list[list[object]] = [
        ["Từ ngày 01/01/2023 đến ngày 16/10/2023"],
        ["STT", "Đơn vị", "Đã giải quyết", "Đang giải quyết", "Ghi chú"],
        ["(1)", "(2)", "(3)", "(4)", "(5)"],
        [1, "UBND xã Đắk Drô", "1.234", 5, ""],
        [2, "Xã lạ", 7, 1, ""],
        ["", "Tổng cộng", "1.241", 6, ""],
    ]
    client = signed_in("monitoring_office", above)

    shown = client.post(f"{ADDRESS}/read", data={**head(from_on="", to_on=""), "one_unit": "0",
                                                 "file": (sheet(rows), "bc.xlsx")})  # fmt: skip
    assert (
        shown.status_code == 200 and "01/01/2023" in shown.text and not db.session.scalars(select(SourceReport)).all()
    )
    sha = shown.text.split('name="sha256"')[1].split('value="')[1].split('"')[0]
    columns = {"col-1": "unit", "col-2": "resolved", "col-3": "open"}
    data = head(file_name="bc.xlsx", sha256=sha, one_unit="0", **columns, **{"unit-5": str(other.id)})
    answer = client.post(f"{ADDRESS}/take", data=data)

    assert answer.status_code == 303
    kept = db.session.scalars(select(SourceReport)).one()
    rows_kept = db.session.scalars(select(SourceReportRow).order_by(SourceReportRow.id)).all()
    assert kept.headings == {"unit": "Đơn vị", "resolved": "Đã giải quyết", "open": "Đang giải quyết"}
    assert [(row.unit_id, row.is_total, row.figures) for row in rows_kept] == [
        (one.id, False, {"resolved": 1234, "open": 5}),
        (other.id, False, {"resolved": 7, "open": 1}),
        (None, True, {"resolved": 1241, "open": 6}),
    ]
    assert client.post(f"{ADDRESS}/take", data=data).status_code == 409


def test_a_file_that_is_no_report_is_refused_in_words(make: Make, signed_in: Any) -> None:
    above, _, _ = district(make)
    client = signed_in("monitoring_office", above)

    for data, name in ((sheet([["Mã", "Tên"], ["1", "2"]]), "a.xlsx"), (BytesIO(b"%PDF"), "a.pdf")):
        answer = client.post(f"{ADDRESS}/read", data={**head(), "one_unit": "0", "file": (data, name)})
        assert answer.status_code == 422 and "field-error" in answer.text


def test_every_number_of_ours_leads_to_exactly_its_cases(make: Make) -> None:
    above, one, _ = district(make)
    chance = random.Random(7)
    moments = ["2023-01-05 08:00", "2023-10-16 10:00", "2022-12-20 08:00", "2023-10-10 17:00"]
    for _ in range(40):
        received = chance.choice(["2022-12-01 08:00", "2023-02-01 08:00", "2023-10-01 08:00"])
        finished = chance.choice([None, *moments])
        due = chance.choice([None, "2023-10-10 17:00", "2023-10-16 12:00", "2023-12-01 17:00"])
        meaning = chance.choice(["open", "paused"] if finished is None else ["finished", "withdrawn", "refused"])
        make.case(unit=one, received=received, due=due, finished=finished, meaning=meaning)
    for as_of in (NOW, datetime(2023, 10, 16, 11, 0), datetime(2023, 10, 12, 9, 0)):
        kept = report(make, above, {one.id: {figure.value: 0 for figure in Figure}}, as_of=as_of)
        line = next(line for line in queries.compare(kept, COMMAND).lines if line.unit_id == one.id)

        for figure in Figure:
            assert queries.cases_in(kept, COMMAND, figure, one.id).count() == line.cells[figure].ours, figure


def test_the_codes_that_differ_explain_the_difference(make: Make) -> None:
    above, one, other = district(make)
    chance = random.Random(11)
    for turn in range(4):
        mine = [make.case(unit=chance.choice([one, other]), code=f"T{turn}-{n}").code for n in range(12)]
        shared = {code: chance.choice([None, one.id, other.id]) for code in mine if chance.random() < 0.6}
        theirs = {**shared, **{f"X{turn}-{n}": chance.choice([None, one.id, other.id]) for n in range(5)}}
        kept = report(make, above, {one.id: {"overdue": 0}, other.id: {"overdue": 0}})
        found = codes_list(make, kept, "overdue", theirs)

        for unit_id in (None, one.id, other.id):
            compared = queries.compare_codes(kept, found, COMMAND, unit_id)
            assert compared.ours - compared.theirs == len(compared.only_ours) - len(compared.only_theirs)
            assert compared.split.difference == compared.ours - compared.theirs
            assert compared.ours == queries.cases_in(kept, COMMAND, Figure.OVERDUE, unit_id).count()
        whole = queries.compare_codes(kept, found, COMMAND)
        assert whole.theirs == len(theirs)
        assert sum(sums[1] for sums in whole.by_unit.values()) == len(whole.only_ours)
        assert sum(sums[2] for sums in whole.by_unit.values()) == len(whole.only_theirs)
        assert all(odd.facts for odd in (*whole.only_ours, *whole.only_theirs))


def test_each_code_that_differs_says_what_we_know_of_it(make: Make, signed_in: Any) -> None:
    above, one, other = district(make)
    source = make.source("iGate")
    overdue = make.case(unit=one, code="O1", source=source)
    make.add(CaseChange(case_id=overdue.id, kind="due_earlier", field="due_at", old="2023-10-20", new="2023-10-10"))
    make.case(unit=one, code="P1", due=None)
    make.case(unit=other, code="P2", finished="2023-10-09 08:00")
    make.case(unit=one, code="P3", gone_since=NOW, meaning="paused")
    facts = {"file_name": "ds.csv", "file_sha256": "0" * 64, "size": 1, "uploaded_at": clock.now()}
    batch = make.add(Batch(source_id=source.id, state="applied", data_as_of=NOW, **facts))
    waiting = {"batch_id": batch.id, "source_id": source.id, "data_as_of": NOW, "payload": "{}"}
    make.add(PendingRow(code="P4", unit_text="Xã lạ", unit_folded="xa la", **waiting))
    make.add(BatchRow(batch_id=batch.id, kind="rejected", value="P5", reason="impossible_date", facts={}))
    kept = report(make, above, {one.id: {"overdue": 6}})
    codes_list(make, kept, "overdue", {f"P{n}": one.id for n in range(1, 7)})

    text = signed_in("monitoring_office", above).get(f"{ADDRESS}/{kept.id}/codes/overdue").text

    for code, why in {"O1": "hạn trả đã bị dời", "P1": "thiếu hạn trả", "P2": "đơn vị khác giải quyết",
                      "P3": "không còn trong nguồn", "P4": "đang chờ gán đơn vị", "P5": "bị từ chối khi nhập",
                      "P6": "cổng không biết mã này"}.items():  # fmt: skip
        row = next(
            row for row in text.split("<tr>") if f">{code}<" in row or f"\n  {code}" in row or f">{code}</td>" in row
        )
        assert why in row, (code, row)


def test_a_list_of_codes_is_read_from_a_file(make: Make, signed_in: Any) -> None:
    above, one, _ = district(make)
    make.case(unit=one, code="000.00.01.H18-231016-0001")
    kept = report(make, above, {one.id: {"overdue": 2}})
    rows: list[list[object]] = [
        ["DANH SÁCH HỒ SƠ QUÁ HẠN"],
        ["STT", "Mã hồ sơ", "Chủ hồ sơ", "Đơn vị xử lý"],
        [1, "000.00.01.H18-231016-0001", "An", "UBND xã Đắk Drô"],
        [2, "000.00.01.H18-231016-0002", "Bình", "UBND xã Đắk Drô"],
        [3, "000.00.01.H18-231016-0002", "Bình", "UBND xã Đắk Drô"],
        ["", "Tổng cộng: 2 hồ sơ"],
    ]
    client = signed_in("monitoring_office", above)

    answer = client.post(f"{ADDRESS}/{kept.id}/codes", data={"figure": "overdue", "file": (sheet(rows), "ds.xlsx")})
    text = client.get(answer.headers["Location"]).text

    found = db.session.scalars(select(SourceCode).order_by(SourceCode.code)).all()
    assert [(row.code[-4:], row.unit_id) for row in found] == [("0001", one.id), ("0002", one.id)]
    assert "1 mã lặp lại" in text and "1 − 2 = -1" in text
    assert "An" not in "".join(row.unit_text for row in found)


def test_heads_read_their_own_unit_and_nothing_beside(make: Make, signed_in: Any) -> None:
    above, one, other = district(make)
    make.case(unit=one, code="MINE")
    make.case(unit=other, code="OTHERS")
    kept = report(make, above, {one.id: {"overdue": 9}, other.id: {"overdue": 8}, None: {"overdue": 7}})
    codes_list(make, kept, "overdue", {"X-ONE": one.id, "X-OTHER": other.id, "X-NOBODY": None})
    client = signed_in("head", one)

    text = client.get(f"{ADDRESS}/{kept.id}").text
    codes = client.get(f"{ADDRESS}/{kept.id}/codes/overdue").text

    assert one.name in text and other.name not in text
    assert "X-ONE" in codes and "MINE" in codes
    assert not any(word in codes for word in ("X-OTHER", "X-NOBODY", "OTHERS"))
    assert client.get(f"{ADDRESS}/{kept.id}/units/{other.id}/overdue").status_code == 404
    assert client.get(f"{ADDRESS}/{kept.id}/units/{one.id}/nonsense").status_code == 404
    assert client.post(ADDRESS, data=head()).status_code == 403
    stranger = signed_in("head", make.unit())
    assert stranger.get(f"{ADDRESS}/{kept.id}").status_code == 404
    for role in ("home_affairs", "chair"):
        assert other.name in signed_in(role, above).get(f"{ADDRESS}/{kept.id}").text


def test_who_reads_a_part_neither_corrects_nor_adds_codes(make: Make, signed_in: Any) -> None:
    """A correction would replace the whole report by the part they read."""
    above, one, other = district(make)
    kept = report(make, above, {one.id: {"overdue": 9}, other.id: {"overdue": 8}})
    client = signed_in("monitoring_office", one)
    codes = (sheet([["Mã hồ sơ"], ["H-0001"]]), "ds.xlsx")

    shown = client.get(f"{ADDRESS}/{kept.id}")

    assert shown.status_code == 200 and "/correct" not in shown.text
    assert client.get(f"{ADDRESS}/{kept.id}/correct").status_code == 404
    assert client.post(f"{ADDRESS}/{kept.id}/correct", data=head(**{f"f-{one.id}-overdue": "0"})).status_code == 404
    sent = client.post(f"{ADDRESS}/{kept.id}/codes", data={"figure": "overdue", "file": codes})
    assert sent.status_code == 404 and db.session.scalar(select(SourceCodeList)) is None


@pytest.mark.parametrize("sign", ["²", "٣", "9" * 5000])
def test_a_number_of_strange_digits_is_no_number(sign: str, make: Make, signed_in: Any) -> None:
    above, one, _ = district(make)
    make.case(unit=one)
    client = signed_in("monitoring_office", above)
    month = f"/figures/aggregates/{one.id}/2023/9"

    assert client.get(f"/cases?show=all&sort=code&after=A~{sign}").status_code == 200
    assert client.get(f"/cases/changes?after={sign}").status_code == 200
    kept = client.post(month, data={"rows": "1", "field-0": "", "v-0-payments": "3", "source": "Sổ", "seen": sign})
    assert kept.status_code == 303
    table = (sheet([["Đơn vị", "Tiếp nhận", "Quá hạn"], [one.name, 4, 1]]), "bc.xlsx")
    read = client.post(f"{ADDRESS}/read", data={**head(), "file": table, "one_unit": sign})
    assert read.status_code in (200, 422)
    taken = {**head(), "file_name": "bc.xlsx", "sha256": "0" * 64, "one_unit": sign, f"unit-{sign}": sign}
    assert client.post(f"{ADDRESS}/take", data=taken).status_code in (409, 422)


def test_near_misses_of_a_cell_are_counted_and_shown(make: Make, signed_in: Any) -> None:
    above, one, other = district(make)
    make.case(unit=one, code="NO-TERM", due=None)
    make.case(unit=one, code="GONE", gone_since=NOW)
    moved = make.case(unit=other, code="MOVED")
    make.add(
        CaseChange(case_id=moved.id, kind="unit_changed", field="resolving_unit_id", old=str(one.id), new=str(other.id))
    )
    make.case(unit=one, code="PLAIN")
    kept = report(make, above, {one.id: {"overdue": 5}})

    text = signed_in("monitoring_office", above).get(f"{ADDRESS}/{kept.id}/units/{one.id}/overdue").text
    near, cases = text.split("Hồ sơ của ta trong số này", 1)

    assert all(code in near for code in ("NO-TERM", "GONE", "MOVED")) and "PLAIN" not in near
    assert "PLAIN" in cases and "GONE" in cases and "MOVED" not in cases


def test_only_the_cases_of_the_reports_source_are_counted(make: Make) -> None:
    above, one, _ = district(make)
    source = make.source("iGate")
    make.case(unit=one, source=source)
    make.case(unit=one)
    told = {one.id: {"overdue": 1}}

    with_source = queries.compare(report(make, above, told, source_id=source.id), COMMAND)
    without = queries.compare(report(make, above, told), COMMAND)

    assert with_source.totals.cells[Figure.OVERDUE].difference == 0
    assert without.totals.cells[Figure.OVERDUE].difference == 1


def test_the_workbook_holds_both_sides_and_no_formula(make: Make, signed_in: Any) -> None:
    above, one, _ = district(make)
    make.case(unit=one, code="=1+1")
    kept = report(make, above, {one.id: {"overdue": 3}}, author="=A1")
    codes_list(make, kept, "overdue", {"=X1": one.id})

    answer = signed_in("monitoring_office", above).get(f"{ADDRESS}/{kept.id}/export.xlsx")
    book = openpyxl.load_workbook(BytesIO(answer.data))
    values = {str(cell.value) for name in book.sheetnames for row in book[name].iter_rows() for cell in row}
    kinds = {cell.data_type for name in book.sheetnames for row in book[name].iter_rows() for cell in row}

    assert {"=1+1", "=X1", "-2"} <= values and "f" not in kinds
    assert len(book.sheetnames) == 3


@pytest.mark.parametrize("what", ["", "/units/{unit}/overdue", "/codes/overdue", "/correct"])
def test_a_page_costs_few_statements(what: str, make: Make, signed_in: Any) -> None:
    above, one, other = district(make)
    for number in range(12):
        make.case(unit=one if number % 2 else other, code=f"C{number}")
    kept = report(make, above, {one.id: {"overdue": 3, "late": 1}, other.id: {"overdue": 2}})
    codes_list(make, kept, "overdue", {f"C{number}": one.id for number in range(6, 20)})
    client = signed_in("monitoring_office", above)
    url = f"{ADDRESS}/{kept.id}{what.format(unit=one.id)}"
    client.get(url)

    with statements() as heard:
        assert client.get(url).status_code == 200

    sent = [text for text, _ in heard if not text.startswith("BEGIN")]
    assert len(sent) <= MOST_QUERIES, "\n".join(sent)

"""A province of a million cases, and the next export of its one-stop system. The same every time."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import xlsxwriter
from sqlalchemy import text

from portal.accountability.ledger.actions import open_breaches
from portal.cases.models import Case
from portal.database import commit, copy_rows, db, dialect
from portal.imports.placing import folded_name, searchable
from portal.vietnamese import fold, name_sort_key, sort_key

CASES, UNITS, OFFICERS, PROCEDURES = 1_000_000, 150, 2_500, 200
NEW, TOLD_AGAIN = 50_000, 50_000
"""An export tells the receipts of some weeks: cases that nobody knows yet, and as many that the last one told."""
KNOWN_AS_OF = datetime(2023, 9, 28, 9, 0)
AS_OF = datetime(2023, 10, 16, 16, 0)
ON = date(2023, 10, 16)
BETWEEN_RECEIPTS = 365 * 24 * 60 / CASES
"""Minutes."""
HEADINGS = (
    "STT", "Số hồ sơ", "Mã TTHC", "Tên thủ tục hành chính", "Lĩnh vực", "Chủ hồ sơ", "Trích yếu nội dung",
    "Hình thức tiếp nhận", "Ngày tiếp nhận", "Ngày hẹn trả", "Ngày kết thúc xử lý", "Ngày trả kết quả", "Tình trạng",
    "Cơ quan tiếp nhận", "Cơ quan giải quyết", "Cán bộ thụ lý", "Số điện thoại", "Ghi chú",
)  # fmt: skip
CHANNELS = {"Trực tiếp": "direct", "Trực tuyến": "online", "Bưu chính công ích": "postal"}
FAMILY = "Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Y H'".split()
MIDDLE = "Văn Thị Hữu Đức Minh Ngọc Thanh Quốc Xuân Thu Kim Hồng Gia Bảo".split()
GIVEN = (
    "An Bình Châu Dũng Hà Hải Hạnh Hiếu Hoa Hùng Hương Khánh Lan Linh Long Mai Nam Nga Oanh Phúc Quân Sơn Tâm Thảo "
    "Thủy Trang Tú Vinh Yến Đạt Bkrông Niê"
).split()
SUBJECTS = (
    "Đăng ký biến động thửa đất số {}",
    "Cấp đổi giấy chứng nhận thửa {}",
    "Hồ sơ số {} của hộ gia đình",
    "Cấp bản sao trích lục số {}",
)
STATUS = {"finished": "Đã trả kết quả", "open": "Đang xử lý"}
LATE = (3, 20, 37, 54, 71, 88, 105, 122, 139, 156, 173, 190, 207)
"""Of each 250 cases those that ended late: 5.2 %."""
INDEXED = ("resolving_unit_id", "officer_id", "procedure_id", "due_at", "received_at")
"""The secondary indexes of the floor's table, as the prototype of the goals had them."""


@dataclass(frozen=True, slots=True)
class Row:
    """One case, by places in the lists of units, officers and procedures."""

    number: int
    unit: int
    officer: int
    procedure: int
    applicant: str
    subject: str
    channel: str
    received: datetime
    due: datetime
    finished: datetime | None

    @property
    def code(self) -> str:
        return f"H16.{self.unit:03d}-{self.received:%y%m%d}-{self.number:07d}"


def unit_name(place: int) -> str:
    return f"Xã {GIVEN[place % len(GIVEN)]} {MIDDLE[place // len(GIVEN) % len(MIDDLE)]} {place + 1}"


def officer_name(place: int) -> str:
    return f"{FAMILY[place % 17]} {MIDDLE[place // 17 % 14]} {GIVEN[place // 238 % 32]} {place % 7}".strip()


def officers_of() -> list[list[int]]:
    """Officers by unit."""
    found: list[list[int]] = [[] for _ in range(UNITS)]
    for place in range(OFFICERS):
        found[place % UNITS].append(place)
    return found


def title(place: int) -> str:
    return f"Cấp đổi giấy chứng nhận, trường hợp {place + 1}"


def rows(first: int, n: int, seed: int, late: tuple[int, ...] = LATE) -> Iterator[Row]:
    """Cases in the order of receipt, a million in a year, each with its end; of 250 those in ``late`` end late."""
    chance = Random(seed)
    officers = officers_of()
    begin = KNOWN_AS_OF - timedelta(days=365)
    for number in range(first, first + n):
        unit = min(int(chance.paretovariate(0.6)) - 1, UNITS - 1) if number % 4 == 0 else chance.randrange(UNITS)
        received = begin + timedelta(minutes=int(number * BETWEEN_RECEIPTS))
        due = received + timedelta(days=14)
        before = timedelta(minutes=chance.randrange(60, 14000))
        yield Row(
            number, unit, chance.choice(officers[unit]), chance.randrange(PROCEDURES),
            f"{chance.choice(FAMILY)} {chance.choice(MIDDLE)} {chance.choice(MIDDLE)} {chance.choice(GIVEN)}",
            chance.choice(SUBJECTS).format(chance.randrange(1, 4000)), chance.choice(list(CHANNELS)),
            received, due, due + timedelta(days=1, hours=2) if number % 250 in late else due - before,
        )  # fmt: skip


def seen(row: Row, at: datetime) -> Row:
    """A case as it stood at a moment: an end that comes later is none."""
    return replace(row, finished=None) if row.finished is None or row.finished > at else row


def known(late: tuple[int, ...] = LATE) -> Iterator[Row]:
    """The cases that are in the portal."""
    for row in rows(0, CASES - TOLD_AGAIN, 7, late):
        yield seen(row, KNOWN_AS_OF)
    for row in rows(CASES - TOLD_AGAIN, TOLD_AGAIN, 11, late):
        yield seen(row, KNOWN_AS_OF)


def export() -> list[Row]:
    """The next export: the receipts from some day on, in no order. What was open is finished by now, or has moved."""
    said: list[Row] = []
    was_open = 0
    for row in rows(CASES - TOLD_AGAIN, TOLD_AGAIN + NEW, 11):
        if row.number < CASES and seen(row, KNOWN_AS_OF).finished is None:
            said.append(moved(row, was_open))
            was_open += 1
        else:
            said.append(seen(row, AS_OF))
    Random(5).shuffle(said)
    return said


def moved(row: Row, place: int) -> Row:
    """A known open case as the next export tells it: finished, some by another officer; or with another due date."""
    if place % 10 == 0:
        return replace(row, due=row.due + timedelta(days=7), finished=None)
    if place % 10 == 1:
        others = officers_of()[row.unit]
        row = replace(row, officer=others[(others.index(row.officer) + 1) % len(others)])
    return seen(row, AS_OF)


def cells(row: Row, number: int) -> list[Any]:
    """A row of the export."""
    finished = row.finished
    return [
        number, row.code, f"1.{row.procedure:06d}", title(row.procedure), "Đất đai", row.applicant, row.subject,
        row.channel, row.received, row.due, finished, finished and finished + timedelta(hours=3),
        STATUS["finished" if finished else "open"], unit_name(0), unit_name(row.unit), officer_name(row.officer),
        f"09{row.number % 100_000_000:08d}", "",
    ]  # fmt: skip


def write_files(folder: Path) -> tuple[Path, Path]:
    """The export as a workbook and as text."""
    xlsx, text_file = folder / "export.xlsx", folder / "export.csv"
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with (
        xlsxwriter.Workbook(str(xlsx), options) as book,
        text_file.open("w", newline="", encoding="utf-8-sig") as stream,
    ):
        sheet = book.add_worksheet("Danh sách")
        moment = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        lines = csv.writer(stream)
        sheet.write_row(0, 0, HEADINGS)
        lines.writerow(HEADINGS)
        for number, row in enumerate(export(), start=1):
            said = cells(row, number)
            lines.writerow(f"{cell:%d/%m/%Y %H:%M}" if isinstance(cell, datetime) else cell for cell in said)
            for column, cell in enumerate(said):
                if isinstance(cell, datetime):
                    sheet.write_datetime(number, column, cell, moment)
                elif isinstance(cell, str) and cell:
                    sheet.write_string(number, column, cell)
                elif cell is not None and cell != "":
                    sheet.write_number(number, column, cell)
    return xlsx, text_file


def fill() -> None:
    """Build the province in a migrated database, with a breach and its duties for each late case."""
    ids = fill_directory()
    with commit():
        fill_cases(ids)
    with commit():
        open_breaches(KNOWN_AS_OF.date(), datetime(2023, 9, 28, 18, tzinfo=UTC))
    with commit():
        fill_floor()
    refresh()


def fill_directory() -> dict[str, list[int]]:
    with commit():
        copy_rows(
            "units",
            ("code", "name", "folded", "sort_key", "kind", "valid_from", "made_by_import", "version"),
            (
                (
                    f"H16.{n:03d}",
                    unit_name(n),
                    fold(unit_name(n)),
                    sort_key(unit_name(n)),
                    "commune",
                    "2020-01-01",
                    False,
                    1,
                )
                for n in range(UNITS)
            ),
        )
        people = [officer_name(n) for n in range(OFFICERS)] + [f"Thủ trưởng {n}" for n in range(UNITS)]
        copy_rows(
            "people",
            ("full_name", "folded", "sort_key", "made_by_import", "version"),
            ((name, fold(name), name_sort_key(name), False, 1) for name in people),
        )
        copy_rows(
            "procedures",
            ("code", "title", "folded", "field", "field_folded", "made_by_import"),
            ((f"1.{n:06d}", title(n), fold(title(n)), "Đất đai", "dat dai", False) for n in range(PROCEDURES)),
        )
        db.session.execute(
            text(
                "INSERT INTO sources (name, kind, meanings, data_as_of) "
                f"VALUES ('Hệ thống một cửa', 'igate', '{{}}', '{KNOWN_AS_OF}')"  # noqa: S608
            )
        )
    ids = {}
    for name in ("units", "people", "procedures", "sources"):
        found = db.session.execute(text(f"SELECT id FROM {name} ORDER BY id"))  # noqa: S608
        ids[name] = [row[0] for row in found]
    db.session.rollback()
    with commit():
        copy_rows(
            "postings",
            ("person_id", "unit_id", "position", "role", "valid_from", "is_clerk", "version"),
            (
                (
                    ids["people"][n], ids["units"][n % UNITS if n < OFFICERS else n - OFFICERS], "",
                    "officer" if n < OFFICERS else "head", "2020-01-01", False, 1,
                )
                for n in range(OFFICERS + UNITS)
            ),
        )  # fmt: skip
        db.session.execute(
            text(
                "INSERT INTO batches (source_id, file_name, file_sha256, size, data_as_of, state, full_extract, "
                "create_unknown, date_order, mapping, headings, rows_total, rows_new, rows_changed, rows_unchanged, "
                "rows_pending, rows_rejected, warnings, gone, uploaded_by, uploaded_at, applied_at, version) "
                f"SELECT id, 'base', '0', 0, '{KNOWN_AS_OF}', 'applied', false, false, 'day_first', '{{}}', '{{}}', "  # noqa: S608
                f"0, 0, 0, 0, 0, 0, 0, 0, '', '{KNOWN_AS_OF}', '{KNOWN_AS_OF}', 1 FROM sources"
            )
        )
    return ids


COLUMNS = (
    "code", "procedure_id", "subject", "applicant_name", "applicant_folded", "receiving_unit_id", "resolving_unit_id",
    "officer_id", "officer_name", "channel", "received_at", "received_precision", "due_at", "due_precision",
    "finished_at", "finished_precision", "finished_from", "returned_at", "returned_precision", "status_text", "meaning",
    "data_as_of", "source_id", "first_batch_id", "last_batch_id", "search", "version", "ruling_due_at",
    "ruling_due_precision",
)  # fmt: skip


def stored(row: Row, ids: dict[str, list[int]], titles: list[str], names: list[str]) -> tuple[Any, ...]:
    """A case as an import of ``cells`` would have stored it."""
    finished, end = row.finished, "minute" if row.finished else None
    name = names[row.officer]
    return (
        row.code, ids["procedures"][row.procedure], row.subject, row.applicant, folded_name(row.applicant),
        ids["units"][0], ids["units"][row.unit], ids["people"][row.officer], name, CHANNELS[row.channel],
        f"{row.received}", "minute", f"{row.due}", "minute", finished and f"{finished}", end,
        "finished" if finished else None, finished and f"{finished + timedelta(hours=3)}", end,
        STATUS["finished" if finished else "open"], "finished" if finished else "open", f"{KNOWN_AS_OF}",
        ids["sources"][0], 1, 1, searchable(row.code, titles[row.procedure], name), 1,
        f"{row.due}", "minute",
    )  # fmt: skip


def fill_cases(ids: dict[str, list[int]], late: tuple[int, ...] = LATE) -> None:
    """The cases, with their indexes built afterwards."""
    titles, names = [title(n) for n in range(PROCEDURES)], [officer_name(n) for n in range(OFFICERS)]
    table: Any = Case.__table__
    connection = db.session.connection()
    for index in table.indexes:
        index.drop(connection)
    copy_rows("cases", COLUMNS, (stored(row, ids, titles, names) for row in known(late)))
    for index in table.indexes:
        index.create(connection)


FLOOR = (
    "code", "procedure_id", "subject", "applicant_name", "receiving_unit_id", "resolving_unit_id", "officer_id",
    "channel", "received_at", "due_at", "finished_at", "returned_at", "status_text", "meaning", "officer_name",
    "search", "data_as_of", "last_batch_id",
)  # fmt: skip
"""The 18 columns of the floor's table."""


def fill_floor() -> None:
    """A plain table of the same million with a unique code and five indexes: the floor of any import."""
    key = "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY" if dialect() == "postgresql" else "INTEGER PRIMARY KEY"
    table: Any = Case.__table__
    types = ", ".join(f"{name} {table.c[name].type.compile(dialect=db.engine.dialect)}" for name in FLOOR)
    db.session.execute(text(f"CREATE TABLE floor_cases (id {key}, {types})"))
    names = ", ".join(FLOOR)
    db.session.execute(text(f"INSERT INTO floor_cases ({names}) SELECT {names} FROM cases"))  # noqa: S608
    db.session.execute(text("CREATE UNIQUE INDEX floor_code ON floor_cases (code)"))
    for name in INDEXED:
        db.session.execute(text(f"CREATE INDEX floor_{name} ON floor_cases ({name})"))


def refresh() -> None:
    """Let the planner know the tables."""
    if dialect() == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
            connection.execute(text("CHECKPOINT"))
        return
    with commit():
        db.session.execute(text("ANALYZE"))
    db.session.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    db.session.rollback()

"""A list exported by the portal and imported again changes no fact of any case; on both databases."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from portal.cases.models import Case
from portal.database import commit, db
from portal.directory.models import Unit
from portal.imports import actions, preparing
from portal.imports.planning import RESTORED
from portal.imports.preparing import Upload, Wishes
from tests.imports.lists import HEADINGS, OFFICER, row
from tests.imports.test_import_apply import AT, Import, bring, place

__all__ = ["bring", "place"]

DAY = datetime(2023, 10, 16, 8, 0)
MORE = (
    "Mã TTHC", "Trích yếu", "Hình thức tiếp nhận", "Ngày trả thực tế", "Đơn vị tiếp nhận", "Số kết quả",
    "Ngày yêu cầu bổ sung", "Ngày bổ sung",
)  # fmt: skip
CELLS = {
    "received": st.sampled_from(["02/10/2023 08:00", "02/10/2023", "02/10/2023 08:00:07"]),
    "due": st.sampled_from(["10/10/2023 17:00", "10/10/2023", ""]),
    "finished": st.sampled_from(["", "09/10/2023 15:30", "14/10/2023"]),
    "status": st.sampled_from(["Đang xử lý", "Đã trả kết quả", "", "Lạ", "7", "3", "Yêu cầu bổ sung"]),
    "officer": st.sampled_from([OFFICER, "", "Người lạ"]),
    "procedure": st.sampled_from(["Đăng ký khai sinh", "Thủ tục mới", ""]),
    "applicant": st.sampled_from(["Trần Văn Bình", "=1+1", "H'Bkrông Niê", ""]),
}
FURTHER = st.tuples(
    st.sampled_from(["", "1.001234"]),
    st.sampled_from(["", "Khai sinh cho con; thửa 12"]),
    st.sampled_from(["", "Trực tiếp", "Trực tuyến", "Qua bưu điện", "chim bồ câu"]),
    st.sampled_from(["", "11/10/2023 09:00", "15/10/2023"]),
    st.sampled_from(["", "UBND xã Nâm N'Đir", "Phòng Lạ"]),
    st.sampled_from(["", "12/QĐ-UBND"]),
    st.sampled_from(["", "04/10/2023"]),
    st.sampled_from(["", "05/10/2023 09:30"]),
)
LINES = st.lists(st.tuples(st.fixed_dictionaries(CELLS), FURTHER), min_size=1, max_size=6)


def facts() -> list[Any]:
    db.session.rollback()
    cases = Case.__table__
    return list(db.session.execute(select(*(cases.c[name] for name in ("code", *RESTORED))).order_by(cases.c.code)))


def exported(client: FlaskClient, folder: Path) -> Path:
    path = folder / "exported.xlsx"
    path.write_bytes(client.get("/cases/export.xlsx?show=all").data)
    return path


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(lines=LINES)
def test_export_and_import_leave_every_fact(
    place: Unit, bring: Import, signed_in: Any, tmp_path: Path, lines: list[Any]
) -> None:
    rows = [
        [*row(f"H16.25-{number}", **cells), *more]
        for number, (cells, more) in enumerate(lines)
        if not _contradicts(cells["status"], cells["finished"] or more[3])
    ]
    if not rows:
        return
    bring(*rows, headings=(*HEADINGS, *MORE), source="iGate", as_of=DAY)
    before = facts()

    path = exported(signed_in("chair", db.session.scalars(select(Unit).where(Unit.kind == "district")).one()), tmp_path)
    prepared = preparing.prepare(Upload(path, path.name), Wishes(source="iGate", as_of=DAY), at=AT)
    with commit():
        applied = actions.import_prepared(prepared, by=None, at=AT)

    assert [(item.code, item.field, item.old, item.new) for item in applied.plan.changes] == []
    counts = applied.plan.counts
    assert (counts.rows, counts.unchanged) == (len(before), len(before))
    assert facts() == before


def _contradicts(status: str, end: str) -> bool:
    """An open status beside an end: the end is on the correction list and not kept, so no export can tell it."""
    return bool(end) and status in ("Đang xử lý", "Yêu cầu bổ sung")

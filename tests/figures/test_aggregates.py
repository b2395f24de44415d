"""Counts that no case list carries, the online share, and whole months; never mixed into the ratios."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import select

from portal import clock
from portal.audit.models import AuditEvent
from portal.cases.models import ProcedureLevel
from portal.database import commit, db
from portal.directory.models import Unit
from portal.figures.actions import save_aggregates
from portal.figures.aggregate_queries import AggregateQuery, Key, values_of
from portal.figures.models import Aggregate
from portal.figures.queries import online_counts
from portal.figures.rules import Online, Quantity, next_month, whole_months
from portal.guard import Viewer
from tests.cases.test_list_plans import statements
from tests.factories import Make

NOW = datetime(2023, 10, 16, 16, 0)
SEPTEMBER = date(2023, 9, 1)
ADDRESS = "/figures/aggregates"
COMMAND = Viewer.for_command()
MOST_QUERIES = 12


@pytest.fixture(autouse=True)
def _on_the_day(at: Callable[[datetime], None]) -> None:
    at(NOW)


def tell(unit: Unit, quantity: Quantity, value: int | None, field: str = "", month: date = SEPTEMBER) -> None:
    """Somebody tells one count."""
    key: Key = (unit.id, field, month, quantity)
    db.session.rollback()
    with commit():
        save_aggregates({key: value}, source="sổ", by=None, at=clock.now())


def ruling(unit: Unit) -> dict[Quantity, int]:
    """What rules for a unit without field in September."""
    db.session.rollback()
    rows = AggregateQuery.visible_to(COMMAND).of_units([unit.id]).ruling()
    return {key[3]: value for key, value in values_of(rows).items() if key[1] == ""}


def grid(**cells: str) -> dict[str, str]:
    """A grid of one row without field."""
    typed = {f"v-0-{name}": value for name, value in cells.items()}
    return {"rows": "1", "field-0": "", "source": "Sổ theo dõi", "seen": "0", **typed}


def test_a_typed_month_is_kept_with_source_author_and_history(make: Make, signed_in: Any) -> None:
    unit = make.unit("UBND xã Đắk Drô")
    client = signed_in("monitoring_office", unit)
    url = f"{ADDRESS}/{unit.id}/2023/9"

    first = client.post(url, data=grid(received_outside="1.234", payments="50", payments_online="20"))
    again = client.post(url, data={**grid(received_outside="1.200", payments="50"), "seen": "99"})
    text = client.get(url).text

    assert first.status_code == 303 and again.status_code == 303
    assert ruling(unit) == {Quantity.RECEIVED_OUTSIDE: 1200, Quantity.PAYMENTS: 50}
    rows = db.session.scalars(select(Aggregate).order_by(Aggregate.id)).all()
    assert [row.value for row in rows] == [1234, 50, 20, 1200, None]
    assert {row.author for row in rows} == {client.person.full_name} and {row.source for row in rows} == {"Sổ theo dõi"}
    assert "1.234" in text and "đã rút lại" in text and 'value="1200"' in text
    kinds = db.session.scalars(select(AuditEvent.kind).where(AuditEvent.entity == "aggregates")).all()
    assert kinds == ["aggregates.saved"] * 2


def test_saying_the_same_again_writes_nothing(make: Make, signed_in: Any) -> None:
    unit = make.unit()
    client = signed_in("monitoring_office", unit)
    client.post(f"{ADDRESS}/{unit.id}/2023/9", data=grid(digitised="7"))

    answer = client.post(f"{ADDRESS}/{unit.id}/2023/9", data={**grid(digitised="7"), "seen": "99"})

    assert answer.status_code == 303
    assert len(db.session.scalars(select(Aggregate)).all()) == 1


def test_of_two_who_type_the_later_reads_the_others_counts_first(make: Make, signed_in: Any) -> None:
    unit = make.unit()
    client = signed_in("monitoring_office", unit)
    tell(unit, Quantity.DIGITISED, 5)

    answer = client.post(f"{ADDRESS}/{unit.id}/2023/9", data=grid(digitised="9"))

    assert answer.status_code == 422 and "Vừa có người ghi số liệu khác" in answer.text
    assert 'value="9"' in answer.text
    assert ruling(unit) == {Quantity.DIGITISED: 5}


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"payments": "5", "payments_online": "6"}, "lớn hơn tổng số thanh toán"),
        ({"digitised": "bảy"}, "Số đếm chỉ viết bằng chữ số"),
        ({"digitised": "-7"}, "Số đếm chỉ viết bằng chữ số"),
    ],
)
def test_what_cannot_be_is_refused_and_stays_in_its_cell(
    cells: dict[str, str], said: str, make: Make, signed_in: Any
) -> None:
    unit = make.unit()

    answer = signed_in("monitoring_office", unit).post(f"{ADDRESS}/{unit.id}/2023/9", data=grid(**cells))

    assert answer.status_code == 422 and said in answer.text
    assert all(f'value="{value}"' in answer.text for value in cells.values())
    assert not db.session.scalars(select(Aggregate)).all()


def test_a_month_ahead_is_refused_and_a_month_of_nowhere_not_found(make: Make, signed_in: Any) -> None:
    unit = make.unit()
    client = signed_in("monitoring_office", unit)

    assert client.post(f"{ADDRESS}/{unit.id}/2023/11", data=grid(digitised="1")).status_code == 422
    assert client.get(f"{ADDRESS}/{unit.id}/2023/13").status_code == 404
    assert client.get(f"{ADDRESS}/{unit.id}/1999/1").status_code == 404


def test_heads_read_their_unit_type_nothing_and_see_no_other(make: Make, signed_in: Any) -> None:
    unit, other = make.unit("UBND xã Đắk Drô"), make.unit("UBND xã Nâm Nung")
    tell(unit, Quantity.DIGITISED, 4711)
    tell(other, Quantity.DIGITISED, 815_162)
    client = signed_in("head", unit)

    text = client.get(f"{ADDRESS}?month=09/2023").text

    assert "4.711" in text and "815.162" not in text
    assert client.get(f"{ADDRESS}/{unit.id}/2023/9").status_code == 200
    assert client.get(f"{ADDRESS}/{other.id}/2023/9").status_code == 404
    assert client.post(f"{ADDRESS}/{unit.id}/2023/9", data=grid(digitised="1")).status_code == 403
    assert "815162" not in client.get(f"{ADDRESS}/export.csv?month=09/2023").text


def test_the_month_shows_the_system_intake_rate_and_a_dash_where_nobody_told(make: Make, signed_in: Any) -> None:
    above = make.unit(kind="district")
    unit, silent = make.unit(reports_in=above), make.unit(reports_in=above)
    for _ in range(3):
        make.case(unit=unit, received="2023-09-05 08:00")
    make.case(unit=silent, received="2023-09-05 08:00")
    tell(unit, Quantity.RECEIVED_OUTSIDE, 1)

    text = signed_in("monitoring_office", above).get(f"{ADDRESS}?month=09/2023").text
    rows = [row for row in text.split("</tr>") if f"/{unit.id}/2023/9" in row or f"/{silent.id}/2023/9" in row]

    assert "75,0 %" in rows[0] or "75,0 %" in rows[1]
    assert any("–" in row and " %" not in row for row in rows)


def test_a_field_of_ones_own_is_added_as_a_row(make: Make, signed_in: Any) -> None:
    unit = make.unit()
    make.procedure(field="Đất đai")
    client = signed_in("monitoring_office", unit)

    shown = client.post(f"{ADDRESS}/{unit.id}/2023/9", data={**grid(), "field_name": "Chứng thực", "add": "1"})
    answer = client.post(
        f"{ADDRESS}/{unit.id}/2023/9",
        data={**grid(), "rows": "2", "field-1": "Chứng thực", "v-1-received_outside": "12"},
    )

    assert shown.status_code == 200 and 'value="Chứng thực"' in shown.text
    assert answer.status_code == 303
    assert "Chứng thực" in client.get(f"{ADDRESS}/{unit.id}/2023/9").text


def test_exports_hold_the_counts_and_no_formula(make: Make, signed_in: Any) -> None:
    unit = make.unit("=1+1")
    tell(unit, Quantity.DIGITISED, 3, field="@SUM(A1)")
    client = signed_in("monitoring_office", unit)

    text = client.get(f"{ADDRESS}/export.csv?month=09/2023").text
    book = client.get(f"{ADDRESS}/export.xlsx?month=09/2023")

    assert "'=1+1" in text and "'@SUM(A1)" in text and ";3;" in text
    assert book.status_code == 200 and book.data[:2] == b"PK"


def test_counts_told_by_people_change_no_ratio_and_stand_beside_the_board(make: Make, signed_in: Any) -> None:
    unit = make.unit()
    make.case(unit=unit, finished="2023-10-09 08:00")
    client = signed_in("head", unit)
    before = client.get("/figures/units").text
    tell(unit, Quantity.RECEIVED_OUTSIDE, 4711)

    after = client.get("/figures/units").text

    assert "4.711" in after and "4.711" not in before
    assert before.split("figures-lines")[1].split("</table>")[0] == after.split("figures-lines")[1].split("</table>")[0]


@pytest.mark.parametrize("address", ["", "/{unit}/2023/9"])
def test_a_page_costs_few_statements(address: str, make: Make, signed_in: Any) -> None:
    above = make.unit(kind="district")
    units = [make.unit(reports_in=above) for _ in range(4)]
    for unit in units:
        for quantity in Quantity:
            tell(unit, quantity, 5)
    client = signed_in("monitoring_office", above)
    url = ADDRESS + address.format(unit=units[0].id) + "?month=09/2023"
    client.get(url)

    with statements() as heard:
        assert client.get(url).status_code == 200

    sent = [text for text, _ in heard if not text.startswith("BEGIN")]
    assert len(sent) <= MOST_QUERIES, "\n".join(sent)


# --- the online share


def test_online_is_counted_of_procedures_open_for_it_that_day(make: Make) -> None:
    unit = make.unit()
    yes, ended, never = make.procedure(), make.procedure(), make.procedure()
    make.add(ProcedureLevel(procedure_id=yes.id, level="full", valid_from=date(2023, 9, 10)))
    make.add(ProcedureLevel(procedure_id=yes.id, level="partial", valid_from=date(2023, 9, 10)))
    make.add(
        ProcedureLevel(procedure_id=ended.id, level="full", valid_from=date(2020, 1, 1), valid_to=date(2023, 8, 31))
    )
    for procedure, channel, received in (
        (yes, "online", "2023-09-10 08:00"), (yes, "direct", "2023-09-11 08:00"), (yes, "online", "2023-09-09 08:00"),
        (ended, "online", "2023-09-11 08:00"), (never, "direct", "2023-09-11 08:00"),
        (yes, "online", "2023-10-11 08:00"),
    ):  # fmt: skip
        make.case(unit=unit, procedure=procedure, channel=channel, received=received)
    make.case(unit=unit, procedure=yes, channel="online", received="2023-09-12 08:00", meaning="not_counted")

    found = online_counts(date(2023, 9, 1), date(2023, 9, 30), COMMAND)[unit.id]

    assert found == Online(received=5, online=3, eligible=2, eligible_online=1)
    assert found.share == Fraction(1, 2) and found.share_of_all == Fraction(3, 5)


def test_without_cases_the_online_share_is_none() -> None:
    assert Online().share is None and Online().share_of_all is None
    assert Online(received=3, online=1).share is None


def test_the_summary_and_the_board_print_the_online_share(make: Make, signed_in: Any, portal: Any) -> None:
    unit, procedure = make.unit(), make.procedure()
    make.add(ProcedureLevel(procedure_id=procedure.id, level="full", valid_from=date(2020, 1, 1)))
    make.case(unit=unit, procedure=procedure, channel="online")
    make.case(unit=unit, procedure=procedure, channel="direct")
    make.case(unit=unit, channel="direct")

    said = portal("report", "summary", "--from", "2023-10-01", "--to", "2023-10-16").json["online"]
    text = signed_in("head", unit).get("/figures/units").text

    assert said == {"received": 3, "online": 1, "eligible": 2, "eligible_online": 1, "share_pct": 50.0,
                    "share_of_all_pct": 33.33}  # fmt: skip
    assert "Nộp trực tuyến: 50,0 % (1 trên 2" in text and "33,3 %" in text


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        (date(2023, 1, 1), date(2023, 10, 16), (date(2023, 1, 1), date(2023, 9, 1))),
        (date(2022, 12, 15), date(2023, 3, 14), (date(2023, 1, 1), date(2023, 2, 1))),
        (date(2023, 9, 1), date(2023, 9, 30), (SEPTEMBER, SEPTEMBER)),
        (date(2023, 9, 2), date(2023, 10, 30), None),
        (date(2022, 12, 1), date(2022, 12, 31), (date(2022, 12, 1), date(2022, 12, 1))),
    ],
)
def test_only_months_wholly_in_a_period_are_told_with_it(
    first: date, last: date, months: tuple[date, date] | None
) -> None:
    assert whole_months(first, last) == months


def test_december_is_followed_by_january() -> None:
    assert next_month(date(2022, 12, 1)) == date(2023, 1, 1) and next_month(date(2023, 1, 1)) == date(2023, 2, 1)

"""The pages of sources: what each is, its units, its words, and the versions of how it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, func, select
from sqlalchemy.exc import DatabaseError

from portal import clock
from portal.audit.models import AuditEvent
from portal.cases.models import Source, SourceUnit
from portal.database import commit, db
from portal.directory.models import Unit
from portal.guard import Viewer
from portal.sources import actions, bulk
from portal.sources.models import SourceMapping
from portal.sources.queries import current_mapping
from portal.sources.rules import WordKind
from tests.factories import Make

SignIn = Callable[..., FlaskClient]
MOST = 12


@pytest.fixture
def district(make: Make) -> Unit:
    return make.unit("Huyện Krông Nô", kind="district")


@pytest.fixture
def commune(make: Make, district: Unit) -> Unit:
    return make.unit("Xã Nâm N'Đir", code="H16.25.01", reports_in=district)


@pytest.fixture
def source(make: Make) -> Source:
    return make.source("iGate")


@pytest.fixture
def admin(signed_in: SignIn, district: Unit) -> FlaskClient:
    return signed_in("administrator", district)


@pytest.fixture
def office(signed_in: SignIn, district: Unit) -> FlaskClient:
    return signed_in("monitoring_office", district)


def write(source: Source, kind: WordKind, **counts: int) -> None:
    db.session.rollback()
    with commit():
        bulk.note_words(source.id, kind, counts, clock.now())


def lines(*pairs: tuple[str, str], reason: str = "Theo công văn 12") -> dict[str, str]:
    """A filled form of words."""
    data = {"reason": reason}
    for number, (text, means) in enumerate(pairs):
        data |= {f"words-{number}-text": text, f"words-{number}-means": means}
    return data


def mapping_of(source: Source) -> Any:
    db.session.rollback()
    return current_mapping(source.id)


def count(model: Any) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_the_index_says_what_is_known_of_each_source(
    office: FlaskClient, make: Make, source: Source, commune: Unit
) -> None:
    make.case(source=source, unit=commune)
    make.add(SourceUnit(unit_id=commune.id, source_id=source.id))
    write(source, WordKind.STATUS, **{"Hồ sơ treo": 7, "Đang xử lý": 9})

    page = office.get("/sources").text

    assert "iGate" in page and "16/10/2023" in page
    assert "</svg>1</span>" in page, "one word nobody knows"


def test_an_empty_index_says_what_brings_a_source(office: FlaskClient) -> None:
    assert "Chưa có nguồn nào" in office.get("/sources").text


def test_an_administrator_enters_and_describes_a_source(admin: FlaskClient) -> None:
    said = {"name": "Phần mềm đất đai", "kind": "sector", "label": "VBDLIS", "note": "", "active": "y"}
    answer = admin.post("/sources", data=said)
    assert answer.status_code == 303

    admin.post(f"{answer.location}/edit", data={**said, "label": "bản 5", "active": ""})

    source = db.session.scalars(select(Source)).one()
    assert (source.name, source.kind, source.label, source.active) == ("Phần mềm đất đai", "sector", "bản 5", False)
    assert "ngừng dùng" in admin.get("/sources").text
    kinds = db.session.scalars(select(AuditEvent.kind).order_by(AuditEvent.seq)).all()
    assert [kind for kind in kinds if kind.startswith("source.")] == ["source.made", "source.described"]


def test_two_sources_cannot_have_one_name(admin: FlaskClient, source: Source) -> None:
    answer = admin.post("/sources", data={"name": "iGate", "kind": "igate", "active": "y"})

    assert answer.status_code == 422
    assert "Đã có nguồn khác tên iGate" in answer.text


def test_a_meaning_that_is_said_makes_a_version(office: FlaskClient, source: Source) -> None:
    first = lines(("Hồ sơ treo", "paused"), ("Đang xử lý", ""))
    second = lines(("Hồ sơ treo", "open"), ("Dừng xử lý", "withdrawn"), reason="Sở giải thích lại")

    assert office.post(f"/sources/{source.id}/statuses", data=first).status_code == 303
    office.post(f"/sources/{source.id}/statuses", data=second)

    assert mapping_of(source).version == 2
    assert mapping_of(source).meanings == {"Dừng xử lý": "withdrawn", "Hồ sơ treo": "open"}
    old = db.session.scalars(select(SourceMapping).where(SourceMapping.version == 1)).one()
    assert old.meanings == {"Hồ sơ treo": "paused"}
    page = office.get(f"/sources/{source.id}").text
    assert "Sở giải thích lại" in page and "Theo công văn 12" in page and "tạm dừng" in page
    assert "Hồ sơ treo" in office.get(f"/sources/{source.id}/versions/1").text
    assert office.get(f"/sources/{source.id}/versions/3").status_code == 404


def test_what_changes_nothing_makes_no_version(office: FlaskClient, source: Source) -> None:
    said = lines(("Hồ sơ treo", "paused"))
    office.post(f"/sources/{source.id}/statuses", data=said)

    assert office.post(f"/sources/{source.id}/statuses", data=said).status_code == 409
    assert count(SourceMapping) == 1


def test_a_change_needs_its_reason(office: FlaskClient, source: Source) -> None:
    answer = office.post(f"/sources/{source.id}/statuses", data=lines(("Hồ sơ treo", "paused"), reason=""))

    assert answer.status_code == 422
    assert "Hồ sơ treo" in answer.text
    assert count(SourceMapping) == 0


def test_the_numbers_of_the_vendor_are_taken_together(office: FlaskClient, source: Source) -> None:
    office.post(f"/sources/{source.id}/statuses", data={**lines(("5", "")), "vendor": "y"})
    assert mapping_of(source).meanings["5"] == "finished"

    office.post(f"/sources/{source.id}/statuses", data=lines(("5", "finished"), ("Hồ sơ treo", "paused")))

    assert mapping_of(source).meanings == {"Hồ sơ treo": "paused"}


def test_unknown_statuses_that_really_occurred_stand_first(
    office: FlaskClient, make: Make, source: Source, commune: Unit
) -> None:
    for number, text in enumerate(("Đang xử lý", "Đang xử lý", "Hồ sơ treo")):
        make.case(source=source, unit=commune, status_text=text, code=f"C{number}")

    page = office.get(f"/sources/{source.id}/statuses").text

    assert 0 < page.index("Hồ sơ treo") < page.index("Đang xử lý")
    assert page.count("không rõ</span>") == 1


def test_channels_are_explained_like_statuses(office: FlaskClient, source: Source) -> None:
    write(source, WordKind.CHANNEL, Zalo=4, **{"Trực tiếp": 90})
    page = office.get(f"/sources/{source.id}/channels").text
    assert page.index("Zalo") < page.index("Trực tiếp")

    office.post(f"/sources/{source.id}/channels", data=lines(("Zalo", "online")))

    assert mapping_of(source).channels == {"Zalo": "online"}
    assert "Zalo" in office.get(f"/sources/{source.id}").text


def test_a_unit_has_one_owner(admin: FlaskClient, make: Make, source: Source, commune: Unit, district: Unit) -> None:
    other = make.source("Phần mềm đất đai")
    admin.post(f"/sources/{other.id}/units", data={"units": [commune.id, district.id]})

    answer = admin.post(f"/sources/{source.id}/units", data={"units": [commune.id]})

    assert answer.status_code == 303
    db.session.rollback()
    owned = {row.unit_id: row.source_id for row in db.session.scalars(select(SourceUnit))}
    assert owned == {commune.id: source.id, district.id: other.id}
    assert "Phần mềm đất đai" in admin.get(f"/sources/{source.id}/units").text
    admin.post(f"/sources/{source.id}/units", data={})
    assert count(SourceUnit) == 1


def test_an_office_explains_only_sources_that_rule_its_own_units(
    office: FlaskClient, make: Make, source: Source, commune: Unit
) -> None:
    assert office.get(f"/sources/{source.id}/statuses").status_code == 200
    make.add(SourceUnit(unit_id=commune.id, source_id=source.id))
    assert office.get(f"/sources/{source.id}/statuses").status_code == 200
    make.add(SourceUnit(unit_id=make.unit("Xã của huyện khác").id, source_id=source.id))

    assert office.get(f"/sources/{source.id}/statuses").status_code == 404
    assert office.post(f"/sources/{source.id}/channels", data=lines(("Zalo", "online"))).status_code == 404
    page = office.get(f"/sources/{source.id}")
    assert page.status_code == 200 and f"/sources/{source.id}/statuses" not in page.text


def test_versions_cannot_be_changed_or_removed(app: Any, source: Source) -> None:
    with commit():
        actions.remember_columns(source, {"code": "Mã"}, ["Mã"], "Tệp 1", by=None, at=clock.now())
    for statement in ("UPDATE source_mappings SET reason = 'khác'", "DELETE FROM source_mappings"):
        with pytest.raises(DatabaseError), commit():
            db.session.execute(db.text(statement))


def test_remembering_the_same_columns_again_is_the_same_version(app: Any, source: Source) -> None:
    for headings in (["Mã", "Ngày"], ["Ngày", "Mã"], ["Mã", "Ngày", "Ghi chú"]):
        db.session.rollback()
        with commit():
            actions.remember_columns(
                source, {"code": "Mã"}, headings, "Tệp", by=Viewer.for_command("lệnh"), at=clock.now()
            )

    assert mapping_of(source).version == 2


def test_a_column_of_free_text_is_no_list_of_words(app: Any, source: Source) -> None:
    write(source, WordKind.STATUS, **{"Đang xử lý": 1})
    write(source, WordKind.STATUS, **{f"Ghi chú {number}": 1 for number in range(400)}, **{"Đang xử lý": 5})

    words = db.session.execute(db.text("SELECT text, row_count FROM source_words")).all()
    assert [tuple(row) for row in words] == [("Đang xử lý", 5)]


@contextmanager
def counted() -> Iterator[list[str]]:
    said: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith("BEGIN"):
            said.append(statement)

    event.listen(db.engine, "before_cursor_execute", hear)
    try:
        yield said
    finally:
        event.remove(db.engine, "before_cursor_execute", hear)


@pytest.mark.parametrize("tail", ["", "/{id}", "/{id}/statuses", "/{id}/channels", "/{id}/units", "/{id}/versions/1"])
def test_a_page_costs_few_statements(admin: FlaskClient, make: Make, source: Source, commune: Unit, tail: str) -> None:
    for number in range(5):
        make.source(f"Nguồn {number}")
        make.add(SourceUnit(unit_id=make.unit().id, source_id=source.id))
    write(source, WordKind.STATUS, **{"Hồ sơ treo": 7})
    admin.post(f"/sources/{source.id}/statuses", data=lines(("Hồ sơ treo", "paused")))
    url = "/sources" + tail.format(id=source.id)
    admin.get(url)

    with counted() as said:
        answer = admin.get(url)

    assert answer.status_code == 200
    assert len(said) <= MOST, said

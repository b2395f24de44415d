"""The page of names: proposals of one match, homonyms asked with what tells them apart, many mapped at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select

from portal.cases.models import Case
from portal.database import db
from portal.directory.models import Person, Unit
from portal.imports.header import key_of
from portal.imports.likely import proposal
from portal.imports.models import SourceName
from tests.factories import Make
from tests.imports.bringing import bring, count
from tests.imports.lists import open_row, text

SignIn = Callable[..., FlaskClient]
STAFF = {1: "Hoàng Thị Mơ", 2: "Nguyễn Văn An", 3: "Nguyễn Văn An", 4: "H' Liên Niê"}


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("H.T. Mơ", 1),
        ("HT Mơ", 1),
        ("Mơ Hoàng Thị", 1),
        ("Chị Hoàng Thị Mơ", 1),
        ("Hoàng Mơ", 1),
        ("HoangThiMo", 1),
        ("Nguyễn Văn An", None),
        ("N.V. An", None),
        ("Mơ", None),
        ("Trần Thị Mơ", None),
        ("Liên Niê", 4),
        ("", None),
    ],
)
def test_one_match_is_a_proposal_and_a_homonym_is_not(said: str, meant: int | None) -> None:
    keys = {ident: key_of(name) for ident, name in STAFF.items()}

    assert proposal(key_of(said), keys, is_unit=False) == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [("Xã Nâm Nđir", 1), ("UBND Xã Nâm N'Đir", 1), ("Nâm Nung", None), ("Xã Đức Xuyên", 2), ("UBND", None)],
)
def test_units_are_proposed_by_the_words_that_tell_them_apart(said: str, meant: int | None) -> None:
    keys = {1: key_of("UBND xã Nâm N'Đir"), 2: key_of("UBND xã Đức Xuyên")}

    assert proposal(key_of(said), keys, is_unit=True) == meant


@pytest.fixture
def waiting(office: FlaskClient, unit: Unit, make: Make, tmp_path: Path) -> Unit:
    """A commune with two people of one name, and names that wait."""
    for code, position, since in (("CC-1", "Địa chính", date(2020, 1, 1)), ("CC-2", "Tư pháp", date(2022, 5, 1))):
        person = make.person("Nguyễn Văn An", code=code)
        make.posting(person, unit, position=position, valid_from=since)
    rows = [
        open_row("A", officer="H.T. Mơ"),
        open_row("B", officer="Nguyễn Văn An"),
        open_row("C", officer="Không Rõ"),
        open_row("D", unit="Xã Nâm Nđir", officer="Hoàng Thị Mơ"),
    ]
    bring(office, text(tmp_path / "l.csv", rows))
    office.post("/imports/1/apply")
    return unit


def names() -> dict[str, SourceName]:
    db.session.rollback()
    return {name.text: name for name in db.session.scalars(select(SourceName))}


def officer_of(code: str) -> int | None:
    db.session.rollback()
    return db.session.scalar(select(Case.officer_id).where(Case.code == code))


def test_the_page_tells_homonyms_apart(office: FlaskClient, waiting: Unit) -> None:
    page = office.get("/imports/names").text

    assert "Nguyễn Văn An · CC-1 · Địa chính · từ 01/01/2020" in page
    assert "Nguyễn Văn An · CC-2 · Tư pháp · từ 01/05/2022" in page
    assert "Có 2 người trùng tên: hãy chọn" in page
    assert page.count("đề xuất</span>") == 2


def test_checked_rows_are_mapped_in_one_request(office: FlaskClient, waiting: Unit) -> None:
    known = names()
    everybody = db.session.scalars(select(Person)).all()
    people = {person.code: person.id for person in everybody}
    mo = next(person.id for person in everybody if person.full_name == "Hoàng Thị Mơ")
    picked = {
        "pick": [str(known[text].id) for text in ("H.T. Mơ", "Nguyễn Văn An", "Xã Nâm Nđir")],
        f"target-{known['H.T. Mơ'].id}": str(mo),
        f"target-{known['Nguyễn Văn An'].id}": str(people["CC-2"]),
        f"target-{known['Xã Nâm Nđir'].id}": str(waiting.id),
        f"target-{known['Không Rõ'].id}": str(people["CC-1"]),
    }

    answer = office.post("/imports/names", data=picked)

    assert answer.status_code == 303
    assert "Đã gán 3 tên (3 hồ sơ)." in office.get("/imports/names").text
    assert {text: name.state for text, name in names().items()} == {
        "H.T. Mơ": "mapped", "Nguyễn Văn An": "mapped", "Xã Nâm Nđir": "mapped", "Không Rõ": "waiting",
    }  # fmt: skip
    assert (officer_of("A"), officer_of("B"), officer_of("C")) == (mo, people["CC-2"], None)
    assert officer_of("D") == mo


def test_one_refusal_keeps_none_of_the_others(office: FlaskClient, waiting: Unit, make: Make) -> None:
    known = names()
    stranger = make.officer(make.unit(), "Hoàng Thị Mơ")
    values: dict[str, Any] = {
        "pick": [str(known["H.T. Mơ"].id), str(known["Xã Nâm Nđir"].id)],
        f"target-{known['H.T. Mơ'].id}": str(stranger.id),
        f"target-{known['Xã Nâm Nđir'].id}": str(waiting.id),
    }

    office.post("/imports/names", data=values)

    page = office.get("/imports/names").text
    assert "Đã gán 1 tên" in page and "H.T. Mơ: Người này không có vị trí trong đơn vị" in page
    assert names()["H.T. Mơ"].state == "waiting"


@pytest.mark.parametrize("values", [{}, {"pick": "1"}, {"pick": "x", "target-x": "1"}, {"pick": "1", "target-1": ""}])
def test_nothing_checked_is_said(office: FlaskClient, waiting: Unit, values: dict[str, str]) -> None:
    answer = office.post("/imports/names", data=values)

    assert answer.status_code == 422
    assert "Hãy đánh dấu ít nhất một tên" in answer.text


def test_names_of_other_units_are_out_of_reach(signed_in: SignIn, waiting: Unit, make: Make) -> None:
    head = signed_in("head", make.unit())
    known = names()["H.T. Mơ"]

    assert head.post("/imports/names", data={"pick": known.id, f"target-{known.id}": "1"}).status_code == 404


def test_a_name_alone_marks_the_proposal_but_chooses_nothing(office: FlaskClient, waiting: Unit) -> None:
    page = office.get(f"/imports/names/{names()['H.T. Mơ'].id}").text

    assert "Hoàng Thị Mơ" in page and "(đề xuất)" in page
    assert "selected" not in page.split("<select")[1].split("</select>")[0]


def test_the_page_asks_little_of_the_database(office: FlaskClient, unit: Unit, make: Make, tmp_path: Path) -> None:
    rows = [open_row(f"A{n}", officer=f"Người Lạ {n}") for n in range(60)]
    bring(office, text(tmp_path / "l.csv", rows))
    office.post("/imports/1/apply")
    office.get("/imports/names")
    said: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *seen: said.append(seen[2]))

    assert office.get("/imports/names").status_code == 200
    assert count(SourceName) == 60
    assert len([text for text in said if text.startswith("SELECT")]) <= 12

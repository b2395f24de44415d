"""Names are mapped by the unit or the monitoring office; several of one name are asked (domain rules, facts in, 7)."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from portal import clock
from portal.cases.models import Case
from portal.database import db
from portal.directory.models import Unit
from portal.guard import Role
from portal.imports.models import SourceName
from tests.factories import Make
from tests.imports.lists import OFFICER, UNIT, open_row, text

SignIn = Callable[..., FlaskClient]


@pytest.fixture
def province(make: Make) -> Unit:
    return make.unit("UBND tỉnh", kind="province")


@pytest.fixture
def here(make: Make, province: Unit) -> Unit:
    return make.unit("Huyện Krông Nô", kind="district", reports_in=province)


@pytest.fixture
def there(make: Make, province: Unit) -> Unit:
    return make.unit("Huyện Đắk Song", kind="district", reports_in=province)


def officer_name(make: Make, unit: Unit) -> SourceName:
    facts = {"kind": "officer", "scope": str(unit.id), "made_at": clock.now()}
    return make.add(SourceName(unit_id=unit.id, text="Mơ H.", folded="mo h", **facts))


def bring(client: FlaskClient, tmp_path: Path, code: str, unit: str) -> None:
    path = text(tmp_path / f"{code}.csv", [open_row(code, unit=unit)])
    data = {"file": (io.BytesIO(path.read_bytes()), path.name), "source": "iGate", "order": "day_first"}
    answer = client.post("/imports", data=data, content_type="multipart/form-data")
    client.post(f"{answer.location}/apply")


def test_an_officers_name_is_mapped_by_head_office_and_administrator(
    make: Make, signed_in: SignIn, here: Unit, there: Unit
) -> None:
    commune = make.unit(UNIT, reports_in=here)
    url = f"/imports/names/{officer_name(make, commune).id}"

    may = [signed_in("head", commune), signed_in("monitoring_office", here), signed_in("administrator", here)]
    may_not = [signed_in("head", there), signed_in("monitoring_office", there), signed_in("administrator", there)]

    assert [client.get(url).status_code for client in may] == [200, 200, 200]
    assert [client.get(url).status_code for client in may_not] == [404, 404, 404]


def test_who_heads_one_unit_and_works_in_another_maps_only_for_the_first(
    make: Make, signed_in: SignIn, here: Unit
) -> None:
    commune, other = make.unit(UNIT, reports_in=here), make.unit("Xã Nam Đà", reports_in=here)
    person = make.head(commune)
    make.posting(person, other, Role.OFFICER)
    client = signed_in(person)

    assert client.get(f"/imports/names/{officer_name(make, commune).id}").status_code == 200
    assert client.get(f"/imports/names/{officer_name(make, other).id}").status_code == 404


def test_whose_rows_wait_for_a_unit_may_map_it_whoever_brought_the_name_first(
    make: Make, signed_in: SignIn, here: Unit, there: Unit, tmp_path: Path
) -> None:
    target = make.unit("Văn phòng Đăng ký đất đai", reports_in=there)
    first, second = signed_in("monitoring_office", here), signed_in("monitoring_office", there)
    third = signed_in("monitoring_office", make.unit("Huyện Cư Jút", kind="district"))
    bring(first, tmp_path, "A-1", "VPĐK đất đai")
    bring(second, tmp_path, "B-1", "VPĐK đất đai")
    db.session.rollback()
    name = db.session.scalars(select(SourceName)).one()

    assert second.get(f"/imports/names/{name.id}").status_code == 200
    assert third.get(f"/imports/names/{name.id}").status_code == 404
    second.post(f"/imports/names/{name.id}", data={"target": target.id})

    db.session.rollback()
    assert set(db.session.scalars(select(Case.code))) == {"A-1", "B-1"}


def test_two_officers_of_one_name_are_asked_and_never_guessed(
    make: Make, signed_in: SignIn, here: Unit, tmp_path: Path
) -> None:
    commune = make.unit(UNIT, reports_in=here)
    one, other = make.officer(commune, OFFICER), make.officer(commune, OFFICER)
    office = signed_in("monitoring_office", here)

    bring(office, tmp_path, "A-1", UNIT)

    db.session.rollback()
    case = db.session.scalars(select(Case)).one()
    assert (case.officer_id, case.officer_name) == (None, OFFICER)
    name = db.session.scalars(select(SourceName)).one()
    page = office.get(f"/imports/names/{name.id}").text
    assert (one.code or "") in page and (other.code or "") in page

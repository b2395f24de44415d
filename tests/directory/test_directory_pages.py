"""The pages of units and people: read by all, changed by administrators in their units."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from portal import clock
from portal.directory import queries
from portal.directory.models import Person, Posting, Unit
from portal.directory.rules import Line, UnitKind
from portal.guard import Role
from tests.factories import Make

SignIn = Callable[..., FlaskClient]
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def district(make: Make) -> Unit:
    return make.unit("Huyện Krông Nô", kind=UnitKind.DISTRICT)


@pytest.fixture
def admin(signed_in: SignIn, district: Unit) -> FlaskClient:
    return signed_in("administrator", district)


def test_the_tree_shows_both_lines(signed_in: SignIn, make: Make, district: Unit) -> None:
    province = make.unit("Tỉnh Đắk Nông", kind=UnitKind.PROVINCE)
    branch = make.unit("Chi nhánh", kind=UnitKind.BRANCH, reports_in=district, managed_by=province)
    make.head(branch, "Đỗ Thị Hạnh")
    reader = signed_in("officer", branch)

    for line in ("reports_in", "managed_by"):
        page = reader.get(f"/directory/units?line={line}")
        assert page.status_code == 200 and "Chi nhánh" in page.text and "Đỗ Thị Hạnh" in page.text


def test_a_unit_shows_parents_people_and_former_people(signed_in: SignIn, make: Make, district: Unit) -> None:
    commune = make.unit(reports_in=district)
    head = make.head(commune, "Lê Văn Tám")
    left = make.posting(make.person("Trần Thị Chín"), commune, valid_to=date(2022, 1, 31)).person
    reader = signed_in(head)

    page = reader.get(f"/directory/units/{commune.id}").text

    assert district.name in page and head.full_name in page and left.full_name in page and "31/01/2022" in page


def test_people_are_found_without_marks(signed_in: SignIn, make: Make) -> None:
    make.officer(name="Đặng Thị Quỳnh")
    reader = signed_in(make.officer(name="Bùi Văn Khác"))

    found = reader.get("/directory/people?q=dang+thi+quynh", headers=FRAGMENT).text

    assert "Đặng Thị Quỳnh" in found and "Bùi Văn Khác" not in found and "<html" not in found


def test_the_administrator_adds_a_person_and_a_posting(admin: FlaskClient, make: Make, district: Unit) -> None:
    commune = make.unit(reports_in=district)
    made = admin.post("/directory/people/new", data={"full_name": "Hồ Thị Mười", "code": "", "kind": "cong_chuc"})
    person = db_person("Hồ Thị Mười")
    posting = {
        "unit": commune.id,
        "role": "officer",
        "position": "Văn thư",
        "is_clerk": "y",
        "valid_from": "01/10/2023",
    }

    added = admin.post(f"/people/{person.id}/postings", data=posting)

    (held,) = queries.postings_of(person_id=person.id)
    assert made.location == f"/people/{person.id}" and added.status_code == 303
    assert (held.unit_id, held.role, held.is_clerk, held.valid_from) == (commune.id, "officer", True, date(2023, 10, 1))
    again = admin.post(f"/people/{person.id}/postings", data=posting)
    assert again.status_code == 409 and "Hồ Thị Mười" in again.text


def test_the_facts_of_a_person_are_corrected(admin: FlaskClient, make: Make, district: Unit) -> None:
    person = make.officer(make.unit(reports_in=district), "Hồ Thị Mườ")
    taken, outside = make.person(code="P-1").code, make.officer()
    facts = {"full_name": "Hồ Thị Mười", "code": "P-2", "kind": "vien_chuc", "email": ""}

    assert admin.post(f"/people/{person.id}", data=facts).status_code == 303
    assert db_person("Hồ Thị Mười").folded == "ho thi muoi"
    assert admin.post(f"/people/{person.id}", data={**facts, "full_name": ""}).status_code == 422
    assert admin.post(f"/people/{person.id}", data={**facts, "code": taken}).status_code == 409
    assert admin.post(f"/people/{outside.id}", data=facts).status_code == 404


def test_a_posting_is_ended_and_the_clerk_ticked(admin: FlaskClient, make: Make, district: Unit) -> None:
    posting = make.posting(unit=make.unit(reports_in=district))
    posting_id, today = posting.id, clock.today()

    assert admin.post(f"/directory/postings/{posting_id}/clerk", data={"is_clerk": "1"}).status_code == 303
    assert queries.posting_by_id(posting_id).is_clerk
    assert admin.post(f"/directory/postings/{posting_id}/end", data={"last_day": "x"}).status_code == 422
    assert admin.post(f"/directory/postings/{posting_id}/end", data={"last_day": "31/12/1999"}).status_code == 409
    assert (
        admin.post(f"/directory/postings/{posting_id}/end", data={"last_day": f"{today:%d/%m/%Y}"}).status_code == 303
    )
    assert queries.posting_by_id(posting_id).valid_to == today


def test_a_unit_is_added_changed_and_moved(admin: FlaskClient, make: Make, district: Unit) -> None:
    facts = {"code": "XM", "name": "Xã Mới", "kind": "commune", "valid_from": "01/01/2020", "reports_in": district.id}
    assert admin.post("/directory/units/new", data={**facts, "managed_by": 0}).status_code == 303
    unit_id = queries.unit_by_code("XM").id
    other = make.unit(reports_in=district)

    renamed = admin.post(f"/directory/units/{unit_id}", data={"name": "Xã Mới Hơn", "kind": "commune", "valid_to": ""})
    moved = admin.post(
        f"/directory/units/{unit_id}/parent",
        data={"line": "reports_in", "parent": other.id, "valid_from": f"{clock.today():%d/%m/%Y}"},
    )

    tree, before = queries.load_tree(clock.today()), queries.load_tree(clock.today() - timedelta(days=1))
    assert (renamed.status_code, moved.status_code) == (303, 303)
    assert tree.node(unit_id).name == "Xã Mới Hơn"
    assert tree.parent(Line.REPORTS_IN, unit_id) == other.id
    assert before.parent(Line.REPORTS_IN, unit_id) == district.id
    assert tree.parent(Line.MANAGED_BY, unit_id) == district.id


def test_a_parent_below_its_child_is_refused(admin: FlaskClient, make: Make, district: Unit) -> None:
    commune = make.unit(reports_in=district)
    below = make.unit(reports_in=commune)
    move = {"line": "reports_in", "parent": below.id, "valid_from": f"{clock.today():%d/%m/%Y}"}

    assert admin.post(f"/directory/units/{commune.id}/parent", data=move).status_code == 409


def test_units_elsewhere_cannot_be_changed(admin: FlaskClient, make: Make) -> None:
    """An administrator of a district cannot post himself as chair of the province."""
    province = make.unit(kind=UnitKind.PROVINCE)
    posting = make.posting(unit=province)
    chair = {"unit": province.id, "role": "chair", "position": "", "valid_from": "01/01/2023"}

    assert admin.post(f"/directory/units/{province.id}", data={"name": "x", "kind": "office"}).status_code == 404
    assert admin.post(f"/directory/postings/{posting.id}/end", data={"last_day": "01/10/2023"}).status_code == 404
    assert admin.post(f"/people/{admin.person.id}/postings", data=chair).status_code in (404, 422)


def test_readers_get_no_forms(signed_in: SignIn, make: Make, district: Unit) -> None:
    reader = signed_in("officer", district)

    assert 'action="/people/' not in reader.get(f"/people/{reader.person.id}").text
    assert reader.post(f"/directory/units/{district.id}", data={"name": "x"}).status_code == 403


# --- Queries others rest on ------------------------------------------------------------------------------------------


def test_the_head_of_a_day(make: Make, district: Unit) -> None:
    was = make.posting(unit=district, role=Role.HEAD, valid_to=date(2023, 6, 30))
    now = make.posting(unit=district, role=Role.HEAD, valid_from=date(2023, 8, 1))

    found = [queries.head_of(district.id, day) for day in (date(2023, 6, 30), date(2023, 7, 15), date(2023, 8, 1))]

    assert [posting and posting.id for posting in found] == [was.id, None, now.id]
    assert set(queries.heads_on(date(2023, 8, 1))) == {district.id}


def test_the_holder_is_an_officer_before_anything_else(make: Make, district: Unit) -> None:
    person = make.head(district)
    officer = make.posting(person, district)

    assert queries.holder_posting(person.id, district.id, date(2023, 10, 16)).id == officer.id
    assert queries.holder_posting(person.id, make.unit().id, date(2023, 10, 16)) is None


def db_person(name: str) -> Person:
    """The person of a name."""
    return queries.db.session.scalars(select(Person).where(Person.full_name == name)).one()


def test_a_double_posting_of_the_same_days_is_impossible_in_the_database(make: Make, district: Unit) -> None:
    posting = make.posting(unit=district)

    with pytest.raises(Exception, match="(?i)unique"):
        make.add(
            Posting(person_id=posting.person_id, unit_id=district.id, role=posting.role, valid_from=date(2021, 1, 1))
        )

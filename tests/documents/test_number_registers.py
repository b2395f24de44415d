"""Numbers of a register: each once, also when many ask at the same moment, on both databases."""

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from portal.database import commit, db
from portal.documents import actions, queries
from portal.documents.models import DocumentNumber, StoredFile
from portal.documents.store import Content
from portal.refusal import Refused

AT = datetime(2023, 10, 16, 9, 0, tzinfo=UTC)
FORM, YEAR = "PXL", 2023


def drawn(unit_id, year=YEAR):
    with commit():
        return actions.draw_number(unit_id, FORM, year, used_for="test", at=AT)


def typed(unit_id, number):
    with commit():
        return actions.take_number(unit_id, FORM, YEAR, number, used_for="test", at=AT)


def test_a_register_counts_by_unit_form_and_year(make):
    one, other = make.unit(), make.unit()

    assert [drawn(one.id), drawn(one.id), drawn(other.id), drawn(one.id, 2024)] == [1, 2, 1, 1]


def test_typed_numbers_are_taken_once_and_drawn_ones_go_on_after_them(make):
    unit = make.unit()

    assert (drawn(unit.id), typed(unit.id, 40), typed(unit.id, 7), drawn(unit.id)) == (1, 40, 7, 41)
    for number in (1, 7, 40, 41):
        with pytest.raises(Refused) as refused:
            typed(unit.id, number)
        assert refused.value.code == "documents.number_taken" and refused.value.facts["next"] == 42
    for impossible in (0, -1, 10_000_000):
        with pytest.raises(Refused, match="bad_number"):
            typed(unit.id, impossible)


def test_a_cancelled_number_stays_with_its_reason_and_is_never_given_again(make):
    unit = make.unit()
    number = drawn(unit.id)

    with commit():
        actions.cancel_number(unit.id, FORM, YEAR, number, "viết sai tên", at=AT)

    row = queries.numbers_of(unit.id, FORM, YEAR)[0]
    assert (row.state, row.reason) == ("cancelled", "viết sai tên")
    assert drawn(unit.id) == 2
    with pytest.raises(Refused, match="number_taken"):
        typed(unit.id, 1)
    with pytest.raises(Refused, match="number_not_in_use"), commit():
        actions.cancel_number(unit.id, FORM, YEAR, number, "lần nữa", at=AT)


def test_a_refused_step_gives_its_number_back(make):
    unit = make.unit()

    with pytest.raises(RuntimeError, match="fails"), commit():
        actions.draw_number(unit.id, FORM, YEAR, used_for="test", at=AT)
        raise RuntimeError("fails")

    assert drawn(unit.id) == 1


@pytest.mark.parametrize("ask", [drawn, lambda unit_id: typed(unit_id, 5)], ids=["drawn", "typed"])
def test_sixteen_at_once(app, make, ask):
    unit_id = make.unit().id
    db.session.rollback()
    ready, given, refused = threading.Barrier(16), [], []

    def draw():
        with app.app_context():
            ready.wait()
            try:
                given.append(ask(unit_id))
            except Refused as error:
                refused.append(error.code)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=draw) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(given) + len(refused) == 16 and len(set(given)) == len(given)
    assert sorted(given) == ([5] if refused else list(range(1, 17)))
    assert db.session.scalar(select(func.count()).select_from(DocumentNumber)) == len(given)


def test_the_same_content_has_one_row(app):
    content = Content("a" * 64, 3, "text/plain")

    for _ in range(2):
        with commit():
            actions.remember_file(content, at=AT)

    assert db.session.scalars(select(StoredFile.sha256)).all() == ["a" * 64]

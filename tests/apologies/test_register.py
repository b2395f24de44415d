"""The register says of every number what became of it; holes are seen, explained, and never filled in silence."""

import pytest

from portal.accountability.apologies import registers
from portal.accountability.apologies.registers import Fate
from portal.database import commit
from portal.documents.queries import next_number, number_row, open_numbers
from portal.refusal import Refused
from tests.apologies.conftest import AT, TODAY

REGISTER = ("PXL", 2023)


def keep_back(world, number=None, note="Giữ cho Phó Trưởng phòng", by=None):
    who = world.viewer(by or world.clerk)
    with commit():
        return registers.keep_back(world.unit.id, 2023, number, note, by=who, at=AT, on=TODAY)


def explain(world, number, fate, note="Công văn giấy ngày 12/10", by=None):
    who = world.viewer(by or world.clerk)
    with commit():
        registers.explain(world.unit.id, 2023, number, fate, note, by=who, at=AT, on=TODAY)


def refused(act, *arguments, **more):
    with pytest.raises(Refused) as error:
        act(*arguments, **more)
    return error.value.code


def states(world):
    found = registers.lines(world.viewer(world.clerk), world.unit.id, 2023, below=None)
    return {line.number: line.row.state if line.row else None for line in found}


def test_a_typed_number_leaves_holes_that_stay_marked_until_explained(world):
    world.numbered(world.signed(world.handed_in(world.waiting())), typed=4)
    assert states(world) == {4: "used", 3: None, 2: None, 1: None}
    assert open_numbers(world.unit.id, *REGISTER) == 3

    explain(world, 1, Fate.OUTSIDE)
    explain(world, 2, Fate.CANCELLED, "Ghi nhầm")

    assert states(world) == {4: "used", 3: None, 2: "cancelled", 1: "used"}
    assert open_numbers(world.unit.id, *REGISTER) == 1
    assert number_row(world.unit.id, *REGISTER, 1).note == "Công văn giấy ngày 12/10"


def test_a_number_kept_back_is_used_by_the_letter_that_types_it(world):
    kept = keep_back(world)
    drawn = world.numbered(world.signed(world.handed_in(world.waiting())))

    typed = world.numbered(world.signed(world.handed_in(world.waiting())), typed=kept)

    assert (kept, drawn.number, typed.number) == (1, 2, 1)
    assert states(world) == {2: "used", 1: "used"}


def test_a_number_kept_back_ends_in_use_outside_or_cancelled(world):
    first, second = keep_back(world), keep_back(world, 5)

    explain(world, first, Fate.OUTSIDE)
    explain(world, second, Fate.CANCELLED)

    assert states(world) == {5: "cancelled", 4: None, 3: None, 2: None, 1: "used"}
    assert next_number(world.unit.id, *REGISTER) == 6


def test_what_is_known_or_not_reached_cannot_be_explained(world):
    world.issued()

    assert refused(explain, world, 1, Fate.OUTSIDE) == "documents.number_taken"
    assert refused(explain, world, 2, Fate.CANCELLED) == "documents.number_not_reached"
    assert refused(explain, world, 0, Fate.CANCELLED) == "documents.bad_number"
    assert refused(keep_back, world, 1) == "documents.number_taken"
    assert refused(keep_back, world, None, " ") == "documents.reason_missing"
    assert next_number(world.unit.id, *REGISTER) == 2


def test_only_the_clerk_keeps_the_register(world):
    for person in (world.officer, world.head):
        assert refused(keep_back, world, by=person) == "apologies.not_your_register"


def test_by_clicks(world, signed_in):
    world.numbered(world.signed(world.handed_in(world.waiting())), typed=2)
    clerk = signed_in(world.clerk)
    url = f"/apologies/register/{world.unit.id}/2023"

    page = clerk.get("/apologies/register").get_data(as_text=True)
    assert "02/PXL" in page and "1 số chưa rõ lý do" in page and "Ghi rõ" in page
    assert clerk.post(f"{url}/explained", data={"number": "1", "fate": "outside"}).status_code == 422
    wrong = clerk.post(f"{url}/explained", data={"number": "2", "fate": "outside", "note": "Công văn"})
    assert wrong.status_code == 409 and "Công văn" in wrong.get_data(as_text=True)
    right = {"number": "1", "fate": "outside", "note": "Công văn giấy"}
    assert clerk.post(f"{url}/explained", data=right).status_code == 303
    assert clerk.post(f"{url}/kept-back", data={"number": "", "note": "Giữ hộ"}).status_code == 303
    page = clerk.get("/apologies/register").get_data(as_text=True)
    assert "không có số khuyết" in page and "Công văn giấy" in page and "giữ số" in page
    officer = signed_in(world.officer)
    assert officer.get(f"/apologies/register?unit={world.unit.id}").status_code == 404
    assert "Giữ số này" not in signed_in(world.head).get("/apologies/register").get_data(as_text=True)
    elsewhere = signed_in("clerk", world.make.unit(kind="district"))
    assert elsewhere.get(f"/apologies/register?unit={world.unit.id}").status_code == 404
    assert elsewhere.post(f"{url}/kept-back", data={"number": "", "note": "x"}).status_code in (404, 409)

"""One step for many letters: what holds for one holds for each, what is refused stays with its reason."""

import io
from dataclasses import replace

import pytest
from pypdf import PdfReader
from sqlalchemy import event

from portal.accountability.apologies import batches
from portal.database import db
from portal.documents.serving import file_store
from portal.policy.queries import cause_of
from tests.accountability.conftest import cause_id
from tests.apologies.conftest import TEXT, TODAY
from tests.documents.certificates import authority, signed
from tests.documents.test_letter_layout import pdf_text

URL = "/apologies/batch"


def rows(letters):
    return {"id": [letter.id for letter in letters], **{f"version-{one.id}": one.version for one in letters}}


def states(world, letters):
    return [world.found(letter.id).state for letter in letters]


def test_one_text_for_many_with_each_its_addressee(world, signed_in):
    letters = [world.waiting(applicant=f"Người số {n}") for n in range(3)]
    finished = world.waiting(applicant="Người đã xong", finished="2023-10-12 09:00")
    everyone = [*letters, finished]
    officer = signed_in(world.officer)
    asked = {"id": [one.id for one in everyone]}

    page = officer.get(f"{URL}/hand-in", query_string=asked).get_data(as_text=True)
    assert all(f"Người số {n}" in page for n in range(3)) and "Người đã xong" in page
    names = {f"addressee-{one.id}": one.case.applicant_name for one in everyone}
    typed = {**rows(everyone), **names, "cause": "0", "cause_text": "cần xác minh thêm", "new_date": "20/10/2023"}
    weekend = officer.post(f"{URL}/hand-in", data={**typed, "new_date": "21/10/2023"})
    assert weekend.status_code == 409 and "23/10/2023" in weekend.get_data(as_text=True)
    assert "cần xác minh thêm" in weekend.get_data(as_text=True)
    assert [world.found(one.id).handed_in for one in everyone] == [False, False, False, True]
    proposed = officer.post(f"{URL}/hand-in", data={**typed, "cause": str(cause_id("QT")), "propose": "1"})
    assert proposed.status_code == 200 and cause_of("QT", TODAY).citizen_text in proposed.get_data(as_text=True)
    in_days = {**typed, **rows(letters), "new_date": "", "days": "4"}
    again = officer.post(f"{URL}/hand-in", data=in_days)

    assert again.status_code == 303
    found = [world.found(one.id) for one in letters]
    assert [one.addressee for one in found] == ["Người số 0", "Người số 1", "Người số 2"]
    assert {one.cause_text for one in found} == {"cần xác minh thêm"} and all(one.handed_in for one in found)
    assert world.found(finished.id).form == "apology_short"


def test_a_head_signs_and_a_clerk_numbers_and_sends_many(world, signed_in):
    letters = [world.handed_in(world.waiting()) for _ in range(3)]
    head, clerk = signed_in(world.head), signed_in(world.clerk)

    page = head.get(f"{URL}/sign", query_string={"id": [one.id for one in letters]}).get_data(as_text=True)
    assert page.count(TEXT.cause_text) == 3 and "20/10/2023" in page
    assert head.post(f"{URL}/sign", data=rows(letters)).status_code == 303
    letters = [world.found(one.id) for one in letters]
    numbering = {**rows(letters), "issued_on": "16/10/2023"}
    assert clerk.post(f"{URL}/number", data=numbering).status_code == 303
    letters = [world.found(one.id) for one in letters]
    assert sorted(one.number for one in letters) == [1, 2, 3]
    sending = {**rows(letters), "channel": "paper", "sent_at": "16/10/2023 15:00", "proof": "Bảng kê 12"}
    sending[f"item-{letters[0].id}"] = "RR 77"
    assert clerk.post(f"{URL}/send", data=sending).status_code == 303

    assert states(world, letters) == ["sent"] * 3
    assert [world.found(one.id).proof for one in letters] == ["Bảng kê 12 RR 77", "Bảng kê 12", "Bảng kê 12"]


def test_what_is_foreign_or_has_moved_on_is_left_as_it_was(world, signed_in):
    mine, moved = world.handed_in(world.waiting()), world.handed_in(world.waiting())
    waits = world.waiting()
    stale = {**rows([mine, moved, waits]), f"version-{moved.id}": moved.version - 1}
    head, stranger = signed_in(world.head), signed_in("head", world.make.unit(kind="district"))

    page = head.get(f"{URL}/sign", query_string={"id": [mine.id, waits.id]}).get_data(as_text=True)
    assert f'value="{mine.id}"' in page and f'value="{waits.id}"' not in page and waits.case.code in page
    answer = head.post(f"{URL}/sign", data=stale)
    assert answer.status_code == 409 and "Đã xong 1 thư" in answer.get_data(as_text=True)
    assert states(world, [mine, moved, waits]) == ["signed", "draft", "waiting"]
    foreign = stranger.post(f"{URL}/sign", data=rows([moved]))
    assert foreign.status_code == 303 and states(world, [moved]) == ["draft"]
    assert signed_in("monitoring_office", world.district).post(f"{URL}/sign", data={}).status_code == 403


def test_many_letters_are_printed_as_one_file(world, signed_in, tmp_path):
    issued, draft = world.issued(), world.drafted(world.waiting(), replace(TEXT, addressee="Bà Lê Thị Ửng"))
    exempt = world.make.unit(kind="district")
    clerk = signed_in(world.clerk)

    answer = clerk.get(f"{URL}/print", query_string={"id": [issued.id, draft.id, 4711]})

    text = pdf_text(answer.data, tmp_path)
    assert len(PdfReader(io.BytesIO(answer.data)).pages) == 2
    assert "Số: 01/PXL" in text and "Bà Lê Thị Ửng" in text and "DỰ THẢO" in text
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert signed_in("clerk", exempt).get(f"{URL}/print", query_string={"id": [issued.id]}).status_code == 404


def test_a_signed_file_is_printed_with_its_signature(world, tmp_path):
    apology = world.issued()
    from_head = signed(file_store().read(apology.file_sha256), authority().signer("Trần Thị Hường"))
    world.kept(apology, from_head)

    data = batches.printed([apology], file_store(), mark="", on=TODAY)

    widgets = [one.get_object() for page in PdfReader(io.BytesIO(data)).pages for one in page.get("/Annots") or ()]
    assert [one["/Subtype"] for one in widgets] == ["/Widget"]


def test_fifty_letters_are_printed_into_one_file_in_their_order(world):
    letters = [world.issued() for _ in range(5)] * 10

    data = batches.printed(letters, file_store(), mark="", on=TODAY)

    pages = [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]
    assert len(pages) == 50
    assert all(letter.case.code in text for letter, text in zip(letters, pages, strict=True))
    assert len({letter.case.code for letter in letters}) == 5


@pytest.mark.parametrize("step", ["hand-in", "sign"])
def test_few_queries_whatever_the_number_of_letters(world, signed_in, step):
    letters = [world.waiting() if step == "hand-in" else world.handed_in(world.waiting()) for _ in range(4)]
    client, counted = signed_in(world.officer if step == "hand-in" else world.head), []
    event.listen(db.engine, "before_cursor_execute", lambda *given: counted.append(given[2]))

    assert client.get(f"{URL}/{step}", query_string={"id": [one.id for one in letters]}).status_code == 200

    asked = [one for one in counted if one.lstrip().upper().startswith("SELECT") and "pg_catalog" not in one]
    assert len(asked) <= 12, asked

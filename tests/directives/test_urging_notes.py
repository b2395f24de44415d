"""Urging notes: rounds, numbers, paper, replies; who reads them; codes and dates only."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st

from portal import clock
from portal.calendars.queries import current_calendar
from portal.database import db
from portal.directives.models import UrgedCase, UrgingNote
from portal.directives.rules import LAST_ROUND, State, next_round
from portal.directives.telling import LAST, NOTE, tell_of_urging
from portal.documents.models import DocumentNumber
from tests.factories import Make

MONDAY = datetime(2023, 10, 16, 9, 0)
APPLICANT = "Trần Thị Bình"


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    """The business clock stands on Monday morning."""
    with clock.standing_at(MONDAY):
        yield


class Stage:
    """A district with an office, and a commune that owes two overdue cases."""

    def __init__(self, make: Make, signed_in: Callable[..., Any]) -> None:
        self.district = make.unit("Huyện Krông Nô", kind="district")
        self.office = make.unit("Văn phòng HĐND và UBND huyện Krông Nô", kind="office", reports_in=self.district)
        self.commune = make.unit("UBND xã Đắk Sôr", reports_in=self.district)
        make.posting(make.person("Ngô Văn Lễ"), self.office, "head", position="Chánh Văn phòng")
        self.head = make.head(self.commune, "Trần Văn Chủ")
        self.chair = make.in_role("chair", self.district)
        self.clerk = signed_in("monitoring_office", self.office)
        for _ in range(2):
            make.case(unit=self.commune, applicant=APPLICANT, as_of="2023-10-16 08:00")

    def urge(self) -> Any:
        """The office urges the commune about its overdue cases."""
        return self.clerk.post("/urging/new/overdue", data={"units": self.commune.id})


@pytest.fixture
def stage(make: Make, signed_in: Callable[..., Any]) -> Stage:
    return Stage(make, signed_in)


def notes() -> list[UrgingNote]:
    db.session.rollback()
    return list(db.session.query(UrgingNote).order_by(UrgingNote.id))


def test_the_office_urges_a_unit_on_paper_with_a_number_and_a_term(stage: Stage) -> None:
    offered = stage.clerk.get("/urging/new").get_data(as_text=True)

    assert "UBND xã Đắk Sôr" in offered and stage.urge().status_code == 303

    note = notes()[0]
    assert (note.round, note.total, note.state, note.reply_due_on) == (1, 2, "issued", date(2023, 10, 19))
    assert db.session.query(DocumentNumber).one().form == "PĐĐ"
    pdf = stage.clerk.get(f"/urging/{note.id}/note.pdf")
    word = Document(io.BytesIO(stage.clerk.get(f"/urging/{note.id}/note.docx").data))
    text = "\n".join(paragraph.text for paragraph in word.paragraphs)
    assert pdf.data.startswith(b"%PDF") and "PHIẾU ĐÔN ĐỐC" in text and "Kính gửi" in text
    listed = [f"{case.place}. {case.code}, hạn trả 10/10/2023, quá hạn 4 ngày" for case in db.session.query(UrgedCase)]
    assert listed and all(line in text for line in listed)
    assert APPLICANT not in text


def test_the_text_for_a_messenger_has_codes_and_dates_and_no_applicant(stage: Stage) -> None:
    stage.urge()

    text = stage.clerk.get(f"/urging/{notes()[0].id}").get_data(as_text=True)

    pasted = text.partition('id="urging-text"')[2].partition(">")[2].partition("</textarea>")[0]
    assert pasted.startswith("ĐÔN ĐỐC LẦN 1: Ủy ban nhân dân xã Đắk Sôr còn 2 hồ sơ quá hạn")
    assert pasted.count("hạn trả 10/10/2023, quá hạn 4 ngày") == 2
    assert "trước hết ngày 19/10/2023 (Phiếu số 01/PĐĐ ngày 16/10/2023)" in pasted and APPLICANT not in pasted


def test_rounds_go_on_while_nobody_answers_and_begin_anew_after_a_reply(stage: Stage) -> None:
    for _ in range(4):
        stage.urge()
    last = notes()[-1]
    reply = {"reply": "Đã trả 2 hồ sơ.", "replied_on": "16/10/2023", "version": last.version}
    assert stage.clerk.post(f"/urging/{last.id}/reply", data=reply).status_code == 303
    stage.urge()

    assert [(note.round, note.state) for note in notes()] == [
        (1, "lapsed"), (2, "lapsed"), (3, "lapsed"), (3, "answered"), (1, "issued"),
    ]  # fmt: skip
    assert [note.number for note in notes()] == [1, 2, 3, 4, 5]


def test_the_head_of_the_unit_answers_and_another_unit_sees_nothing(
    stage: Stage, make: Make, signed_in: Callable[..., Any]
) -> None:
    stage.urge()
    url = f"/urging/{notes()[0].id}"
    head = signed_in(stage.head)
    reply = {"reply": "Trả xong ngày 18/10/2023.", "document": "12/UBND", "replied_on": "16/10/2023", "version": "1"}

    assert signed_in("head", make.unit(reports_in=stage.district)).get(url).status_code == 404
    assert head.post(f"{url}/reply", data={**reply, "reply": ""}).status_code == 409
    assert head.post(f"{url}/reply", data={**reply, "replied_on": "15/10/2023"}).status_code == 409
    assert head.post(f"{url}/reply", data=reply).status_code == 303
    assert head.post(f"{url}/reply", data={**reply, "reply": "Khác"}).status_code == 409
    assert "Trả xong ngày 18/10/2023." in stage.clerk.get(url).get_data(as_text=True)


def test_who_did_not_answer_is_a_list_and_the_third_round_is_the_chairs(
    stage: Stage, signed_in: Callable[..., Any]
) -> None:
    for _ in range(3):
        stage.urge()
    with clock.standing_at(datetime(2023, 10, 20, 9, 0)):
        late = stage.clerk.get("/urging?show=late").get_data(as_text=True)
        chair = signed_in(stage.chair).get("/urging?show=last").get_data(as_text=True)
        told = {one.kind.name: {item.person_id for item in one.items} for one in _tellings(date(2023, 10, 20))}

    assert "03/PĐĐ" in late and "01/PĐĐ" not in late and "03/PĐĐ" in chair
    assert told == {NOTE.name: {stage.head.id}, LAST.name: {stage.chair.id}}


def _tellings(day: date) -> list[Any]:
    db.session.rollback()
    return list(tell_of_urging(day, current_calendar()))


def test_a_unit_is_urged_once_when_the_same_form_comes_twice(stage: Stage) -> None:
    form = {"units": stage.commune.id, "op_id": "eb5a4d1e-9f06-4b8e-b2a1-000000000001"}
    for _ in range(2):
        stage.clerk.post("/urging/new/overdue", data=form)

    assert len(notes()) == 1


def test_units_that_owe_nothing_cannot_be_urged(stage: Stage, make: Make) -> None:
    idle = make.unit("Xã Không Nợ", reports_in=stage.district)

    assert stage.clerk.post("/urging/new/overdue", data={"units": idle.id}).status_code == 422
    assert notes() == []


def test_explanations_and_letters_are_urged_as_well(stage: Stage, make: Make) -> None:
    make.breach(on=date(2023, 10, 16), unit=stage.commune, officer=make.officer(stage.commune))
    with clock.standing_at(datetime(2023, 10, 27, 9, 0)):
        for subject in ("explanations", "apologies"):
            answer = stage.clerk.post(f"/urging/new/{subject}", data={"units": stage.commune.id})
            assert answer.status_code == 303

    assert [(note.subject, note.total) for note in notes()] == [("explanations", 3), ("apologies", 3)]


@given(st.lists(st.booleans(), max_size=12))
def test_rounds_never_skip_and_never_pass_the_last(answers: list[bool]) -> None:
    rounds: list[int] = []
    state: str | None = None
    for answered in answers:
        rounds.append(next_round(rounds[-1] if rounds else None, state))
        state = State.ANSWERED if answered else State.ISSUED

    assert all(1 <= one <= LAST_ROUND for one in rounds)
    assert all(after in (1, before + 1, LAST_ROUND) for before, after in zip(rounds, rounds[1:], strict=False))


def test_a_single_person_gets_a_word_of_codes_and_dates(
    stage: Stage, make: Make, signed_in: Callable[..., Any]
) -> None:
    officer = make.officer(stage.commune, "Lê Thị Mỹ Lệ")
    case = make.case(unit=stage.commune, officer=officer, applicant=APPLICANT, as_of="2023-10-16 08:00")
    make.apology(make.breach(case, on=date(2023, 10, 12)))
    head, elsewhere = signed_in(stage.head), signed_in(make.head(make.unit(reports_in=stage.district)))

    for reader in (head, stage.clerk):
        assert "Lê Thị Mỹ Lệ" in reader.get("/urging/people").get_data(as_text=True)
        text = reader.get(f"/urging/people/{officer.id}").get_data(as_text=True)
        assert (
            "1 hồ sơ quá hạn chưa giải quyết xong" in text
            and f"- {case.code}, hạn trả 10/10/2023, quá hạn 4 ngày" in text
        )
        assert "1 văn bản xin lỗi chưa gửi" in text and APPLICANT not in text
    assert "Lê Thị Mỹ Lệ" not in elsewhere.get("/urging/people").get_data(as_text=True)
    assert elsewhere.get(f"/urging/people/{officer.id}").status_code == 404
    assert signed_in(officer).get("/urging/people").status_code == 403


def test_a_person_gets_a_numbered_note_with_rounds_of_its_own(
    stage: Stage, make: Make, signed_in: Callable[..., Any]
) -> None:
    """Beside the note to the unit; the head of the unit answers it, and reads whom it names."""
    officer, head = make.officer(stage.commune, "Lê Thị Mỹ Lệ"), signed_in(stage.head)
    case = make.case(unit=stage.commune, officer=officer, applicant=APPLICANT, as_of="2023-10-16 08:00")
    address = f"/urging/people/{officer.id}"
    stage.urge()

    issued = [stage.clerk.post(f"{address}/note/overdue", data={}).status_code for _ in range(2)]
    nothing = stage.clerk.post(f"{address}/note/apologies", data={})

    assert (issued, nothing.status_code) == ([303, 303], 409)
    assert [(note.person_id, note.round, note.total, note.state) for note in notes()] == [
        (None, 1, 3, "issued"), (officer.id, 1, 1, "lapsed"), (officer.id, 2, 1, "issued"),
    ]  # fmt: skip
    last = notes()[-1]
    word = Document(io.BytesIO(stage.clerk.get(f"/urging/{last.id}/note.docx").data))
    text = "\n".join(paragraph.text for paragraph in word.paragraphs)
    assert "Ông (Bà) Lê Thị Mỹ Lệ" in text and case.code in text and "(lần 2)" in text and APPLICANT not in text
    assert "Lập phiếu đôn đốc" in stage.clerk.get(address).text
    assert "Lê Thị Mỹ Lệ" in head.get("/urging").text and "Lê Thị Mỹ Lệ" in head.get(f"/urging/{last.id}").text
    reply = {"reply": "Đã trả.", "replied_on": "16/10/2023", "version": last.version}
    assert head.post(f"/urging/{last.id}/reply", data=reply).status_code == 303
    assert [note.state for note in notes()] == ["issued", "lapsed", "answered"]


def test_a_head_numbers_notes_to_the_people_of_the_own_unit(
    stage: Stage, make: Make, signed_in: Callable[..., Any]
) -> None:
    """In the name and under a number of the unit, with rounds apart from the office's; a head above in his own name."""
    officer, head, above = make.officer(stage.commune, "Lê Thị Mỹ Lệ"), signed_in(stage.head), make.head(stage.district)
    make.case(unit=stage.commune, officer=officer, applicant=APPLICANT, as_of="2023-10-16 08:00")
    make.case(unit=stage.commune, officer=stage.head, as_of="2023-10-16 08:00")
    address, own = f"/urging/people/{officer.id}", f"/urging/people/{stage.head.id}"
    stage.clerk.post(f"{address}/note/overdue", data={})

    issued = [head.post(f"{address}/note/overdue", data={}).status_code for _ in range(2)]
    himself = head.post(f"{own}/note/overdue", data={})
    by_above = signed_in(above).post(f"{own}/note/overdue", data={})
    elsewhere = signed_in(make.head(make.unit(reports_in=stage.district))).post(f"{address}/note/overdue", data={})

    assert "Lập phiếu đôn đốc" in head.get(address).text and "Lập phiếu đôn đốc" not in head.get(own).text
    assert (issued, himself.status_code, by_above.status_code, elsewhere.status_code) == ([303, 303], 409, 303, 404)
    assert [(note.issuer_id, note.person_id, note.round, note.number, note.state) for note in notes()] == [
        (stage.office.id, officer.id, 1, 1, "issued"), (stage.commune.id, officer.id, 1, 1, "lapsed"),
        (stage.commune.id, officer.id, 2, 2, "issued"), (stage.district.id, stage.head.id, 1, 1, "issued"),
    ]  # fmt: skip
    last = notes()[2]
    text = "\n".join(
        part.text for part in Document(io.BytesIO(head.get(f"/urging/{last.id}/note.docx").data)).paragraphs
    )
    assert (
        "báo cáo thủ trưởng đơn vị bằng văn bản" in text
        and "xem xét trách nhiệm" in text
        and "Chủ tịch xem" not in text
    )
    told = {item.entity_id for one in _tellings(date(2023, 10, 20)) for item in one.items}
    assert last.id not in told and notes()[0].id in told
    reply = {"reply": "Đã trả.", "replied_on": "16/10/2023", "version": last.version}
    assert head.post(f"/urging/{last.id}/reply", data=reply).status_code == 303

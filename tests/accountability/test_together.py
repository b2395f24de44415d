"""One cause, many cases: one text for all, and each case keeps its own record and its own road."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal import clock
from portal.accountability.explanations import batches
from portal.accountability.explanations.actions import deciding, together, writing
from portal.accountability.explanations.drafts import BatchFile, BatchMember, ExplanationBatch, SideDraft
from portal.accountability.explanations.models import Attachment, Explanation, ExplanationText
from portal.accountability.explanations.queries import ExplanationQuery
from portal.accountability.explanations.rules import Blame, CauseClass
from portal.audit.models import AuditEvent
from portal.cases.models import Case
from portal.database import commit, db
from portal.refusal import Refused
from tests.accountability.conftest import MONDAY, Place, Voices, answer, cause_id
from tests.accountability.road import SignIn, do, state, typed
from tests.factories import Make

Owe = Callable[..., list[Explanation]]


@pytest.fixture(autouse=True)
def _on_the_day(at: Callable[[datetime], None]) -> None:
    at(datetime(2023, 10, 16, 16, 0))


@pytest.fixture
def owe(make: Make, place: Place, opened: Callable[..., Any], voices: Voices) -> Owe:
    """Duties of the officer: so many cases that were finished late, or ``finished=None`` still open."""

    def build(count: int, **more: Any) -> list[Explanation]:
        for _ in range(count):
            make.case(**{"unit": place.commune, "officer": place.officer, "finished": "2023-10-12 09:00", **more})
        opened()
        return list(ExplanationQuery.visible_to(voices.officer).held_by(place.officer.id).by_due())

    return build


def begun(duties: list[Explanation], voices: Voices) -> ExplanationBatch:
    db.session.rollback()
    with commit():
        return together.open_batch(duties, by=voices.officer, at=clock.now())


def handed_in(batch: ExplanationBatch, duties: list[Explanation], voices: Voices, **more: Any) -> int:
    db.session.rollback()
    given = {"answer": answer(), "remarks": {}, "version": batch.version, **more}
    with commit():
        return together.submit_batch(
            batch, given["answer"], given["remarks"], [row.id for row in duties], version=given["version"],
            by=voices.officer, at=clock.now(), today=MONDAY,
        )  # fmt: skip


def test_one_text_is_handed_in_for_every_case_with_its_own_remark(owe: Owe, voices: Voices) -> None:
    duties = owe(3)
    batch = begun(duties, voices)

    count = handed_in(batch, duties, voices, remarks={duties[1].id: "Riêng hồ sơ này chờ thêm bản vẽ."})

    assert count == 3
    assert {state(row) for row in duties} == {"submitted"}
    assert {row.happened for row in duties} == {answer().happened}
    assert [row.remark for row in duties] == ["", "Riêng hồ sơ này chờ thêm bản vẽ.", ""]
    assert {row.decider_id for row in duties} == {voices.head.person_id}
    kept = db.session.execute(select(ExplanationText.explanation_id, ExplanationText.remark)).all()
    assert sorted(kept) == sorted((row.id, row.remark) for row in duties)
    told = select(AuditEvent.entity_id).where(AuditEvent.kind == "explanation.submitted")
    assert sorted(db.session.scalars(told)) == sorted(row.id for row in duties)


def test_what_is_unticked_stays_to_be_written(owe: Owe, voices: Voices) -> None:
    duties = owe(3)
    batch = begun(duties, voices)

    handed_in(batch, duties[:2], voices)

    assert [state(row) for row in duties] == ["submitted", "submitted", "waiting"]
    assert len(batches.members_of(batch.id)) == 2


def test_every_case_gets_the_files_as_its_own(owe: Owe, voices: Voices, make: Make) -> None:
    duties = owe(2)
    batch = begun(duties, voices)
    with pytest.raises(Refused) as refused:
        handed_in(batch, duties, voices, answer=answer("PT"))
    assert refused.value.facts["missing"] == ("evidence",)

    make.add(BatchFile(batch_id=batch.id, sha256="a" * 64, name="bb.pdf", size=9, media_type="a/b", at=clock.now()))
    handed_in(batch, duties, voices, answer=answer("PT"))

    owned = db.session.execute(select(Attachment.explanation_id, Attachment.name)).all()
    assert sorted(owned) == sorted((row.id, "bb.pdf") for row in duties)


def test_a_draft_written_to_one_case_is_kept_beside(owe: Owe, voices: Voices) -> None:
    duties = owe(2)
    do(writing.save_draft, duties[0], answer(happened="Viết riêng."), version=1, by=voices.officer)
    batch = begun(duties, voices)

    handed_in(batch, duties, voices)

    found = select(ExplanationText.explanation_id, ExplanationText.kind).where(
        ExplanationText.happened == "Viết riêng."
    )
    assert db.session.execute(found).all() == [(duties[0].id, "conflicting")]


def test_a_case_that_moved_on_refuses_the_whole_and_is_named(owe: Owe, voices: Voices) -> None:
    duties = owe(3)
    batch = begun(duties, voices)
    do(writing.say_not_mine, duties[2], named_id=None, step="Thuế", reason="", by=voices.officer)
    db.session.refresh(batch)

    with pytest.raises(Refused, match="not_together") as refused:
        handed_in(batch, duties, voices)

    assert refused.value.facts["cases"] == duties[2].case.code
    assert [state(row) for row in duties] == ["waiting"] * 3
    assert handed_in(batch, duties[:2], voices) == 2


def test_the_head_takes_one_out_and_it_is_written_again_by_itself(owe: Owe, voices: Voices) -> None:
    duties = owe(3)
    handed_in(begun(duties, voices), duties, voices)
    for row in duties:
        state(row)

    do(deciding.return_for_rework, duties[0], "Nêu rõ.", version=duties[0].version, by=voices.head, today=MONDAY)
    do(
        deciding.conclude, duties[1], CauseClass.SUBJECTIVE, Blame.FULL, "Lý do.", version=duties[1].version,
        by=voices.head, today=MONDAY,
    )  # fmt: skip
    own = answer(happened="Viết lại riêng.")
    do(writing.submit, duties[0], own, version=duties[0].version, by=voices.officer, today=MONDAY)

    assert [state(row) for row in duties] == ["submitted", "concluded", "submitted"]
    assert [row.happened for row in duties] == ["Viết lại riêng.", answer().happened, answer().happened]


def test_cases_of_somebody_else_are_not_explained_together(
    owe: Owe, voices: Voices, make: Make, place: Place, opened: Callable[..., Any]
) -> None:
    duties = owe(1)
    other = make.explanation(make.breach(unit=place.commune, officer=place.colleague, finished="2023-10-12 09:00"))

    with pytest.raises(Refused, match="nobody_in_common"):
        begun([*duties, other], voices)


def test_the_same_choice_takes_the_draft_up_again(owe: Owe, voices: Voices) -> None:
    duties = owe(3)

    first, again, other = (begun(chosen, voices).id for chosen in (duties, duties[::-1], duties[:2]))

    assert first == again != other


def test_sixteen_at_once_hand_in_once(app: Flask, owe: Owe, voices: Voices) -> None:
    duties = owe(4)
    ids = [row.id for row in duties]
    batch_id = begun(duties, voices).id
    db.session.rollback()
    outcomes: list[str] = []
    barrier = threading.Barrier(16)

    def run() -> None:
        with app.app_context():
            barrier.wait(timeout=30)
            batch = db.session.get_one(ExplanationBatch, batch_id)
            db.session.expunge(batch)
            db.session.rollback()
            try:
                with commit():
                    together.submit_batch(
                        batch, answer(), {}, ids, version=1, by=voices.officer, at=clock.now(), today=MONDAY
                    )
                outcomes.append("done")
            except Refused:
                outcomes.append("refused")

    threads = [threading.Thread(target=run) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()

    assert sorted(outcomes) == ["done"] + ["refused"] * 15
    assert db.session.scalar(select(func.count()).select_from(ExplanationText)) == 4
    told = select(func.count()).where(AuditEvent.kind == "explanation.submitted")
    assert db.session.scalar(told) == 4


def on_page(duties: list[Explanation], **changes: Any) -> dict[str, Any]:
    return {**typed(duties[0]), "version": 1, "chosen": [row.id for row in duties], **changes}


def test_from_the_list_to_the_common_text_and_in(owe: Owe, place: Place, signed_in: SignIn) -> None:
    duties = owe(3)
    officer = signed_in(place.officer)

    chosen = officer.get(f"/explanations/together?like={duties[1].id}")
    begun_at = officer.post("/explanations/batches", data={"chosen": [row.id for row in duties]}).location
    files = {"files": (io.BytesIO(b"%PDF-1.4\n"), "bien-ban.pdf")}
    saved = officer.post(
        f"{begun_at}/draft", data={**on_page(duties, **{f"remarks-{duties[0].id}": "Riêng."}), **files}
    )
    submitted = officer.post(f"{begun_at}/submit", data=on_page(duties, version=2))

    assert chosen.text.count("checked") == 4
    assert (saved.status_code, submitted.status_code) == (303, 303)
    assert [state(row) for row in duties] == ["submitted"] * 3
    assert duties[0].remark == "Riêng."
    page = officer.get(f"/explanations/{duties[0].id}").text
    assert begun_at in page
    assert "bien-ban.pdf" in page


def test_the_head_sees_the_batch_once_it_is_handed_in(
    owe: Owe, place: Place, voices: Voices, signed_in: SignIn
) -> None:
    duties = owe(2)
    batch = begun(duties, voices)
    url = f"/explanations/batches/{batch.id}"

    before = signed_in(place.head).get(url).status_code
    handed_in(batch, duties, voices)
    after = signed_in(place.head).get(url)

    assert before == 404
    assert all(row.case.code in after.text for row in duties)
    assert signed_in(place.colleague).get(url).status_code == 404


def test_two_windows_on_a_common_draft_lose_nothing(owe: Owe, place: Place, voices: Voices, signed_in: SignIn) -> None:
    duties = owe(2)
    url = f"/explanations/batches/{begun(duties, voices).id}"
    officer, json = signed_in(place.officer), {"Accept": "application/json"}

    first = officer.post(f"{url}/draft", data=on_page(duties, happened="Cửa sổ một."), headers=json)
    told = [
        officer.post(f"{url}/draft", data=on_page(duties, happened=words, window="hai"), headers=json)
        for words in ("Cửa sổ", "Cửa sổ hai.")
    ]

    assert first.json["version"] == 2
    assert [answered.status_code for answered in told] == [409, 409]
    assert told[1].json["kept_at"]
    beside = db.session.scalars(select(SideDraft)).one()
    assert beside.typed["happened"] == "Cửa sổ hai."
    shown = officer.get(url).text
    assert "Cửa sổ một." in shown
    assert "Cửa sổ hai." in shown


def test_an_unreadable_day_costs_nothing_and_an_incomplete_text_is_shown_again(
    owe: Owe, place: Place, voices: Voices, signed_in: SignIn
) -> None:
    duties = owe(2, finished=None)
    url = f"/explanations/batches/{begun(duties, voices).id}"

    answered = signed_in(place.officer).post(f"{url}/submit", data=on_page(duties, commitment_on=""))

    assert answered.status_code == 409
    assert typed(duties[0])["happened"] in answered.text
    assert [state(row) for row in duties] == ["waiting"] * 2


def test_a_draft_is_given_up_by_its_writer_only(owe: Owe, place: Place, voices: Voices, signed_in: SignIn) -> None:
    duties = owe(2)
    url = f"/explanations/batches/{begun(duties, voices).id}"

    assert signed_in(place.colleague).post(f"{url}/drop").status_code == 404
    assert signed_in(place.officer).post(f"{url}/drop").status_code == 303
    assert signed_in(place.officer).post(f"{url}/submit", data=on_page(duties)).status_code == 409
    assert db.session.scalar(select(func.count()).select_from(BatchMember)) == 2


def test_three_hundred_cases_take_few_statements(
    make: Make, place: Place, voices: Voices, opened: Callable[..., Any]
) -> None:
    first = make.case(unit=place.commune, officer=place.officer, finished="2023-10-12 09:00")
    values = {column.name: getattr(first, column.name) for column in Case.__table__.columns if column.name != "id"}
    with commit():
        db.session.execute(Case.__table__.insert(), [{**values, "code": f"C{number:04d}"} for number in range(299)])
    opened()
    duties = list(ExplanationQuery.visible_to(voices.officer).held_by(place.officer.id).by_due())
    batch = begun(duties, voices)

    count = handed_in(batch, duties, voices)

    assert count == 300
    states = db.session.execute(select(Explanation.state, func.count()).group_by(Explanation.state)).all()
    assert [tuple(row) for row in states] == [("submitted", 300)]


def test_the_cause_asks_for_its_fields(owe: Owe, voices: Voices) -> None:
    duties = owe(1)
    said = answer("CT", details={"CT.from_unit": "Xã Cũ", "CT.handed_on": "hôm qua"})

    with pytest.raises(Refused) as refused:
        do(writing.submit, duties[0], said, version=1, by=voices.officer, today=MONDAY)

    assert refused.value.facts["missing"] == ("details", "evidence")
    assert [one.key for one in refused.value.facts["lacking"]] == ["handed_on"]
    assert cause_id("CT") == said.cause_id

"""One reason for many cases: said of each, each with its own record; what a rule refuses stays with its reason."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from portal.accountability.explanations.models import Attachment, Explanation, Redirection
from portal.accountability.explanations.queries import ExplanationQuery
from portal.accountability.explanations.views.several import MOST
from portal.audit.queries import events_of
from portal.database import db
from portal.guard import Viewer
from tests.accountability.conftest import Place
from tests.accountability.road import SignIn
from tests.factories import Make


@pytest.fixture
def three(make: Make, place: Place, opened: Callable[..., Any]) -> list[Explanation]:
    """Three late cases the officer has to explain."""
    for _ in range(3):
        make.case(unit=place.commune, officer=place.officer, finished="2023-10-12 09:00")
    opened()
    return list(ExplanationQuery.visible_to(Viewer.for_command()).by_due())


def test_not_mine_is_said_of_each_ticked_case(
    three: list[Explanation], make: Make, place: Place, signed_in: SignIn
) -> None:
    officer, ids = signed_in(place.officer), [one.id for one in three]
    stranger = make.explanation(make.breach(unit=place.commune, officer=place.colleague, finished="2023-10-12 09:00"))

    ticks = {"chosen": [*ids[:2], stranger.id], "show": "1"}
    listed = officer.post("/explanations/several/not-mine", data=ticks).text
    empty = officer.post("/explanations/several/not-mine", data={"chosen": ids[:2], "named": 0, "step": ""})
    said_once = {"chosen": [*ids[:2], stranger.id], "named": 0, "step": "cơ quan thuế", "op_id": "một lần"}
    sent = officer.post("/explanations/several/not-mine", data=said_once)

    assert listed.count('name="chosen"') == 2
    assert empty.status_code == 409
    assert sent.status_code == 303
    db.session.rollback()
    said = db.session.execute(select(Redirection.explanation_id, Redirection.step)).all()
    assert [tuple(row) for row in said] == [(ids[0], "cơ quan thuế"), (ids[1], "cơ quan thuế")]
    assert [event.kind for event in events_of("explanation", ids[1])] == ["explanation.not_mine"]
    assert db.session.get_one(Explanation, ids[2]).stopped_at is None


def test_already_done_needs_evidence_and_keeps_it_with_each_case(
    three: list[Explanation], place: Place, signed_in: SignIn
) -> None:
    officer, ids = signed_in(place.officer), [one.id for one in three]
    versions: dict[str, Any] = {f"version-{one.id}": one.version for one in three}
    stale = {**versions, f"version-{ids[2]}": 99}

    bare = officer.post("/explanations/several/already-done", data={"chosen": ids, **versions, "note": ""})
    file = (io.BytesIO(b"Da tra ket qua ngay 09/10/2023"), "so-tra.txt")
    sent = officer.post(
        "/explanations/several/already-done",
        data={"chosen": ids, **stale, "note": "Đã trả, sổ số 112.", f"note-{ids[0]}": "trang 7", "files": file},
    )

    assert bare.status_code == 409
    assert (sent.status_code, sent.text.count("field-error")) == (409, 1)
    db.session.rollback()
    rows = [db.session.get_one(Explanation, ident) for ident in ids]
    assert [row.state for row in rows] == ["submitted", "submitted", "waiting"]
    assert (rows[0].happened, rows[1].happened) == ("Đã trả, sổ số 112.\ntrang 7", "Đã trả, sổ số 112.")
    attached = db.session.scalars(select(Attachment.explanation_id).order_by(Attachment.explanation_id)).all()
    assert attached == sorted(ids[:2])


def test_more_than_fit_on_a_page_are_led_through_with_the_text_kept(
    make: Make, place: Place, opened: Callable[..., Any], signed_in: SignIn
) -> None:
    """Of a hundred and two, a hundred stand on the first page; the others follow, with the reason as it was typed."""
    for _ in range(MOST + 2):
        make.case(unit=place.commune, officer=place.officer, finished="2023-10-12 09:00")
    opened()
    ids, officer = list(db.session.scalars(select(Explanation.id).order_by(Explanation.id))), signed_in(place.officer)
    address, said = "/explanations/several/not-mine", {"named": 0, "step": "cơ quan thuế", "reason": "Chuyển thuế."}

    listed = officer.post(address, data={"chosen": ids, "show": "1"}).text
    wrong = officer.post(address, data={**said, "step": "", "chosen": ids[:MOST], "later": ids[MOST:]})
    first = officer.post(address, data={**said, "chosen": ids[:MOST], "later": ids[MOST:]})
    last = officer.post(address, data={**said, "chosen": ids[MOST:]})

    for page in (listed, wrong.text):
        assert (page.count('name="chosen"'), page.count('name="later"')) == (MOST, 2)
        assert "Mỗi lần nhiều nhất 100 hồ sơ: 2 hồ sơ" in page
    assert (wrong.status_code, first.status_code, last.status_code) == (409, 200, 303)
    assert (first.text.count('name="chosen"'), first.text.count('name="later"')) == (2, 0)
    assert "Chuyển thuế." in first.text and "cơ quan thuế" in first.text
    db.session.rollback()
    assert list(db.session.scalars(select(Redirection.explanation_id).order_by(Redirection.id))) == ids


def test_files_go_along_to_the_next_cases_and_only_ones_own(
    three: list[Explanation], place: Place, signed_in: SignIn
) -> None:
    """The first case is settled with a file; the next page offers it, and each case has it as its own row."""
    officer, colleague, ids = signed_in(place.officer), signed_in(place.colleague), [one.id for one in three]
    address, versions = "/explanations/several/already-done", {f"version-{one.id}": one.version for one in three}
    file = (io.BytesIO(b"Da tra ket qua ngay 09/10/2023"), "so-tra.txt")

    first = officer.post(address, data={**versions, "chosen": ids[:1], "later": ids[1:], "note": "", "files": file})
    (row,) = db.session.scalars(select(Attachment)).all()
    again = {**versions, "chosen": ids[1:2], "later": ids[2:], "note": ""}
    stolen = colleague.post(address, data={**again, "along": row.id, "show": "1"})
    bare = officer.post(address, data=again)
    second = officer.post(address, data={**again, "along": [row.id, 999]})
    (newer,) = db.session.scalars(select(Attachment.id).where(Attachment.explanation_id == ids[1])).all()
    last = officer.post(address, data={**versions, "chosen": ids[2:], "note": "", "along": newer})

    for page, number in ((first, row.id), (second, newer)):
        assert f'name="along" value="{number}" checked' in page.text and "so-tra.txt" in page.text
    assert "so-tra.txt" not in stolen.text
    assert (bare.status_code, second.status_code, last.status_code) == (409, 200, 303)
    db.session.rollback()
    kept = select(Attachment.explanation_id, Attachment.sha256, Attachment.by_id).order_by(Attachment.id)
    assert [tuple(one) for one in db.session.execute(kept)] == [(one, row.sha256, place.officer.id) for one in ids]


def test_a_file_that_no_case_took_is_asked_for_again(three: list[Explanation], place: Place, signed_in: SignIn) -> None:
    file = (io.BytesIO(b"Da tra ket qua ngay 09/10/2023"), "so-tra.txt")

    refused = signed_in(place.officer).post(
        "/explanations/several/already-done",
        data={"chosen": three[0].id, f"version-{three[0].id}": 99, "note": "Đã trả.", "files": file},
    )

    assert refused.status_code == 409
    assert "Tệp chứng cứ cần chọn lại" in refused.text and 'name="along"' not in refused.text

"""The officer proposes a pause of a case; it moves nothing until somebody who may records it, or says why not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from portal.accountability.ledger import proposing
from portal.accountability.ledger.models import PauseProposal
from portal.audit.queries import events_of
from portal.cases.models import Case, Pause
from portal.database import commit, db
from portal.refusal import Conflict, Refused
from tests.accountability.conftest import Place, Voices
from tests.accountability.road import SignIn
from tests.factories import Make

TYPED = {
    "kind": "payment", "started": "05/10/2023 08:00", "ended": "09/10/2023 08:00", "document": "12/TB-CCT",
    "document_on": "05/10/2023", "reason": "Chờ nộp thuế",
}  # fmt: skip
DUE = datetime(2023, 10, 10, 17, 0)


@pytest.fixture
def case(make: Make, place: Place, at: Callable[[datetime], None]) -> Case:
    at(datetime(2023, 10, 16, 9, 0))
    return make.case(unit=place.commune, officer=place.officer)


def seen(case: Case) -> tuple[list[str], datetime | None, int]:
    """States of the proposals, the moment that rules, and how many pauses are recorded."""
    db.session.rollback()
    states = db.session.scalars(select(PauseProposal.state).order_by(PauseProposal.id)).all()
    return list(states), db.session.get_one(Case, case.id).ruling_due_at, len(db.session.scalars(select(Pause)).all())


def newest() -> PauseProposal:
    db.session.rollback()
    return db.session.scalars(select(PauseProposal).order_by(PauseProposal.id.desc())).first()  # type: ignore[return-value]


def decide(client: Any, step: str, **more: Any) -> Any:
    row = newest()
    return client.post(f"/cases/pauses/proposed/{row.id}/{step}", data={"version": row.version, **more})


def test_what_an_officer_proposes_moves_the_term_once_the_head_records_it(
    case: Case, place: Place, signed_in: SignIn
) -> None:
    officer, head, url = signed_in(place.officer), signed_in(place.head), f"/cases/{case.id}/term"
    assert "Đề xuất tạm dừng" in officer.get(url).text and "Đề xuất tạm dừng" not in head.get(url).text

    proposed = officer.post(f"/cases/{case.id}/pauses/propose", data=TYPED)
    twice = officer.post(f"/cases/{case.id}/pauses/propose", data={**TYPED, "started": "06/10/2023 08:00"})
    assert (proposed.status_code, twice.status_code) == (303, 409)
    assert "đang có một đề xuất tạm dừng" in twice.text and "06/10/2023" in twice.text
    assert seen(case) == (["waiting"], DUE, 0)
    home = head.get("/").text
    assert "đề xuất tạm dừng cần xử lý" in home and case.code in head.get("/cases/pauses/proposed").text
    assert decide(officer, "record").status_code == 403

    assert decide(head, "record").status_code == 303
    states, due, pauses = seen(case)
    assert (states, due and due.date(), pauses) == (["recorded"], date(2023, 10, 12), 1)
    row = newest()
    pause = db.session.get_one(Pause, row.pause_id)
    assert (pause.document, pause.author.startswith("Trần Văn Chủ")) == ("12/TB-CCT", True)
    assert [one.kind for one in events_of("pause_proposal", row.id)] == ["pause.proposed", "pause.proposal_decided"]
    assert decide(head, "refuse", reason="Khác").status_code == 409


def test_it_is_refused_with_a_reason_and_may_be_proposed_anew_or_withdrawn(
    case: Case, place: Place, signed_in: SignIn
) -> None:
    officer, head, url = signed_in(place.officer), signed_in(place.head), f"/cases/{case.id}/pauses/propose"
    officer.post(url, data=TYPED)

    bare, refused = decide(head, "refuse"), decide(head, "refuse", reason="Thiếu thông báo thuế.")
    officer.post(url, data=TYPED)
    withdrawn = decide(officer, "withdraw")

    assert (bare.status_code, refused.status_code, withdrawn.status_code) == (409, 303, 303)
    assert seen(case) == (["refused", "withdrawn"], DUE, 0)
    assert "Thiếu thông báo thuế." in officer.get("/cases/pauses/proposed").text
    assert "Thiếu thông báo thuế." in officer.get(f"/cases/{case.id}/term").text


def test_only_the_officer_of_the_case_proposes_and_nobody_decides_his_own(
    case: Case, make: Make, place: Place, signed_in: SignIn
) -> None:
    """The head of the unit proposes for a case of his own to the head above; another unit sees nothing."""
    own = make.case(unit=place.commune, officer=place.head)
    head, above = signed_in(place.head), signed_in(place.district_head)
    stranger = signed_in(make.head(make.unit()))

    assert signed_in(place.colleague).post(f"/cases/{case.id}/pauses/propose", data=TYPED).status_code == 404
    assert head.post(f"/cases/{case.id}/pauses/propose", data=TYPED).status_code == 409
    assert head.post(f"/cases/{own.id}/pauses/propose", data={**TYPED, "document": ""}).status_code == 422
    assert head.post(f"/cases/{own.id}/pauses/propose", data=TYPED).status_code == 303
    assert decide(head, "record").status_code == 409
    assert decide(head, "refuse", reason="Tự xử.").status_code == 409
    assert decide(stranger, "record").status_code == 404
    assert decide(above, "record").status_code == 303


def test_of_two_decisions_one_holds(case: Case, voices: Voices, place: Place, signed_in: SignIn, at: Any) -> None:
    signed_in(place.officer).post(f"/cases/{case.id}/pauses/propose", data=TYPED)
    row, now = newest(), datetime(2023, 10, 16, 9, 30).astimezone()
    with commit():
        proposing.refuse(row, "Không.", version=row.version, by=voices.head, at=now)

    with pytest.raises((Conflict, Refused)), commit():
        proposing.accept(row, version=1, by=voices.head, at=now)

    assert seen(case) == (["refused"], DUE, 0)

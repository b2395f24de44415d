"""The pages after a conclusion: who is offered what, and what happens when it is sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import select

from portal.accountability.explanations.models import Conclusion, ConclusionShare, Explanation, Objection
from portal.accountability.explanations.rules import Blame, CauseClass
from portal.database import db
from tests.accountability.conftest import MONDAY, Place, Voices
from tests.accountability.road import SignIn, conclude, state, submitted, url
from tests.factories import Make


@pytest.fixture(autouse=True)
def _on_the_day(at: Callable[[datetime], None]) -> None:
    at(datetime(2023, 10, 16, 16, 0))


@pytest.fixture
def concluded(explanation: Explanation, voices: Voices) -> Explanation:
    submitted(explanation, voices)
    conclude(explanation, voices.head, CauseClass.SUBJECTIVE, Blame.FULL, "Không theo thứ tự.", today=MONDAY)
    return explanation


def posted(explanation: Explanation, **changes: object) -> dict[str, object]:
    db.session.refresh(explanation)
    return {"version": explanation.version, "reason": "Có lý do.", **changes}


def test_the_head_takes_it_back_from_the_page(concluded: Explanation, place: Place, signed_in: SignIn) -> None:
    client = signed_in(place.head)
    shown = client.get(url(concluded)).text

    answer = client.post(url(concluded, "withdraw"), data=posted(concluded))

    assert "Rút lại kết luận" in shown and "Kiến nghị về kết luận này" not in shown
    assert (answer.status_code, state(concluded)) == (303, "submitted")
    assert "đã rút lại" in client.get(url(concluded)).text


def test_without_a_reason_it_stays_and_the_page_says_so(
    concluded: Explanation, place: Place, signed_in: SignIn
) -> None:
    answer = signed_in(place.head).post(url(concluded, "withdraw"), data=posted(concluded, reason=" "))

    assert answer.status_code == 409 and "Nêu lý do rút lại kết luận." in answer.text
    assert state(concluded) == "concluded"


def test_the_officer_objects_and_the_district_decides(concluded: Explanation, place: Place, signed_in: SignIn) -> None:
    shown = signed_in(place.officer).get(url(concluded)).text
    answer = signed_in(place.officer).post(url(concluded, "object"), data=posted(concluded, reason="Đến tay đã trễ."))
    assert "Kiến nghị về kết luận này" in shown and "Rút lại kết luận" not in shown
    assert answer.status_code == 303
    objection = db.session.scalars(select(Objection)).one().id

    above = signed_in(place.district_head)
    queue = above.get("/explanations/queue").text
    changed = above.post(
        url(concluded, f"objections/{objection}"), data=posted(concluded, conclusion="objective-none", following="")
    )

    assert "Đến tay đã trễ." in queue and "Giữ nguyên kết luận" in queue
    assert changed.status_code == 303
    assert db.session.scalars(select(Conclusion.cause_class).order_by(Conclusion.id)).all() == [
        "subjective", "objective",
    ]  # fmt: skip


def test_it_may_be_kept_without_choosing_and_not_be_changed_so(
    concluded: Explanation, place: Place, signed_in: SignIn
) -> None:
    signed_in(place.officer).post(url(concluded, "object"), data=posted(concluded))
    step = f"objections/{db.session.scalars(select(Objection.id)).one()}"
    above = signed_in(place.district_head)

    nothing = above.post(url(concluded, step), data=posted(concluded))
    kept = above.post(url(concluded, step), data=posted(concluded, keep="1"))

    assert nothing.status_code == 409 and "Chọn kết luận mới, hoặc giữ nguyên kết luận." in nothing.text
    assert kept.status_code == 303 and state(concluded) == "concluded"


def test_the_head_of_the_unit_is_not_offered_the_objection(
    concluded: Explanation, place: Place, signed_in: SignIn
) -> None:
    signed_in(place.officer).post(url(concluded, "object"), data=posted(concluded))
    step = f"objections/{db.session.scalars(select(Objection.id)).one()}"
    client = signed_in(place.head)

    assert "Giữ nguyên kết luận" not in client.get(url(concluded)).text
    assert client.post(url(concluded, step), data=posted(concluded, keep="1")).status_code == 409
    assert client.post(url(concluded, "objections/999"), data=posted(concluded, keep="1")).status_code == 404


def test_what_a_choice_counts_is_said_before_it_is_made(
    explanation: Explanation, voices: Voices, place: Place, signed_in: SignIn
) -> None:
    submitted(explanation, voices)

    page = signed_in(place.head).get("/explanations/queue").text

    assert f"tính 1 lần vào quý IV năm đánh giá 2023 của {place.officer.full_name}" in page
    assert "1 / 1" in page


def test_a_colleague_who_shares_the_delay_is_named_on_the_form(
    explanation: Explanation, voices: Voices, place: Place, signed_in: SignIn, make: Make
) -> None:
    submitted(explanation, voices)
    client = signed_in(place.head)
    asked = client.get(url(explanation) + "?shares=1").text

    answer = client.post(
        url(explanation, "conclude"),
        data=posted(
            explanation, conclusion="subjective-shared", step="Tiếp nhận",
            **{"shares-0-person": place.colleague.id, "shares-0-step": "Thẩm định",
               "shares-0-conclusion": "subjective-shared"},
        ),
    )  # fmt: skip

    assert place.colleague.full_name in asked
    assert answer.status_code == 303
    share = db.session.scalars(select(ConclusionShare)).one()
    assert (share.person_id, share.step, share.blame) == (place.colleague.id, "Thẩm định", "shared")
    assert "Thẩm định" in signed_in(place.colleague).get(url(explanation)).text


def test_strangers_find_nothing(concluded: Explanation, make: Make, signed_in: SignIn) -> None:
    stranger = signed_in("officer", make.unit())

    assert stranger.post(url(concluded, "object"), data=posted(concluded)).status_code == 404

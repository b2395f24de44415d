"""The optional step: the head of a section reads before the head of the unit, and holds nobody up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest
from sqlalchemy import select

from portal import clock
from portal.accountability.breaches.queries import BreachQuery
from portal.accountability.explanations.actions import deciding, sections, together
from portal.accountability.explanations.models import Explanation, ExplanationReturn, SectionReading
from portal.accountability.explanations.queries import queue_of
from portal.accountability.explanations.rules import Blame, CauseClass, who_reads_first
from portal.accountability.ledger.queries import Only, coverage, narrowed
from portal.audit.queries import events_of
from portal.database import db
from portal.directory.models import Person, Unit
from portal.guard import Role, Viewer
from portal.jobs.telling import make_notices
from portal.notices.models import Notice
from portal.policy.models import PolicyValue
from portal.refusal import Refused
from tests.accountability.conftest import MONDAY, TUESDAY, Place, Voices, acting, answer
from tests.accountability.road import SignIn, conclude, do, submitted, url
from tests.factories import Make

WEDNESDAY, THURSDAY = date(2023, 10, 18), date(2023, 10, 19)
OBJECTIVE = (CauseClass.OBJECTIVE, Blame.NONE, "Đúng là vậy.")


@pytest.fixture(autouse=True)
def _on_the_day(at: Callable[[datetime], None]) -> None:
    at(datetime(2023, 10, 16, 16, 0))


def wants_step(make: Make) -> None:
    """The agency wants the step from 2020 on."""
    values = {"basis": "QĐ 1", "set_by": "thử", "set_at": clock.now(), "valid_from": date(2020, 1, 1)}
    make.add(PolicyValue(key="explanation.section_step", value=True, **values))


@pytest.fixture
def section(make: Make, place: Place, explanation: Explanation) -> Unit:
    """The officer works in a section of the commune, which has a head; the agency wants the step."""
    wants_step(make)
    part = make.unit("Bộ phận Địa chính", kind="office", reports_in=place.commune)
    make.posting(place.officer, part)
    return part


@pytest.fixture
def reader(make: Make, section: Unit) -> Person:
    return make.head(section, "Hồ Văn Phụ")


@pytest.fixture
def reads(reader: Person, section: Unit) -> Viewer:
    return acting(reader, Role.HEAD, heads=(section,))


def test_the_section_reads_first_then_the_head_concludes(
    explanation: Explanation, reads: Viewer, voices: Voices, place: Place
) -> None:
    submitted(explanation, voices)
    assert (explanation.section_due_on, explanation.decision_due_on) == (WEDNESDAY, date(2023, 10, 23))
    assert len(queue_of(voices.head, MONDAY)) == 0
    with pytest.raises(Refused, match="section_first"):
        conclude(explanation, voices.head, *OBJECTIVE)
    sums, listed = coverage(MONDAY), narrowed(BreachQuery.visible_to(voices.head), MONDAY, only=Only.WITH_SECTION)
    assert (sums.with_section, sums.adds_up, listed.count()) == (1, True, 1)

    do(sections.pass_on, explanation, "Đồng ý với nguyên nhân.", version=explanation.version, by=reads, today=TUESDAY)

    assert (explanation.section_due_on, explanation.decision_due_on) == (None, date(2023, 10, 20))
    assert len(queue_of(voices.head, TUESDAY)) == 1
    conclude(explanation, voices.head, *OBJECTIVE)
    assert db.session.scalars(select(SectionReading.opinion)).all() == ["Đồng ý với nguyên nhân."]


def test_silence_of_the_section_holds_nobody_up(
    explanation: Explanation, reads: Viewer, reader: Person, voices: Voices, place: Place
) -> None:
    submitted(explanation, voices)
    for day in (TUESDAY, THURSDAY, date(2023, 10, 25)):
        with clock.standing_at(datetime.combine(day, datetime.min.time()).replace(hour=6)):
            db.session.rollback()
            make_notices(day, clock.now())

    told = db.session.execute(select(Notice.person_id, Notice.kind, Notice.stage).order_by(Notice.id)).all()
    mine = [(row.kind, row.stage) for row in told if row.person_id == reader.id]
    assert mine == [("explanations.section", stage) for stage in ("", "first", "next_head")]
    assert (place.head.id, "explanations.section_silent", "") in [tuple(row) for row in told]
    assert explanation.state == "submitted"
    with pytest.raises(Refused, match="not_section_head"):
        do(sections.pass_on, explanation, "Muộn.", version=explanation.version, by=reads, today=THURSDAY)
    conclude(explanation, voices.head, *OBJECTIVE, today=THURSDAY)


@pytest.mark.parametrize("who", ["officer", "head", "district_head"])
def test_nobody_else_passes_on(explanation: Explanation, reads: Viewer, voices: Voices, who: str) -> None:
    submitted(explanation, voices)

    with pytest.raises(Refused, match="not_section_head"):
        do(
            sections.pass_on,
            explanation,
            "Ý kiến.",
            version=explanation.version,
            by=getattr(voices, who),
            today=TUESDAY,
        )


def test_without_a_section_or_without_the_policy_nothing_changes(
    make: Make, explanation: Explanation, voices: Voices
) -> None:
    wants_step(make)
    submitted(explanation, voices)

    assert (explanation.section_due_on, explanation.decision_due_on) == (None, THURSDAY)
    conclude(explanation, voices.head, *OBJECTIVE)


def test_many_together_are_read_first_too(explanation: Explanation, reads: Viewer, voices: Voices) -> None:
    batch = do(lambda one, at: together.open_batch([one], by=voices.officer, at=at), explanation)
    do(lambda one, at: together.submit_batch(batch, answer(), {}, [one.id], version=1, by=voices.officer, at=at,
                                             today=MONDAY), explanation)  # fmt: skip

    assert (explanation.section_due_on, explanation.decision_due_on) == (WEDNESDAY, date(2023, 10, 23))


def test_the_section_reads_and_passes_on_in_the_browser(
    explanation: Explanation, reader: Person, voices: Voices, place: Place, signed_in: SignIn
) -> None:
    submitted(explanation, voices)
    client, form = signed_in(reader), {"version": explanation.version, "opinion": "Đúng."}

    listed, shown = client.get("/explanations/sections").text, client.get(url(explanation)).text
    home, others = client.get("/").text, signed_in(place.head).get("/").text
    empty = client.post(url(explanation, "pass-on"), data={**form, "opinion": " "})
    passed = client.post(url(explanation, "pass-on"), data=form)

    assert explanation.case.code in listed and "Ông/bà xem trước thủ trưởng đơn vị" in shown
    assert (empty.status_code, passed.status_code) == (409, 303)
    assert "Hãy ghi ý kiến" in empty.text
    assert "giải trình cần xem trước thủ trưởng" in home and "cần xem trước thủ trưởng" not in others


def test_who_reads_first_is_the_nearest_head_below_the_unit() -> None:
    heads = {1: 10, 2: 20, 3: 30}

    assert who_reads_first([(3, 2, 1)], 1, heads, frozenset()) == 3
    assert who_reads_first([(3, 2, 1)], 1, heads, frozenset({30})) == 2
    assert who_reads_first([(1, 9)], 1, heads, frozenset()) is None
    assert who_reads_first([(7, 8)], 1, heads, frozenset()) is None


def test_the_section_returns_once_and_leaves_the_last_return_to_the_head(
    explanation: Explanation, reads: Viewer, voices: Voices
) -> None:
    def back(comment: str, today: date = TUESDAY) -> None:
        do(sections.return_from_section, explanation, comment, version=explanation.version, by=reads, today=today)

    submitted(explanation, voices)
    with pytest.raises(Refused, match="comment_missing"):
        back(" ")
    back("Nêu rõ ngày chuyển thuế.")

    assert (explanation.state, explanation.returned_times, explanation.due_on) == ("returned", 1, date(2023, 10, 20))
    assert (explanation.section_due_on, explanation.decision_due_on) == (None, None)
    told = db.session.scalars(select(ExplanationReturn)).one()
    assert (told.comment, told.by_section, told.by_id) == ("Nêu rõ ngày chuyển thuế.", True, reads.person_id)
    kinds = [event.kind for event in events_of("explanation", explanation.id)]
    assert kinds[-1] == "explanation.returned_by_section"

    submitted(explanation, voices)
    with pytest.raises(Refused, match="last_return_is_the_heads"):
        back("Lần nữa.")
    do(sections.pass_on, explanation, "Còn thiếu phiếu chuyển.", version=explanation.version, by=reads, today=TUESDAY)
    do(deciding.return_for_rework, explanation, "Nộp phiếu.", version=explanation.version, by=voices.head,
       today=TUESDAY)  # fmt: skip
    assert explanation.returned_times == 2


def test_the_officer_and_the_head_read_that_the_section_returned_it(
    explanation: Explanation, reader: Person, voices: Voices, place: Place, signed_in: SignIn
) -> None:
    submitted(explanation, voices)
    form = {"version": explanation.version, "comment": "Nêu rõ ngày chuyển thuế."}
    client = signed_in(reader)

    offered = client.get(url(explanation)).text
    empty = client.post(url(explanation, "section-return"), data={**form, "comment": ""})
    returned = client.post(url(explanation, "section-return"), data=form)
    read = [signed_in(person).get(url(explanation)).text for person in (place.officer, place.head)]

    assert "section-return" in offered
    assert (empty.status_code, returned.status_code) == (409, 303)
    assert all("Phụ trách bộ phận trả lại, yêu cầu giải trình lại" in page and form["comment"] in page for page in read)
    assert signed_in(place.colleague).post(url(explanation, "section-return"), data=form).status_code in (403, 404)

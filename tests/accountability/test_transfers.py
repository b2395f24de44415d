"""Officers leave and units merge: no duty is lost, others write on, and who was late stays the one who was late."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from portal import clock
from portal.accountability.apologies.models import Apology
from portal.accountability.explanations import asking
from portal.accountability.explanations.actions import handing, reconsidering, writing
from portal.accountability.explanations.models import Explanation, ExplanationText
from portal.accountability.explanations.rules import OPEN, Blame, CauseClass
from portal.accountability.explanations.supplements import TO_WRITE, Reason, Supplement
from portal.accountability.incidents.models import BodyQuestion
from portal.accountability.transfers import queries
from portal.accountability.transfers.rules import Kind, Whereabouts, waits_for_another
from portal.accountability.violations import actions as violations
from portal.accountability.violations.models import Violation
from portal.accountability.violations.rules import Blame as ViolationBlame
from portal.accountability.violations.rules import Finding, Origin
from portal.accountability.violations.rules import Kind as ViolationKind
from portal.audit.models import AuditEvent
from portal.audit.queries import events_of
from portal.database import commit, db
from portal.directory import actions as directory
from portal.directory import queries as postings
from portal.directory import reorganising
from portal.directory.models import Person, Unit
from portal.directory.rules import SuccessionKind
from portal.evaluation.queries import answers_for
from portal.guard import Role, Viewer
from portal.jobs.telling import make_notices
from portal.notices.models import Notice
from portal.refusal import Refused
from tests.accountability.conftest import MONDAY, NEXT_MONDAY, TUESDAY, Place, Voices, acting, answer
from tests.accountability.road import SignIn, conclude, do
from tests.accountability.test_page_costs import counted
from tests.factories import Make

LAST_DAY = date(2023, 10, 20)
WHY = "Chuyển công tác, QĐ 12."


@pytest.fixture(autouse=True)
def _on_the_day(at: Callable[[datetime], None]) -> None:
    at(datetime(2023, 10, 16, 16, 0))


@pytest.fixture
def office(make: Make, place: Place) -> Person:
    return make.in_role(Role.MONITORING_OFFICE, place.district)


@pytest.fixture
def duties(make: Make, place: Place, opened: Callable[..., Any]) -> list[tuple[Kind, int]]:
    """The officer owes two explanations and a further one, and three letters; one case has no known officer."""
    for finished in ("2023-10-12 09:00", "2023-10-13 09:00", None):
        make.case(unit=place.commune, officer=place.officer, finished=finished)
    make.case(unit=place.commune, officer=None, finished="2023-10-12 09:00")
    opened()
    third = db.session.scalars(select(Explanation).order_by(Explanation.id)).all()[2]
    supplement = make.add(
        Supplement(
            breach_id=third.breach_id, explanation_id=third.id, number=1, reason=Reason.STILL_OPEN, state="waiting",
            holder_id=place.officer.id, unit_id=place.commune.id, noticed_on=MONDAY, due_on=date(2023, 10, 19),
        )
    )  # fmt: skip
    return [(Kind.SUPPLEMENT, supplement.id)]


def leaves(place: Place, person: Person, *, to: Unit | None = None) -> None:
    """Every posting of a person in the commune ends on Friday; from Saturday they work elsewhere, or nowhere."""
    ids = person.id, to.id if to else None
    db.session.rollback()
    with commit():
        for posting in postings.open_postings_of(ids[0]):
            directory.end_posting(posting, LAST_DAY, by=None, at=clock.now())
        if ids[1]:
            where, who = db.session.get_one(Unit, ids[1]), db.session.get_one(Person, ids[0])
            directory.add_posting(who, where, Role.OFFICER, valid_from=date(2023, 10, 21), by=None, at=clock.now())


def open_duties() -> dict[str, int]:
    """How many duties stand open, by kind; and each has somebody."""
    db.session.rollback()
    owed = {
        "explanations": (Explanation, Explanation.state.in_(OPEN), Explanation.holder_id),
        "supplements": (Supplement, Supplement.state.in_(TO_WRITE), Supplement.holder_id),
        "letters": (Apology, Apology.state.in_(("waiting", "draft", "signed", "numbered")), Apology.id),
    }
    counts = {
        name: select(func.count()).select_from(model).where(is_open) for name, (model, is_open, _) in owed.items()
    }
    orphans = [
        db.session.scalar(select(func.count()).where(is_open, who.is_(None))) for _, is_open, who in owed.values()
    ]
    assert orphans == [0, 0, 0]
    return {name: db.session.scalar(count) or 0 for name, count in counts.items()}


def waiting(viewer: Viewer | None = None, on: date = NEXT_MONDAY) -> dict[Kind, int]:
    """What waits for another holder, counted by kind."""
    db.session.rollback()
    found = queries.waiting_for_another(viewer or Viewer.for_command(), on)
    return {kind: sum(duty.kind is kind for duty in found) for kind in Kind if any(d.kind is kind for d in found)}


def hand_all(client: Any, to: Person, *, person: Person | None = None) -> Any:
    """Tick everything that stands on the page and hand it over."""
    url = "/handovers" + (f"?person={person.id}" if person else "")
    shown = client.get(url).text
    marks = [part.partition('"')[0] for part in shown.split('name="duty" value="')[1:]]
    return client.post(url, data={"duty": marks, "to": to.id, "reason": WHY})


def test_who_stays_keeps_everything(duties: Any, place: Place, voices: Voices) -> None:
    assert waiting(voices.head, MONDAY) == {}


def test_what_an_officer_leaves_to_the_unit_and_what_goes_with_them(
    duties: Any, place: Place, make: Make, voices: Voices
) -> None:
    """In another unit they explain their own delays; in none, somebody writes for them."""
    leaves(place, place.officer, to=make.unit("Xã Khác"))

    assert waiting(voices.head, LAST_DAY) == {}
    assert waiting(voices.head) == {Kind.SUPPLEMENT: 1, Kind.LETTER: 3}


def test_nothing_is_lost_when_an_officer_leaves_for_good(
    duties: Any, place: Place, signed_in: SignIn, at: Callable[[datetime], None], voices: Voices
) -> None:
    before = open_duties()
    leaves(place, place.officer)
    at(datetime(2023, 10, 23, 8, 0))
    assert waiting() == {Kind.EXPLANATION: 3, Kind.SUPPLEMENT: 1, Kind.LETTER: 3}
    home = signed_in(place.head).get("/").text
    assert re.search(r">7</b>\s*<span[^>]*>việc của người đã chuyển đi", home)

    answered = hand_all(signed_in(place.head), place.colleague)

    assert answered.status_code == 303
    assert open_duties() == before and waiting() == {}
    kinds = db.session.execute(select(AuditEvent.kind, func.count()).group_by(AuditEvent.kind)).all()
    handed = {kind: count for kind, count in kinds if "handed_over" in kind}
    assert handed == {
        "explanation.handed_over": 3, "explanation.supplement_handed_over": 1, "apology.handed_over": 3,
    }  # fmt: skip
    row = db.session.scalars(select(Explanation).where(Explanation.answers_for_id == place.officer.id)).all()[0]
    assert (row.holder_id, row.unit_id, row.breach.officer_id) == (
        place.colleague.id, place.commune.id, place.officer.id,
    )  # fmt: skip
    assert (row.noticed_on, row.due_on) == (NEXT_MONDAY, date(2023, 10, 26))


def test_who_writes_for_another_is_not_concluded_upon(
    explanation: Explanation, place: Place, voices: Voices, signed_in: SignIn, make: Make
) -> None:
    do(writing.save_draft, explanation, answer(happened="Chờ thuế."), version=1, by=voices.officer)
    leaves(place, place.officer)
    do(handing.hand_over, explanation, place.colleague.id, WHY, by=voices.head, today=NEXT_MONDAY)
    kept = db.session.scalars(select(ExplanationText.by_id).where(ExplanationText.kind == "handed_on")).all()
    shown = signed_in(place.colleague).get(f"/explanations/{explanation.id}").text
    text = answer(happened="Theo sổ, chờ thuế.")
    do(writing.submit, explanation, text, version=explanation.version, by=voices.colleague, today=NEXT_MONDAY)
    conclude(explanation, voices.head, CauseClass.SUBJECTIVE, Blame.FULL, "Để lâu.", today=NEXT_MONDAY)

    charged = select(answers_for()).select_from(Explanation).join(Explanation.breach)
    assert db.session.scalars(charged).all() == [place.officer.id]
    assert kept == [place.officer.id] and "Chờ thuế." in shown and "Ông/bà viết thay Lê Thị An" in shown
    with pytest.raises(Refused, match="not_concluded_upon"):
        do(reconsidering.object_to, explanation, "Không phải tôi.", version=explanation.version,
           by=voices.colleague, today=NEXT_MONDAY)  # fmt: skip
    do(reconsidering.object_to, explanation, "Oan.", version=explanation.version, by=voices.officer, today=NEXT_MONDAY)


def test_given_back_it_is_one_s_own_again(explanation: Explanation, place: Place, voices: Voices) -> None:
    for person in (place.colleague, place.officer):
        do(handing.hand_over, explanation, person.id, WHY, by=voices.head, today=TUESDAY)

    assert (explanation.holder_id, explanation.answers_for_id) == (place.officer.id, None)


def test_a_head_who_writes_does_not_decide(explanation: Explanation, place: Place, voices: Voices) -> None:
    """The last officer left: the head writes, and the next head up concludes."""
    do(handing.hand_over, explanation, place.head.id, WHY, by=voices.head, today=TUESDAY)
    do(writing.submit, explanation, answer(), version=explanation.version, by=voices.head, today=TUESDAY)

    with pytest.raises(Refused, match="not_decider"):
        conclude(explanation, voices.head, CauseClass.OBJECTIVE, Blame.NONE, "Chờ thuế.")
    conclude(explanation, voices.district_head, CauseClass.OBJECTIVE, Blame.NONE, "Đúng là chờ thuế.")


@pytest.mark.parametrize(
    ("to", "why", "refused"),
    [("officer", WHY, "holds_already"), ("colleague", " ", "hand_over_reason"), ("stranger", WHY, "no_such_person")],
)
def test_what_is_not_handed_over(
    explanation: Explanation, place: Place, voices: Voices, make: Make, to: str, why: str, refused: str
) -> None:
    person = make.officer() if to == "stranger" else getattr(place, to)

    with pytest.raises(Refused, match=refused):
        do(handing.hand_over, explanation, person.id, why, by=voices.head, today=TUESDAY)


def test_only_heads_and_the_office_hand_over(
    explanation: Explanation, place: Place, voices: Voices, signed_in: SignIn, make: Make, office: Person
) -> None:
    with pytest.raises(Refused, match="not_handing_over"):
        do(handing.hand_over, explanation, place.colleague.id, WHY, by=voices.officer, today=TUESDAY)
    stranger = acting(make.head(), Role.HEAD)
    with pytest.raises(Refused, match="not_handing_over"):
        do(handing.hand_over, explanation, place.colleague.id, WHY, by=stranger, today=TUESDAY)
    assert signed_in(place.officer).get("/handovers").status_code == 403
    assert explanation.case.code not in signed_in(make.head()).get(f"/handovers?person={place.officer.id}").text

    assert hand_all(signed_in(office), place.colleague, person=place.officer).status_code == 303
    assert db.session.scalars(select(Explanation.holder_id)).all() == [place.colleague.id]


def test_a_refusal_keeps_what_was_ticked_and_hands_nothing_over(
    duties: Any, place: Place, signed_in: SignIn, at: Callable[[datetime], None]
) -> None:
    leaves(place, place.officer)
    at(datetime(2023, 10, 23, 8, 0))
    client, before = signed_in(place.head), waiting()
    letter = db.session.scalars(select(Apology.id)).first()

    empty = client.post("/handovers", data={"to": place.colleague.id, "reason": WHY})
    nobody = client.post("/handovers", data={"duty": [f"letter-{letter}", "x-1"], "to": "", "reason": WHY})

    assert (empty.status_code, nobody.status_code) == (409, 409)
    assert "Hãy đánh dấu ít nhất một việc." in empty.text
    assert nobody.text.count(" checked") == 1 and WHY in nobody.text
    assert waiting() == before


def test_a_merger_takes_duties_along_with_the_people(duties: Any, place: Place, make: Make) -> None:
    """Who goes on in the new commune keeps what they hold; of who does not, its head finds every duty."""
    before, new = open_duties(), make.unit("Xã Mới", reports_in=place.district)
    ids = place.commune.id, new.id
    stays = postings.open_postings_of(place.colleague.id)[0].id
    db.session.rollback()
    with commit():
        old, successor = (db.session.get_one(Unit, ident) for ident in ids)
        reorganising.succeed(
            [old], [successor], SuccessionKind.MERGE, on=NEXT_MONDAY, document=reorganising.Document("NQ 1"),
            keep={stays: Role.OFFICER}, by=None, at=clock.now(),
        )  # fmt: skip
    head = acting(make.head(new, "Đinh Thị Kế"), Role.HEAD, heads=(place.commune, new))
    explanation = db.session.scalars(select(Explanation).order_by(Explanation.id)).all()[0]

    assert waiting(head) == {Kind.EXPLANATION: 3, Kind.FOR_UNIT: 1, Kind.SUPPLEMENT: 1, Kind.LETTER: 3}
    do(handing.hand_over, explanation, place.colleague.id, WHY, by=head, today=NEXT_MONDAY)
    assert waiting(head) == {Kind.EXPLANATION: 2, Kind.FOR_UNIT: 1, Kind.SUPPLEMENT: 1, Kind.LETTER: 3}
    assert open_duties() == before and explanation.unit_id == ids[0]


def test_the_head_is_told_once_of_what_nobody_does(duties: Any, place: Place, make: Make) -> None:
    """Where the head's own post is vacant, the next head up."""
    leaves(place, place.officer)
    leaves(place, place.head)

    for day in (NEXT_MONDAY, date(2023, 10, 24)):
        with clock.standing_at(datetime.combine(day, datetime.min.time()).replace(hour=6)):
            db.session.rollback()
            make_notices(day, clock.now())

    told = db.session.scalars(select(Notice).where(Notice.kind == "transfers.left")).all()
    assert {notice.person_id for notice in told} == {place.district_head.id}
    assert sum(notice.things for notice in told) == 8


@pytest.fixture
def asked(explanation: Explanation, voices: Voices) -> BodyQuestion:
    """The officer asked the tax office; nobody has answered."""
    return do(asking.ask, explanation, asking.Question(body="Thuế", text="Khi nào?"), by=voices.officer, today=MONDAY)


@pytest.fixture
def complaint(make: Make, place: Place) -> Violation:
    """Somebody complained about the officer, who is to answer."""
    draft = violations.Draft(ViolationKind.ATTITUDE, Origin.PERSON, place.commune.id, "Nói khó nghe.", MONDAY,
                             holder_id=place.officer.id)  # fmt: skip
    with commit():
        return violations.register(draft, by=Viewer.for_command(), at=clock.now(), today=MONDAY)


def test_a_question_goes_along_with_the_explanation_it_was_asked_for(
    explanation: Explanation, asked: BodyQuestion, place: Place, voices: Voices, signed_in: SignIn
) -> None:
    leaves(place, place.officer)
    assert waiting() == {Kind.EXPLANATION: 1, Kind.LETTER: 1}

    do(handing.hand_over, explanation, place.colleague.id, WHY, by=voices.head, today=NEXT_MONDAY)

    assert (asked.asked_by, asked.followed_by) == (place.officer.id, place.colleague.id)
    shown = signed_in(place.colleague).get(f"/questions/{asked.id}").text
    assert "Người theo dõi hiện nay" in shown
    do(asking.withdraw, asked, "", version=asked.version, by=voices.colleague, today=NEXT_MONDAY)
    kinds = [event.kind for event in events_of("question", asked.id)]
    assert kinds == ["question.asked", "question.handed_over", "question.withdrawn"]


def test_a_question_of_what_was_handed_in_waits_for_who_follows_it_up(
    explanation: Explanation, asked: BodyQuestion, place: Place, voices: Voices, signed_in: SignIn, at: Any
) -> None:
    do(writing.submit, explanation, answer(), version=explanation.version, by=voices.officer, today=TUESDAY)
    leaves(place, place.officer)
    at(datetime(2023, 10, 23, 8, 0))
    assert waiting() == {Kind.LETTER: 1, Kind.QUESTION: 1}

    assert hand_all(signed_in(place.head), place.colleague).status_code == 303

    assert waiting() == {} and asked.followed_by == place.colleague.id
    do(handing.hand_over_question, asked, place.officer.id, WHY, by=voices.head, today=TUESDAY)
    assert asked.followed_by is None


def test_who_left_is_answered_for_and_still_concluded_upon(
    complaint: Violation, place: Place, make: Make, voices: Voices, signed_in: SignIn, at: Any
) -> None:
    leaves(place, place.officer)
    at(datetime(2023, 10, 23, 8, 0))
    client = signed_in(place.head)
    assert waiting(voices.head) == {Kind.VIOLATION: 1} and "16/10/2023" in client.get("/handovers").text
    assert hand_all(client, place.colleague).status_code == 303

    assert (complaint.holder_id, complaint.writer_id) == (place.officer.id, place.colleague.id)
    assert (complaint.due_on, waiting()) == (date(2023, 10, 26), {})
    assert "Lê Thị An" in signed_in(place.colleague).get(f"/violations/{complaint.id}").text
    version = complaint.version
    with commit():
        violations.answer(complaint, "other", "Theo sổ trực.", version=version, by=voices.colleague, at=clock.now(),
                          today=NEXT_MONDAY)  # fmt: skip
    said = violations.Said(Finding.PARTLY, ViolationBlame.FULL, "Có lời chưa đúng mực.")
    with pytest.raises(Refused, match="not_decider"), commit():
        violations.conclude(complaint, said, version=version + 1, by=voices.colleague, at=clock.now(),
                            today=NEXT_MONDAY)  # fmt: skip
    with commit():
        violations.conclude(complaint, said, version=version + 1, by=voices.head, at=clock.now(), today=NEXT_MONDAY)
    assert complaint.state == "concluded" and complaint.holder_id == place.officer.id


def test_who_works_elsewhere_answers_for_themselves(complaint: Violation, place: Place, make: Make) -> None:
    leaves(place, place.officer, to=make.unit("Xã Khác"))

    assert waiting() == {}


def test_the_page_costs_few_statements(duties: Any, place: Place, signed_in: SignIn, at: Any) -> None:
    leaves(place, place.officer)
    at(datetime(2023, 10, 23, 8, 0))
    client = signed_in(place.head)
    client.get("/handovers")

    with counted() as said:
        shown = client.get("/handovers")

    assert shown.status_code == 200 and shown.text.count('name="duty"') == 7
    assert len(said) <= 12, "\n".join(said)


def test_the_rule_of_what_waits() -> None:
    table = {(kind, where): waits_for_another(kind, where) for kind in Kind for where in Whereabouts}

    assert not any(waits for (_, where), waits in table.items() if where is Whereabouts.HERE)
    assert all(waits for (_, where), waits in table.items() if where is Whereabouts.GONE)
    assert {kind for kind in Kind if not table[kind, Whereabouts.ELSEWHERE]} == {Kind.EXPLANATION, Kind.VIOLATION}

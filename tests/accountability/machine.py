"""Everything that people may try with two duties, as one table; a new action is a new entry.

An entry takes the road, a choice 0–2 and who tries. It does the real thing in its own unit of work, and raises Refused
where a rule says no. ``EXPLAINS`` also names the step of the machine, so that the road can check who did it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from portal import clock
from portal.access import actions as access
from portal.access.rules import AbsenceReason
from portal.accountability.apologies import actions as letters
from portal.accountability.apologies import issuing
from portal.accountability.apologies.models import Apology
from portal.accountability.apologies.rules import Channel, ExemptReason
from portal.accountability.breaches import actions as breaches
from portal.accountability.breaches.models import BreachCorrection
from portal.accountability.explanations import conclusion_queries
from portal.accountability.explanations.actions import deciding, handing, reconsidering, sections, writing
from portal.accountability.explanations.actions.outcomes import Said
from portal.accountability.explanations.leave import follow_leave
from portal.accountability.explanations.models import Explanation
from portal.accountability.explanations.rules import Action, Answer, Blame, CauseClass, Share
from portal.accountability.ledger import actions as ledger
from portal.database import commit, db
from portal.directory.models import Person
from portal.documents.serving import file_store
from portal.guard import Role, Viewer, grants_of
from portal.guard.viewer import ActingFor
from portal.policy.models import PolicyValue
from portal.refusal import Refused
from tests.accountability.conftest import acting, cause_id
from tests.factories import Make

FIRST_DAY, LAST_DAY = date(2023, 10, 16), date(2023, 12, 1)
CONCLUSIONS = (
    (CauseClass.SUBJECTIVE, Blame.FULL), (CauseClass.SUBJECTIVE, Blame.SHARED), (CauseClass.OBJECTIVE, Blame.NONE),
)  # fmt: skip
TYPED = 7
"""A number that somebody types; the others are drawn from the register."""


@dataclass
class Road:
    """One case of a commune with both duties, the people around it, and the day on which they act."""

    explanation_id: int
    apology_id: int
    actors: Mapping[str, Viewer]
    people: Mapping[str, int]
    today: date = FIRST_DAY

    @property
    def explanation(self) -> Explanation:
        return db.session.get_one(Explanation, self.explanation_id)

    @property
    def apology(self) -> Apology:
        return db.session.get_one(Apology, self.apology_id)


def build(make: Make) -> Road:
    """A commune managed by a district, its late case, and eleven who may try something; the section's step is on."""
    district = make.unit("Huyện Thử", kind="district")
    commune = make.unit("Xã Thử", reports_in=district)
    people = {name: make.officer(commune) for name in ("officer", "colleague", "stand_in")}
    people |= {"head": make.head(commune), "district_head": make.head(district)}
    people |= {name: make.in_role(name, district) for name in (Role.MONITORING_OFFICE, Role.HOME_AFFAIRS)}
    people |= {"clerk": make.in_role("clerk", commune), "chair": make.in_role(Role.CHAIR, district)}
    people["stranger"] = make.head(make.unit())
    section = make.unit("Bộ phận Thử", kind="office", reports_in=commune)
    make.posting(people["officer"], section)
    people["section_head"] = make.head(section)
    wanted = {"basis": "QĐ 1", "set_by": "thử", "set_at": clock.now(), "valid_from": date(2020, 1, 1)}
    make.add(PolicyValue(key="explanation.section_step", value=True, **wanted))
    case = make.case(unit=commune, officer=people["officer"], finished="2023-10-12 09:00")
    breach = make.breach(case)
    both = (commune, district)
    actors = {
        "officer": acting(people["officer"], Role.OFFICER),
        "colleague": acting(people["colleague"], Role.OFFICER),
        "stand_in": _standing_in(acting(people["stand_in"], Role.OFFICER), people["officer"]),
        "head": acting(people["head"], Role.HEAD, heads=(commune,)),
        "district_head": acting(people["district_head"], Role.HEAD, heads=both),
        "monitoring_office": acting(people["monitoring_office"], Role.MONITORING_OFFICE, scope=both),
        "home_affairs": acting(people["home_affairs"], Role.HOME_AFFAIRS, scope=both),
        "chair": acting(people["chair"], Role.CHAIR, scope=both),
        "clerk": replace(
            acting(people["clerk"], Role.OFFICER),
            permissions=grants_of(frozenset({Role.OFFICER}), is_clerk=True),
            clerk_units=frozenset({commune.id}),
        ),
        "stranger": acting(people["stranger"], Role.HEAD),
        "section_head": acting(people["section_head"], Role.HEAD, heads=(section,)),
    }
    idents = {name: person.id for name, person in people.items()}
    return Road(make.explanation(breach).id, make.apology(breach).id, actors, idents)


def _standing_in(viewer: Viewer, absent: Any) -> Viewer:
    one = ActingFor(person_id=absent.id, name=absent.full_name, roles=frozenset({Role.OFFICER}))
    return replace(viewer, acting_for=(one,))


Attempt = Callable[[Road, int, Viewer], Any]


def once(act: Callable[..., Any], road: Road, by: Viewer, *args: Any, version: bool = True, **more: Any) -> Any:
    """One action on the explanation as one unit of work, on the version that stands."""
    if version:
        more["version"] = road.explanation.version
    explanation = road.explanation
    db.session.rollback()
    with commit():
        return act(explanation, *args, by=by, at=clock.now(), **more)


def _answer(choice: int) -> Answer:
    said = ("Dồn việc cuối tháng.", "Hồ sơ chuyển chậm.", "")[choice]
    return Answer(cause_id("CQ"), said, "Đã trả.", "Không lặp lại.", date(2023, 10, 27))


def _reassign(road: Road, choice: int, by: Viewer) -> None:
    to = road.people[("officer", "colleague", "stranger")[choice]]
    once(deciding.reassign, road, by, to, "Bước của người này.", version=False, today=road.today)


def _hand_over(road: Road, choice: int, by: Viewer) -> None:
    to = road.people[("colleague", "officer", "head")[choice]]
    once(handing.hand_over, road, by, to, "Chuyển công tác.", version=False, today=road.today)


def _conclude(road: Road, choice: int, by: Viewer) -> None:
    shares = [Share(road.people["clerk"], "Trả kết quả", *CONCLUSIONS[1])] if choice == 1 else []
    once(deciding.conclude, road, by, *CONCLUSIONS[choice], "Có lý do.", shares=shares, today=road.today)


def _conclude_many(road: Road, _choice: int, by: Viewer) -> None:
    chosen = [(road.explanation, road.explanation.version)]
    db.session.rollback()
    with commit():
        deciding.conclude_many(chosen, by=by, at=clock.now(), today=road.today)


def _decide_objection(road: Road, choice: int, by: Viewer) -> None:
    waiting = conclusion_queries.waiting_objections(road.explanation_id)
    if not waiting:
        raise Refused("explanations.no_objection")
    said = Said(*CONCLUSIONS[choice], "Xem lại.") if choice else None
    once(reconsidering.decide_objection, road, by, waiting[0], said, "Xem lại.", today=road.today, letter="CV 1")


EXPLAINS: Mapping[str, tuple[Action, Attempt]] = {
    "save": (Action.SAVE, lambda road, choice, by: once(writing.save_draft, road, by, _answer(choice))),
    "submit": (
        Action.SUBMIT, lambda road, choice, by: once(writing.submit, road, by, _answer(choice), today=road.today),
    ),
    "already_done": (
        Action.ALREADY_DONE,
        lambda road, choice, by: once(writing.say_already_done, road, by, "Sổ 112."[choice:], today=road.today),
    ),
    "not_mine": (
        Action.NOT_MINE,
        lambda road, choice, by: once(
            writing.say_not_mine, road, by, named_id=(None, road.people["colleague"], road.people["head"])[choice],
            step=("Thuế", "", "")[choice], reason="", version=False,
        ),
    ),
    "reassign": (Action.REASSIGN, _reassign),
    "keep_holder": (
        Action.KEEP_HOLDER,
        lambda road, choice, by: once(
            deciding.keep_holder, road, by, ("Đúng người.", "", "Giữ.")[choice], version=False, today=road.today
        ),
    ),
    "hand_over": (Action.HAND_OVER, _hand_over),
    "pass_on": (
        Action.PASS_ON,
        lambda road, choice, by: once(sections.pass_on, road, by, "Đồng ý."[choice * 4 :], today=road.today),
    ),
    "section_return": (
        Action.SECTION_RETURN,
        lambda road, choice, by: once(
            sections.return_from_section, road, by, "Ghi rõ ngày."[choice * 6 :], today=road.today
        ),
    ),
    "return": (
        Action.RETURN,
        lambda road, choice, by: once(deciding.return_for_rework, road, by, "Rõ hơn."[choice:], today=road.today),
    ),
    "conclude": (Action.CONCLUDE, _conclude),
    "conclude_many": (Action.CONCLUDE, _conclude_many),
    "withdraw": (
        Action.WITHDRAW, lambda road, choice, by: once(reconsidering.withdraw, road, by, "Nhầm.", today=road.today),
    ),
    "object": (
        Action.OBJECT, lambda road, choice, by: once(reconsidering.object_to, road, by, "Oan.", today=road.today),
    ),
    "decide_objection": (Action.DECIDE_OBJECTION, _decide_objection),
}  # fmt: skip


def _open_again(road: Road, _choice: int, by: Viewer) -> None:
    db.session.rollback()
    with commit():
        ledger.open_breaches(road.today, clock.now(), by=by)


def _next_day(road: Road, choice: int, _by: Viewer) -> None:
    road.today = min(road.today + timedelta(days=(1, 4, 9)[choice]), LAST_DAY)
    clock.set_business_time(datetime.combine(road.today, time(9)))


def _propose_cancelling(road: Road, _choice: int, by: Viewer) -> None:
    breach = road.explanation.breach
    db.session.rollback()
    with commit():
        breaches.propose_cancellation(breach, "Tạm dừng hợp lệ.", by=by, at=clock.now())


def _decide_cancelling(road: Road, choice: int, by: Viewer) -> None:
    waiting = select(BreachCorrection).where(BreachCorrection.breach_id == road.explanation.breach_id)
    found = db.session.scalars(waiting.where(BreachCorrection.state == "proposed")).first()
    if found is None:
        raise Refused("breaches.decided_already")
    version = found.version
    db.session.rollback()
    with commit():
        ledger.decide_correction(found, approve=choice == 2, reason="Đã xem.", version=version, by=by, at=clock.now())


def _letter(act: Callable[..., Any], road: Road, by: Viewer, *args: Any, **more: Any) -> None:
    apology, version = road.apology, road.apology.version
    db.session.rollback()
    with commit():
        act(apology, *args, version=version, by=by, at=clock.now(), **more)


def _draft(choice: int) -> letters.Draft:
    return letters.Draft("Ông Trần Văn Ẩn", None, "cần thêm thời gian xác minh"[: 0 if choice == 2 else 100], None)


def _sign(road: Road, _choice: int, by: Viewer) -> None:
    apology, version = road.apology, road.apology.version
    issuing.sign(apology, file_store(), mark="", version=version, by=by, at=clock.now(), on=road.today)


def _number(road: Road, choice: int, by: Viewer) -> None:
    apology, version, typed = road.apology, road.apology.version, TYPED if choice == 2 else None
    issuing.number(
        apology, typed, file_store(), issued_on=road.today, version=version, by=by, at=clock.now(), on=road.today
    )


def _send(road: Road, _choice: int, by: Viewer) -> None:
    sent_at = clock.local_now()
    _letter(letters.send, road, by, Channel.PAPER, sent_at, "Sổ giao nhận 12", now=sent_at)


def _exempt(road: Road, choice: int, by: Viewer) -> None:
    why = letters.Exemption(ExemptReason.FORCE_MAJEURE, "Bão số 4.", "CV 9"[: 10 if choice == 2 else 0])
    _letter(letters.exempt, road, by, why, on=road.today)


def _go_on_leave(road: Road, choice: int, by: Viewer) -> None:
    """Who holds the duty is away for some days; recorded by somebody else than the colleague, who stands in."""
    ids, last = (road.explanation.holder_id, road.people["stand_in"]), road.today + timedelta(days=(0, 3, 8)[choice])
    today = road.today
    db.session.rollback()
    with commit():
        person, stand_in = (db.session.get_one(Person, ident) for ident in ids)
        access.record_absence(person, stand_in, AbsenceReason.LEAVE, today, last, by=by, at=clock.now(), today=today)
        follow_leave(by=by, at=clock.now(), person_id=ids[0])


BESIDE: Mapping[str, Attempt] = {
    "go_on_leave": _go_on_leave,
    "next_day": _next_day,
    "open_again": _open_again,
    "propose_cancelling": _propose_cancelling,
    "decide_cancelling": _decide_cancelling,
    "draft_letter": lambda road, choice, by: _letter(letters.save_draft, road, by, _draft(choice), on=road.today),
    "hand_in_letter": lambda road, choice, by: _letter(letters.hand_in, road, by, _draft(choice), on=road.today),
    "sign_letter": _sign,
    "number_letter": _number,
    "send_letter": _send,
    "send_letter_back": lambda road, choice, by: _letter(letters.send_back, road, by, "Sửa lại.", on=road.today),
    "exempt_letter": _exempt,
}

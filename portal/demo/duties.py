"""Invented people do their duties in the demonstration, through the same actions as real ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import islice
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal import clock
from portal.access.models import User
from portal.access.queries import viewer_of
from portal.accountability.apologies import actions as letters
from portal.accountability.apologies import issuing
from portal.accountability.apologies.models import Apology
from portal.accountability.apologies.queries import signer_posting
from portal.accountability.apologies.rules import Channel, ExemptReason
from portal.accountability.breaches.models import Breach
from portal.accountability.explanations.actions import deciding, writing
from portal.accountability.explanations.models import Conclusion, Explanation
from portal.accountability.explanations.queries import Deciders, decider_of
from portal.accountability.explanations.rules import Answer, Blame, CauseClass
from portal.accountability.followups import actions as following
from portal.accountability.followups.rules import Measure
from portal.calendars.queries import current_calendar
from portal.cases.models import Case
from portal.database import commit, db
from portal.demo.details import details_of
from portal.demo.texts import CITIZEN_CAUSE, FOLLOWUP_NOTES, RETURN_COMMENTS, STORIES, Story
from portal.directory.models import Person, Posting
from portal.documents.letter import DEMO_MARK, Letter
from portal.documents.pdf import letter_pdf
from portal.documents.rules import MEDIA_TYPES
from portal.documents.serving import file_store
from portal.documents.store import Content
from portal.guard import Viewer
from portal.policy import queries as policy

BATCH = 40
"""Explanations answered in one unit of work; the demonstration has no crowd of browsers to wait for."""
SHARES: dict[date, dict[str, float]] = {
    date(2023, 9, 29): {"concluded": 0.52, "submitted": 0.22, "returned": 0.04, "draft": 0.08, "waiting": 0.14},
    date(2023, 10, 11): {"concluded": 0.10, "submitted": 0.35, "draft": 0.20, "returned": 0.05, "waiting": 0.30},
    date(2023, 10, 16): {"submitted": 0.05, "draft": 0.15, "waiting": 0.80},
}
IN_TIME = {"concluded": (datetime(2023, 10, 3, 15, 10), datetime(2023, 10, 5, 10, 20))}
"""When officers answered and heads decided what was opened on 29 September: within their terms …"""
LATER = {"submitted": datetime(2023, 10, 12, 14, 30), "returned": datetime(2023, 10, 12, 15, 40)}
"""… or late, so that it waits on the day of the demonstration."""
ROUND_TWO = (datetime(2023, 10, 12, 10, 5), datetime(2023, 10, 13, 16, 15))
LETTERS = (datetime(2023, 10, 12, 14, 0), datetime(2023, 10, 13, 9, 30))
"""When the letters that were sent were written, and when those that are still on their way."""
SINGLY = 0.15
"""Share of conclusions drawn one by one; the others follow the class the officer stated, in bulk."""
ROAD = ("hand in", "sign", "number", "send")
SENT, NUMBERED, SIGNED, HANDED_IN, DRAFTED, EXEMPT = 36, 6, 9, 14, 30, 4
FOLLOWUPS = (Measure.REMINDER,) * 7 + (Measure.LESSON,) * 4 + (Measure.CRITICISM,) * 3 + (Measure.SELF_REVIEW,) * 2


PROOFS = {
    Channel.PAPER: "Sổ giao nhận số 12, công dân ký nhận",
    Channel.ZALO: "Tin nhắn Zalo OA của đơn vị, công dân đã xem",
    Channel.ONLINE: "Thông báo trên Cổng dịch vụ công của tỉnh",
}


class Players:
    """The viewers of the invented people on the day of the demonstration, each built once."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.calendar = current_calendar()
        self._users = {user.person_id: user for user in db.session.scalars(select(User))}
        self._known: dict[int, Viewer] = {}
        self._deciders: dict[date, Deciders] = {}

    def of(self, person_id: int) -> Viewer:
        """The viewer this person is."""
        if person_id not in self._known:
            self._known[person_id] = viewer_of(self._users[person_id], self.today)
        return self._known[person_id]

    def deciders(self, on: date) -> Deciders:
        """Who concludes on a day; nobody is posted anew while the demonstration is played."""
        if on not in self._deciders:
            self._deciders[on] = Deciders.on(on)
        return self._deciders[on]


def play_explanations(opened_on: date, random: Random, players: Players) -> None:
    """Officers answer what was opened on one day, heads conclude; by the shares of that day."""
    statement = (
        select(Explanation.id)
        .join(Breach, Breach.id == Explanation.breach_id)
        .where(Breach.opened_on == opened_on)
        .order_by(Breach.due_at, Breach.id)
    )
    idents = list(db.session.scalars(statement))
    fates = random.choices(list(SHARES[opened_on]), list(SHARES[opened_on].values()), k=len(idents))
    evidence = _evidence()
    in_bulk: dict[int, list[int]] = {}
    for chunk in _chunks(list(zip(idents, fates, strict=True)), BATCH):
        stories = random.choices(STORIES, [story.weight for story in STORIES], k=len(chunk))
        with commit():
            rows = _read([ident for ident, _fate in chunk])
            for (ident, fate), story in zip(chunk, stories, strict=True):
                explanation = rows[ident]
                if explanation.holder_id is not None and fate != "waiting":
                    answered, decided = _moments(opened_on, fate)
                    with clock.standing_at(answered):
                        _answer(explanation, story, fate, evidence, players, random)
                    with clock.standing_at(decided):
                        _decide(explanation, fate, players, random, in_bulk)
    _, decided = _moments(opened_on, "concluded")
    for head_id, chosen in sorted(in_bulk.items()):
        with clock.standing_at(decided), commit():
            rows = _read(chosen)
            versions = [(rows[ident], rows[ident].version) for ident in chosen]
            deciding.conclude_many(versions, by=players.of(head_id), at=clock.now(), today=clock.today())


def _read(idents: Sequence[int]) -> dict[int, Explanation]:
    """Explanations with what answering and concluding asks of them, in one statement."""
    found = select(Explanation).where(Explanation.id.in_(idents))
    found = found.options(joinedload(Explanation.breach).joinedload(Breach.end), joinedload(Explanation.cause))
    return {row.id: row for row in db.session.scalars(found)}


def _moments(opened_on: date, fate: str) -> tuple[datetime, datetime]:
    """When an explanation was answered and when it was decided: after its notice, before the demonstration."""
    first, second, _third = SHARES
    if opened_on == second:
        return ROUND_TWO
    if opened_on == first and fate in IN_TIME:
        return IN_TIME[fate]
    if opened_on == first:
        return LATER.get(fate, ROUND_TWO[1]), ROUND_TWO[1]
    return clock.local_now(), clock.local_now()


def _answer(
    explanation: Explanation, story: Story, fate: str, evidence: Content, players: Players, random: Random
) -> None:
    today, at = clock.today(), clock.now()
    by = players.of(explanation.holder_id or 0)
    cause = policy.cause_of(story.cause, today)
    promised = players.calendar.add_working_days(today, random.randrange(3, 9))
    commitment_on = promised if explanation.breach.end is None else None
    answer = Answer(
        cause.id if cause else None, story.happened, story.remedy, story.commitment, commitment_on,
        details=details_of(story, explanation.case),
    )  # fmt: skip
    if fate == "draft":
        writing.save_draft(explanation, answer, version=explanation.version, by=by, at=at)
        return
    if cause and cause.needs_evidence:
        writing.attach(explanation, evidence, "phieu-chuyen.pdf", by=by, at=at)
    deciders = players.deciders(today)
    writing.submit(explanation, answer, version=explanation.version, by=by, at=at, today=today, deciders=deciders)


def _decide(
    explanation: Explanation, fate: str, players: Players, random: Random, in_bulk: dict[int, list[int]]
) -> None:
    """The head returns or concludes; what follows the stated class is left for one bulk conclusion per head."""
    if fate not in ("returned", "concluded"):
        return
    today, at = clock.today(), clock.now()
    deciders = players.deciders(today)
    decider = decider_of(explanation, today, deciders)
    if decider.person_id is None:
        return
    head = players.of(decider.person_id)
    version = explanation.version
    if fate == "returned":
        comment = random.choice(RETURN_COMMENTS)
        deciding.return_for_rework(
            explanation, comment, version=version, by=head, at=at, today=today, deciders=deciders
        )
        return
    stated = explanation.cause.default_class if explanation.cause else None
    if stated and random.random() > SINGLY:
        in_bulk.setdefault(decider.person_id, []).append(explanation.id)
        return
    cause_class = CauseClass(stated or random.choice(("subjective", "objective")))
    blame = Blame.SHARED if cause_class is CauseClass.SUBJECTIVE else Blame.NONE
    reason = "" if stated else "Căn cứ số hồ sơ nhận trong kỳ và số người thực làm của bộ phận."
    deciding.conclude(
        explanation, cause_class, blame, reason, version=version, by=head, at=at, today=today, deciders=deciders
    )


def _evidence() -> Content:
    """One sheet of paper that stands for every transfer slip of the demonstration."""
    sheet = Letter(
        parent_lines=("UBND HUYỆN KRÔNG NÔ",),
        agency_lines=("BỘ PHẬN MỘT CỬA",),
        number_line="Số: 00/PC",
        place_and_date="Krông Nô, ngày 16 tháng 10 năm 2023",
        title="PHIẾU CHUYỂN THÔNG TIN",
        recipients=("Các cơ quan phối hợp",),
        paragraphs=("Tệp minh hoạ cho chứng cứ kèm giải trình; không phải văn bản thật.",),
        authority_lines=("NGƯỜI LẬP",),
        signer_name="",
        copies=(),
        dated_on=date(2023, 10, 16),
        mark=DEMO_MARK,
    )
    return file_store().put(letter_pdf(sheet), MEDIA_TYPES["pdf"])


NOT_SENT, EMAIL = 3, "nguoi.nop@congdan.example"
"""How far a letter is that has a number and is not sent; its applicant gave an address of no real place."""


def play_letters(random: Random, players: Players) -> None:
    """Some letters in every state of their road; most wait, as in a district that has just begun."""
    idents = list(db.session.scalars(select(Apology.id).order_by(Apology.due_at, Apology.id)))
    chosen = iter(random.sample(idents, min(len(idents), 220)))
    for count, steps in ((SENT, len(ROAD)), (NUMBERED, NOT_SENT), (SIGNED, 2), (HANDED_IN, 1), (DRAFTED, 0)):
        done = 0
        with clock.standing_at(LETTERS[0 if steps == len(ROAD) else 1]):
            while done < count and (ident := next(chosen, None)) is not None:
                done += _letter(db.session.get_one(Apology, ident), steps, random, players)
    for ident in islice(chosen, EXEMPT):
        _exempt(db.session.get_one(Apology, ident), players)


def _letter(apology: Apology, steps: int, random: Random, players: Players) -> bool:
    new_date = players.calendar.add_working_days(clock.today(), random.randrange(4, 12))
    channel = random.choice((Channel.PAPER, Channel.ZALO, Channel.ONLINE))
    return walk_letter(apology, steps, new_date, channel, players)


def walk_letter(apology: Apology, steps: int, new_date: date, channel: Channel, players: Players) -> bool:
    """Walk one letter ``steps`` further: hand in, sign, number, send. False where somebody is missing for it.

    ``new_date``: what it promises where the case is open.
    """
    today, store = clock.today(), file_store()
    signer, clerk_id = signer_posting(apology.unit_id, today), _clerk(apology.unit_id)
    if apology.officer_id is None or signer is None or clerk_id is None:
        return False
    case = db.session.get_one(Case, apology.case_id)
    if case.finished_at and case.finished_at.date() >= today:
        return False
    email = EMAIL if steps == NOT_SENT else ""
    draft = letters.Draft(case.applicant_name or "", None, CITIZEN_CAUSE, None if case.finished_at else new_date, email)
    officer, head, clerk = players.of(apology.officer_id), players.of(signer.person_id), players.of(clerk_id)
    with commit():
        act = letters.hand_in if steps else letters.save_draft
        act(apology, draft, version=apology.version, by=officer, at=clock.now(), on=today)
    if steps > 1:
        issuing.sign(apology, store, mark=DEMO_MARK, version=apology.version, by=head, at=clock.now(), on=today)
    if steps > 2:
        issuing.number(
            apology, None, store, issued_on=today, version=apology.version, by=clerk, at=clock.now(), on=today
        )
    if steps > 3:
        sent_at = clock.local_now()
        with commit():
            letters.send(
                apology,
                channel,
                sent_at,
                PROOFS[channel],
                version=apology.version,
                by=clerk,
                at=clock.now(),
                now=sent_at,
            )
    return True


def _clerk(unit_id: int) -> int | None:
    statement = select(Posting.person_id).where(Posting.unit_id == unit_id, Posting.is_clerk).order_by(Posting.id)
    return db.session.scalars(statement.limit(1)).first()


def _exempt(apology: Apology, players: Players) -> None:
    signer = signer_posting(apology.unit_id, players.today)
    if signer is None:
        return
    exemption = letters.Exemption(
        ExemptReason.APPLICANT_DEFAULT,
        "Công dân không đến nhận kết quả đo đạc theo hai lần thông báo.",
        "Thông báo số 31/TB, 45/TB",
    )
    with commit():
        letters.exempt(
            apology,
            exemption,
            version=apology.version,
            by=players.of(signer.person_id),
            at=clock.now(),
            on=players.today,
        )


def play_followups(random: Random, players: Players) -> None:
    """Heads remind and criticise those with most subjective breaches."""
    statement = (
        select(Breach)
        .join(Explanation, Explanation.breach_id == Breach.id)
        .join(Conclusion, Conclusion.id == Explanation.conclusion_id)
        .where(Conclusion.cause_class == CauseClass.SUBJECTIVE, Breach.officer_id.is_not(None))
        .order_by(Breach.id)
    )
    grounds: dict[int, list[Breach]] = {}
    for breach in db.session.scalars(statement):
        grounds.setdefault(breach.officer_id or 0, []).append(breach)
    most = sorted(grounds.items(), key=lambda item: (-len(item[1]), item[0]))
    for number, (measure, (person_id, breaches)) in enumerate(zip(reversed(FOLLOWUPS), most, strict=False)):
        _followup(measure, person_id, breaches[:5], date(2023, 10, 9 + 5 * number // len(FOLLOWUPS)), random, players)


def _chunks(items: Sequence[Any], size: int) -> Iterable[Sequence[Any]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _followup(
    measure: Measure, person_id: int, breaches: Sequence[Breach], on: date, random: Random, players: Players
) -> None:
    head_id = breaches[0].head_id
    if head_id is None or head_id == person_id:
        return
    numbered = measure in (Measure.CRITICISM, Measure.SELF_REVIEW)
    draft = following.Draft(
        measure=measure,
        decided_on=on,
        signer=players.of(head_id).name,
        decision_number=f"{random.randrange(10, 60)}/TB" if numbered else "",
        note=FOLLOWUP_NOTES[measure],
    )
    person = db.session.get_one(Person, person_id)
    with commit():
        idents = [breach.id for breach in breaches]
        following.record_followup(person, draft, idents, by=players.of(head_id), at=clock.now(), today=players.today)

"""Explanations beyond the plain road: questions to other bodies, one text for many cases, supplements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from portal import clock
from portal.accountability.apologies.models import Apology
from portal.accountability.apologies.rules import Channel
from portal.accountability.breaches.models import Breach
from portal.accountability.explanations import asking
from portal.accountability.explanations.actions import supplementing, together
from portal.accountability.explanations.asking import Question
from portal.accountability.explanations.models import Explanation
from portal.accountability.explanations.queries import Deciders
from portal.accountability.explanations.rules import WRITABLE, Answer
from portal.accountability.explanations.supplements import Supplement, SupplementState
from portal.accountability.incidents.models import BodyQuestion
from portal.accountability.incidents.rules import Confirms, Way
from portal.calendars.queries import current_calendar
from portal.cases.models import Case
from portal.cases.words import is_open, word
from portal.database import commit, db
from portal.demo.beside import unit_of
from portal.demo.details import details_of
from portal.demo.duties import ROAD, Players, walk_letter
from portal.demo.texts import QUESTION_TO_COMMUNE, QUESTION_TO_TAX, STORIES, SUPPLEMENT
from portal.policy import queries as policy

TAX = "Chi cục Thuế khu vực Krông Nô - Cư Jút"
COMMUNE = "H16.117.25"
LATER_ROUND = date(2023, 10, 11)
TOGETHER = 4
"""Cases of one officer that one text explains."""
PROMISED = (datetime(2023, 10, 2, 14, 0), date(2023, 10, 6))
"""When two letters were sent whose new date was then missed, and that date."""


def busiest(rank: int) -> int:
    """Who of those with an own duty has most to write; 0 is the officer of the card."""
    owed = Explanation.state.in_([word(state) for state in WRITABLE])
    found = (
        select(Explanation.holder_id).where(owed, Explanation.holder_id.is_not(None)).group_by(Explanation.holder_id)
    )
    return db.session.scalars(found.order_by(func.count().desc(), Explanation.holder_id).offset(rank)).first() or 0


def _owed(holder_id: int, opened_on: date, most: int) -> Sequence[Explanation]:
    """What a person has to write of one round, the oldest first; nothing begun."""
    found = (
        select(Explanation)
        .join(Breach, Breach.id == Explanation.breach_id)
        .where(Explanation.holder_id == holder_id, Explanation.state == word("waiting"), Breach.opened_on == opened_on)
    )
    return db.session.scalars(found.order_by(Breach.due_at, Explanation.id).limit(most)).all()


def ask_bodies(players: Players) -> None:
    """One question waits at the tax office, one at a commune, one was answered, and one body let its term pass."""
    officer, commune = busiest(0), unit_of(COMMUNE)
    tax = Question(TAX, QUESTION_TO_TAX)
    first, second, third = _owed(officer, LATER_ROUND, 3)
    (silent,) = _owed(officer, date(2023, 9, 29), 1)
    _ask(silent, tax, "96/PC-TTHC", datetime(2023, 10, 3, 9), players)
    _ask(first, tax, "118/PC-TTHC", datetime(2023, 10, 12, 9), players)
    field = Question(commune.name, QUESTION_TO_COMMUNE, commune.id)
    _ask(second, field, "75/CN-XM", datetime(2023, 10, 12, 9, 20), players)
    asked = _ask(third, tax, "121/PC-TTHC", datetime(2023, 10, 12, 9, 40), players)
    received = asked.transferred_on
    said = asking.Answer(
        Confirms.YES, "Chi cục nhận phiếu đúng ngày chuyển, ra thông báo chậm do chờ xác định giá đất.",
        received_on=received, returned_on=received and received + timedelta(days=16),
        document="Công văn số 455/CCT ngày 13/10/2023",
    )  # fmt: skip
    with clock.standing_at(datetime(2023, 10, 13, 15, 30)), commit():
        by = players.of(officer)
        asking.answer(asked, said, Way.LETTER, version=asked.version, by=by, at=clock.now(), today=clock.today())


def _ask(explanation: Explanation, question: Question, slip: str, moment: datetime, players: Players) -> BodyQuestion:
    """Ask at a moment; the case was handed over on the day after its receipt."""
    by, handed_over = players.of(explanation.holder_id or 0), explanation.case.received_at.date() + timedelta(days=1)
    put = replace(question, transfer_number=slip, transferred_on=handed_over)
    with clock.standing_at(moment), commit():
        return asking.ask(explanation, put, by=by, at=clock.now(), today=clock.today())


def explain_together(players: Players) -> None:
    """One officer writes one text for some cases of one cause, with a remark on one of them."""
    officer = busiest(1)
    rows = _owed(officer, clock.today(), TOGETHER)
    story = next(story for story in STORIES if story.cause == "QT")
    cause = policy.cause_of(story.cause, clock.today())
    answer = Answer(
        cause.id if cause else None, story.happened, story.remedy, story.commitment,
        current_calendar().add_working_days(clock.today(), 5), details=details_of(story, rows[0].case),
    )  # fmt: skip
    by, ids = players.of(officer), [row.id for row in rows]
    with commit():
        batch = together.open_batch(rows, by=by, at=clock.now())
    with commit():
        remarks = {ids[0]: "Hồ sơ này thiếu trích lục, phải bổ sung một lần."}
        together.submit_batch(
            batch, answer, remarks, ids, version=batch.version, by=by, at=clock.now(), today=clock.today()
        )


def miss_promises(players: Players) -> None:
    """Two letters promised the sixth of October for cases that are open still."""
    moment, promised = PROMISED
    found = (
        select(Apology.id)
        .join(Case, Case.id == Apology.case_id)
        .where(is_open(), Apology.officer_id.is_not(None), Apology.opened_on < moment.date())
        .order_by(Apology.due_at, Apology.id)
    )
    sent = 0
    with clock.standing_at(moment):
        for ident in db.session.scalars(found).all():
            apology = db.session.get_one(Apology, ident)
            if sent < 2 and walk_letter(apology, len(ROAD), promised, Channel.PAPER, players):
                sent += 1


def write_supplements(players: Players) -> None:
    """Of the further explanations that are due, one is handed in, and one came back and waits for the tax office."""
    found = select(Supplement).where(
        Supplement.state == word(SupplementState.WAITING), Supplement.holder_id.is_not(None)
    )
    rows = db.session.scalars(found.order_by(Supplement.due_on, Supplement.id).limit(2)).all()
    said = supplementing.Progress(*SUPPLEMENT, current_calendar().add_working_days(clock.today(), 6))
    for place, row in enumerate(rows):
        by, today = players.of(row.holder_id or 0), clock.today()
        with commit():
            supplementing.submit(row, said, version=row.version, by=by, at=clock.now(), today=today)
        decider = Deciders.on(today).of(row.unit_id, frozenset({row.holder_id or 0})).person_id
        if place == 1 and decider is not None:
            with commit():
                head = players.of(decider)
                comment = "Ghi rõ đã làm việc với cơ quan thuế ngày nào."
                supplementing.send_back(row, comment, version=row.version, by=head, at=clock.now(), today=today)
            again = Question(TAX, QUESTION_TO_TAX, transfer_number="130/PC-TTHC", transferred_on=today)
            with commit():
                asking.ask(row, again, by=by, at=clock.now(), today=today)

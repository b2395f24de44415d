"""From the lists of a unit to its note: words, files and number; drawn before the transaction, as slow work is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from flask_babel import force_locale

from portal import clock
from portal.accountability.apologies.queries import Seats, seats_on
from portal.accountability.apologies.rules import authority_lines
from portal.calendars.queries import current_calendar
from portal.cases.late import how_late, late_words
from portal.database import commit
from portal.deadlines import Moment, Precision
from portal.deadlines.moments import END_OF_DAY
from portal.directives import actions, queries
from portal.directives.models import UrgingNote
from portal.directives.queries import Line
from portal.directives.rules import REGISTER_FORM, Subject, next_round
from portal.directives.wording import Facts, letter_of
from portal.directory.models import Unit
from portal.directory.queries import person_by_id, unit_by_id
from portal.directory.rules import LEVELS
from portal.directory.rules import Line as Lines
from portal.documents import queries as registers
from portal.documents import rules as documents
from portal.documents.docx import letter_docx
from portal.documents.pdf import letter_pdf
from portal.documents.store import FileStore
from portal.guard import Viewer
from portal.policy import queries as policy
from portal.refusal import Refused

TRIES = 8


def urge(
    subject: Subject,
    unit_id: int,
    store: FileStore,
    *,
    person_id: int | None = None,
    mark: str,
    by: Viewer,
    at: datetime,
    now: datetime,
) -> int:
    """Urge one unit about what it owes just now; the number of the note. ``person_id``: about what one person owes.

    ``now``: wall moment; ``mark``: the foot line of a demonstration. Refused where nothing is owed any more, the viewer
    holds no post in whose name to urge, or would urge himself.
    """
    on = now.date()
    if person_id is not None and person_id == by.person_id:
        raise Refused("urging.yourself")
    seats, unit = seats_on(on), unit_by_id(unit_id)
    office = queries.issuer_of(by, unit_id, person_id, on, seats.tree)
    lines = queries.lines_of(subject, unit_id, by, now, person_id)
    person = None if person_id is None else person_by_id(person_id)
    if office is None:
        raise Refused("urging.no_office")
    if unit is None or not lines:
        raise Refused("urging.nothing_owed")
    issuer_id = None if person_id is None else office.id
    latest = queries.latest_notes(subject, [unit_id], person_id, issuer_id).get(unit_id)
    due_on = current_calendar().add_working_days(on, policy.urging_reply_days(on))
    facts = _facts(subject, office, unit, lines, latest, due_on, seats, mark, on)
    facts = replace(facts, late=lateness_in_words(lines, now), person=person.full_name if person else "")
    for _ in range(TRIES):
        facts = replace(facts, number=registers.next_number(office.id, REGISTER_FORM, on.year))
        draft = replace(_drawn(facts, office, unit, lines, latest, store), person_id=person_id)
        try:
            with commit():
                return actions.issue(draft, by=by, at=at, on=on).id
        except Refused as refused:
            if refused.code != "documents.number_taken":
                raise
    raise Refused("changed_meanwhile")


def lateness_in_words(lines: Sequence[Line], now: datetime) -> dict[str, str]:
    """How late each overdue case is by its code, in the words of every page, in working days or hours; of a line
    without a due moment nothing. What is sent is in Vietnamese, whoever makes it."""
    calendar = current_calendar()
    with force_locale("vi"):
        return {
            line.code: late_words(how_late(_due(line.due_at), Moment(now), calendar), ended=False)
            for line in lines
            if line.due_at is not None
        }


def _due(at: datetime) -> Moment:
    """A stored due moment; the last second of a day has no time of day."""
    return Moment(at, Precision.DAY if at.time() == END_OF_DAY else Precision.MINUTE)


def _drawn(
    facts: Facts, office: Unit, unit: Unit, lines: list[Line], latest: UrgingNote | None, store: FileStore
) -> actions.Draft:
    letter = letter_of(facts)
    pdf = store.put(letter_pdf(letter), documents.MEDIA_TYPES["pdf"])
    docx = store.put(letter_docx(letter), documents.MEDIA_TYPES["docx"])
    before = latest.id if latest else None
    return actions.Draft(
        office.id, unit.id, facts.subject, facts.round, facts.number, lines, facts.reply_due_on, pdf, docx, before
    )


def _facts(
    subject: Subject, office: Unit, unit: Unit, lines: list[Line], latest: UrgingNote | None, due_on: date,
    seats: Seats, mark: str, on: date,
) -> Facts:  # fmt: skip
    number = next_round(latest.round if latest else None, latest.state if latest else None)
    signer = seats.signer(office.id)
    managing, level = seats.tree.parent(Lines.MANAGED_BY, office.id), seats.tree.level_of(office.id)
    parent = seats.tree.node(managing) if managing is not None and office.kind not in LEVELS else None
    area = seats.tree.node(level) if level is not None else None
    return Facts(
        subject=subject,
        round=number,
        number=0,
        office=office.name,
        parent=parent.name if parent else "",
        place=area.name if area else office.name,
        unit=unit.name,
        lines=[(line.code, line.due_on) for line in lines],
        issued_on=on,
        reply_due_on=due_on,
        before=(latest.number, latest.issued_on) if latest is not None and number > 1 else None,
        authority=authority_lines(signer.position, leads_a_level=signer.unit.kind in LEVELS) if signer else (),
        signer=signer.person.full_name if signer else "",
        mark=mark,
    )


def facts_of(note: UrgingNote) -> Facts:
    """What a note said, for the text that is pasted into a messenger."""
    return Facts(
        subject=Subject(note.subject), round=note.round, number=note.number, office=note.issuer.name, parent="",
        place="", unit=note.unit.name, lines=[(line.code, line.due_on) for line in queries.cases_of(note.id)],
        issued_on=note.issued_on, reply_due_on=note.reply_due_on, before=None, authority=(), signer="", mark="",
        person=note.person.full_name if note.person else "",
        late=lateness_in_words(queries.due_moments_of(note), clock.wall_of(note.issued_at)),
    )  # fmt: skip

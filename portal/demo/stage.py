"""Builds the demonstration by walking the real road: directory, import, breaches, explanations, letters, follow-ups.

Nothing is written past the actions of the features, so what a visitor sees is what the portal does. The draws come
from one seed: every run gives the same district.
"""

from __future__ import annotations

import csv
import hashlib
import io
import secrets
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from random import Random

from sqlalchemy import func, select

from portal import clock
from portal.access import actions as access
from portal.access.models import DemoCard
from portal.access.passwords import hash_of
from portal.accountability.apologies.models import Apology
from portal.accountability.explanations.models import Explanation
from portal.accountability.ledger.actions import open_breaches
from portal.audit import set_actor_label
from portal.calendars.queries import current_calendar
from portal.cases.models import Source
from portal.cases.rules import Meaning
from portal.database import commit, db
from portal.demo import beside, changing, further, people, population
from portal.demo.case_list import write_case_list
from portal.demo.duties import Players, play_explanations, play_followups, play_letters
from portal.demo.hooks import forget
from portal.demo.models import DemoState
from portal.demo.people import directory_rows
from portal.demo.population import CLOCK, DATA_AS_OF
from portal.demo.steps import play_steps
from portal.demo.texts import CARDS
from portal.directory.importing import import_directory
from portal.directory.models import Person, Posting, Unit
from portal.directory.sheet import read_sheet
from portal.guard import Role, Viewer
from portal.imports.actions import import_prepared
from portal.imports.preparing import Upload, Wishes, prepare
from portal.sources.actions import Description, describe, own_units, set_meanings
from portal.sources.rules import SourceKind

SEED = 20_231_016
ACTOR = "bộ tạo dữ liệu minh hoạ"
"""Who did what nobody of the district did: the same on every machine, unlike the user of the operating system."""
SOURCE = "VNPT-iGate (minh hoạ)"
SYSTEM = "Một cửa điện tử của huyện, xuất danh sách .xlsx"
WHOM_TO_ASK = "Văn phòng xuất danh sách vào cuối ngày thứ Sáu."
DISTRICT = ".117"
"""What the codes of the district's units have in common."""
STATUS_EIGHT, WHY_EIGHT = "Dừng xử lý", "Văn phòng xác nhận: dừng xử lý là từ chối bằng văn bản"
ROUNDS = (date(2023, 9, 29), date(2023, 10, 11), date(2023, 10, 16))


def build(files: Path) -> None:
    """Fill an empty, migrated database with the district of 16 October 2023; ``files`` keeps the exported list."""
    set_actor_label(ACTOR)
    with clock.standing_at(CLOCK):
        _import_directory()
        beside.keep_own_calendar()
        _import_cases(files, people.postings(Random(SEED)))
        _explain_source()
        play_steps(Random(SEED + 2))
        _accounts()
        for day in ROUNDS:
            _open(day)
            _walk(day, Random(SEED + day.toordinal()))
        _walk_further(Players(CLOCK.date()))
        _cards()
        with commit():
            db.session.add(DemoState(id=1, clock=CLOCK, made_at=clock.now()))
    forget()


def _import_directory() -> None:
    rows = directory_rows(Random(SEED))
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, names, restval="")
    writer.writeheader()
    writer.writerows(rows)
    data = text.getvalue().encode()
    sheet = read_sheet(data, [str(role) for role in Role])
    digest = hashlib.sha256(data).hexdigest()
    with commit():
        import_directory(sheet, file_name="danh-ba.csv", sha256=digest, today=clock.today(), by=None, at=clock.now())


def _import_cases(files: Path, staff: Sequence[people.Posting]) -> None:
    cases = population.population(current_calendar(), staff, Random(SEED + 1))
    files.mkdir(parents=True, exist_ok=True)
    path = files / "danh-sach-ho-so-2023-10-16.xlsx"
    write_case_list(path, cases)
    wishes = Wishes(source=SOURCE, as_of=DATA_AS_OF, create_unknown=True)
    prepared = prepare(Upload(path, path.name), wishes, at=clock.now())
    with commit():
        import_prepared(prepared, by=None, at=clock.now())


def _explain_source() -> None:
    """The one source rules the units of the district, and the office has said what it means by status 8."""
    source = db.session.scalars(select(Source).where(Source.name == SOURCE)).one()
    units = db.session.scalars(select(Unit.id).where(Unit.code.contains(DISTRICT))).all()
    described = Description(name=SOURCE, kind=SourceKind.VNPT, label=SYSTEM, note=WHOM_TO_ASK)
    by = Viewer.for_command(ACTOR)
    with commit():
        describe(source, described, by=by, at=clock.now())
        own_units(source, units, by=by, at=clock.now())
        set_meanings(source, {STATUS_EIGHT: Meaning.REFUSED.value}, WHY_EIGHT, by=by, at=clock.now())


def _open(day: date) -> None:
    moment = CLOCK if day == CLOCK.date() else datetime(day.year, day.month, day.day, 16, 0)
    with clock.standing_at(moment), commit():
        open_breaches(day, clock.now())


def _walk(day: date, random: Random) -> None:
    """The days after a round of breaches: people do their part of it."""
    players = Players(CLOCK.date())
    play_explanations(day, random, players)
    if day == ROUNDS[-2]:
        further.miss_promises(players)
        play_letters(random, players)
        play_followups(random, players)


def _walk_further(players: Players) -> None:
    """What the plain road does not show: other bodies, incidents, violations, urging, pauses, changes of people."""
    further.ask_bodies(players)
    further.explain_together(players)
    further.write_supplements(players)
    beside.declare_incidents(players)
    beside.record_violations(players)
    beside.urge_units(players)
    beside.bring_report(players)
    beside.record_pauses(players)
    beside.delegate()
    changing.change_people(players, Viewer.for_command(ACTOR))


def _accounts() -> None:
    """An account for everyone; nobody knows a password, the cards of the sign-in page are the only way in."""
    people = db.session.scalars(select(Person).order_by(Person.id)).all()
    unknown = hash_of(secrets.token_urlsafe(32))
    with commit():
        for person in people:
            user = access.create_account(person, (person.code or "").lower(), unknown, by=None, at=clock.now())
            user.must_change, user.slip_expires_at = False, None


def _cards() -> None:
    """One card per role: of several people the one with most to do, so that no visitor meets an empty page."""
    with commit():
        for position, (role, title, blurb) in enumerate(CARDS):
            person_id = _busiest(role)
            if person_id is not None:
                db.session.add(DemoCard(person_id=person_id, role=role, title=title, blurb=blurb, position=position))
                db.session.flush()


def _busiest(role: str) -> int | None:
    """Who of a role has most explanations to write, conclude or letters to number; nobody stands on two cards."""
    is_clerk = role == "clerk"
    waiting = select(func.count()).select_from(Explanation)
    if is_clerk:
        waiting = select(func.count()).select_from(Apology)
        mine = waiting.where(Apology.unit_id == Posting.unit_id, Apology.state.in_(("signed", "numbered")))
    elif role == "section_head":
        mine = waiting.where(Explanation.section_unit_id == Posting.unit_id, Explanation.state == "submitted")
    elif role == "head":
        mine = waiting.where(Explanation.unit_id == Posting.unit_id, Explanation.state == "submitted")
    else:
        mine = waiting.where(Explanation.holder_id == Posting.person_id, Explanation.state.in_(("waiting", "draft")))
    count = mine.correlate(Posting).scalar_subquery()
    statement = (
        select(Posting.person_id)
        .where(Posting.role == {"clerk": "officer", "section_head": "head"}.get(role, role))
        .where(Posting.valid_to.is_(None))
        .where(Posting.person_id.not_in(select(DemoCard.person_id)))
        .order_by(count.desc(), Posting.id)
        .limit(1)
    )
    if is_clerk:
        statement = statement.where(Posting.is_clerk)
    elif role == "officer":
        statement = statement.where(~Posting.is_clerk)
    return db.session.scalars(statement).first()

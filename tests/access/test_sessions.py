"""The end of a session: sign-out, closing, a new slip, a changed role, idleness, age; and junk in the cookie."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from portal import clock
from portal.access import actions
from portal.access.models import AccountSession
from portal.access.queries import user_of_person, viewer_of
from portal.audit.models import AuditEvent
from portal.database import commit, db
from portal.directory.actions import add_posting, end_posting, set_clerk
from portal.directory.models import Posting
from portal.directory.queries import person_by_id
from portal.directory.rules import UnitKind
from portal.guard import Permission, Role
from tests.factories import Make

SignIn = Callable[..., FlaskClient]


def alive(client: FlaskClient) -> bool:
    """Whether the session still opens a page."""
    return client.get("/account").status_code == 200


def test_sign_out_ends_the_session_on_the_server(signed_in: SignIn) -> None:
    client = signed_in("officer")
    token = client.get_cookie("sid").value

    response = client.post("/sign-out")

    assert response.status_code == 303
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert db.session.scalar(select(AccountSession)) is None
    client.set_cookie("sid", token)
    assert not alive(client)


def test_closing_an_account_ends_its_sessions(signed_in: SignIn, make: Make) -> None:
    client, admin = signed_in("officer"), signed_in("administrator", make.unit())
    user = user_of_person(client.person.id)
    with commit():
        actions.disable_account(user, by=viewer_of(user_of_person(admin.person.id), clock.today()), at=clock.now())

    assert not alive(client)
    assert alive(admin)


def test_a_new_slip_ends_the_sessions(signed_in: SignIn) -> None:
    client = signed_in("officer")
    user = user_of_person(client.person.id)
    with commit():
        actions.issue_slip(user, "hash", by=None, at=clock.now())

    assert not alive(client)


@pytest.mark.parametrize("change", ["end", "clerk", "add"])
def test_a_changed_role_ends_the_session(signed_in: SignIn, make: Make, change: str) -> None:
    client, unit = signed_in("officer"), make.unit()
    assert alive(client)
    posting = db.session.scalars(select(Posting).where(Posting.person_id == client.person.id)).one()
    with commit():
        if change == "end":
            end_posting(posting, clock.today() - timedelta(days=1), by=None, at=clock.now())
        elif change == "clerk":
            set_clerk(posting, True, by=None, at=clock.now())
        else:
            add_posting(
                person_by_id(client.person.id), unit, Role.HEAD, valid_from=clock.today(), by=None, at=clock.now()
            )

    assert not alive(client)


def test_a_posting_that_ends_today_is_still_held_today(signed_in: SignIn) -> None:
    client = signed_in("officer")
    posting = db.session.scalars(select(Posting).where(Posting.person_id == client.person.id)).one()
    with commit():
        end_posting(posting, clock.today(), by=None, at=clock.now())

    assert alive(client)


@pytest.mark.parametrize(
    ("created", "seen", "lives"), [(1, 1, True), (100, 29, True), (100, 31, False), (479, 5, True), (481, 5, False)]
)
def test_idle_and_old_sessions_end(signed_in: SignIn, created: int, seen: int, lives: bool) -> None:
    client = signed_in("officer")
    with commit():
        session = db.session.scalars(select(AccountSession)).one()
        session.created_at = clock.now() - timedelta(minutes=created)
        session.last_seen_at = clock.now() - timedelta(minutes=seen)

    assert alive(client) is lives


def test_use_is_noted_at_most_once_a_minute(signed_in: SignIn) -> None:
    client = signed_in("officer")
    before = db.session.scalars(select(AccountSession.last_seen_at)).one()
    alive(client)
    assert db.session.scalars(select(AccountSession.last_seen_at)).one() == before

    with commit():
        db.session.scalars(select(AccountSession)).one().last_seen_at = clock.now() - timedelta(minutes=2)
    alive(client)

    assert db.session.scalars(select(AccountSession.last_seen_at)).one() > before


def test_the_fourth_session_ends_the_oldest(signed_in: SignIn, make: Make) -> None:
    person = make.officer()

    clients = [signed_in(person) for _ in range(4)]

    assert [alive(client) for client in clients] == [False, True, True, True]


@pytest.mark.parametrize("junk", ["", "x", "x" * 43, "x" * 3000, "ă", "'; DROP TABLE sessions; --"])
def test_junk_in_the_cookie_is_nobody(client: FlaskClient, junk: str) -> None:
    client.set_cookie("sid", junk)

    assert client.get("/account").status_code == 302


def test_the_form_cookie_signs_nobody_in(client: FlaskClient, make: Make) -> None:
    user = make.user()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = str(user.id), True

    assert client.get("/account").status_code == 302


def test_a_viewer_costs_three_queries_at_most(app: Flask, signed_in: SignIn, make: Make) -> None:
    district = make.unit(kind=UnitKind.DISTRICT)
    for _ in range(3):
        make.unit(reports_in=district)
    person = make.in_role("chair", district)
    make.posting(person, make.unit(reports_in=district), Role.HEAD)
    user = make.user(person)
    asked: list[str] = []
    db.session.rollback()
    event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))

    viewer_of(user, clock.today())

    selects = [statement for statement in asked if statement.startswith("SELECT")]
    assert len([s for s in selects if "FROM users" not in s and "FROM people" not in s]) <= 2


def test_without_postings_there_are_no_rights(make: Make) -> None:
    viewer = viewer_of(make.user(make.person()), date(2023, 10, 16))

    assert not viewer.permissions and not viewer.readable_units and not viewer.sees_all
    assert viewer.masks_applicant


def test_the_viewer_says_who_acts_for_what(make: Make) -> None:
    unit = make.unit("Phòng Tài nguyên", kind=UnitKind.DIVISION)
    person = make.posting(make.person("Nguyễn Văn An"), unit, Role.HEAD, position="Trưởng phòng").person

    viewer = viewer_of(make.user(person), date(2023, 10, 16))

    assert viewer.label == "Nguyễn Văn An (Trưởng phòng, Phòng Tài nguyên)"
    assert viewer.headed_units == {unit.id} and not viewer.masks_applicant
    assert viewer.may(Permission.CONCLUDE) and not viewer.may(Permission.MANAGE_ACCOUNTS)


def test_rights_reach_old_cases_of_units_that_ended(make: Make) -> None:
    district = make.unit(kind=UnitKind.DISTRICT)
    ended = make.unit(reports_in=district, valid_to=date(2022, 12, 31))

    viewer = viewer_of(make.user(make.in_role("chair", district)), date(2023, 10, 16))

    assert ended.id in viewer.scope_units and viewer.sees_all


def test_the_auditor_reads_masked_names(make: Make) -> None:
    viewer = viewer_of(make.user(make.in_role("auditor")), date(2023, 10, 16))

    assert viewer.masks_names and viewer.masks_applicant and not viewer.may(Permission.READ_CASES)


def test_signing_in_and_out_stand_in_the_trail(signed_in: SignIn) -> None:
    signed_in("officer").post("/sign-out")

    kinds = db.session.scalars(select(AuditEvent.kind).order_by(AuditEvent.seq)).all()
    assert [kind for kind in kinds if kind.startswith("account")] == ["account.signed_in", "account.signed_out"]

"""Mail leaves once a person and working day, is tried again, and is told apart when it is sent twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from portal import clock
from portal.config import Settings
from portal.database import db
from portal.deadlines import WorkingCalendar
from portal.notices import outbox, queries
from portal.notices.models import Mail, Notice
from portal.notices.rules import LEASE, WAITS, Hours, MailState, lines_shown, wait_after
from portal.notices.smtp import NotSent, open_post
from tests.databases import SECRET
from tests.factories import Make
from tests.notices.conftest import MONDAY, NEWS, Server, say

TODAY = MONDAY.date()


def written() -> dict[str, int]:
    return dict(outbox.write_digests(TODAY, clock.now()))


def sent(after: timedelta = timedelta()) -> dict[str, int]:
    counts = outbox.send_due(clock.now() + after, TODAY)
    return {name: count for name, count in counts.items() if count}


def only_mail() -> Mail:
    return db.session.query(Mail).one()


@pytest.fixture
def officer(make: Make) -> Any:
    return make.posting(make.person("Trần Thị Mơ", email="mo@dakson.gov.vn")).person


def test_one_mail_a_day_says_it_all_in_vietnamese(
    make: Make, server: Server, mailing: Callable[..., None], officer: Any
) -> None:
    mailing(server)
    say(*range(1, 15), to=officer)
    say(1, to=officer, kind=NEWS)

    assert written() == {"mails": 1, "no_address": 0}
    assert written()["mails"] == 0
    assert sent() == {"sent": 1}

    mail = server.got[0]
    plain, html = (mail.get_body((kind,)).get_content().replace("\r\n", "\n") for kind in ("plain", "html"))
    assert mail["Subject"] == "[Đúng Hạn] 14 việc chờ ông/bà xử lý, ngày 16/10/2023"
    assert (mail["To"], mail["Auto-Submitted"]) == ("mo@dakson.gov.vn", "auto-generated")
    assert "* 14 việc\n  - H1, hạn 16/10/2023\n" in plain and "  - và 4 việc khác" in plain
    assert plain.index("VIỆC ÔNG/BÀ PHẢI LÀM") < plain.index("ĐỂ ÔNG/BÀ BIẾT") and "\n\n\n" not in plain
    assert "H1</a>, hạn 16/10/2023" in html


def test_who_read_everything_gets_no_mail(server: Server, mailing: Callable[..., None], officer: Any) -> None:
    mailing(server)
    say(1, to=officer)
    db.session.rollback()
    with outbox.commit():
        outbox.bulk.mark_read(officer.id, clock.now())

    assert written() == {"mails": 0, "no_address": 0}


def test_people_without_address_are_counted_and_told_in_the_portal(
    make: Make, server: Server, mailing: Callable[..., None]
) -> None:
    mailing(server)
    officer = make.officer()
    say(1, to=officer)

    assert written() == {"mails": 0, "no_address": 1}
    assert queries.unread_of(officer.id) == 1


def test_without_a_server_nothing_is_written(officer: Any) -> None:
    say(1, to=officer)

    assert written() == {"mails": 0, "no_address": 0} and sent() == {}


def test_a_demonstration_sends_nothing(app: Flask, server: Server, mailing: Callable[..., None], officer: Any) -> None:
    mailing(server)
    app.config["DEMO"] = True
    say(1, to=officer)

    assert written() == {"mails": 0, "no_address": 0}


def test_what_was_not_mailed_for_a_week_is_mailed_no_more(
    server: Server, mailing: Callable[..., None], officer: Any
) -> None:
    mailing(server)
    say(1, to=officer, on=MONDAY - timedelta(days=8))

    assert written()["mails"] == 0


def test_who_left_gets_no_mail_that_was_written_before(
    make: Make, server: Server, mailing: Callable[..., None]
) -> None:
    mailing(server)
    person = make.person(email="an@dakson.gov.vn")
    make.posting(person, valid_to=TODAY)
    say(1, to=person)
    written()

    counts = outbox.send_due(clock.now(), TODAY + timedelta(days=1))

    assert counts["dropped"] == 1 and not server.got and only_mail().state == MailState.DROPPED


@pytest.mark.parametrize(
    ("answer", "counted", "state"),
    [("451 4.3.0 busy", "put_off", "waiting"), ("550 5.1.1 no such user", "not_sent", "failed")],
)
def test_a_busy_server_is_tried_again_and_a_refusal_is_final(
    server: Server, mailing: Callable[..., None], officer: Any, answer: str, counted: str, state: str
) -> None:
    mailing(server)
    server.answers = [answer]
    say(1, to=officer)
    written()

    assert sent() == {counted: 1}

    mail = only_mail()
    assert (mail.state, mail.attempts, mail.error) == (state, 1, answer)
    assert sent() == {}, "not before its time has come"


def test_a_mail_that_was_put_off_leaves_later(server: Server, mailing: Callable[..., None], officer: Any) -> None:
    mailing(server)
    server.answers = ["451 busy"]
    say(1, to=officer)
    written()
    sent()
    with outbox.commit():
        only_mail().next_at = clock.now()

    assert sent() == {"sent": 1} and only_mail().attempts == 2


def test_a_server_that_is_away_is_no_attempt(server: Server, mailing: Callable[..., None], officer: Any) -> None:
    mailing(server, smtp_port=1)
    say(1, to=officer)
    written()

    assert sent() == {"put_off": 1}

    mail = only_mail()
    assert (mail.attempts, mail.state) == (0, "waiting") and mail.next_at > clock.now() and mail.error


def test_killed_between_sending_and_marking_it_is_sent_again_under_the_same_number(
    server: Server, mailing: Callable[..., None], officer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailing(server)
    say(1, to=officer)
    written()
    with monkeypatch.context() as patch:
        patch.setattr(outbox, "_sent_now", _killed)
        with pytest.raises(KeyboardInterrupt):
            sent()
    db.session.rollback()

    assert sent() == {}, "another sender may be at it still"
    with outbox.commit():
        only_mail().next_at -= LEASE
    assert sent() == {"sent": 1}
    assert len(server.got) == 2 and len({mail["Message-ID"] for mail in server.got}) == 1


def _killed() -> dict[str, object]:
    raise KeyboardInterrupt


def test_two_senders_send_a_mail_once(server: Server, mailing: Callable[..., None], officer: Any) -> None:
    mailing(server)
    say(1, to=officer)
    written()
    number = only_mail().id
    db.session.rollback()

    with open_post(outbox.settings()) as one, open_post(outbox.settings()) as two:
        outcomes = [outbox.hand_over(number, post, TODAY) for post in (one, two)]

    assert outcomes == ["sent", ""] and len(server.got) == 1


def test_a_server_that_wants_tls_and_a_sign_in_gets_both(
    strict_server: Server, certificate: Any, mailing: Callable[..., None], officer: Any
) -> None:
    secret = Settings(database_url="sqlite://", secret_key=SECRET, smtp_password="mat-khau").smtp_password
    known = {"smtp_security": "starttls", "smtp_user": "cong", "smtp_ca_file": certificate[0]}
    mailing(strict_server, **known, smtp_password=secret)
    say(1, to=officer)
    written()

    assert sent() == {"sent": 1} and len(strict_server.got) == 1


def test_a_certificate_nobody_vouches_for_ends_the_conversation(
    strict_server: Server, mailing: Callable[..., None]
) -> None:
    mailing(strict_server, smtp_security="starttls")

    with pytest.raises(NotSent, match="(?i)certificate"), open_post(outbox.settings()):
        pass


def test_names_smuggle_no_header(server: Server, mailing: Callable[..., None], make: Make) -> None:
    mailing(server)
    say(1, to=make.posting(make.person(email="a@b.vn\r\nBcc: all@b.vn")).person)
    written()

    assert sent() == {"not_sent": 1} and not server.got


@pytest.mark.parametrize(
    ("more", "wrong"),
    [
        ({"smtp_host": "mail", "mail_from": ""}, "PORTAL_MAIL_FROM"),
        ({"smtp_host": "mail", "mail_from": "a@b.vn", "smtp_user": "x", "smtp_security": "none"}, "PORTAL_SMTP_USER"),
    ],
)
def test_a_half_mail_setup_stops_the_start(more: dict[str, Any], wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        Settings(database_url="sqlite://", secret_key=SECRET, **more)


def test_a_notice_is_carried_by_one_mail(server: Server, mailing: Callable[..., None], officer: Any) -> None:
    mailing(server)
    say(1, to=officer)
    written()
    say(2, to=officer)

    carried = [notice.mail_id for notice in db.session.query(Notice).order_by(Notice.id)]

    assert carried == [only_mail().id, None]


WEEK = WorkingCalendar(date(2023, 10, 1), date(2023, 10, 31))
OFFICE = Hours(datetime(1, 1, 1, 7, 30).time(), datetime(1, 1, 1, 17, 0).time())


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        (datetime(2023, 10, 16, 7, 29, 59), False),
        (datetime(2023, 10, 16, 7, 30), True),
        (datetime(2023, 10, 16, 16, 59, 59), True),
        (datetime(2023, 10, 16, 17, 0), False),
        (datetime(2023, 10, 15, 9, 0), False),
        (datetime(2024, 1, 3, 9, 0), True),
        (datetime(2024, 1, 6, 9, 0), False),
    ],
)
def test_mail_leaves_in_office_hours_of_working_days(moment: datetime, is_open: bool) -> None:
    assert OFFICE.are_open(moment, WEEK) is is_open


def test_waiting_grows_and_ends() -> None:
    waits = [wait_after(attempt) for attempt in range(1, len(WAITS) + 2)]

    assert waits[:-1] == sorted(WAITS) and waits[-1] is None


@given(st.integers(1, 500), st.integers(1, 20))
def test_a_list_is_cut_where_more_than_one_thing_is_left_out(things: int, most: int) -> None:
    shown = lines_shown(things, most)

    assert shown == things or (shown == most and things - shown > 1)

"""The bell, the page behind it, and the administrator's page of the outbox."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, url_for

from portal.database import db
from portal.notices import outbox, queries
from portal.notices.kinds import KINDS
from portal.notices.models import Mail, Notice
from tests.accountability.test_page_costs import counted
from tests.factories import Make
from tests.notices.conftest import MONDAY, Server, say


def test_the_bell_counts_what_was_not_read(make: Make, signed_in: Callable[..., Any]) -> None:
    client = signed_in("officer")
    before = client.get("/notices").get_data(as_text=True)
    say(1, 2, to=client.person)
    say(3, to=client.person, stage="first")

    text = client.get("/notices").get_data(as_text=True)

    assert 'aria-label="0 thông báo chưa đọc"' in before and 'aria-label="2 thông báo chưa đọc"' in text
    assert "2 việc" in text and "H1" in text and "hạn 16/10/2023" in text


def test_the_bell_rides_on_what_is_read_anyway(make: Make, signed_in: Callable[..., Any]) -> None:
    make.case()
    client = signed_in("officer")
    say(1, to=client.person)
    client.get("/absences")

    with counted() as said:
        text = client.get("/absences").get_data(as_text=True)

    assert "bell-count" in text and "Số liệu đến" in text
    assert len([one for one in said if "notices" in one]) == 1 == len([one for one in said if "data_as_of" in one])


def test_opening_a_notice_reads_it_and_leads_to_the_work(make: Make, signed_in: Callable[..., Any]) -> None:
    client = signed_in("officer")
    say(1, to=client.person)
    number = db.session.query(Notice).one().id

    answer = client.post(f"/notices/{number}/open")

    assert (answer.status_code, answer.location) == (303, "/")
    assert queries.unread_of(client.person.id) == 0


def test_another_persons_notice_does_not_exist(make: Make, signed_in: Callable[..., Any]) -> None:
    say(1, to=make.officer())
    number = db.session.query(Notice).one().id

    assert signed_in("officer").post(f"/notices/{number}/open").status_code == 404
    assert db.session.query(Notice).one().read_at is None


def test_reading_all_reads_only_ones_own(make: Make, signed_in: Callable[..., Any]) -> None:
    client, other = signed_in("officer"), make.officer()
    say(1, to=client.person)
    say(1, to=other)

    client.post("/notices/read")

    assert (queries.unread_of(client.person.id), queries.unread_of(other.id)) == (0, 1)


def test_only_what_is_no_duty_can_be_chosen(make: Make, signed_in: Callable[..., Any]) -> None:
    client = signed_in("officer")

    assert client.post("/notices/choices", data={}).status_code == 303
    assert "test.news" in queries.muted_by(client.person.id)
    assert client.post("/notices/choices", data={"kinds": "test.duty"}).status_code == 422
    text = client.get("/notices/choices").get_data(as_text=True)
    assert 'value="test.news"' in text and 'value="test.duty"' not in text and "Nhiệm vụ" in text


def test_the_outbox_says_when_no_mail_leaves(signed_in: Callable[..., Any]) -> None:
    text = signed_in("administrator").get("/outbox").get_data(as_text=True)

    assert "Cổng này không gửi thư điện tử" in text and "Gửi thư thử" not in text


def failed_mail(make: Make, server: Server) -> Mail:
    server.answers = ["550 5.1.1 unknown"]
    say(1, to=make.posting(make.person("Lê Văn Tám", email="tam@dakson.gov.vn")).person)
    outbox.write_digests(MONDAY.date(), outbox.clock.now())
    outbox.send_due(outbox.clock.now(), MONDAY.date())
    return db.session.query(Mail).one()


def test_a_failed_mail_is_shown_with_its_reason_and_tried_again(
    make: Make, signed_in: Callable[..., Any], server: Server, mailing: Callable[..., None]
) -> None:
    mailing(server)
    mail, client = failed_mail(make, server), signed_in("administrator")
    text = client.get("/outbox").get_data(as_text=True)

    answer = client.post(f"/outbox/{mail.id}/retry")

    assert "550 5.1.1 unknown" in text and "Lê Văn Tám" in text
    assert answer.status_code == 303 and db.session.query(Mail).one().state == "waiting"
    assert client.post(f"/outbox/{mail.id}/retry").status_code == 409
    assert outbox.send_due(outbox.clock.now(), MONDAY.date())["sent"] == 1


def test_a_test_mail_goes_to_oneself_at_once(
    make: Make, signed_in: Callable[..., Any], server: Server, mailing: Callable[..., None]
) -> None:
    mailing(server)
    person = make.posting(make.person(email="qt@dakson.gov.vn"), role="administrator").person

    answer = signed_in(person).post("/outbox/test")

    assert answer.status_code == 303 and server.got[0]["To"] == "qt@dakson.gov.vn"


def test_a_test_mail_says_what_the_server_answered(
    make: Make, signed_in: Callable[..., Any], server: Server, mailing: Callable[..., None]
) -> None:
    mailing(server)
    server.answers = ["554 5.7.1 relay denied"]
    person = make.posting(make.person(email="qt@dakson.gov.vn"), role="administrator").person

    text = signed_in(person).post("/outbox/test").get_data(as_text=True)

    assert "554 5.7.1 relay denied" in text


def test_every_kind_leads_to_a_page(app: Flask) -> None:
    """A kind whose list or page does not exist would break the bell of whoever is told of it."""
    with app.test_request_context():
        for kind in KINDS.values():
            assert kind.listed is None or url_for(kind.listed, **kind.values)
            assert kind.endpoint is None or url_for(kind.endpoint, **{kind.argument: 1})

"""A signed letter goes to the address the officer recorded, and counts as sent when a server took it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from portal import clock
from portal.accountability.apologies import copies
from portal.accountability.apologies.copies import Given
from portal.accountability.apologies.mailing import a_mail_was_taken, settle_mails
from portal.database import commit, db
from portal.documents.serving import file_store
from portal.guard import Role
from portal.notices import bulk, outbox
from portal.notices.models import Mail
from tests.apologies.conftest import AT, NOW, TEXT, TODAY, World
from tests.factories import Make
from tests.notices.conftest import Server

WITH_EMAIL = replace(TEXT, email="an@example.vn")


def world_of(make: Make) -> World:
    district = make.unit("UBND huyện Krông Nô", kind="district")
    unit = make.unit("Phòng Tài nguyên và Môi trường", kind="division", reports_in=district)
    head = make.person("Trần Thị Hường")
    make.posting(head, unit, Role.HEAD, position="Trưởng phòng")
    return World(make, district, unit, make.officer(unit), head, make.in_role("clerk", unit))


def test_the_signed_letter_is_mailed_and_sent_when_a_server_took_it(
    make: Make, server: Server, mailing: Callable[..., None], signed_in: Any, at: Callable[[datetime], None]
) -> None:
    at(NOW)
    mailing(server)
    world = world_of(make)
    apology = world.numbered(world.signed(world.handed_in(world.waiting(), WITH_EMAIL)))
    clerk, url = signed_in(world.clerk), f"/apologies/{apology.id}/copies/mail"
    button = "Gửi qua thư điện tử"

    lacking = clerk.get(f"/apologies/{apology.id}").text
    assert "an@example.vn" in lacking and "Hãy đưa bản thư đã ký lên trước" in lacking and button not in lacking
    unsigned = clerk.post(url, data={"version": apology.version})
    scan = Given("thu.pdf", file_store().put(b"%PDF-1.4 da ky", "application/pdf"))
    copies.keep_scan(apology, scan, by=world.viewer(world.clerk), at=AT, on=TODAY)
    assert button in clerk.get(f"/apologies/{apology.id}").text
    queued = clerk.post(url, data={"version": apology.version})
    on_its_way = clerk.get(f"/apologies/{apology.id}").text
    assert "Đã đưa vào hộp thư gửi đi" in on_its_way and button not in on_its_way
    twice = clerk.post(url, data={"version": apology.version})

    assert (unsigned.status_code, queued.status_code, twice.status_code) == (409, 303, 409)
    assert (a_mail_was_taken(), world.found(apology.id).state) == (False, "numbered")
    outbox.send_due(clock.now(), TODAY)
    (mail,) = server.got
    (attached,) = mail.iter_attachments()
    assert (mail["To"], attached.get_filename(), attached.get_content()) == (
        "an@example.vn", "thu.pdf", b"%PDF-1.4 da ky",
    )  # fmt: skip
    assert "Thư xin lỗi số 01/PXL" in mail["Subject"]
    assert [settle_mails(TODAY, clock.now())["sent"] for _ in range(2)] == [1, 0]
    found = world.found(apology.id)
    assert (found.state, found.sent_channel, "Message-ID" in found.proof) == ("sent", "email", True)
    db.session.rollback()
    with commit():
        assert bulk.forget_bodies(clock.now() + timedelta(days=1)) == 1
    kept = db.session.query(Mail).one()
    assert (kept.address, kept.attachment, kept.state) == ("", None, "sent")


def test_an_address_is_recorded_with_the_draft_and_shaped_like_one(
    make: Make, signed_in: Any, at: Callable[[datetime], None]
) -> None:
    at(NOW)
    world = world_of(make)
    apology, officer = world.waiting(), signed_in(world.officer)
    typed = {"addressee": "Bà Ẩn", "cause": "0", "cause_text": "xác minh", "version": apology.version}

    wrong = officer.post(f"/apologies/{apology.id}/draft", data={**typed, "email": "an@"})
    right = officer.post(f"/apologies/{apology.id}/draft", data={**typed, "email": "an@example.vn"})

    assert (wrong.status_code, right.status_code) == (422, 303)
    assert world.found(apology.id).email == "an@example.vn"

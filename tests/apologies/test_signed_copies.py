"""The signed letter comes in three ways, each proved, kept by its hash and given out unchanged."""

import io
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import delete, update

from portal.accountability.apologies import copies, queries, sending
from portal.accountability.apologies.copies import Given
from portal.accountability.apologies.models import SendingProof, SignedCopy
from portal.audit.queries import events_of
from portal.database import commit, db
from portal.documents.seals import Seals
from portal.documents.serving import file_store
from portal.refusal import Refused
from tests.apologies.conftest import AT, NOW, TODAY
from tests.documents.certificates import authority, signed
from tests.documents.test_letter_layout import pdf_text
from tests.documents.test_seals import seal_at

ROOTS = [authority().root]


def given(data, name="thu.pdf"):
    return Given(name, file_store().put(data, "application/pdf"))


def issued_bytes(apology):
    return file_store().read(apology.file_sha256)


def take_back(world, apology, data, by=None, roots=ROOTS):
    who = world.viewer(by or world.head)
    return copies.take_back(apology, given(data), file_store(), roots=roots, by=who, at=AT, on=TODAY)


def refused(act, *arguments, **more):
    with pytest.raises(Refused) as error:
        act(*arguments, **more)
    return error.value.code


def test_a_token_signature_is_proved_and_kept(world):
    apology = world.issued()
    back = signed(issued_bytes(apology), authority().signer("Trần Thị Hường"))

    (found,) = take_back(world, apology, back)

    (shown,) = copies.shown(world.found(apology.id))
    assert (shown.copy.way, shown.signatures, shown.foreign) == ("token", (found,), False)
    assert file_store().read(shown.copy.sha256) == back
    event = events_of("apology", apology.id)[-1]
    assert event.kind == "apology.copy_kept"


def test_another_name_on_the_certificate_is_shown(world):
    apology = world.issued()
    take_back(world, apology, signed(issued_bytes(apology), authority().signer("Lê Văn Khác")))

    assert copies.shown(world.found(apology.id))[0].foreign


def test_what_is_not_the_issued_letter_is_not_kept(world):
    apology, other = world.issued(), world.issued()
    head = authority().signer("Trần Thị Hường")

    assert refused(take_back, world, apology, issued_bytes(apology)) == "documents.not_signed"
    assert refused(take_back, world, apology, signed(issued_bytes(other), head)) == "documents.not_the_issued_file"
    assert queries.copies_of(apology) == []


def test_only_who_signs_or_numbers_brings_it_and_only_when_it_has_a_number(world):
    apology = world.issued()
    back = signed(issued_bytes(apology), authority().signer("Trần Thị Hường"))
    waits = world.signed(world.handed_in(world.waiting()))

    assert refused(take_back, world, apology, back, by=world.officer) == "apologies.not_yours"
    assert refused(take_back, world, waits, back) == "apologies.not_issued"
    assert refused(take_back, world, world.sent(apology), back) == "apologies.not_now"


def scan(world, apology, name="thu.pdf", by=None):
    who = world.viewer(by or world.clerk)
    copies.keep_scan(apology, given(b"%PDF-1.4 scan", name), by=who, at=AT, on=TODAY)


def test_paper_is_scanned_before_or_after_it_was_sent(world):
    apology = world.sent(world.issued())

    scan(world, apology)

    assert [row.copy.way for row in copies.shown(world.found(apology.id))] == ["paper"]
    assert refused(scan, world, apology, name="thu.docx") == "apologies.scan_kind"
    assert refused(scan, world, apology, by=world.head) == "apologies.not_yours"


def test_the_seal_stands_beside_the_signature_of_the_head(world, tmp_path):
    apology = world.issued()
    take_back(world, apology, signed(issued_bytes(apology), authority().signer("Trần Thị Hường"), box=(0, 0, 0, 0)))
    seals = seal_at(tmp_path, code=apology.unit.code)

    clerk = world.viewer(world.clerk)
    copies.put_seal(world.found(apology.id), file_store(), seals, roots=ROOTS, by=clerk, at=AT, now=NOW)

    newest = copies.shown(world.found(apology.id))[0]
    assert newest.copy.way == "seal" and [one.trusted for one in newest.signatures] == [True, True]
    data = file_store().read(newest.copy.sha256)
    assert data.startswith(issued_bytes(apology))
    assert "Ngày ký: 16/10/2023 16:00:00 +07:00" in pdf_text(data, tmp_path)


def test_without_a_seal_on_the_server_nothing_is_sealed(world):
    apology = world.issued()
    clerk, head = world.viewer(world.clerk), world.viewer(world.head)

    def seal(by):
        copies.put_seal(apology, file_store(), Seals(None), roots=ROOTS, by=by, at=AT, now=NOW)

    assert (refused(seal, clerk), refused(seal, head)) == ("documents.no_seal", "apologies.not_yours")


def test_a_letter_numbered_anew_needs_a_new_copy(world):
    apology = world.issued()
    scan(world, apology)
    again = world.numbered(world.signed(world.handed_in(world.sent_back(apology))))

    assert again.number == 2 and copies.shown(again) == []


def test_copies_are_never_changed_or_removed(world):
    apology = world.issued()
    scan(world, apology)

    for statement in (update(SignedCopy).values(file_name="x"), delete(SignedCopy)):
        with pytest.raises(Exception, match="append-only"), commit():
            db.session.execute(statement)


def test_by_clicks(app, world, signed_in, tmp_path):
    apology = world.issued()
    seal_at(tmp_path, code=apology.unit.code)
    roots = tmp_path / "roots.pem"
    roots.write_bytes(authority().pem())
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"seal_dir": tmp_path, "signature_roots": roots})
    url = f"/apologies/{apology.id}"
    clerk = signed_in(world.clerk)
    back = signed(issued_bytes(apology), authority().signer("Trần Thị Hường"))

    page = clerk.get(url).get_data(as_text=True)
    assert all(f"{url}/copies/{way}" in page for way in ("scan", "signed", "seal"))
    assert f"{url}/copies/" not in signed_in(world.officer).get(url).get_data(as_text=True)
    wrong = clerk.post(f"{url}/copies/signed", data={"signed": (io.BytesIO(issued_bytes(apology)), "thu.pdf")})
    assert wrong.status_code == 409 and "chưa có chữ ký số" in wrong.get_data(as_text=True)
    assert clerk.post(f"{url}/copies/signed", data={}).status_code == 422
    assert clerk.post(f"{url}/copies/signed", data={"signed": (io.BytesIO(back), "thu.pdf")}).status_code == 303
    assert clerk.post(f"{url}/copies/seal", data={"version": apology.version}).status_code == 303
    page = clerk.get(url).get_data(as_text=True)
    assert "Người ký" in page and "CA thử nghiệm" in page and "tin cậy" in page
    first = copies.shown(world.found(apology.id))[1].copy
    assert clerk.get(f"{url}/copies/{first.id}").data == back
    other = world.issued()
    assert clerk.get(f"/apologies/{other.id}/copies/{first.id}").status_code == 404
    assert signed_in("clerk", world.make.unit(kind="district")).get(f"{url}/copies/{first.id}").status_code == 404


def test_a_signature_survives_being_kept(world):
    apology = world.issued()
    (found,) = take_back(world, apology, signed(issued_bytes(apology), authority().signer("Trần Thị Hường")), roots=())

    kept = copies.shown(world.found(apology.id))[0].signatures[0]

    assert kept == replace(found, trusted=None) and isinstance(kept.valid_to, datetime)


PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"


def test_the_sending_is_proved_by_files_at_once_and_later(world, signed_in):
    apology = world.issued()
    clerk, address = signed_in(world.clerk), f"/apologies/{apology.id}"
    typed = {"channel": "paper", "sent_at": "16/10/2023 15:30", "proof": "RR 12", "version": apology.version}

    assert clerk.post(f"{address}/copies/proof", data={"proof_file": (io.BytesIO(PNG), "a.png")}).status_code == 409
    wrong = clerk.post(f"{address}/send", data={**typed, "file": (io.BytesIO(b"Bien lai"), "bien-lai.txt")})
    assert wrong.status_code == 409 and world.found(apology.id).state == "numbered"
    assert clerk.post(f"{address}/send", data={**typed, "file": (io.BytesIO(PNG), "biên lai.png")}).status_code == 303
    assert (
        clerk.post(f"{address}/copies/proof", data={"proof_file": (io.BytesIO(PNG), "ký nhận.png")}).status_code == 303
    )

    first, later = sending.proofs_of(apology.id)
    assert (first.file_name, later.file_name) == ("biên lai.png", "ký nhận.png")
    assert clerk.get(f"{address}/copies/proofs/{first.id}").data == PNG
    assert "ký nhận.png" in signed_in(world.officer).get(address).text
    assert signed_in(world.make.officer()).get(f"{address}/copies/proofs/{first.id}").status_code == 404
    assert signed_in(world.officer).post(f"{address}/copies/proof", data={}).status_code == 403
    with pytest.raises(Exception, match=r"append-only|refuse"), commit():
        db.session.execute(delete(SendingProof))

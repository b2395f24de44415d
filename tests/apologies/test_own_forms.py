"""A unit's own Word file: kept after a check, tried before use, used from a day on; its PDF by hand where need be."""

import io
from datetime import date, timedelta

import docx
import pytest

from portal.accountability.apologies import issuing, templates
from portal.accountability.apologies.models import LetterTemplate
from portal.database import commit, db
from portal.documents import office
from portal.documents.filling import placeholders
from portal.documents.serving import file_store
from portal.policy.rules import FormKind
from portal.refusal import Refused
from tests.apologies.conftest import AT, TODAY
from tests.documents.test_filling import template
from tests.documents.test_letter_layout import pdf_text

OWN = (
    "KÍNH GỬI {{kinh_gui}}",
    "Hồ sơ {{ma_ho_so}}, {{ly_do}} Hẹn lại {{ngay_hen_moi}}",
    "{{dia_danh_ngay}}",
    "{{nguoi_ky}}",
)


@pytest.fixture
def no_office(monkeypatch):
    monkeypatch.setattr(office, "program", lambda: None)


def uploaded(world, *paragraphs, unit=None, kind=FormKind.REAPPOINTMENT, by=None):
    content = file_store().put(template(*paragraphs or OWN), "application/vnd.x")
    who = world.viewer(by or world.head)
    with commit():
        row = templates.upload((unit or world.unit).id, kind, "Mẫu.docx", content, by=who, at=AT)
        ident = row.id
    return db.session.get(LetterTemplate, ident)


def activated(world, row, valid_from=TODAY):
    who = world.viewer(world.head)
    with commit():
        templates.tried(row, by=who, at=AT)
    found = placeholders(file_store().read(row.sha256), promises=row.kind == FormKind.REAPPOINTMENT)
    with commit():
        templates.activate(row, found, valid_from, version=row.version, by=who, at=AT, on=TODAY)
    return row


def refused(act, *arguments, **more):
    with pytest.raises(Refused) as error:
        act(*arguments, **more)
    return error.value.code


def word_of(apology):
    document = docx.Document(io.BytesIO(file_store().read(apology.docx_sha256)))
    return [paragraph.text for paragraph in document.paragraphs]


def test_a_form_is_tried_before_it_is_used(world):
    row, bad = uploaded(world), uploaded(world, "{{kinh_gui}} {{linh_tinh}}")
    found = placeholders(file_store().read(row.sha256), promises=True)
    head = world.viewer(world.head)

    def activate(which, words, day):
        with commit():
            templates.activate(which, words, day, version=which.version, by=head, at=AT, on=TODAY)

    assert refused(activate, row, found, TODAY) == "apologies.template_not_tried"
    with commit():
        templates.tried(row, by=head, at=AT)
    lacking = placeholders(file_store().read(bad.sha256), promises=True)
    assert refused(activate, bad, lacking, TODAY) == "apologies.template_unusable"
    assert refused(activate, row, found, TODAY - timedelta(1)) == "apologies.template_past"
    activate(row, found, TODAY)
    assert issuing.own_form(world.handed_in(world.waiting()), TODAY).id == row.id


def test_only_head_and_administrator_keep_the_forms_of_their_units(world):
    other = world.make.unit(kind="district")

    assert refused(uploaded, world, by=world.officer) == "apologies.template_not_yours"
    assert refused(uploaded, world, by=world.clerk) == "apologies.template_not_yours"
    assert refused(uploaded, world, unit=other) == "apologies.template_not_yours"
    assert uploaded(world, by=world.make.in_role("administrator", world.district)).id


def test_which_form_is_in_force_depends_on_unit_kind_and_day(world):
    first = activated(world, uploaded(world))
    later = activated(world, uploaded(world), TODAY + timedelta(3))
    letter = world.handed_in(world.waiting())
    short = world.handed_in(world.waiting(finished="2023-10-12 09:00"))

    assert issuing.own_form(letter, TODAY).id == first.id
    assert issuing.own_form(letter, TODAY + timedelta(3)).id == later.id
    assert issuing.own_form(letter, TODAY - timedelta(1)) is None and issuing.own_form(short, TODAY) is None
    head = world.viewer(world.head)
    with commit():
        templates.withdraw(first, version=first.version, by=head, at=AT, on=TODAY)
    assert issuing.own_form(letter, TODAY) is None


def test_the_numbered_letter_is_made_from_it_and_waits_for_its_pdf(world, no_office, signed_in):
    activated(world, uploaded(world))
    apology = world.issued()

    assert (apology.state, apology.file_sha256) == ("numbered", None)
    said = word_of(apology)
    assert said[0] == "KÍNH GỬI Ông Trần Văn Ẩn" and "ngày 20 tháng 10 năm 2023" in said[1]
    assert said[2] == "Krông Nô, ngày 16 tháng 10 năm 2023" and said[3] == "Trần Thị Hường"
    assert refused(world.sent, apology) == "apologies.pdf_missing"
    clerk, url = signed_in(world.clerk), f"/apologies/{apology.id}"
    page = clerk.get(url).get_data(as_text=True)
    assert f"{url}/pdf" in page and f"{url}/letter/pdf" not in page
    assert clerk.get(f"{url}/letter/pdf").status_code == 404


def bring(world, apology, data):
    pdf = file_store().put(data, "application/pdf")
    who = world.viewer(world.clerk)
    issuing.bring_pdf(apology, pdf, file_store(), version=apology.version, by=who, at=AT, on=TODAY)


def test_the_pdf_that_is_brought_must_be_this_letter(world, monkeypatch, tmp_path):
    activated(world, uploaded(world))
    with monkeypatch.context() as without:
        without.setattr(office, "program", lambda: None)
        apology = world.issued()
    from_word = office.to_pdf(file_store().read(apology.docx_sha256))

    assert refused(bring, world, apology, office.to_pdf(template("Thư khác"))) == "apologies.pdf_differs"
    assert refused(bring, world, apology, b"%PDF-1.4 broken") == "apologies.pdf_differs"
    bring(world, apology, from_word)

    found = world.found(apology.id)
    assert file_store().read(found.file_sha256) == from_word and world.sent(found).state == "sent"
    assert "KÍNH GỬI Ông Trần Văn Ẩn" in pdf_text(from_word, tmp_path)


def test_libreoffice_makes_the_pdf_where_it_is_installed(world, tmp_path):
    activated(world, uploaded(world))

    apology = world.issued()

    text = pdf_text(file_store().read(apology.file_sha256), tmp_path)
    assert "KÍNH GỬI Ông Trần Văn Ẩn" in text and apology.case.code in text and "Số: 01/PXL" in text


def test_by_clicks(world, signed_in):
    head = signed_in(world.head)
    sending = {"unit": world.unit.id, "kind": "reappointment", "word": (io.BytesIO(template(*OWN)), "Mẫu.docx")}

    assert head.get("/apologies/templates").status_code == 200
    hostile = head.post("/apologies/templates", data={**sending, "word": (io.BytesIO(b"PK\3\4"), "x.docx")})
    assert hostile.status_code == 409
    kept = head.post("/apologies/templates", data=sending)
    assert kept.status_code == 303
    page = head.get(kept.location).get_data(as_text=True)
    assert "Đã có:" in page and "ngay_hen_moi" in page
    early = head.post(f"{kept.location}/activate", data={"version": 1, "valid_from": "16/10/2023"})
    assert early.status_code == 409 and "Hãy thử mẫu" in early.get_data(as_text=True)
    sample = head.post(f"{kept.location}/sample/docx", data={})
    assert docx.Document(io.BytesIO(sample.data)).paragraphs[0].text == "KÍNH GỬI Ông Nguyễn Văn Thử"
    assert head.post(f"{kept.location}/activate", data={"version": 2, "valid_from": "16/10/2023"}).status_code == 303
    assert "đã dùng" in head.get("/apologies/templates").get_data(as_text=True)
    assert signed_in("head", world.make.unit(kind="district")).get(kept.location).status_code == 404
    assert signed_in(world.officer).get("/apologies/templates").status_code == 403
    assert head.post(f"{kept.location}/withdraw", data={"version": 3}).status_code == 303


def test_the_sample_fits_both_kinds(world):
    for kind in FormKind:
        said = templates.sample(uploaded(world, kind=kind), date(2026, 3, 2)).as_text()
        assert "Trần Thị Mẫu" in said and "05/PXL" in said

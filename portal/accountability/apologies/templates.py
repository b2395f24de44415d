"""A unit's own Word files for its letters: taken in, tried with a sample, used from a day on, withdrawn.

Each step is called inside ``commit()``; files are checked and kept before.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from portal.accountability.apologies.events import LetterTemplateChanged
from portal.accountability.apologies.models import LetterTemplate
from portal.accountability.apologies.rules import Form
from portal.accountability.apologies.wording import Facts, letter_of, numbered
from portal.audit import record
from portal.database import db, transition
from portal.documents import actions as documents
from portal.documents.filling import Found
from portal.documents.letter import Letter
from portal.documents.store import Content
from portal.guard import Permission, Viewer
from portal.policy import queries as policy
from portal.policy.rules import FormKind
from portal.refusal import Refused

SAMPLE_MARK = "Bản thử mẫu thư, không có giá trị thi hành"


def kept_by(by: Viewer) -> frozenset[int]:
    """The units whose forms a viewer keeps: as their head, or as administrator of their scope."""
    heads = by.headed_units if by.may(Permission.SIGN_LETTERS) else frozenset()
    return heads | (by.admin_units if by.may(Permission.MANAGE_SETTINGS) else frozenset())


def upload(unit_id: int, kind: FormKind, name: str, content: Content, *, by: Viewer, at: datetime) -> LetterTemplate:
    """Keep a Word file that was checked; it is used by nothing yet."""
    _check(by, unit_id)
    documents.remember_file(content, at=at)
    template = LetterTemplate(
        unit_id=unit_id, kind=kind, sha256=content.sha256, file_name=name, uploaded_by=by.person_id, uploaded_at=at
    )
    db.session.add(template)
    db.session.flush()
    _record(template, "uploaded", None, by, at)
    return template


def tried(template: LetterTemplate, *, by: Viewer, at: datetime) -> None:
    """Note that somebody looked at the sample made with it."""
    _check(by, template.unit_id)
    if template.tried_at is None:
        transition(LetterTemplate, template.id, where={"tried_at": None}, to={"tried_at": at}, version=template.version)


def activate(
    template: LetterTemplate, found: Found, valid_from: date, *, version: int, by: Viewer, at: datetime, on: date
) -> None:
    """Use a form from a day on; ``found``: its placeholders. Refused before it was tried or while it lacks any."""
    _check(by, template.unit_id)
    if not found.usable:
        raise Refused("apologies.template_unusable")
    if template.tried_at is None:
        raise Refused("apologies.template_not_tried")
    if valid_from < on:
        raise Refused("apologies.template_past")
    transition(LetterTemplate, template.id, where={"valid_from": None}, to={"valid_from": valid_from}, version=version)
    _record(template, "activated", valid_from, by, at)


def withdraw(template: LetterTemplate, *, version: int, by: Viewer, at: datetime, on: date) -> None:
    """Use a form no longer from today on; letters made with it stay as they are."""
    _check(by, template.unit_id)
    to = {"withdrawn_on": on}
    transition(LetterTemplate, template.id, where={"withdrawn_on": None}, to=to, version=version)
    _record(template, "withdrawn", on, by, at)


def sample(template: LetterTemplate, on: date) -> Letter:
    """A letter with invented facts, as long as real ones are, in the form in force on a day."""
    form = Form(policy.letter_form(FormKind(template.kind), on).code)
    long_ago = datetime.combine(on - timedelta(days=20), time(8, 30))
    short = form is Form.APOLOGY_SHORT
    facts = Facts(
        form=form, unit_name=template.unit.name, parent_name="UBND huyện Krông Nô", place_name="huyện Krông Nô",
        case_code="H20.99.99-230901-0001",
        procedure="Đăng ký biến động quyền sử dụng đất, quyền sở hữu tài sản gắn liền với đất trong các trường hợp "
        "chuyển nhượng, cho thuê, cho thuê lại, thừa kế, tặng cho, góp vốn bằng quyền sử dụng đất",
        addressee="Ông Nguyễn Văn Thử", received_at=long_ago, due_at=long_ago + timedelta(days=15),
        due_precision="minute", finished_at=datetime.combine(on, time(9)) if short else None, was_withdrawn=False,
        cause_text="cần thêm thời gian xác minh hiện trạng sử dụng đất", new_date=None if short else on + timedelta(7),
        authority=("KT. TRƯỞNG PHÒNG", "PHÓ TRƯỞNG PHÒNG"), signer_name="Trần Thị Mẫu", mark=SAMPLE_MARK,
    )  # fmt: skip
    return numbered(letter_of(facts, on, draft=False), facts.place_name, 5, on)


def _check(by: Viewer, unit_id: int) -> None:
    if unit_id not in kept_by(by):
        raise Refused("apologies.template_not_yours")


def _record(template: LetterTemplate, what: str, on: date | None, by: Viewer, at: datetime) -> None:
    event = LetterTemplateChanged(template=template.id, letters=template.kind, what=what, on=on, sha256=template.sha256)
    record(event, entity_id=template.unit_id, by=by, at=at)

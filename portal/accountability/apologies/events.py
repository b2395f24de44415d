"""What happens to a letter of apology. Texts and names of applicants never stand in the trail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.audit import Event, known_event


@known_event
@dataclass(frozen=True, kw_only=True)
class ApologyDrafted(Event):
    """A draft was begun or saved by its button; saving while typing is not told each time."""

    kind: ClassVar[str] = "apology.drafted"
    entity: ClassVar[str] = "apology"
    title: ClassVar[LazyString] = _l("Letter of apology drafted")
    new_date: date | None


@known_event
@dataclass(frozen=True, kw_only=True)
class ApologyHandedOver(Event):
    """Another officer drafts the letter from now on."""

    kind: ClassVar[str] = "apology.handed_over"
    entity: ClassVar[str] = "apology"
    title: ClassVar[LazyString] = _l("Letter of apology handed over to another person to draft")
    from_id: int | None
    to_id: int
    reason: str


@known_event
@dataclass(frozen=True, kw_only=True)
class ApologyHandedIn(Event):
    """The draft went to the head for signature."""

    kind: ClassVar[str] = "apology.handed_in"
    entity: ClassVar[str] = "apology"
    title: ClassVar[LazyString] = _l("Letter of apology handed in for signature")
    form: str
    new_date: date | None


@known_event
@dataclass(frozen=True, kw_only=True)
class ApologySentBack(Event):
    """The letter went back to its drafter; a number it had is cancelled."""

    kind: ClassVar[str] = "apology.sent_back"
    entity: ClassVar[str] = "apology"
    title: ClassVar[LazyString] = _l("Letter of apology sent back")
    was: str
    comment: str
    cancelled_number: int | None


@known_event
@dataclass(frozen=True, kw_only=True)
class ApologySigned(Event):
    """The head signed; ``sha256`` is the PDF that was on the screen."""

    kind: ClassVar[str] = "apology.signed"
    entity: ClassVar[str] = "apology"
    title: ClassVar[LazyString] = _l("Letter of apology signed")
    form: str
    new_date: date | None
    sha256: str


@known_event
@dataclass(frozen=True, kw_only=True)
class ApologyNumbered(Event):
    """The clerk gave the letter its number and day."""

    kind: ClassVar[str] = "apology.numbered"
    entity: ClassVar[str] = "apology"
    title: ClassVar[LazyString] = _l("Letter of apology numbered")
    number: int
    issued_on: date
    drawn: bool
    is_late: bool
    sha256: str


@known_event
@dataclass(frozen=True, kw_only=True)
class ApologyCopyKept(Event):
    """The signed letter came in: on scanned paper, with the signer's token, or under the seal of this server."""

    kind: ClassVar[str] = "apology.copy_kept"
    entity: ClassVar[str] = "apology"
    title: ClassVar[LazyString] = _l("Signed letter of apology kept")
    way: str
    base_sha256: str
    sha256: str
    signatures: int


@known_event
@dataclass(frozen=True, kw_only=True)
class ApologyPdfBrought(Event):
    """The PDF of a letter that was made from the unit's own Word file was saved elsewhere and brought in."""

    kind: ClassVar[str] = "apology.pdf_brought"
    entity: ClassVar[str] = "apology"
    title: ClassVar[LazyString] = _l("PDF of the letter brought in")
    sha256: str


@known_event
@dataclass(frozen=True, kw_only=True)
class LetterTemplateChanged(Event):
    """A unit's own Word file for letters: uploaded, put to use from a day on, or withdrawn."""

    kind: ClassVar[str] = "letter_template.changed"
    entity: ClassVar[str] = "unit"
    title: ClassVar[LazyString] = _l("Own form of letters changed")
    template: int
    letters: str
    what: str
    on: date | None
    sha256: str


@known_event
@dataclass(frozen=True, kw_only=True)
class ApologySent(Event):
    """The letter left for the applicant."""

    kind: ClassVar[str] = "apology.sent"
    entity: ClassVar[str] = "apology"
    title: ClassVar[LazyString] = _l("Letter of apology sent")
    channel: str
    sent_at: datetime


@known_event
@dataclass(frozen=True, kw_only=True)
class ApologyMailed(Event):
    """The signed letter was put into the outbox; the address stands there only."""

    kind: ClassVar[str] = "apology.mailed"
    entity: ClassVar[str] = "apology"
    title: ClassVar[LazyString] = _l("Letter of apology put into the outbox")
    sha256: str


@known_event
@dataclass(frozen=True, kw_only=True)
class SendingProved(Event):
    """A file that proves the sending was kept."""

    kind: ClassVar[str] = "apology.sending_proved"
    entity: ClassVar[str] = "apology"
    title: ClassVar[LazyString] = _l("Proof of sending kept")
    channel: str
    sha256: str


@known_event
@dataclass(frozen=True, kw_only=True)
class ApologyExempted(Event):
    """No apology is due: force majeure, secrecy, or the applicant's own default, with evidence."""

    kind: ClassVar[str] = "apology.exempted"
    entity: ClassVar[str] = "apology"
    title: ClassVar[LazyString] = _l("Exempted from apology")
    reason: str
    has_file: bool


@known_event
@dataclass(frozen=True, kw_only=True)
class ApologyCancelled(Event):
    """The breach was cancelled, so the letter is not needed."""

    kind: ClassVar[str] = "apology.cancelled"
    entity: ClassVar[str] = "apology"
    title: ClassVar[LazyString] = _l("Letter of apology cancelled")
    was: str
    reason: str
    cancelled_number: int | None

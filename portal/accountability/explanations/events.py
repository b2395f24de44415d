"""What happens to an explanation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.audit import Event, known_event


@dataclass(frozen=True, kw_only=True)
class _OfExplanation(Event):
    entity: ClassVar[str] = "explanation"


@known_event
@dataclass(frozen=True, kw_only=True)
class ExplanationDrafted(_OfExplanation):
    """The holder saved a draft."""

    kind: ClassVar[str] = "explanation.drafted"
    title: ClassVar[LazyString] = _l("Draft of the explanation saved")


@known_event
@dataclass(frozen=True, kw_only=True)
class ExplanationSubmitted(_OfExplanation):
    """The holder submitted an answer."""

    kind: ClassVar[str] = "explanation.submitted"
    title: ClassVar[LazyString] = _l("Explanation submitted")
    cause: str
    happened: str
    remedy: str
    commitment: str
    commitment_on: date | None
    said_already_done: bool
    late: bool
    decider_id: int | None
    decision_due_on: date
    remark: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    batch_id: int | None = None


@known_event
@dataclass(frozen=True, kw_only=True)
class ExplanationReturned(_OfExplanation):
    """The decider asked for a rework."""

    kind: ClassVar[str] = "explanation.returned"
    title: ClassVar[LazyString] = _l("Explanation returned for rework")
    comment: str
    times: int
    due_on: date


@known_event
@dataclass(frozen=True, kw_only=True)
class ExplanationConcluded(_OfExplanation):
    """The decider concluded on cause and blame."""

    kind: ClassVar[str] = "explanation.concluded"
    title: ClassVar[LazyString] = _l("Explanation concluded")
    cause_class: str
    blame: str
    reason: str
    confirmation: str
    seat: str
    letter: str
    answered: bool
    in_bulk: bool
    version: int
    step: str = ""
    shares: tuple[str, ...] = ()


@known_event
@dataclass(frozen=True, kw_only=True)
class ExplanationHandedOver(_OfExplanation):
    """Another person writes from now on; what is concluded still concerns ``answers_for_id``, if that is not None."""

    kind: ClassVar[str] = "explanation.handed_over"
    title: ClassVar[LazyString] = _l("Explanation handed over to another person to write")
    from_id: int | None
    to_id: int
    answers_for_id: int | None
    reason: str
    due_on: date


@known_event
@dataclass(frozen=True, kw_only=True)
class ExplanationPassedOn(_OfExplanation):
    """The head of a section read it and gave it to the head of the unit."""

    kind: ClassVar[str] = "explanation.passed_on"
    title: ClassVar[LazyString] = _l("Explanation read by the head of the section and passed on")
    opinion: str
    decision_due_on: date


@known_event
@dataclass(frozen=True, kw_only=True)
class ExplanationReturnedBySection(_OfExplanation):
    """The head of a section asked for a rework before the head of the unit saw it."""

    kind: ClassVar[str] = "explanation.returned_by_section"
    title: ClassVar[LazyString] = _l("Explanation returned for rework by the head of the section")
    comment: str
    times: int
    due_on: date


@known_event
@dataclass(frozen=True, kw_only=True)
class TermStood(_OfExplanation):
    """The term follows the leave of the holder as it is recorded now."""

    kind: ClassVar[str] = "explanation.term_stood"
    title: ClassVar[LazyString] = _l("Term of the explanation moved by leave of its holder")
    was_due_on: date
    due_on: date


@known_event
@dataclass(frozen=True, kw_only=True)
class SupplementTermStood(_OfExplanation):
    """The term of a further explanation follows the leave of its holder as it is recorded now."""

    kind: ClassVar[str] = "explanation.supplement_term_stood"
    title: ClassVar[LazyString] = _l("Term of the supplementary explanation moved by leave of its holder")
    number: int
    was_due_on: date
    due_on: date


@known_event
@dataclass(frozen=True, kw_only=True)
class SupplementHandedOver(_OfExplanation):
    """Another person writes the further explanation from now on."""

    kind: ClassVar[str] = "explanation.supplement_handed_over"
    title: ClassVar[LazyString] = _l("Supplementary explanation handed over to another person")
    number: int
    from_id: int | None
    to_id: int
    reason: str
    due_on: date


@known_event
@dataclass(frozen=True, kw_only=True)
class ConclusionWithdrawn(_OfExplanation):
    """A conclusion was taken back on its day; the explanation stands where it stood before."""

    kind: ClassVar[str] = "explanation.conclusion_withdrawn"
    title: ClassVar[LazyString] = _l("Conclusion taken back on the same day")
    reason: str
    back_to: str


@known_event
@dataclass(frozen=True, kw_only=True)
class ConclusionObjected(_OfExplanation):
    """A person concluded upon objected; the next head up decides."""

    kind: ClassVar[str] = "explanation.objected"
    title: ClassVar[LazyString] = _l("Objection to the conclusion")
    person_id: int
    reason: str
    decision_due_on: date


@known_event
@dataclass(frozen=True, kw_only=True)
class ObjectionDecided(_OfExplanation):
    """The next head up kept the conclusion, or drew another."""

    kind: ClassVar[str] = "explanation.objection_decided"
    title: ClassVar[LazyString] = _l("Objection decided by the next head up")
    keeps: bool
    seat: str
    cause_class: str
    blame: str
    reason: str
    confirmation: str
    letter: str
    step: str
    shares: tuple[str, ...]


@known_event
@dataclass(frozen=True, kw_only=True)
class NotMineSaid(_OfExplanation):
    """The holder named somebody else, or another step; the clock stands."""

    kind: ClassVar[str] = "explanation.not_mine"
    title: ClassVar[LazyString] = _l("Said: not mine")
    named_id: int | None
    step: str
    reason: str


@known_event
@dataclass(frozen=True, kw_only=True)
class ExplanationReassigned(_OfExplanation):
    """The decider gave the duty to another holder."""

    kind: ClassVar[str] = "explanation.reassigned"
    title: ClassVar[LazyString] = _l("Explanation reassigned")
    from_id: int | None
    to_id: int
    reason: str
    due_on: date


@known_event
@dataclass(frozen=True, kw_only=True)
class HolderKept(_OfExplanation):
    """The decider answered "not mine" with no."""

    kind: ClassVar[str] = "explanation.holder_kept"
    title: ClassVar[LazyString] = _l('"Not mine" declined; the holder stays')
    reason: str
    due_on: date


@known_event
@dataclass(frozen=True, kw_only=True)
class FileAttached(_OfExplanation):
    """A file was put beside the explanation."""

    kind: ClassVar[str] = "explanation.file_attached"
    title: ClassVar[LazyString] = _l("File attached to the explanation")
    name: str
    sha256: str
    size: int


@known_event
@dataclass(frozen=True, kw_only=True)
class ExplanationCancelled(_OfExplanation):
    """The breach was cancelled, and with it the duty to explain."""

    kind: ClassVar[str] = "explanation.cancelled"
    title: ClassVar[LazyString] = _l("Explanation cancelled with its breach")
    reason: str


@known_event
@dataclass(frozen=True, kw_only=True)
class ConflictingTextKept(_OfExplanation):
    """Two windows wrote at once; the text that lost was kept beside."""

    kind: ClassVar[str] = "explanation.conflicting_text_kept"
    title: ClassVar[LazyString] = _l("A text written in another window was kept beside")


@known_event
@dataclass(frozen=True, kw_only=True)
class BatchSubmitted(Event):
    """One explanation was handed in for many cases; each of them has its own event beside."""

    kind: ClassVar[str] = "explanation_batch.submitted"
    entity: ClassVar[str] = "explanation_batch"
    title: ClassVar[LazyString] = _l("One explanation handed in for many cases")
    cases: int
    cause: str


@known_event
@dataclass(frozen=True, kw_only=True)
class SupplementSubmitted(_OfExplanation):
    """While the case stays open the holder explained further."""

    kind: ClassVar[str] = "explanation.supplement_submitted"
    title: ClassVar[LazyString] = _l("Supplementary explanation handed in")
    number: int
    happened: str
    remedy: str
    promised_on: date | None
    late: bool


@known_event
@dataclass(frozen=True, kw_only=True)
class SupplementReturned(_OfExplanation):
    """Whoever decides asked for more."""

    kind: ClassVar[str] = "explanation.supplement_returned"
    title: ClassVar[LazyString] = _l("Supplementary explanation returned")
    number: int
    comment: str
    due_on: date


@known_event
@dataclass(frozen=True, kw_only=True)
class SupplementNoted(_OfExplanation):
    """Whoever decides has read it."""

    kind: ClassVar[str] = "explanation.supplement_noted"
    title: ClassVar[LazyString] = _l("Supplementary explanation noted")
    number: int

"""From rows to the words of a letter: what it would say now, what was signed, and what was issued."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Self

from portal.accountability.apologies import queries
from portal.accountability.apologies.models import Apology
from portal.accountability.apologies.queries import Seats
from portal.accountability.apologies.rules import Form, State, authority_lines, authority_of_stand_in
from portal.accountability.apologies.wording import Facts, letter_of, numbered
from portal.cases.rules import ENDED_MEANINGS, Meaning
from portal.directory.models import Posting
from portal.directory.rules import LEVELS, Line, UnitTree
from portal.documents.letter import Letter
from portal.policy import queries as policy
from portal.policy.rules import FormKind


@dataclass(frozen=True)
class Signed:
    """A letter word for word as it was signed, and the place that stands before its date."""

    letter: Letter
    place_name: str

    def as_json(self) -> dict[str, Any]:
        """For the ``content`` column."""
        return {"letter": self.letter.as_json(), "place_name": self.place_name}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """From the ``content`` column."""
        return cls(Letter.from_json(data["letter"]), data["place_name"])


def is_finished(apology: Apology) -> bool:
    """Whether the case has ended, so that the letter is the short one without a new date."""
    return Meaning(apology.case.meaning) in ENDED_MEANINGS


def form_in_force(apology: Apology, on: date) -> Form:
    """The form a letter of this case takes on a day."""
    kind = FormKind.SHORT if is_finished(apology) else FormKind.REAPPOINTMENT
    return Form(policy.letter_form(kind, on).code)


def draft_of(apology: Apology, on: date, seats: Seats, *, mark: str, **typed: Any) -> Letter:
    """What the letter would say if it were signed on ``on``.

    ``typed``: ``cause_text``, ``new_date``, ``addressee`` as they stand in a form, for a preview.
    """
    facts = replace(_facts(apology, on, seats, mark), **typed)
    return letter_of(replace(facts, new_date=None) if is_finished(apology) else facts, on, draft=True)


def for_signing(apology: Apology, on: date, seats: Seats, *, mark: str) -> Signed:
    """What the head signs: the draft without its mark; number and day are left to the clerk."""
    facts = _facts(apology, on, seats, mark)
    return Signed(letter_of(facts, on, draft=False), facts.place_name)


def issued(apology: Apology, number: int, issued_on: date) -> Letter:
    """The signed letter with its number and day. Raises ValueError before it was signed."""
    if apology.content is None:
        raise ValueError("a letter is numbered after it was signed")
    signed = Signed.from_json(apology.content)
    return numbered(signed.letter, signed.place_name, number, issued_on)


def present(apology: Apology, on: date, seats: Seats | None = None, *, mark: str) -> Letter | None:
    """The letter as it stands: issued, signed, or what the draft would say on ``on``; None where none is due."""
    if apology.state in (State.EXEMPT, State.CANCELLED):
        return None
    if apology.content is not None and apology.state in (State.SIGNED, State.NUMBERED, State.SENT):
        if apology.number is not None and apology.issued_on is not None:
            return issued(apology, apology.number, apology.issued_on)
        return Signed.from_json(apology.content).letter
    return draft_of(apology, on, seats or queries.seats_on(on), mark=mark)


def _facts(apology: Apology, on: date, seats: Seats, mark: str) -> Facts:
    case, signer = apology.case, seats.signer(apology.unit_id)
    signs = (seats.stand_in.posting_for(signer) if seats.stand_in and signer else None) or signer
    parent_name, place_name = _surroundings(apology, seats.tree)
    finished = is_finished(apology)
    return Facts(
        form=form_in_force(apology, on),
        unit_name=apology.unit.name,
        parent_name=parent_name,
        place_name=place_name,
        case_code=case.code,
        procedure=queries.procedure_title(case),
        addressee=apology.addressee or case.applicant_name or "",
        received_at=case.received_at,
        due_at=apology.due_at,
        due_precision=apology.due_precision,
        finished_at=case.finished_at if finished else None,
        was_withdrawn=case.meaning == Meaning.WITHDRAWN,
        cause_text=apology.cause_text,
        new_date=None if finished else apology.new_date,
        authority=_authority(signer, signs),
        signer_name=signs.person.full_name if signs else "",
        mark=mark,
    )


def _authority(signer: Posting | None, signs: Posting | None) -> tuple[str, ...]:
    """The lines above the name: of the signer, or of who signs for him (KT. for a deputy, TUQ. for anybody else)."""
    if signer is None or signs is None:
        return authority_lines("", leads_a_level=False)
    leads = signer.unit.kind in LEVELS
    if signs is signer:
        return authority_lines(signer.position, leads_a_level=leads)
    return authority_of_stand_in(signs.position, signer.position, leads_a_level=leads)


def _surroundings(apology: Apology, tree: UnitTree) -> tuple[str, str]:
    """The parent agency at the head of the letter (none for a People's Committee) and the area before its date."""
    unit = apology.unit
    managing = tree.parent(Line.MANAGED_BY, unit.id)
    parent = tree.node(managing) if managing is not None and unit.kind not in LEVELS else None
    area_id = tree.level_of(unit.id)
    area = tree.node(area_id) if area_id is not None else None
    return (parent.name if parent else ""), (area.name if area else unit.name)

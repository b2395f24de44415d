"""Further explanations while a case stays open: written by the holder, read by whoever decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from portal.accountability.explanations import queries
from portal.accountability.explanations.events import SupplementNoted, SupplementReturned, SupplementSubmitted
from portal.accountability.explanations.queries import Deciders
from portal.accountability.explanations.standing import NewTerm
from portal.accountability.explanations.supplements import STEPS, TO_WRITE, Supplement, SupplementState
from portal.audit import Event, record
from portal.database import transition
from portal.guard import Permission, Viewer
from portal.policy import queries as policy
from portal.refusal import Refused


@dataclass(frozen=True)
class Progress:
    """What the holder says: what was done since, what follows, and by when."""

    happened: str
    remedy: str
    promised_on: date | None


def save(supplement: Supplement, said: Progress, *, version: int, by: Viewer, at: datetime) -> None:
    """Keep what was written so far. Raises Conflict when another window saved since ``version``."""
    _must_be_holder(supplement, by)
    _must_allow(supplement, "save")
    if _says_already(supplement, said):
        return
    state = SupplementState.RETURNED if supplement.state == SupplementState.RETURNED else SupplementState.DRAFT
    _move(supplement, "save", version, state=state.value, saved_at=at, **_columns(said))


def submit(supplement: Supplement, said: Progress, *, version: int, by: Viewer, at: datetime, today: date) -> None:
    """Hand it in; a new day is promised by it, because the case is still open."""
    by = _must_be_holder(supplement, by)
    _must_allow(supplement, "submit")
    missing = tuple(
        part for part, lacks in (
            ("happened", not said.happened.strip()), ("remedy", not said.remedy.strip()),
            ("commitment_on", said.promised_on is None),
        ) if lacks
    )  # fmt: skip
    if missing:
        raise Refused("explanations.incomplete", missing=missing, parts=", ".join(missing))
    if _says_already(supplement, said):
        version = supplement.version
    state = SupplementState.SUBMITTED.value
    _move(
        supplement, "submit", version, state=state, submitted_at=at, submitted_on=today, saved_at=at, **_columns(said)
    )
    late = today > supplement.due_on
    event = SupplementSubmitted(
        number=supplement.number, happened=said.happened, remedy=said.remedy, promised_on=said.promised_on, late=late
    )
    _record(event, supplement, by, at)


def take_note(supplement: Supplement, *, version: int, by: Viewer, at: datetime, today: date) -> None:
    """Whoever would decide the explanation has read it. It changes no conclusion: that has a road of its own."""
    by = _must_be_decider(supplement, by, today)
    _must_allow(supplement, "note")
    _move(supplement, "note", version, state=SupplementState.NOTED.value, noted_by=by.person_id, noted_at=at)
    _record(SupplementNoted(number=supplement.number), supplement, by, at)


def send_back(supplement: Supplement, comment: str, *, version: int, by: Viewer, at: datetime, today: date) -> None:
    """Ask for more, with a comment, as often as policy lets an explanation be returned; a new term runs."""
    by = _must_be_decider(supplement, by, today)
    _must_allow(supplement, "return")
    if supplement.returned_times >= policy.return_max(today):
        raise Refused("explanations.returned_enough", times=supplement.returned_times)
    if not comment.strip():
        raise Refused("explanations.comment_missing")
    term = NewTerm.of(supplement.holder_id, today)
    _move(
        supplement, "return", version, state=SupplementState.RETURNED.value, comment=comment.strip(), noticed_on=today,
        returned_times=supplement.returned_times + 1, **term.columns,
    )  # fmt: skip
    event = SupplementReturned(number=supplement.number, comment=comment.strip(), due_on=term.due_on)
    _record(event, supplement, by, at)


def decides(supplement: Supplement, viewer: Viewer, today: date, deciders: Deciders | None = None) -> bool:
    """Whether the viewer takes note of it: who would conclude its explanation today, and never its writer."""
    first = supplement.explanation
    excluded = queries.excluded_from_deciding([first])[first.id] | {supplement.holder_id or 0}
    decider = (deciders or Deciders.on(today)).of(first.unit_id, excluded)
    return viewer.may(Permission.CONCLUDE) and queries.decides(viewer, decider, excluded)


def _must_be_decider(supplement: Supplement, by: Viewer, today: date) -> Viewer:
    if not decides(supplement, by, today):
        raise Refused("explanations.not_decider")
    return by


def _must_be_holder(supplement: Supplement, by: Viewer) -> Viewer:
    if supplement.holder_id is None or supplement.holder_id not in by.person_ids:
        raise Refused("explanations.not_holder")
    return by.standing_in(supplement.holder_id)


def _must_allow(supplement: Supplement, step: str) -> None:
    if supplement.state not in STEPS[step][0]:
        raise Refused("explanations.supplement_not_now")


def _says_already(supplement: Supplement, said: Progress) -> bool:
    same = all(getattr(supplement, name) == value for name, value in _columns(said).items())
    return same and supplement.state in TO_WRITE


def _columns(said: Progress) -> dict[str, Any]:
    return {"happened": said.happened, "remedy": said.remedy, "promised_on": said.promised_on}


def _move(supplement: Supplement, step: str, version: int, **to: Any) -> None:
    where = {"state": [state.value for state in STEPS[step][0]]}
    transition(Supplement, supplement.id, where=where, to=to, version=version)


def _record(event: Event, supplement: Supplement, by: Viewer, at: datetime) -> None:
    record(event, entity_id=supplement.explanation_id, by=by, at=at, case_id=supplement.explanation.case_id)

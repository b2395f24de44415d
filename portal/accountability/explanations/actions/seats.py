"""From which seat somebody decides, and who may not."""

from __future__ import annotations

from datetime import date

from portal.accountability.explanations import conclusion_queries, queries
from portal.accountability.explanations.models import Explanation
from portal.accountability.explanations.queries import Deciders
from portal.accountability.explanations.rules import Decider, Seat
from portal.directory.queries import postings_on
from portal.guard import Permission, Viewer
from portal.refusal import Refused


def must_be_decider(
    explanation: Explanation, by: Viewer, deciders: Deciders, *, letter: str = ""
) -> tuple[Decider, Viewer]:
    """Who decides today, provided it is this viewer or whom he stands in for (§3.8), and how the trail names him.

    The level above is heard through a recorded letter. Who wrote the answer as a stand-in does not decide it.
    """
    excluded = queries.excluded_from_deciding([explanation])[explanation.id]
    return _must_sit(explanation, by, deciders.of(explanation.unit_id, excluded), excluded, letter=letter)


def must_hear_objection(
    explanation: Explanation, by: Viewer, deciders: Deciders, *, letter: str = ""
) -> tuple[Decider, Viewer]:
    """The next head up, who has not concluded this explanation before, or whom the viewer stands in for."""
    excluded = conclusion_queries.excluded_from_hearing(explanation)
    return _must_sit(explanation, by, deciders.above(explanation.unit_id, excluded), excluded, letter=letter)


def _must_sit(
    explanation: Explanation, by: Viewer, decider: Decider, excluded: frozenset[int], *, letter: str
) -> tuple[Decider, Viewer]:
    if decider.seat is Seat.ABOVE and by.person_id is not None and by.person_id not in excluded:
        if not (by.may(Permission.CONCLUDE) or by.may(Permission.OPEN_BREACHES)):
            raise Refused("explanations.not_decider")
        if not letter.strip():
            raise Refused("explanations.letter_missing")
        return decider, by
    if not queries.decides(by, decider, excluded):
        raise Refused("explanations.not_decider")
    must_not_have_written(explanation, by)
    return decider, by.standing_in(decider.person_id)


def must_not_have_written(explanation: Explanation, by: Viewer) -> None:
    """Who handed in the answer as a stand-in does not decide it."""
    if by.person_id is not None and queries.was_written_by(explanation.id, by.person_id):
        raise Refused("explanations.stand_in_decides")


def must_be_in_reach(person_id: int, by: Viewer, today: date) -> None:
    """Refuse a person who holds no posting today in the units the viewer answers for."""
    reach = by.readable_units
    held = postings_on(today, person_id=person_id)
    if not any(by.sees_all or posting.unit_id in reach for posting in held):
        raise Refused("explanations.no_such_person")

"""What was explained before: by the same person, and in words that are nearly the same."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from sqlalchemy import Select, or_

from portal.accountability.explanations.likeness import likeness, plain_text
from portal.accountability.explanations.models import Explanation
from portal.accountability.explanations.queries import ExplanationQuery
from portal.guard import Viewer

LOOKED_BACK = timedelta(days=365)
MOST = 200
"""So many of the last texts of a unit are read through for one page."""
SHOWN = 5
FEWEST_WORDS = 8
"""Shorter texts are alike by nature."""
LEAST_LIKENESS = 50
"""Below this no policy asks for a notice."""


def ids_before(explanation: Explanation, viewer: Viewer, today: date) -> Select[int]:
    """The numbers of what the same person or unit handed in of other cases within a year, as far as the viewer sees."""
    same = or_(Explanation.holder_id == explanation.holder_id, Explanation.unit_id == explanation.unit_id)
    return (
        ExplanationQuery.visible_to(viewer)
        .statement.with_only_columns(Explanation.id)
        .where(Explanation.id != explanation.id, same, Explanation.submitted_on >= today - LOOKED_BACK)
        .order_by(Explanation.submitted_on.desc(), Explanation.id.desc())
        .limit(MOST)
    )


def of_same_person(explanation: Explanation, before: Sequence[Explanation]) -> list[Explanation]:
    """The last ones of the person who owes this one, the newest first; none where nobody does."""
    own = [one for one in before if one.holder_id == explanation.holder_id and one.holder_id is not None]
    return sorted(own, key=lambda one: (one.submitted_on or date.min, one.id), reverse=True)[:SHOWN]


def nearly_same(
    explanation: Explanation, before: Sequence[Explanation], together: Collection[int]
) -> list[tuple[Explanation, int]]:
    """Those whose course of events reads nearly as this one, with the likeness in percent, the most alike first.

    A fact for whoever decides, no accusation: like cases make like texts. ``together``: what was written once for many
    with this one is left out.
    """
    words = plain_text(explanation.happened)
    if len(words) < FEWEST_WORDS:
        return []
    others = ((one, likeness(words, plain_text(one.happened))) for one in before if one.id not in together)
    found = [(one, alike) for one, alike in others if alike >= LEAST_LIKENESS]
    return sorted(found, key=lambda pair: (-pair[1], -pair[0].id))

"""Which of the explanations I owe are listed: all of them, or exactly those that a number of the home page counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from flask_babel import gettext as _

from portal.accountability.explanations.queries import ExplanationQuery
from portal.accountability.explanations.rules import WRITABLE, State
from portal.cases.filters import day_from
from portal.guard import Viewer
from portal.web.filters import day as day_words


class Part(StrEnum):
    """What a number counts."""

    LATE = "late"
    DUE = "due"
    RETURNED = "returned"


@dataclass(frozen=True)
class Listed:
    """What I may write now. ``only``: what the list is narrowed to, in words; empty where it holds everything."""

    query: ExplanationQuery
    only: str = ""


def listed(viewer: Viewer, args: Mapping[str, str], today: date) -> Listed:
    """What an address asks for. A part counts what is the viewer's own and whose clock runs, as the home page does;
    the whole list also has what they write in place of others. Unknown words ask for everything."""
    found = ExplanationQuery.visible_to(viewer)
    part = args.get("show", "")
    if part not in set(Part):
        return Listed(found.held_by(*viewer.person_ids).in_states(*WRITABLE))
    own = found.held_by(viewer.person_id or 0).in_states(*WRITABLE).running()
    if part == Part.LATE:
        return Listed(own.past_term(today), _("explanations past their term"))
    if part == Part.RETURNED:
        return Listed(own.in_states(State.RETURNED), _("explanations returned to be rewritten"))
    first = day_from(args.get("from", "")) or today
    last = day_from(args.get("to", "")) or first
    return Listed(own.due_between(first, last), _span(first, last))


def _span(first: date, last: date) -> str:
    if first == last:
        return _("explanations due on %(day)s", day=day_words(last))
    return _("explanations due from %(first)s to %(last)s", first=day_words(first), last=day_words(last))

"""The words of ``rules`` as SQL expressions, the same on both databases.

Meanings stand in the SQL text as literals, not as bind variables: the partial indexes of ``models`` are used only where
the query repeats their condition, and PostgreSQL loses them under a generic plan when a value is bound.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Date, and_, case, false, func, literal_column, or_

from portal.cases.models import Case
from portal.cases.rules import ENDED_MEANINGS, OPEN_VERDICTS, Meaning, State, Verdict

Condition = ColumnElement[bool]


def day_of(moment: ColumnElement[Any] | Any) -> ColumnElement[Any]:
    """The calendar day of a wall moment; ``date()`` is understood by both databases."""
    return func.date(moment, type_=Date())


def word(text: str) -> ColumnElement[str]:
    """A word of ours as a literal in the SQL text; never for text that came from outside."""
    if not text.replace("_", "").isalpha() or not text.isascii():
        raise ValueError("only words of the code may stand in SQL text")
    return literal_column(f"'{text}'")


def meaning_in(*meanings: Meaning) -> Condition:
    """The meaning is one of these, spelt exactly as the partial indexes spell it."""
    return Case.meaning.in_([word(meaning) for meaning in meanings])


def is_open() -> Condition:
    """Open or paused: the condition of the open-case indexes."""
    return meaning_in(Meaning.OPEN, Meaning.PAUSED)


def is_answered() -> Condition:
    """Finished with a result or a written refusal."""
    return meaning_in(Meaning.FINISHED, Meaning.REFUSED)


def is_late() -> Condition:
    """Answered after the due moment: the condition of the late-case indexes."""
    return and_(is_answered(), Case.finished_at > Case.ruling_due_at)


def is_paused(at: datetime) -> Condition:
    """By its source's status, or by a recorded pause that stood open at wall moment ``at``; of open cases."""
    return or_(_is(Meaning.PAUSED), and_(Case.paused_since.is_not(None), Case.paused_since <= at))


def is_not_paused(at: datetime) -> Condition:
    """The opposite, spelt without NOT so that neither database loses its way."""
    return and_(_is(Meaning.OPEN), or_(Case.paused_since.is_(None), Case.paused_since > at))


def is_running(at: datetime) -> Condition:
    """Open, not paused at ``at``, with a due moment. Repeats the wider condition so that the open indexes serve it."""
    return and_(is_open(), is_not_paused(at), Case.ruling_due_at.is_not(None))


def is_overdue(at: datetime) -> Condition:
    """Open, not paused, and past the due moment at wall moment ``at``."""
    return and_(is_open(), is_not_paused(at), Case.ruling_due_at < at)


def _on_earlier_day() -> Condition:
    """Finished before the due day began. Not compared day to day: PostgreSQL guesses such equality to be rare."""
    return Case.finished_at < day_of(Case.ruling_due_at)


def verdict_is(verdict: Verdict, at: datetime, soon_until: datetime | None = None) -> Condition:
    """The case carries this word at wall moment ``at``; see ``rules.verdict``."""
    if verdict in OPEN_VERDICTS:
        return _open_word(verdict, at, soon_until)
    return ENDED_WORDS[verdict]()


def _open_word(verdict: Verdict, at: datetime, soon_until: datetime | None) -> Condition:
    if verdict is Verdict.OVERDUE:
        return is_overdue(at)
    if verdict is Verdict.PAUSED:
        return and_(is_open(), is_paused(at), Case.ruling_due_at.is_not(None))
    if verdict is Verdict.OPEN_NO_TERM:
        return and_(is_open(), Case.ruling_due_at.is_(None))
    not_past = and_(is_running(at), Case.ruling_due_at >= at)
    same_day = day_of(Case.ruling_due_at) == at.date()
    if verdict is Verdict.DUE_TODAY:
        return and_(not_past, same_day)
    soon = Case.ruling_due_at <= soon_until if soon_until is not None else false()
    return and_(not_past, ~same_day, soon if verdict is Verdict.DUE_SOON else ~soon)


def _ended() -> Condition:
    return and_(is_answered(), Case.finished_at.is_not(None))


def _in_time() -> Condition:
    return and_(_ended(), Case.finished_at <= Case.ruling_due_at)


def _aside(meaning: Meaning) -> Condition:
    return and_(meaning_in(Meaning.WITHDRAWN, Meaning.NOT_COUNTED), _is(meaning))


ENDED_WORDS: dict[Verdict, Callable[[], Condition]] = {
    Verdict.EARLY: lambda: and_(_in_time(), _on_earlier_day()),
    Verdict.ON_TIME: lambda: and_(_in_time(), Case.finished_at >= day_of(Case.ruling_due_at)),
    Verdict.LATE: is_late,
    Verdict.NO_TERM: lambda: and_(_ended(), Case.ruling_due_at.is_(None)),
    Verdict.UNKNOWN_END: lambda: and_(is_answered(), Case.finished_at.is_(None)),
    Verdict.WITHDRAWN: lambda: _aside(Meaning.WITHDRAWN),
    Verdict.NOT_COUNTED: lambda: _aside(Meaning.NOT_COUNTED),
}


def _is(meaning: Meaning) -> Condition:
    return Case.meaning == word(meaning)


def verdict_word(at: datetime, soon_until: datetime | None = None) -> ColumnElement[str]:
    """The word itself as a column."""
    return case(*((verdict_is(verdict, at, soon_until), word(verdict)) for verdict in Verdict))


def is_stale() -> Condition:
    """The data are older than the due moment; on an overdue case: it needs newer data before anyone is accused."""
    return Case.data_as_of <= Case.ruling_due_at


def _is_ended() -> Condition:
    return meaning_in(*sorted(ENDED_MEANINGS))


def ended_at() -> ColumnElement[datetime]:
    """When a case ended as far as is known; NULL while open. See ``rules.ended_at``."""
    return case(
        (
            _is_ended(),
            func.coalesce(Case.finished_at, Case.ended_seen_at, Case.data_as_of),
        )
    )


def is_counted(from_: datetime, to: datetime) -> Condition:
    """The case belongs to the period; see ``rules.is_counted``."""
    end = ended_at()
    return and_(
        Case.meaning != word(Meaning.NOT_COUNTED),
        Case.received_at <= to,
        or_(Case.received_at >= from_, end.is_(None), end >= from_),
    )


def state_word(to: datetime) -> ColumnElement[str]:
    """Where a counted case stands at wall moment ``to``; see ``rules.state_at``."""
    end = ended_at()
    ended = end <= to
    unknown_moment = and_(_is_ended(), Case.finished_at.is_(None))
    return case(
        (and_(ended, _is(Meaning.WITHDRAWN), end > Case.ruling_due_at), word(State.WITHDRAWN_LATE)),
        (and_(ended, _is(Meaning.WITHDRAWN)), word(State.WITHDRAWN)),
        (and_(ended, or_(Case.finished_at.is_(None), Case.ruling_due_at.is_(None))), word(State.NO_TERM)),
        (and_(ended, Case.finished_at > Case.ruling_due_at), word(State.LATE)),
        (and_(ended, _on_earlier_day()), word(State.EARLY)),
        (ended, word(State.ON_TIME)),
        (or_(Case.ruling_due_at.is_(None), unknown_moment), word(State.OPEN_NO_TERM)),
        (is_paused(to), word(State.PAUSED)),
        (Case.ruling_due_at < to, word(State.OVERDUE)),
        else_=word(State.WITHIN_TERM),
    )


def is_refusal() -> Condition:
    """The end was a written refusal."""
    return _is(Meaning.REFUSED)

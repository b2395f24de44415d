"""Set-based writing of breaches: one INSERT … SELECT each, safe to run twice, the same on both databases.

The conditions repeat ``rules.missed``, ``rules.is_stale`` and ``rules.holder_at`` in SQL; tests hold them equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CTE,
    Boolean,
    ColumnElement,
    DateTime,
    Integer,
    ScalarSelect,
    Text,
    and_,
    case,
    cast,
    column,
    exists,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from portal.accountability.breaches.models import Breach, BreachCorrection, BreachEnd
from portal.accountability.breaches.rules import ENDED_MEANINGS, CorrectionState, Was
from portal.accountability.breaches.words import is_cancelled
from portal.cases.models import Case, CaseChange, Pause
from portal.cases.rules import OPEN_MEANINGS, Meaning
from portal.cases.words import day_of, is_late, is_not_paused, is_open, meaning_in, word
from portal.database import Base, Instant, db, dialect, tally
from portal.directory.models import Posting, UnitLink
from portal.directory.rules import Line
from portal.guard import Role

Condition = ColumnElement[bool]
BATCHES = table("batches", column("id", Integer), column("data_as_of", DateTime), column("state", Text))
"""The batches of the imports, a package above this one: only their moment is read, and whether they were undone."""
OFFICER_FIELD = "officer_id"
PROVED_IN_TIME = "finished_by_due"
"""The machine's reason for proposing to cancel a breach: by later data the case had ended by its due moment."""
PROVED_BY_PAUSE = "moved_by_pause"
"""Another one: a pause or extension recorded later shows that the term was not over."""
_ENDED = tuple(Meaning(meaning) for meaning in ENDED_MEANINGS)
AT_ONCE = 5_000
_ALWAYS = literal_column("1") == literal_column("1")


def _late_parts(day_end: datetime) -> tuple[Condition, ...]:
    """The parts of ``is_late_at``. No case is in two of these or of ``_overdue_parts``, and each has an index.

    A condition joined by OR would be answered by reading all cases: SQLite never puts partial indexes together.
    """
    by_then = Case.finished_at <= day_end
    return and_(is_late(), by_then), and_(_is_withdrawn(), Case.finished_at > Case.ruling_due_at, by_then)


def _overdue_parts(day_end: datetime) -> tuple[Condition, ...]:
    """The parts of ``is_overdue_at``."""
    past_due = and_(Case.ruling_due_at < day_end, Case.data_as_of > Case.ruling_due_at)
    running = and_(is_open(), is_not_paused(day_end), past_due)
    ended_later = and_(Case.ruling_due_at < day_end, Case.finished_at > day_end)
    return running, and_(is_late(), ended_later), and_(_is_withdrawn(), ended_later)


def is_late_at(day_end: datetime) -> Condition:
    """Ended after the due moment, by the end of the day, also at the applicant's wish; ``rules.missed`` says LATE.

    Withdrawn cases stand apart, so that the index over late cases and the one over cases aside serve the two halves.
    """
    return or_(*_late_parts(day_end))


def _is_withdrawn() -> Condition:
    """Withdrawn, spelt so that the index over cases aside serves it."""
    return and_(meaning_in(Meaning.WITHDRAWN, Meaning.NOT_COUNTED), Case.meaning == word(Meaning.WITHDRAWN))


def is_overdue_at(day_end: datetime) -> Condition:
    """Known to be open past the due moment at the end of the day; ``rules.missed`` says OVERDUE."""
    return or_(*_overdue_parts(day_end))


def is_missed_at(day_end: datetime) -> Condition:
    """Late or overdue, and still in its source."""
    return and_(Case.gone_since.is_(None), or_(is_late_at(day_end), is_overdue_at(day_end)))


def is_stale_at(day_end: datetime) -> Condition:
    """Past its term by the clock, but the data are too old to say so; ``rules.is_stale``."""
    return and_(
        Case.gone_since.is_(None),
        is_open(),
        is_not_paused(day_end),
        Case.ruling_due_at < day_end,
        Case.data_as_of <= Case.ruling_due_at,
    )


def has_breach() -> Condition:
    """The case already has the breach of its present term (§3.2, §3.5).

    The same due moment is the same breach. Another due moment is a new one only where the case was reopened after the
    data in which the earlier breach was found.
    """
    return or_(_has_breach_of_this_due(), _has_breach_that_still_rules())


def _has_breach_of_this_due() -> Condition:
    other = aliased(Breach)
    same = select(other.id).where(other.case_id == Case.id, other.due_at == Case.ruling_due_at)
    return same.correlate(Case).exists()


def _has_breach_that_still_rules() -> Condition:
    other = aliased(Breach)
    found = select(other.id).where(other.case_id == Case.id, ~is_cancelled(other), ~_was_reopened_after(other))
    return found.correlate(Case).exists()


def _was_reopened_after(breach: type[Breach]) -> Condition:
    """A later batch showed the case of a breach open again after its end, whether or not that end was recorded."""
    return (
        select(CaseChange.id)
        .where(CaseChange.case_id == breach.case_id, CaseChange.field == word("meaning"))
        .where(CaseChange.batch_id > func.coalesce(breach.batch_id, literal_column("0")))
        .where(CaseChange.batch_id.not_in(_undone()))
        .where(CaseChange.old.in_([word(meaning) for meaning in _ENDED]))
        .where(CaseChange.new.in_([word(meaning) for meaning in sorted(OPEN_MEANINGS)]))
        .correlate(breach)
        .exists()
    )


def _undone() -> Any:
    """Batches that were taken back: what they told did not happen."""
    return select(BATCHES.c.id).where(BATCHES.c.state == word("undone")).scalar_subquery()


def is_missing_at(day_end: datetime) -> Condition:
    """Late or overdue without its breach: what ``insert_missing_breaches`` would open."""
    return and_(is_missed_at(day_end), *_lacks_breach())


def _lacks_breach() -> tuple[Condition, ...]:
    """The opposite of ``has_breach``, each half by itself: the first finds nearly all of them in an index."""
    return ~_has_breach_of_this_due(), ~_has_breach_that_still_rules()


def count_overdue(day_end: datetime, *more: Condition) -> int:
    """How many cases are overdue at the end of a day, of those that also meet ``more``."""
    return _count(_overdue_parts(day_end), *more)


def count_missing(day_end: datetime, *more: Condition) -> int:
    """How many breaches ``insert_missing_breaches`` would open, of the cases that also meet ``more``."""
    parts = (*_late_parts(day_end), *_overdue_parts(day_end))
    return _count(parts, Case.gone_since.is_(None), *_lacks_breach(), *more)


def _count(parts: Iterable[Condition], *more: Condition) -> int:
    counted = (select(func.count()).select_from(Case).where(part, *more) for part in parts)
    return sum(tally({f"part_{place}": statement for place, statement in enumerate(counted)}).values())


def _within_case(batch_id: Any) -> ColumnElement[int]:
    """The batch of a change, of no use to an index: a case has few changes, a batch may have a hundred thousand."""
    found: ColumnElement[int] = batch_id + literal_column("0", Integer)
    return found


def _change_after_due(value: Any, *, named: bool) -> ScalarSelect[Any]:
    """``value`` of the first change of officer in data younger than the due moment; ``named``: to somebody."""
    found = (
        select(value)
        .select_from(CaseChange)
        .join(BATCHES, BATCHES.c.id == _within_case(CaseChange.batch_id))
        .where(CaseChange.case_id == Case.id, CaseChange.field == word(OFFICER_FIELD))
        .where(BATCHES.c.data_as_of > Case.ruling_due_at, BATCHES.c.state != word("undone"))
    )
    if named:
        found = found.where(func.coalesce(CaseChange.new, "") != "")
    return found.order_by(BATCHES.c.data_as_of, CaseChange.id).limit(1).correlate(Case).scalar_subquery()


def _person(text: Any) -> ColumnElement[int | None]:
    return cast(func.nullif(text, ""), Integer)


def _missing(day_end: datetime) -> list[tuple[int, bool]]:
    """The cases to accuse, by their due moments, and whether each is overdue; else it is late.

    Nearly all late cases have their breach, and that is seen in narrow indexes alone. The others are named one by one
    to the statements that read them: PostgreSQL would take them for so many that it reads all cases.
    """
    parts = [(part, False) for part in _late_parts(day_end)] + [(part, True) for part in _overdue_parts(day_end)]
    found: list[tuple[datetime, int, bool]] = []
    for part, is_overdue in parts:
        lacking = select(Case.ruling_due_at, Case.id).where(part, Case.gone_since.is_(None), *_lacks_breach())
        found += [(row.ruling_due_at, row.id, is_overdue) for row in db.session.execute(lacking)]
    return [(case_id, is_overdue) for _, case_id, is_overdue in sorted(found)]


def _found(cases: Sequence[tuple[int, bool]]) -> CTE:
    """Cases to accuse, with the holder at the due moment."""
    changed = _change_after_due(literal(1), named=False).is_not(None)
    at_due = case((changed, _person(_change_after_due(CaseChange.old, named=False))), else_=Case.officer_id)
    named_later = _person(_change_after_due(CaseChange.new, named=True))
    first_seen = (
        select(BATCHES.c.data_as_of).where(BATCHES.c.id == Case.first_batch_id).correlate(Case).scalar_subquery()
    )
    overdue = Case.id.in_([case_id for case_id, is_overdue in cases if is_overdue])
    columns = (
        Case.id.label("case_id"),
        Case.ruling_due_at.label("due_at"),
        func.coalesce(Case.ruling_due_precision, "minute").label("due_precision"),
        Case.moved_by.label("pauses_key"),
        Case.resolving_unit_id.label("unit_id"),
        day_of(Case.ruling_due_at).label("due_on"),
        func.coalesce(at_due, named_later, Case.officer_id).label("officer_id"),
        case((or_(at_due.is_(None), first_seen > Case.ruling_due_at), true()), else_=false()).label("guessed"),
        Case.last_batch_id.label("batch_id"),
        case((overdue, word(Was.OVERDUE)), else_=word(Was.LATE)).label("was"),
    )
    return select(*columns).where(Case.id.in_([case_id for case_id, _ in cases])).cte("found")


def _in_force(valid_from: Any, valid_to: Any, day: Any) -> Condition:
    return and_(valid_from <= day, or_(valid_to.is_(None), valid_to >= day))


def _posting(found: CTE) -> ColumnElement[int | None]:
    """The posting of the officer on the due day, in the resolving unit where he has one there."""
    held = select(func.min(Posting.id)).where(
        Posting.person_id == found.c.officer_id, _in_force(Posting.valid_from, Posting.valid_to, found.c.due_on)
    )
    here = held.where(Posting.unit_id == found.c.unit_id)
    return func.coalesce(here.correlate(found).scalar_subquery(), held.correlate(found).scalar_subquery())


def _heads(found: CTE) -> CTE:
    """Unit and day → the head of the unit on that day, upward on the managed-by line where it is vacant."""
    start = select(
        found.c.unit_id.label("unit_id"),
        found.c.due_on.label("due_on"),
        found.c.unit_id.label("above_id"),
        literal_column("0", Integer).label("steps"),
    ).distinct()
    line = start.cte("line", recursive=True)
    upward = (
        select(line.c.unit_id, line.c.due_on, UnitLink.parent_id, line.c.steps + 1)
        .join(UnitLink, and_(UnitLink.unit_id == line.c.above_id, UnitLink.kind == word(Line.MANAGED_BY)))
        .where(_in_force(UnitLink.valid_from, UnitLink.valid_to, line.c.due_on))
        .where(line.c.steps < literal_column("20"))
    )
    line = line.union_all(upward)
    rank = func.row_number().over(partition_by=(line.c.unit_id, line.c.due_on), order_by=(line.c.steps, Posting.id))
    seated = (
        select(line.c.unit_id, line.c.due_on, Posting.person_id, rank.label("rank"))
        .join(Posting, and_(Posting.unit_id == line.c.above_id, Posting.role == word(Role.HEAD)))
        .where(_in_force(Posting.valid_from, Posting.valid_to, line.c.due_on))
        .subquery("seated")
    )
    return select(seated.c.unit_id, seated.c.due_on, seated.c.person_id).where(seated.c.rank == 1).cte("heads")


def insert_missing_breaches(
    on: date, day_end: datetime, at: datetime, *, calendar_version_id: int, cut_over: date | None
) -> int:
    """Open a breach for each case whose term was missed by the end of ``on`` and has none (§3.1–3.7).

    ``day_end``: the end of ``on`` as wall time. ``at``: the instant of the run. Gives the number opened.
    Two runs at once open each breach once.
    """
    missing = _missing(day_end)
    parts = (missing[start : start + AT_ONCE] for start in range(0, len(missing), AT_ONCE))
    return sum(_insert_breaches(part, on, at, calendar_version_id, cut_over) for part in parts)


def _insert_breaches(
    cases: Sequence[tuple[int, bool]], on: date, at: datetime, calendar_version_id: int, cut_over: date | None
) -> int:
    found = _found(cases)
    heads = _heads(found)
    legacy = found.c.due_on < literal(cut_over) if cut_over else false()
    provisional = and_(found.c.guessed, found.c.officer_id.is_not(None))
    rows: dict[str, Any] = {
        "case_id": found.c.case_id,
        "due_at": found.c.due_at,
        "due_precision": found.c.due_precision,
        "pauses_key": found.c.pauses_key,
        "opened_at": literal(at, Instant()),
        "opened_on": literal(on),
        "calendar_version_id": literal(calendar_version_id, Integer),
        "officer_id": found.c.officer_id,
        "posting_id": _posting(found),
        "unit_id": found.c.unit_id,
        "head_id": heads.c.person_id,
        "batch_id": found.c.batch_id,
        "was": found.c.was,
        "officer_is_provisional": cast_bool(provisional),
        "legacy": cast_bool(legacy),
    }
    at_home = and_(heads.c.unit_id == found.c.unit_id, heads.c.due_on == found.c.due_on)
    chosen = select(*rows.values()).select_from(found.outerjoin(heads, at_home)).where(_ALWAYS)
    return insert_once(Breach, tuple(rows), chosen.order_by(found.c.due_at, found.c.case_id))


def cast_bool(condition: Any) -> ColumnElement[bool]:
    """A condition as a stored truth value: NULL is no."""
    return (
        case((condition, true()), else_=false()).cast(Boolean)
        if dialect() == "postgresql"
        else case((condition, literal_column("1", Boolean)), else_=literal_column("0", Boolean))
    )


def insert_once(model: type[Base], columns: tuple[str, ...], chosen: Any) -> int:
    """INSERT … SELECT that leaves alone what another run has just written; the number of new rows."""
    target: Any = model.__table__
    make: Any = postgresql.insert if dialect() == "postgresql" else sqlite.insert
    statement = make(target).from_select(columns, chosen, include_defaults=False).on_conflict_do_nothing()
    result: Any = db.session.execute(statement, execution_options={"preserve_rowcount": True})
    if result.rowcount >= 0:
        return int(result.rowcount)
    # Python's sqlite3 knows no row count of an INSERT that begins with WITH.
    return int(db.session.scalar(select(func.changes())) or 0)


def record_ends(day_end: datetime, at: datetime) -> int:
    """Record once how and when the case of each breach ended, as known at the end of the day; the number recorded."""
    missing = ~exists().where(BreachEnd.breach_id == Breach.id).correlate(Breach)
    ended = (
        select(
            Breach.id,
            Case.finished_at,
            func.coalesce(Case.finished_precision, "minute"),
            Case.meaning,
            Case.last_batch_id,
            literal(at, Instant()),
        )
        .join(Case, Case.id == Breach.case_id)
        .where(meaning_in(*_ENDED), Case.finished_at > Breach.due_at, Case.finished_at <= day_end, missing)
        # Sorted, so that all are found before the first is written: else PostgreSQL reads what it has just written.
        .order_by(Breach.opened_on, Breach.id)
    )
    return insert_once(BreachEnd, ("breach_id", "ended_at", "precision", "how", "batch_id", "recorded_at"), ended)


def propose_cancellations(day_end: datetime, at: datetime) -> int:
    """Propose to cancel breaches of which later facts prove that there was no lateness (§3.5); the number proposed.

    By later data the case had ended by its due moment; or recorded pauses and extensions moved that moment so far that
    the case was in time, or not yet due at ``day_end``. Each is proposed once by the machine: what was declined is not
    asked again on the same ground.
    """
    in_time = and_(meaning_in(*_ENDED), Case.finished_at <= Breach.due_at)
    unsettled, proposed = _unsettled(), 0
    for start in range(0, len(unsettled), AT_ONCE):
        some = Breach.id.in_(unsettled[start : start + AT_ONCE])
        proposed += _propose(PROVED_IN_TIME, and_(some, in_time), at)
        proposed += _propose(PROVED_BY_PAUSE, and_(some, _is_cured(day_end)), at)
    return proposed


def _is_cured(day_end: datetime) -> Condition:
    """What was recorded, and nothing else, takes the lateness away: the printed moment is not a later one than that of
    the breach, unless the source printed it for a pause."""
    printed_for_pause = (
        select(Pause.id)
        .where(Pause.case_id == Case.id, Pause.due_after == Case.due_at, Pause.due_before <= Breach.due_at)
        .where(Pause.voided.is_(False))
        .correlate(Case, Breach)
        .exists()
    )
    lawful = or_(Case.due_at <= Breach.due_at, printed_for_pause)
    ended = and_(meaning_in(*_ENDED), Case.finished_at > Breach.due_at, Case.finished_at <= Case.ruling_due_at)
    stood = and_(is_open(), Case.paused_since <= Breach.due_at)
    not_due = and_(is_open(), Case.ruling_due_at >= day_end)
    return and_(lawful, or_(ended, stood, and_(not_due, Case.ruling_due_at > Breach.due_at)))


def _propose(ground: str, proved_by: Condition, at: datetime) -> int:
    """Propose on one ground. ``proved_by``: of the breach and its case."""
    asked = exists().where(
        BreachCorrection.breach_id == Breach.id,
        or_(
            and_(BreachCorrection.proposed_by.is_(None), BreachCorrection.reason == ground),
            BreachCorrection.state != word(CorrectionState.DECLINED),
        ),
    )
    proved = (
        select(
            Breach.id,
            literal("cancel", Text),
            literal(ground, Text),
            literal(CorrectionState.PROPOSED.value, Text),
            literal(at, Instant()),
            literal("", Text),
            literal_column("1", Integer),
        )
        .join(Case, Case.id == Breach.case_id)
        .where(proved_by, ~asked.correlate(Breach))
    )
    columns = ("breach_id", "kind", "reason", "state", "proposed_at", "decision_reason", "version")
    return insert_once(BreachCorrection, columns, proved)


def _unsettled() -> Sequence[int]:
    """The breaches of which something may be proved: not those whose term still rules and whose case ended after it.

    An index tells so of nearly all breaches. The others are named one by one: PostgreSQL would take them for so many
    that it reads all cases.
    """
    late = select(Case.id.label("id"), Case.ruling_due_at.label("due_at")).where(is_late()).cte("late")
    late = late.prefix_with("MATERIALIZED")
    others = select(Breach.id).outerjoin(late, and_(late.c.id == Breach.case_id, late.c.due_at == Breach.due_at))
    return db.session.scalars(others.where(late.c.id.is_(None)).order_by(Breach.id)).all()

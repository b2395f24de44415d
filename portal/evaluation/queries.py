"""Everything on the yearly sheets, set-based: a handful of grouped statements for any number of people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    literal_column,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import aliased, joinedload

from portal import clock
from portal.accountability.apologies.models import Apology
from portal.accountability.breaches.late import late_by
from portal.accountability.breaches.models import Breach
from portal.accountability.breaches.words import is_cancelled
from portal.accountability.explanations.models import Conclusion, ConclusionShare, Explanation
from portal.accountability.explanations.queries import responsible
from portal.accountability.explanations.rules import CauseClass
from portal.accountability.followups.models import Followup, FollowupCancellation
from portal.accountability.followups.queries import is_machine, reach_of
from portal.calendars.queries import current_calendar
from portal.cases.models import Case, Procedure
from portal.cases.words import is_answered, word
from portal.database import db
from portal.directory.models import Person, Posting, Unit
from portal.directory.queries import load_tree
from portal.directory.rules import Line, UnitTree
from portal.evaluation.rules import (
    UNCONFIRMED,
    Months,
    Sheet,
    Subject,
    Tally,
    Weights,
    Year,
    merged,
    months_of,
    tally_of,
    total,
)
from portal.figures.queries import counts_by_key
from portal.figures.rules import Counts
from portal.guard import Role, Viewer
from portal.policy import queries as policy

ROLES_OF_HEADS = (Role.HEAD, Role.CHAIR)


def in_units(column: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Rows of the units whose evaluation the viewer reads; everything for the machine and the whole scope."""
    return true() if viewer.sees_all else column.in_(sorted(viewer.own_reach))


def _breaches_of(first: date, last: date, viewer: Viewer) -> ColumnElement[bool]:
    """Breaches whose due moment lies in the span, not cancelled, in the viewer's units."""
    return and_(
        Breach.due_at >= clock.start_of(first),
        Breach.due_at <= clock.end_of(last),
        ~is_cancelled(),
        in_units(Breach.unit_id, viewer),
    )


def answers_for() -> ColumnElement[int | None]:
    """The officer on whose sheet a breach stands: the frozen one, or whom its decider gave the duty to (§3.7).

    A head who explains only because nobody knows the officer is not charged as an officer, and who writes for somebody
    who left or was on leave is not charged at all.
    """
    by_the_way = and_(Breach.officer_id.is_(None), responsible() == Breach.head_id)
    return case((by_the_way, null()), else_=func.coalesce(responsible(), Breach.officer_id))


def counted_class(line: Any = Conclusion) -> ColumnElement[str | None]:
    """The class a conclusion counts under: without confirmation a technical cause or another body's stands apart.

    ``line``: what it says of the holder, or one of its shares.
    """
    needs_it = line.cause_class.in_([word(CauseClass.TECHNICAL), word(CauseClass.OTHER_BODY)])
    unconfirmed = and_(needs_it, func.length(Conclusion.confirmation) == literal_column("0"))
    return case((unconfirmed, word(UNCONFIRMED)), else_=line.cause_class)


def tallies(key: Any, first: date, last: date, viewer: Viewer) -> dict[int | None, Tally]:
    """Breaches of a span by class, blame and state of their duties, grouped by ``key`` (officer or unit).

    Each breach once, as its conclusion says of the holder: a blame that several share is 1 in the figures of a unit.
    """
    return _tallied(_by_duties(key, Conclusion, first, last, viewer))


def officer_tallies(first: date, last: date, viewer: Viewer) -> dict[int | None, Tally]:
    """As ``tallies`` by officer, and each person who shares a delay with the line the conclusion gives them (§3.11)."""
    shared = _by_duties(ConclusionShare.person_id, ConclusionShare, first, last, viewer)
    shared = shared.join(ConclusionShare, ConclusionShare.conclusion_id == Conclusion.id)
    return _tallied(union_all(_by_duties(answers_for(), Conclusion, first, last, viewer), shared))


def _by_duties(key: Any, line: Any, first: date, last: date, viewer: Viewer) -> Select[Any]:
    cause_class = counted_class(line)
    return (
        select(key, cause_class, line.blame, Explanation.state, Apology.state, func.count())
        .select_from(Breach)
        .outerjoin(Explanation, Explanation.breach_id == Breach.id)
        .outerjoin(Conclusion, Conclusion.id == Explanation.conclusion_id)
        .outerjoin(Apology, Apology.breach_id == Breach.id)
        .where(_breaches_of(first, last, viewer))
        .group_by(key, cause_class, line.blame, Explanation.state, Apology.state)
    )


def _tallied(statement: Any) -> dict[int | None, Tally]:
    grouped: dict[int | None, list[Any]] = {}
    for row in db.session.execute(statement):
        grouped.setdefault(row[0], []).append(tuple(row)[1:])
    return {ident: tally_of(rows) for ident, rows in grouped.items()}


MonthRows = list[tuple[str, int, int]]


def months(key: Any, first: date, last: date, viewer: Viewer) -> dict[int | None, MonthRows]:
    """Judged and late cases of each month of a span, by ``key`` (officer or unit) of the case."""
    month = func.substr(cast(Case.finished_at, String), 1, 7)
    statement = (
        select(key, month, func.count(), func.sum(case((Case.finished_at > Case.ruling_due_at, 1), else_=0)))
        .where(is_answered(), Case.finished_at.is_not(None), Case.ruling_due_at.is_not(None))
        .where(Case.finished_at >= clock.start_of(first), Case.finished_at <= clock.end_of(last))
        .where(in_units(Case.resolving_unit_id, viewer))
        .group_by(key, month)
    )
    grouped: dict[int | None, MonthRows] = {}
    for ident, name, judged, late in db.session.execute(statement):
        grouped.setdefault(ident, []).append((name, judged, int(late)))
    return grouped


def followups(key: Any, year: Year, viewer: Viewer) -> dict[int, dict[str, int]]:
    """Measures decided in the year and not cancelled, by ``key`` (person or unit).

    A monitoring office reads none of its scope, also where its holder heads a unit of his own (§5).
    """
    reach = true() if is_machine(viewer) else Followup.unit_id.in_(sorted(reach_of(viewer)))
    cancelled = select(FollowupCancellation.id).where(FollowupCancellation.followup_id == Followup.id).exists()
    statement = (
        select(key, Followup.measure, func.count())
        .where(Followup.decided_on >= year.first, Followup.decided_on <= year.to, ~cancelled)
        .where(reach)
        .group_by(key, Followup.measure)
    )
    found: dict[int, dict[str, int]] = {}
    for ident, measure, count in db.session.execute(statement):
        found.setdefault(ident, {})[measure] = count
    return found


@dataclass(frozen=True)
class BreachLine:
    """One underlying breach as it stands on the table in December, for the holder or for one who shares the delay.

    ``late``: how late the case is, in words.
    """

    breach: Breach
    explanation: Explanation | None
    conclusion: Conclusion | None
    apology: Apology | None
    procedure: str | None
    share: ConclusionShare | None = None
    late: str = ""

    @property
    def cause_class(self) -> str | None:
        """The class as concluded for this person; None before."""
        said = self.share or self.conclusion
        return said.cause_class if said else None

    @property
    def blame(self) -> str | None:
        """The blame as concluded for this person; None before."""
        said = self.share or self.conclusion
        return said.blame if said else None

    @property
    def officer(self) -> Person | None:
        """On whose sheet it stands, as ``answers_for`` says."""
        if self.share is not None:
            return self.share.person
        holder = (self.explanation.answers_for or self.explanation.holder) if self.explanation else None
        if self.breach.officer is None and holder is not None and holder.id == self.breach.head_id:
            return None
        return holder or self.breach.officer


def breach_lines(
    year: Year, viewer: Viewer, *, officer_id: int | None = None, units: Iterable[int] | None = None
) -> Sequence[BreachLine]:
    """The breaches of the year one by one, oldest due first; of one officer or of some units where asked.

    A breach whose delay several share has a line for each of them.
    """
    statement = (
        select(Breach, Explanation, Conclusion, Apology, Procedure.title, ConclusionShare)
        .select_from(Breach)
        .join(Case, Case.id == Breach.case_id)
        .outerjoin(Procedure, Procedure.id == Case.procedure_id)
        .outerjoin(Explanation, Explanation.breach_id == Breach.id)
        .outerjoin(Conclusion, Conclusion.id == Explanation.conclusion_id)
        .outerjoin(ConclusionShare, ConclusionShare.conclusion_id == Conclusion.id)
        .outerjoin(Apology, Apology.breach_id == Breach.id)
        .where(_breaches_of(year.first, year.to, viewer))
        .options(
            joinedload(Breach.case),
            joinedload(Breach.unit),
            joinedload(Breach.officer),
            joinedload(Breach.end),
            joinedload(Explanation.cause),
            joinedload(Explanation.holder),
            joinedload(Explanation.answers_for),
            joinedload(ConclusionShare.person),
        )
    )
    if officer_id is not None:
        statement = statement.where(or_(answers_for() == officer_id, ConclusionShare.person_id == officer_id))
    if units is not None:
        statement = statement.where(Breach.unit_id.in_(sorted(units)))
    rows = db.session.execute(statement.order_by(Breach.due_at, Breach.id, ConclusionShare.id)).unique()
    now, calendar = min(clock.local_now(), clock.end_of(year.to)), current_calendar()
    found: dict[tuple[int, int], BreachLine] = {}
    for row in rows:
        part = BreachLine(*row)
        part = replace(part, late=late_by(part.breach, part.breach.case, now, calendar))
        for line in (replace(part, share=None), part):
            person = line.officer.id if line.officer else None
            if officer_id in (None, person):
                found[line.breach.id, line.share.id if line.share else 0] = line
    return list(found.values())


@dataclass(frozen=True)
class _Window:
    """What units did in one span of days."""

    counts: dict[int | None, Counts]
    tallies: dict[int | None, Tally]
    months: dict[int | None, MonthRows]


class Sheets:
    """The sheets of one year as one viewer may see them. Each group is read once, when first asked for.

    ``known``: rules that were read already; they serve where they are of the last day that is counted.
    """

    def __init__(self, year: Year, viewer: Viewer, known: policy.RuleSet | None = None) -> None:
        self.year = year
        self.viewer = viewer
        rules = known if known is not None and known.on == year.to else policy.rule_set(year.to)
        self.weights = Weights(Decimal(rules["evaluation.shared_weight_pct"]) / 100, int(rules["evaluation.small_n"]))
        self._windows: dict[tuple[date, date], _Window] = {}

    def of(self, group: Subject) -> list[Sheet]:
        """The sheets of one group."""
        groups = {Subject.OFFICER: "officers", Subject.HEAD: "heads", Subject.UNIT: "units"}
        found: list[Sheet] = getattr(self, groups[group])
        return found

    @cached_property
    def tree(self) -> UnitTree:
        """The units as they stand at the end of what is counted."""
        return load_tree(self.year.to, with_ended=True)

    @cached_property
    def units(self) -> list[Sheet]:
        """A sheet for each unit that resolved cases or has breaches: its own cases only."""
        window = self._window(self.year.first, self.year.to)
        measures = followups(Followup.unit_id, self.year, self.viewer)
        found = []
        for ident in {*window.counts, *window.tallies} - {None}:
            node = self.tree.node(int(ident or 0))
            if node is None:
                continue
            found.append(
                Sheet(
                    Subject.UNIT,
                    ident,
                    node.code,
                    node.name,
                    node.name,
                    node.code,
                    "",
                    window.counts.get(ident, Counts()),
                    window.tallies.get(ident, Tally()),
                    months_of(window.months.get(ident, [])),
                    measures.get(int(ident or 0), {}),
                    self.weights,
                )
            )
        return sorted(found, key=_worst_first)

    @cached_property
    def officers(self) -> list[Sheet]:
        """A sheet for each officer who had cases or breaches in the year."""
        counted = counts_by_key("officer", self.year.first, self.year.to, self.viewer, self._at(self.year.to))
        broken = officer_tallies(self.year.first, self.year.to, self.viewer)
        full = months(Case.officer_id, self.year.first, self.year.to, self.viewer)
        measures = self._of_people
        people = self._people({*counted, *broken, *measures} - {None})
        found = []
        for ident, (person, posting, unit) in people.items():
            found.append(
                Sheet(
                    Subject.OFFICER,
                    ident,
                    person.code or "",
                    person.full_name,
                    unit.name if unit else "",
                    unit.code if unit else "",
                    posting.position if posting else "",
                    counted.get(ident, Counts()),
                    broken.get(ident, Tally()),
                    months_of(full.get(ident, [])),
                    measures.get(ident, {}),
                    self.weights,
                )
            )
        return sorted(found, key=_worst_first)

    @cached_property
    def heads(self) -> list[Sheet]:
        """A sheet for each posting of a head in the year: the managed-by subtree over the posting's own dates."""
        statement = (
            select(Posting, Person, Unit)
            .select_from(Posting)
            .join(Person, Person.id == Posting.person_id)
            .join(Unit, Unit.id == Posting.unit_id)
            .where(Posting.role.in_([str(role) for role in ROLES_OF_HEADS]), in_units(Posting.unit_id, self.viewer))
            .where(Posting.valid_from <= self.year.to)
            .where(or_(Posting.valid_to.is_(None), Posting.valid_to >= self.year.first))
        )
        measures = self._of_people
        found = []
        for posting, person, unit in db.session.execute(statement):
            first = max(posting.valid_from, self.year.first)
            last = min(posting.valid_to or self.year.to, self.year.to)
            counts, tally, full = self._of_subtree(self.tree.subtree(Line.MANAGED_BY, unit.id), first, last)
            if not (counts.population or tally.breaches):
                continue
            found.append(
                Sheet(
                    Subject.HEAD,
                    person.id,
                    person.code or "",
                    person.full_name,
                    unit.name,
                    unit.code,
                    posting.position,
                    counts,
                    tally,
                    full,
                    measures.get(person.id, {}),
                    self.weights,
                )
            )
        return sorted(found, key=_worst_first)

    def officer(self, person_id: int) -> Sheet | None:
        """The sheet of one officer; None when the viewer may not see one."""
        return next((sheet for sheet in self.officers if sheet.id == person_id), None)

    @cached_property
    def _of_people(self) -> dict[int, dict[str, int]]:
        return followups(Followup.person_id, self.year, self.viewer)

    def _of_subtree(self, units: frozenset[int], first: date, last: date) -> tuple[Counts, Tally, Months]:
        window = self._window(first, last)
        counts = sum((window.counts[ident] for ident in units if ident in window.counts), Counts())
        tally = total(window.tallies[ident] for ident in units if ident in window.tallies)
        return counts, tally, months_of(merged(window.months.get(ident, []) for ident in units))

    def _window(self, first: date, last: date) -> _Window:
        """Everything by unit for one span of days; heads who came or went in the year have spans of their own."""
        if (first, last) not in self._windows:
            self._windows[first, last] = _Window(
                counts_by_key("unit", first, last, self.viewer, self._at(last)),
                tallies(Breach.unit_id, first, last, self.viewer),
                months(Case.resolving_unit_id, first, last, self.viewer),
            )
        return self._windows[first, last]

    def _at(self, last: date) -> datetime:
        """The moment at which open cases are judged: what falls due later today is not overdue yet."""
        return min(clock.end_of(last), clock.local_now())

    def _people(self, idents: Iterable[int | None]) -> dict[int, tuple[Person, Posting | None, Unit | None]]:
        """People with their last posting of the year, in one statement."""
        wanted = sorted(ident for ident in idents if ident is not None)
        later = aliased(Posting)
        is_last = ~(
            select(later.id)
            .where(later.person_id == Posting.person_id, later.valid_from <= self.year.to)
            .where(
                or_(
                    later.valid_from > Posting.valid_from,
                    and_(later.valid_from == Posting.valid_from, later.id > Posting.id),
                )
            )
            .exists()
        )
        statement = (
            select(Person, Posting, Unit)
            .select_from(Person)
            .outerjoin(Posting, and_(Posting.person_id == Person.id, Posting.valid_from <= self.year.to, is_last))
            .outerjoin(Unit, Unit.id == Posting.unit_id)
            .where(Person.id.in_(wanted))
        )
        return {person.id: (person, posting, unit) for person, posting, unit in db.session.execute(statement)}


def _worst_first(sheet: Sheet) -> tuple[Any, ...]:
    return (-sheet.blame, -sheet.tally.breaches, -sheet.counts.overdue, sheet.unit_code, sheet.name)

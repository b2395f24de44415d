"""Writing the cases of a file, inside the transaction and the turn of an import.

What is new, changed and unchanged is asked of the cases as they stand inside the transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from portal.cases import bulk as case_bulk
from portal.cases.projecting import project, project_batch
from portal.cases.recounting import ask_for_batch
from portal.imports import bulk, directory_bulk, queries, waiting_bulk
from portal.imports.bulk import Tell, silent
from portal.imports.checking import Checked
from portal.imports.comparing import Comparing
from portal.imports.models import Batch
from portal.imports.placing import Placement, with_ids
from portal.imports.planning import LONGEST_LIST, Change, Plan, Terms, asks_again, draw_up
from portal.imports.preparing import Prepared, Progress
from portal.imports.rules import Outcome
from portal.imports.staging import CODES, Met, known_cases, meet, unstage
from portal.imports.texts import written_moment
from portal.refusal import Refused
from portal.sources.queries import owners

SUPPLEMENT_COLUMN = "supplement_asked_at"
UNIT_COLUMNS = ("resolving_unit_id", "receiving_unit_id")

Made = Mapping[str, Mapping[int, int]]
"""Column of cases to the ids of what an import made: by their negative places, the stored ones."""


def carry_out(
    batch: Batch,
    prepared: Prepared,
    at: datetime,
    *,
    bound: bool,
    expected: str | None = None,
    progress: Progress | None = None,
) -> tuple[Plan, int, str | None]:
    """Stage the rows, ask which are new and changed, and write the cases. Gives plan, rows written, fingerprint.

    ``bound``: a preview shows the effect or was shown it, so it has a fingerprint; a command does what it finds.
    ``progress`` is told how many rows are written, some thousands at a time.
    """
    checked, placement, as_of = prepared.checked, prepared.placement, prepared.checked.data_as_of
    made = draw_up(checked, placement)
    columns, ids = with_made(placement)
    met = meet(columns)
    tell = _teller(progress, met)
    written = write_known(made, checked, placement, met, batch.source_id, batch.id, keep=True, tell=tell)
    if batch.full_extract:
        made.gone = bulk.find_missing(batch.source_id, made.codes, as_of)
    state_hash: str | None = None
    if bound:
        has_made = any(ids.values())
        if has_made:
            made.changes = [_with_name(change, ids) for change in made.changes]
        state_hash = _fingerprint(made, prepared)
        if expected is not None and state_hash != expected:
            raise Refused("imports.preview_outdated")
        if has_made:
            made.changes = [_with_id(change, ids) for change in made.changes]
    written += write_new(met, placement, batch.source_id, as_of, batch.id, tell=tell)
    ask_for_batch(batch.id, batch.file_name, by=None, at=at)
    if made.gone:
        bulk.mark_gone(as_of, batch.id)
    waiting_bulk.settle_pending(at)
    unstage(CODES)
    return made, written, state_hash


def _teller(progress: Progress | None, met: Met) -> Tell:
    """Adds up the rows that were written, and tells them."""
    done, total = 0, len(met.known) + len(met.fresh)

    def tell(n: int) -> None:
        nonlocal done
        done += n
        if progress is not None:
            progress("applied", done, total)

    return tell


def with_made(placement: Placement) -> tuple[dict[str, list[Any]], Made]:
    """Store the units, people and procedures an import makes; gives its columns with their ids."""
    units = directory_bulk.insert_units(placement.units, queries.single_root() if placement.units else None)
    people = directory_bulk.insert_people(placement.people, units)
    procedures = directory_bulk.insert_procedures(placement.procedures)
    placement.titles = {**placement.titles, **{procedures[made.id]: made.title for made in placement.procedures}}
    columns: dict[str, list[Any]] = placement.columns
    ids = {**dict.fromkeys(UNIT_COLUMNS, units), "officer_id": people, "procedure_id": procedures}
    for name, made in ids.items():
        columns = with_ids(columns, made, (name,))
    return columns, ids


def write_known(
    made: Plan,
    checked: Checked,
    placement: Placement,
    met: Met,
    source_id: int,
    batch_id: int,
    *,
    keep: bool,
    tell: Tell = silent,
) -> int:
    """Compare the rows that meet a case with it, and write what differs; says how many cases were changed.

    ``keep``: note what undoing needs; ``tell`` is told how many more rows were looked at. Some thousands at a time, so
    that a page of cases is read once.
    """
    as_of = checked.data_as_of
    terms = Terms(source_id, as_of, owners(), placement.titles)
    comparing = Comparing(made, checked, placement, met.columns, terms)
    moved: dict[str, int | str | None] = {"data_as_of": written_moment(as_of), "last_batch_id": batch_id}
    for slab in met.slabs():
        found = comparing.compare([met.known[case_id] for case_id in slab], known_cases(slab))
        bulk.confirm(found.confirmed, as_of, batch_id, keep=keep)
        for group in found.groups:
            if keep:
                bulk.keep_befores(group.ids, group.columns, batch_id)
            bulk.update_cases(group.ids, group.columns, moved)
        changes = _with_askings(found.changes)
        bulk.write_changes(changes, batch_id)
        made.changes += changes
        tell(len(slab))
    _tell_met(made, comparing, met)
    return comparing.changed


def _tell_met(made: Plan, comparing: Comparing, met: Met) -> None:
    """Tell the plan how many rows are new, changed and as they were."""
    n_new = len(met.fresh)
    made.counts.add(Outcome.NEW, n_new)
    if n_new <= LONGEST_LIST:
        made.fresh = {met.columns["code"][place] for place in met.fresh}
    made.counts.add(Outcome.CHANGED, comparing.changed)
    made.counts.add(Outcome.UNCHANGED, len(met.known) - comparing.changed)
    made.remark(comparing.kept, comparing.checked)


def _with_askings(changes: list[Change]) -> list[Change]:
    """The same differences: a supplement that was asked for before is asked for again."""
    again = queries.asked_before([change.case_id for change in changes if asks_again(change)])
    if not again:
        return changes
    return [
        change._replace(kind="supplement_again") if asks_again(change) and change.case_id in again else change
        for change in changes
    ]


def write_new(
    met: Met, placement: Placement, source_id: int, as_of: datetime, batch_id: int, *, tell: Tell = silent
) -> int:
    """Write the new cases, and what follows from the whole batch; says how many are new."""
    written = bulk.insert_new(
        met, placement.titles, source_id=source_id, data_as_of=as_of, batch_id=batch_id, tell=tell
    )
    if SUPPLEMENT_COLUMN in met.columns and queries.supplements_pause(source_id):
        _pause_for_supplements(met, batch_id)
    project_batch(batch_id)
    return written


def _pause_for_supplements(met: Met, batch_id: int) -> None:
    """The dates of a supplement in a list as recorded pauses, where the source is said to mean that by them."""
    rows: list[dict[str, Any]] = [
        {
            "case_id": case_id,
            "source_ref": f"{SUPPLEMENT_COLUMN}:{asked:%Y%m%d%H%M%S}",
            "started_at": asked,
            "ended_at": done,
            "reason": "",
            "document": "",
            "source": "import",
            "due_before": None,
            "due_after": None,
            "batch_id": batch_id,
        }
        for case_id, asked, done in bulk.supplements(met)
        if done is None or done >= asked
    ]
    case_bulk.write_pauses(rows)
    cases = {row["case_id"] for row in rows}
    case_bulk.note_repeated_supplements(cases, batch_id)
    project(cases)


def _fingerprint(made: Plan, prepared: Prepared) -> str:
    """What the word "apply" is bound to: the effect, and every decision it rests on."""
    checked, wishes = prepared.checked, prepared.wishes
    channels = Counter(prepared.placement.columns.get("channel", ()))
    return made.fingerprint(
        prepared.placement.decided,
        [checked.data_as_of, wishes.full_extract, sorted(checked.facts), wishes.order],
        sorted(Counter(checked.meanings).items()),
        sorted(channels.items()),
    )


def _with_name(change: Change, ids: Made) -> Change:
    """A change to something just made names its place in the file: its id differs from trial to trial."""
    for name, real in (ids.get(change.field) or {}).items():
        if change.new == str(real):
            return change._replace(new=str(name))
    return change


def _with_id(change: Change, ids: Made) -> Change:
    """The reverse: the id of what was made."""
    made = ids.get(change.field)
    if made and change.new is not None and int(change.new) < 0:
        return change._replace(new=str(made[int(change.new)]))
    return change

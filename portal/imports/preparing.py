"""Reading, checking and placing a file, before anything is written.

Inside the transaction the rows are placed anew where the directory has moved since (``queries.stamp``).
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from portal.clock import VIETNAM
from portal.database import db
from portal.imports import queries
from portal.imports.checking import Checked, check
from portal.imports.header import Header
from portal.imports.listing import Listed, list_of
from portal.imports.placing import Placement, place
from portal.imports.planning import Plan, draw_up
from portal.imports.reading import Chunk, FileFault, Sheet, read
from portal.imports.rules import DateOrder, Fact
from portal.refusal import Refused
from portal.sources.actions import demand_active
from portal.sources.meanings import folded
from portal.sources.queries import current_mapping
from portal.sources.rules import NOTHING, Vocabulary

DEFAULT_SOURCE = "Hệ thống một cửa"

Progress = Callable[[str, int, int | None], None]
"""Told the phase (``read``, ``checked``, ``applied``), the rows done and all rows."""


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What whoever imports says beside the file. ``as_of`` None: the newest past moment in the file."""

    source: str = DEFAULT_SOURCE
    as_of: datetime | None = None
    full_extract: bool = False
    create_unknown: bool = False
    order: DateOrder = DateOrder.DAY_FIRST
    chosen: Mapping[Fact, int] | None = None
    sheet: str | None = None
    """None: the one list of the file; ``*``: every sheet that carries the header; else the name of a sheet."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on the disk, and the name its user knows it by."""

    path: Path
    name: str

    def fingerprint(self) -> tuple[str, int]:
        """SHA-256 and size."""
        data = self.path.read_bytes()
        return hashlib.sha256(data).hexdigest(), len(data)


@dataclass(slots=True)
class Prepared:
    """A file that was read, checked and placed. ``plan`` holds what the file itself tells: problems and remarks."""

    upload: Upload
    wishes: Wishes
    listed: Listed
    checked: Checked
    placement: Placement
    plan: Plan
    stamp: queries.Stamp
    sha256: str
    size: int
    said: Vocabulary = NOTHING
    """How the source's words were read."""

    @property
    def header(self) -> Header:
        """The header the columns were read by."""
        return self.listed.header


def list_in(upload: Upload, wishes: Wishes, *, progress: Progress | None = None) -> Listed:
    """Read the list of a file. Its header may be unsure (``Header.is_sure``); other faults raise FileFault."""
    return _list_in(upload, wishes, wishes.order, progress)


def cells_in(upload: Upload, wishes: Wishes) -> Listed:
    """The same with every cell as it stands, for writing rows again."""
    return _list_in(upload, wishes, None, None)


def _list_in(upload: Upload, wishes: Wishes, order: DateOrder | None, progress: Progress | None) -> Listed:
    source = queries.source_by_name(wishes.source)
    remembered = queries.remembered_list(source.id) if source else None
    db.session.rollback()  # the child may take a while: no read stays open meanwhile
    parts = _counted(read(upload.path, upload.name), progress)
    with uncollected():
        return list_of(parts, remembered=remembered, chosen=wishes.chosen, sheet=wishes.sheet, order=order)


def _counted(parts: Iterator[Sheet | Chunk], progress: Progress | None) -> Iterator[Sheet | Chunk]:
    """The parts of a file as they come, telling how many rows have come so far."""
    rows = 0
    for part in parts:
        yield part
        if progress is not None and isinstance(part, Chunk):
            rows += len(part)
            progress("read", rows, None)


def demand_sure(header: Header) -> None:
    """Raise FileFault naming the columns that are missing or unclear, where there are any."""
    row = header.rows[-1] if header.rows else None
    if header.unclear:
        fact, headings = next(iter(header.unclear.items()))
        raise FileFault(
            "unclear_column", row=row, fact=fact.value, headings=", ".join(f"«{name}»" for name in headings)
        )
    if header.missing:
        raise FileFault("missing_column", row=row, missing=[fact.value for fact in header.missing])


def prepare(
    upload: Upload,
    wishes: Wishes,
    *,
    at: datetime,
    listed: Listed | None = None,
    progress: Progress | None = None,
) -> Prepared:
    """Read, check and place a file; writes nothing. ``at``: the real instant, also in the demonstration: what is later
    has not happened. ``progress`` is told phases and rows. Raises FileFault."""
    now = at.astimezone(VIETNAM).replace(tzinfo=None, microsecond=0)
    if wishes.as_of is not None and wishes.as_of.date() > now.date():
        raise Refused("imports.as_of_in_future", as_of=f"{wishes.as_of:%d/%m/%Y %H:%M}")
    with uncollected():
        return _prepare(upload, wishes, now, listed or list_in(upload, wishes, progress=progress), progress)


@contextmanager
def uncollected() -> Iterator[None]:
    """Rows make millions of objects and no cycles: looking for garbage among them costs a tenth of the time.

    Whoever goes on working beside them, opening breaches for one, stays inside until they are let go.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _prepare(upload: Upload, wishes: Wishes, now: datetime, listed: Listed, progress: Progress | None) -> Prepared:
    demand_sure(listed.header)
    tell_progress(progress, "read", listed)
    source = queries.source_by_name(wishes.source)
    if source is not None:
        demand_active(source)
    said = (current_mapping(source.id) if source else None) or NOTHING
    checked = check(
        listed,
        now=now,
        as_of=wishes.as_of,
        order=wishes.order,
        meanings=folded(said.meanings),
        channels=folded(said.channels),
    )
    sha256, size = upload.fingerprint()
    stamp = queries.stamp()
    placement = _placed(checked, wishes)
    tell_progress(progress, "checked", listed)
    listed = replace(listed, columns={}, read={})  # the cells as they stood are needed no more
    return Prepared(upload, wishes, listed, checked, placement, draw_up(checked, placement), stamp, sha256, size, said)


def tell_progress(progress: Progress | None, phase: str, listed: Listed) -> None:
    if progress is not None:
        progress(phase, len(listed), len(listed))


def _placed(checked: Checked, wishes: Wishes) -> Placement:
    directory = queries.load_directory(checked.data_as_of.date())
    return place(checked, directory, create_unknown=wishes.create_unknown)


def freshen(prepared: Prepared, source_id: int) -> None:
    """Place again where the directory has moved since. The turn is taken: nothing moves from here on.

    Refused where the source means something else by its words by now: the rows were read by an older mapping.
    """
    said = current_mapping(source_id) or NOTHING
    if (said.meanings, said.channels) != (prepared.said.meanings, prepared.said.channels):
        raise Refused("imports.preview_outdated")
    stamp = queries.stamp()
    if stamp != prepared.stamp:
        prepared.placement, prepared.stamp = _placed(prepared.checked, prepared.wishes), stamp
        prepared.plan = draw_up(prepared.checked, prepared.placement)

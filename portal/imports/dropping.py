"""The drop folder: one folder a source, polled by a job; a file is claimed once, imported, and put aside with a report.

``<drop>/<source>/file.xlsx`` → ``<source>/working/<claim>/`` while it is imported → ``<source>/done/`` or ``failed/``.
Claiming is one rename, held by a lock on the file: of two pollers one wins, and what a killed one left is taken up
again. A file is never overwritten, a link never followed.
"""

from __future__ import annotations

import fcntl
import json
import os
import stat
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from portal import clock
from portal.accountability.ledger.actions import open_breaches
from portal.cases.models import Source
from portal.database import commit, db, is_busy
from portal.documents.rules import safe_name
from portal.imports import actions, keeping, preparing
from portal.imports.messages import fault_problems, say_fault, spoken
from portal.imports.models import Batch
from portal.imports.preparing import Wishes
from portal.imports.reading import LARGEST_FILE, kind_of
from portal.imports.rules import BatchState, Counts, Door
from portal.imports.working import acting_for
from portal.logs import logger
from portal.refusal import Refused
from portal.vietnamese import clean

STILL_FOR = timedelta(minutes=1)
FULL_EXTRACT = ".full-extract"
"""A folder whose name ends so holds full extracts: cases its files lack are marked as gone from the source."""
OWN = ("working", "done", "failed")
UNFINISHED = (".part", ".partial", ".tmp", ".filepart", ".crdownload")
LONGEST_NAME = 150
SHOWN = 200
log = logger(__name__)


@dataclass(slots=True)
class Report:
    """What became of one dropped file, for the two files beside it."""

    file: str
    source: str
    batch: int | None = None
    counts: dict[str, int] = field(default_factory=lambda: Counts().as_dict())
    data_as_of: datetime | None = None
    problems: list[dict[str, object]] = field(default_factory=list)
    warnings: list[dict[str, object]] = field(default_factory=list)
    fault: str = ""

    @property
    def folder(self) -> str:
        """Where the file goes."""
        return "failed" if self.fault else "done"


def drop_folder() -> Path | None:
    """The folder of the settings; None where none is set."""
    folder: Path | None = current_app.config["SETTINGS"].drop_dir
    return folder


def poll(today: date, at: datetime) -> dict[str, int]:
    """Look into every source's folder once."""
    told = {"done": 0, "failed": 0, "growing": 0, "busy": 0}
    root = drop_folder()
    if root is None or not root.is_dir():
        return {}
    for folder in sorted(path for path in root.iterdir() if _is_source(path)):
        for name in OWN:
            (folder / name).mkdir(exist_ok=True)
        for claimed, is_new in _claims(folder, at, told):
            with _held(claimed) as is_mine:
                if is_mine:
                    told[_take(folder, claimed, today, at, is_new=is_new)] += 1
    return told


def _is_source(path: Path) -> bool:
    return not path.name.startswith(".") and not path.is_symlink() and path.is_dir() and path.name.isprintable()


def source_of(folder: Path) -> tuple[str, bool]:
    """The source a folder stands for, and whether its files are full extracts."""
    name = folder.name
    full = name.lower().endswith(FULL_EXTRACT)
    return clean(name[: -len(FULL_EXTRACT)] if full else name), full


# --- claiming


def _claims(folder: Path, at: datetime, told: dict[str, int]) -> Iterator[tuple[Path, bool]]:
    """Files to work on: first those a killed poller left, then new ones, claimed by a rename."""
    for left in sorted((folder / "working").iterdir()):
        yield from ((path, False) for path in (sorted(left.iterdir()) if left.is_dir() else ()))
    for path in sorted(folder.iterdir()):
        if path.name in OWN or _is_unfinished(path):
            continue
        try:
            found = path.lstat()
            if stat.S_ISDIR(found.st_mode):
                continue
            if stat.S_ISREG(found.st_mode) and not is_still(found, at):
                told["growing"] += 1
                continue
            yield _claim(folder, path), True
        except FileNotFoundError:
            continue  # another poller was quicker, or the file was taken back


def _is_unfinished(path: Path) -> bool:
    """Names under which programs write what is not whole yet."""
    return path.name.startswith((".", "~")) or path.name.lower().endswith(UNFINISHED)


def is_still(found: os.stat_result, at: datetime) -> bool:
    """Whether nothing was written to a file for a minute, or it was written before and renamed into place."""
    quiet_since = datetime.fromtimestamp(min(found.st_mtime, found.st_ctime), UTC)
    return at - quiet_since >= STILL_FOR


def _claim(folder: Path, path: Path) -> Path:
    """Take a file: of two pollers the rename of one succeeds."""
    claim = folder / "working" / uuid.uuid4().hex[:12]
    claim.mkdir()
    try:
        return path.rename(claim / path.name)
    except OSError:
        claim.rmdir()
        raise


@contextmanager
def _held(path: Path) -> Iterator[bool]:
    """Hold a claimed file while it is worked on: a lock that ends with its process. False: somebody else has it."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        yield False
        return
    except OSError:
        yield True  # a link, or unreadable: refused below, never opened
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield path.exists() and os.path.samestat(os.fstat(handle), path.lstat())
    except BlockingIOError:
        yield False
    finally:
        os.close(handle)


# --- one file


def _take(folder: Path, claimed: Path, today: date, at: datetime, *, is_new: bool) -> str:
    """Import one claimed file and put it aside with its report; says which folder it went to.

    ``busy``: the database had no time; the file stays claimed and the next poll takes it up.
    """
    source, full_extract = source_of(folder)
    report = Report(safe_name(_shown(claimed.name)), source)
    try:
        upload = keeping.keep(_content_of(claimed), report.file)
        known = None if is_new else _imported_before(upload.fingerprint()[0], source, claimed)
        if known is not None:
            report.batch, report.counts, report.data_as_of = known.id, known.counts, known.data_as_of
        else:
            with acting_for(_("drop folder “%(folder)s”", folder=folder.name)):
                _import(upload, Wishes(source=source, full_extract=full_extract), report)
            _open_duties(today, report)
    except Refused as refused:
        report.fault, report.problems = say_fault(refused), fault_problems(refused)
    except OperationalError as error:
        if not is_busy(error):
            raise
        log.warning("database busy, the dropped file is taken up later", source=source)
        return "busy"
    except Exception as error:
        log.error("dropped file crashed", source=source, exc_info=error)
        report.fault = say_fault(Refused("imports.crashed"))
    _put_aside(folder / report.folder, claimed, report, at)
    return report.folder


def _shown(name: str) -> str:
    return name.encode("utf-8", "replace").decode("utf-8")


def _content_of(path: Path) -> bytes:
    """The bytes of a dropped file. Refused: links and whatever is no plain file, and names that are no names."""
    name = path.name
    if not name.isprintable() or len(name) > LONGEST_NAME or name != _shown(name):
        raise Refused("imports.odd_name")
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise Refused("imports.not_a_file") from error
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise Refused("imports.not_a_file")
        kind_of(name)
        data = file.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise Refused("imports.too_large", limit=LARGEST_FILE >> 20)
    return data


def _imported_before(sha256: str, source: str, claimed: Path) -> Batch | None:
    """The batch a poller made of a claimed file before it was killed: the same content and source since the claim."""
    since = datetime.fromtimestamp(claimed.parent.lstat().st_mtime, UTC) - STILL_FOR
    found = select(Batch).join(Source, Source.id == Batch.source_id)
    found = found.where(
        Batch.file_sha256 == sha256, Source.name == source, Batch.door == Door.DROP.value,
        Batch.state == BatchState.APPLIED.value, Batch.uploaded_at >= since,
    )  # fmt: skip
    return db.session.scalars(found.order_by(Batch.id.desc()).limit(1)).first()


@preparing.uncollected()
def _import(upload: preparing.Upload, wishes: Wishes, report: Report) -> None:
    prepared = preparing.prepare(upload, wishes, at=clock.now())
    with commit():
        applied = actions.import_prepared(prepared, by=None, at=clock.now(), door=Door.DROP)
        report.batch, report.counts = applied.batch.id, applied.batch.counts
    report.data_as_of = prepared.checked.data_as_of
    report.problems, report.warnings = spoken(applied.plan.problems), spoken(applied.plan.warnings)


def _open_duties(today: date, report: Report) -> None:
    """What the new data show late gets its duties at once; the night opens what fails here. The cases are in."""
    try:
        with commit():
            open_breaches(today, clock.now())
    except Refused as refused:
        log.warning("breaches not opened", batch=report.batch, code=refused.code)
    except Exception as error:
        log.error("breaches not opened", batch=report.batch, exc_info=error)


# --- putting aside


def _put_aside(folder: Path, claimed: Path, report: Report, at: datetime) -> None:
    """Move a file and write its report beside it, under a name that nothing bears yet."""
    target = _free_name(folder, claimed, report.file)
    said = {
        "file": report.file, "source": report.source, "at": f"{at:%Y-%m-%dT%H:%M:%SZ}", "batch": report.batch,
        "data_as_of": report.data_as_of, **report.counts, "fault": report.fault or None,
        "problems": report.problems, "warnings": report.warnings,
    }  # fmt: skip
    _write(target.with_name(f"{target.name}.report.json"), json.dumps(said, ensure_ascii=False, default=str, indent=1))
    _write(target.with_name(f"{target.name}.report.txt"), _as_text(report))
    claimed.unlink(missing_ok=True)
    with suppress(OSError):
        claimed.parent.rmdir()


def _free_name(folder: Path, claimed: Path, name: str) -> Path:
    """Give the file its place by a second link, which fails where the name is taken; then the next number."""
    stem, ending = os.path.splitext(name)
    number = 1
    while True:
        target = folder / (name if number == 1 else f"{stem} ({number}){ending}")
        try:
            _place(claimed, target)
            return target
        except FileExistsError:
            if target.exists() and os.path.samestat(target.lstat(), claimed.lstat()):
                return target  # a poller was killed just after linking
            number += 1


def _place(claimed: Path, target: Path) -> None:
    """Put a file under a new name; FileExistsError where the name is taken. Folders of other systems know no links."""
    try:
        os.link(claimed, target, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL, 0o640))
        os.replace(claimed, target)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _as_text(report: Report) -> str:
    """The report for people."""
    lines = [_("File: %(name)s", name=report.file), _("Source: %(name)s", name=report.source)]
    if report.fault:
        lines += ["", report.fault]
    else:
        moment = f"{report.data_as_of:%H:%M %d/%m/%Y}" if report.data_as_of else "–"
        lines += [_("Batch %(id)s, data as of %(moment)s", id=report.batch, moment=moment), counts_line(report.counts)]
    for title, remarks in ((_("Rejected and pending rows"), report.problems), (_("Remarks"), report.warnings)):
        if remarks and not (report.fault and len(remarks) == 1):
            lines += ["", f"{title} ({min(len(remarks), SHOWN)}/{len(remarks)})", *map(_line, remarks[:SHOWN])]
    return "\n".join(lines) + "\n"


def counts_line(counts: dict[str, int]) -> str:
    """The counts of a batch in one sentence."""
    return _(
        "%(rows)s rows: %(new)s new, %(changed)s changed, %(unchanged)s unchanged, %(pending)s wait for their unit,"
        " %(rejected)s rejected",
        **counts,
    )


def _line(said: dict[str, Any]) -> str:
    place = f"{said['sheet']}: " if said.get("sheet") else ""
    return place + _("Row %(row)s, column “%(column)s”, value “%(value)s”: %(reason)s", **said)

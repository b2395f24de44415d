"""Keeping an uploaded directory file between preview and decision, and carrying the decision out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from portal.database import db
from portal.directory.importing import Outcome, import_directory
from portal.directory.models import DirectoryFile
from portal.directory.rules import FileState
from portal.directory.sheet import Sheet
from portal.guard import Viewer
from portal.refusal import Refused

Words = Mapping[str, list[dict[str, Any]]]


def keep(
    data: bytes, name: str, outcome: Outcome, sheet: Sheet, *, words: Words, user_id: int, at: datetime
) -> DirectoryFile:
    """Keep the file with what it would do. ``words``: problems and remarks with their reasons."""
    file = DirectoryFile(
        user_id=user_id, name=name, sha256=hashlib.sha256(data).hexdigest(), size=len(data), content=data,
        uploaded_at=at,
    )  # fmt: skip
    look_again(file, outcome, sheet, words=words)
    db.session.add(file)
    db.session.flush()
    return file


def look_again(file: DirectoryFile, outcome: Outcome, sheet: Sheet, *, words: Words) -> None:
    """Keep what the file would do now."""
    file.plan_sha256 = outcome.sha256()
    file.outcome = _told(outcome, sheet, words)


def apply(file: DirectoryFile, sheet: Sheet, *, today: date, by: Viewer, at: datetime) -> Outcome:
    """Apply the file, inside ``commit()``; its content is erased.

    Raises Refused, and so undoes everything, when the file was decided already, or would now do anything else than
    the preview said.
    """
    if file.state != FileState.PREVIEWED or file.content is None:
        raise Refused("directory.file_decided")
    if hashlib.sha256(file.content).hexdigest() != file.sha256:
        raise Refused("directory.preview_outdated")
    outcome = import_directory(sheet, file_name=file.name, sha256=file.sha256, today=today, by=by, at=at)
    if outcome.sha256() != file.plan_sha256:
        raise Refused("directory.preview_outdated")
    _decide(file, FileState.APPLIED, at)
    return outcome


def discard(file: DirectoryFile, *, at: datetime) -> None:
    """Leave the file; its content is erased. Raises Refused when it was decided already."""
    if file.state != FileState.PREVIEWED:
        raise Refused("directory.file_decided")
    _decide(file, FileState.DISCARDED, at)


def _decide(file: DirectoryFile, state: FileState, at: datetime) -> None:
    file.state, file.decided_at, file.content = state, at, None


def _told(outcome: Outcome, sheet: Sheet, words: Words) -> dict[str, Any]:
    """What the page shows, and the rejected rows as they stood."""
    reasons: dict[int, list[dict[str, Any]]] = {}
    for problem in words["problems"]:
        if problem["row"] is not None:
            reasons.setdefault(problem["row"], []).append(problem)
    return {
        "counts": outcome.counts,
        "of_which": outcome.of_which,
        "changes": [asdict(change) for change in outcome.changes],
        **words,
        "heading": list(sheet.heading),
        "rejected": [
            {"row": row, "cells": list(sheet.cells[row]), "reasons": found}
            for row, found in sorted(reasons.items())
            if row in sheet.cells
        ],
    }

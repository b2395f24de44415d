"""The directory file on pages: uploaded, shown as what it would do, applied or discarded."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, make_response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, force_locale
from flask_babel import gettext as _

from portal import clock
from portal.database import commit
from portal.directory import filing, queries, rejects
from portal.directory.forms import DirectoryFileForm
from portal.directory.importing import Outcome, look
from portal.directory.messages import CHANGE_WORDS, COUNT_WORDS, FIELD_WORDS, FILE_FAULTS, ROW_FAULTS, ROW_WARNINGS
from portal.directory.models import DirectoryFile
from portal.directory.reading import read_directory
from portal.directory.rules import FileState
from portal.directory.sheet import COLUMNS, LIMIT_MIB, Sheet, SheetFault
from portal.guard import Permission, Role, permit, viewer
from portal.refusal import Refused
from portal.web.forms import EmptyForm
from portal.web.respond import done, invalid, or_404, page
from portal.web.words import sentence

bp = Blueprint("directory_files", __name__, url_prefix="/directory/files")
ROLES = [str(role) for role in Role]
SHOWN = 500
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/new")
@permit(Permission.MANAGE_DIRECTORY)
def new() -> ResponseReturnValue:
    """The form of an upload."""
    return page("directory/new_file.html", form=DirectoryFileForm(formdata=None), columns=COLUMNS)


@bp.post("/new")
@permit(Permission.MANAGE_DIRECTORY)
def create() -> ResponseReturnValue:
    """Read the file and keep it with what it would do; the directory is not touched."""
    form = DirectoryFileForm()
    if not form.validate():
        return invalid("directory/new_file.html", form=form, columns=COLUMNS)
    data = form.file.data.read(LIMIT_MIB * 1024 * 1024 + 1)
    try:
        sheet = read_directory(data, ROLES)
    except SheetFault as fault:
        form.file.errors = [fault_words(fault)]
        return invalid("directory/new_file.html", form=form, columns=COLUMNS)
    name = (form.file.data.filename or "")[-255:]
    outcome = _look(sheet, name, hashlib.sha256(data).hexdigest())
    with commit():
        kept = filing.keep(
            data, name, outcome, sheet, words=_worded(outcome), user_id=viewer().user_id or 0, at=clock.now()
        )
        file_id = kept.id
    return done(_("This is what the file would do. Nothing has been written yet."), url_for(".show", file_id=file_id))


@bp.get("/<int:file_id>")
@permit(Permission.MANAGE_DIRECTORY)
def show(file_id: int) -> ResponseReturnValue:
    """What a file would do, or did."""
    return page("directory/file.html", **_context(_file(file_id)))


@bp.post("/<int:file_id>/apply")
@permit(Permission.MANAGE_DIRECTORY)
def apply(file_id: int) -> ResponseReturnValue:
    """Apply just what was shown; where the directory has changed meanwhile, show it again instead."""
    file = _file(file_id)
    sheet = read_directory(or_404(file.content), ROLES)
    try:
        with commit():
            outcome = filing.apply(file, sheet, today=clock.today(), by=viewer(), at=clock.now())
    except Refused as refused:
        file = _file(file_id)
        if refused.code == "directory.preview_outdated":
            outcome = _look(sheet, file.name, file.sha256)
            with commit():
                filing.look_again(file, outcome, sheet, words=_worded(outcome))
        return page("directory/file.html", status=409, refused=sentence(refused), **_context(_file(file_id)))
    done_words = _("Applied: %(n)s changes.", n=len(outcome.changes))
    return done(done_words, url_for(".show", file_id=file_id))


@bp.post("/<int:file_id>/discard")
@permit(Permission.MANAGE_DIRECTORY)
def discard(file_id: int) -> ResponseReturnValue:
    """Leave the file and forget its content."""
    file = _file(file_id)
    with commit():
        filing.discard(file, at=clock.now())
    return done(_("The file was discarded; its content is erased."), url_for(".new"))


@bp.get("/<int:file_id>/rejected")
@permit(Permission.MANAGE_DIRECTORY)
def rejected(file_id: int) -> Response:
    """The rejected rows as a workbook with their reasons, to be corrected and brought again."""
    file = _file(file_id)
    data = rejects.workbook(file.outcome["heading"], file.outcome["rejected"])
    response = make_response(data)
    response.headers["Content-Type"] = MEDIA_TYPE
    response.headers["Content-Disposition"] = f"attachment; filename=danh-ba-bi-loai-{file_id}.xlsx"
    return response


def fault_words(fault: SheetFault) -> str:
    """A fault of the whole file in words."""
    return str(FILE_FAULTS[fault.code]) % {**fault.facts, "column": fault.column}


def _file(file_id: int) -> DirectoryFile:
    """A file this administrator brought, or 404."""
    return or_404(queries.directory_file(file_id, viewer().user_id))


def _look(sheet: Sheet, name: str, sha256: str) -> Outcome:
    return look(sheet, file_name=name, sha256=sha256, today=clock.today(), by=viewer(), at=clock.now())


def _worded(outcome: Outcome) -> dict[str, list[dict[str, Any]]]:
    """Problems and remarks with their reasons in both languages, as they are kept."""
    kinds: tuple[tuple[str, Any, Mapping[str, LazyString]], ...] = (
        ("problems", outcome.problems, ROW_FAULTS), ("warnings", outcome.warnings, ROW_WARNINGS),
    )  # fmt: skip
    return {
        name: [
            {
                "row": one.row, "column": one.column, "value": one.value,
                **{f"reason_{lang}": _in(lang, words[one.code], one.facts) for lang in ("vi", "en")},
            }
            for one in found
        ]
        for name, found, words in kinds
    }  # fmt: skip


def _in(language: str, words: LazyString, facts: Mapping[str, Any]) -> str:
    with force_locale(language):
        return str(words) % facts if facts else str(words)


def _context(file: DirectoryFile) -> dict[str, Any]:
    told = file.outcome
    counts = {**told["counts"], **told["of_which"]}
    return {
        "file": file,
        "can_apply": file.state == FileState.PREVIEWED,
        "does_something": any(told["counts"][name] for name in told["counts"] if name not in ("unchanged", "rejected")),
        "counts": [(str(words), counts[name]) for name, words in COUNT_WORDS.items()],
        "changes": told["changes"][:SHOWN],
        "more": max(0, len(told["changes"]) - SHOWN),
        "change_words": CHANGE_WORDS,
        "field_words": FIELD_WORDS,
        "problems": told["problems"],
        "warnings": told["warnings"],
        "button": EmptyForm(formdata=None),
        "method": request.method,
    }

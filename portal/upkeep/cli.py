"""``portal backup``, ``portal restore``, ``portal doctor``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from alembic.script import ScriptDirectory
from flask import current_app

from portal import clock
from portal.cli_support import RefusedCommand, existing_file, portal_command
from portal.config import Settings
from portal.database import db
from portal.migrate import alembic_config
from portal.upkeep import actions
from portal.upkeep.doctor import examine
from portal.upkeep.rules import ArchiveFault, Finding, Manifest, State, worst

MARKS = {State.GOOD: "tốt", State.WARNING: "LƯU Ý", State.BAD: "HỎNG"}


def nothing() -> dict[str, Any]:
    """The object of a refused backup or restore."""
    return {"file": None, "rows": 0, "files": 0, "audit_seq": 0, "audit_hash": None}


@click.command()
@click.argument("file", metavar="FILE")
@portal_command(nothing)
def backup(file: str) -> dict[str, Any]:
    """Write database and stored files to FILE, whole and consistent, while the portal runs."""
    settings: Settings = current_app.config["SETTINGS"]
    try:
        manifest = actions.back_up(
            db.engine, settings.data_dir, Path(file), secret=current_app.config["SECRET_KEY"], at=clock.now()
        )
    except (ArchiveFault, OSError) as fault:
        raise RefusedCommand(f"Chưa sao lưu: {fault}.") from fault
    return _tell("Đã sao lưu vào", file, manifest)


@click.command()
@click.argument("file", metavar="FILE")
@portal_command(nothing, needs_schema=False)
def restore(file: str) -> dict[str, Any]:
    """Fill an empty database and the file store from FILE, and prove that everything arrived."""
    settings: Settings = current_app.config["SETTINGS"]
    source = existing_file(file)
    known = frozenset(script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions())
    db.session.remove()
    try:
        manifest = actions.restore(
            db.engine, settings.data_dir, source, secret=current_app.config["SECRET_KEY"], known=known
        )
    except (ArchiveFault, OSError) as fault:
        raise RefusedCommand(f"Chưa khôi phục {file}: {fault}.") from fault
    return _tell("Đã khôi phục từ", file, manifest)


def _tell(did: str, file: str, manifest: Manifest) -> dict[str, Any]:
    rows = sum(manifest.counts.values())
    click.echo(
        f"{did} {file}: {rows} dòng, {len(manifest.files)} tệp, nhật ký đến sự kiện {manifest.audit_seq} "
        f"({manifest.audit_hash[:16]}…), lập lúc {manifest.made_at}.",
        err=True,
    )
    return {
        "file": file,
        "rows": rows,
        "files": len(manifest.files),
        "audit_seq": manifest.audit_seq,
        "audit_hash": manifest.audit_hash,
    }


@click.command()
@portal_command(lambda: {"state": State.BAD, "checks": []}, needs_schema=False)
def doctor() -> dict[str, Any]:
    """Look at settings, schema, guards, trail, calendar, data and files; exit 2 when something is bad."""
    settings: Settings = current_app.config["SETTINGS"]
    head = ScriptDirectory.from_config(alembic_config()).get_current_head() or ""
    findings = examine(head=head, store=settings.data_dir, now=clock.local_now())
    for finding in findings:
        click.echo(f"{MARKS[finding.state]:8} {finding.name}: {finding.detail}", err=True)
    answer = {"state": worst(findings), "checks": [_as_json(finding) for finding in findings]}
    if answer["state"] is State.BAD:
        raise RefusedCommand("Có điểm hỏng cần sửa; xem danh sách trên.", answer)
    return answer


def _as_json(finding: Finding) -> dict[str, str]:
    return {"name": finding.name, "state": finding.state, "detail": finding.detail}

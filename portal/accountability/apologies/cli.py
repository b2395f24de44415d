"""``portal apologies``: letters as files, for printers and other programs."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import click

from portal import clock
from portal.accountability.apologies import issuing
from portal.accountability.apologies.queries import ApologyQuery
from portal.cli_support import RefusedCommand, portal_command, write_out
from portal.documents.serving import document_mark, file_store
from portal.guard import Viewer

KINDS = ("docx", "pdf")


@click.group()
def apologies() -> None:
    """Letters of apology."""


def nothing_rendered() -> dict[str, Any]:
    """The object of a refusal."""
    return {"apology": None, "format": None, "out": None, "state": None, "bytes": 0, "sha256": None}


@apologies.command()
@click.argument("apology_id", metavar="ID", type=int)
@click.option("--format", "kind", type=click.Choice(KINDS), required=True, help="docx or pdf.")
@click.option("--out", required=True, type=click.Path(dir_okay=False), help="The file to write.")
@portal_command(nothing_rendered)
def render(apology_id: int, kind: str, out: str) -> dict[str, Any]:
    """Write the letter ID as it stands: issued, signed, or a draft that says it is one."""
    apology = ApologyQuery.visible_to(Viewer.for_command()).get(apology_id)
    if apology is None:
        raise RefusedCommand(f"Không có văn bản xin lỗi số {apology_id} trong cổng.")
    data = issuing.file_of(apology, kind, file_store(), mark=document_mark(), on=clock.today())
    if data is None:
        raise RefusedCommand(f"Văn bản xin lỗi {apology_id} không còn phải ban hành nên không có gì để in.")
    write_out(Path(out), data)
    click.echo(f"{out}: {len(data)} byte", err=True)
    return {
        "apology": apology_id,
        "format": kind,
        "out": out,
        "state": apology.state,
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }

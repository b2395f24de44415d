"""Whether an agency's own Word file may be kept as a template: nothing in it may fetch, run or hide anything."""

from __future__ import annotations

import io
import re
import zipfile

from portal.documents.checks import check_upload
from portal.documents.rules import MIB
from portal.refusal import Refused

LARGEST_TEMPLATE = 2 * MIB
EXTERNAL = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*TargetMode\s*=\s*[\"']External[\"'][^>]*>", re.IGNORECASE)
HARMLESS = b"/relationships/hyperlink"
"""The one kind of outside address that nothing follows by itself."""
EMBEDDED = re.compile(r"word/(embeddings|activex|ctrlprops)/|\.bin$|afchunk", re.IGNORECASE)
RUNNING_FIELDS = re.compile(
    rb"\b(DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|IMPORT|LINK|MACROBUTTON|DATABASE|AUTOTEXT)\b", re.IGNORECASE
)
INSTRUCTION = re.compile(rb"<w:instrText[^>]*>(.*?)</w:instrText>|w:instr\s*=\s*\"([^\"]*)\"", re.DOTALL)


def check_template(data: bytes, file_name: str) -> str:
    """Look at a template and give its safe name; raises Refused saying what is wrong with it."""
    checked = check_upload(data, file_name)
    if not checked.name.lower().endswith(".docx"):
        raise Refused("documents.template_kind", name=checked.name)
    if len(data) > LARGEST_TEMPLATE:
        raise Refused("documents.too_large", name=checked.name, most=LARGEST_TEMPLATE // MIB)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in archive.namelist():
            if EMBEDDED.search(member):
                raise Refused("documents.template_embeds", name=checked.name)
            if member.lower().endswith((".xml", ".rels")):
                _check_part(archive.read(member), checked.name)
    return checked.name


def _check_part(content: bytes, name: str) -> None:
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Refused("documents.template_hides", name=name)
    if any(HARMLESS not in found.group(0) for found in EXTERNAL.finditer(content)):
        raise Refused("documents.template_fetches", name=name)
    if b"<w:altChunk" in content:
        raise Refused("documents.template_embeds", name=name)
    # Word may tear one instruction over several runs: it is read both ways.
    said = [one or other for one, other in INSTRUCTION.findall(content)]
    if RUNNING_FIELDS.search(b" ".join(said)) or RUNNING_FIELDS.search(b"".join(said)):
        raise Refused("documents.template_runs", name=name)

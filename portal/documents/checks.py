"""Whether an uploaded file is what it says and does no harm. Looks only at bytes; knows no database and no request."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass

import filetype

from portal.documents import rules
from portal.refusal import Refused

CHUNK = 1024 * 1024
MAIN_PARTS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}
MACRO_SIGNS = ("vbaproject.bin", "vbadata.xml", "/macrosheets/", "/activex/")
ENCODINGS = ("utf-8-sig", "cp1258")
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Checked:
    """A file that may be kept: its safe name and its type, decided from its content."""

    name: str
    media_type: str


def check_upload(data: bytes, file_name: str) -> Checked:
    """Look at an uploaded file; raises Refused naming what is wrong with it.

    Allowed: pdf, docx, xlsx, png, jpg, csv, txt; at most 25 MiB, inflated at most 250 MiB, a hundredfold and 1,000
    members; no macros. The ending must agree with the content.
    """
    name = rules.safe_name(file_name)
    ending = rules.ending_of(name)
    if not data:
        raise Refused("documents.empty_file", name=name)
    if len(data) > rules.LARGEST_FILE:
        raise Refused("documents.too_large", name=name, most=rules.LARGEST_FILE // rules.MIB)
    if ending not in rules.MEDIA_TYPES:
        raise Refused("documents.type_not_allowed", name=name, allowed=", ".join(rules.MEDIA_TYPES))
    if not _agrees(data, ending, name):
        raise Refused("documents.not_what_it_says", name=name, ending=ending)
    return Checked(name, rules.MEDIA_TYPES[ending])


def _agrees(data: bytes, ending: str, name: str) -> bool:
    """Whether the content is of the kind that the ending names."""
    if ending in MAIN_PARTS:
        return _is_office_file(data, ending, name)
    if ending in ("csv", "txt"):
        return _is_text(data)
    found = filetype.guess(data)
    return found is not None and rules.SAME_KIND.get(found.extension, found.extension) == ending


def _is_text(data: bytes) -> bool:
    """Whether the bytes are text in one of the encodings that offices here use."""
    if data.startswith(UTF16_MARKS):
        return _decodes(data, "utf-16")
    if b"\0" in data or filetype.guess(data) is not None:
        return False
    return any(_decodes(data, encoding) for encoding in ENCODINGS)


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeError:
        return False
    return True


def _is_office_file(data: bytes, ending: str, name: str) -> bool:
    """Whether the zip holds the main part of this kind; raises Refused for macros and for bombs."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > rules.MOST_MEMBERS:
                raise Refused("documents.too_many_members", name=name, most=rules.MOST_MEMBERS)
            names = {member.filename for member in members}
            _refuse_macros(archive, names, name)
            _refuse_bombs(archive, members, len(data), name)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        return False
    return MAIN_PARTS[ending] in names and "[Content_Types].xml" in names


def _refuse_macros(archive: zipfile.ZipFile, names: set[str], name: str) -> None:
    lowered = {f"/{member.lower()}" for member in names}
    if any(sign in member for member in lowered for sign in MACRO_SIGNS):
        raise Refused("documents.has_macros", name=name)
    if "[Content_Types].xml" in names:
        with archive.open("[Content_Types].xml") as types:
            if b"macroenabled" in types.read(CHUNK).lower():
                raise Refused("documents.has_macros", name=name)


def _refuse_bombs(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], packed: int, name: str) -> None:
    """Count what really comes out, because the directory of a zip may lie."""
    most = min(rules.LARGEST_INFLATED, max(packed, 1) * rules.LARGEST_RATIO)
    if sum(member.file_size for member in members) > most:
        raise Refused("documents.inflates_too_much", name=name)
    inflated = 0
    for member in members:
        with archive.open(member) as stream:
            while chunk := stream.read(CHUNK):
                inflated += len(chunk)
                if inflated > most:
                    raise Refused("documents.inflates_too_much", name=name)

"""PURE: what the door for programs takes: limits, the names of the facts of a case, and the shape of a token."""

from __future__ import annotations

import hashlib
import re
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum

from portal.imports.rules import Fact

MOST_CASES = 5_000
LARGEST_BODY = 10 * 1024 * 1024
LONGEST_TEXT = 2_000
LONGEST_KEY = 100
KEY_PATTERN = rf"^[A-Za-z0-9._:-]{{1,{LONGEST_KEY}}}$"
KEY = re.compile(KEY_PATTERN)
REMEMBERED = timedelta(days=7)
"""How long the answer to an idempotency key is kept."""
LONGEST_LIFE = timedelta(days=731)
WINDOW = timedelta(minutes=1)
"""The window calls of a token are counted in."""
VIETNAM = timezone(timedelta(hours=7))
TOKEN_START = "dh_"
PREFIX_LENGTH = len(TOKEN_START) + 8

FIELDS: dict[str, Fact] = {
    "code": Fact.CODE,
    "procedure_code": Fact.PROCEDURE_CODE,
    "procedure": Fact.PROCEDURE,
    "procedure_field": Fact.PROCEDURE_FIELD,
    "applicant": Fact.APPLICANT,
    "subject": Fact.SUBJECT,
    "channel": Fact.CHANNEL,
    "received_at": Fact.RECEIVED,
    "due_at": Fact.DUE,
    "finished_at": Fact.FINISHED,
    "returned_at": Fact.RETURNED,
    "status": Fact.STATUS,
    "receiving_unit": Fact.RECEIVING_UNIT,
    "resolving_unit": Fact.UNIT,
    "officer": Fact.OFFICER,
    "result_number": Fact.RESULT_NUMBER,
    "result_file": Fact.RESULT_FILE,
    "supplement_asked_at": Fact.SUPPLEMENT_ASKED,
    "supplement_done_at": Fact.SUPPLEMENT_DONE,
}
"""The names of a case's facts in JSON."""
REQUIRED = ("code", "received_at", "due_at", "resolving_unit")


class Expiry(StrEnum):
    """Why a token cannot end on a day."""

    PAST = "past"
    TOO_LATE = "too_late"


def hash_of(token: str) -> str:
    """What is stored of a token.

    A token is 256 random bits: nobody guesses it, however quickly a hash is computed. Argon2 makes guessing of what
    people choose slow; here it would only make every request slow.
    """
    return hashlib.sha256(token.encode()).hexdigest()


def expiry_fault(expires_on: date, today: date) -> Expiry | None:
    """Why a token made today cannot end on a day; None where it can. It is good until the end of its last day."""
    if expires_on < today:
        return Expiry.PAST
    return Expiry.TOO_LATE if expires_on - today > LONGEST_LIFE else None


def is_key(text: str) -> bool:
    """Whether a text can be an idempotency key."""
    return KEY.fullmatch(text) is not None


def plain(text: str | None) -> str:
    """A text of a body as a cell of a list: without control characters, which mean something to the reader of files."""
    return "".join(sign for sign in text if sign >= " " or sign in "\t\n\r") if text else ""


def moment_cell(text: str | None) -> str:
    """A moment of a body as a cell. One with an offset is an instant: it is written as Vietnam's clocks show it."""
    cell = plain(text).strip()
    if len(cell) < len("2023-10-16T00:00Z") or "T" not in cell:
        return cell
    try:
        at = datetime.fromisoformat(cell)
    except ValueError:
        return cell
    if at.tzinfo is not None:
        try:
            at = at.astimezone(VIETNAM).replace(tzinfo=None)
        except OverflowError:
            return cell
    return at.isoformat(timespec="seconds")


def seconds_left(window_start: datetime, now: datetime) -> int:
    """Whole seconds until a window of calls ends, at least one."""
    return max(int((window_start + WINDOW - now).total_seconds()) + 1, 1)

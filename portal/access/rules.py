"""PURE: passwords, where one may go after signing in, and when a session or a lock ends."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum, auto
from urllib.parse import urlsplit

SHORTEST, LONGEST = 15, 128
SLIP_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
SLIP_GROUPS, SLIP_GROUP_LENGTH = 4, 5
SLIP_LASTS = timedelta(hours=24)
USERNAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")
LONGEST_NEXT = 2000
# An address of our own: one slash, then only signs that no browser reads as something else.
SAFE_NEXT = re.compile(
    r"/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@%][A-Za-z0-9\-._~!$&'()*+,;=:@%/]*)?(?:\?[A-Za-z0-9\-._~!$&'()*+,;=:@%/?]*)?"
)
NOT_AFTER_SIGN_IN = ("/sign-in", "/sign-out", "/password")
# What people who must find fifteen characters type first; compared without blanks, marks of punctuation and case.
WEAK_PIECES = (
    "password", "matkhau", "123456789", "12345678", "1234567", "123456", "12345", "1234",
    "1234567890", "qwertyuiop", "asdfghjkl", "iloveyou", "letmein", "welcome",
    "admin", "administrator", "dunghan", "motcua", "uybannhandan", "ubnd", "congchuc", "vietnam", "hochiminh", "hanoi",
    "abcdefgh", "abc", "xyz", "111", "000", "123", "321", "2023", "2024", "2025", "2026",
)  # fmt: skip
FEWEST_SIGNS = 5


LONGEST_ABSENCE = timedelta(days=366)
"""Who is away longer hands the post over: a dated posting of another person."""


class AbsenceReason(StrEnum):
    """Why somebody else acts for a person. A vacant post is no absence: who fills it holds a dated posting.

    Delegated: the person is there, and gave another the power to act beside them by a document.
    """

    LEAVE = auto()
    SICK = auto()
    TRAVEL = auto()
    STUDY = auto()
    SUSPENDED = auto()
    OTHER = auto()
    DELEGATED = auto()


def normal(password: str) -> str:
    """The form in which a password is hashed: NFC, so that it does not matter which keyboard composed it."""
    return unicodedata.normalize("NFC", password)


def password_fault(password: str, *, shortest: int, known: Iterable[str] = ()) -> str | None:
    """Why a password may not be used: ``too_short``, ``too_long``, ``too_plain`` or ``too_known``; None when it may.

    Length counts signs, blanks too (NIST profile: no rules of composition). ``known`` are words others know about the
    person: user name, name, unit. A password made only of known and weak pieces is refused.
    """
    text = normal(password)
    if len(text) < shortest:
        return "too_short"
    if len(text) > LONGEST:
        return "too_long"
    bare = _bare(text)
    if len(set(bare)) < FEWEST_SIGNS or _is_run(bare):
        return "too_plain"
    pieces = [_bare(word) for word in known]
    words = [_bare(part) for word in known for part in word.split()]
    return "too_known" if len(_without(bare, [*pieces, *words, *WEAK_PIECES])) < FEWEST_SIGNS else None


def is_username(name: str) -> bool:
    """Whether a user name is made of small Latin letters, digits, dot, dash and underscore, at most 64."""
    return USERNAME.fullmatch(name) is not None


def safe_next(target: str | None) -> str | None:
    """The address to go to after signing in, or None when it could lead anywhere but to a page of ours."""
    if not target or len(target) > LONGEST_NEXT or SAFE_NEXT.fullmatch(target) is None:
        return None
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or "//" in parts.path or parts.path.startswith(NOT_AFTER_SIGN_IN):
        return None
    return target


def session_has_ended(
    created_at: datetime, last_seen_at: datetime, now: datetime, *, idle: timedelta, absolute: timedelta
) -> bool:
    """Whether a session has stood idle or lasted too long. A clock set back never makes a session younger."""
    return now - last_seen_at > idle or now - created_at > absolute


def is_locked(failures: int, limit: int) -> bool:
    """Whether this attempt, already counted, is one too many of its window."""
    return failures > limit


def spelled(letters: Sequence[str]) -> str:
    """A one-time password in groups that can be read aloud and typed from paper."""
    joined = "".join(letters)
    return "-".join(joined[start : start + SLIP_GROUP_LENGTH] for start in range(0, len(joined), SLIP_GROUP_LENGTH))


def _bare(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.lower()).replace("đ", "d")
    return "".join(c for c in decomposed if c.isalnum())


def _is_run(text: str) -> bool:
    """Whether each sign follows the one before by the same step: 123456…, abcdef…, 97531…"""
    steps = {ord(after) - ord(before) for before, after in zip(text, text[1:], strict=False)}
    return len(steps) == 1


def _without(text: str, pieces: Iterable[str]) -> str:
    """What is left when all pieces are taken out, the longest first."""
    for piece in sorted(set(pieces), key=len, reverse=True):
        if len(piece) > 1:
            text = text.replace(piece, "")
    return text

"""Argon2id: making and checking password hashes, and one-time passwords for printed slips."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from portal.access.rules import SLIP_ALPHABET, SLIP_GROUP_LENGTH, SLIP_GROUPS, normal, spelled

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Checked when there is no such account, so that a stranger cannot tell by the time it takes.
DUMMY = HASHER.hash(secrets.token_hex(16))


@dataclass(frozen=True)
class Slip:
    """A one-time password: the text for the paper, and the hash for the database."""

    password: str
    hash: str


def new_slip() -> Slip:
    """A one-time password of about 99 bits. Takes as long as a hash does: call it before ``commit()``."""
    letters = [secrets.choice(SLIP_ALPHABET) for _ in range(SLIP_GROUPS * SLIP_GROUP_LENGTH)]
    password = spelled(letters)
    return Slip(password, hash_of(password))


def hash_of(password: str) -> str:
    """The hash to store. Slow on purpose: call it before ``commit()``."""
    return HASHER.hash(normal(password))


def matches(stored: str | None, password: str) -> bool:
    """Whether the password is the stored one; takes as long when there is none stored."""
    try:
        HASHER.verify(stored or DUMMY, normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Whether the hash was made with weaker parameters than today's and should be made anew."""
    return HASHER.check_needs_rehash(stored)

"""PURE: the canonical form and the links of the chain."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

GENESIS = "0" * 64


def canonical(value: dict[str, Any]) -> bytes:
    """One text for one fact, on every machine: sorted keys, no blanks, UTF-8."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def commitment_of(salt: str, payload: dict[str, Any]) -> str:
    """What the chain keeps of a payload: its salted hash, so the payload can be erased and the chain still verify."""
    return hashlib.sha256(salt.encode() + b"\n" + canonical(payload)).hexdigest()


def link(key: bytes, prev_hash: str, facts: dict[str, Any]) -> str:
    """The hash of one event: HMAC with a key that is not in the database, over the previous hash and the facts."""
    return hmac.new(key, prev_hash.encode() + b"\n" + canonical(facts), hashlib.sha256).hexdigest()

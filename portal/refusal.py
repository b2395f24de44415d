"""How an action says no. A refusal is a code with facts; the words are made at the edge, in the reader's language."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """A rule says no. ``code`` is stable (``feature.reason``); ``facts`` fill the sentence shown to the user."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    def __str__(self) -> str:
        return f"{self.code} {self.facts}" if self.facts else self.code


class Conflict(Refused):
    """Someone else changed the row first; the caller's text must be kept and shown beside the new state."""

    def __init__(self, code: str = "changed_meanwhile", **facts: Any) -> None:
        super().__init__(code, **facts)

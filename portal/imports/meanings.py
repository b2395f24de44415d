"""PURE: what the texts of a source mean, and how far a case has come by them; the tables stand with the sources."""

from __future__ import annotations

from portal.cases.rules import Meaning
from portal.imports.header import key_of
from portal.sources.meanings import channel_of, meaning_of

__all__ = ["ASKING", "channel_of", "meaning_of", "stage_of"]

ASKING = frozenset(
    key_of(text)
    for text in (
        "Yêu cầu bổ sung giấy tờ", "Yêu cầu bổ sung hồ sơ", "Yêu cầu bổ sung", "Chờ bổ sung", "Chờ bổ sung hồ sơ",
        "Tạm dừng chờ bổ sung", "Chờ công dân bổ sung",
    )
)  # fmt: skip
"""Statuses that ask the applicant for a supplement."""
RECEIVED = frozenset(
    key_of(text) for text in ("Được tiếp nhận", "Đã tiếp nhận", "Mới tiếp nhận", "Tiếp nhận", "Chờ xử lý")
)
HANDED_OVER = frozenset(key_of(text) for text in ("Đã trả kết quả", "Trả kết quả", "Đã đóng"))
STAGES = {
    Meaning.NOT_COUNTED: 0,
    Meaning.OPEN: 2,
    Meaning.PAUSED: 2,
    Meaning.WITHDRAWN: 3,
    Meaning.REFUSED: 3,
    Meaning.FINISHED: 3,
}
NUMBERED = {1: 0, 2: 1, 3: 0, 4: 2, 5: 2, 6: 2, 7: 3, 8: 3, 9: 3, 10: 4}
"""The stages of the national statuses: registered, received, in work or paused, ended, handed over."""


def stage_of(status: str, meaning: str) -> int:
    """How far a case has come, by its status and, where that says less, by its meaning.

    The meaning rules where the two differ, as a source may mean something else by a number.
    """
    key, coarse = key_of(status), STAGES[Meaning(meaning)]
    number, _, rest = key.partition(" ")
    if number.isdecimal() and int(number) in NUMBERED:
        fine = NUMBERED[int(number)]
    elif key in RECEIVED:
        fine = 1
    elif key in HANDED_OVER:
        fine = 4
    else:
        return coarse
    return fine if {fine, coarse} in ({1, 2}, {3, 4}) else coarse

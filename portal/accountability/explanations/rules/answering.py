"""What an answer holds, and what it must hold before it may be submitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from portal.policy.rules import Asked

LONGEST_DETAIL = 200


@dataclass(frozen=True)
class Answer:
    """What the officer wrote. ``details`` by "cause code.key", also of causes he looked at before; days in ISO."""

    cause_id: int | None
    happened: str
    remedy: str
    commitment: str
    commitment_on: date | None
    remark: str = ""
    details: Mapping[str, str] = field(default_factory=dict)


def missing_parts(
    answer: Answer,
    *,
    needs_evidence: bool,
    has_evidence: bool,
    still_open: bool,
    asked: Sequence[Asked] = (),
    code: str = "",
) -> tuple[str, ...]:
    """What is still missing before an answer may be submitted; codes in the order of the page.

    An open case also needs the day by which it will be done; a cause that needs evidence needs an attachment.
    ``asked``: what the stated cause, ``code``, asks for.
    """
    wanted = {
        "cause": answer.cause_id is None,
        "details": bool(missing_details(code, asked, answer.details)),
        "happened": not answer.happened.strip(),
        "remedy": not answer.remedy.strip(),
        "commitment_on": still_open and answer.commitment_on is None,
        "evidence": needs_evidence and not has_evidence,
    }
    return tuple(part for part, is_missing in wanted.items() if is_missing)


def missing_details(code: str, asked: Sequence[Asked], details: Mapping[str, str]) -> tuple[Asked, ...]:
    """What a cause asks for and did not get: a required one that is empty, a day that cannot be read."""

    def is_missing(one: Asked) -> bool:
        said = details.get(f"{code}.{one.key}", "")
        unreadable = bool(said) and one.kind == "day" and day_from(said) is None
        return unreadable or (one.required and not said)

    return tuple(one for one in asked if is_missing(one))


def tidy_details(asked: Mapping[str, Sequence[Asked]], typed: Mapping[str, str]) -> dict[str, str]:
    """What was typed into the fields of each cause, empty ones left out; a readable day in ISO, else as typed."""
    tidy = {}
    for code, fields in asked.items():
        for one in fields:
            said = " ".join(typed.get(f"{code}.{one.key}", "").split())[:LONGEST_DETAIL]
            day = day_from(said) if one.kind == "day" else None
            if said:
                tidy[f"{code}.{one.key}"] = day.isoformat() if day else said
    return tidy


def day_from(said: str) -> date | None:
    """A day as people write it, 05/10/2023, or in ISO; None where it is neither."""
    for form in ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(said, form).date()
        except ValueError:
            continue
    return None

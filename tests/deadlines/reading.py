"""Reads the words of ``legal_examples``."""

from __future__ import annotations

from datetime import date, datetime

from portal.deadlines import DayOff, Extension, MakeUpDay, Moment, Pause, Term, TermUnit, WorkingCalendar
from tests.deadlines.legal_examples import MAKE_UP, OFF

CALENDAR = WorkingCalendar(
    date(2022, 12, 1),
    date(2026, 12, 31),
    off=[DayOff(date.fromisoformat(day), "nghỉ") for day in OFF],
    make_up=[MakeUpDay(date.fromisoformat(day), "làm bù") for day in MAKE_UP],
)
UNITS = {
    "wd": TermUnit.WORKING_DAYS,
    "d": TermUnit.CALENDAR_DAYS,
    "h": TermUnit.WORKING_HOURS,
    "m": TermUnit.MONTHS,
}


def known(text: str) -> Moment:
    return Moment(datetime.fromisoformat(text)) if ":" in text else Moment.of_day(date.fromisoformat(text))


def due(text: str) -> Moment:
    moment = known(text)
    return Moment.end_of_day(moment.day) if moment.is_whole_day else moment


def term(text: str) -> Term:
    amount, unit = text.split()
    return Term(int(amount), UNITS[unit])


def pauses(text: str) -> list[Pause]:
    """``!`` marks what is printed already. A space is part of a moment where a clock time follows."""
    found = []
    for part in text.replace(" 2", "|2").replace(" !", "|!").split("|") if text else ():
        start, _dots, end = part.removeprefix("!").partition("..")
        found.append(Pause(known(start), known(end) if end else None, in_printed=part.startswith("!")))
    return found


def extensions(text: str) -> list[Extension]:
    words = text.split()
    pairs = zip(words[::2], words[1::2], strict=True)
    return [Extension(int(amount.strip("!")), UNITS[unit], in_printed="!" in amount) for amount, unit in pairs]

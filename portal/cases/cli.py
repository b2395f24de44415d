"""``portal deadline``: when a term ends, and why, day by day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import click

from portal.calendars.queries import current_calendar, current_version_id
from portal.cases.day_words import why
from portal.cli_support import DAY, MOMENT, RefusedCommand, portal_command
from portal.deadlines import Extension, Moment, Pause, Telling, Term, TermUnit, ToldDay, tell
from portal.policy.queries import term_policies

MOST = {TermUnit.WORKING_DAYS: 1000, TermUnit.CALENDAR_DAYS: 1500, TermUnit.WORKING_HOURS: 8000, TermUnit.MONTHS: 48}
"""Longer terms are slips of the keyboard; the calendar would end before them."""


class Known(click.ParamType[Moment]):
    """A moment, or a day whose time of day is not known."""

    name = "moment"

    def convert(self, value: Any, param: Any, ctx: Any) -> Moment:
        if isinstance(value, Moment):
            return value
        text = str(value).strip()
        try:
            return (
                Moment(MOMENT.convert(text, None, None))
                if ":" in text
                else Moment.of_day(DAY.convert(text, None, None))
            )
        except click.BadParameter:
            self.fail(f"«{value}» không phải là thời điểm; hãy viết 2026-02-13 09:00 hoặc 2026-02-13", param, ctx)


class Span(click.ParamType[Pause]):
    """A pause as FROM..TO, each a moment or a day."""

    name = "pause"

    def convert(self, value: Any, param: Any, ctx: Any) -> Pause:
        if isinstance(value, Pause):
            return value
        start, dots, end = str(value).partition("..")
        if not (dots and start.strip() and end.strip()):
            self.fail(f"«{value}» không phải là một lần tạm dừng; hãy viết 2026-02-13..2026-02-24", param, ctx)
        started, ended = (KNOWN.convert(part, param, ctx) for part in (start, end))
        try:
            return Pause(started, ended)
        except ValueError:
            self.fail(f"«{value}»: ngày kết thúc tạm dừng sớm hơn ngày bắt đầu", param, ctx)


KNOWN, SPAN = Known(), Span()


@click.command("deadline")
@click.option("--from", "received", type=KNOWN, required=True, help="Receipt: a moment, or only its day.")
@click.option("--term", type=click.IntRange(min=0), required=True, help="How many.")
@click.option("--unit", type=click.Choice([str(unit) for unit in TermUnit]), required=True, help="Of what.")
@click.option("--pause", "pauses", type=SPAN, multiple=True, metavar="FROM..TO", help="A lawful pause; repeatable.")
@click.option("--extend", type=click.IntRange(min=0), default=0, help="A lawful extension, in the unit of the term.")
@portal_command()
def deadline(received: Moment, term: int, unit: str, pauses: tuple[Pause, ...], extend: int) -> dict[str, Any]:
    """Print when a term ends and every day from the receipt to it, counted or not, and why.

    By the national calendar in force and the rules in force on the day of receipt.
    """
    allowed = Term(term, TermUnit(unit))
    if term + extend > MOST[allowed.unit]:
        raise RefusedCommand(f"Thời hạn {term + extend} quá dài; tối đa {MOST[allowed.unit]} với đơn vị này.")
    policy = term_policies()(received.day)
    more = [Extension(extend, allowed.unit)] if extend else []
    told = tell(received, allowed, current_calendar(), policy, pauses, more, calendar_version=current_version_id())
    for day in told.days:
        click.echo(f"{day.day:%d/%m/%Y}  {_counted(day):>6}  {why(day)}", err=True)
    click.echo(f"Hạn trả: {_words(told.due)}")
    return _answer(told)


def _answer(told: Telling) -> dict[str, Any]:
    return {
        "due": _iso(told.due),
        "days": [_row(day) for day in told.days],
        "calendar_version": told.calendar_version,
        "unconfirmed": told.rests_on_unconfirmed,
    }


def _row(day: ToldDay) -> dict[str, Any]:
    """``amount`` is how much of the term ran on the day, in its unit; ``reason`` the word for programs."""
    return {
        "date": day.day.isoformat(),
        "counted": day.is_counted,
        "why": why(day),
        "amount": float(day.counted),
        "reason": day.reason.value,
    }


def _counted(day: ToldDay) -> str:
    return f"{float(day.total):g}" if day.is_counted else "–"


def _iso(moment: Moment) -> str:
    shown: date | datetime = moment.day if moment.is_whole_day else moment.at
    return shown.isoformat()


def _words(moment: Moment) -> str:
    return f"{moment.day:%d/%m/%Y}" if moment.is_whole_day else f"{moment.at:%H:%M %d/%m/%Y}"

"""Dates, numbers and shares the way people here say them: 16/10/2023 16:30, 15.935, 94,2 %."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from flask import Flask
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

from portal import clock

NOTHING = "–"
WEEKDAYS = (_l("Monday"), _l("Tuesday"), _l("Wednesday"), _l("Thursday"), _l("Friday"), _l("Saturday"), _l("Sunday"))


def day(value: date | None) -> str:
    """16/10/2023."""
    return f"{value:%d/%m/%Y}" if value else NOTHING


def moment(value: datetime | None, precision: str = "minute") -> str:
    """16/10/2023 16:30, or only the day where the source gave no time; instants are shown in Vietnam time."""
    if value is None:
        return NOTHING
    if value.tzinfo is not None:
        value = clock.wall_of(value)
    return f"{value:%d/%m/%Y}" if precision == "day" else f"{value:%d/%m/%Y %H:%M}"


def weekday(value: date | None) -> str:
    """The name of the day in the reader's language."""
    return str(WEEKDAYS[value.weekday()]) if value else ""


def seconds(value: datetime | None) -> str:
    """10:42:07 of an instant in Vietnam time: when a draft was saved."""
    return f"{clock.wall_of(value):%H:%M:%S}" if value else NOTHING


def iso_day(value: str) -> str:
    """A day that is kept as text in ISO, as people write it; what is no day stays as it is."""
    try:
        return day(date.fromisoformat(value))
    except ValueError:
        return value


VIETNAMESE_MARKS = str.maketrans(",.", ".,")


def number(value: int | Decimal | None) -> str:
    """15.935 and 16,5 in Vietnamese, 15,935 and 16.5 in English."""
    if value is None:
        return NOTHING
    grouped = f"{value:,}"
    return grouped if str(get_locale()) == "en" else grouped.translate(VIETNAMESE_MARKS)


def amount(value: Fraction | Decimal | float) -> str:
    """3, or 2,5: an amount of time, at most two decimals, half up."""
    exact = Fraction(value)
    rounded = Decimal(exact.numerator) / Decimal(exact.denominator)
    rounded = rounded.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP).normalize()
    return number(int(rounded) if rounded == rounded.to_integral_value() else rounded)


def pct(value: Decimal | float | None, places: int = 1) -> str:
    """94,2 %: rounded once, half up; a null ratio is a dash."""
    if value is None:
        return NOTHING
    rounded = str(Decimal(str(value)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))
    return f"{rounded} %" if str(get_locale()) == "en" else f"{rounded.replace('.', ',')} %"


def register(app: Flask) -> None:
    """Make the filters known to the templates."""
    filters: dict[str, Callable[..., str]] = {
        "day": day,
        "moment": moment,
        "seconds": seconds,
        "iso_day": iso_day,
        "weekday": weekday,
        "number": number,
        "amount": amount,
        "pct": pct,
    }
    for name, function in filters.items():
        app.add_template_filter(function, name)

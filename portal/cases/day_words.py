"""Why a day of a term counts or not, in words anyone understands."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from flask_babel import gettext as _

from portal.cases.messages import KINDS, REASONS
from portal.deadlines import DayReason, Pause, ToldDay
from portal.web.filters import number

NAMED = (DayReason.OFF, DayReason.MAKE_UP)
"""Days that have a name of their own, which says more than the reason."""
HUNDREDTHS = 100


def why(day: ToldDay) -> str:
    """The reason as one sentence without its end: what day it is, what paused it, whether it is doubtful."""
    said = [day.name if day.name and day.reason in NAMED else str(REASONS[day.reason])]
    if day.reason is DayReason.PAUSED and day.pause:
        said = [_stood(day.pause)]
    elif day.pause and day.is_counted:
        said += [_("%(share)s of it counted", share=number(_decimal(day.counted))), _stood(day.pause)]
    if day.is_counted and day.reason in (DayReason.WEEKEND, DayReason.OFF):
        said.append(_("every day counts in this term"))
    if day.in_extension:
        said.append(_("in the extension of the term"))
    if day.document:
        said.append(day.document)
    if day.unconfirmed:
        said.append(_("unconfirmed"))
    return "; ".join(said)


def _stood(pause: Pause) -> str:
    return _("the clock stood: %(reason)s", reason=KINDS[pause.kind])


def _decimal(share: Fraction) -> Decimal:
    return Decimal(round(share * HUNDREDTHS)) / HUNDREDTHS

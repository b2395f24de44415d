"""Why a day of a term counts or not, in words anyone understands."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.cases.messages import KINDS
from portal.deadlines import DayReason, Pause, ToldDay
from portal.web.filters import number

REASONS: dict[DayReason, LazyString] = {
    DayReason.WORKING: _l("working day"),
    DayReason.WEEKEND: _l("weekend"),
    DayReason.RECEIPT: _l("day of receipt, which does not count (Civil Code art. 147)"),
    DayReason.AFTER_HOURS: _l("received after working hours: the next working day counts as the day of receipt"),
    DayReason.ROLLED: _l("the term ended on a day off and ends with this working day (Civil Code art. 148)"),
}
HUNDREDTHS = 100


def why(day: ToldDay) -> str:
    """The reason as one sentence without its end: what day it is, what paused it, whether it is doubtful."""
    said = [str(REASONS.get(day.reason, day.name or day.reason.value))]
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

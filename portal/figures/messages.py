"""The words of counts beside the case lists, and of refusals."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.figures.days import Axis, Behind
from portal.figures.rules import Quantity

QUANTITIES: dict[Quantity, LazyString] = {
    Quantity.RECEIVED_OUTSIDE: _l("Received outside the system"),
    Quantity.PAYMENTS: _l("Payments"),
    Quantity.PAYMENTS_ONLINE: _l("Of which paid online"),
    Quantity.DIGITISED: _l("Files digitised"),
}
AXES: dict[Axis, LazyString] = {
    Axis.UNIT: _l("Unit of the step"),
    Axis.STEP: _l("Kind of step"),
    Axis.OFFICER: _l("Officer of the step"),
}
NO_NAME: dict[Axis, LazyString] = {
    Axis.UNIT: _l("the source names no unit"),
    Axis.STEP: _l("the source names no kind of step"),
    Axis.OFFICER: _l("the source names no officer"),
}
BEHIND: dict[Behind, LazyString] = {
    Behind.ALL: _l("Which cases used these days?"),
    Behind.OVER: _l("Which steps took longer than allowed?"),
    Behind.OVER_IN_TIME: _l("Which steps took longer than allowed in cases that ended in time?"),
}
REFUSALS: dict[str, LazyString] = {
    "figures.from_after_to": _l("The first day of the period lies after its last day."),
    "figures.too_many_cases": _l(
        "%(n)s cases with steps ended in this period; at most %(most)s are added up at once. Choose a unit or a "
        "shorter period."
    ),
    "figures.successors_of_units": _l("Only rows of units can be rolled up to their successors."),
    "figures.aggregate_source": _l("Say where the counts come from."),
    "figures.aggregate_out_of_reach": _l("These counts tell of a unit you do not read."),
    "figures.aggregate_month": _l("The month lies in the future or before 2015."),
    "figures.aggregates_changed": _l("Somebody told other counts of this month a moment ago; look at them first."),
    "figures.online_above_payments": _l(
        "More payments were online (%(online)s) than there were payments (%(payments)s) in the field “%(field)s”."
    ),
    "figures.on_before_to": _l("The state cannot be told as of a day before the end of the period."),
}

"""The words of reports: figures, why cases differ, refusals."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.cases.rules import State
from portal.reports.headings import Column, Name
from portal.reports.rules import Check, Figure, Why

FIGURES: dict[Figure, LazyString] = {
    Figure.POPULATION: _l("Received and carried over"),
    Figure.RECEIVED: _l("Received"),
    Figure.CARRIED_OVER: _l("Carried over"),
    Figure.RESOLVED: _l("Resolved"),
    Figure.EARLY: _l("Early"),
    Figure.ON_TIME: _l("On time"),
    Figure.IN_TIME: _l("Early and on time"),
    Figure.LATE: _l("Late"),
    Figure.OPEN: _l("In progress"),
    Figure.WITHIN_TERM: _l("Within term"),
    Figure.OVERDUE: _l("Overdue"),
    Figure.PAUSED: _l("Paused"),
    Figure.WITHDRAWN: _l("Withdrawn"),
}
DEFINITIONS: dict[Figure, LazyString] = {
    Figure.POPULATION: _l("All accepted cases the period answers for."),
    Figure.RECEIVED: _l("Received from the first to the last day of the period."),
    Figure.CARRIED_OVER: _l("Received before the period and not ended before it."),
    Figure.RESOLVED: _l("Ended in the period with a result or a written refusal, also those without due date."),
    Figure.EARLY: _l("Finished on an earlier day than the due day."),
    Figure.ON_TIME: _l("Finished on the due day, not after the moment."),
    Figure.IN_TIME: _l("Early or on time."),
    Figure.LATE: _l("Finished after the due moment."),
    Figure.OPEN: _l("Not ended: within term, overdue, paused, without due date."),
    Figure.WITHIN_TERM: _l("Open and not past due; paused cases stand apart."),
    Figure.OVERDUE: _l("Open and past the due moment."),
    Figure.PAUSED: _l("Awaiting a supplement or a payment; the clock stands."),
    Figure.WITHDRAWN: _l("Ended at the applicant's wish."),
}
NAMES: dict[Column, LazyString] = {Name.UNIT: _l("Unit"), Name.FIELD: _l("Field"), Name.CODE: _l("Code of the unit")}
CHECKS: dict[Check, LazyString] = {
    Check.POPULATION: _l("received and carried over do not add up to their total"),
    Check.RESOLVED: _l("in time and late do not add up to resolved"),
    Check.OPEN: _l("within term and overdue do not add up to in progress"),
}
WHYS: dict[Why, LazyString] = {
    Why.UNKNOWN: _l("the portal does not know this code"),
    Why.PENDING: _l("its row waits for its unit to be mapped"),
    Why.REJECTED: _l("its row was rejected in an import"),
    Why.OTHER_UNIT: _l("another unit resolves it"),
    Why.OTHER_SOURCE: _l("another source tells of it"),
    Why.GONE: _l("no longer in the source"),
    Why.FAULT: _l("a fault in its data"),
    Why.NO_TERM: _l("no due date"),
    Why.RECEIVED_LATER: _l("received after the period"),
    Why.ENDED_BEFORE: _l("ended before the period"),
    Why.STANDS: _l("counted elsewhere by us"),
    Why.DUE_MOVED: _l("its due date was moved"),
    Why.SAME_DAY: _l("the time of day decides"),
    Why.OLDER_DATA: _l("our data are older than the report"),
    Why.NEWER_DATA: _l("our data are newer than the report"),
    Why.NOTHING_KNOWN: _l("no fact explains it: ask the source"),
}
STATES: dict[State, LazyString] = {
    State.EARLY: _l("early"),
    State.ON_TIME: _l("on time"),
    State.LATE: _l("late"),
    State.NO_TERM: _l("no due date"),
    State.WITHDRAWN: _l("withdrawn"),
    State.WITHDRAWN_LATE: _l("withdrawn after due"),
    State.WITHIN_TERM: _l("within term"),
    State.OVERDUE: _l("overdue"),
    State.PAUSED: _l("paused"),
    State.OPEN_NO_TERM: _l("open, no due date"),
}
ROW_REASONS: dict[str, LazyString] = {
    "unit_unknown": _l("No unit you read has this code or name, or several have it."),
    "month_unreadable": _l("No month: write it like 09/2023."),
    "month_outside": _l("The month lies in the future or before 2015."),
    "no_count": _l("This is no count."),
    "online_above_payments": _l("More payments online than payments."),
    "nothing_told": _l("The row tells no count."),
    "told_twice": _l("Another row of the file tells otherwise of the same unit, month and field."),
}
REFUSALS: dict[str, LazyString] = {
    "reports.no_figures": _l(
        "No table of figures was found: it needs a column of units and at least one column like “resolved, late”."
    ),
    "reports.no_counts": _l("No table of counts was found: it needs a column of units and one of counts."),
    "reports.no_codes": _l("No column of case codes was found in this file."),
    "reports.nothing_told": _l("No unit with a figure was told."),
    "reports.unit_out_of_reach": _l("A row names a unit you do not read."),
    "reports.unit_twice": _l("Two rows tell of %(unit)s."),
    "reports.source_unknown": _l("This source does not exist."),
    "reports.moment_outside": _l("The moment of the figures lies before the period or in the future."),
    "reports.replaced_meanwhile": _l("Somebody corrected this report a moment ago; look at the newest version first."),
    "reports.file_gone": _l("The file is no longer kept. Please upload it again."),
    "reports.column_faults": _l("A column holds something that is no count; take it for nothing, or correct the file."),
}

"""The kinds of notices about letters of apology, and their words."""

from __future__ import annotations

from flask_babel import LazyString, ngettext
from flask_babel import lazy_gettext as _l

from portal.accountability.apologies.queries import Desk
from portal.accountability.explanations.notices import reminding
from portal.notices.kinds import Kind, Words, known_kind


def _kind(name: str, label: LazyString, says: Words, desk: Desk) -> Kind:
    return known_kind(
        Kind(
            name=f"apologies.{name}",
            label=label,
            says=says,
            listed="apologies.index",
            values={"desk": desk.value},
            endpoint="apologies.show",
            argument="apology_id",
        )
    )


TO_SIGN = _kind(
    "to_sign",
    _l("Letters of apology handed in for my signature"),
    lambda num, _: ngettext(
        "%(num)s letter of apology waits for your signature", "%(num)s letters of apology wait for your signature", num
    ),
    Desk.TO_SIGN,
)
MISSING = _kind(
    "missing",
    _l("Reminders of letters of apology that are not drafted"),
    reminding(
        lambda num, _: ngettext(
            "%(num)s letter of apology is not handed in yet", "%(num)s letters of apology are not handed in yet", num
        )
    ),
    Desk.TO_DRAFT,
)
MISSING_BELOW = _kind(
    "missing_below",
    _l("Letters of apology that my people leave undrafted after two reminders"),
    lambda num, _: ngettext(
        "%(num)s letter of apology of your units is missing after two reminders",
        "%(num)s letters of apology of your units are missing after two reminders",
        num,
    ),
    Desk.ALL,
)
PROMISE_NEAR = _kind(
    "promise_near",
    _l("A date promised to a citizen is near"),
    lambda num, _: ngettext(
        "%(num)s promised date is near and the case is still open",
        "%(num)s promised dates are near and the cases are still open",
        num,
    ),
    Desk.ALL,
)
PROMISE_MISSED = _kind(
    "promise_missed",
    _l("A date promised to a citizen was missed"),
    lambda num, _: ngettext(
        "%(num)s promised date was missed and the case is still open",
        "%(num)s promised dates were missed and the cases are still open",
        num,
    ),
    Desk.MISSED,
)
PROMISE_MISSED_BELOW = _kind(
    "promise_missed_below",
    _l("Missed dates of citizens that units below leave open"),
    lambda num, _: ngettext(
        "%(num)s date promised to a citizen was missed in units below and the case is still open",
        "%(num)s dates promised to citizens were missed in units below and the cases are still open",
        num,
    ),
    Desk.MISSED,
)

"""The words of jobs: states, counts, what went wrong and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.jobs.rules import RunState, Trouble
from portal.refusal import Refused
from portal.web.words import sentence

REFUSALS: Mapping[str, LazyString] = {
    "jobs.at_work": _l("This job is at work since %(since)s; two do not run at once."),
    "jobs.crashed": _l("The job broke off (%(kind)s); the log of the scheduler says where."),
    "jobs.not_yet": _l("This day has not come yet."),
    "jobs.ledger_broken": _l(
        "The duties do not add up to the %(breaches)s breaches. Open what is missing, then tell us."
    ),
    "jobs.trail_broken": _l("The trail does not hold at event %(seq)s: somebody changed it outside the portal."),
    "jobs.unknown": _l("No job has this name; “portal jobs list” names them all."),
    "jobs.worker_died": _l("The process died while it was at work, several times over."),
}

STATES: Mapping[str, tuple[LazyString, str, str | None]] = {
    RunState.RUNNING: (_l("at work"), "info", "clock"),
    RunState.DONE: (_l("done"), "success", "check"),
    RunState.FAILED: (_l("went wrong"), "overdue", "warning"),
    RunState.COVERED: (_l("settled by a later run"), "secondary", None),
    "missing": (_l("did not run"), "overdue", "warning"),
    "to_come": (_l("not due yet"), "secondary", None),
}
"""Words, tone and icon of a state on the page."""

TALLIES: Mapping[str, LazyString] = {
    "opened": _l("breaches opened"),
    "already_open": _l("open before"),
    "cases_late": _l("cases late"),
    "cases_overdue": _l("cases overdue now"),
    "events": _l("events verified"),
    "told": _l("things told"),
    "mails": _l("mails written"),
    "no_address": _l("people without an address"),
    "sent": _l("mails sent"),
    "put_off": _l("mails to be tried again"),
    "not_sent": _l("mails refused"),
    "dropped": _l("mails given up, person left"),
    "bodies": _l("texts of mails erased"),
    "sessions": _l("sessions ended"),
    "operations": _l("keys forgotten"),
    "answers": _l("answers forgotten"),
    "pruned": _l("earlier facts given up"),
    "orphans": _l("files without a batch erased"),
    "erased": _l("files erased"),
    "previewed": _l("read, waiting for a decision"),
    "uploaded": _l("read, with a question"),
    "applied": _l("applied"),
    "failed": _l("could not be taken"),
    "busy": _l("put off, database busy"),
    "taken_over": _l("taken over by another worker"),
    "done": _l("files imported"),
    "growing": _l("files still being written"),
    "previews": _l("changes counted beforehand"),
    "cases": _l("open cases counted anew"),
    "moved": _l("due moments moved"),
}
"""What the counts of jobs are called; a count without a name here stands under its own."""


@dataclass(frozen=True)
class Alarm:
    """What is wrong in one sentence, and what to do about it in another."""

    what: LazyString
    then: LazyString


_START = _l(
    "Ask whoever keeps the server to see that the service “portal scheduler” runs; what was missed is made up for then."
)
ALARMS: Mapping[Trouble, Alarm] = {
    Trouble.NEVER: Alarm(_l("Nothing runs by itself yet: the scheduler was never started."), _START),
    Trouble.SILENT: Alarm(_l("Nothing has run by itself for more than 26 hours."), _START),
    Trouble.FAILED: Alarm(
        _l("A job of last night failed."),
        _l("The page of last night's jobs says why. Mended, it runs again by “portal jobs once”."),
    ),
}


def reason(error: str | None, facts: Mapping[str, object] | None) -> str:
    """Why a run failed, in the reader's language; blank when it did not."""
    return sentence(Refused(error, **(facts or {}))) if error else ""

"""The words of the ledger."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.accountability.ledger.models import ProposalState
from portal.accountability.ledger.queries import Gap, Only

REFUSALS: Mapping[str, LazyString] = {
    "proposals.not_your_case": _l("Only the officer of the case proposes a pause, and takes the proposal back."),
    "proposals.one_waits": _l("A proposed pause of this case waits already. Withdraw it first to propose another one."),
    "proposals.decided": _l("This proposal was decided meanwhile. Look at it again."),
    "proposals.reason_missing": _l("Say why it is refused; the officer reads it."),
}

PROPOSAL_STATES: Mapping[str, tuple[LazyString, str, str]] = {
    ProposalState.WAITING: (_l("proposed, waits for the head"), "warning", "clock"),
    ProposalState.RECORDED: (_l("recorded"), "success", "check"),
    ProposalState.REFUSED: (_l("not recorded"), "secondary", "cross"),
    ProposalState.WITHDRAWN: (_l("proposal withdrawn"), "secondary", "cross"),
}
"""Words, tone and sign of a proposed pause."""

GAPS: Mapping[str, LazyString] = {
    Gap.WITHOUT_BREACH: _l("Late or overdue without a breach"),
    Gap.NO_TERM: _l("Without a due date"),
    Gap.STALE: _l("Past due, newer data needed"),
    Gap.GONE: _l("No longer in the source"),
}

GAP_REASONS: Mapping[str, LazyString] = {
    Gap.WITHOUT_BREACH: _l("The next run opens a breach for each of them."),
    Gap.NO_TERM: _l("The source prints no due date: no verdict and no breach; the unit completes it in the source."),
    Gap.STALE: _l("The data are older than the due moment; stale data accuse nobody. Import a newer extract."),
    Gap.GONE: _l("A full extract no longer has them; they open no breach until that is explained."),
}

ONLY: Mapping[str, LazyString] = {
    Only.CANCELLED: _l("Cancelled breaches"),
    Only.WITHDRAWN: _l("Withdrawn after the due moment"),
    Only.PAST_TERM: _l("Explanations past their term"),
    Only.WITH_SECTION: _l("Submitted, with the head of a section"),
    Only.LEGACY: _l("From before the start of the portal"),
}

REASONS: Mapping[str, LazyString] = {
    "finished_by_due": _l("By later data the case had ended by its due moment."),
    "moved_by_pause": _l("A pause or extension recorded later shows that the term was not over."),
}
"""Reasons the machine gives for proposing to cancel a breach."""

HANDED_OVER: Mapping[str, LazyString] = {
    "open_cases": _l("open cases"),
    "overdue_cases": _l("of these overdue"),
    "explanations": _l("explanations to write"),
    "supplements": _l("supplementary explanations to write"),
    "letters_to_draft": _l("letters of apology to draft"),
    "questions": _l("questions to other bodies without an answer"),
    "violations": _l("violations and complaints to answer"),
    "to_conclude": _l("explanations to decide"),
    "to_sign": _l("letters of apology to sign"),
}
"""What waits for a person, in the order of the handover list."""

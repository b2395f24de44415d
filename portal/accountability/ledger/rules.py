"""The sum of all duties at a day, domain §3.14–3.15. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

EXPLANATION_STATES = ("waiting", "draft", "submitted", "returned", "concluded", "cancelled")
APOLOGY_STATES = ("waiting", "draft", "signed", "numbered", "sent", "exempt", "cancelled")


def every_state(counted: Mapping[str, int], states: tuple[str, ...]) -> dict[str, int]:
    """The counts with a zero for each state that nobody is in, in the order of the road."""
    return {state: counted.get(state, 0) for state in states}


@dataclass(frozen=True)
class OpenResult:
    """What one run opened; ``opened + already_open`` = breaches not cancelled (§3.15)."""

    opened: int
    already_open: int
    cases_late: int
    cases_overdue: int

    def as_json(self) -> dict[str, int]:
        """The object that the command prints."""
        return {
            "opened": self.opened,
            "already_open": self.already_open,
            "cases_late": self.cases_late,
            "cases_overdue": self.cases_overdue,
        }


@dataclass(frozen=True)
class Coverage:
    """Every late or overdue case at a day against the duties that were opened for it."""

    breaches: int
    cancelled: int
    withdrawn_after_due: int
    without_breach: int
    pending: int
    no_term: int
    stale: int
    explanations: dict[str, int]
    apologies: dict[str, int]
    explanations_past_term: int = 0
    gone: int = 0
    legacy: int = 0
    with_section: int = 0
    without_duty: dict[str, int] = field(default_factory=dict)

    @property
    def late_or_overdue(self) -> int:
        """breaches − cancelled − withdrawn after due + without breach."""
        return self.breaches - self.cancelled - self.withdrawn_after_due + self.without_breach

    @property
    def adds_up(self) -> bool:
        """Whether each state map sums to the breaches: the ledger has lost nobody."""
        return sum(self.explanations.values()) == self.breaches == sum(self.apologies.values())

    def as_json(self) -> dict[str, object]:
        """The object that the command prints."""
        return {
            "late_or_overdue": self.late_or_overdue,
            "breaches": self.breaches,
            "without_breach": self.without_breach,
            "pending": self.pending,
            "no_term": self.no_term,
            "stale": self.stale,
            "explanations": self.explanations,
            "apologies": self.apologies,
        }

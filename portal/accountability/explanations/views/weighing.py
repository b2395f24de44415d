"""What would follow from each conclusion, said before it is drawn."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from portal.accountability.explanations import queries
from portal.accountability.explanations.models import Explanation
from portal.accountability.explanations.rules import Blame, CauseClass
from portal.policy.rules import EvaluationYear

ROMAN = ("I", "II", "III", "IV")


def consequences(explanation: Explanation, span: EvaluationYear) -> dict[str, str]:
    """For each choice of the form one sentence: what it counts, for whom, in which quarter and year of evaluation."""
    holder = explanation.holder
    if holder is None:
        return {}
    due_on = explanation.breach.due_at.date()
    year = span.year_of(due_on)
    full, shared = queries.subjective_weight(holder.id, *span.span(year))
    facts: dict[str, Any] = {
        "name": holder.full_name, "quarter": ROMAN[span.quarter_of(due_on) - 1], "year": year, "full": full,
        "shared": shared,
    }  # fmt: skip
    unconfirmed = _(
        "Unconfirmed until a document of the competent body is entered below; then it does not count for %(name)s.",
        **facts,
    )
    words = {
        (CauseClass.SUBJECTIVE, Blame.FULL): _(
            "Counts 1 in quarter %(quarter)s of evaluation year %(year)s of %(name)s "
            "(so far: full blame %(full)s, shared blame %(shared)s).",
            **facts,
        ),
        (CauseClass.SUBJECTIVE, Blame.SHARED): _(
            "Counts 0.5 in quarter %(quarter)s of evaluation year %(year)s of %(name)s "
            "(so far: full blame %(full)s, shared blame %(shared)s), and 1 for the unit.",
            **facts,
        ),
        (CauseClass.OBJECTIVE, Blame.NONE): _(
            "Does not count for %(name)s; the lateness stays in the figures of the unit.", **facts
        ),
        (CauseClass.TECHNICAL, Blame.NONE): unconfirmed,
        (CauseClass.OTHER_BODY, Blame.NONE): unconfirmed,
    }
    return {f"{pair[0]}-{pair[1]}": sentence for pair, sentence in words.items()}

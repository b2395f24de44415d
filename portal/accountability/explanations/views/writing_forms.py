"""The officer's forms, from the request or filled from the row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import get_locale

from portal import clock
from portal.accountability.explanations import queries
from portal.accountability.explanations.forms import AlreadyDoneForm, AnswerForm, NotMineForm
from portal.accountability.explanations.models import Explanation
from portal.accountability.explanations.views.basis import Basis, find
from portal.directory.queries import load_tree
from portal.guard import viewer
from portal.policy import queries as policy
from portal.policy.models import Cause


def answer_form(explanation: Explanation | None = None, causes: Sequence[Cause] | None = None) -> AnswerForm:
    """The officer's form: from the request, or filled from the row. ``causes``: where they are read already."""
    form = (
        AnswerForm()
        if explanation is None
        else AnswerForm(
            formdata=None,
            version=explanation.version,
            cause=explanation.cause_id,
            happened=explanation.happened,
            remedy=explanation.remedy,
            commitment=explanation.commitment,
            commitment_on=explanation.commitment_on,
            details=explanation.details,
            remark=explanation.remark,
        )
    )
    offered = policy.causes_in_force(clock.today()) if causes is None else causes
    form.offer(offered, english=str(get_locale()) == "en")
    return form


def not_mine_form(explanation_id: int) -> NotMineForm:
    """From the request, with the colleagues who may be named."""
    form, today = NotMineForm(), clock.today()
    people = queries.colleagues_of(find(explanation_id).unit_id, today, load_tree(today, with_ended=True))
    form.offer([person for person in people if person[0] != viewer().person_id])
    return form


def writing_forms(explanation: Explanation, basis: Basis) -> dict[str, Any]:
    """What the holder may fill in, with the guidance of each cause."""
    english = str(get_locale()) == "en"
    causes = policy.causes_in_force(basis.today)
    redirecting = NotMineForm(formdata=None)
    people = queries.colleagues_of(explanation.unit_id, basis.today, basis.deciders.tree)
    redirecting.offer([person for person in people if person[0] != viewer().person_id])
    return {
        "answer_form": answer_form(explanation, causes),
        "done_form": AlreadyDoneForm(formdata=None, version=explanation.version),
        "not_mine_form": redirecting,
        "guidance": {cause.id: cause.guidance_en if english else cause.guidance for cause in causes},
        "offered": {cause.id: cause for cause in causes},
    }

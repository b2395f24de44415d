"""The kinds of notices about explanations, and their words."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString, ngettext
from flask_babel import lazy_gettext as _l

from portal.accountability.explanations.rules import Stage
from portal.notices.kinds import Kind, Words, known_kind

STAGES: Mapping[str, LazyString] = {
    Stage.FIRST: _l("first reminder"),
    Stage.SECOND: _l("second reminder"),
    Stage.NEXT_HEAD: _l("third reminder, the next head up is told too"),
}
"""Which reminder it is, as the page of an explanation says it."""


def reminding(words: Words) -> Words:
    """The sentence with the reminder it is."""
    return lambda count, stage: f"{words(count, stage)} ({STAGES[stage]})" if stage in STAGES else words(count, stage)


def _kind(name: str, label: LazyString, says: Words, listed: str, part: str = "", *, is_duty: bool = True) -> Kind:
    return known_kind(
        Kind(
            name=f"explanations.{name}",
            label=label,
            says=says,
            listed=listed,
            values={"part": part} if part else {},
            endpoint="explanations.show",
            argument="explanation_id",
            is_duty=is_duty,
        )
    )


def _further(name: str, label: LazyString, says: Words) -> Kind:
    return known_kind(
        Kind(
            name=f"explanations.{name}",
            label=label,
            says=says,
            listed="explanations.supplements",
            endpoint="explanations.supplement",
            argument="supplement_id",
        )
    )


FURTHER = _further(
    "further",
    _l("Supplementary explanations to write"),
    reminding(
        lambda num, _: ngettext(
            "%(num)s supplementary explanation is due: the case is still open",
            "%(num)s supplementary explanations are due: the cases are still open",
            num,
        )
    ),
)
FURTHER_TO_READ = _further(
    "further_to_read",
    _l("Supplementary explanations to read"),
    lambda num, _: ngettext(
        "%(num)s supplementary explanation waits to be read by you",
        "%(num)s supplementary explanations wait to be read by you",
        num,
    ),
)
NEW = _kind(
    "new",
    _l("New explanations to write"),
    lambda num, _: ngettext("%(num)s new explanation to write", "%(num)s new explanations to write", num),
    "explanations.mine",
)
RETURNED = _kind(
    "returned",
    _l("An explanation was returned to me"),
    lambda num, _: ngettext(
        "%(num)s explanation was returned to you", "%(num)s explanations were returned to you", num
    ),
    "explanations.mine",
)
UNANSWERED = _kind(
    "unanswered",
    _l("Reminders after the term of an explanation"),
    reminding(
        lambda num, _: ngettext(
            "%(num)s explanation is past its term and not handed in",
            "%(num)s explanations are past their term and not handed in",
            num,
        )
    ),
    "explanations.mine",
)
NO_ANSWER = _kind(
    "no_answer",
    _l("Explanations that my people leave unanswered after two reminders"),
    lambda num, _: ngettext(
        "%(num)s explanation stays unanswered after two reminders; you may conclude",
        "%(num)s explanations stay unanswered after two reminders; you may conclude",
        num,
    ),
    "explanations.queue",
    "unanswered",
)
SECTION = _kind(
    "section",
    _l("Explanations that I read before the head of the unit"),
    reminding(
        lambda num, _: ngettext(
            "%(num)s explanation waits for you to read it before the head",
            "%(num)s explanations wait for you to read them before the head",
            num,
        )
    ),
    "explanations.with_section",
)
SECTION_SILENT = _kind(
    "section_silent",
    _l("Explanations that a head of a section leaves unread after two reminders"),
    lambda num, _: ngettext(
        "%(num)s explanation was not read by the head of the section; you may conclude",
        "%(num)s explanations were not read by the heads of sections; you may conclude",
        num,
    ),
    "explanations.queue",
    "submitted",
)
TO_CONCLUDE = _kind(
    "to_conclude",
    _l("Explanations handed in to me"),
    lambda num, _: ngettext(
        "%(num)s explanation was handed in for your conclusion",
        "%(num)s explanations were handed in for your conclusion",
        num,
    ),
    "explanations.queue",
    "submitted",
)
UNDECIDED = _kind(
    "undecided",
    _l("Reminders after the term of a conclusion"),
    reminding(
        lambda num, _: ngettext(
            "%(num)s explanation waits for your conclusion past its term",
            "%(num)s explanations wait for your conclusion past their term",
            num,
        )
    ),
    "explanations.queue",
    "submitted",
)
UNDECIDED_BELOW = _kind(
    "undecided_below",
    _l("Conclusions that a head below me leaves open after two reminders"),
    lambda num, _: ngettext(
        "%(num)s explanation is not concluded by the head below you after two reminders",
        "%(num)s explanations are not concluded by heads below you after two reminders",
        num,
    ),
    "ledger.coverage",
)
WITHOUT_HOLDER = _kind(
    "without_holder",
    _l("Explanations for which I must name who answers"),
    lambda num, _: ngettext(
        "%(num)s explanation waits until you name who answers",
        "%(num)s explanations wait until you name who answers",
        num,
    ),
    "explanations.queue",
    "redirected",
)
CONCLUDED = _kind(
    "concluded",
    _l("My explanation was concluded"),
    lambda num, _: ngettext(
        "%(num)s of your explanations was concluded", "%(num)s of your explanations were concluded", num
    ),
    "explanations.mine",
    is_duty=False,
)
OBJECTION = _kind(
    "objection",
    _l("Objections that I decide"),
    reminding(lambda num, _: ngettext("%(num)s objection waits for you", "%(num)s objections wait for you", num)),
    "ledger.coverage",
)
QUESTION = known_kind(
    Kind(
        name="explanations.question",
        label=_l("Questions of other units to my unit"),
        says=reminding(
            lambda num, _: ngettext(
                "%(num)s question to your unit waits for an answer",
                "%(num)s questions to your unit wait for an answer",
                num,
            )
        ),
        listed="questions.index",
        endpoint="questions.show",
        argument="question_id",
    )
)
ANSWERED = known_kind(
    Kind(
        name="explanations.body_answered",
        label=_l("A body that I asked has answered"),
        says=lambda num, _: ngettext(
            "%(num)s question of yours was answered", "%(num)s questions of yours were answered", num
        ),
        listed="questions.index",
        endpoint="questions.show",
        argument="question_id",
        is_duty=False,
    )
)
REMINDERS: Mapping[str, LazyString] = {
    UNANSWERED.name: _l("reminder of the answer"),
    NO_ANSWER.name: _l("told that the answer is missing"),
    SECTION.name: _l("told that it waits for the section"),
    SECTION_SILENT.name: _l("told that the section is silent"),
    UNDECIDED.name: _l("reminder of the conclusion"),
    UNDECIDED_BELOW.name: _l("told that the conclusion is missing"),
    OBJECTION.name: _l("told of the objection"),
}
"""What the page of one explanation shows as told: proof that somebody was reminded."""

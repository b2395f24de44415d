"""The words of explanations: how they say no, their states, classes and blames."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import LazyString, get_locale
from flask_babel import lazy_gettext as _l

from portal.accountability.explanations.rules import Action, Actor, Blame, CauseClass, Effect, Guard, Seat, State
from portal.accountability.explanations.supplements import Reason, SupplementState
from portal.refusal import Refused
from portal.web.words import sentence

REFUSALS: Mapping[str, LazyString] = {
    "explanations.stand_in_decides": _l(
        "Who concludes an explanation does not write it, not even for an absent officer: another person stands in."
    ),
    "explanations.not_holder": _l("Only the person who owes this explanation may write it."),
    "explanations.not_decider": _l(
        "This explanation is concluded by somebody else: nobody concludes his own case, "
        "and the head of the unit comes first."
    ),
    "explanations.not_possible": _l("This is not possible now: the explanation is in the state “%(state)s”."),
    "explanations.clock_stands": _l(
        "You said that this is not yours. The head answers first; until then your term does not run."
    ),
    "explanations.not_section_head": _l(
        "This is read by the head of the section in which the officer works, while their term runs."
    ),
    "explanations.opinion_missing": _l("Say what you think of it: the head reads your opinion."),
    "explanations.last_return_is_the_heads": _l(
        "It was returned %(times)s times already; the last return is for the head of the unit. "
        "Pass it on and say in your opinion what is missing."
    ),
    "explanations.section_first": _l(
        "The head of the section reads this first, until %(day)s; after that day it goes on without them."
    ),
    "explanations.settle_first": _l(
        "Somebody said “not mine” here, or nobody is known yet: the head names who answers first."
    ),
    "explanations.holds_already": _l("%(case_code)s: this person has the duty already."),
    "explanations.hand_over_reason": _l("Say why the duty goes to another person: both of them read it."),
    "explanations.not_handing_over": _l(
        "Duties of this unit are handed over by its head, a head above it, the chair or the monitoring office."
    ),
    "explanations.nothing_to_answer": _l("Nobody has said “not mine” here, or it was answered already."),
    "explanations.incomplete": _l("Before submitting, please fill in: %(parts)s."),
    "explanations.not_together": _l(
        "These cannot be handed in with the others: %(cases)s. They were answered, redirected or given to somebody "
        "else meanwhile. Untick them and send again; your text is kept."
    ),
    "explanations.nobody_in_common": _l("Cases are explained together by the one person who owes all of them."),
    "explanations.too_many": _l("At most %(most)s cases are explained together."),
    "explanations.batch_over": _l("This explanation was handed in or dropped already."),
    "explanations.supplement_not_now": _l("This step is not possible now: the supplementary explanation has moved on."),
    "explanations.cause_unknown": _l("This cause is not in force. Choose one from the list."),
    "explanations.cause_is_violation": _l(
        "This is a violation, not a cause of lateness; it is dealt with apart. Choose another cause."
    ),
    "explanations.who_instead": _l("Name the person or the step to which the delay belongs."),
    "explanations.named_himself": _l("You cannot name yourself."),
    "explanations.evidence_missing": _l("Say when and how it was done, or attach the evidence."),
    "explanations.comment_missing": _l("Say what must be changed: the officer reads your comment."),
    "explanations.returned_enough": _l(
        "It was returned %(times)s times already. It cannot be returned again; it must be concluded."
    ),
    "explanations.class_and_blame": _l(
        "This class and this blame do not go together: a subjective cause has full or shared blame, any other has none."
    ),
    "explanations.reason_missing": _l(
        "Say why: your class differs from the one the officer's cause stands for, or nothing was stated."
    ),
    "explanations.term_runs": _l(
        "The officer still has time to answer (until %(due_on)s). Without an answer it can be concluded after that day."
    ),
    "explanations.not_in_bulk": _l(
        "“%(case_code)s” cannot be concluded with the others: its cause has no class of its own. "
        "Conclude it singly, with a reason."
    ),
    "explanations.nothing_chosen": _l("Choose at least one explanation."),
    "explanations.no_such_person": _l("This person holds no posting today in the units you answer for."),
    "explanations.named_twice": _l("Each person has one line: the officer's own conclusion, or one of the shares."),
    "explanations.full_is_not_shared": _l(
        "Several are at fault: each of them has a shared blame. A full blame would say that the others have none."
    ),
    "explanations.shares_himself": _l("You cannot conclude on your own share; the next head up decides this case."),
    "explanations.unconfirmed": _l(
        "Without a document of the competent body this is concluded as unconfirmed. Then evidence is needed: "
        "a file beside the explanation, or your reason."
    ),
    "explanations.not_his_conclusion": _l("Only who concluded may take the conclusion back."),
    "explanations.day_is_over": _l(
        "A conclusion may be taken back on the day it was drawn (%(day)s). Now the officer may object, "
        "and the next head up decides."
    ),
    "explanations.built_on_objection": _l(
        "The conclusion stays: an objection to it was made or decided. The next head up decides about it."
    ),
    "explanations.built_on_followup": _l(
        "The conclusion stays: a measure about a person rests on this breach. Lift the measure first."
    ),
    "explanations.withdrawal_reason_missing": _l("Say why the conclusion is taken back."),
    "explanations.not_concluded_upon": _l("Only a person this conclusion is about may object to it."),
    "explanations.objected_already": _l("An objection may be made once, and it was made."),
    "explanations.objection_too_late": _l("The term for an objection ended on %(day)s."),
    "explanations.objection_reason_missing": _l("Say what is wrong with the conclusion."),
    "explanations.nothing_decided": _l("Choose what you conclude, or keep the conclusion."),
    "explanations.no_objection": _l("This objection was decided already."),
    "explanations.decision_reason_missing": _l("Say why: the officer and the first decider read your reason."),
    "explanations.letter_missing": _l("The level above concludes; enter the number and day of its letter."),
}

STATES: Mapping[str, LazyString] = {
    State.WAITING: _l("not answered yet"),
    State.DRAFT: _l("draft, not submitted"),
    State.SUBMITTED: _l("submitted"),
    State.RETURNED: _l("returned for rework"),
    State.CONCLUDED: _l("concluded"),
    State.CANCELLED: _l("cancelled"),
}

SUPPLEMENT_STATES: Mapping[str, LazyString] = {
    SupplementState.WAITING: _l("not answered yet"),
    SupplementState.DRAFT: _l("draft, not submitted"),
    SupplementState.SUBMITTED: _l("submitted"),
    SupplementState.RETURNED: _l("returned for rework"),
    SupplementState.NOTED: _l("read by who decides"),
    SupplementState.OVER: _l("no longer owed: the case has ended"),
}

REASONS: Mapping[str, LazyString] = {
    Reason.STILL_OPEN: _l("The case is still open, so many working days after the last explanation."),
    Reason.DATE_MISSED: _l("The day promised to the applicant has passed, and the case is still open."),
}

ACTIONS: Mapping[str, LazyString] = {
    Action.SAVE: _l("save a draft"),
    Action.SUBMIT: _l("submit the explanation"),
    Action.ALREADY_DONE: _l("say: done, the software was not updated"),
    Action.NOT_MINE: _l("say: not mine"),
    Action.REASSIGN: _l("give the duty to another person"),
    Action.KEEP_HOLDER: _l("answer “not mine” with no"),
    Action.HAND_OVER: _l("let another person write it"),
    Action.PASS_ON: _l("read before the head, and pass on"),
    Action.SECTION_RETURN: _l("read before the head, and return for rework"),
    Action.RETURN: _l("return for rework"),
    Action.CONCLUDE: _l("conclude"),
    Action.CONCLUDE_UNANSWERED: _l("conclude without an answer"),
    Action.WITHDRAW: _l("take the conclusion back"),
    Action.OBJECT: _l("object to the conclusion"),
    Action.DECIDE_OBJECTION: _l("decide the objection"),
    Action.CANCEL: _l("cancel with the breach"),
}

ACTORS: Mapping[str, LazyString] = {
    Actor.HOLDER: _l("who owes the explanation, or their stand-in"),
    Actor.DECIDER: _l("head of the unit; vacant or involved: the next head up"),
    Actor.HEAD_OR_OFFICE: _l("a head of the unit or above it, the chair, the monitoring office"),
    Actor.SECTION_HEAD: _l("head of the part of the unit in which the officer works"),
    Actor.WHO_CONCLUDED: _l("who concluded, or for whom it was concluded"),
    Actor.CONCLUDED_UPON: _l("each person the conclusion is about"),
    Actor.NEXT_HEAD: _l("the next head up"),
    Actor.LEDGER: _l("the ledger, after two people approved"),
}

GUARDS: Mapping[str, LazyString] = {
    Guard.CLOCK_RUNS: _l("the term runs"),
    Guard.COMPLETE: _l("cause, events and remedy are written; evidence where the cause needs it"),
    Guard.EVIDENCE: _l("a note or a file proves it"),
    Guard.NAMES_ANOTHER: _l("names another person or step"),
    Guard.ASKED: _l("somebody said “not mine”, or nobody is known"),
    Guard.IN_REACH: _l("the person works in a unit of the decider"),
    Guard.AT_SECTION: _l("policy wants the step, and its term runs"),
    Guard.SECTION_THROUGH: _l("the head of the section has read it, or their term is over"),
    Guard.RETURNS_LEFT: _l("at most as often as policy says"),
    Guard.LEAVES_ONE_RETURN: _l("one return at least is left to the head"),
    Guard.COMMENT: _l("a comment says what must be changed"),
    Guard.NOT_OWN_CASE: _l("nobody decides a case he wrote or is named in"),
    Guard.REASON_IF_HARSHER: _l("a reason where the class differs from the stated one"),
    Guard.TERM_OVER: _l("the term is over"),
    Guard.SAME_DAY: _l("on the same day"),
    Guard.NOTHING_BUILT: _l("no objection and no measure rests on it"),
    Guard.ONCE_IN_TERM: _l("once, within the term"),
    Guard.REASON: _l("a reason is given"),
    Guard.APPROVED: _l("the cancelling of the breach was approved"),
}

EFFECTS: Mapping[str, LazyString] = {
    Effect.FIRST_DRAFT_IN_TRAIL: _l("the first draft stands in the trail"),
    Effect.TEXT_KEPT: _l("the text is kept for ever"),
    Effect.HEAD_TERM: _l("the term of the head begins"),
    Effect.OPINION_KEPT: _l("the opinion is kept for ever"),
    Effect.CLOCK_STOPS: _l("the term stops"),
    Effect.NEW_TERM: _l("a new term begins"),
    Effect.NEW_HOLDER: _l("the new holder begins on an empty page"),
    Effect.WRITES_FOR: _l("the new person writes; what is concluded still concerns the former one"),
    Effect.STANDS: _l("the conclusion stands"),
    Effect.COUNTS: _l("it counts in the yearly evaluation"),
    Effect.OBJECTION_TERM: _l("the term for an objection begins"),
    Effect.NO_CONCLUSION: _l("it counts for nobody; both rows stay"),
    Effect.NEXT_HEAD_TERM: _l("the term of the next head up begins"),
    Effect.FURTHER_ROW: _l("a further conclusion; the first one stays visible"),
    Effect.DUTY_ENDS: _l("the duty ends; a letter that was sent stays"),
}

CLASSES: Mapping[str, LazyString] = {
    CauseClass.SUBJECTIVE: _l("Subjective"),
    CauseClass.OBJECTIVE: _l("Objective"),
    CauseClass.TECHNICAL: _l("Technical fault"),
    CauseClass.OTHER_BODY: _l("Another body"),
}

BLAMES: Mapping[str, LazyString] = {
    Blame.FULL: _l("Full blame"),
    Blame.SHARED: _l("Shared blame"),
    Blame.NONE: _l("No blame"),
}

CONCLUSIONS: Mapping[tuple[CauseClass, Blame], LazyString] = {
    (CauseClass.SUBJECTIVE, Blame.FULL): _l("Subjective, full blame: counts 1 in the yearly evaluation"),
    (CauseClass.SUBJECTIVE, Blame.SHARED): _l(
        "Subjective, shared blame: counts 0.5 in the yearly evaluation, 1 in the figures of the unit"
    ),
    (CauseClass.OBJECTIVE, Blame.NONE): _l("Objective, no blame: does not count against the officer"),
    (CauseClass.TECHNICAL, Blame.NONE): _l(
        "Technical fault, no blame: does not count against the officer once the competent body has confirmed it"
    ),
    (CauseClass.OTHER_BODY, Blame.NONE): _l(
        "Another body, no blame: does not count against the officer once that body has confirmed it"
    ),
}
"""What a head may conclude, with what follows from it. The lateness itself always counts in R1."""

SHORT_CONCLUSIONS: Mapping[tuple[CauseClass, Blame], LazyString] = {
    (CauseClass.SUBJECTIVE, Blame.SHARED): _l("Subjective, shared blame"),
    (CauseClass.SUBJECTIVE, Blame.FULL): _l("Subjective, full blame"),
    (CauseClass.OBJECTIVE, Blame.NONE): _l("Objective, no blame"),
    (CauseClass.TECHNICAL, Blame.NONE): _l("Technical fault, no blame"),
    (CauseClass.OTHER_BODY, Blame.NONE): _l("Another body, no blame"),
}

PARTS: Mapping[str, LazyString] = {
    "cause": _l("the cause"),
    "happened": _l("what happened"),
    "remedy": _l("what is done about it"),
    "commitment_on": _l("the day by which it will be done"),
    "evidence": _l("the evidence this cause needs (attach a file)"),
}

SEATS: Mapping[str, LazyString] = {
    Seat.HEAD: _l("head of the unit"),
    Seat.NEXT_HEAD: _l("head of the managing unit"),
    Seat.CHAIR: _l("chair"),
    Seat.ABOVE: _l("the level above, by letter"),
}


def said(refused: Refused) -> str:
    """The sentence of a refusal, with its codes in the reader's words."""
    facts = dict(refused.facts)
    if "missing" in facts:
        english = str(get_locale()) == "en"
        lacking = [one.label_en if english else one.label for one in facts.get("lacking", ())]
        parts = {**PARTS, "details": "; ".join(lacking)}
        facts["parts"] = ", ".join(str(parts[part]) for part in facts["missing"])
    if facts.get("state") in STATES:
        facts["state"] = str(STATES[facts["state"]])
    words = REFUSALS.get(refused.code)
    return str(words) % facts if words is not None and facts else sentence(refused)


@dataclass(frozen=True)
class SeveralWords:
    """What one reason for many cases says of itself."""

    title: LazyString
    lead: LazyString
    button: LazyString


SEVERAL: Mapping[str, SeveralWords] = {
    "not-mine": SeveralWords(
        _l("To whom do these delays belong?"),
        _l("Said of each ticked case by itself; your term stands until the head has answered. It is no late answer."),
        _l("Say of the ticked cases: not mine"),
    ),
    "already-done": SeveralWords(
        _l("Were these cases done already?"),
        _l(
            "Each ticked case is handed in as done with the same note and evidence; what belongs to one alone stands "
            "in its row. The head checks every one."
        ),
        _l("Hand in the ticked cases as done"),
    ),
}

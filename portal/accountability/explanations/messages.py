"""How explanations say no."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

REFUSALS = {
    "explanations.not_holder": _l("Only the person who owes this explanation may write it."),
    "explanations.not_decider": _l(
        "This explanation is concluded by somebody else: nobody concludes his own case, "
        "and the head of the unit comes first."
    ),
    "explanations.not_possible": _l("This is not possible now: the explanation is in the state “%(state)s”."),
    "explanations.clock_stands": _l(
        "You said that this is not yours. The head answers first; until then your term does not run."
    ),
    "explanations.nothing_to_answer": _l("Nobody has said “not mine” here, or it was answered already."),
    "explanations.incomplete": _l("Before submitting, please fill in: %(parts)s."),
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
    "explanations.letter_missing": _l("The level above concludes; enter the number and day of its letter."),
    "explanations.file_empty": _l("The file is empty."),
    "explanations.file_too_large": _l("The file is larger than %(most)s MiB."),
    "explanations.file_type": _l(
        "Files of this type are not accepted: send PDF, Word, Excel, a picture or plain text."
    ),
}

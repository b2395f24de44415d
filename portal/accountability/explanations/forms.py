"""Forms of the explanation: shape only; what is missing or not allowed is said by the rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from wtforms import (
    Field,
    FieldList,
    Form,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import HiddenInput

from portal.accountability.explanations.actions.supplementing import Progress
from portal.accountability.explanations.messages import CONCLUSIONS, SHORT_CONCLUSIONS
from portal.accountability.explanations.rules import Answer, Blame, CauseClass, Share, day_from, tidy_details
from portal.cases.filters import number_from
from portal.policy.models import Cause
from portal.policy.rules import Asked
from portal.web.forms import DayField, PortalForm

LONGEST_TEXT = 10_000
SHARES = 2
"""Further persons one form takes; more are rare, and a longer form would hide what it is about."""


class DetailsField(Field):
    """The fields that causes ask for, named ``details-CODE.key``; gives what was typed into each."""

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Read them all from the request, or take what was saved."""
        self.process_errors: list[str] = []
        start = f"{self.name}-"
        typed = {name[len(start) :]: formdata[name] for name in formdata or () if name.startswith(start)}
        self.data = typed if formdata else dict(data or {})


class VersionForm(PortalForm):
    """A step that says which state of the explanation was on the screen."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired()])


class AnswerForm(VersionForm):
    """What the officer writes. Nothing is required while a draft is saved; submitting asks for all."""

    cause = RadioField(_l("Cause"), [Optional()], coerce=int)
    details = DetailsField(_l("What the cause asks for"))
    happened = TextAreaField(
        _l("Course of events"),
        [Optional(), Length(max=LONGEST_TEXT)],
        description=_l("Step by step with dates: what waited, for whom, since when."),
    )
    remedy = TextAreaField(
        _l("What is done about it"),
        [Optional(), Length(max=LONGEST_TEXT)],
        description=_l("What was or will be done for this case."),
    )
    commitment = TextAreaField(
        _l("Commitment"),
        [Optional(), Length(max=LONGEST_TEXT)],
        description=_l("What will keep it from happening again."),
    )
    commitment_on = DayField(_l("To be done by"), [Optional()])
    remark = TextAreaField(
        _l("Of this case alone"),
        [Optional(), Length(max=LONGEST_TEXT)],
        description=_l("What the common text does not say of this case."),
    )
    files = MultipleFileField(
        _l("Attach files"), description=_l("PDF, Word, Excel, pictures or text; each at most 25 MiB.")
    )

    def offer(self, causes: Sequence[Cause], *, english: bool) -> None:
        """The causes in force as choices."""
        self.cause.choices = [SelectChoice(cause.id, cause.name_en if english else cause.name) for cause in causes]
        self.asked = {cause.code: cause.asked for cause in causes}

    def shown_detail(self, code: str, asked: Asked) -> str:
        """What stands in one of the fields of a cause; a day as people write it."""
        said = str(self.details.data.get(f"{code}.{asked.key}", ""))
        day = day_from(said) if asked.kind == "day" else None
        return f"{day:%d/%m/%Y}" if day else said

    def answer(self, half_typed: date | None = None) -> Answer:
        """What was written. ``half_typed``: the day that stands in for one that cannot be read yet."""
        return Answer(
            cause_id=self.cause.data or None,
            happened=self.happened.data or "",
            remedy=self.remedy.data or "",
            commitment=self.commitment.data or "",
            commitment_on=half_typed if self.commitment_on.errors else self.commitment_on.data,
            remark=self.remark.data or "",
            details=tidy_details(self.asked, self.details.data),
        )


class SupplementForm(VersionForm):
    """What is said of a case that stays open."""

    happened = TextAreaField(
        _l("Why the case is still open"),
        [Optional(), Length(max=LONGEST_TEXT)],
        description=_l("What was done since the last explanation, and what the case waits for."),
    )
    remedy = TextAreaField(
        _l("What is done about it"),
        [Optional(), Length(max=LONGEST_TEXT)],
        description=_l("What will be done until the case is answered."),
    )
    promised_on = DayField(_l("To be done by"), [Optional()])

    def said(self, half_typed: date | None) -> Progress:
        """What was written. ``half_typed``: the day that stands in for one that cannot be read yet."""
        day = half_typed if self.promised_on.errors else self.promised_on.data
        return Progress(self.happened.data or "", self.remedy.data or "", day)


class ChosenForm(PortalForm):
    """Several duties chosen in a list, to be explained together."""

    chosen = SelectMultipleField(_l("Explanations"), validate_choice=False)

    def ids(self) -> list[int]:
        """Their numbers; what is no number is left out."""
        found = (number_from(str(value)) for value in self.chosen.data or [])
        return [ident for ident in found if ident is not None]


class TogetherForm(AnswerForm, ChosenForm):
    """One text for many cases: those still ticked, each with what is to be said of it alone."""

    remarks = DetailsField(_l("Of this case alone"))

    def remark_of(self) -> dict[int, str]:
        """Explanation to remark, for every case of the page."""
        said = {number_from(ident): words.strip()[:LONGEST_TEXT] for ident, words in self.remarks.data.items()}
        return {ident: words for ident, words in said.items() if ident is not None}


class NotMineForm(PortalForm):
    """To whom or to which step the delay belongs."""

    named = SelectField(_l("Person"), [Optional()], coerce=int)
    step = StringField(
        _l("or step"), [Optional(), Length(max=300)], description=_l("For example: tax office, since 05/10/2023.")
    )
    reason = TextAreaField(_l("Why"), [Optional(), Length(max=LONGEST_TEXT)])

    def offer(self, people: Sequence[tuple[int, str]]) -> None:
        """The people who may be named."""
        self.named.choices = [SelectChoice(0, str(_l("– nobody –"))), *(SelectChoice(*person) for person in people)]


class AlreadyDoneForm(VersionForm):
    """When and how it was done."""

    note = TextAreaField(
        _l("When and how was it done?"),
        [Optional(), Length(max=LONGEST_TEXT)],
        description=_l("For example: handed over on 09/10/2023, receipt book no. 112; or attach the evidence."),
    )
    files = MultipleFileField(_l("Evidence"))


class SeveralNotMineForm(NotMineForm, ChosenForm):
    """To whom or to which step the delay of several cases belongs."""


class SeveralDoneForm(ChosenForm):
    """When and how several cases were done; what belongs to one alone stands in its row."""

    note = TextAreaField(
        _l("When and how was it done?"),
        [Optional(), Length(max=LONGEST_TEXT)],
        description=_l("For example: handed over on 09/10/2023, receipt book no. 112; or attach the evidence."),
    )
    files = MultipleFileField(_l("Evidence"))


class ShareForm(Form):
    """One more person who shares the delay."""

    person = SelectField(_l("Person"), [Optional()], coerce=int, validate_choice=False)
    step = StringField(_l("at step"), [Optional(), Length(max=300)])
    conclusion = SelectField(
        _l("Conclusion"),
        [Optional()],
        choices=[SelectChoice(f"{pair[0]}-{pair[1]}", words) for pair, words in SHORT_CONCLUSIONS.items()],
    )


def _pair(value: object) -> tuple[CauseClass, Blame]:
    cause_class, _dash, blame = str(value).partition("-")
    return CauseClass(cause_class), Blame(blame)


class ConcludeForm(VersionForm):
    """The decision: class and blame as one choice, so that no impossible pair can be chosen."""

    conclusion = RadioField(
        _l("Conclusion"),
        [InputRequired()],
        choices=[SelectChoice(f"{pair[0]}-{pair[1]}", words) for pair, words in CONCLUSIONS.items()],
    )
    reason = TextAreaField(
        _l("Reason"),
        [Optional(), Length(max=LONGEST_TEXT)],
        description=_l("Needed where your class differs from the one the stated cause stands for."),
    )
    confirmation = StringField(
        _l("Confirmed by the document"),
        [Optional(), Length(max=300)],
        description=_l("Number and day of the document by which the competent body confirmed it."),
    )
    letter = StringField(_l("Letter of the level above"), [Optional(), Length(max=200)])
    step = StringField(_l("At which step was the officer late?"), [Optional(), Length(max=300)])
    shares = FieldList(FormField(ShareForm), min_entries=SHARES, max_entries=SHARES)

    @property
    def chosen(self) -> tuple[CauseClass, Blame]:
        """Class and blame."""
        return _pair(self.conclusion.data)

    @property
    def asks_for_shares(self) -> bool:
        """Whether people were offered, so that the page shows the lines for them."""
        return any(entry.form.person.choices for entry in self.shares)

    def said_of_others(self) -> list[Share]:
        """One share for each further person chosen."""
        chosen = [entry.data for entry in self.shares if entry.data["person"]]
        return [Share(one["person"], one["step"] or "", *_pair(one["conclusion"])) for one in chosen]

    def offer(self, people: Sequence[tuple[int, str]]) -> None:
        """The people who may share the delay."""
        for entry in self.shares:
            entry.form.person.choices = [SelectChoice(0, "–"), *(SelectChoice(*person) for person in people)]


class HearForm(ConcludeForm):
    """The decision on an objection: nothing is chosen where the conclusion is kept."""

    conclusion = RadioField(
        _l("Conclusion"),
        [Optional()],
        choices=[SelectChoice(f"{pair[0]}-{pair[1]}", words) for pair, words in CONCLUSIONS.items()],
    )


class WithdrawForm(VersionForm):
    """Take a conclusion back."""

    reason = TextAreaField(_l("Why is it taken back?"), [Optional(), Length(max=LONGEST_TEXT)])


class ObjectForm(VersionForm):
    """Object to a conclusion."""

    reason = TextAreaField(
        _l("What is wrong with the conclusion?"),
        [Optional(), Length(max=LONGEST_TEXT)],
        description=_l("Facts with dates; the next head up reads them beside the conclusion."),
    )


class ReturnForm(VersionForm):
    """Back to the officer with a comment."""

    comment = TextAreaField(_l("What must be changed"), [Optional(), Length(max=LONGEST_TEXT)])


class PassOnForm(VersionForm):
    """What the head of the section thinks of it, for the head of the unit."""

    opinion = TextAreaField(_l("Your opinion for the head of the unit"), [Optional(), Length(max=LONGEST_TEXT)])


class ReassignForm(PortalForm):
    """The answer to "not mine": another holder, or the same."""

    holder = SelectField(_l("Give it to"), coerce=int)
    reason = TextAreaField(_l("Reason"), [Optional(), Length(max=LONGEST_TEXT)])

    def offer(self, people: Sequence[tuple[int, str]]) -> None:
        """The people who may answer."""
        self.holder.choices = [SelectChoice(*person) for person in people]


class BulkForm(PortalForm):
    """Several at once, each as ``id:version``, so that each decision is bound to what was on the screen."""

    chosen = SelectMultipleField(_l("Explanations"), validate_choice=False)

    def pairs(self) -> list[tuple[int, int]]:
        """Numbers and versions; what is not a pair of numbers is left out."""
        parts = [str(value).partition(":") for value in self.chosen.data or []]
        pairs = [(number_from(ident), number_from(version)) for ident, _colon, version in parts]
        return [(ident, version) for ident, version in pairs if ident is not None and version is not None]

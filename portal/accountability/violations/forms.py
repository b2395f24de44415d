"""Shapes of what is typed about violations and complaints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields import HiddenField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from portal.accountability.violations.messages import BLAMES, CAUSES, FINDINGS, KINDS, MEASURES, ORIGINS
from portal.accountability.violations.rules import MEASURES as MEASURES_OF
from portal.accountability.violations.rules import Kind, Origin, causes_of
from portal.vietnamese import clean, clean_text
from portal.web.forms import DayField, PortalForm

LONGEST_TEXT = 4000


def _line(value: str | None) -> str:
    return clean(value or "")


def _lines(value: str | None) -> str:
    return clean_text(value or "")


def _choices(words: Iterable[tuple[str, LazyString]]) -> list[SelectChoice]:
    return [SelectChoice(code, word) for code, word in words]


class RecordForm(PortalForm):
    """What was found, about whom, and where it comes from."""

    kind = SelectField(_l("Kind"), [InputRequired()], choices=_choices(KINDS.items()))
    origin = SelectField(
        _l("Where it comes from"),
        [InputRequired()],
        choices=_choices((code, words) for code, words in ORIGINS.items() if code != Origin.PORTAL),
    )
    unit_id = SelectField(_l("Unit"), [InputRequired()], coerce=int)
    holder_id = SelectField(_l("Whom it concerns"), coerce=int)
    case_code = StringField(_l("Case code"), [Optional(), Length(max=100)], filters=[_line])
    occurred_on = DayField(_l("Day on which it happened"), [Optional()])
    found_on = DayField(
        _l("Day on which it was found"),
        [DataRequired()],
        description=_l("The day a competent person found it; the terms of discipline run from it."),
    )
    summary = TextAreaField(_l("What was found"), [Optional(), Length(max=LONGEST_TEXT)], filters=[_lines])
    reporter = StringField(
        _l("Who complained"),
        [Optional(), Length(max=300)],
        filters=[_line],
        description=_l("Name and how to reach them. Whom it concerns never reads this."),
    )
    call_number = StringField(_l("Number of the call or letter"), [Optional(), Length(max=100)], filters=[_line])

    def offer(self, units: Sequence[tuple[int, str]], people: Sequence[tuple[int, str]]) -> None:
        """Put the units one answers for and their people into the choices."""
        self.unit_id.choices = [SelectChoice(*unit) for unit in units]
        nobody = SelectChoice(0, _l("not known yet"))
        self.holder_id.choices = [nobody, *(SelectChoice(*person) for person in people)]


class OpenForm(PortalForm):
    """A suspicion that somebody must explain."""

    holder_id = SelectField(_l("Whom it concerns"), coerce=int)
    summary = TextAreaField(_l("What was found"), [Optional(), Length(max=LONGEST_TEXT)], filters=[_lines])
    version = HiddenField(default="1")

    def offer(self, people: Sequence[tuple[int, str]]) -> None:
        """Put the people of the units one answers for into the choice."""
        nobody = SelectChoice(0, _l("not known yet"))
        self.holder_id.choices = [nobody, *(SelectChoice(*person) for person in people)]


class AnswerForm(PortalForm):
    """The answer of whom it concerns."""

    cause = SelectField(_l("How it came to this"), [Optional()], validate_choice=False)
    text = TextAreaField(_l("Your answer"), [Optional(), Length(max=LONGEST_TEXT)], filters=[_lines])
    version = HiddenField(default="1")

    def offer(self, kind: Kind | str) -> None:
        """Put the causes of a kind into the choice."""
        none = SelectChoice("", _l("– choose –"))
        self.cause.choices = [none, *_choices((code, CAUSES[code]) for code in causes_of(kind))]


class ConcludeForm(PortalForm):
    """What the decider finds."""

    finding = RadioField(_l("What was found"), [InputRequired()], choices=_choices(FINDINGS.items()))
    blame = RadioField(_l("Whose fault"), [InputRequired()], choices=_choices(BLAMES.items()))
    reason = TextAreaField(_l("Grounds"), [Optional(), Length(max=LONGEST_TEXT)], filters=[_lines])
    measures = SelectMultipleField(
        _l("What is put right"), validate_choice=False, widget=ListWidget(), option_widget=CheckboxInput()
    )
    remedy = TextAreaField(_l("How it is put right"), [Optional(), Length(max=LONGEST_TEXT)], filters=[_lines])
    remedy_by = DayField(_l("Put right by"), [Optional()])
    reply = StringField(
        _l("Reply to who complained"),
        [Optional(), Length(max=300)],
        filters=[_line],
        description=_l("Number and day of the letter, or day and hour of the call."),
    )
    version = HiddenField(default="1")

    def offer(self, kind: Kind | str) -> None:
        """Put the measures of a kind into the choice."""
        self.measures.choices = _choices((code, MEASURES[code]) for code in MEASURES_OF[Kind(kind)])


class ReasonForm(PortalForm):
    """Why a suspicion is dismissed, or an answer returned."""

    reason = TextAreaField(_l("Reason"), [Optional(), Length(max=LONGEST_TEXT)], filters=[_lines])
    version = HiddenField(default="1")

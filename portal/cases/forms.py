"""Shapes of what is recorded of the course of a case."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from portal.cases.messages import KINDS, UNITS
from portal.vietnamese import clean, clean_text
from portal.web.forms import DayField, PortalForm

LONGEST_DOCUMENT, LONGEST_REASON = 200, 1000
SHAPES = ("%d/%m/%Y %H:%M", "%d/%m/%Y", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d")


class LooseMomentField(StringField):
    """A moment typed as 16/10/2023 14:30, or a day without a time of day; ``moment`` holds it."""

    moment: Any = None

    def pre_validate(self, form: object) -> None:
        """A day stands for itself: 00:00 is no time of day."""
        text = clean(self.data or "")
        for shape in SHAPES:
            try:
                self.moment = datetime.strptime(text, shape)
            except ValueError:
                continue
            return
        if text:
            raise ValidationError(_("Write a day as 16/10/2023, or a moment as 16/10/2023 14:30."))


def _line(value: str | None) -> str:
    return clean(value or "")


def _text(value: str | None) -> str:
    return clean_text(value or "")


def _moment(label: object, validators: list[object], description: object = "") -> LooseMomentField:
    typed = {"placeholder": "dd/mm/yyyy hh:mm", "autocomplete": "off"}
    return LooseMomentField(label, validators, description=description, render_kw=typed)


class PauseForm(PortalForm):
    """A pause with its document."""

    kind = SelectField(
        _l("What the case waits for"),
        [InputRequired()],
        choices=[SelectChoice(kind.value, words) for kind, words in KINDS.items()],
    )
    started = _moment(_l("Begun"), [DataRequired()], _l("The moment on the request; a day alone is enough"))
    ended = _moment(_l("Ended"), [Optional()], _l("Leave it empty while the case still waits"))
    document = StringField(
        _l("Number of the document"), [DataRequired(), Length(max=LONGEST_DOCUMENT)], filters=[_line]
    )
    document_on = DayField(_l("Day of the document"), [DataRequired()])
    reason = TextAreaField(_l("What was asked for"), [Optional(), Length(max=LONGEST_REASON)], filters=[_text])
    in_printed = BooleanField(
        _l("The printed due date contains this pause already"),
        description=_l("The one-stop system printed a new due date for it; it is not added a second time"),
    )


class PauseEndForm(PortalForm):
    """When a pause came to its end."""

    pause = SelectField(_l("Pause that ended"), [InputRequired()], choices=[])
    stopped = _moment(_l("It ended on"), [DataRequired()])
    stop_document = StringField(
        _l("Number of the document about the end"), [Optional(), Length(max=LONGEST_DOCUMENT)], filters=[_line]
    )


class ExtensionForm(PortalForm):
    """A lawful extension with its document."""

    amount = IntegerField(_l("Extended by"), [InputRequired(), NumberRange(1, 1000)])
    unit = SelectField(_l("Unit of time"), choices=[SelectChoice(unit.value, words) for unit, words in UNITS.items()])
    decision = StringField(
        _l("Number of the decision"), [DataRequired(), Length(max=LONGEST_DOCUMENT)], filters=[_line]
    )
    decided_on = DayField(_l("Day of the decision"), [DataRequired()])
    grounds = TextAreaField(_l("Reason"), [Optional(), Length(max=LONGEST_REASON)], filters=[_text])
    is_printed = BooleanField(_l("The printed due date contains this extension already"))


class TakeBackForm(PortalForm):
    """What was recorded wrongly, and why it is taken back."""

    entry = SelectField(_l("Entry"), [InputRequired()], choices=[])
    why = StringField(_l("Why it is taken back"), [DataRequired(), Length(max=LONGEST_REASON)], filters=[_line])


class TermForm(PortalForm):
    """The term of a procedure from a day on. ``confirmed``: its effect was shown."""

    amount = IntegerField(_l("Term"), [InputRequired(), NumberRange(1, 1000)])
    unit = SelectField(_l("Unit of time"), choices=[SelectChoice(unit.value, words) for unit, words in UNITS.items()])
    valid_from = DayField(_l("In force from"), [DataRequired()])
    basis = StringField(
        _l("Document it rests on"),
        [DataRequired(), Length(max=500)],
        filters=[_line],
        description=_l("Number and day of the decision that announces the procedure"),
    )
    confirmed = HiddenField()


class TermFileForm(PortalForm):
    """A file of terms, shown before it is set."""

    file = FileField(_l("File (.xlsx, .xls, .ods, .csv)"), [FileRequired(_l("Choose a file."))])


class TermRowsForm(PortalForm):
    """The rows of a file that was shown, to be set; they are read and checked again as the file was."""

    rows = HiddenField(validators=[DataRequired()])
    file_name = HiddenField()

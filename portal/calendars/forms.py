"""Shapes of what an administrator types about days off, hours and exceptions."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from portal.calendars.changes import SetDay, SetHours
from portal.calendars.hours import DAYS_OF_A_WEEK, ExceptionKind, HoursFrom, UnitException, day_hours, written
from portal.calendars.messages import EXCEPTION_WORDS
from portal.calendars.rules import DayKind, NamedDay
from portal.deadlines import DayStatus
from portal.vietnamese import clean, clean_text
from portal.web.filters import WEEKDAYS
from portal.web.forms import DayField, PortalForm

KINDS = [
    SelectChoice(DayKind.OFF.value, _l("Day off")),
    SelectChoice(DayKind.SWAP.value, _l("Swap: a day off and the day worked for it")),
    SelectChoice(DayKind.MAKE_UP.value, _l("Make-up working day")),
]
STATUSES = [
    SelectChoice(DayStatus.CONFIRMED.value, _l("Confirmed")),
    SelectChoice(DayStatus.UNCONFIRMED.value, _l("Unconfirmed")),
]
EXCEPTIONS = [SelectChoice(kind.value, EXCEPTION_WORDS[kind]) for kind in ExceptionKind]
EVERY_DAY = ""


def _line(value: str | None) -> str:
    return clean(value or "")


def _text(value: str | None) -> str:
    return clean_text(value or "")


def _document() -> StringField:
    return StringField(_l("Document"), [Optional(), Length(max=300)], filters=[_line])


def _number() -> StringField:
    return StringField(_l("Number of the document"), [Optional(), Length(max=100)], filters=[_line])


def _reason() -> TextAreaField:
    return TextAreaField(_l("Reason for the change"), [DataRequired(), Length(max=1000)], filters=[_text])


class DayForm(PortalForm):
    """A day off, a make-up day or a swap, with its document and the reason for the change."""

    day = DayField(_l("Day"), [DataRequired()])
    kind = SelectField(_l("Kind"), choices=KINDS)
    worked_on = DayField(
        _l("Worked for it on"), [Optional()], description=_l("Only for a swap: the Saturday or Sunday that is worked.")
    )
    name = StringField(_l("Name"), [DataRequired(), Length(max=200)], filters=[_line])
    document_number = _number()
    document_on = DayField(_l("Date of the document"), [Optional()])
    document = _document()
    status = SelectField(_l("Status"), choices=STATUSES)
    doubt = StringField(_l("What is doubtful"), [Optional(), Length(max=500)], filters=[_line])
    reason = _reason()

    def change(self) -> SetDay:
        """What was typed, as a change."""
        return SetDay(
            NamedDay(
                self.day.data,
                DayKind(self.kind.data),
                self.name.data,
                self.document.data or "",
                DayStatus(self.status.data),
                self.doubt.data or "",
                self.worked_on.data,
                self.document_number.data or "",
                self.document_on.data,
            )
        )


def _hours(_form: Any, field: Any) -> None:
    if day_hours(field.data or "") is None:
        raise ValidationError(_("Write hours like 07:00-11:30, 13:30-17:00; each ends after it begins."))


class HoursForm(PortalForm):
    """The hours of each weekday from a day on; an empty field is a day that is not worked."""

    valid_from = DayField(_l("In force from"), [DataRequired()])
    document_number = _number()
    document_on = DayField(_l("Date of the document"), [Optional()])
    document = _document()
    reason = _reason()

    def week(self) -> list[Any]:
        """The fields of the seven days, Monday first."""
        return [self[f"day_{place}"] for place in range(DAYS_OF_A_WEEK)]

    def fill(self, hours: HoursFrom) -> None:
        """Show the hours that are in force."""
        for field, day in zip(self.week(), hours.week, strict=True):
            field.data = written(day)

    def change(self) -> SetHours:
        """What was typed, as a change."""
        week = tuple(day_hours(field.data or "") or () for field in self.week())
        return SetHours(
            HoursFrom(
                self.valid_from.data,
                week,
                self.document.data or "",
                self.document_number.data or "",
                self.document_on.data,
            )
        )


for _place, _name in enumerate(WEEKDAYS):
    setattr(HoursForm, f"day_{_place}", StringField(_name, [Optional(), Length(max=100), _hours], filters=[_line]))


class ExceptionForm(PortalForm):
    """Days on which one unit is open or closed by a decision of its own. The choices of units are passed in."""

    unit = SelectField(_l("Unit"), coerce=int)
    kind = SelectField(_l("What it does"), choices=EXCEPTIONS)
    weekday = SelectField(
        _l("On which days"),
        choices=[
            SelectChoice(EVERY_DAY, _l("every day of the span")),
            *(SelectChoice(str(n), name) for n, name in enumerate(WEEKDAYS)),
        ],
    )
    valid_from = DayField(_l("From"), [DataRequired()])
    valid_to = DayField(_l("Last day"), [Optional()], description=_l("May be empty only for one day of the week."))
    hours = StringField(
        _l("Opening hours"),
        [Optional(), Length(max=100), _hours],
        filters=[_line],
        description=_l("For open days and desks, like 07:30-11:30; empty means the national hours."),
    )
    name = StringField(_l("Name"), [DataRequired(), Length(max=200)], filters=[_line])
    document_number = _number()
    document_on = DayField(_l("Date of the document"), [Optional()])
    document = _document()
    reason = _reason()

    def exception(self) -> UnitException:
        """What was typed."""
        return UnitException(
            unit_id=self.unit.data,
            kind=ExceptionKind(self.kind.data),
            valid_from=self.valid_from.data,
            valid_to=self.valid_to.data,
            name=self.name.data,
            weekday=int(self.weekday.data) if self.weekday.data != EVERY_DAY else None,
            hours=day_hours(self.hours.data or "") or (),
            document=self.document.data or "",
            document_number=self.document_number.data or "",
            document_on=self.document_on.data,
        )


class EndForm(PortalForm):
    """The last day of an exception."""

    last = DayField(_l("Last day"), [DataRequired()])
    reason = StringField(_l("Reason for the change"), [DataRequired(), Length(max=1000)], filters=[_line])


class FileForm(PortalForm):
    """A file of days off and swaps."""

    file = FileField(_l("File"), [FileRequired(_l("Choose a file."))])
    open_year = BooleanField(_l("Open the next year with it, if the file holds its days"))
    reason = _reason()


class ProposalForm(Form):
    """One proposed day of a year that is not open yet; left out where it is not taken."""

    take = BooleanField(_l("Take"))
    day = DayField(_l("Day"), [DataRequired()])
    worked_on = DayField(_l("Worked for it on"), [Optional()])
    name = StringField(_l("Name"), [DataRequired(), Length(max=200)], filters=[_line])
    document_number = _number()
    document_on = DayField(_l("Date of the document"), [Optional()])
    document = _document()
    status = SelectField(_l("Status"), choices=STATUSES)
    doubt = TextAreaField(_l("What is doubtful"), [Optional(), Length(max=500)], filters=[_line])

    def change(self) -> SetDay:
        """What was typed, as a change."""
        return SetDay(
            NamedDay(
                self.day.data,
                DayKind.SWAP if self.worked_on.data else DayKind.OFF,
                self.name.data,
                self.document.data or "",
                DayStatus(self.status.data),
                self.doubt.data or "",
                self.worked_on.data,
                self.document_number.data or "",
                self.document_on.data,
            )
        )


class OpeningForm(PortalForm):
    """The days of a year that is to be opened."""

    days = FieldList(FormField(ProposalForm), max_entries=60)
    reason = _reason()

    @staticmethod
    def row_of(named: NamedDay) -> dict[str, Any]:
        """A proposal as the form shows it."""
        fields = ("day", "worked_on", "name", "document_number", "document_on", "document", "status", "doubt")
        return {"take": True, **{field: getattr(named, field) for field in fields}}

    def changes(self) -> list[SetDay]:
        """The days that are taken."""
        return [row.form.change() for row in self.days if row.form.take.data]


class ReasonForm(PortalForm):
    """A change that needs nothing but its reason."""

    reason = StringField(_l("Reason for the change"), [DataRequired(), Length(max=1000)], filters=[_line])


class CountForm(PortalForm):
    """Two days between which the working days are told one by one; a GET form."""

    class Meta(PortalForm.Meta):
        csrf = False

    start = DayField(_l("From"), [DataRequired()])
    end = DayField(_l("To"), [DataRequired()])

"""The forms of the directory: shape only."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, SelectChoice, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, Optional

from portal.directory.messages import (
    LINE_WORDS,
    PERSON_KIND_WORDS,
    ROLE_WORDS,
    SUCCESSION_CHOICES,
    UNIT_KIND_WORDS,
)
from portal.web.forms import DayField, PortalForm

DOCUMENT = [InputRequired(_l("Type number and sign of the document.")), Length(max=200)]


def choices_of(words: Mapping[str, LazyString]) -> list[SelectChoice]:
    """The choices of a select field from a table of words."""
    return [SelectChoice(value, label) for value, label in words.items()]


class UnitForm(PortalForm):
    """A new unit. The choices of parents are passed in."""

    code = StringField(_l("Code"), [InputRequired(_l("Type the code of the unit.")), Length(max=64)])
    name = StringField(_l("Name"), [InputRequired(_l("Type the name of the unit.")), Length(max=300)])
    kind = SelectField(_l("Kind"), choices=choices_of(UNIT_KIND_WORDS))
    valid_from = DayField(_l("From"), [InputRequired(_l("Type the first day."))])
    reports_in = SelectField(_l("Reports in"), coerce=int)
    managed_by = SelectField(_l("Managed by"), coerce=int)


class UnitChangeForm(PortalForm):
    """What may change of a unit."""

    name = StringField(_l("Name"), [InputRequired(_l("Type the name of the unit.")), Length(max=300)])
    kind = SelectField(_l("Kind"), choices=choices_of(UNIT_KIND_WORDS))
    valid_to = DayField(_l("Last day"), [Optional()])


class ParentForm(PortalForm):
    """A new parent of a unit, from a day on."""

    line = SelectField(_l("Line"), choices=choices_of(LINE_WORDS))
    parent = SelectField(_l("Parent"), coerce=int)
    valid_from = DayField(_l("From"), [InputRequired(_l("Type the first day."))])


class PersonForm(PortalForm):
    """A person."""

    full_name = StringField(_l("Full name"), [InputRequired(_l("Type the full name.")), Length(max=200)])
    code = StringField(_l("Code"), [Optional(), Length(max=64)])
    kind = SelectField(_l("Kind"), choices=[SelectChoice("", "–"), *choices_of(PERSON_KIND_WORDS)])
    email = StringField(_l("E-mail"), [Optional(), Length(max=200)])


class PostingForm(PortalForm):
    """A new posting of a person. The choices of units are passed in."""

    unit = SelectField(_l("Unit"), coerce=int)
    role = SelectField(_l("Role"), choices=choices_of(ROLE_WORDS))
    position = StringField(_l("Position"), [Optional(), Length(max=200)])
    is_clerk = BooleanField(_l("Clerk: numbers, stamps and sends letters"))
    valid_from = DayField(_l("From"), [InputRequired(_l("Type the first day."))])
    valid_to = DayField(_l("Last day"), [Optional()])


class EndPostingForm(PortalForm):
    """The last day of a posting."""

    last_day = DayField(_l("Last day"), [InputRequired(_l("Type the last day."))])


class SuccessionForm(PortalForm):
    """Units take over from others: one or more present units, or a new one. The choices of units are passed in."""

    kind = SelectField(_l("What happens"), choices=choices_of(SUCCESSION_CHOICES))
    on = DayField(_l("First day of the successor"), [InputRequired(_l("Type the first day."))])
    successors = SelectMultipleField(
        _l("Present units that take over"), [Optional()], coerce=int, validate_choice=True,
        description=_l("Leave empty for a new unit; of several, the first answers for what is open."),
    )  # fmt: skip
    code = StringField(_l("Code of the new unit"), [Optional(), Length(max=64)])
    name = StringField(_l("Name of the new unit"), [Optional(), Length(max=300)])
    unit_kind = SelectField(_l("Kind"), choices=choices_of(UNIT_KIND_WORDS), default="commune")
    reports_in = SelectField(_l("Reports in"), coerce=int)
    managed_by = SelectField(_l("Managed by"), coerce=int)
    document = StringField(
        _l("Document"), [InputRequired(_l("Type number and sign of the document.")), Length(max=200)]
    )
    document_on = DayField(_l("Day of the document"), [Optional()])
    note = StringField(_l("Note"), [Optional(), Length(max=1000)])


class RenameForm(PortalForm):
    """A new name from a day on."""

    name = StringField(_l("New name"), [InputRequired(_l("Type the name of the unit.")), Length(max=300)])
    on = DayField(_l("From"), [InputRequired(_l("Type the first day."))])
    document = StringField(
        _l("Document"), [InputRequired(_l("Type number and sign of the document.")), Length(max=200)]
    )


class TransferForm(PortalForm):
    """Where an officer goes. The choices of units are passed in."""

    unit = SelectField(_l("To unit"), coerce=int)
    role = SelectField(_l("Role"), choices=choices_of(ROLE_WORDS))
    position = StringField(_l("Position"), [Optional(), Length(max=200)])
    is_clerk = BooleanField(_l("Clerk: numbers, stamps and sends letters"))
    on = DayField(_l("First day there"), [InputRequired(_l("Type the first day."))])
    reason = StringField(_l("Reason"), [InputRequired(_l("Type the reason.")), Length(max=500)])
    document = StringField(
        _l("Document"), [InputRequired(_l("Type number and sign of the document.")), Length(max=200)]
    )


class DirectoryFileForm(PortalForm):
    """A directory file."""

    file = FileField(_l("File (.xlsx, .xls, .ods or .csv)"), [FileRequired(_l("Choose a file."))])

"""Forms: shape only. Each carries a CSRF token and an idempotency key."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, DateTimeField, Field, HiddenField
from wtforms.validators import StopValidation
from wtforms.widgets import TextInput


class _Words:
    """WTForms ships no Vietnamese; its built-in sentences go through our catalogue."""

    def gettext(self, string: str) -> str:
        return _(string)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return _(singular if n == 1 else plural)


WTFORMS_SENTENCES = (
    lambda: _("This field is required."),
    lambda: _("Not a valid choice."),
    lambda: _("Not a valid choice: could not coerce."),
    lambda: _("Not a valid date value."),
    lambda: _("Not a valid datetime value."),
    lambda: _("Not a valid integer value."),
    lambda: _("Field cannot be longer than %(max)d characters."),
)


class PortalForm(FlaskForm):
    """Parent of every form: CSRF token, ``op_id`` so that a double click has one effect."""

    op_id = HiddenField(default=lambda: str(uuid.uuid4()))

    class Meta(FlaskForm.Meta):
        def get_translations(self, form: Any) -> Any:
            return _Words()


class EmptyForm(PortalForm):
    """For a bare button, so that neither CSRF nor the idempotency key is ever skipped."""


class _Typed(Field):
    """A date somebody types: blanks around it do not count, and what cannot be read is called so, not "required"."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata([text.strip() for text in valuelist])

    def pre_validate(self, form: Any) -> None:
        """DataRequired would put "this field is required" in place of the sentence that says how a date is typed."""
        if self.process_errors and any(text.strip() for text in self.raw_data or ()):
            raise StopValidation


class DayField(_Typed, DateField):
    """A day typed as 16/10/2023 (ISO is understood too); a text input, as date pickers show foreign orders."""

    widget = TextInput()

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        kwargs.setdefault("render_kw", {"placeholder": "dd/mm/yyyy", "inputmode": "numeric", "autocomplete": "off"})
        super().__init__(label, validators, format=["%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d"], **kwargs)

    def _value(self) -> str:
        if self.raw_data:
            return " ".join(self.raw_data)
        return f"{self.data:%d/%m/%Y}" if isinstance(self.data, date) else ""


class MomentField(_Typed, DateTimeField):
    """A moment typed as 16/10/2023 16:30 in Vietnam wall time."""

    widget = TextInput()

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        kwargs.setdefault("render_kw", {"placeholder": "dd/mm/yyyy hh:mm", "autocomplete": "off"})
        super().__init__(label, validators, format=["%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"], **kwargs)

    def _value(self) -> str:
        if self.raw_data:
            return " ".join(self.raw_data)
        return f"{self.data:%d/%m/%Y %H:%M}" if isinstance(self.data, datetime) else ""


def first_errors(form: FlaskForm) -> dict[str, str]:
    """The first error of each field, by field name."""
    fields: list[Field] = list(form)
    return {field.name: str(field.errors[0]) for field in fields if field.errors}

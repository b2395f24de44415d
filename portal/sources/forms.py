"""Shapes of what people say of a source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    widgets,
)
from wtforms.validators import DataRequired, Length, Optional

from portal.cases.labels import CHANNELS
from portal.sources.messages import KINDS, MEANING_WORDS
from portal.sources.rules import LONGEST_WORD, SourceKind
from portal.vietnamese import clean, clean_text
from portal.web.forms import PortalForm

BLANK_LINES = 3
"""Empty lines below the words that occurred, for words that are still to come."""


def _line(value: str | None) -> str:
    return clean(value or "")


def _text(value: str | None) -> str:
    return clean_text(value or "")


class SourceForm(PortalForm):
    """What a source is."""

    name = StringField(
        _l("Name"),
        [DataRequired(), Length(max=200)],
        filters=[_line],
        description=_l("Stands beside the moment of the data on every page and print"),
    )
    kind = SelectField(_l("Kind of system"), choices=[SelectChoice(kind.value, KINDS[kind]) for kind in SourceKind])
    label = StringField(
        _l("In words"),
        [Optional(), Length(max=200)],
        filters=[_line],
        description=_l("For example: land registry of the province, version 5"),
    )
    note = TextAreaField(
        _l("Note"),
        [Optional(), Length(max=2000)],
        filters=[_text],
        description=_l("Whom to ask, how the list is exported"),
    )
    supplements_pause = BooleanField(
        _l("Dates of a supplement stop the clock"),
        description=_l("The days between “asked for” and “brought” in its lists become recorded pauses"),
    )
    active = BooleanField(_l("In use"), default=True, description=_l("A source out of use takes no further file"))


class WordForm(Form):
    """One text and what it means; empty: as shipped."""

    text = StringField(_l("Text as the source writes it"), [Optional(), Length(max=LONGEST_WORD)], filters=[_line])
    means = SelectField(_l("Means"), choices=[])


class WordsForm(PortalForm):
    """Texts of a source with their meanings, and why they are changed."""

    words = FieldList(FormField(WordForm))
    reason = StringField(_l("Reason for the change"), [DataRequired(), Length(max=1000)], filters=[_line])

    choices: Sequence[tuple[str, Any]] = ()

    def offer(self, texts: Sequence[str], own: Mapping[str, str]) -> None:
        """Offer a line for each text, with what the source itself means by it, and some empty lines."""
        if not self.is_submitted():
            for text in (*texts, *[""] * BLANK_LINES):
                self.words.append_entry({"text": text, "means": own.get(text, "")})
        for entry in self.words:
            entry.form.means.choices = [
                SelectChoice("", _l("as shipped")),
                *(SelectChoice(value, label) for value, label in self.choices),
            ]

    @property
    def said(self) -> dict[str, str]:
        """Text to meaning, without the lines that stay as shipped."""
        lines = ((entry.form.text.data, entry.form.means.data) for entry in self.words)
        return {text: means for text, means in lines if text and means}


class StatusesForm(WordsForm):
    """What statuses mean in a source."""

    choices = tuple((meaning.value, words) for meaning, words in MEANING_WORDS.items())
    vendor = BooleanField(
        _l("The numbers of its statuses are those of the vendor's list"),
        description=_l("Its 5 means “result handed over”, where the national 5 means “supplement asked for”"),
    )


class ChannelsForm(WordsForm):
    """Which channel a text of a source means."""

    choices = tuple((channel, words) for channel, words in CHANNELS.items())


class UnitsForm(PortalForm):
    """Which units a source rules."""

    units = SelectMultipleField(
        _l("Units"), choices=[], coerce=int, option_widget=widgets.CheckboxInput(), validate_choice=True
    )

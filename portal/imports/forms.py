"""Shape of an upload, of the answer about its columns, and of a mapped name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, HiddenField, RadioField, SelectChoice, SelectField, StringField, ValidationError
from wtforms.validators import DataRequired, Length, Optional

from portal.imports.checking import LAST_SECOND
from portal.imports.messages import FACTS
from portal.imports.moments import read_cell
from portal.imports.rules import REQUIRED, DateOrder, Fact
from portal.vietnamese import clean
from portal.web.forms import PortalForm

NO_COLUMN = ""
ALL_SHEETS = "*"
LONGEST_NUMBER = 10
ORDERS = (
    SelectChoice(DateOrder.DAY_FIRST.value, _l("day first: 03/04/2023 is 3 April")),
    SelectChoice(DateOrder.MONTH_FIRST.value, _l("month first: 03/04/2023 is 4 March")),
)


class UploadForm(PortalForm):
    """A file, the system it comes from, and the moment of its data."""

    file = FileField(
        _l("File"),
        description=_l(
            ".xlsx, .xls, .ods, .csv, .tsv or .txt as the one-stop system exports it; at most 25 MiB and 300,000 rows"
        ),
    )
    source = StringField(
        _l("Source"),
        [DataRequired(), Length(max=200)],
        filters=[lambda value: clean(value or "")],
        description=_l("The system the file comes from, always by the same name"),
    )
    as_of = StringField(
        _l("Data as of"),
        [Optional(), Length(max=40)],
        description=_l("dd/mm/yyyy hh:mm; a bare day means its end; empty: the newest moment in the file"),
    )
    order = RadioField(_l("Dates in the file"), choices=list(ORDERS), default=DateOrder.DAY_FIRST.value)
    full_extract = BooleanField(
        _l("Full extract"),
        description=_l("The file holds every case of the source: cases it lacks are marked as no longer in the source"),
    )
    create_unknown = BooleanField(
        _l("Create missing units, officers and procedures"),
        description=_l("Marked as made by an import, without accounts"),
    )

    def validate_file(self, field: FileField) -> None:
        """A file was chosen."""
        if not field.data or not field.data.filename:
            raise ValidationError(_("Choose a file."))

    def validate_as_of(self, field: StringField) -> None:
        """A moment that can be read."""
        if (field.data or "").strip() and self.moment is None:
            raise ValidationError(_("Write the moment as dd/mm/yyyy hh:mm."))

    @property
    def moment(self) -> datetime | None:
        """The moment typed; a bare day means its end; None where nothing or nothing readable was typed."""
        found = read_cell((self.as_of.data or "").strip()).day_first
        if found is None:
            return None
        return found.at if found.has_clock else datetime.combine(found.at, LAST_SECOND)


class SheetForm(PortalForm):
    """Which sheet of a workbook holds the list; all of them when each is a part of it."""

    sheet = RadioField(_l("Sheet"), [DataRequired()], choices=[])

    def offer(self, sheets: Sequence[str]) -> None:
        """Offer the sheets that carry the header, and all of them together."""
        every = _("All %(n)s sheets together", n=len(sheets))
        self.sheet.choices = [*(SelectChoice(name, name) for name in sheets), SelectChoice(ALL_SHEETS, every)]


class ApplyForm(PortalForm):
    """The word to apply, bound to the preview on the screen."""

    shown = HiddenField(filters=[lambda value: value or ""])


class ColumnsForm(PortalForm):
    """Which column holds which fact; one select for each fact, added below the class."""

    order = RadioField(_l("Dates in the file"), choices=list(ORDERS), default=DateOrder.DAY_FIRST.value)

    def offer(self, headings: Mapping[str, str], mapping: Mapping[str, int]) -> None:
        """Offer the columns of a file; on a first look the known mapping is chosen."""
        for fact in Fact:
            select = self[name_of(fact)]
            select.choices = [SelectChoice(NO_COLUMN, "–"), *(SelectChoice(c, h) for c, h in headings.items())]
            if not self.is_submitted():
                select.data = str(mapping.get(fact.value, NO_COLUMN))

    @property
    def chosen(self) -> dict[Fact, int]:
        """Fact to column."""
        found = {fact: self[name_of(fact)].data for fact in Fact}
        return {fact: int(column) for fact, column in found.items() if column not in (None, NO_COLUMN)}

    def facts(self) -> Sequence[Any]:
        """The selects, required facts first."""
        rest = [fact for fact in Fact if fact not in REQUIRED]
        return [self[name_of(fact)] for fact in (*REQUIRED, *rest)]


class LayoutForm(ColumnsForm):
    """The same for the page of a new layout, where each column can be chosen but once. Its selects follow below."""

    def order_of_facts(self) -> Sequence[Fact]:
        """Required facts first."""
        return (*REQUIRED, *(fact for fact in Fact if fact not in REQUIRED))

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether every required fact has a column of its own."""
        is_valid = bool(super().validate(extra_validators))
        return not self.mark_twice() and is_valid

    def mark_twice(self) -> bool:
        """Say it beside a column that was chosen for a second fact; whether there is one."""
        places = list(self.chosen.values())
        twice = [fact for at, (fact, place) in enumerate(self.chosen.items()) if place in places[:at]]
        for fact in twice:
            self[name_of(fact)].errors = [_("This column was chosen for two facts.")]
        return bool(twice)


def name_of(fact: Fact) -> str:
    """The field of a fact."""
    return f"column_{fact.value}"


for _fact in Fact:
    _checks = [DataRequired()] if _fact in REQUIRED else []
    setattr(ColumnsForm, name_of(_fact), SelectField(FACTS[_fact], _checks, choices=[], default=NO_COLUMN))


class ProposalsForm(PortalForm):
    """Many names at once: those that are checked, each with whom or what its row says it means."""

    def chosen(self, values: MultiDict[str, str]) -> dict[int, int]:
        """Name to unit or person, of the checked rows that have an answer."""
        picked = (value for value in values.getlist("pick") if value.isdecimal() and len(value) < LONGEST_NUMBER)
        answers = {int(name): values.get(f"target-{name}", "") for name in picked}
        return {name: int(text) for name, text in answers.items() if text.isdecimal() and len(text) < LONGEST_NUMBER}


class MapForm(PortalForm):
    """The unit or person a written name means."""

    target = SelectField(_l("Means"), [DataRequired()], choices=[], coerce=int)

"""Shape of a report that is typed, uploaded or confirmed, and of a list of codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import HiddenField, SelectChoice, SelectField, StringField, ValidationError
from wtforms.validators import DataRequired, Length, Optional, Regexp

from portal import clock
from portal.cases.filters import number_from
from portal.imports.moments import read_cell
from portal.reports.headings import Column, Name
from portal.reports.messages import FIGURES
from portal.reports.rules import LISTED, Figure
from portal.reports.tables import count_of
from portal.vietnamese import clean, clean_text
from portal.web.forms import DayField, PortalForm


class HeadForm(PortalForm):
    """What every report says of itself."""

    source = SelectField(_l("Source"), choices=[], coerce=int)
    from_on = DayField(_l("From"), [DataRequired()])
    to_on = DayField(_l("To"), [DataRequired()])
    as_of = StringField(
        _l("Figures known at"),
        [Optional(), Length(max=40)],
        description=_l("dd/mm/yyyy hh:mm; a bare day means its end; empty: the end of the period"),
        render_kw={"placeholder": "dd/mm/yyyy hh:mm", "autocomplete": "off"},
    )
    note = StringField(
        _l("Note"),
        [Optional(), Length(max=1000)],
        filters=[lambda value: clean_text(value or "")],
        description=_l("Where the report comes from: its name, number, page"),
    )

    def offer(self, sources: Iterable[tuple[int, str]]) -> None:
        """The sources to choose from."""
        self.source.choices = [SelectChoice(0, _("all sources together")), *(SelectChoice(i, n) for i, n in sources)]

    def validate_as_of(self, field: StringField) -> None:
        """A moment that can be read."""
        if (field.data or "").strip() and self.typed_moment is None:
            raise ValidationError(_("Write the moment as dd/mm/yyyy hh:mm."))

    @property
    def typed_moment(self) -> datetime | None:
        """The moment typed; a bare day means its end."""
        found = read_cell(clean(self.as_of.data or "")).day_first
        if found is None:
            return None
        return found.at if found.has_clock else clock.end_of(found.at.date())

    @property
    def moment(self) -> datetime:
        """The moment of the figures: typed, else the end of the period, or now where that lies ahead."""
        if self.typed_moment is not None:
            return self.typed_moment
        return min(clock.end_of(self.to_on.data), max(clock.local_now(), clock.start_of(self.from_on.data)))


class TypedForm(HeadForm):
    """A report typed unit by unit; the cells of the grid stand outside (see ``typed_figures``)."""


class UploadForm(HeadForm):
    """A report as a file."""

    from_on = DayField(_l("From"), [Optional()], description=_l("empty: as the lines above the table say"))
    to_on = DayField(_l("To"), [Optional()])
    file = FileField(_l("File"), description=_l(".xlsx, .xls or .csv as the source prints its report"))
    one_unit = SelectField(
        _l("Whose report"),
        choices=[],
        coerce=int,
        description=_l("A report of one unit has a row for each field; its total is taken."),
    )

    def offer_units(self, units: Mapping[int, str]) -> None:
        """The units whose single report it may be."""
        choices = [SelectChoice(0, _("a row for each unit")), *(SelectChoice(i, n) for i, n in units.items())]
        self.one_unit.choices = choices

    def validate_file(self, field: FileField) -> None:
        """A file was chosen."""
        if not field.data or not field.data.filename:
            raise ValidationError(_("Choose a file."))


class ConfirmForm(HeadForm):
    """A report that was read and is kept as the columns say; columns and units stand outside."""

    file_name = HiddenField(validators=[DataRequired(), Length(max=300)])
    sha256 = HiddenField(validators=[DataRequired(), Regexp(r"^[0-9a-f]{64}\Z")])
    one_unit = HiddenField(filters=[lambda value: number_from(str(value or "")) or 0])


class CodesForm(PortalForm):
    """A list of codes that comes with a report."""

    figure = SelectField(_l("Which cases"), choices=[SelectChoice(f.value, FIGURES[f]) for f in LISTED])
    file = FileField(_l("List of the source"), description=_l(".xlsx, .xls or .csv with a column of case codes"))

    def validate_file(self, field: FileField) -> None:
        """A file was chosen."""
        if not field.data or not field.data.filename:
            raise ValidationError(_("Choose a file."))


class AggregateFileForm(PortalForm):
    """A file of counts that no case list carries."""

    file = FileField(_l("File"), description=_l(".xlsx, .xls or .csv with unit, month, field and counts"))
    month = StringField(
        _l("Month of rows that name none"),
        [Optional(), Length(max=10)],
        render_kw={"placeholder": "mm/yyyy", "autocomplete": "off"},
    )
    source = StringField(
        _l("Source"),
        [Optional(), Length(max=500)],
        filters=[lambda value: clean(value or "")],
        description=_l("Where the counts come from; empty: the name of the file"),
    )

    def validate_file(self, field: FileField) -> None:
        """A file was chosen."""
        if not field.data or not field.data.filename:
            raise ValidationError(_("Choose a file."))


class AggregateConfirmForm(PortalForm):
    """A file of counts that was read and is to be kept."""

    source = StringField(_l("Source"), [DataRequired(), Length(max=500)], filters=[lambda value: clean(value or "")])
    month = HiddenField()
    file_name = HiddenField(validators=[DataRequired(), Length(max=300)])
    sha256 = HiddenField(validators=[DataRequired(), Regexp(r"^[0-9a-f]{64}\Z")])


def cell_name(unit_id: int, figure: Figure) -> str:
    """The name of one cell of the grid."""
    return f"f-{unit_id}-{figure.value}"


def typed_figures(form: Mapping[str, str], unit_ids: Iterable[int]) -> tuple[dict[int, dict[Figure, int]], list[str]]:
    """The figures of the grid by unit, and the names of the cells that hold no count. Empty cells tell nothing."""
    found: dict[int, dict[Figure, int]] = {}
    wrong: list[str] = []
    for unit_id in unit_ids:
        for figure in Figure:
            count = count_of(form.get(cell_name(unit_id, figure), "")[:40])
            if count.is_fault:
                wrong.append(cell_name(unit_id, figure))
            elif count.value is not None:
                found.setdefault(unit_id, {})[figure] = count.value
    return found, wrong


def chosen_columns(form: Mapping[str, str]) -> dict[int, Column]:
    """What people said each column of the file is; columns they left aside are missing."""
    words: dict[str, Column] = {str(word): word for word in (*Figure, *Name)}
    said = ((name[4:], words.get(value)) for name, value in form.items() if name.startswith("col-"))
    numbered = ((number_from(number), word) for number, word in said)
    return {number: word for number, word in numbered if number is not None and word is not None}


def chosen_units(form: Mapping[str, str]) -> dict[int, int]:
    """The units people said for single rows, by the number Excel shows; 0 leaves a row out."""
    said = ((name[5:], value) for name, value in form.items() if name.startswith("unit-"))
    numbered = ((number_from(row), number_from(unit_id)) for row, unit_id in said)
    return {row: unit_id for row, unit_id in numbered if row is not None and unit_id is not None}

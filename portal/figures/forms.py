"""Shape of a month's counts as they are typed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField
from wtforms.validators import DataRequired, Length, Optional

from portal.figures.rules import Quantity
from portal.vietnamese import clean
from portal.web.forms import PortalForm

LARGEST = 99_999_999


class AggregatesForm(PortalForm):
    """The source of the counts; the cells of the grid stand outside (see ``typed_values``)."""

    source = StringField(
        _l("Source"),
        [DataRequired(), Length(max=500)],
        filters=[lambda value: clean(value or "")],
        description=_l("Where the counts come from: a register, a payment portal, a report with its number"),
    )
    seen = HiddenField()
    field_name = StringField(
        _l("Another field"),
        [Optional(), Length(max=300)],
        filters=[lambda value: clean(value or "")],
        description=_l("Adds a row to the grid"),
    )


def cell_name(row: int, quantity: Quantity) -> str:
    """The name of one cell: row of the grid and quantity."""
    return f"v-{row}-{quantity.value}"


def typed_values(
    form: Mapping[str, str], fields: Iterable[str]
) -> tuple[dict[tuple[str, Quantity], int | None], list[str]]:
    """What the grid says by field and quantity, and the cells that hold no count. An empty cell tells nothing."""
    found: dict[tuple[str, Quantity], int | None] = {}
    wrong: list[str] = []
    for row, field in enumerate(fields):
        for quantity in Quantity:
            text = form.get(cell_name(row, quantity), "").strip()
            digits = text.replace(".", "").replace(" ", "").replace("\u00a0", "")
            if not digits:
                found[field, quantity] = None
            elif digits.isascii() and digits.isdigit() and int(digits[:12]) <= LARGEST and len(digits) <= 8:
                found[field, quantity] = int(digits)
            else:
                wrong.append(cell_name(row, quantity))
    return found, wrong


def month_from(text: str, default: date) -> date:
    """A month written mm/yyyy or yyyy-mm; the default where it is neither."""
    parts = text.strip().replace("/", "-").split("-")
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in parts):
        return default
    first, second = int(parts[0]), int(parts[1])
    year, month = (first, second) if len(parts[0]) == 4 else (second, first)
    return date(year, month, 1) if 1 <= month <= 12 and 2000 <= year <= 2100 else default

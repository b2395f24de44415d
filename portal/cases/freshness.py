"""Of when the data of each source are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Select,
    select,
)

from portal.cases.models import Source
from portal.database import db


@dataclass(frozen=True)
class Freshness:
    """Until when a source has told of its cases."""

    source: str
    data_as_of: datetime


def freshness() -> Sequence[Freshness]:
    """Each source with the newest data it gave, newest first."""
    return newest_first(Freshness(row.name, row.newest) for row in db.session.execute(freshness_statement()))


def newest_first(rows: Iterable[Freshness]) -> Sequence[Freshness]:
    """The sources that have told of anything, the newest first."""
    return sorted((row for row in rows if row.data_as_of is not None), key=lambda row: row.data_as_of, reverse=True)


def freshness_statement() -> Select[str, datetime | None]:
    """What ``freshness`` reads, to be read along with something else: ``name`` and ``newest``."""
    return select(Source.name.label("name"), Source.data_as_of.label("newest"))

"""What the reports write into the trail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.audit import Event, known_event


@known_event
@dataclass(frozen=True, kw_only=True)
class SourceReportSaved(Event):
    """Somebody told what a source's own report says; ``number`` above 1 is a correction."""

    kind: ClassVar[str] = "source_report.saved"
    entity: ClassVar[str] = "source_report"
    title: ClassVar[LazyString] = _l("Report of a source saved")
    number: int
    source: str
    from_on: date
    to_on: date
    as_of: datetime
    units: int
    door: str
    file_name: str
    file_sha256: str


@known_event
@dataclass(frozen=True, kw_only=True)
class SourceCodesSaved(Event):
    """A list of codes came with a report."""

    kind: ClassVar[str] = "source_report.codes_saved"
    entity: ClassVar[str] = "source_report"
    title: ClassVar[LazyString] = _l("List of codes of a source saved")
    figure: str
    codes: int
    file_name: str
    file_sha256: str

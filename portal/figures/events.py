"""What the aggregates write into the trail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.audit import Event, known_event


@known_event
@dataclass(frozen=True, kw_only=True)
class AggregatesSaved(Event):
    """Counts that no case list carries were told; the entity is the unit, none where a file told of several."""

    kind: ClassVar[str] = "aggregates.saved"
    entity: ClassVar[str] = "aggregates"
    title: ClassVar[LazyString] = _l("Counts beside the case lists saved")
    months: list[str]
    units: int
    values: int
    source: str
    file_name: str
    file_sha256: str

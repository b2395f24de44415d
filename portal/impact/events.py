"""What happens to cases when a change is carried over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.audit import Event, known_event


@known_event
@dataclass(frozen=True, kw_only=True)
class CasesReprojected(Event):
    """The due moments of the open cases were counted anew by another calendar."""

    kind: ClassVar[str] = "impact.cases.reprojected"
    entity: ClassVar[str] = "calendar"
    title: ClassVar[LazyString] = _l("Open cases counted anew")
    version_id: int
    seen: int
    moved: int

"""Every module with models, imported so that one metadata knows all tables; and the append-only tables."""

from __future__ import annotations

from portal.audit import models as audit
from portal.web import operations as web

METADATA_MODULES = (audit, web)
APPEND_ONLY: tuple[str, ...] = tuple(
    table for module in METADATA_MODULES for table in getattr(module, "APPEND_ONLY", ())
)

"""Every module with models, imported so that one metadata knows all tables; and the append-only tables."""

from __future__ import annotations

from portal.access import models as access
from portal.accountability.apologies import models as apologies
from portal.accountability.breaches import models as breaches
from portal.accountability.explanations import drafts as explanation_drafts
from portal.accountability.explanations import models as explanations
from portal.accountability.explanations import supplements
from portal.accountability.followups import models as followups
from portal.accountability.incidents import models as incidents
from portal.accountability.ledger import models as ledger
from portal.accountability.violations import models as violations
from portal.api import models as api
from portal.audit import models as audit
from portal.calendars import models as calendars
from portal.cases import models as cases
from portal.demo import models as demo
from portal.directives import models as directives
from portal.directory import models as directory
from portal.documents import models as documents
from portal.figures import models as figures
from portal.impact import models as impact
from portal.imports import models as imports
from portal.jobs import models as jobs
from portal.notices import models as notices
from portal.policy import models as policy
from portal.reports import models as reports
from portal.sources import models as sources
from portal.web import operations as web

METADATA_MODULES = (
    audit,
    directory,
    access,
    calendars,
    cases,
    sources,
    imports,
    impact,
    documents,
    notices,
    demo,
    breaches,
    incidents,
    violations,
    followups,
    policy,
    directives,
    explanations,
    explanation_drafts,
    supplements,
    apologies,
    ledger,
    web,
    api,
    figures,
    reports,
    jobs,
)
APPEND_ONLY: tuple[str, ...] = tuple(
    table for module in METADATA_MODULES for table in getattr(module, "APPEND_ONLY", ())
)

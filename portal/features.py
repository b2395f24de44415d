"""Every feature that has pages, refusals or something to say on each page, in one list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint
from flask_babel import LazyString

from portal.access import messages as access_messages
from portal.access import views as access
from portal.accountability.apologies import batch_views as apology_batches
from portal.accountability.apologies import copy_views as apology_copies
from portal.accountability.apologies import messages as apology_messages
from portal.accountability.apologies import register_views as apology_register
from portal.accountability.apologies import template_views as apology_templates
from portal.accountability.apologies import views as apologies
from portal.accountability.breaches import messages as breach_messages
from portal.accountability.explanations import messages as explanation_messages
from portal.accountability.explanations import question_views as questions
from portal.accountability.explanations import views as explanations
from portal.accountability.followups import messages as followup_messages
from portal.accountability.followups import views as followups
from portal.accountability.incidents import messages as incident_messages
from portal.accountability.incidents import views as incidents
from portal.accountability.ledger import messages as ledger_messages
from portal.accountability.ledger import proposal_views as pause_proposals
from portal.accountability.ledger import term_views as terms
from portal.accountability.ledger import views as ledger
from portal.accountability.transfers import absences
from portal.accountability.transfers import messages as transfer_messages
from portal.accountability.transfers import views as transfers
from portal.accountability.violations import messages as violation_messages
from portal.accountability.violations import views as violations
from portal.api import endpoints as api_v1
from portal.api import messages as api_messages
from portal.api import views as api
from portal.audit import views as audit
from portal.calendars import change_views as calendar_changes
from portal.calendars import messages as calendar_messages
from portal.calendars import opening_views as calendar_years
from portal.calendars import views as calendars
from portal.cases import change_views as changes
from portal.cases import difference_views as differences
from portal.cases import messages as case_messages
from portal.cases import procedure_views as procedures
from portal.cases import views as cases
from portal.demo import hooks as demo
from portal.desk import navigation
from portal.desk import views as desk
from portal.directives import messages as urging_messages
from portal.directives import people_views as urging_people
from portal.directives import views as urging
from portal.directory import files as directory_files
from portal.directory import messages as directory_messages
from portal.directory import unit_changes
from portal.directory import views as directory
from portal.documents import messages as document_messages
from portal.evaluation import messages as evaluation_messages
from portal.evaluation import views as evaluation
from portal.figures import aggregate_views as aggregates
from portal.figures import days_views as days
from portal.figures import messages as figure_messages
from portal.figures import views as figures
from portal.impact import views as impact
from portal.imports import layouts
from portal.imports import messages as import_messages
from portal.imports import name_views as imports
from portal.jobs import messages as job_messages
from portal.jobs import views as jobs
from portal.notices import messages as notice_messages
from portal.notices import outbox_views as outbox
from portal.notices import views as notices
from portal.policy import messages as policy_messages
from portal.policy import views as policy
from portal.reports import aggregate_views as aggregate_files
from portal.reports import messages as report_messages
from portal.reports import views as reports
from portal.sources import messages as source_messages
from portal.sources import views as sources
from portal.web import views as web

BLUEPRINTS: tuple[Blueprint, ...] = (
    desk.home,
    desk.bp,
    web.bp,
    audit.bp,
    access.bp,
    absences.bp,
    notices.bp,
    outbox.bp,
    directory.bp,
    directory_files.bp,
    unit_changes.bp,
    calendars.bp,
    calendar_changes.bp,
    calendar_years.bp,
    policy.bp,
    cases.bp,
    changes.bp,
    differences.bp,
    procedures.bp,
    figures.bp,
    days.bp,
    aggregates.bp,
    explanations.bp,
    incidents.bp,
    questions.bp,
    apologies.bp,
    violations.bp,
    apology_copies.bp,
    apology_templates.bp,
    apology_batches.bp,
    apology_register.bp,
    followups.bp,
    ledger.bp,
    transfers.bp,
    terms.bp,
    pause_proposals.bp,
    urging.bp,
    urging_people.bp,
    evaluation.bp,
    sources.bp,
    imports.bp,
    impact.bp,
    layouts.bp,
    reports.bp,
    aggregate_files.bp,
    api.bp,
    api_v1.bp,
    jobs.bp,
)
REFUSALS: Mapping[str, LazyString] = {
    **access_messages.REFUSALS,
    **directory_messages.REFUSALS,
    **calendar_messages.REFUSALS,
    **policy_messages.REFUSALS,
    **case_messages.REFUSALS,
    **figure_messages.REFUSALS,
    **document_messages.REFUSALS,
    **notice_messages.REFUSALS,
    **breach_messages.REFUSALS,
    **ledger_messages.REFUSALS,
    **explanation_messages.REFUSALS,
    **incident_messages.REFUSALS,
    **apology_messages.REFUSALS,
    **violation_messages.REFUSALS,
    **followup_messages.REFUSALS,
    **transfer_messages.REFUSALS,
    **urging_messages.REFUSALS,
    **evaluation_messages.REFUSALS,
    **source_messages.REFUSALS,
    **import_messages.REFUSALS,
    **report_messages.REFUSALS,
    **api_messages.REFUSALS,
    **job_messages.REFUSALS,
}
STARTS: tuple[Callable[[], Any], ...] = (demo.start_request,)
CONTEXT: tuple[Callable[[], Mapping[str, Any]], ...] = (web.context, audit.context, demo.context, navigation.frame)

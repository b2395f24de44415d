"""The menu of the frame: one table of entries, shown by permission, in the order of the day's work."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import request, url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal import clock
from portal.calendars.queries import next_year_missing
from portal.desk.bell import Frame
from portal.guard import Permission, Viewer, viewer
from portal.policy.queries import next_year_from


def _no_values(_today: date) -> dict[str, Any]:
    return {}


def _this_year(today: date) -> dict[str, Any]:
    return {"year": today.year}


@dataclass(frozen=True)
class Entry:
    """One place of the menu. ``unless``: a permission whose holders have a better entry for the same thing."""

    label: LazyString
    endpoint: str
    permission: Permission
    more: bool = False
    unless: Permission | None = None
    values: Callable[[date], dict[str, Any]] = _no_values

    def is_for(self, who: Viewer) -> bool:
        """Whether the viewer's permissions show this entry."""
        return who.may(self.permission) and not (self.unless and who.may(self.unless))


@dataclass(frozen=True)
class Item:
    """An entry as the template draws it."""

    label: str
    url: str
    active: bool
    more: bool


ENTRIES: tuple[Entry, ...] = (
    Entry(_l("My work"), "home.index", Permission.SIGNED_IN),
    Entry(_l("Cases"), "cases.index", Permission.READ_CASES),
    Entry(_l("To conclude"), "explanations.queue", Permission.CONCLUDE),
    Entry(_l("Explanations"), "explanations.mine", Permission.WRITE_EXPLANATIONS, unless=Permission.CONCLUDE),
    Entry(_l("Apology letters"), "apologies.index", Permission.READ_LETTERS),
    Entry(_l("Figures"), "figures.units", Permission.READ_FIGURES),
    Entry(_l("Coverage"), "ledger.coverage", Permission.READ_COVERAGE),
    Entry(_l("Import"), "imports.index", Permission.IMPORT_CASES),
    Entry(_l("Urging notes"), "urging.index", Permission.READ_URGING, more=True),
    Entry(_l("Follow-ups"), "followups.index", Permission.READ_FOLLOWUPS),
    Entry(_l("Evaluation"), "evaluation.index", Permission.READ_EVALUATION, values=_this_year),
    Entry(_l("Duties to hand over"), "transfers.index", Permission.HAND_OVER_DUTIES, more=True),
    Entry(_l("Violations and complaints"), "violations.index", Permission.READ_VIOLATIONS, more=True),
    Entry(_l("Technical incidents"), "incidents.index", Permission.READ_INCIDENTS, more=True),
    Entry(_l("Questions to other bodies"), "questions.index", Permission.READ_INCIDENTS, more=True),
    Entry(_l("Counts beside the lists"), "aggregates.index", Permission.READ_FIGURES, more=True),
    Entry(_l("Reconcile"), "reports.index", Permission.READ_FIGURES, more=True),
    Entry(_l("Changes between imports"), "changes.index", Permission.READ_CASES, more=True),
    Entry(_l("Names to map"), "imports.names", Permission.MAP_NAMES, more=True),
    Entry(_l("Sources"), "sources.index", Permission.READ_SOURCES, more=True),
    Entry(_l("Units"), "directory.units", Permission.READ_DIRECTORY, more=True),
    Entry(_l("People"), "directory.people", Permission.READ_DIRECTORY, more=True),
    Entry(_l("Accounts"), "access.accounts", Permission.MANAGE_ACCOUNTS, more=True),
    Entry(_l("Tokens of programs"), "api.tokens", Permission.MANAGE_SETTINGS, more=True),
    Entry(_l("Terms of procedures"), "procedures.index", Permission.READ_CALENDAR, more=True),
    Entry(_l("Printed dates and our own count"), "differences.index", Permission.READ_CASES, more=True),
    Entry(_l("Forms of letters"), "apology_templates.index", Permission.MANAGE_SETTINGS, more=True),
    Entry(_l("Calendar"), "calendars.year", Permission.READ_CALENDAR, more=True, values=_this_year),
    Entry(_l("Trail"), "audit.index", Permission.READ_TRAIL, more=True),
    Entry(_l("Last night's jobs"), "jobs.index", Permission.READ_JOBS, more=True),
    Entry(_l("Outbox"), "outbox.index", Permission.MANAGE_SETTINGS, more=True),
)
EXACT = frozenset(entry.endpoint for entry in ENTRIES)


def items_for(who: Viewer, endpoint: str, today: date) -> Iterator[Item]:
    """The menu of a viewer who stands at ``endpoint``; a page without an entry lights up its feature's entry."""
    feature, near = endpoint.partition(".")[0], endpoint not in EXACT
    for entry in ENTRIES:
        if not entry.is_for(who):
            continue
        active = entry.endpoint == endpoint or (near and entry.endpoint.partition(".")[0] == feature)
        near = near and not active
        yield Item(
            label=str(entry.label),
            url=url_for(entry.endpoint, **entry.values(today)),
            active=active,
            more=entry.more,
        )


def missing_year() -> int | None:
    """The next year whose days off the viewer should open; asked only by a page that shows the banner."""
    if not viewer().may(Permission.MANAGE_SETTINGS):
        return None
    today = clock.today()
    return next_year_missing(today, next_year_from(today))


def frame() -> Mapping[str, Any]:
    """The menu of the viewer; the line "data as of", the bell and the missing year are read where they are shown."""
    menu = list(items_for(viewer(), request.endpoint or "", clock.today()))
    shown = Frame(viewer())
    read = {"data_as_of": shown.freshness_lines, "unread_notices": shown.unread, "missing_year": missing_year}
    return {"navigation": menu, **read}

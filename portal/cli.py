"""The ``portal`` command: assembles the sub-commands of the features."""

from __future__ import annotations

import click

from portal.access.cli import init
from portal.accountability.apologies.cli import apologies
from portal.accountability.ledger.cli import open_breaches, report_coverage
from portal.api.cli import api
from portal.app import create_app
from portal.calendars.cli import calendar
from portal.cases.cli import deadline
from portal.cases.term_cli import project, terms
from portal.cli_support import RESTORERS, PortalGroup
from portal.demo.cli import demo, serve
from portal.demo.hooks import restore_clock
from portal.directory.cli import directory
from portal.evaluation.cli import export_year
from portal.figures.cli import report_summary
from portal.imports.cli import import_cases, list_batches, undo
from portal.jobs.cli import jobs, scheduler
from portal.migrate import upgrade
from portal.notices.cli import notices
from portal.policy.cli import policy
from portal.reports.cli import figures
from portal.upkeep.cli import backup, doctor, restore


@click.group(cls=PortalGroup, context_settings={"obj": create_app})
def main() -> None:
    """Đúng Hạn: every late case explained, apologised for and concluded."""


@main.group()
def report() -> None:
    """Numbers for scripts and for people at a terminal."""


@main.group()
def evaluation() -> None:
    """The yearly evaluation."""


@main.group()
def accountability() -> None:
    """Breaches and their duties."""


@main.group()
def cases() -> None:
    """Case lists."""


report.add_command(report_summary)
report.add_command(report_coverage)
accountability.add_command(open_breaches)
cases.add_command(import_cases)
cases.add_command(undo)
cases.add_command(list_batches)
cases.add_command(project)
cases.add_command(terms)
evaluation.add_command(export_year)
main.add_command(upgrade)
main.add_command(serve)
main.add_command(demo)
main.add_command(init)
main.add_command(directory)
main.add_command(backup)
main.add_command(restore)
main.add_command(doctor)
main.add_command(scheduler)
main.add_command(jobs)
main.add_command(calendar)
main.add_command(deadline)
main.add_command(policy)
main.add_command(notices)
main.add_command(figures)
main.add_command(apologies)
main.add_command(api)
RESTORERS.append(restore_clock)

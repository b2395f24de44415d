"""What every command shares: the database option, one JSON object on stdout, exit codes, and who acts."""

from __future__ import annotations

import functools
import getpass
import json
import os
import sys
from collections.abc import Callable
from contextlib import nullcontext, redirect_stdout
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy.exc import ArgumentError, OperationalError

from portal import clock
from portal.audit import set_actor_label
from portal.config import ROOT, SECRET_MIN_LENGTH, Settings
from portal.database import allow_long_statements, db
from portal.deadlines import DayOutsideCalendar
from portal.logs import configure, logger
from portal.refusal import Refused, beyond_calendar
from portal.web.words import sentence

DONE, CRASHED, REFUSED = 0, 1, 2
AS_JSON = "portal.as_json"
log = logger(__name__)


class RefusedCommand(Exception):
    """A command says no: the words for stderr, and the whole JSON object that stands on stdout with ``--json``."""

    def __init__(self, words: str, answer: dict[str, Any] | None = None) -> None:
        super().__init__(words)
        self.answer = answer


class Day(click.ParamType[date]):
    """A day given as 2023-10-16 or 16/10/2023."""

    name = "day"

    def convert(self, value: Any, param: Any, ctx: Any) -> date:
        if isinstance(value, date):
            return value
        for shape in ("%Y-%m-%d", "%d/%m/%Y"):
            try:
                return datetime.strptime(value, shape).date()  # noqa: DTZ007 - a Vietnam day has no zone
            except ValueError:
                continue
        self.fail(f"«{value}» không phải là ngày; hãy viết 2023-10-16 hoặc 16/10/2023", param, ctx)


class Moment(click.ParamType[datetime]):
    """A Vietnam wall-clock moment; a bare day means its end."""

    name = "moment"

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime:
        if isinstance(value, datetime):
            return value
        text = str(value).strip().replace("T", " ")
        for shape in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M"):
            try:
                return datetime.strptime(text, shape)  # noqa: DTZ007 - wall time has no zone
            except ValueError:
                continue
        return clock.end_of(Day().convert(text, param, ctx))


DAY, MOMENT = Day(), Moment()


def settings_from(db_url: str | None) -> Settings:
    """The settings of a command: ``--db`` wins over the environment. Raises RefusedCommand naming what is missing."""
    environment: dict[str, Any] = {"database_url": db_url} if db_url else {}
    try:
        return Settings(**environment)
    except ValueError as error:
        fields = {str(item["loc"][0]) for item in error.errors()} if hasattr(error, "errors") else set()
        wanted = ", ".join(sorted(f"PORTAL_{name.upper()}" for name in fields))
        raise RefusedCommand(
            f"Thiếu hoặc sai cấu hình: {wanted}. Hãy đặt PORTAL_DATABASE_URL (hoặc --db URL) và PORTAL_SECRET_KEY "
            f"(ít nhất {SECRET_MIN_LENGTH} ký tự)."
        ) from error


def application(settings: Settings) -> Flask:
    """The application of a command. ``portal.cli`` puts the factory into the root context: this module stands below
    the features and must not know who assembles them."""
    if not settings.database_url.startswith(("sqlite:", "postgresql:", "postgresql+psycopg:")):
        raise RefusedCommand("Địa chỉ cơ sở dữ liệu không hợp lệ: cần sqlite:///… hoặc postgresql+psycopg://…")
    create_app: Callable[[Settings], Flask] = click.get_current_context().find_root().obj
    return create_app(settings)


class PortalGroup(click.Group):
    """The root of the commands: a mistyped command line is answered like any other refusal."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Remember how the answer is wanted: a line that cannot be read does not get as far as its options."""
        ctx.meta[AS_JSON] = "--json" in args
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the sub-command; without ``--json`` click's own words about a mistyped line stand."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            if not ctx.meta[AS_JSON] or isinstance(error, click.exceptions.NoArgsIsHelpError):
                raise
            command = error.ctx.command if error.ctx else self
            words = f"Dòng lệnh sai: {error.format_message()}"
            return refuse(RefusedCommand(words), True, getattr(command.callback, "refusal", None))


def _os_user() -> str:
    """The name of who runs the command; in a container a user may have a number only."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def demand_schema() -> None:
    """Refuse where the tables are missing or are not those of this program."""
    with db.engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_heads()
    wanted = ScriptDirectory(str(ROOT / "migrations")).get_heads()
    if set(present) != set(wanted):
        what = "còn ở lược đồ cũ" if present else "chưa có bảng nào"
        raise RefusedCommand(f"Cơ sở dữ liệu {what}: hãy chạy `portal upgrade` trước.")


def portal_command(
    refusal: Callable[[], dict[str, Any]] | None = None, *, needs_schema: bool = True
) -> Callable[..., Any]:
    """Make a function a command of the portal.

    Adds ``--db`` and ``--json``; opens an application context; the function gets its other options and returns the
    JSON object (a dict) to print, or None. With ``--json`` stdout is exactly one JSON object, also on refusal: the one
    of ``refusal()`` (all counts 0) with ``problems`` filled. Without it the function's own ``click.echo`` lines stand.
    Exit 0 done, 2 refused, 1 crashed. ``needs_schema``: refuse before ``portal upgrade`` has run.
    """

    def decorate(function: Callable[..., dict[str, Any] | None]) -> Callable[..., Any]:
        @click.option("--db", "db_url", metavar="URL", help="Database URL; default PORTAL_DATABASE_URL.")
        @click.option("--json", "as_json", is_flag=True, help="Print exactly one JSON object.")
        @functools.wraps(function)
        def run(db_url: str | None, as_json: bool, **options: Any) -> None:
            configure(os.environ.get("PORTAL_LOG_LEVEL", "INFO"))
            set_actor_label(f"command line: {_os_user()}")
            allow_long_statements()
            try:
                app = application(settings_from(db_url))
                with app.app_context():
                    try:
                        if needs_schema:
                            demand_schema()
                        restore_clock()
                        with redirect_stdout(sys.stderr) if as_json else nullcontext():
                            answer = function(**options)
                    except Refused as refused:
                        raise RefusedCommand(sentence(refused)) from refused
                    except DayOutsideCalendar as gap:
                        raise RefusedCommand(sentence(beyond_calendar(gap))) from gap
                    finally:
                        db.session.remove()
                        for engine in db.engines.values():
                            engine.dispose()
            except RefusedCommand as refused_command:
                refuse(refused_command, as_json, refusal)
            except OperationalError as error:
                words = f"Cơ sở dữ liệu không trả lời: {str(error.orig).splitlines()[0]}"
                refuse(RefusedCommand(words), as_json, refusal)
            except ArgumentError:
                refuse(RefusedCommand("Địa chỉ cơ sở dữ liệu không hợp lệ."), as_json, refusal)
            except click.ClickException:
                raise
            except Exception as error:
                log.error("command crashed", exc_info=error)
                if as_json:
                    emit({**(refusal() if refusal else {}), "error": "crashed"})
                sys.exit(CRASHED)
            else:
                if as_json:
                    emit(answer or {})

        run.refusal = refusal  # type: ignore[attr-defined]
        return run

    return decorate


RESTORERS: list[Callable[[], None]] = []


def restore_clock() -> None:
    """Let features that store a set clock (the demonstration) set it before a command runs."""
    for restore in RESTORERS:
        restore()


def refuse(error: RefusedCommand, as_json: bool, refusal: Callable[[], dict[str, Any]] | None) -> None:
    """Say no: the words on stderr, one object on stdout with ``--json``, exit 2."""
    click.echo(str(error), err=True)
    if as_json:
        answer = error.answer
        if answer is None:
            answer = refusal() if refusal else {}
            answer["problems"] = [{"row": None, "column": None, "value": None, "reason": str(error)}]
        emit(answer)
    sys.exit(REFUSED)


def emit(answer: dict[str, Any]) -> None:
    """Print one JSON object on stdout."""
    click.echo(json.dumps(answer, ensure_ascii=False, default=str))


def existing_file(path: str) -> Path:
    """The path of a readable file, or a refusal that names it."""
    found = Path(path)
    if not found.is_file():
        raise RefusedCommand(f"Không có tệp {path}.")
    return found


def write_out(path: Path, data: bytes) -> None:
    """Write what a command made, or refuse with the path and what stands in the way."""
    try:
        path.write_bytes(data)
    except OSError as error:
        raise RefusedCommand(f"Không ghi được tệp {path}: {error.strerror}.") from error

"""``portal demo``: make the demonstration database where there is none, then serve it on the loopback address."""

from __future__ import annotations

import functools
import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from flask import current_app
from sqlalchemy import func, inspect, select

from portal.access.models import User
from portal.cli_support import RefusedCommand, portal_command
from portal.config import ROOT
from portal.database import db
from portal.demo.hooks import stored_clock
from portal.demo.stage import build
from portal.demo.supervising import Supervisor
from portal.directory.models import Unit
from portal.migrate import migrate

ADDRESS = "127.0.0.1:8000"
FOLDER = ROOT / "var" / "demo"
PORTAL = "import sys; sys.argv[0] = 'portal'; from portal.cli import main; sys.exit(main())"
"""What the `portal` command runs, in a process of its own."""


def default_environment() -> None:
    """A newcomer sets nothing: the demonstration keeps its database, key and files in its own folder."""
    own = not os.environ.get("PORTAL_DATABASE_URL")
    if own or not os.environ.get("PORTAL_SECRET_KEY"):
        FOLDER.mkdir(parents=True, exist_ok=True)
    if own:
        os.environ["PORTAL_DATABASE_URL"] = f"sqlite:///{FOLDER / 'demo.db'}"
        os.environ.setdefault("PORTAL_DATA_DIR", str(FOLDER / "files"))
    if not os.environ.get("PORTAL_SECRET_KEY"):
        os.environ["PORTAL_SECRET_KEY"] = _own_key(FOLDER / "secret-key")


def _own_key(path: Path) -> str:
    """A random key of this machine's demonstration, made once, readable by its owner only."""
    if not path.exists():
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
    return path.read_text().strip()


def prepare() -> bool:
    """Make the demonstration in an empty database; True when it was made now, False when it was there.

    One that an earlier version of the portal made is brought to the present schema.

    Raises RefusedCommand when the database holds anything else: a demonstration never mixes with real records.
    """
    if stored_clock() is not None:
        migrate()
        return False
    if inspect(db.engine).has_table(Unit.__tablename__):
        used = db.session.scalar(select(func.count()).select_from(Unit)) or db.session.scalar(
            select(func.count()).select_from(User)
        )
        db.session.rollback()
        if used:
            raise RefusedCommand(
                "Cơ sở dữ liệu này đã có dữ liệu thật; dữ liệu minh hoạ chỉ được tạo trong cơ sở dữ liệu trống. "
                "(This database holds real records; the demonstration needs an empty one.)"
            )
    migrate()
    build(Path(current_app.config["SETTINGS"].data_dir))
    return True


def by_default(run: Callable[..., Any]) -> Callable[..., Any]:
    """Fill in what a newcomer did not set, before the command reads its settings."""

    @functools.wraps(run)
    def call(**options: Any) -> Any:
        default_environment()
        return run(**options)

    return call


@click.command()
@click.option("--no-serve", is_flag=True, help="Make the database and stop.")
@click.option("--bind", default=ADDRESS, show_default=True, help="Loopback address and port to listen on.")
@by_default
@portal_command(needs_schema=False)
def demo(no_serve: bool, bind: str) -> dict[str, Any]:
    """Make and serve the demonstration district on http://127.0.0.1:8000 (illustrative data)."""
    _demand_loopback(bind)
    made = prepare()
    click.echo("Dữ liệu minh hoạ đã sẵn sàng." if made else "Dữ liệu minh hoạ có sẵn được dùng lại.")
    if not no_serve:
        click.echo(f"Mở trình duyệt tại http://{bind}  ·  dừng: Ctrl-C")
        _supervise(bind, current_app.config["SQLALCHEMY_DATABASE_URI"])
    return {"demo": True, "made": made}


@click.command()
@click.option("--bind", default=ADDRESS, show_default=True, help="Address and port to listen on.")
@click.option("--workers", default=2, show_default=True)
@portal_command()
def serve(bind: str, workers: int) -> dict[str, Any]:
    """Serve the portal with gunicorn; put nginx with TLS in front of it, and `portal scheduler` beside it."""
    if stored_clock() is not None:
        _demand_loopback(bind)
    serve_on(bind, current_app.config["SQLALCHEMY_DATABASE_URI"], workers)
    return {}


def _demand_loopback(bind: str) -> None:
    """A demonstration lets anybody in without a password, so nobody else may reach it."""
    if not bind.startswith(("127.", "localhost")):
        raise RefusedCommand(
            "Bản minh hoạ chỉ phục vụ trên địa chỉ 127.0.0.1. (A demonstration is served on the loopback address only.)"
        )


def serve_on(bind: str, database_url: str, workers: int = 2) -> None:
    """Become gunicorn: this process is replaced, so that signals reach it directly."""
    _let_go()
    os.execve(sys.executable, _gunicorn(bind, database_url, workers), _environment(database_url))


def _supervise(bind: str, database_url: str) -> None:
    """Serve, with a scheduler beside the server; both end with this command."""
    _let_go()
    scheduler = [sys.executable, "-P", "-c", PORTAL, "scheduler"]
    code = Supervisor(_gunicorn(bind, database_url, 2), scheduler, _environment(database_url)).run()
    if code:
        sys.exit(code)


def _let_go() -> None:
    """Give back connections and write out what was said: what follows is another process."""
    db.session.remove()
    db.engine.dispose()
    sys.stdout.flush()
    sys.stderr.flush()


def _environment(database_url: str) -> dict[str, str]:
    return {**os.environ, "PORTAL_DATABASE_URL": database_url}


def _gunicorn(bind: str, database_url: str, workers: int) -> list[str]:
    if database_url.startswith("sqlite"):
        workers = 1  # one writer at a time in any case: a second process would only wait for the lock of the first
    return [
        sys.executable,
        "-m",
        "gunicorn",
        "wsgi:app",
        "--chdir",
        str(ROOT),
        "--bind",
        bind,
        "--workers",
        str(workers),
        "--worker-class",
        "gthread",
        "--threads",
        "8",
        "--no-control-socket",
        "--graceful-timeout",
        "30",
        "--forwarded-allow-ips",
        "127.0.0.1",
    ]

"""Lists at 100,000 cases against a bare page of 50 rows of the same table, and their plans."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from flask import Flask, render_template_string, request
from sqlalchemy import select, text

from bench.places import SECRET, Place, interleaved
from portal.access.models import AccountSession
from portal.access.queries import digest
from portal.app import create_app
from portal.cases.models import Case
from portal.cases.queries import CaseQuery
from portal.clock import standing_at
from portal.config import Settings
from portal.database import commit, copy_rows, db
from tests.access_to import cookie_of
from tests.cases.test_list_plans import (
    AT,
    COLUMNS,
    NOW,
    ids,
    refresh_statistics,
    rows_of,
    scans,
    single_filters,
    statements,
    viewers,
)  # fmt: skip
from tests.factories import Make

TIMES = 40
MOST_QUERIES = 12
MOST_RATIO = 3.0
PAGES = {
    "officer": "/cases", "head": "/cases", "monitoring_office": "/cases", "home_affairs": "/cases", "chair": "/cases",
}  # fmt: skip
BARE = """<!doctype html><title>bare</title><p>{{ name }}</p><table>{% for case in cases %}<tr><td>{{ case.code }}</td>
<td>{{ case.applicant_name }}</td><td>{{ case.received_at }}</td><td>{{ case.due_at }}</td>
<td>{{ case.finished_at }}</td>
<td>{{ case.status_text }}</td><td>{{ case.meaning }}</td><td>{{ case.officer_name }}</td></tr>{% endfor %}</table>"""


def measure(place: Place) -> Iterator[str]:
    """Each role's default list: ratio to the bare page and number of queries; then all plans."""
    url = place.new("lists")
    place.run(url, "upgrade")
    settings = Settings(database_url=url, secret_key=SECRET, data_dir=place.folder / "files")  # type: ignore[arg-type]
    app, bare = create_app(settings), bare_app(settings)
    with app.app_context():
        known = fill()
        people = {role: Make().in_role(role, None) for role in PAGES}
        cookies = {role: cookie_of(person, AT) for role, person in people.items()}
    with standing_at(AT):
        for role, path in PAGES.items():
            yield page_line(app, bare, role, path, cookies[role])
        with app.app_context():
            yield plan_line(known)
    for each in (app, bare):
        with each.app_context():
            db.session.remove()
            db.engine.dispose()


def fill() -> dict[str, list[int]]:
    """A year of 100,000 cases, spread over units, officers and procedures."""
    make = Make()
    known, source = ids(make), make.source().id
    with commit():
        copy_rows("cases", tuple(COLUMNS), rows_of(known, source))
    refresh_statistics()
    return known


def bare_app(settings: Settings) -> Flask:
    """The least a page of 50 rows needs: a session, its user, the rows, a template."""
    app = Flask("bare", template_folder=str(Path(__file__).parent))
    app.config.from_mapping(settings.for_flask())
    db.init_app(app)

    @app.get("/")
    def index() -> str:
        token = digest(request.cookies["sid"])
        session = db.session.scalars(select(AccountSession).where(AccountSession.token_hash == token)).one()
        cases = db.session.scalars(select(Case).order_by(Case.received_at, Case.id).limit(50)).all()
        return render_template_string(BARE, name=session.user.person.full_name, cases=cases)

    return app


def page_line(app: Flask, bare: Flask, role: str, path: str, cookie: str) -> str:
    """One role's list beside the bare page, request by request."""
    ours, floor = visit(app, path, cookie), visit(bare, "/", cookie)
    ours(), floor()
    with statements() as sent:
        ours()
    mine, least = interleaved(TIMES, ours, floor)
    return (
        f"{path} as {role}: {mine * 1000:.1f} ms, {mine / least:.1f} × a bare page of 50 rows "
        f"({least * 1000:.1f} ms; at most {MOST_RATIO:.0f}), {len(sent)} queries (at most {MOST_QUERIES})"
    )


def visit(app: Flask, path: str, cookie: str) -> Callable[[], Any]:
    """A request of a signed-in browser."""
    client = app.test_client()
    client.set_cookie("sid", cookie)

    def get() -> None:
        answer = client.get(path)
        assert answer.status_code == 200, answer.status

    return get


def plan_line(known: dict[str, list[int]]) -> str:
    """How many lists were asked for their plan, and which read the whole table."""
    asked, faults = 0, []
    for role, viewer in viewers(known).items():
        for name, filters in single_filters(known).items():
            with statements() as sent:
                CaseQuery.visible_to(viewer).filtered(filters, NOW).page(filters)
            asked += len(sent)
            faults += [f"{role}, {name}: {step}" for sql, values in sent for step in scans(sql, values)]
    db.session.execute(text("SELECT 1"))
    return f"plans of {asked} statements: " + ("no scan of all cases" if not faults else "; ".join(faults))

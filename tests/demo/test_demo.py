"""The demonstration: the letter's figures to the last case, the same on every run, marked on every page."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from portal.access.models import DemoCard, User
from portal.accountability.apologies.models import Apology, ApologyReturn
from portal.accountability.breaches.models import Breach
from portal.accountability.explanations.models import Explanation
from portal.accountability.followups.models import Followup
from portal.cases.models import Case, Procedure
from portal.database import db
from portal.demo.hooks import stored_clock
from portal.directory.models import Person, Unit
from tests.conftest import DATABASES, Client, Ran, run_command
from tests.databases import SECRET, application

CLOCK = datetime(2023, 10, 16, 9, 30)
MARK = "dữ liệu minh hoạ"
YEAR = ("--from", "2023-01-01", "--to", "2023-10-16")
LETTER = {"received": 15_935, "carried_over": 0, "withdrawn": 0, "late": 662, "open": 4_596}
OPEN = {"within_term": 4_200, "paused": 96, "overdue": 300, "open_no_term": 0}


pytestmark = pytest.mark.xdist_group("demo")
"""All in one process of the tests, so that each demonstration is built once."""


@dataclass(frozen=True)
class Demo:
    """A demonstration that the real command built in a database of its own."""

    url: str
    files: Path

    def run(self, *arguments: str) -> Ran:
        """One ``portal`` command on it."""
        return run_command(*arguments, url=self.url, data_dir=self.files)

    def build(self) -> None:
        """Make it in a process of its own, with its own seed of the hashes, as a visitor would."""
        environment = {
            **os.environ,
            "PORTAL_DATABASE_URL": self.url,
            "PORTAL_SECRET_KEY": SECRET,
            "PORTAL_DATA_DIR": str(self.files),
        }
        command = [str(Path(sys.executable).with_name("portal")), "demo", "--no-serve", "--json"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
        assert (done.returncode, json.loads(done.stdout)["made"]) == (0, True), done.stderr


Demos = Callable[[str], Demo]


@pytest.fixture(scope="module")
def demos(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demos]:
    """The demonstration on a database product: ``demos("sqlite")``, built when the first test asks for it."""
    built: dict[str, Demo] = {}

    def on(product: str) -> Demo:
        if product not in built:
            url = request.getfixturevalue(f"_{product}").empty()
            built[product] = Demo(url, tmp_path_factory.mktemp("demo"))
            built[product].build()
        return built[product]

    yield on
    for product, demo in built.items():
        request.getfixturevalue(f"_{product}").drop(demo.url)


@pytest.fixture(params=DATABASES)
def demo(request: pytest.FixtureRequest, demos: Demos) -> Demo:
    return demos(request.param)


@pytest.fixture
def district(demo: Demo) -> Iterator[Flask]:
    """The application on the demonstration, with a context for the test's own reading."""
    with application(demo.url, demo.files) as app:
        app.config["WTF_CSRF_ENABLED"] = False
        app.test_client_class = Client
        with app.app_context():
            yield app
            db.session.rollback()


def _enter(app: Flask, role: str) -> FlaskClient:
    """Sign in by the card of a role, as a visitor does."""
    user_id = db.session.scalar(
        select(User.id).join(DemoCard, DemoCard.person_id == User.person_id).where(DemoCard.role == role)
    )
    db.session.rollback()
    client = app.test_client()
    assert client.post("/sign-in/demo", data={"user_id": user_id}).status_code == 303
    return client


def _text(html: str) -> str:
    """What a reader sees: no tags, single spaces."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", html)))


def _rows(demo: Demo) -> list[Any]:
    """Every case and where its duties stand, without numbers that a database gives out."""
    statement = (
        select(
            Case.code, Procedure.code, Case.applicant_name, Unit.code, Case.officer_name, Case.channel,
            Case.received_at, Case.due_at, Case.finished_at, Case.returned_at, Case.meaning,
            Explanation.state, Explanation.happened, Explanation.due_on, Apology.state, Apology.number_text,
        )
        .join(Procedure, Procedure.id == Case.procedure_id)
        .join(Unit, Unit.id == Case.resolving_unit_id)
        .outerjoin(Breach, Breach.case_id == Case.id)
        .outerjoin(Explanation, Explanation.breach_id == Breach.id)
        .outerjoin(Apology, Apology.breach_id == Breach.id)
    )  # fmt: skip
    with application(demo.url, demo.files) as app, app.app_context():
        return sorted(tuple(row) for row in db.session.execute(statement))


def test_it_is_the_same_on_every_run(demos: Demos) -> None:
    """Two processes build the same, whatever the seed of their hashes and whichever the database.

    It stands first: later tests let commands run in the demonstration of one database.
    """
    first, second = _rows(demos("sqlite")), _rows(demos("postgresql"))

    assert len(first) == 15_935
    assert first == second


def test_figures_of_the_letter(demo: Demo) -> None:
    totals = demo.run("report", "summary", *YEAR, "--on", "2023-10-16").json["totals"]

    assert {name: totals[name] for name in LETTER} == LETTER
    assert {name: totals[name] for name in OPEN} == OPEN
    assert totals["early"] + totals["on_time"] == 10_677
    assert (totals["r1_pct"], totals["late_pct"]) == (94.16, 5.84)


@pytest.mark.parametrize("by", ("unit", "officer", "procedure"))
def test_rows_add_up_to_the_letter(demo: Demo, by: str) -> None:
    answer = demo.run("report", "summary", *YEAR, "--on", "2023-10-16", "--by", by).json

    for name in (*LETTER, *OPEN):
        assert sum(row[name] for row in answer["rows"]) == answer["totals"][name], name


def test_every_late_or_overdue_case_has_both_duties(demo: Demo) -> None:
    coverage = demo.run("report", "coverage", "--on", "2023-10-16").json

    assert (coverage["late_or_overdue"], coverage["breaches"], coverage["without_breach"]) == (962, 962, 0)
    assert (coverage["pending"], coverage["no_term"], coverage["stale"]) == (0, 0, 0)
    assert sum(coverage["explanations"].values()) == sum(coverage["apologies"].values()) == 962


def test_breaches_stand_in_every_state_of_the_road(demo: Demo) -> None:
    """All but cancelled, which would make a late case of the letter not late."""
    coverage = demo.run("report", "coverage", "--on", "2023-10-16").json

    for duty in ("explanations", "apologies"):
        empty = {state for state, count in coverage[duty].items() if not count}
        assert empty == {"cancelled"}, duty


def test_later_commands_stand_at_the_clock_of_the_demonstration(demo: Demo) -> None:
    assert demo.run("report", "summary", *YEAR).json["on"] == "2023-10-16"
    assert demo.run("report", "coverage").json["breaches"] == 962

    opened = demo.run("accountability", "open-breaches").json

    assert (opened["opened"], opened["already_open"]) == (0, 962)
    assert (opened["cases_late"], opened["cases_overdue"]) == (662, 300)


def test_a_second_call_uses_what_is_there(demo: Demo) -> None:
    ran = demo.run("demo", "--no-serve")

    assert (ran.exit_code, ran.json["made"]) == (0, False)
    assert demo.run("report", "summary", *YEAR).json["totals"]["received"] == 15_935


def test_no_case_falls_due_between_the_clock_and_the_end_of_its_day(district: Flask) -> None:
    assert stored_clock() == CLOCK

    midnight = datetime.combine(CLOCK.date(), time(23, 59, 59))
    between = select(func.count()).select_from(Case).where(Case.due_at.between(CLOCK, midnight))

    assert db.session.scalar(between) == 0


def test_district_is_the_one_of_the_letter(district: Flask) -> None:
    kinds = {kind: count for kind, count in db.session.execute(select(Unit.kind, func.count()).group_by(Unit.kind))}
    towns = db.session.scalars(select(Unit.name).where(Unit.kind == "commune", Unit.name.like("%thị trấn%"))).all()
    people = db.session.scalar(select(func.count()).select_from(Person)) or 0

    assert (kinds["commune"], len(towns)) == (12, 1)
    assert kinds["branch"] >= 1
    assert 100 <= people <= 140
    assert db.session.scalar(select(func.count()).select_from(Followup))


def test_board_of_the_office_says_what_the_letter_says(district: Flask) -> None:
    text = _text(_enter(district, "monitoring_office").get("/figures/units").text)

    for words in ("94,2 %", "5,8 %", "quá hạn 300", "95 %"):
        assert words in text
    assert re.search(r"thêm 96 hồ sơ đúng hạn\. .*1\.901 hồ sơ tiếp theo.* thêm 19 hồ sơ", text)


def test_every_page_says_that_the_data_are_illustrative(district: Flask) -> None:
    """Every address without a number in it, asked by one role after the other until one may read it."""
    roles = db.session.scalars(select(DemoCard.role)).all()
    clients = [district.test_client(), *(_enter(district, role) for role in roles)]
    plain = [
        rule.rule
        for rule in district.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments and rule.endpoint not in ("static", "web.healthz")
    ]
    read = [url for url in plain if any(_is_marked_page(client, url) for client in clients)]

    assert len(read) >= 12, read


def _is_marked_page(client: FlaskClient, url: str) -> bool:
    """Whether this client may read a page there; whatever is shown, also a refusal, says what the data are."""
    answer = client.get(url)
    if answer.mimetype != "text/html" or answer.status_code in (302, 303):
        return False
    assert MARK in _text(answer.text).lower(), url
    return answer.status_code == 200


def test_every_role_enters_by_its_card_to_work_that_waits(district: Flask) -> None:
    page = district.test_client().get("/sign-in").text

    assert page.count('data-role="') == db.session.scalar(select(func.count()).select_from(DemoCard))
    for role in ("officer", "clerk", "head", "monitoring_office", "home_affairs", "chair", "administrator", "auditor"):
        assert f'data-role="{role}"' in page
        assert _enter(district, role).get("/").status_code == 200


def test_what_changes_among_people_stands_on_the_home_page_of_whom_it_concerns(district: Flask) -> None:
    """Who left, who is on leave, the section that reads first, an objection, a letter sent back, "not mine"."""
    homes = {role: _text(_enter(district, role).get("/").text) for role in ("officer", "section_head", "head", "chair")}

    assert "Hôm nay ông/bà thay" in homes["officer"]
    assert "1 giải trình cần xem trước thủ trưởng" in homes["section_head"]
    assert "việc của người đã chuyển đi" in homes["head"] and "“không phải tôi”" in homes["head"]
    assert "1 kiến nghị phải xem xét" in homes["chair"]
    back = select(Apology.officer_id).join(ApologyReturn, ApologyReturn.apology_id == Apology.id)
    assert len(db.session.scalars(back).all()) == 1


def test_letters_of_the_demonstration_are_marked(demo: Demo, tmp_path: Path) -> None:
    with application(demo.url, demo.files) as app, app.app_context():
        ident = db.session.scalars(select(Apology.id).where(Apology.state == "sent").order_by(Apology.id)).first()
        to_mail = db.session.scalars(select(Apology.email).where(Apology.state == "numbered")).all()
        assert to_mail and all(email.endswith(".example") for email in to_mail)
    out = tmp_path / "letter.pdf"

    ran = demo.run("apologies", "render", str(ident), "--format", "pdf", "--out", str(out))

    assert ran.exit_code == 0, ran.stderr
    text = subprocess.run(["pdftotext", "-layout", str(out), "-"], capture_output=True, text=True, check=True).stdout
    assert MARK in text.lower()


def test_a_database_with_real_records_is_refused(portal: Callable[..., Ran], tmp_path: Path, database_url: str) -> None:
    sheet = tmp_path / "directory.csv"
    sheet.write_text("unit_code,unit_name,reports_in,managed_by,unit_kind\nH1,UBND huyện Thật,,,district\n", "utf-8")
    assert portal("directory", "import", str(sheet)).exit_code == 0

    refused = portal("demo", "--no-serve")

    assert refused.exit_code == 2
    assert json.loads(refused.stdout) and "dữ liệu thật" in refused.stderr
    assert portal("report", "coverage", "--on", "2023-10-16").json["breaches"] == 0

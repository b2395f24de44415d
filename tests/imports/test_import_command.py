"""``portal cases import``: the answer, the exit codes, and that a refusal writes nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from portal.cases.models import Case, Source
from portal.cli import main
from portal.database import db
from portal.imports.models import Batch
from tests.databases import SECRET
from tests.factories import Make
from tests.imports.lists import HEADINGS, OFFICER, UNIT, open_row, row, text, workbook

KEYS = {"batch", "rows", "new", "changed", "unchanged", "pending", "rejected", "problems", "warnings"}
ZERO = {"rows": 0, "new": 0, "changed": 0, "unchanged": 0, "pending": 0, "rejected": 0}


@pytest.fixture
def portal(database_url: str, app: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the command as a script would: exit code and the one object on stdout."""
    monkeypatch.setenv("PORTAL_SECRET_KEY", SECRET)
    monkeypatch.setenv("PORTAL_DATABASE_URL", database_url)

    def run(*arguments: str | Path) -> tuple[int, dict[str, Any]]:
        db.session.rollback()
        done = CliRunner().invoke(main, ["cases", "import", *map(str, arguments), "--json"], catch_exceptions=False)
        answer = json.loads(done.stdout)
        assert set(answer) == KEYS
        return done.exit_code, answer

    return run


@pytest.fixture
def unit(make: Make) -> Any:
    found = make.unit(UNIT, code="H16.25.01")
    make.officer(found, OFFICER)
    return found


def cases() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count(Case.id))) or 0


def test_an_applied_file(portal: Any, unit: Any, tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "l.xlsx", [row("A"), open_row("B", unit="Phòng Lạ"), row("C", due="sai"), row("D", due="")]
    )

    code, answer = portal(path, "--source", "iGate", "--as-of", "2023-10-16 08:00")

    assert code == 0
    assert {name: answer[name] for name in ZERO} == {
        "rows": 4, "new": 2, "changed": 0, "unchanged": 0, "pending": 1, "rejected": 1,
    }  # fmt: skip
    assert [(said["row"], said["column"], said["value"]) for said in answer["problems"]] == [
        (3, "Cơ quan giải quyết", "Phòng Lạ"),
        (4, "Ngày hẹn trả", "sai"),
    ]
    assert all(set(said) == {"row", "column", "value", "reason"} for said in answer["problems"] + answer["warnings"])
    assert {said["row"] for said in answer["warnings"]} == {2, 5}
    assert answer["problems"][1]["reason"].startswith("Không phải là ngày có thể có")
    batch = db.session.get_one(Batch, answer["batch"])
    assert (batch.source.name, batch.uploaded_by.split(":")[0]) == ("iGate", "command line")
    assert f"{batch.data_as_of:%Y-%m-%d %H:%M}" == "2023-10-16 08:00"


def test_a_bare_day_means_its_end(portal: Any, unit: Any, tmp_path: Path) -> None:
    _, answer = portal(text(tmp_path / "l.csv", [row("A")]), "--as-of", "16/10/2023")

    assert f"{db.session.get_one(Batch, answer['batch']).data_as_of}" == "2023-10-16 23:59:59"


def test_a_trial_writes_nothing(portal: Any, unit: Any, tmp_path: Path) -> None:
    path = text(tmp_path / "l.csv", [row("A"), row("B", unit="Phòng Lạ")])

    code, answer = portal(path, "--dry-run", "--create-unknown")

    assert (code, answer["batch"], answer["new"]) == (0, None, 2)
    assert cases() == 0
    assert not db.session.scalars(select(Source)).all()
    assert not db.session.scalars(select(Batch)).all()


def test_strict_refuses_one_bad_row(portal: Any, unit: Any, tmp_path: Path) -> None:
    code, answer = portal(text(tmp_path / "l.csv", [row("A"), row("B", due="sai")]), "--strict")

    assert (code, answer["batch"]) == (2, None)
    assert {name: answer[name] for name in ZERO} == ZERO
    assert [said["row"] for said in answer["problems"]] == [3]
    assert cases() == 0


@pytest.mark.parametrize("without", ["Mã hồ sơ", "Ngày tiếp nhận", "Ngày hẹn trả", "Cơ quan giải quyết"])
def test_a_missing_column_is_named(portal: Any, unit: Any, tmp_path: Path, without: str) -> None:
    place = HEADINGS.index(without)
    headings = [*HEADINGS[:place], *HEADINGS[place + 1 :]]
    line = [*row()[:place], *row()[place + 1 :]]

    code, answer = portal(workbook(tmp_path / "l.xlsx", [line], headings=headings, above=[["DANH SÁCH"], []]))

    assert code == 2
    assert {name: answer[name] for name in ZERO} == ZERO
    assert [(said["row"], said["column"]) for said in answer["problems"]] == [(3, without)]
    assert without in answer["problems"][0]["reason"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("l.xlsx", b""),
        ("l.xlsx", b"PK\x03\x04..."),
        ("l.docx", b"x"),
        ("l.csv", b"a,b\r\n1,2\r\n"),
        ("l.xlsx", b"%PDF-1.4"),
    ],
)
def test_a_bad_file_is_refused_in_one_object(portal: Any, tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    code, answer = portal(path)

    assert (code, answer["batch"]) == (2, None)
    assert {name: answer[name] for name in ZERO} == ZERO
    assert answer["problems"][0]["reason"]
    assert not db.session.scalars(select(Batch)).all()


def test_a_file_that_is_not_there(portal: Any, tmp_path: Path) -> None:
    code, answer = portal(tmp_path / "none.csv")

    assert (code, len(answer["problems"])) == (2, 1)


def test_a_day_that_has_not_come_is_refused(portal: Any, unit: Any, tmp_path: Path) -> None:
    code, answer = portal(text(tmp_path / "l.csv", [row("A")]), "--as-of", "2099-01-01")

    assert (code, answer["batch"]) == (2, None)


def test_the_same_file_twice(portal: Any, unit: Any, tmp_path: Path) -> None:
    path = text(tmp_path / "l.csv", [row("A"), open_row("B")])
    portal(path)

    code, answer = portal(path)

    assert (code, answer["unchanged"], answer["new"], answer["changed"]) == (0, 2, 0, 0)


def test_a_clean_database_needs_only_create_unknown(portal: Any, tmp_path: Path) -> None:
    code, answer = portal(text(tmp_path / "l.csv", [row("A"), open_row("B")], delimiter=";"), "--create-unknown")

    assert (code, answer["new"], answer["problems"], answer["warnings"]) == (0, 2, [], [])


def test_the_installed_command_keeps_stdout_clean(database_url: str, tmp_path: Path) -> None:
    path = text(tmp_path / "l.csv", [row("A")], encoding="utf-16")
    command = [
        str(Path(sys.executable).with_name("portal")),
        "cases",
        "import",
        str(path),
        "--create-unknown",
        "--json",
    ]

    done = subprocess.run(
        [*command, "--db", database_url],
        env={**os.environ, "PORTAL_SECRET_KEY": SECRET},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["new"] == 1
    assert done.stdout.count("\n") == 1

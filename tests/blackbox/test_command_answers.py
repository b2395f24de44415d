"""Every command answers scripts the same way: one object on stdout, an exit code, Vietnamese words on stderr."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Ran

Portal = Callable[..., Ran]

COMMANDS: dict[str, tuple[str, ...]] = {
    "summary": ("report", "summary", "--from", "2023-01-01", "--to", "2023-01-31", "--on", "2023-01-31"),
    "coverage": ("report", "coverage", "--on", "2023-10-16"),
    "open-breaches": ("accountability", "open-breaches", "--on", "2023-10-16"),
    "cases import": ("cases", "import", "/nowhere/list.csv"),
    "directory import": ("directory", "import", "/nowhere/directory.csv"),
    "init": ("init",),
    "backup": ("backup", "/nowhere/portal.backup"),
    "evaluation": ("evaluation", "export", "2023", "--out", "/nowhere/sheet.xlsx"),
    "render": ("apologies", "render", "1", "--format", "pdf", "--out", "/nowhere/letter.pdf"),
    "calendar": ("calendar", "list", "2023"),
    "policy": ("policy", "list"),
    "deadline": ("deadline", "--from", "2026-02-13 09:00", "--term", "3", "--unit", "working_days"),
}


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_before_upgrade_a_command_says_what_to_do(portal: Portal, empty_url: str, arguments: tuple[str, ...]) -> None:
    ran = portal(*arguments, url=empty_url)

    assert ran.exit_code == 2
    assert "portal upgrade" in ran.json["problems"][0]["reason"]
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_without_a_secret_a_command_names_it(portal: Portal, arguments: tuple[str, ...]) -> None:
    ran = portal(*arguments, secret="")

    assert ran.exit_code == 2
    assert ran.json["problems"][0]["reason"].startswith("Thiếu hoặc sai cấu hình: PORTAL_SECRET_KEY.")


@pytest.mark.parametrize(
    "arguments",
    [
        ("report", "summary", "--from", "2023-02-30", "--to", "2023-03-01"),
        ("report", "summary", "--to", "2023-03-01"),
        ("report", "summary", "--from", "2023-01-01", "--to", "2023-03-01", "--by", "colour"),
        ("report", "coverage", "--on", "the day before yesterday"),
        ("accountability", "open-breaches", "--on", "16-10"),
        ("cases", "import"),
        ("cases", "import", "list.csv", "--as-of", "noon"),
        ("cases", "import", "list.csv", "--what"),
        ("evaluation", "export", "year", "--out", "x.xlsx"),
        ("deadline", "--from", "2026-02-13 25:00", "--term", "3", "--unit", "working_days"),
        ("deadline", "--from", "2026-02-13", "--term", "-3", "--unit", "working_days"),
        ("deadline", "--from", "2026-02-13", "--term", "3", "--unit", "weeks"),
        ("deadline", "--from", "2026-02-13", "--term", "3", "--unit", "months", "--pause", "2026-02-14"),
        ("deadline", "--from", "2026-02-13", "--term", "3", "--unit", "months", "--pause", "2026-02-14..2026-02-13"),
        ("apologies", "render", "1", "--format", "odt", "--out", "x.odt"),
    ],
)
def test_a_mistyped_command_line_is_refused_in_one_object(portal: Portal, arguments: tuple[str, ...]) -> None:
    ran = portal(*arguments)

    assert ran.exit_code == 2
    assert ran.json["problems"][0]["reason"].startswith("Dòng lệnh sai: ")


def test_a_mistyped_import_keeps_the_shape_of_its_answer(portal: Portal) -> None:
    answer: dict[str, Any] = portal("cases", "import", "list.csv", "--as-of", "noon").json

    assert answer.pop("problems")
    assert answer == {
        "batch": None, "rows": 0, "new": 0, "changed": 0, "unchanged": 0, "pending": 0, "rejected": 0, "warnings": [],
    }  # fmt: skip


def test_a_folder_that_is_not_there_is_named_and_nothing_is_recorded(portal: Portal) -> None:
    ran = portal("evaluation", "export", "2023", "--out", "/nowhere/sheet.xlsx")

    assert ran.exit_code == 2
    assert ran.json["problems"][0]["reason"].startswith("Không ghi được tệp /nowhere/sheet.xlsx")
    assert (ran.json["year"], ran.json["file"], ran.json["officers"]) == (None, None, 0)


def test_a_refused_export_has_the_keys_of_a_done_one(portal: Portal, tmp_path: Path) -> None:
    done = portal("evaluation", "export", "2023", "--out", str(tmp_path / "sheet.xlsx"))
    refused = portal("evaluation", "export", "2099", "--out", str(tmp_path / "none.xlsx"))

    assert (done.exit_code, refused.exit_code) == (0, 2)
    assert set(refused.json) - {"problems"} == set(done.json)
    assert not (tmp_path / "none.xlsx").exists()


def test_a_backup_that_cannot_be_written_is_refused(portal: Portal, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")

    ran = portal("backup", str(tmp_path / "file" / "portal.backup"))

    assert ran.exit_code == 2
    assert ran.json["problems"][0]["reason"].startswith("Chưa sao lưu: ")


@pytest.mark.parametrize("url", ["nonsense", "mysql://x", "postgres://x", "sqlite:////nowhere/portal.db"])
def test_an_address_of_no_database_is_refused(portal: Portal, url: str) -> None:
    ran = portal("report", "coverage", "--on", "2023-10-16", url=url)

    assert ran.exit_code == 2
    assert ran.json["problems"][0]["reason"].startswith(("Địa chỉ cơ sở dữ liệu", "Cơ sở dữ liệu không trả lời"))

"""House rules that the linter cannot state."""

from __future__ import annotations

import ast
import hashlib
import re
from pathlib import Path

import pytest

from tests.house.sources import ROOT, calls, imported, modules, tracked

SESSION_WRITES = re.compile(r"(^|\.)session\.(commit|begin|begin_nested)$")
CLOCK_READS = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "time.localtime",
    "time.gmtime",
    "dt.datetime.now",
    "datetime.datetime.now",
    "datetime.date.today",
    "func.now",
    "func.current_timestamp",
    "func.current_date",
}
# A time stamp inside a statement would escape the set clock of the demonstration.
SQL_CLOCK = re.compile(r"\b(current_timestamp|current_date|localtimestamp|now\(\)|datetime\('now')", re.IGNORECASE)
# Written in two halves, so that this file names none of them itself.
HOSTS = tuple(one + other for one, other in (("py", "pi"), ("python", "hosted"), ("npm", "js"), ("arti", "factory")))
CDNS = tuple(one + other for one, other in (("unp", "kg.com"), ("js", "delivr")))
FOLDERS = tuple(f"/{name}/" for name in ("work", "root", "tmp"))
FOREIGN = re.compile("|".join(map(re.escape, (*HOSTS, *CDNS, *FOLDERS, "-index-" + "url"))), re.IGNORECASE)
CHECKSUMS = [str(path.relative_to(ROOT)) for path in sorted(ROOT.rglob("CHECKSUMS")) if ".venv" not in path.parts]


def test_views_contain_no_sql() -> None:
    wrong = []
    for name, tree in modules().items():
        if not name.endswith("/views.py") and "/views/" not in name or name == "portal/web/views.py":
            continue
        wrong += [f"{name}:{line} imports {what}" for what, line in imported(tree) if what.startswith("sqlalchemy")]
        wrong += [f"{name}:{line} calls {what}" for what, line in calls(tree) if "db.session" in what]

    assert not wrong


def test_only_the_database_module_commits() -> None:
    wrong = [
        f"{name}:{line} {what}"
        for name, tree in modules().items()
        if name != "portal/database.py"
        for what, line in calls(tree)
        if SESSION_WRITES.search(what)
    ]

    assert not wrong


def test_only_the_clock_reads_the_time() -> None:
    wrong = []
    for name, tree in modules().items():
        if name == "portal/clock.py":
            continue
        wrong += [f"{name}:{line} {what}" for what, line in calls(tree) if what in CLOCK_READS]
        texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
        documentation = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        wrong += [
            f"{name}:{text.lineno} {text.value!r}"
            for text in texts
            if id(text) not in documentation and SQL_CLOCK.search(str(text.value))
        ]

    assert not wrong


def test_tracked_files_name_no_machine_and_no_registry() -> None:
    wrong = []
    for name in tracked():
        if "/vendor/" in name or Path(name).suffix in {".ttf", ".woff2", ".png", ".xlsx", ".ico"}:
            continue
        lines = (ROOT / name).read_text(encoding="utf-8", errors="replace").splitlines()
        found = [(number, line) for number, line in enumerate(lines, 1) if FOREIGN.search(line)]
        wrong += [f"{name}:{number} {line.strip()[:80]}" for number, line in found]

    assert not wrong


@pytest.mark.parametrize("listing", CHECKSUMS)
def test_vendored_files_are_unchanged_copies(listing: str) -> None:
    folder = (ROOT / listing).parent
    lines = (ROOT / listing).read_text(encoding="utf-8").splitlines()
    expected = dict(reversed(line.split("  ", 1)) for line in lines if line and not line.startswith("#"))
    present = {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "CHECKSUMS"
    }

    assert present == expected
    assert any("LICENSE" in name for name in present)


def test_every_vendored_folder_has_checksums() -> None:
    assert {"portal/documents/fonts/CHECKSUMS", "static/vendor/CHECKSUMS", "tests/browser/vendor/CHECKSUMS"} <= set(
        CHECKSUMS
    )

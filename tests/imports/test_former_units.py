"""Files that name units of before: renamed ones are found, merged ones are asked for later cases, never moved."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from portal import clock
from portal.cases.models import Case
from portal.cli import main
from portal.database import commit, db
from portal.directory import reorganising
from portal.directory.models import Unit
from portal.directory.rules import SuccessionKind
from portal.imports.matching import with_candidates
from portal.imports.models import SourceName
from tests.databases import SECRET
from tests.factories import Make
from tests.imports.lists import UNIT, open_row, row, text

TAKEN_OVER = date(2023, 10, 5)
AS_OF = "2023-10-16 16:00"


@pytest.fixture
def portal(database_url: str, app: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("PORTAL_SECRET_KEY", SECRET)

    def run(path: Path) -> dict[str, Any]:
        db.session.rollback()
        arguments = ["cases", "import", str(path), "--as-of", AS_OF, "--json", "--db", database_url]
        answer: dict[str, Any] = json.loads(CliRunner().invoke(main, arguments, catch_exceptions=False).stdout)
        return answer

    return run


def units_of_cases() -> dict[str, str]:
    db.session.rollback()
    found = select(Case.code, Unit.name).join(Unit, Unit.id == Case.resolving_unit_id)
    return {code: name for code, name in db.session.execute(found)}


@pytest.fixture
def merged(make: Make) -> Unit:
    """The commune of the lists, merged into a new one on 5 October; gives the new one."""
    old, new = make.unit(UNIT, code="OLD"), make.unit("UBND xã Krông Nô", code="NEW", valid_from=TAKEN_OVER)
    ids = old.id, new.id
    db.session.rollback()
    with commit():
        former, successor = (db.session.get_one(Unit, ident) for ident in ids)
        reorganising.succeed(
            [former], [successor], SuccessionKind.MERGE, on=TAKEN_OVER, document=reorganising.Document("NQ 1671"),
            keep={}, by=None, at=clock.now(),
        )  # fmt: skip
    return db.session.get_one(Unit, ids[1])


def test_a_file_with_the_former_name_finds_the_renamed_unit(portal: Any, make: Make, tmp_path: Path) -> None:
    unit = make.unit(UNIT)
    unit_id = unit.id
    db.session.rollback()
    with commit():
        reorganising.rename_unit(
            db.session.get_one(Unit, unit_id), "UBND xã Tên Mới", on=TAKEN_OVER, today=date(2023, 10, 16),
            document="NQ 5", by=None, at=clock.now(),
        )  # fmt: skip

    answer = portal(
        text(tmp_path / "l.csv", [row("A"), open_row("B", received="06/10/2023 08:00", unit="UBND xã Tên Mới")])
    )

    assert (answer["new"], answer["pending"]) == (2, 0)
    assert set(units_of_cases().values()) == {"UBND xã Tên Mới"}


@pytest.mark.parametrize("said", [UNIT, "OLD"])
def test_a_later_case_of_a_merged_unit_is_asked(portal: Any, merged: Unit, tmp_path: Path, said: str) -> None:
    rows = [row("A", unit=said), open_row("B", received="06/10/2023 08:00", unit=said)]

    answer = portal(text(tmp_path / "l.csv", rows))

    assert (answer["new"], answer["pending"]) == (1, 1)
    assert units_of_cases() == {"A": UNIT}


def test_the_successor_is_proposed(portal: Any, merged: Unit, tmp_path: Path) -> None:
    merged_id = merged.id
    portal(text(tmp_path / "l.csv", [open_row("B", received="06/10/2023 08:00")]))

    names = db.session.scalars(select(SourceName).where(SourceName.kind == "unit")).all()
    [waiting] = with_candidates(names, date(2023, 10, 16), {})

    assert waiting.proposed == waiting.candidates[0].id == merged_id


def test_a_mapped_name_moves_only_later_cases(portal: Any, merged: Unit, tmp_path: Path) -> None:
    rows = [row("A"), open_row("B", received="06/10/2023 08:00")]
    new_id = merged.id
    portal(text(tmp_path / "l.csv", rows))
    name_id = db.session.scalars(select(SourceName.id).where(SourceName.kind == "unit")).one()
    db.session.rollback()
    with commit():
        name = db.session.get_one(SourceName, name_id)
        name.state, name.unit_match = "mapped", new_id

    portal(text(tmp_path / "l.csv", rows))

    assert units_of_cases() == {"A": UNIT, "B": "UBND xã Krông Nô"}

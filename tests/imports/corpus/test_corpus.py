"""Every file of the corpus, through the real reader and the checks, against what was written down by hand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from portal.imports.checking import Draft, check
from portal.imports.listing import list_of
from portal.imports.moments import Moment
from portal.imports.preparing import demand_sure
from portal.imports.reading import FileFault, read
from portal.imports.rules import Fact
from tests.imports.corpus.cases import HOSTILE, TEXT, WORKBOOKS, Expected
from tests.imports.corpus.files import U

NOW = datetime(2026, 11, 21, 8, 0)
MOST_MIB = 300
ROOT = Path(__file__).parents[3]


def written(moment: Moment | None) -> str:
    if moment is None:
        return "–"
    return f"{moment.at:%d/%m/%Y %H:%M}" if moment.has_clock else f"{moment.at:%d/%m/%Y}"


def said_of(draft: Draft) -> str:
    """An accepted row as the corpus writes it."""
    moments = [written(draft.moments.get(fact)) for fact in (Fact.RECEIVED, Fact.DUE, Fact.FINISHED)]
    unit = draft.text(Fact.UNIT)
    return " | ".join([draft.code, *moments, *([] if unit == U else [unit])])


def one_of(refused: str | tuple[str, ...]) -> tuple[str, ...]:
    return (refused,) if isinstance(refused, str) else refused


def stored(folder: Path, expected: Expected) -> Path:
    path = folder / expected.name
    path.write_bytes(expected.build())
    return path


@pytest.mark.parametrize("expected", [*TEXT, *WORKBOOKS], ids=lambda expected: f"{expected.name}-{expected.sheet}")
def test_a_file_is_read_as_it_was_meant_or_refused_with_the_reason(tmp_path: Path, expected: Expected) -> None:
    path = stored(tmp_path, expected)
    if expected.refused:
        with pytest.raises(FileFault) as caught:
            demand_sure(list_of(read(path, path.name), sheet=expected.sheet).header)
        assert caught.value.reason in one_of(expected.refused)
        assert {name: caught.value.facts.get(name) for name in expected.where} == expected.where
        return

    listed = list_of(read(path, path.name), sheet=expected.sheet)
    checked = check(listed, now=NOW)

    assert {draft.row: said_of(draft) for draft in checked.drafts} == expected.rows
    rejected = {remark.row: (remark.column, remark.value, remark.reason) for remark in checked.rejected}
    assert rejected == expected.rejected


@pytest.mark.parametrize("expected", HOSTILE, ids=lambda expected: expected.name)
def test_a_hostile_file_costs_little_and_the_worker_lives(tmp_path: Path, expected: Expected) -> None:
    path = stored(tmp_path, expected)
    command = [sys.executable, "-m", "tests.imports.corpus.measure", str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    outcome = json.loads(done.stdout)
    if log := os.environ.get("CORPUS_LOG"):
        with Path(log).open("a") as file:
            file.write(f"{expected.name} {path.stat().st_size} {outcome}\n")
    if "fault" in outcome or not expected.rows:
        assert outcome.get("fault") in one_of(expected.refused)
    else:
        assert outcome["rows"] == len(expected.rows)
    assert outcome["child"] <= MOST_MIB
    assert outcome["worker"] <= MOST_MIB

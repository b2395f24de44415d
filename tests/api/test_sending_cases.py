"""Cases sent by programs: each item has its outcome, one key has one effect, and files say the same."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.accountability.breaches.models import Breach
from portal.api.models import ApiAnswer
from portal.audit.models import AuditEvent
from portal.cases.models import Case, CaseChange, Source
from portal.database import db
from portal.directory.models import Unit
from portal.imports.models import Batch, PendingRow
from tests.api.conftest import SOURCE, Programs, case, open_case
from tests.imports.lists import HEADINGS, OFFICER, PROCEDURE, UNIT, text


def count(model: Any) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def outcomes(answer: Any) -> list[str]:
    return [item["outcome"] for item in answer.json["items"]]


def test_cases_are_taken_and_each_says_what_became_of_it(program: Programs, unit: Unit) -> None:
    sender = program()
    sender.send([open_case("A"), open_case("B")])

    answer = sender.send(
        [
            case("A"),
            open_case("B"),
            case("C"),
            open_case("D", resolving_unit="Phòng Lạ"),
            open_case("E", due_at="30/02/2023"),
            case("C"),
        ]
    )

    assert answer.status_code == 200
    assert outcomes(answer) == ["changed", "unchanged", "new", "pending", "rejected", "unchanged"]
    assert answer.json["counts"] == {"rows": 6, "new": 1, "changed": 1, "unchanged": 2, "pending": 1, "rejected": 1}
    assert answer.json["applied"] is True
    waits, refused = answer.json["items"][3]["problems"][0], answer.json["items"][4]["problems"][0]
    assert (waits["row"], waits["field"], waits["value"], waits["reason"]) == (
        4,
        "resolving_unit",
        "Phòng Lạ",
        "unit_unknown",
    )
    assert (refused["row"], refused["field"], refused["value"]) == (5, "due_at", "30/02/2023")
    assert refused["vi"].startswith("Không phải là ngày") and refused["en"].startswith("This is no possible date")
    assert (count(Case), count(PendingRow)) == (3, 1)


def test_what_is_late_gets_its_duties_and_the_trail_names_the_token(program: Programs, unit: Unit) -> None:
    answer = program().send([case("A", finished_at="2023-10-12T09:00:00")])

    assert count(Breach) == 1
    batch = db.session.get_one(Batch, answer.json["batch"])
    assert batch.state == "applied" and batch.uploaded_by.startswith("API: Trục LGSP (dh_")
    actors = set(db.session.scalars(select(AuditEvent.actor).where(AuditEvent.kind == "batch.applied")))
    assert actors == {batch.uploaded_by}


def test_strict_writes_nothing_where_one_item_would_not_be_taken(program: Programs, unit: Unit) -> None:
    sender = program()

    refused = sender.send([case("A"), open_case("B", resolving_unit="Phòng Lạ")], strict=True)
    taken = sender.send([case("A")], strict=True)

    assert (refused.status_code, refused.json["applied"], refused.json["batch"]) == (200, False, None)
    assert outcomes(refused) == ["new", "pending"]
    assert (taken.json["applied"], count(Case), count(PendingRow), count(Batch)) == (True, 1, 0, 1)


def test_the_same_key_with_the_same_body_has_one_effect(program: Programs, unit: Unit) -> None:
    sender = program()
    first = sender.send([open_case("A"), open_case("B", due_at="sai")], key="k:1")

    again = sender.send([open_case("A"), open_case("B", due_at="sai")], key="k:1")

    assert (again.status_code, again.data) == (200, first.data)
    assert again.headers["Idempotent-Replayed"] == "true" and "Idempotent-Replayed" not in first.headers
    assert (count(Batch), count(ApiAnswer)) == (1, 1)


def test_the_same_key_with_another_body_or_address_is_refused(program: Programs, unit: Unit) -> None:
    sender = program()
    sender.send([open_case("A")], key="k:1")

    other = sender.send([open_case("B")], key="k:1")
    elsewhere = sender.post(
        "national/DongBoHoSoMC",
        {"data": [{"MaHoSo": "X", "NgayTiepNhan": None, "NgayHenTra": None, "DonViXuLy": None}]},
        "k:1",
    )

    assert (other.status_code, other.json["code"]) == (409, "key_reused")
    assert (elsewhere.status_code, elsewhere.json["code"]) == (409, "key_reused")
    assert (count(Case), count(Batch)) == (1, 1)


def test_keys_of_two_tokens_are_two_keys(program: Programs, unit: Unit) -> None:
    program().send([open_case("A")], key="k:1")

    assert "Idempotent-Replayed" not in program().send([open_case("A")], key="k:1").headers


def test_two_requests_with_one_key_at_once_have_one_effect(app: Flask, program: Programs, unit: Unit) -> None:
    sender = program()
    body = json.dumps({"cases": [open_case(f"A{n}") for n in range(20)]}).encode()
    headers = sender.headers(**{"Idempotency-Key": "race"})

    def post(_n: int) -> Any:
        return app.test_client(use_cookies=False).post("/api/v1/cases:batch", data=body, headers=headers)

    db.session.rollback()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(post, range(4)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.data for answer in answers}) == 1
    assert (count(Batch), count(Case)) == (1, 20)


@pytest.mark.parametrize("key", [None, "", "a b", "ă", "x" * 101])
def test_a_key_is_needed(program: Programs, unit: Unit, key: str | None) -> None:
    answer = program().send([case("A")], key=key)

    assert (answer.status_code, answer.json["code"], count(Batch)) == (400, "bad_key", 0)


def test_a_fact_that_no_case_carries_takes_nothing_away(program: Programs, unit: Unit) -> None:
    sender = program()
    sender.send([case("A")])
    told = {name: open_case("A")[name] for name in ("code", "received_at", "due_at", "resolving_unit")}

    answer = sender.send([told])

    assert outcomes(answer) == ["unchanged"]
    assert db.session.scalars(select(Case.officer_name)).one() == OFFICER


def test_an_instant_is_written_as_the_clocks_of_vietnam_show_it(program: Programs, unit: Unit) -> None:
    program().send([case("A", received_at="2023-10-02T01:00:00Z", due_at="2023-10-10", finished_at=None, status="4")])

    found = db.session.scalars(select(Case)).one()
    assert f"{found.received_at:%d/%m/%Y %H:%M}" == "02/10/2023 08:00"
    assert (f"{found.due_at:%H:%M:%S}", found.due_precision) == ("23:59:59", "day")


def test_without_a_moment_the_data_are_of_now(program: Programs, unit: Unit) -> None:
    sender = program()
    sender.post("cases:batch", {"cases": [open_case("A")]})

    answer = sender.post("cases:batch", {"cases": [open_case("A", officer="Ai Đó")]})

    assert outcomes(answer) == ["changed"]


def test_data_of_tomorrow_are_refused(program: Programs, unit: Unit) -> None:
    answer = program().send([case("A")], data_as_of="9999-12-31T23:59:59-11:00")

    assert (answer.status_code, answer.mimetype, count(Batch)) == (409, "application/problem+json", 0)


def test_older_data_change_nothing(program: Programs, unit: Unit) -> None:
    sender = program()
    sender.send([case("A")])

    answer = sender.send([open_case("A")], data_as_of="2023-10-11T08:00:00+07:00")

    assert outcomes(answer) == ["unchanged"]
    assert answer.json["items"][0]["warnings"][0]["reason"] == "newer_facts_kept"
    assert count(CaseChange) == 0


MESSY = [
    ["1", "A", PROCEDURE, "Lê An", "02/10/2023 08:00", "10/10/2023 17:00", "12/10/2023", "Kết thúc", UNIT, OFFICER],
    ["2", "B", PROCEDURE, "Lê An", "02/10/2023", "10/10/2023", "", "Đang xử lý", "Phòng Lạ", OFFICER],
    ["3", "C", "", "Lê An", "31/02/2023", "10/10/2023", "", "Đang xử lý", UNIT, OFFICER],
    ["4", "D", "Thủ tục lạ", "", "02/10/2023", "", "", "Trạng thái lạ", UNIT, "Người Lạ"],
    ["5", "E", PROCEDURE, "Lê An", "12/10/2023", "10/10/2023", "", "4", UNIT, ""],
    ["6", "", PROCEDURE, "Lê An", "02/10/2023", "10/10/2023", "", "4", UNIT, ""],
    ["7", "F", PROCEDURE, "Lê An", "02/10/2023", "10/10/2023", "", "4", UNIT, ""],
    ["8", "F", PROCEDURE, "Lê An", "02/10/2023", "11/10/2023", "", "4", UNIT, ""],
    ["9", "G", PROCEDURE, "Lê An", "02/10/2023", "10/10/2023", "", "Đã xử lý xong", UNIT, ""],
    ["10", "H", PROCEDURE, "Lê An 012345678901", "2023-10-02", "10/10/2023", "09/10/2023 14:00", "9", "h16.25.01", ""],
    ["11", "H", PROCEDURE, "Lê An 012345678901", "2023-10-02", "10/10/2023", "09/10/2023 14:00", "9", "h16.25.01", ""],
    ["12", "I", PROCEDURE, "Lê An", "02/10/2023", "10/10/2023", "20/10/2023", "9", UNIT, ""],
]  # fmt: skip
NAMES = (
    "code", "procedure", "applicant", "received_at", "due_at", "finished_at", "status", "resolving_unit", "officer",
)  # fmt: skip


def test_page_command_and_program_count_alike(
    program: Programs, unit: Unit, signed_in: Callable[..., Any], portal: Callable[..., Any], tmp_path: Path
) -> None:
    path = text(tmp_path / "ds.csv", MESSY, headings=HEADINGS)
    ran = portal("cases", "import", str(path), "--source", SOURCE, "--as-of", "2023-10-16 16:00", "--dry-run").json
    office = signed_in("monitoring_office", unit)
    data = {
        "file": (io.BytesIO(path.read_bytes()), "ds.csv"),
        "source": SOURCE,
        "order": "day_first",
        "as_of": "16/10/2023 16:00",
    }
    office.post("/imports", data=data, content_type="multipart/form-data")
    db.session.rollback()
    on_page = db.session.scalars(select(Batch)).one().counts

    answer = program().send([dict(zip(NAMES, row[1:], strict=True)) for row in MESSY])

    by_command = {name: ran[name] for name in on_page}
    assert answer.json["counts"] == on_page == by_command
    assert on_page == {"rows": 12, "new": 4, "changed": 0, "unchanged": 1, "pending": 1, "rejected": 6}
    problems = [one for item in answer.json["items"] for one in item["problems"]]
    assert [one["vi"] for one in problems] == [
        one["reason"].replace("dòng 8, 9", "dòng 7, 8") for one in ran["problems"]
    ]


def test_what_came_of_a_batch_can_be_asked(program: Programs, unit: Unit) -> None:
    sender = program()
    sent = sender.send([case("A"), open_case("B", resolving_unit="Phòng Lạ")]).json

    answer = sender.get(f"batches/{sent['batch']}")

    assert answer.status_code == 200
    assert answer.json["counts"] == sent["counts"]
    assert (answer.json["state"], answer.json["door"], answer.json["applied"]) == ("applied", "api", True)
    assert answer.json["data_as_of"] == "2023-10-16T16:00:00+07:00"
    assert [one["reason"] for one in answer.json["problems"]] == ["unit_unknown"]


def test_a_token_reads_only_what_is_of_its_source(program: Programs, unit: Unit) -> None:
    sent = program().send([case("A")]).json
    other = program("Nguồn khác")

    answers = [other.get(f"batches/{number}") for number in (sent["batch"], 999, 0, 2**31)]

    assert {answer.status_code for answer in answers} == {404}
    assert {answer.mimetype for answer in answers} == {"application/problem+json"}
    assert answers[0].json["detail"] == answers[1].json["detail"]


def test_a_token_writes_only_for_its_source(program: Programs, unit: Unit, make: Any) -> None:
    make.source("Hệ thống khác")

    sent = program("Hệ thống khác").send([case("A")]).json

    found = db.session.get_one(Batch, sent["batch"])
    assert (found.source.name, count(Source)) == ("Hệ thống khác", 1)


def test_the_body_is_kept_like_an_uploaded_file(app: Flask, program: Programs, unit: Unit) -> None:
    sent = program().send([case("A")]).json

    batch = db.session.get_one(Batch, sent["batch"])
    kept = Path(app.config["SETTINGS"].data_dir) / "imports" / batch.file_sha256[:2] / batch.file_sha256
    assert json.loads(kept.read_bytes())["cases"][0]["code"] == "A"


def test_nothing_of_a_body_is_written_to_the_log(program: Programs, unit: Unit, capfd: Any, caplog: Any) -> None:
    sender = program()
    secret = "Người Rất Riêng Tư"

    sender.send([case("A", applicant=secret), open_case("B", due_at=secret, resolving_unit=secret)])
    sender.post("cases:batch", {"cases": [{**case("A"), "applicant": [secret], secret: secret}]})
    sender.post("cases:batch", f'{{"cases": "{secret}'.encode())

    written = "".join(capfd.readouterr()) + caplog.text
    assert secret not in written and sender.token not in written

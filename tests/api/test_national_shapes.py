"""DongBoHoSoMC and CapNhatTienDoHoSoMC: the national shapes on the same door."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from portal.audit.models import AuditEvent
from portal.cases.models import Case, CaseChange, CaseStep, Pause, SourceUnit
from portal.database import db
from portal.directory.models import Unit
from portal.imports.models import Batch
from portal.imports.undoing import built_on
from tests.api.conftest import Program, Programs
from tests.imports.lists import OFFICER, UNIT

SECRETS = ("066201001234", "0905123456", "an.le@example.com", "12 Nguyễn Trãi", "024-3825")


def told(code: str = "H20-01", **more: Any) -> dict[str, Any]:
    """A case as the national shape has it, with all that is not kept."""
    case = {
        "MaHoSo": code, "MaTTHC": "1.004199", "TenTTHC": "Đăng ký biến động", "MaLinhVuc": "G15",
        "TenLinhVuc": "Đất đai", "SoBienNhan": "77", "ChuHoSo": "Lê Thị An", "LoaiDoiTuong": "1",
        "MaDoiTuong": SECRETS[0], "ThongTinKhac": SECRETS[3], "Email": SECRETS[2], "Fax": SECRETS[4],
        "SoDienThoai": SECRETS[1], "TrichYeuHoSo": "Cấp đổi giấy chứng nhận", "NgayTiepNhan": "20231002080000",
        "NgayHenTra": "20231010170000", "TrangThaiHoSo": "4", "NgayTra": "", "ThongTinTra": "", "HinhThuc": "0",
        "NgayKetThucXuLy": "", "DonViXuLy": UNIT, "GhiChu": f"gọi {SECRETS[1]}", "KenhThucHien": "2",
        "TaiLieuNop": [{"TenTepDinhKem": "cccd.pdf", "DuongDanTaiTepTin": "https://x/" + SECRETS[0]}],
        "DanhSachLePhi": [], "DanhSachTepDinhKemKhac": [], "DanhSachGiayToKetQua": [],
    }  # fmt: skip
    return {**case, **more}


def supplement(number: str = "BS-1", asked: str = "20231004090000", came: str = "", **more: Any) -> dict[str, Any]:
    facts = {
        "HoSoBoSungId": number, "NguoiYeuCauBoSung": OFFICER, "NoiDungBoSung": f"Bổ sung bản sao, gọi {SECRETS[1]}",
        "NgayBoSung": asked, "NgayTiepNhanBoSung": came, "TrangThaiBoSung": "0", "NgayHenTraTruoc": "20231010170000",
        "NgayHenTraMoi": "20231012170000",
    }  # fmt: skip
    return {**facts, **more}


def step(code: str = "H20-01", at: str = "20231004090000", **more: Any) -> dict[str, Any]:
    facts = {
        "MaHoSo": code, "NguoiXuLy": OFFICER, "ChucDanh": "Chuyên viên", "ThoiDiemXuLy": at,
        "PhongBanXuLy": "Phòng TNMT", "NoiDungXuLy": "Thẩm định", "TrangThai": "4", "NgayBatDau": "20231004080000",
        "NgayKetThucTheoQuyDinh": "20231006170000",
    }  # fmt: skip
    return {**facts, **more}


def send(sender: Program, *cases: dict[str, Any], key: str | None = None, **more: Any) -> Any:
    return sender.post("national/DongBoHoSoMC", {"isUpdating": "False", "data": list(cases), **more}, key)


def send_steps(sender: Program, *steps: dict[str, Any], key: str | None = None) -> Any:
    return sender.post("national/CapNhatTienDoHoSoMC", {"data": list(steps)}, key)


def count(model: Any) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_national_case_becomes_a_case(program: Programs, unit: Unit) -> None:
    answer = send(program(), told())

    assert (answer.status_code, answer.json["error_code"]) == (200, "00")
    assert [item["outcome"] for item in answer.json["items"]] == ["new"]
    case = db.session.scalars(select(Case)).one()
    assert (case.code, case.resolving_unit_id, case.channel, case.meaning) == ("H20-01", unit.id, "online", "open")
    assert (case.received_at, case.due_at) == (datetime(2023, 10, 2, 8), datetime(2023, 10, 10, 17))
    assert (case.status_text, case.applicant_name) == ("Đang xử lý", "Lê Thị An")


@pytest.mark.parametrize(
    ("status", "end", "meaning"),
    [
        ("1", "", "not_counted"), ("2", "", "open"), ("3", "", "not_counted"), (4, "", "open"), ("5", "", "paused"),
        ("6", "", "paused"), ("7", "20231009100000", "withdrawn"), ("8", "20231009100000", "refused"),
        ("9", "20231009100000", "finished"), (10, 20231009100000, "finished"), ("09", "20231009100000", "finished"),
    ],
)  # fmt: skip
def test_the_ten_national_statuses(program: Programs, unit: Unit, status: Any, end: Any, meaning: str) -> None:
    send(program(), told(TrangThaiHoSo=status, NgayKetThucXuLy=end))

    assert db.session.scalars(select(Case.meaning)).one() == meaning


def test_an_update_is_an_update_and_a_bad_date_is_said_under_its_own_name(program: Programs, unit: Unit) -> None:
    sender = program()
    send(sender, told())

    answer = send(
        sender,
        told(TrangThaiHoSo="9", NgayKetThucXuLy="20231012093000"),
        told("H20-02", NgayHenTra="20231399170000"),
        isUpdating=True,
    )

    assert [item["outcome"] for item in answer.json["items"]] == ["changed", "rejected"]
    problem = answer.json["items"][1]["problems"][0]
    assert (problem["field"], problem["value"], problem["reason"]) == ("NgayHenTra", "20231399170000", "bad_date")
    assert db.session.scalars(select(Case.finished_at)).one() == datetime(2023, 10, 12, 9, 30)


def test_a_finish_without_a_paper_is_told_where_the_source_tells_of_papers(program: Programs, unit: Unit) -> None:
    sender = program()
    ended = {"TrangThaiHoSo": "9", "NgayKetThucXuLy": "20231009100000"}
    send(sender, told(), told("H20-02"))
    send(sender, told(**ended))
    assert "premature_closure" not in db.session.scalars(select(CaseChange.kind)).all()

    papers = [{"TenGiayTo": "Giấy chứng nhận", "DuongDanTepTinKetQua": "https://x/y.pdf"}]
    send(sender, told(**ended, DanhSachGiayToKetQua=papers), told("H20-02", **ended))

    case = db.session.scalars(select(Case).where(Case.code == "H20-01")).one()
    assert case.result_ref is not None
    closed = db.session.scalars(select(CaseChange.case_id).where(CaseChange.kind == "premature_closure")).all()
    assert closed == [case.id + 1]


def test_requests_for_supplements_become_pauses_once(program: Programs, unit: Unit) -> None:
    sender = program()
    first = send(sender, told(DanhSachHoSoBoSung=[supplement()])).json

    send(sender, told(DanhSachHoSoBoSung=[supplement()]))
    assert count(Pause) == 1
    send(sender, told(DanhSachHoSoBoSung=[supplement(came="20231006100000")]))

    pause = db.session.scalars(select(Pause)).one()
    assert (pause.started_at, pause.ended_at) == (datetime(2023, 10, 4, 9), datetime(2023, 10, 6, 10))
    assert (pause.due_before, pause.due_after) == (datetime(2023, 10, 10, 17), datetime(2023, 10, 12, 17))
    assert (pause.source_ref, pause.batch_id) == ("BS-1", first["batch"] + 2)
    assert pause.reason.startswith("Bổ sung bản sao")
    assert db.session.scalars(select(Case.due_at)).one() == datetime(2023, 10, 10, 17)


def test_a_supplement_moves_the_term_unless_its_source_printed_that_already(program: Programs, unit: Unit) -> None:
    sender = program()
    send(sender, told(DanhSachHoSoBoSung=[supplement()]))
    case = db.session.scalars(select(Case)).one()
    assert (case.ruling_due_at, case.paused_since) == (datetime(2023, 10, 10, 17), datetime(2023, 10, 4, 9))

    send(sender, told(DanhSachHoSoBoSung=[supplement(came="20231006090000")]))
    db.session.refresh(case)
    assert (case.ruling_due_at, case.paused_since) == (datetime(2023, 10, 12, 17), None)

    send(sender, told(NgayHenTra="20231012170000", DanhSachHoSoBoSung=[supplement(came="20231006090000")]))
    db.session.refresh(case)
    assert (case.due_at, case.ruling_due_at) == (datetime(2023, 10, 12, 17), datetime(2023, 10, 12, 17))


def test_asking_again_is_a_fact_that_stands_once(program: Programs, unit: Unit) -> None:
    sender = program()
    both = [supplement(came="20231005100000"), supplement("BS-2", "20231006090000")]
    send(sender, told(DanhSachHoSoBoSung=both[:1]))
    assert count(CaseChange) == 0

    second = send(sender, told(DanhSachHoSoBoSung=both)).json
    send(sender, told(DanhSachHoSoBoSung=both))

    change = db.session.scalars(select(CaseChange)).one()
    assert (change.kind, change.new, change.batch_id) == ("supplement_again", "2023-10-06T09:00:00", second["batch"])


def test_a_supplement_that_cannot_be_kept_is_said(program: Programs, unit: Unit) -> None:
    answer = send(
        program(),
        told(
            DanhSachHoSoBoSung=[
                supplement(""),
                supplement(asked="04/10/2023"),
                supplement(came="20231001000001"),
                supplement("BS-4"),
                supplement("BS-4"),
            ]
        ),
        told("H20-02", DonViXuLy="Phòng Lạ", DanhSachHoSoBoSung=[supplement()]),
    ).json

    assert [item["outcome"] for item in answer["items"]] == ["new", "pending"]
    said = [(one["field"], one["reason"]) for item in answer["items"] for one in item["warnings"]]
    assert ("DanhSachHoSoBoSung/0/HoSoBoSungId", "supplement_ref") in said
    assert ("DanhSachHoSoBoSung/1/NgayBoSung", "supplement_date") in said
    assert ("DanhSachHoSoBoSung/2/NgayTiepNhanBoSung", "supplement_order") in said
    assert ("DanhSachHoSoBoSung/BS-1", "supplement_without_case") in said
    assert db.session.scalars(select(Pause.source_ref)).all() == ["BS-4"]


def test_identity_numbers_telephones_and_addresses_are_nowhere(app: Flask, program: Programs, unit: Unit) -> None:
    sender = program()
    send(sender, told(DanhSachHoSoBoSung=[supplement()]), key="k1")
    send_steps(sender, step(NoiDungXuLy=f"Gọi {SECRETS[1]}, CCCD {SECRETS[0]}"), key="k2")
    assert (count(Case), count(Pause), count(CaseStep)) == (1, 1, 1)

    names = db.metadatas[None].tables
    rows = "\n".join(str(db.session.execute(text(f'SELECT * FROM "{name}"')).all()) for name in names)
    folder = Path(app.config["SETTINGS"].data_dir)
    files = "\n".join(path.read_text("utf-8") for path in folder.rglob("*") if path.is_file())

    assert "Lê Thị An" in rows and "Lê Thị An" in files
    assert [secret for secret in SECRETS if secret in rows] == []
    assert [secret for secret in SECRETS if secret in files] == []


def test_steps_are_kept_once(program: Programs, unit: Unit) -> None:
    sender = program()
    send(sender, told())

    first = send_steps(sender, step(), step(at="20231005090000"), step())
    again = send_steps(sender, step(), step(NoiDungXuLy="Trình ký"))

    assert (first.status_code, first.json["error_code"], first.json["applied"]) == (200, "00", True)
    assert [item["outcome"] for item in first.json["items"]] == ["new", "new", "unchanged"]
    assert first.json["counts"] == {"rows": 3, "new": 2, "changed": 0, "unchanged": 1, "pending": 0, "rejected": 0}
    assert [item["outcome"] for item in again.json["items"]] == ["unchanged", "new"]
    found = db.session.scalars(select(CaseStep).order_by(CaseStep.at, CaseStep.id)).all()
    assert [(one.officer, one.title, one.unit, one.status) for one in found[:1]] == [
        (OFFICER, "Chuyên viên", "Phòng TNMT", "Đang xử lý")
    ]
    assert (found[0].started_at, found[0].due_at) == (datetime(2023, 10, 4, 8), datetime(2023, 10, 6, 17))
    kinds = db.session.scalars(select(AuditEvent.kind)).all()
    assert kinds.count("api_token.steps") == 2


def test_a_step_of_no_case_or_without_a_moment_is_said(program: Programs, unit: Unit) -> None:
    sender = program()
    send(sender, told())

    answer = send_steps(sender, step("H99"), step(at=""), step(NgayBatDau="hôm qua"), step(""), step()).json

    assert [item["outcome"] for item in answer["items"]] == ["rejected"] * 4 + ["new"]
    reasons = [item["problems"][0]["reason"] for item in answer["items"][:4]]
    assert reasons == ["case_unknown", "step_date", "step_date", "empty_code"]
    assert count(CaseStep) == 1


def test_steps_of_another_source_s_case_are_steps_of_no_case(program: Programs, unit: Unit) -> None:
    send(program(), told())

    answer = send_steps(program("Nguồn khác"), step()).json

    assert answer["items"][0]["problems"][0]["reason"] == "case_unknown"
    assert count(CaseStep) == 0


def test_pauses_of_a_case_another_source_rules_are_not_taken(program: Programs, unit: Unit, make: Any) -> None:
    send(program(), told())
    owner = db.session.scalars(select(Case.source_id)).one()
    make.add(SourceUnit(unit_id=unit.id, source_id=owner))

    answer = send(program("Nguồn khác"), told(TrangThaiHoSo="5", DanhSachHoSoBoSung=[supplement()])).json

    reasons = {one["reason"] for one in answer["items"][0]["warnings"]}
    assert reasons >= {"other_source_rules", "supplement_without_case"}
    assert count(Pause) == 0


def test_who_repeats_another_source_s_case_adds_no_pause_to_it(program: Programs, unit: Unit, make: Any) -> None:
    send(program(), told())
    owner = db.session.scalars(select(Case.source_id)).one()
    make.add(SourceUnit(unit_id=unit.id, source_id=owner))

    answer = send(program("Nguồn khác"), told(DanhSachHoSoBoSung=[supplement()])).json

    assert [item["outcome"] for item in answer["items"]] == ["unchanged"]
    assert {one["reason"] for one in answer["items"][0]["warnings"]} == {"supplement_without_case"}
    assert count(Pause) == 0


def test_a_batch_that_brought_pauses_is_not_undone(program: Programs, unit: Unit) -> None:
    sender = program()
    send(sender, told())
    plain = db.session.scalars(select(Batch)).one()
    assert "records" not in dict(built_on(plain))

    told_more = send(sender, told(TrangThaiHoSo="5", DanhSachHoSoBoSung=[supplement()])).json

    assert ("records", 1) in built_on(db.session.get_one(Batch, told_more["batch"]))


def test_a_key_is_welcome_and_not_demanded(program: Programs, unit: Unit) -> None:
    sender = program()
    first = send(sender, told(), key="k1")

    assert send(sender, told(), key="k1").data == first.data
    assert "Idempotent-Replayed" not in send(sender, told()).headers
    assert count(Batch) == 2


def test_a_body_without_the_needed_fields_is_refused_whole(program: Programs, unit: Unit) -> None:
    answer = send(program(), told(), {"MaHoSo": "B"})

    assert answer.status_code == 422
    assert {one["pointer"] for one in answer.json["errors"]} == {
        "/data/1/NgayTiepNhan",
        "/data/1/NgayHenTra",
        "/data/1/DonViXuLy",
    }
    assert count(Case) == 0

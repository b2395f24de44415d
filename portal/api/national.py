"""The national shapes ``DongBoHoSoMC`` and ``CapNhatTienDoHoSoMC``, put onto the portal's own.

Only what the portal keeps is read: identity numbers (``MaDoiTuong``), telephone, e-mail, addresses and attachments are
not even taken out of the body, and the body that is kept is the reduced one (domain rules, facts in, 9).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from portal.api.rules import LONGEST_TEXT, MOST_CASES, plain
from portal.api.shapes import BatchOut, CaseIn
from portal.imports.checking import without_numbers
from portal.imports.rules import Remark
from portal.vietnamese import clean, clean_text
from portal.web.words import N_

STAMP = re.compile(r"\d{14}|\d{8}")
STATUSES = {
    "1": "Mới đăng ký",
    "2": "Được tiếp nhận",
    "3": "Không được tiếp nhận",
    "4": "Đang xử lý",
    "5": "Yêu cầu bổ sung giấy tờ",
    "6": "Yêu cầu thực hiện nghĩa vụ tài chính",
    "7": "Công dân yêu cầu rút hồ sơ",
    "8": "Dừng xử lý",
    "9": "Đã xử lý xong",
    "10": "Đã trả kết quả",
}
"""The national statuses by number."""
MOST_SUPPLEMENTS = 100
LONGEST_REF = 100
WIDTHS = {"officer": 200, "title": 200, "unit": 300, "status": 200}


def _whole(value: Any) -> Any:
    """JSON has one kind of number: 4.0 is the whole number 4."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Text = Annotated[str, Field(max_length=LONGEST_TEXT)]
Number = Annotated[int, Field(ge=0, le=10**14), BeforeValidator(_whole)]
Cell = Text | Number | None
STAMP_WORDS = N_("yyyyMMddHHmmss or yyyyMMdd, Vietnam's wall clock.")


class NationalBody(BaseModel):
    """The national shapes carry more than the portal keeps; what is not named here is not read."""

    model_config = ConfigDict(strict=True, extra="ignore", json_schema_extra={"additionalProperties": True})


class Supplement(NationalBody):
    """A request for a supplement (DanhSachHoSoBoSung)."""

    HoSoBoSungId: Cell = Field(None, description=N_("The source's own number of the request."), examples=["BS-1"])
    NoiDungBoSung: Cell = Field(None, description=N_("What was asked for."))
    NgayBoSung: Cell = Field(None, description=STAMP_WORDS, examples=["20231004090000"])
    NgayTiepNhanBoSung: Cell = Field(None, description=STAMP_WORDS, examples=["20231006100000"])
    NgayHenTraTruoc: Cell = Field(None, description=STAMP_WORDS, examples=["20231010170000"])
    NgayHenTraMoi: Cell = Field(None, description=STAMP_WORDS, examples=["20231012170000"])


class Result(NationalBody):
    """A paper of the result (DanhSachGiayToKetQua). Where it lies is not read."""

    TenGiayTo: Cell = Field(None, description=N_("Name of the paper."), examples=["Giấy chứng nhận"])
    GiayToId: Cell = Field(None, description=N_("The source's own number of the paper."))


class NationalCase(NationalBody):
    """A case (DongBoHoSoMC). Fields that are not named here are accepted and not read."""

    MaHoSo: Cell = Field(
        description=N_("Case code, opaque text, at most 100 characters."), examples=["H20.01-231002-01"]
    )
    NgayTiepNhan: Cell = Field(description=STAMP_WORDS, examples=["20231002080000"])
    NgayHenTra: Cell = Field(description=STAMP_WORDS, examples=["20231010170000"])
    DonViXuLy: Cell = Field(description=N_("Code or name of the resolving unit."), examples=["UBND xã Nâm N'Đir"])
    TrangThaiHoSo: Cell = Field(None, description=N_("National status, 1 to 10."), examples=["4"])
    NgayKetThucXuLy: Cell = Field(None, description=STAMP_WORDS)
    NgayTra: Cell = Field(None, description=STAMP_WORDS)
    MaTTHC: Cell = Field(None, description=N_("Code of the procedure."))
    TenTTHC: Cell = Field(None, description=N_("Name of the procedure."))
    TenLinhVuc: Cell = Field(None, description=N_("Field of the procedure."))
    ChuHoSo: Cell = Field(None, description=N_("Name of the applicant. Never an identity or telephone number."))
    TrichYeuHoSo: Cell = Field(None, description=N_("Subject of the case."))
    KenhThucHien: Cell = Field(
        None, description=N_("Channel: 1 at the desk, 2 online, 3 public postal service."), examples=["1"]
    )
    DanhSachHoSoBoSung: list[Supplement] | None = Field(
        None, max_length=MOST_SUPPLEMENTS, description=N_("Requests for supplements; kept as pauses.")
    )
    DanhSachGiayToKetQua: list[Result] | None = Field(
        None,
        max_length=MOST_SUPPLEMENTS,
        description=N_("Papers of the result. Read where any case of the body has one: many sources never fill it."),
    )


class NationalCases(NationalBody):
    """The body of DongBoHoSoMC. ``isUpdating`` is accepted and decides nothing: a known code is always an update."""

    data: list[NationalCase] = Field(min_length=1, max_length=MOST_CASES, description=N_("The cases."))
    isUpdating: bool | Literal["True", "False", "true", "false"] | None = Field(
        None, description=N_("Accepted for compatibility; a known code is updated, an unknown one is new.")
    )


class NationalStep(NationalBody):
    """A step of a case (CapNhatTienDoHoSoMC)."""

    MaHoSo: Cell = Field(
        description=N_("Case code, opaque text, at most 100 characters."), examples=["H20.01-231002-01"]
    )
    ThoiDiemXuLy: Cell = Field(description=STAMP_WORDS, examples=["20231004090000"])
    NguoiXuLy: Cell = Field(None, description=N_("Who handles the step."), examples=["Hoàng Thị Mơ"])
    ChucDanh: Cell = Field(None, description=N_("Their title."), examples=["Chuyên viên"])
    PhongBanXuLy: Cell = Field(None, description=N_("Their unit, as the source writes it."))
    NoiDungXuLy: Cell = Field(None, description=N_("What is done in the step."))
    TrangThai: Cell = Field(None, description=N_("National status, 1 to 10."), examples=["4"])
    NgayBatDau: Cell = Field(None, description=STAMP_WORDS, examples=["20231004080000"])
    NgayKetThucTheoQuyDinh: Cell = Field(None, description=STAMP_WORDS, examples=["20231006170000"])


class NationalSteps(NationalBody):
    """The body of CapNhatTienDoHoSoMC."""

    data: list[NationalStep] = Field(min_length=1, max_length=MOST_CASES, description=N_("The steps."))


class NationalOut(BatchOut):
    """The answer to a national shape: the portal's own, with the code the national systems look for."""

    error_code: Literal["00"] = Field("00", description=N_("Always 00 where the body was understood; see items."))


# --- Reading the cells


def said(cell: Any) -> str | None:
    """A cell as text; absent and empty are the same."""
    return None if cell is None else str(cell)


def stamped(cell: Any) -> str | None:
    """A yyyyMMddHHmmss as the rest of the portal reads moments; anything else stays as it stands and is judged so."""
    text = said(cell)
    if text is None or not STAMP.fullmatch(text.strip()):
        return text
    moment = moment_of(text)
    if moment is None:
        return text
    return f"{moment:%Y-%m-%d}" if len(text.strip()) == 8 else moment.isoformat(timespec="seconds")


def moment_of(cell: Any) -> datetime | None:
    """The wall moment of a stamp; None where it is none."""
    text = (said(cell) or "").strip()
    if not STAMP.fullmatch(text) or not text.isascii():
        return None
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%S" if len(text) == 14 else "%Y%m%d")
    except ValueError:
        return None


def status_of(cell: Any) -> str | None:
    """A national status by its official words; other texts as they stand."""
    text = said(cell)
    return None if text is None else STATUSES.get(text.strip().lstrip("0"), text)


NAMES = {
    "code": "MaHoSo",
    "received_at": "NgayTiepNhan",
    "due_at": "NgayHenTra",
    "resolving_unit": "DonViXuLy",
    "finished_at": "NgayKetThucXuLy",
    "returned_at": "NgayTra",
    "status": "TrangThaiHoSo",
    "procedure_code": "MaTTHC",
    "procedure": "TenTTHC",
    "procedure_field": "TenLinhVuc",
    "applicant": "ChuHoSo",
    "subject": "TrichYeuHoSo",
    "channel": "KenhThucHien",
    "result_file": "DanhSachGiayToKetQua",
}
"""The portal's name of a fact to the national one, for remarks and for what a body speaks of."""
STAMPS = frozenset({"received_at", "due_at", "finished_at", "returned_at"})


def canonical(cases: Sequence[NationalCase]) -> list[CaseIn]:
    """National cases as the portal's own; only the facts they speak of."""
    tells_results = any(case.DanhSachGiayToKetQua for case in cases)
    return [_canonical(case, tells_results) for case in cases]


def _canonical(case: NationalCase, tells_results: bool) -> CaseIn:
    told: dict[str, str | None] = {}
    for name, theirs in NAMES.items():
        if theirs not in case.model_fields_set or name == "result_file":
            continue
        cell = getattr(case, theirs)
        told[name] = stamped(cell) if name in STAMPS else status_of(cell) if name == "status" else said(cell)
    if tells_results:
        told["result_file"] = _results(case.DanhSachGiayToKetQua or ())
    return CaseIn(**told)


def _results(papers: Sequence[Result]) -> str | None:
    """The papers of a result in one text."""
    names = (clean(plain(said(paper.TenGiayTo))) or clean(plain(said(paper.GiayToId))) or "?" for paper in papers)
    return "; ".join(names)[:LONGEST_TEXT] or None


# --- Pauses and steps


@dataclass(frozen=True)
class Pauses:
    """The pauses of the items of a body, by row; and what is wrong with those that cannot be kept."""

    rows: list[tuple[int, str, dict[str, Any]]]
    remarks: list[Remark]


def pauses_in(cases: Sequence[NationalCase]) -> Pauses:
    """The supplements of the cases as (row, code, values of a pause)."""
    found = Pauses([], [])
    for row, case in enumerate(cases, start=1):
        for place, supplement in enumerate(case.DanhSachHoSoBoSung or ()):
            values, fault = _pause(supplement)
            if fault is None:
                found.rows.append((row, clean(plain(said(case.MaHoSo))), values))
                continue
            name, cell, reason = fault
            column = f"DanhSachHoSoBoSung/{place}/{name}"
            found.remarks.append(Remark(row, column, clean(plain(said(cell))), reason))
    return found


def _pause(told: Supplement) -> tuple[dict[str, Any], tuple[str, Any, str] | None]:
    ref = clean(plain(said(told.HoSoBoSungId)))
    if not ref or len(ref) > LONGEST_REF:
        return {}, ("HoSoBoSungId", told.HoSoBoSungId, "supplement_ref")
    moments = {}
    for name in ("NgayBoSung", "NgayTiepNhanBoSung", "NgayHenTraTruoc", "NgayHenTraMoi"):
        cell = getattr(told, name)
        moments[name] = moment_of(cell)
        if moments[name] is None and ((said(cell) or "").strip() or name == "NgayBoSung"):
            return {}, (name, cell, "supplement_date")
    started, ended = moments["NgayBoSung"], moments["NgayTiepNhanBoSung"]
    if started is not None and ended is not None and ended < started:
        return {}, ("NgayTiepNhanBoSung", told.NgayTiepNhanBoSung, "supplement_order")
    values = {
        "source_ref": ref,
        "started_at": started,
        "ended_at": ended,
        "reason": without_numbers(clean_text(plain(said(told.NoiDungBoSung)))),
        "document": "",
        "source": "api",
        "due_before": moments["NgayHenTraTruoc"],
        "due_after": moments["NgayHenTraMoi"],
    }
    return values, None


@dataclass(frozen=True)
class Step:
    """One step of a body: its code and the values of its row, or why it cannot be kept."""

    row: int
    code: str
    values: dict[str, Any]
    remark: Remark | None = None


def steps_in(steps: Sequence[NationalStep]) -> Iterator[Step]:
    """The steps of a body, in its order."""
    for row, told in enumerate(steps, start=1):
        code = clean(plain(said(told.MaHoSo)))
        fault = _step_fault(told, code)
        if fault is not None:
            name, reason = fault
            value = clean(plain(said(getattr(told, name))))
            yield Step(row, code, {}, Remark(row, name, value, reason))
            continue
        yield Step(row, code, _step(told))


def _step_fault(told: NationalStep, code: str) -> tuple[str, str] | None:
    if not code:
        return "MaHoSo", "empty_code"
    for name in ("ThoiDiemXuLy", "NgayBatDau", "NgayKetThucTheoQuyDinh"):
        cell = getattr(told, name)
        if moment_of(cell) is None and ((said(cell) or "").strip() or name == "ThoiDiemXuLy"):
            return name, "step_date"
    return None


def _step(told: NationalStep) -> dict[str, Any]:
    values: dict[str, Any] = {
        "officer": clean(plain(said(told.NguoiXuLy))),
        "title": clean(plain(said(told.ChucDanh))),
        "unit": clean(plain(said(told.PhongBanXuLy))),
        "content": without_numbers(clean_text(plain(said(told.NoiDungXuLy)))),
        "status": clean(plain(status_of(told.TrangThai))),
        "started_at": moment_of(told.NgayBatDau),
        "due_at": moment_of(told.NgayKetThucTheoQuyDinh),
        "at": moment_of(told.ThoiDiemXuLy),
    }
    whole = "\x1f".join(str(values[name]) for name in sorted(values))
    for name, width in WIDTHS.items():
        values[name] = values[name][:width]
    return {**values, "digest": hashlib.sha256(whole.encode()).hexdigest()}

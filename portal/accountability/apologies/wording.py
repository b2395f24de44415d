"""PURE: the words of the letter. TT 01/2018/TT-VPCP until 14/9/2025, Mẫu 04 of TT 03/2025/TT-VPCP from 15/9/2025.

Names no official (domain rules §3.13). The identity number that Mẫu 04 asks for is not kept by the portal and stays
a dotted line for the clerk.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from portal.accountability.apologies.rules import REGISTER_FORM, Form
from portal.documents.letter import Letter
from portal.documents.naming import (
    agency_lines,
    area_of,
    blank_day_in_words,
    day_in_words,
    full_name,
    number_with_zero,
)

TITLES = {
    Form.APOLOGY_2018: "PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ",
    Form.APOLOGY_2025: "PHIẾU XIN LỖI VÀ ĐỀ NGHỊ GIA HẠN THỜI GIAN GIẢI QUYẾT",
    Form.APOLOGY_SHORT: "THƯ XIN LỖI",
}
BLANK_NUMBER = f"Số:        /{REGISTER_FORM}"
DOTS = "………………"
COPIES = ("- Như trên;", "- Bộ phận Tiếp nhận và Trả kết quả;", "- Lưu: VT, hồ sơ.")


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything a letter says, apart from its number and its date. Moments are Vietnam wall time."""

    form: Form
    unit_name: str
    parent_name: str
    place_name: str
    case_code: str
    procedure: str
    addressee: str
    received_at: datetime
    due_at: datetime
    due_precision: str
    finished_at: datetime | None
    was_withdrawn: bool
    cause_text: str
    new_date: date | None
    authority: tuple[str, ...]
    signer_name: str
    mark: str


def letter_of(facts: Facts, on: date, *, draft: bool) -> Letter:
    """The letter before it has a number: number and day are left open. ``on``: the day of drafting or signing."""
    return Letter(
        parent_lines=agency_lines(facts.parent_name) if facts.parent_name else (),
        agency_lines=agency_lines(facts.unit_name),
        number_line=BLANK_NUMBER,
        place_and_date=f"{area_of(facts.place_name)}, {blank_day_in_words(on)}",
        title=TITLES[facts.form],
        recipients=(facts.addressee,),
        paragraphs=paragraphs(facts),
        authority_lines=facts.authority,
        signer_name=facts.signer_name,
        copies=COPIES,
        dated_on=on,
        mark=facts.mark,
        draft=draft,
        details=details(facts),
    )


def details(facts: Facts) -> tuple[tuple[str, str], ...]:
    """The facts of a letter one by one, named as a unit's own Word file calls them."""
    return (
        ("ma_ho_so", facts.case_code),
        ("thu_tuc", facts.procedure),
        ("ngay_tiep_nhan", day_in_words(facts.received_at.date())),
        ("han_tra", moment_in_words(facts.due_at, facts.due_precision)),
        ("ly_do", _sentence(facts.cause_text)),
        ("ngay_hen_moi", day_in_words(facts.new_date) if facts.new_date else ""),
    )


def numbered(letter: Letter, place_name: str, number: int, issued_on: date) -> Letter:
    """The signed letter with its number and its day, otherwise word for word what was signed."""
    return replace(
        letter,
        number_line=f"Số: {number_text(number)}",
        place_and_date=f"{area_of(place_name)}, {day_in_words(issued_on)}",
        dated_on=issued_on,
    )


def number_text(number: int) -> str:
    """A number as it is written on the letter: 05/PXL."""
    return f"{number_with_zero(number)}/{REGISTER_FORM}"


def paragraphs(facts: Facts) -> tuple[str, ...]:
    """The body of the letter in the wording of its form."""
    agency = full_name(facts.unit_name)
    promise: tuple[str, ...]
    if facts.form is Form.APOLOGY_SHORT:
        middle, promise = _was_late(facts, agency), ()
    else:
        middle, promise = _is_late(agency), (_promise(facts, agency),)
    return (
        _received(facts, agency),
        f"Thời gian hẹn trả kết quả giải quyết hồ sơ: {moment_in_words(facts.due_at, facts.due_precision)}.",
        middle,
        f"Lý do: {_sentence(facts.cause_text)}",
        f"{agency} xin trân trọng gửi lời xin lỗi đến Ông (Bà)/Tổ chức vì sự chậm trễ trong quá trình giải quyết hồ sơ "
        "có thể gây phiền hà, tốn kém về chi phí, công sức của Ông (Bà)/Tổ chức.",
        *promise,
        "Mong nhận được sự thông cảm của Ông/Bà/Tổ chức vì sự chậm trễ này./.",
    )


def _received(facts: Facts, agency: str) -> str:
    day = day_in_words(facts.received_at.date()).capitalize()
    identity = f"số định danh: {DOTS}; " if facts.form is Form.APOLOGY_2025 else ""
    return (
        f"{day}, {agency} tiếp nhận giải quyết hồ sơ đề nghị giải quyết thủ tục hành chính {facts.procedure} "
        f"của Ông/Bà/Tổ chức; {identity}mã số hồ sơ: {facts.case_code}."
    )


def _is_late(agency: str) -> str:
    return (
        f"Tuy nhiên đến nay, {agency} chưa trả kết quả giải quyết hồ sơ của Ông/Bà/Tổ chức đúng thời hạn quy định ghi "
        "trên Giấy tiếp nhận hồ sơ và hẹn trả kết quả."
    )


def _was_late(facts: Facts, agency: str) -> str:
    done = day_in_words(facts.finished_at.date()) if facts.finished_at else "nay"
    if facts.was_withdrawn:
        return (
            f"Tuy nhiên, {agency} đã không trả kết quả giải quyết hồ sơ của Ông/Bà/Tổ chức đúng thời hạn quy định ghi "
            "trên Giấy tiếp nhận hồ sơ và hẹn trả kết quả, trước khi hồ sơ được rút theo đề nghị của Ông/Bà/Tổ chức."
        )
    return (
        f"Tuy nhiên đến {done}, {agency} mới có kết quả giải quyết hồ sơ của Ông/Bà/Tổ chức, không đúng thời hạn quy "
        "định ghi trên Giấy tiếp nhận hồ sơ và hẹn trả kết quả."
    )


def _promise(facts: Facts, agency: str) -> str:
    day = day_in_words(facts.new_date) if facts.new_date else f"ngày {DOTS}"
    return f"{agency} xin lỗi Ông/Bà/Tổ chức và sẽ trả kết quả giải quyết hồ sơ cho Ông/Bà/Tổ chức vào {day}."


def _sentence(text: str) -> str:
    """The cause as one paragraph that ends with a stop."""
    words = " ".join(text.split()) or DOTS
    return words if words[-1] in ".!?…" else f"{words}."


def moment_in_words(moment: datetime, precision: str) -> str:
    """A due moment as the form writes it: "16 giờ 30, ngày 18 tháng 9 năm 2023"; without a time only the day."""
    day = day_in_words(moment.date())
    if precision == "day":
        return day
    minutes = f" {moment:%M}" if moment.minute else ""
    return f"{moment:%H} giờ{minutes}, {day}"


def mail_to_applicant(addressee: str, code: str, agency: str, number: str) -> tuple[str, str]:
    """Subject and text of the mail that carries a letter to the applicant, in the language of the letter."""
    subject = f"Thư xin lỗi số {number} về hồ sơ {code}"
    text = (
        f"Kính gửi {addressee},\n\n"
        f"{agency} xin gửi Thư xin lỗi số {number} về hồ sơ mã số {code} (tệp kèm theo).\n\n"
        "Thư được gửi tự động từ Cổng Đúng Hạn, xin không trả lời thư này; cần trao đổi, mời liên hệ Bộ phận Tiếp nhận "
        f"và Trả kết quả.\n\nTrân trọng,\n{agency}\n"
    )
    return subject, text

"""PURE: the words of an urging note on paper, and of the same for a messenger. Codes and dates only, no applicant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from portal.directives.rules import MOST_LISTED, MOST_PASTED, REGISTER_FORM, Subject
from portal.documents.letter import Letter
from portal.documents.naming import agency_lines, area_of, day_in_words, full_name, number_with_zero

ABOUT = {
    Subject.OVERDUE: "hồ sơ quá hạn chưa giải quyết xong",
    Subject.EXPLANATIONS: "giải trình hồ sơ trễ hạn chưa nộp",
    Subject.APOLOGIES: "văn bản xin lỗi chưa gửi người dân, tổ chức",
}
ASKS = {
    Subject.OVERDUE: "giải quyết dứt điểm các hồ sơ nêu trên, xác định rõ ngày hoàn thành từng hồ sơ",
    Subject.EXPLANATIONS: "chỉ đạo người có trách nhiệm nộp giải trình trên Cổng Đúng Hạn và kết luận theo thẩm quyền",
    Subject.APOLOGIES: "hoàn thành việc soạn, ký và gửi văn bản xin lỗi theo quy định",
}
ASKS_PERSON = {
    **ASKS,
    Subject.EXPLANATIONS: "nộp giải trình trên Cổng Đúng Hạn",
    Subject.APOLOGIES: "soạn và trình ký văn bản xin lỗi theo quy định",
}
TERMS = {Subject.OVERDUE: "hạn trả", Subject.EXPLANATIONS: "hạn nộp", Subject.APOLOGIES: "phải gửi từ"}


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything a note says. ``lines``: codes and the days on which their terms ended; ``late``: how late the case of
    a code is, in words, where the note is about that."""

    subject: Subject
    round: int
    number: int
    office: str
    parent: str
    place: str
    unit: str
    lines: Sequence[tuple[str, date]]
    issued_on: date
    reply_due_on: date
    before: tuple[int, date] | None
    authority: tuple[str, ...]
    signer: str
    mark: str
    late: Mapping[str, str] = field(default_factory=dict)
    person: str = ""

    @property
    def whom(self) -> str:
        """Whom it urges: the unit, or one person of it."""
        unit = full_name(self.unit)
        return f"ông (bà) {self.person}, {unit}" if self.person else unit

    @property
    def is_own(self) -> bool:
        """Whether a unit urges one of its own people: then its head gets the answer, and decides what follows."""
        return bool(self.person) and self.office == self.unit

    @property
    def asks(self) -> str:
        """What is asked of them."""
        return (ASKS_PERSON if self.person else ASKS)[self.subject]


def number_text(number: int) -> str:
    """05/PĐĐ."""
    return f"{number_with_zero(number)}/{REGISTER_FORM}"


def letter_of(facts: Facts) -> Letter:
    """The note as a document by Decree 30/2020."""
    return Letter(
        parent_lines=agency_lines(facts.parent) if facts.parent else (),
        agency_lines=agency_lines(facts.office),
        number_line=f"Số: {number_text(facts.number)}",
        place_and_date=f"{area_of(facts.place)}, {day_in_words(facts.issued_on)}",
        title="PHIẾU ĐÔN ĐỐC",
        subject=f"Về {ABOUT[facts.subject]} (lần {facts.round})",
        recipients=(f"Ông (Bà) {facts.person}, {full_name(facts.unit)}" if facts.person else facts.whom,),
        paragraphs=_paragraphs(facts),
        authority_lines=facts.authority,
        signer_name=facts.signer,
        copies=(
            "- Như trên;",
            *((f"- {full_name(facts.unit)};",) if facts.person and not facts.is_own else ()),
            "- Lưu: VT.",
        ),
        dated_on=facts.issued_on,
        mark=facts.mark,
    )


def _paragraphs(facts: Facts) -> tuple[str, ...]:
    office, whom, count = full_name(facts.office), facts.whom, len(facts.lines)
    again: tuple[str, ...] = ()
    if facts.before is not None:
        number, day = facts.before
        again = (
            f"{office} đã có Phiếu đôn đốc số {number_text(number)} {day_in_words(day)} nhưng đến nay chưa nhận được "
            "trả lời.",
        )
    listed = facts.lines[:MOST_LISTED]
    rest = count - len(listed)
    return (
        f"Theo số liệu trên Cổng Đúng Hạn tính đến {day_in_words(facts.issued_on)}, {whom} còn {count} "
        f"{ABOUT[facts.subject]}, gồm:",
        *(
            f"{place}. {code}, {TERMS[facts.subject]} {day:%d/%m/%Y}{_late(facts.late, code)};"
            for place, (code, day) in enumerate(listed, start=1)
        ),
        *((f"và {rest} hồ sơ khác theo danh sách trên Cổng.",) if rest else ()),
        *again,
        f"{office} đề nghị {whom} {facts.asks}; {_reply(facts)} trước hết {day_in_words(facts.reply_due_on)}.",
        *((f"Hết thời hạn trên, nếu chưa nhận được trả lời, {_otherwise(facts)}./.",)
          if facts.round > 1 else ("Trân trọng./.",)),
    )  # fmt: skip


def _copy_to_unit(facts: Facts) -> tuple[str, ...]:
    return (f"- {full_name(facts.unit)};",) if facts.person and not facts.is_own else ()


def _reply(facts: Facts) -> str:
    own = "báo cáo thủ trưởng đơn vị bằng văn bản"
    return own if facts.is_own else "trả lời bằng văn bản hoặc trên Cổng Đúng Hạn"


def _otherwise(facts: Facts) -> str:
    own = "thủ trưởng đơn vị xem xét trách nhiệm theo quy định"
    return own if facts.is_own else "việc này được báo cáo Chủ tịch xem xét"


def _late(late: Mapping[str, str], code: str) -> str:
    return f", {late[code]}" if late.get(code) else ""


def messenger_text(facts: Facts) -> str:
    """The same to be pasted into a messenger."""
    listed = facts.lines[:MOST_PASTED]
    rest = len(facts.lines) - len(listed)
    return "\n".join(
        (
            f"ĐÔN ĐỐC LẦN {facts.round}: {facts.whom} còn {len(facts.lines)} {ABOUT[facts.subject]}.",
            *(f"- {code}, {TERMS[facts.subject]} {day:%d/%m/%Y}{_late(facts.late, code)}" for code, day in listed),
            *((f"- và {rest} hồ sơ khác trên Cổng Đúng Hạn",) if rest else ()),
            f"Đề nghị trả lời trước hết ngày {facts.reply_due_on:%d/%m/%Y} (Phiếu số {number_text(facts.number)} "
            f"ngày {facts.issued_on:%d/%m/%Y}).",
        )
    )


def text_for_person(
    name: str, lines: Mapping[Subject, Sequence[tuple[str, date]]], on: date, late: Mapping[str, str]
) -> str:
    """What one person owes, to be pasted into a messenger: codes and dates only. ``on``: the day of the data.

    ``late``: how late overdue cases are, in words, by code.
    """
    parts = [f"Gửi {name}: tính đến ngày {on:%d/%m/%Y} trên Cổng Đúng Hạn còn:"]
    for subject, found in lines.items():
        listed = found[:MOST_PASTED]
        rest = len(found) - len(listed)
        parts.append(f"{len(found)} {ABOUT[subject]}:")
        how_late = late if subject is Subject.OVERDUE else {}
        parts += [f"- {code}, {TERMS[subject]} {day:%d/%m/%Y}{_late(how_late, code)}" for code, day in listed]
        parts += [f"- và {rest} hồ sơ khác trên Cổng Đúng Hạn"] if rest else []
    return "\n".join((*parts, "Đề nghị xử lý ngay, hoặc báo lý do trên Cổng Đúng Hạn."))

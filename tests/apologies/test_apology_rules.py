"""The road of a letter as data, and its words form by form; nothing here touches a database."""

from datetime import date, datetime

import pytest

from portal.accountability.apologies import rules, wording
from portal.accountability.apologies.rules import MACHINE, Action, Form, Standing, State, actions_for, allows
from portal.accountability.apologies.wording import Facts
from portal.deadlines import DayOff, WorkingCalendar

CALENDAR = WorkingCalendar(date(2023, 1, 1), date(2023, 12, 31), off=[DayOff(date(2023, 10, 18), "nghỉ")])
OFFICER = Standing(is_officer=True)
HEAD = Standing(is_signer=True, heads_unit=True, may_exempt=True)
CLERK = Standing(is_clerk=True)
OFFICE = Standing(may_exempt=True)
STRANGER = Standing()
FACTS = Facts(
    form=Form.APOLOGY_2018, unit_name="UBND xã Đắk Sôr", parent_name="", place_name="UBND xã Đắk Sôr",
    case_code="H16.117.25-230901-0012", procedure="Đăng ký khai sinh", addressee="Nguyễn Thị Ước",
    received_at=datetime(2023, 9, 1, 9, 10), due_at=datetime(2023, 9, 18, 16, 30), due_precision="minute",
    finished_at=None, was_withdrawn=False, cause_text="cần thêm thời gian xác minh", new_date=date(2023, 10, 20),
    authority=("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"), signer_name="Lê Văn Bé", mark="",
)  # fmt: skip


@pytest.mark.parametrize(
    ("who", "state", "handed_in", "may"),
    [
        (OFFICER, State.WAITING, False, (Action.SAVE, Action.HAND_IN)),
        (OFFICER, State.DRAFT, False, (Action.SAVE, Action.HAND_IN)),
        (OFFICER, State.DRAFT, True, ()),
        (OFFICER, State.SIGNED, True, ()),
        (HEAD, State.WAITING, False, (Action.SAVE, Action.HAND_IN, Action.EXEMPT)),
        (HEAD, State.DRAFT, True, (Action.SIGN, Action.SEND_BACK, Action.EXEMPT)),
        (HEAD, State.SIGNED, True, (Action.SEND_BACK,)),
        (CLERK, State.DRAFT, True, ()),
        (CLERK, State.SIGNED, True, (Action.NUMBER, Action.SEND_BACK)),
        (CLERK, State.NUMBERED, True, (Action.SEND, Action.SEND_BACK)),
        (OFFICE, State.DRAFT, True, (Action.EXEMPT,)),
        (STRANGER, State.WAITING, False, ()),
    ],
)
def test_each_step_belongs_to_somebody(who, state, handed_in, may):
    assert actions_for(state, who, handed_in=handed_in) == may


@pytest.mark.parametrize("state", [State.SENT, State.EXEMPT, State.CANCELLED])
def test_the_end_of_the_road_is_the_end(state):
    everybody = Standing(
        is_officer=False, is_signer=True, heads_unit=True, is_clerk=True, may_exempt=True, is_drafter=True
    )

    assert actions_for(state, everybody, handed_in=True) == ()
    assert not any(allows(state, action, handed_in=True) for action in MACHINE)


def test_head_numbers_only_where_no_clerk_serves():
    alone = Standing(is_signer=True, heads_unit=True, unit_has_clerk=False)

    assert Action.NUMBER in actions_for(State.SIGNED, alone, handed_in=True)
    assert Action.NUMBER not in actions_for(State.SIGNED, HEAD, handed_in=True)


def test_nobody_exempts_himself():
    assert Action.EXEMPT not in actions_for(State.WAITING, Standing(is_officer=True, may_exempt=True), handed_in=False)


def test_the_next_head_upward_signs_where_the_post_is_vacant():
    assert rules.who_signs((3, 2, 1), {3: 30, 2: 20}) == (3, 30)
    assert rules.who_signs((3, 2, 1), {2: 20, 1: 10}) == (2, 20)
    assert rules.who_signs((3, 2), {9: 90}) is None


@pytest.mark.parametrize(
    ("new_date", "fault"),
    [
        (None, "missing"),
        (date(2023, 10, 16), "not_after_today"),
        (date(2023, 10, 15), "not_after_today"),
        (date(2023, 10, 18), "day_off"),
        (date(2023, 10, 21), "day_off"),
        (date(2030, 1, 1), "unknown_day"),
        (date(2023, 10, 17), None),
    ],
)
def test_a_new_date_is_a_working_day_after_today(new_date, fault):
    assert rules.fault_of_new_date(new_date, date(2023, 10, 16), CALENDAR) == fault


def test_late_apologies():
    due, opened = date(2023, 10, 10), date(2023, 10, 16)
    at_breach = rules.term_of(opened, due, CALENDAR, opens_at_breach=True)
    before_due = rules.term_of(opened, due, CALENDAR, opens_at_breach=False)

    assert (at_breach, before_due) == (date(2023, 10, 17), date(2023, 10, 9))
    assert not rules.is_late(at_breach, at_breach, legacy=False)
    assert rules.is_late(date(2023, 10, 19), at_breach, legacy=False)
    assert not rules.is_late(date(2023, 10, 19), at_breach, legacy=True)


def test_the_promise_has_a_verdict_of_its_own():
    promised, today = date(2023, 10, 20), date(2023, 10, 23)

    assert rules.promise_kept(promised, datetime(2023, 10, 20, 17), today) is True
    assert rules.promise_kept(promised, datetime(2023, 10, 21, 8), today) is False
    assert rules.promise_kept(promised, None, today) is False
    assert rules.promise_kept(promised, None, promised) is None
    assert rules.promise_kept(None, None, today) is None


@pytest.mark.parametrize(
    ("position", "leads", "lines"),
    [
        ("Trưởng phòng", False, ("TRƯỞNG PHÒNG",)),
        ("Phó Trưởng phòng", False, ("KT. TRƯỞNG PHÒNG", "PHÓ TRƯỞNG PHÒNG")),
        ("Chủ tịch UBND xã", True, ("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH")),
        ("Phó Chủ tịch UBND xã", True, ("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH")),
        ("", True, ("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH")),
        ("", False, ("THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ",)),
    ],
)
def test_authority_by_decree_30(position, leads, lines):
    assert rules.authority_lines(position, leads_a_level=leads) == lines


def letter(**changes):
    return wording.letter_of(Facts(**{**FACTS.__dict__, **changes}), date(2023, 10, 17), draft=False)


def test_circular_01_2018_word_for_word():
    body = letter().paragraphs

    assert letter().title == "PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ"
    assert body == (
        "Ngày 01 tháng 9 năm 2023, Ủy ban nhân dân xã Đắk Sôr tiếp nhận giải quyết hồ sơ đề nghị giải quyết thủ tục "
        "hành chính Đăng ký khai sinh của Ông/Bà/Tổ chức; mã số hồ sơ: H16.117.25-230901-0012.",
        "Thời gian hẹn trả kết quả giải quyết hồ sơ: 16 giờ 30, ngày 18 tháng 9 năm 2023.",
        "Tuy nhiên đến nay, Ủy ban nhân dân xã Đắk Sôr chưa trả kết quả giải quyết hồ sơ của Ông/Bà/Tổ chức đúng thời "
        "hạn quy định ghi trên Giấy tiếp nhận hồ sơ và hẹn trả kết quả.",
        "Lý do: cần thêm thời gian xác minh.",
        "Ủy ban nhân dân xã Đắk Sôr xin trân trọng gửi lời xin lỗi đến Ông (Bà)/Tổ chức vì sự chậm trễ trong quá trình "
        "giải quyết hồ sơ có thể gây phiền hà, tốn kém về chi phí, công sức của Ông (Bà)/Tổ chức.",
        "Ủy ban nhân dân xã Đắk Sôr xin lỗi Ông/Bà/Tổ chức và sẽ trả kết quả giải quyết hồ sơ cho Ông/Bà/Tổ chức vào "
        "ngày 20 tháng 10 năm 2023.",
        "Mong nhận được sự thông cảm của Ông/Bà/Tổ chức vì sự chậm trễ này./.",
    )


def test_form_04_of_circular_03_2025_asks_for_the_identity_number():
    new = letter(form=Form.APOLOGY_2025)

    assert new.title == "PHIẾU XIN LỖI VÀ ĐỀ NGHỊ GIA HẠN THỜI GIAN GIẢI QUYẾT"
    assert "; số định danh: ……………" in new.paragraphs[0]
    assert new.paragraphs[1:] == letter().paragraphs[1:]


def test_a_finished_case_gets_the_short_letter_without_a_new_date():
    done = datetime(2023, 9, 25, 10, 0)
    short = letter(form=Form.APOLOGY_SHORT, finished_at=done, new_date=None)
    withdrawn = letter(form=Form.APOLOGY_SHORT, finished_at=done, new_date=None, was_withdrawn=True)

    assert short.title == "THƯ XIN LỖI" and len(short.paragraphs) == 6
    assert short.paragraphs[2].startswith("Tuy nhiên đến ngày 25 tháng 9 năm 2023, Ủy ban nhân dân xã Đắk Sôr mới có")
    assert not any("sẽ trả kết quả" in paragraph for paragraph in short.paragraphs)
    assert "được rút theo đề nghị" in withdrawn.paragraphs[2]


def test_a_due_day_without_a_time_is_only_a_day():
    assert wording.moment_in_words(datetime(2023, 9, 18, 23, 59, 59), "day") == "ngày 18 tháng 9 năm 2023"
    assert wording.moment_in_words(datetime(2023, 9, 18, 7, 0), "minute") == "07 giờ, ngày 18 tháng 9 năm 2023"


def test_number_and_day_are_all_that_changes_after_the_signature():
    signed = letter()
    issued = wording.numbered(signed, "UBND xã Đắk Sôr", 5, date(2023, 10, 18))

    assert (issued.number_line, issued.place_and_date) == ("Số: 05/PXL", "Đắk Sôr, ngày 18 tháng 10 năm 2023")
    same = {**signed.as_json(), "number_line": 0, "place_and_date": 0, "dated_on": 0}
    assert {**issued.as_json(), "number_line": 0, "place_and_date": 0, "dated_on": 0} == same

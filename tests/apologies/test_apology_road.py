"""A letter goes its road on real databases: waiting, draft, signed, numbered, sent; or exempt, cancelled, sent back."""

import threading
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from portal.accountability.apologies import actions, bulk, issuing, letters, queries
from portal.accountability.apologies.actions import Draft, Exemption
from portal.accountability.apologies.models import Apology
from portal.accountability.apologies.queries import ApologyQuery, Desk, desk_counts, reach_of
from portal.accountability.apologies.rules import Channel, ExemptReason, State
from portal.audit.queries import events_of
from portal.cases.models import Case
from portal.database import commit, db
from portal.documents.queries import numbers_of
from portal.documents.serving import file_store
from portal.guard import Role
from portal.refusal import Conflict, Refused
from tests.apologies.conftest import AT, NOW, TEXT, TODAY
from tests.documents.test_letter_layout import pdf_text


def refused(act, *arguments, **more):
    with pytest.raises(Refused) as error:
        act(*arguments, **more)
    return error.value.code


def test_each_breach_gets_one_waiting_letter_however_often_it_runs(world):
    one, two = world.breach(), world.breach(finished="2023-10-12 09:00")

    with commit():
        assert bulk.open_for_breaches() == 2
    with commit():
        assert bulk.open_for_breaches() == 0

    opened = queries.apology_of_breach(one.id)
    assert (opened.state, opened.due_at, opened.officer_id) == ("waiting", one.due_at, world.officer.id)
    assert queries.apology_of_breach(two.id).unit_id == world.unit.id


def test_a_letter_opened_before_the_due_day_joins_its_breach(world):
    case = world.make.case(unit=world.unit, officer=world.officer, due="2023-10-10 17:00")
    with commit():
        assert bulk.open_before_due(datetime(2023, 10, 10), datetime(2023, 10, 10, 23, 59, 59)) == 1
        assert bulk.open_before_due(datetime(2023, 10, 10), datetime(2023, 10, 10, 23, 59, 59)) == 0

    breach = world.breach(code="other")
    db.session.rollback()
    with commit():
        db.session.execute(update(Apology).values(case_id=breach.case_id))
        assert bulk.open_for_breaches() == 0

    assert queries.apology_of_breach(breach.id) is not None
    assert queries.of_case(case.id) == []


def test_the_whole_road(world, tmp_path):
    apology = world.waiting(applicant="Trần Văn Ẩn")

    apology = world.drafted(apology)
    assert (apology.state, apology.handed_in) == ("draft", False)
    apology = world.handed_in(apology)
    assert (apology.state, apology.handed_in, apology.form) == ("draft", True, "apology_2018")
    apology = world.signed(apology)
    assert (apology.state, apology.signer_id, apology.signed_on) == ("signed", world.head.id, TODAY)
    what_was_signed = file_store().read(apology.signed_sha256)
    apology = world.numbered(apology)
    assert (apology.state, apology.number_text, apology.issued_on) == ("numbered", "01/PXL", TODAY)
    apology = world.sent(apology)
    assert (apology.state, apology.sent_channel, apology.proof) == ("sent", "paper", "Bưu gửi RR1")

    text = pdf_text(file_store().read(apology.file_sha256), tmp_path)
    for words in ("Số: 01/PXL", "Krông Nô, ngày 16 tháng 10 năm 2023", "Kính gửi: Ông Trần Văn Ẩn", "TRƯỞNG PHÒNG",
                  "PHÒNG TÀI NGUYÊN VÀ MÔI TRƯỜNG", "HUYỆN KRÔNG NÔ", "ngày 20 tháng 10 năm 2023", "Trần Thị Hường",
                  "Lý do: cần thêm thời gian xác minh.", apology.case.code):  # fmt: skip
        assert words in text
    assert world.officer.full_name not in text
    signed_text = pdf_text(what_was_signed, tmp_path)
    assert "01/PXL" not in signed_text and "/PXL" in signed_text and "DỰ THẢO" not in signed_text
    kinds = [event.kind for event in events_of("apology", apology.id)]
    assert kinds == [f"apology.{kind}" for kind in ("drafted", "handed_in", "signed", "numbered", "sent")]


def test_rendering_again_gives_the_stored_bytes(world):
    apology = world.issued()

    again = issuing.keep_files(letters.present(apology, TODAY + timedelta(days=400), mark="x"), file_store())

    assert (again.pdf.sha256, again.docx.sha256) == (apology.file_sha256, apology.docx_sha256)


def test_a_draft_may_be_poor_but_not_what_is_handed_in(world):
    apology = world.drafted(world.waiting(), Draft("", None, "", None))

    assert refused(world.handed_in, apology, replace(TEXT, addressee=" ")) == "apologies.missing_addressee"
    assert refused(world.handed_in, apology, replace(TEXT, cause_text=" \n")) == "apologies.missing_cause_text"
    assert refused(world.handed_in, apology, replace(TEXT, new_date=None)) == "apologies.missing_new_date"
    late = replace(TEXT, new_date=TODAY)
    assert refused(world.handed_in, apology, late) == "apologies.new_date_not_after_today"
    saturday = replace(TEXT, new_date=date(2023, 10, 21))
    with pytest.raises(Refused) as error:
        world.handed_in(apology, saturday)
    assert error.value.code == "apologies.new_date_day_off" and error.value.facts["next"] == "23/10/2023"
    assert world.found(apology.id).state == "draft"


def test_a_finished_case_gets_the_short_letter(world):
    apology = world.handed_in(world.waiting(finished="2023-10-12 09:00"))

    assert (apology.form, apology.new_date) == ("apology_short", None)
    assert letters.draft_of(apology, TODAY, queries.seats_on(TODAY), mark="").title == "THƯ XIN LỖI"


def test_a_case_that_moved_since_goes_back_before_it_is_signed(world):
    apology = world.handed_in(world.waiting())
    case = db.session.get(Case, apology.case_id)
    with commit():
        case.meaning, case.finished_at, case.finished_precision = "finished", datetime(2023, 10, 16, 15), "minute"

    assert refused(world.signed, world.found(apology.id)) == "apologies.form_changed"


def test_the_new_date_must_still_lie_ahead_when_it_is_signed(world):
    apology = world.handed_in(world.waiting())

    assert refused(world.signed, apology, on=date(2023, 10, 20)) == "apologies.new_date_not_after_today"


def test_only_the_head_signs_and_the_next_one_upward_where_the_post_is_vacant(world):
    apology = world.handed_in(world.waiting())
    above = queries.seats_on(TODAY).leaders[world.district.id].person

    assert refused(world.signed, apology, by=world.officer) == "apologies.not_the_signer"
    assert refused(world.signed, apology, by=above) == "apologies.not_the_signer"
    posting = queries.signer_posting(world.unit.id, TODAY)
    with commit():
        posting.valid_to = date(2023, 10, 1)
    apology = world.signed(world.found(apology.id), by=above)

    signed = letters.Signed.from_json(apology.content).letter
    assert (signed.authority_lines, signed.signer_name) == (("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"), "Lê Văn Chủ")


def test_a_head_may_draft_and_sign(world):
    apology = world.handed_in(world.waiting(), by=world.head)

    assert world.signed(apology).state == State.SIGNED


def test_nobody_elses_officer_drafts(world):
    stranger = world.make.officer(world.unit)

    assert refused(world.drafted, world.waiting(), by=stranger) == "apologies.not_yours"


def test_what_was_handed_in_cannot_be_changed_by_its_drafter(world):
    apology = world.handed_in(world.waiting())

    assert refused(world.drafted, apology) == "apologies.not_now"


def test_numbers_typed_and_drawn_and_never_twice(world):
    first = world.numbered(world.signed(world.handed_in(world.waiting())), typed=7)
    second = world.signed(world.handed_in(world.waiting()))

    assert refused(world.numbered, second, typed=7) == "documents.number_taken"
    assert refused(world.numbered, second, typed=-3) == "documents.bad_number"
    assert refused(world.numbered, second, typed=0) == "documents.bad_number"
    assert refused(world.numbered, second, by=world.head) == "apologies.not_yours"
    assert (first.number, world.numbered(second).number) == (7, 8)


def test_where_no_clerk_serves_the_head_numbers_and_sends(world):
    unit = world.make.unit("UBND xã Nam Đà", kind="commune", reports_in=world.district)
    head = world.make.posting(world.make.person(), unit, Role.HEAD, position="Chủ tịch UBND xã").person
    world.unit, world.head = unit, head

    apology = world.numbered(world.signed(world.handed_in(world.waiting(), by=head)), by=head)

    assert world.sent(apology, by=head).state == State.SENT


def test_a_late_apology_says_so(world):
    in_time = world.issued()
    apology = world.signed(world.handed_in(world.waiting()))

    late = world.numbered(apology, on=date(2023, 10, 19))

    assert (in_time.is_late, late.is_late) == (False, True)


def test_sending_needs_a_proof_and_a_possible_moment(world):
    apology = world.issued()

    def send(moment, proof):
        who = world.viewer(world.clerk)
        with commit():
            actions.send(apology, Channel.SMS, moment, proof, version=apology.version, by=who, at=AT, now=NOW)

    assert refused(send, NOW, "  ") == "apologies.proof_missing"
    assert refused(send, NOW + timedelta(minutes=1), "x") == "apologies.sent_out_of_order"
    assert refused(send, datetime(2023, 10, 15, 12), "x") == "apologies.sent_out_of_order"
    send(NOW, "Tin nhắn 0912")
    assert world.found(apology.id).state == State.SENT


@pytest.mark.parametrize("step", ["handed_in", "signed", "issued"])
def test_sent_back_keeps_text_and_comment_and_cancels_the_number(world, step):
    apology = world.handed_in(world.waiting()) if step == "handed_in" else None
    apology = apology or (world.signed(world.handed_in(world.waiting())) if step == "signed" else world.issued())

    who = world.viewer(world.head if step == "handed_in" else world.clerk)
    with commit():
        actions.send_back(apology, "Nêu rõ lý do", version=apology.version, by=who, at=AT, on=TODAY)

    apology = world.found(apology.id)
    assert (apology.state, apology.handed_in, apology.signer_id, apology.number) == ("draft", False, None, None)
    assert (apology.cause_text, apology.new_date) == (TEXT.cause_text, TEXT.new_date)
    back = queries.returns_of(apology)[0]
    assert (back.comment, back.cause_text) == ("Nêu rõ lý do", TEXT.cause_text)
    drafter = world.viewer(world.officer)
    assert queries.desk_counts(drafter, queries.reach_of(drafter, TODAY), TODAY)[queries.Desk.RETURNED].count == 1
    register = [(row.number, row.state) for row in numbers_of(world.unit.id, "PXL", 2023)]
    assert register == ([(1, "cancelled")] if step == "issued" else [])
    assert world.numbered(world.signed(world.handed_in(apology))).number == (2 if step == "issued" else 1)


def test_exemption_needs_words_evidence_and_another_person(world):
    apology = world.waiting()
    good = Exemption(ExemptReason.FORCE_MAJEURE, "Lũ quét ngày 9/10", "QĐ 12/QĐ-UBND ngày 10/10/2023")

    def exempt(exemption, person):
        who = world.viewer(person)
        with commit():
            actions.exempt(apology, exemption, version=apology.version, by=who, at=AT, on=TODAY)

    office = world.make.in_role("monitoring_office", world.district)
    assert refused(exempt, good, world.officer) == "apologies.own_exemption"
    assert refused(exempt, good, world.clerk) == "apologies.not_yours"
    assert refused(exempt, replace(good, evidence=" "), office) == "apologies.exempt_needs_evidence"
    assert refused(exempt, replace(good, note=""), office) == "apologies.exempt_needs_evidence"
    exempt(good, office)
    found = world.found(apology.id)
    assert (found.state, found.exempted_by) == ("exempt", office.id)
    assert letters.present(found, TODAY, mark="") is None


def test_a_cancelled_breach_cancels_the_letter_unless_it_was_sent(world):
    numbered, sent = world.issued(), world.sent(world.issued())

    with commit():
        assert actions.cancel_with_breach(numbered, "có tạm dừng hợp lệ", by=None, at=AT)
        assert not actions.cancel_with_breach(sent, "có tạm dừng hợp lệ", by=None, at=AT)

    assert (world.found(numbered.id).state, world.found(sent.id).state) == ("cancelled", "sent")
    assert numbers_of(world.unit.id, "PXL", 2023)[0].state == "cancelled"


def test_of_two_who_sign_at_once_one_wins(app, world):
    apology = world.handed_in(world.waiting())
    ident, version, head = apology.id, apology.version, world.viewer(world.head)
    db.session.rollback()
    ready, done, lost = threading.Barrier(4), [], []

    def sign():
        with app.app_context():
            ready.wait()
            try:
                found = world.found(ident)
                issuing.sign(found, file_store(), mark="", version=version, by=head, at=AT, on=TODAY)
                done.append(1)
            except (Conflict, Refused) as error:
                lost.append(error.code)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=sign) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert (len(done), len(lost)) == (1, 3)
    signed = [event for event in events_of("apology", ident) if event.kind == "apology.signed"]
    assert len(signed) == 1


def test_who_saw_an_older_letter_reads_why(world):
    apology = world.drafted(world.waiting())
    world.drafted(apology)

    with pytest.raises(Conflict), commit():
        actions.save_draft(apology, TEXT, version=apology.version - 1, by=world.viewer(world.officer), at=AT, on=TODAY)


def test_desks_show_each_what_waits_for_them(world):
    waiting, handed_in = world.waiting(), world.handed_in(world.waiting())
    signed, numbered = world.signed(world.handed_in(world.waiting())), world.issued()
    stranger = world.make.officer(world.unit)

    def desks(person):
        who = world.viewer(person)
        reach = reach_of(who, TODAY)
        counts = desk_counts(who, reach, TODAY)
        for desk in Desk:
            found = ApologyQuery.visible_to(who).on_desk(desk, reach, TODAY)
            assert counts[desk].count == found.count() == len(found.page())
        return {
            desk.value: {row.apology.id for row in ApologyQuery.visible_to(who).on_desk(desk, reach, TODAY).page()}
            for desk in Desk
        }

    everything = {waiting.id, handed_in.id, signed.id, numbered.id}
    none = {desk.value: set() for desk in Desk}
    promised = {**none, "promised": {numbered.id}, "all": everything}
    assert desks(world.officer) == {**promised, "to_draft": {waiting.id}}
    assert desks(world.head) == {**promised, "to_sign": {handed_in.id}}
    assert desks(world.clerk) == {**none, "to_number": {signed.id}, "to_send": {numbered.id}, "all": everything}
    assert desks(stranger) == none
    for role in ("monitoring_office", "home_affairs", "chair"):
        assert desks(world.make.in_role(role, world.district)) == {**none, "all": everything}
    for role in ("it_authority", "administrator", "auditor"):
        assert desks(world.make.in_role(role, world.district)) == none


def test_the_states_are_held_by_the_database(world):
    apology = world.waiting()

    for values in (
        {"state": "signed"},
        {"state": "numbered"},
        {"state": "sent"},
        {"state": "exempt"},
        {"state": "cancelled"},
        {"state": "elsewhere"},
        {"form": "apology_short", "new_date": TODAY},
    ):
        with pytest.raises(Exception, match="(?i)check"), commit():
            db.session.execute(update(Apology).where(Apology.id == apology.id).values(**values))
    assert db.session.scalar(select(func.count()).select_from(Apology).where(Apology.state == "waiting")) == 1

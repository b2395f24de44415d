"""The pages of letters: lists by step, one letter, each step by form; what is typed is kept, what is foreign hidden."""

import io
import json
import re
from urllib.parse import unquote

import docx
import pytest
from click.testing import CliRunner
from sqlalchemy import event

from portal.cli import main
from portal.database import db
from portal.documents.letter import DEMO_MARK
from portal.documents.serving import SANDBOX, file_store
from tests.apologies.conftest import TEXT, TODAY
from tests.databases import SECRET
from tests.documents.test_letter_layout import pdf_text

WRITTEN = {"addressee": "Ông Trần Văn Ẩn", "cause": "0", "cause_text": "cần xác minh thêm", "new_date": "20/10/2023"}


def form_of(html, action):
    """The hidden fields of the form (or button) that leads to an address."""
    assert action in html
    version = re.search(r'name="version"[^>]*value="(\d+)"', html)
    return {"version": version.group(1)} if version else {}


def text_of(answer):
    return answer.get_data(as_text=True)


def test_what_is_no_date_is_called_so_and_kept(world, signed_in):
    apology = world.signed(world.handed_in(world.waiting()))
    url, clerk = f"/apologies/{apology.id}", signed_in(world.clerk)
    fields = {"number": "", **form_of(text_of(clerk.get(url)), f"{url}/number")}

    refused = clerk.post(f"{url}/number", data={**fields, "issued_on": "32/10/2023"})
    assert refused.status_code == 422
    assert "hãy gõ theo dạng 16/10/2023" in text_of(refused) and 'value="32/10/2023"' in text_of(refused)
    assert "Ô này bắt buộc nhập" not in text_of(refused)

    assert "bắt buộc nhập" in text_of(clerk.post(f"{url}/number", data={**fields, "issued_on": " "}))
    assert clerk.post(f"{url}/number", data={**fields, "issued_on": " 16/10/2023 "}).status_code == 303


def test_the_whole_road_by_clicks(world, signed_in, tmp_path):
    apology = world.waiting(applicant="Trần Văn Ẩn")
    url = f"/apologies/{apology.id}"
    officer, head, clerk = (signed_in(person) for person in (world.officer, world.head, world.clerk))

    page = text_of(officer.get(url))
    assert "Trần Văn Ẩn" in page and "Trình ký" in page and "Kính gửi" in page
    sent = officer.post(f"{url}/hand-in", data={**WRITTEN, **form_of(page, f"{url}/hand-in")})
    assert (sent.status_code, sent.location) == (303, url)
    page = text_of(head.get(url))
    assert head.post(f"{url}/sign", data=form_of(page, f"{url}/sign")).status_code == 303
    page = text_of(clerk.get(url))
    numbering = {"number": "", "issued_on": "16/10/2023", **form_of(page, f"{url}/number")}
    assert clerk.post(f"{url}/number", data=numbering).status_code == 303
    page = text_of(clerk.get(url))
    sending = {"channel": "zalo", "sent_at": "16/10/2023 15:59", "proof": "Zalo 0912", **form_of(page, f"{url}/send")}
    assert clerk.post(f"{url}/send", data=sending).status_code == 303

    page = text_of(officer.get(url))
    assert "01/PXL" in page and "Zalo" in page and "đã gửi" in page and "Ký thư xin lỗi" in page
    pdf, word = (officer.get(f"{url}/letter/{kind}") for kind in ("pdf", "docx"))
    assert "Số: 01/PXL" in pdf_text(pdf.data, tmp_path)
    assert docx.Document(io.BytesIO(word.data)).tables[0].rows[1].cells[0].text == "Số: 01/PXL"
    for answer in (pdf, word):
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert apology.case.code in unquote(answer.headers["Content-Disposition"])
        assert answer.headers["Content-Security-Policy"] == SANDBOX
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_lists_show_what_waits_for_whom(world, signed_in):
    waiting, numbered = world.waiting(), world.issued()

    officer, clerk = signed_in(world.officer), signed_in(world.clerk)

    mine = text_of(officer.get("/apologies"))
    assert waiting.case.code in mine and numbered.case.code not in mine
    theirs = text_of(clerk.get("/apologies"))
    assert numbered.case.code in theirs and waiting.case.code not in theirs
    everything = text_of(officer.get("/apologies?desk=all"))
    assert waiting.case.code in everything and numbered.case.code in everything
    only = text_of(officer.get("/apologies?desk=all&state=numbered"))
    assert waiting.case.code not in only and "01/PXL" in only
    assert waiting.case.code in text_of(officer.get(f"/apologies?desk=all&q={waiting.case.code}"))
    rows = text_of(officer.get("/apologies?desk=all", headers={"HX-Request": "true"}))
    assert rows.lstrip().startswith('<div id="apologies-rows">') and "<html" not in rows
    assert officer.get("/apologies?desk=nonsense&after=broken&state=none").status_code == 200


def test_a_long_list_is_paged_and_counted(world, signed_in, monkeypatch):
    monkeypatch.setattr("portal.accountability.apologies.queries.PAGE", 2)
    codes = [world.waiting().case.code for _ in range(3)]
    officer = signed_in(world.officer)

    first = text_of(officer.get("/apologies?desk=all"))
    following = re.search(r'rel="next"[^>]*href="([^"]+)"', first).group(1).replace("&amp;", "&")
    second = text_of(officer.get(following))

    assert [code in first for code in codes] == [True, True, False]
    assert [code in second for code in codes] == [False, False, True]


def test_out_of_scope_does_not_exist_and_foreign_roles_may_not(world, signed_in):
    apology = world.handed_in(world.waiting())
    url = f"/apologies/{apology.id}"
    elsewhere = world.make.unit(kind="district")

    for role in ("officer", "head", "clerk", "monitoring_office", "home_affairs", "chair"):
        assert signed_in(role, elsewhere).get(url).status_code == 404
        assert signed_in(role, elsewhere).get(f"{url}/letter/pdf").status_code == 404
    assert signed_in("head", elsewhere).post(f"{url}/sign", data={"version": apology.version}).status_code == 404
    for role in ("it_authority", "administrator", "auditor"):
        assert signed_in(role, world.district).get(url).status_code == 403
    office = signed_in("monitoring_office", world.district)
    assert office.get(url).status_code == 200 and office.get(f"{url}/letter/pdf").status_code == 200
    assert office.post(f"{url}/sign", data={"version": apology.version}).status_code == 403
    assert office.post(f"{url}/draft", data={"version": apology.version}).status_code == 403


def test_what_was_typed_stands_on_the_page_when_a_rule_says_no(world, signed_in):
    apology = world.waiting()
    officer = signed_in(world.officer)
    typed = {**WRITTEN, "version": apology.version}

    weekend = officer.post(f"/apologies/{apology.id}/hand-in", data={**typed, "new_date": "21/10/2023"})
    nonsense = officer.post(f"/apologies/{apology.id}/hand-in", data={**typed, "new_date": "31/02/2023"})

    assert weekend.status_code == 409 and "23/10/2023" in text_of(weekend)
    assert nonsense.status_code == 422
    for answer in (weekend, nonsense):
        assert "cần xác minh thêm" in text_of(answer)
    assert world.found(apology.id).state == "waiting"


def test_drafts_are_saved_while_typing_even_with_a_broken_date(world, signed_in):
    apology = world.waiting()
    officer = signed_in(world.officer)
    json_wanted = {"Accept": "application/json", "HX-Request": "true"}
    url = f"/apologies/{apology.id}/draft"

    saved = officer.post(url, data={**WRITTEN, "version": apology.version}, headers=json_wanted).get_json()
    again = officer.post(
        url,
        data={**WRITTEN, "cause_text": "Viết tiếp", "new_date": "20/1", "version": saved["version"]},
        headers=json_wanted,
    ).get_json()

    found = world.found(apology.id)
    assert (found.cause_text, found.new_date, found.version) == ("Viết tiếp", TEXT.new_date, again["version"])
    behind = officer.post(url, data={**WRITTEN, "version": saved["version"]}, headers=json_wanted)
    assert behind.status_code == 409 and "error" in behind.get_json()


def test_a_conflict_keeps_the_text_on_the_page(world, signed_in):
    apology = world.handed_in(world.waiting())
    officer = signed_in(world.officer)

    answer = officer.post(f"/apologies/{apology.id}/draft", data={**WRITTEN, "cause_text": "Chữ sắp mất", "version": 1})

    assert answer.status_code == 409 and "Chữ sắp mất" in text_of(answer)


def test_the_sentence_of_a_cause_is_proposed_and_nothing_is_written(world, signed_in):
    apology = world.waiting()
    officer = signed_in(world.officer)
    page = text_of(officer.get(f"/apologies/{apology.id}"))
    value = re.search(r'<option[^>]*value="(\d+)"[^>]*>Quá tải', page).group(1)
    typed = {**WRITTEN, "cause": value, "version": apology.version}

    whole = text_of(officer.post(f"/apologies/{apology.id}/preview", data={**typed, "propose": "1"}))
    part = text_of(officer.post(f"/apologies/{apology.id}/preview", data=typed, headers={"HX-Request": "true"}))

    assert "số lượng hồ sơ tiếp nhận" in whole and "<html" in whole
    assert part.lstrip().startswith('<div id="apologies-preview">') and "Lý do: cần xác minh thêm." in part
    assert world.found(apology.id).state == "waiting"


def test_a_double_click_signs_once(world, signed_in):
    apology = world.handed_in(world.waiting())
    head = signed_in(world.head)
    sending = {"version": apology.version, "op_id": "11111111-2222"}

    answers = [head.post(f"/apologies/{apology.id}/sign", data=sending) for _ in range(2)]

    assert [(answer.status_code, answer.location) for answer in answers] == [(303, f"/apologies/{apology.id}")] * 2


def test_sent_back_says_why(world, signed_in):
    apology = world.handed_in(world.waiting())
    sending = {"version": apology.version, "comment": "Nêu rõ lý do hơn"}

    assert signed_in(world.head).post(f"/apologies/{apology.id}/send-back", data=sending).status_code == 303

    page = text_of(signed_in(world.officer).get(f"/apologies/{apology.id}"))
    assert "Nêu rõ lý do hơn" in page and "Trình ký" in page


def test_an_exemption_keeps_its_evidence(world, signed_in):
    apology = world.waiting()
    office = signed_in("monitoring_office", world.district)
    sending = {
        "version": apology.version, "reason": "force_majeure", "note": "Lũ quét",
        "file": (io.BytesIO("Biên bản lũ quét".encode()), "Biên bản.txt"),
    }  # fmt: skip
    url = f"/apologies/{apology.id}"

    macros = {**sending, "file": (io.BytesIO(b"MZ"), "a.exe")}
    assert office.post(f"{url}/exempt", data=macros).status_code == 409
    assert office.post(f"{url}/exempt", data=sending).status_code == 303

    assert office.get(f"{url}/evidence").data.decode() == "Biên bản lũ quét"
    assert "Biên bản.txt" in text_of(office.get(url))
    assert office.get(f"{url}/letter/pdf").status_code == 404


def test_a_draft_is_marked_and_a_demonstration_too(app, world, signed_in, tmp_path, monkeypatch):
    apology = world.drafted(world.waiting())
    officer = signed_in(world.officer)
    url = f"/apologies/{apology.id}/letter/pdf"

    draft = pdf_text(officer.get(url).data, tmp_path)
    monkeypatch.setattr("portal.accountability.apologies.views.document_mark", lambda: DEMO_MARK)
    from_demo = pdf_text(officer.get(url).data, tmp_path)

    assert "DỰ THẢO" in draft and "dữ liệu minh hoạ" not in draft
    assert "dữ liệu minh hoạ" in from_demo


@pytest.mark.parametrize("kind", ["pdf", "docx"])
def test_the_command_renders_what_was_issued(world, database_url, tmp_path, kind):
    apology = world.issued()
    out = tmp_path / f"letter.{kind}"
    arguments = [
        "apologies",
        "render",
        str(apology.id),
        "--format",
        kind,
        "--out",
        str(out),
        "--db",
        database_url,
        "--json",
    ]

    result = CliRunner().invoke(main, arguments, env={"PORTAL_SECRET_KEY": SECRET})

    answer = json.loads(result.stdout)
    expected = apology.file_sha256 if kind == "pdf" else apology.docx_sha256
    assert (result.exit_code, answer["sha256"], answer["bytes"]) == (0, expected, out.stat().st_size)


def test_a_lost_file_is_drawn_again_from_the_words_that_were_signed(world, signed_in):
    apology = world.issued()
    store = file_store()
    kept = store.read(apology.file_sha256)
    store.path(apology.file_sha256).unlink()

    assert signed_in(world.officer).get(f"/apologies/{apology.id}/letter/pdf").data == kept


def test_the_command_refuses_what_is_not_there(world, database_url, tmp_path):
    arguments = ["--format", "pdf", "--out", str(tmp_path / "x.pdf"), "--db", database_url, "--json"]

    result = CliRunner().invoke(main, ["apologies", "render", "4711", *arguments], env={"PORTAL_SECRET_KEY": SECRET})

    answer = json.loads(result.stdout)
    assert result.exit_code == 2 and "4711" in answer["problems"][0]["reason"] and not (tmp_path / "x.pdf").exists()


def test_few_queries_whatever_the_number_of_rows(app, world, signed_in):
    for _ in range(5):
        world.waiting()
    head, counted = signed_in(world.head), []
    event.listen(db.engine, "before_cursor_execute", lambda *given: counted.append(given[2]))

    assert head.get("/apologies?desk=all").status_code == 200

    assert len([one for one in counted if one.lstrip().upper().startswith("SELECT")]) <= 12, counted


def test_today_is_the_business_day(world):
    assert world.waiting().opened_on == TODAY

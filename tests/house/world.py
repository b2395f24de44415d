"""Two districts that may not see each other, with one of everything in the first; and which object each address names.

An endpoint whose address names a row needs an entry in ``ARGUMENTS``; the test fails until it has one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from portal import clock
from portal.access.models import Absence, AccountSession
from portal.accountability.apologies.models import LetterTemplate
from portal.accountability.explanations.drafts import BatchFile, BatchMember, ExplanationBatch
from portal.accountability.explanations.models import Objection
from portal.accountability.explanations.supplements import Supplement
from portal.accountability.incidents.models import BodyQuestion, Incident, IncidentCase
from portal.accountability.ledger.models import PauseProposal
from portal.accountability.violations.models import Violation
from portal.api.models import ApiToken
from portal.calendars.models import CalendarDraft, CalendarException
from portal.calendars.queries import current_version_id
from portal.database import commit, db
from portal.directives.models import UrgingNote
from portal.directory.models import DirectoryFile, Person, Posting, Unit
from portal.documents.actions import remember_file
from portal.documents.models import StoredFile
from portal.documents.rules import MEDIA_TYPES
from portal.documents.serving import file_store
from portal.imports.models import Batch, SourceName
from portal.notices.models import Mail, Notice
from portal.reports.models import SourceCodeList, SourceReport, SourceReportRow
from portal.sources.models import SourceMapping
from tests.documents.test_filling import template
from tests.factories import Make

YEAR = 2023


@dataclass
class District:
    """A district, one commune in it, and who works there."""

    unit: Unit
    commune: Unit
    officer: Person
    head: Person


@dataclass
class World:
    """``here`` has the rows that addresses name; ``there`` has only people who may not see them."""

    make: Make
    here: District
    there: District
    rows: dict[str, int] = field(default_factory=dict)

    def __getattr__(self, name: str) -> int:
        try:
            return self.rows[name]
        except KeyError:
            raise AttributeError(f"the world has no {name}; add it in tests/house/world.py") from None


Arguments = Callable[[World], dict[str, Any]]

# Which row an address names, and whether it lies in somebody's scope. Those of OPEN are read by all who hold the
# permission (the directory, the calendar); those of OWN belong to the person who is signed in.
SCOPED: dict[str, Arguments] = {
    **dict.fromkeys(
        [
            f"apologies.{name}"
            for name in (
                "show",
                "save",
                "bring_pdf",
                "evidence",
                "exempt",
                "hand_in",
                "number",
                "preview",
                "send",
                "send_back",
                "sign",
            )
        ],
        lambda w: {"apology_id": w.apology},
    ),
    **dict.fromkeys(
        [f"apology_copies.{name}" for name in ("scan", "signed", "seal", "mail", "proof")],
        lambda w: {"apology_id": w.apology},
    ),
    "apology_copies.proved": lambda w: {"apology_id": w.apology, "proof_id": 1},
    "apology_copies.show": lambda w: {"apology_id": w.apology, "copy_id": 1},
    **dict.fromkeys(
        ["apology_register.keep_back", "apology_register.explain"], lambda w: {"unit_id": w.commune, "year": YEAR}
    ),
    **dict.fromkeys(
        [f"apology_templates.{name}" for name in ("show", "file", "activate", "withdraw")],
        lambda w: {"template_id": w.letter_template},
    ),
    "apology_templates.sample": lambda w: {"template_id": w.letter_template, "kind": "docx"},
    "apologies.letter": lambda w: {"apology_id": w.apology, "kind": "pdf"},
    "cases.show": lambda w: {"case_id": w.case},
    **dict.fromkeys(
        [f"terms.{name}" for name in ("show", "record_pause", "end_pause", "record_extension", "take_back")],
        lambda w: {"case_id": w.case},
    ),
    "pause_proposals.propose": lambda w: {"case_id": w.case},
    **dict.fromkeys(
        [f"pause_proposals.{name}" for name in ("accept", "refuse", "withdraw")], lambda w: {"proposal_id": w.proposal}
    ),
    "terms.of_breach": lambda w: {"case_id": w.case, "breach_id": w.breach},
    **dict.fromkeys(
        [
            f"explanations.{name}"
            for name in (
                "show",
                "save",
                "submit",
                "already_done",
                "not_mine",
                "conclude",
                "send_back",
                "reassign",
                "withdraw",
                "object_to",
                "pass_on",
                "return_from_section",
            )
        ],  # fmt: skip
        lambda w: {"explanation_id": w.explanation},
    ),
    "explanations.hear": lambda w: {"explanation_id": w.explanation, "objection_id": w.objection},
    **dict.fromkeys(
        [f"explanations.{name}" for name in ("batch", "save_batch", "submit_batch", "drop_batch")],
        lambda w: {"batch_id": w.explained_together},
    ),
    **dict.fromkeys(
        [f"explanations.{one}_supplement" for one in ("save", "submit", "note", "return")]
        + ["explanations.supplement"]
        + [f"questions.{one}_further" for one in ("beside", "new", "create")],
        lambda w: {"supplement_id": w.supplement},
    ),
    "explanations.batch_file": lambda w: {"batch_id": w.explained_together, "file_id": w.batch_file},
    "explanations.attachment": lambda w: {"explanation_id": w.explanation, "attachment_id": w.attachment},
    **dict.fromkeys(
        [
            f"imports.{name}"
            for name in (
                "show",
                "sheet",
                "columns",
                "apply",
                "discard",
                "retry",
                "undo",
                "changes",
                "rows",
                "progress",
                "problems",
            )
        ],
        lambda w: {"batch_id": w.batch},
    ),
    **dict.fromkeys([f"layouts.{name}" for name in ("show", "check", "save")], lambda w: {"batch_id": w.batch}),
    **dict.fromkeys(
        [f"imports.{name}" for name in ("name", "map_name", "ignore_name")], lambda w: {"name_id": w.source_name}
    ),
    **dict.fromkeys(
        [
            f"incidents.{name}"
            for name in ("show", "declare", "confirm", "refuse", "dismiss", "withdraw", "link_missed", "link_codes")
        ],
        lambda w: {"incident_id": w.incident},
    ),
    **dict.fromkeys(
        [f"violations.{name}" for name in ("show", "open_suspicion", "dismiss", "answer", "send_back", "conclude")],
        lambda w: {"violation_id": w.violation},
    ),
    "incidents.unlink": lambda w: {"incident_id": w.incident, "link_id": w.incident_link},
    **dict.fromkeys(
        [f"questions.{name}" for name in ("show", "answer", "letter", "withdraw", "file")],
        lambda w: {"question_id": w.question},
    ),
    **dict.fromkeys(
        [f"questions.{name}" for name in ("beside", "link", "new", "create")],
        lambda w: {"explanation_id": w.explanation},
    ),
    "absences.new": lambda w: {"person_id": w.person},
    "absences.create": lambda w: {"person_id": w.person},
    "absences.end": lambda w: {"absence_id": w.absence},
    "ledger.handover": lambda w: {"person_id": w.person},
    "ledger.case_duties": lambda w: {"case_id": w.case},
    **dict.fromkeys(
        [f"reports.{name}" for name in ("show", "export", "correct", "replace", "add_codes")],
        lambda w: {"report_id": w.report},
    ),
    **dict.fromkeys(
        ["aggregates.unit", "aggregates.save"], lambda w: {"unit_id": w.commune, "year": YEAR, "number": 9}
    ),
    "reports.cell": lambda w: {"report_id": w.report, "unit_id": w.unit, "figure": "overdue"},
    "reports.codes": lambda w: {"report_id": w.report, "figure": "overdue"},
    "ledger.propose": lambda w: {"breach_id": w.breach},
    "ledger.decide": lambda w: {"correction_id": w.correction},
    "followups.person": lambda w: {"person_id": w.person},
    "followups.create": lambda w: {"person_id": w.person},
    "followups.show": lambda w: {"followup_id": w.followup},
    "followups.cancel": lambda w: {"followup_id": w.followup},
    "evaluation.officer": lambda w: {"year": YEAR, "person_id": w.person},
}
SCOPED |= {
    **dict.fromkeys([f"urging.{name}" for name in ("show", "reply", "reply_file")], lambda w: {"note_id": w.urging}),
    "urging_people.show": lambda w: {"person_id": w.person},
    "urging_people.issue": lambda w: {"person_id": w.person, "subject": "overdue"},
    "urging.letter": lambda w: {"note_id": w.urging, "kind": "pdf"},
}
OPEN: dict[str, Arguments] = {
    "urging.create": lambda w: {"subject": "overdue"},
    "explanations.several": lambda w: {"step": "not-mine"},
    **dict.fromkeys(["apology_batches.show", "apology_batches.act"], lambda w: {"step": "sign"}),
    "api.show_token": lambda w: {"token_id": w.api_token},
    "api.revoke_token": lambda w: {"token_id": w.api_token},
    "api_v1.show_batch": lambda w: {"batch_id": w.batch},
    "access.show_account": lambda w: {"user_id": w.user},
    "access.disable_account": lambda w: {"user_id": w.user},
    "access.enable_account": lambda w: {"user_id": w.user},
    "access.issue_slip": lambda w: {"user_id": w.user},
    "access.end_session": lambda w: {"user_id": w.user, "session_id": w.session},
    "access.new_account": lambda w: {"person_id": w.person},
    "access.create_account": lambda w: {"person_id": w.person},
    "calendars.year": lambda w: {"year": YEAR},
    "calendar_years.propose": lambda w: {"year": 2027},
    "calendar_years.open_year": lambda w: {"year": 2027},
    **dict.fromkeys(
        [f"impact.{name}" for name in ("calendar", "count", "export")], lambda w: {"draft_id": w.calendar_draft}
    ),
    "impact.run": lambda w: {"version_id": 1},
    "calendars.version": lambda w: {"version_id": 1},
    "calendar_changes.set_day": lambda w: {"year": YEAR},
    "calendar_changes.remove_day": lambda w: {"day_id": w.calendar_day},
    "calendar_changes.end_exception": lambda w: {"exception_id": w.calendar_exception},
    **dict.fromkeys(
        [f"calendar_changes.{name}" for name in ("show", "apply", "discard")], lambda w: {"draft_id": w.calendar_draft}
    ),
    **dict.fromkeys(
        [f"directory_files.{name}" for name in ("show", "apply", "discard", "rejected")],
        lambda w: {"file_id": w.directory_file},
    ),
    "unit_changes.rename": lambda w: {"unit_id": w.unit},
    "unit_changes.rename_form": lambda w: {"unit_id": w.unit},
    "unit_changes.transfer": lambda w: {"posting_id": w.posting},
    "unit_changes.transfer_form": lambda w: {"posting_id": w.posting},
    "directory.unit": lambda w: {"unit_id": w.unit},
    "directory.update_unit": lambda w: {"unit_id": w.unit},
    "directory.set_parent": lambda w: {"unit_id": w.unit},
    "directory.person": lambda w: {"person_id": w.person},
    "directory.update_person": lambda w: {"person_id": w.person},
    "directory.add_posting": lambda w: {"person_id": w.person},
    "directory.set_clerk": lambda w: {"posting_id": w.posting},
    "directory.end_posting": lambda w: {"posting_id": w.posting},
    **dict.fromkeys(
        [f"sources.{name}" for name in ("show", "edit", "update", "units", "set_units")]
        + [f"sources.{name}" for name in ("statuses", "set_statuses", "channels", "set_channels")],
        lambda w: {"source_id": w.source},
    ),
    "outbox.retry": lambda w: {"mail_id": w.mail},
    "sources.version": lambda w: {"source_id": w.source, "number": 1},
    **dict.fromkeys(["procedures.show", "procedures.set_one"], lambda w: {"procedure_id": w.procedure}),
    "evaluation.index": lambda w: {"year": YEAR},
    "evaluation.export": lambda w: {"year": YEAR},
    "static": lambda w: {"filename": "portal.css"},
    "web.language": lambda w: {"code": "en"},
}
OWN: dict[str, Arguments] = {
    "notices.open_one": lambda w: {"notice_id": w.notice},
    "access.end_own_session": lambda w: {"session_id": w.session},
}
ARGUMENTS: dict[str, Arguments] = {**SCOPED, **OPEN, **OWN}


def district(make: Make, name: str) -> District:
    """A district with a commune, its officer and its head."""
    unit = make.unit(f"Huyện {name}", kind="district")
    commune = make.unit(f"Xã {name}", reports_in=unit)
    return District(unit, commune, make.officer(commune), make.head(commune))


def imported(make: Make, here: District, source_id: int) -> Batch:
    """A file that somebody of the commune brought and nobody applied yet."""
    facts = {"file_name": "ds.csv", "file_sha256": "0" * 64, "size": 1, "uploaded_at": clock.now()}
    return make.add(Batch(source_id=source_id, unit_id=here.commune.id, state="previewed", **facts))


def mapped(make: Make, source_id: int) -> int:
    """The first version of how the source of the cases is read."""
    facts = {"version": 1, "author": "Văn phòng", "reason": "Tệp đầu tiên", "made_at": clock.now()}
    make.add(SourceMapping(source_id=source_id, columns={"code": "Mã hồ sơ"}, headings=["Mã hồ sơ"], **facts))
    return source_id


def unknown_name(make: Make, here: District) -> SourceName:
    """An officer's name in the commune that nobody knows."""
    facts = {"kind": "officer", "scope": str(here.commune.id), "made_at": clock.now()}
    return make.add(SourceName(unit_id=here.commune.id, text="Mơ H.", folded="mo h", **facts))


def api_token(make: Make, source_id: int) -> ApiToken:
    """A token of a program."""
    facts = {"scopes": "batches:read", "token_hash": "0" * 64, "prefix": "dh_00000000", "made_by": "thử"}
    last = clock.today() + timedelta(days=30)
    return make.add(ApiToken(name="Trục", source_id=source_id, expires_on=last, made_at=clock.now(), **facts))


def source_report(make: Make, here: District) -> SourceReport:
    """What a source reported of the commune, with a list of codes."""
    days = {"from_on": date(YEAR, 1, 1), "to_on": date(YEAR, 10, 16), "as_of": datetime(YEAR, 10, 16, 16, 0)}
    facts = {"door": "typed", "author": "Hà", "at": clock.now()}
    report = make.add(SourceReport(unit_id=here.commune.id, **days, **facts))
    make.add(SourceReportRow(report_id=report.id, unit_id=here.commune.id, figures={"overdue": 1}))
    file = {"file_name": "ds.csv", "file_sha256": "0" * 64, "author": "Hà", "at": clock.now()}
    make.add(SourceCodeList(report_id=report.id, figure="overdue", **file))
    return report


def calendar_draft(make: Make, user_id: int) -> CalendarDraft:
    """A change of the calendar that somebody was shown; nobody else may look at it."""
    changes = [{"do": "remove_day", "day": "2023-09-04"}]
    facts = {"changes": changes, "told": {}, "reason": "thử", "base_version_id": current_version_id()}
    return make.add(CalendarDraft(user_id=user_id, made_at=clock.now(), **facts))


def calendar_exception(make: Make, here: District) -> CalendarException:
    """A Saturday morning on which the commune is open."""
    facts = {"weekday": 5, "valid_from": date(2023, 1, 1), "hours": ["07:30-11:30"], "name": "Một cửa sáng thứ Bảy"}
    return make.add(CalendarException(unit_id=here.commune.id, kind="desk", document="QĐ 12", **facts))


def directory_file(make: Make, user_id: int) -> DirectoryFile:
    """A directory file that somebody brought; nobody else may look at it."""
    told: dict[str, Any] = {"counts": {}, "of_which": {}, "changes": [], "problems": [], "warnings": []}
    facts = {"name": "danh-ba.csv", "sha256": "0" * 64, "size": 1, "content": b"x", "outcome": told}
    return make.add(DirectoryFile(user_id=user_id, uploaded_at=clock.now(), **facts))


def incident(make: Make, here: District, case_id: int) -> tuple[int, int]:
    """A declared incident of the commune and the link of its case."""
    began = datetime(YEAR, 10, 9, 8, 0)
    facts = {"system": "Cổng dịch vụ công", "description": "Mất kết nối", "state": "declared", "made_at": clock.now()}
    made = make.add(Incident(unit_id=here.commune.id, started_at=began, **facts)).id
    return made, make.add(IncidentCase(incident_id=made, case_id=case_id, linked_at=clock.now())).id


def question(make: Make, here: District, breach_id: int, case_id: int) -> int:
    """A question of the officer to the tax office, not answered yet."""
    days = {"asked_on": date(YEAR, 10, 17), "due_on": date(YEAR, 10, 24)}
    facts = {"body": "Chi cục Thuế", "text": "Giữ hồ sơ từ ngày nào?", "stops": "none", "asked_by": here.officer.id}
    rows = {"breach_id": breach_id, "case_id": case_id, "asked_at": clock.now()}
    return make.add(BodyQuestion(**rows, **days, **facts)).id


def violation(make: Make, here: District) -> int:
    """A suspicion about the officer of the commune that somebody opened."""
    days = {"found_on": date(YEAR, 10, 16), "due_on": date(YEAR, 10, 19)}
    facts = {"kind": "attitude", "origin": "hotline", "state": "waiting", "made_at": clock.now()}
    return make.add(Violation(unit_id=here.commune.id, holder_id=here.officer.id, **days, **facts)).id


def proposal(make: Make, here: District, case_id: int) -> int:
    """A pause that the officer proposed, not decided yet."""
    facts = {"kind": "payment", "document": "12/TB", "document_on": date(YEAR, 10, 5), "proposed_at": clock.now()}
    began = datetime(YEAR, 10, 5, 8, 0)
    return make.add(PauseProposal(case_id=case_id, started_at=began, proposed_by=here.officer.id, **facts)).id


def objection(make: Make, here: District, explanation_id: int) -> int:
    """An objection of the officer that nobody has decided."""
    days = {"made_on": date(YEAR, 10, 17), "decision_due_on": date(YEAR, 10, 24), "at": clock.now()}
    rows = {"explanation_id": explanation_id, "conclusion_id": 1, "person_id": here.officer.id}
    return make.add(Objection(reason="Đến tay khi đã trễ.", **rows, **days)).id


def absence(make: Make, here: District) -> Absence:
    """The officer will be away; the head stands in."""
    facts = {"reason": "leave", "first_day": date(2023, 11, 6), "last_day": date(2099, 1, 1), "made_by": "máy"}
    people = {"person_id": here.officer.id, "stand_in_id": here.head.id}
    return make.add(Absence(**people, **facts, document="", note="", made_at=clock.now()))


def urged(make: Make, here: District) -> UrgingNote:
    """The district urges the commune, which answered by a letter."""
    kept = file_store().put(b"Da ra soat", "text/plain")
    with commit():
        remember_file(kept, at=clock.now())
    units = {"issuer_id": here.unit.id, "unit_id": here.commune.id}
    files = dict.fromkeys(("pdf_sha256", "docx_sha256", "reply_sha256"), kept.sha256)
    days = dict.fromkeys(("issued_on", "reply_due_on", "replied_on"), date(YEAR, 10, 16))
    facts = {"subject": "overdue", "round": 1, "state": "answered", "year": YEAR, "number": 1, "total": 1}
    return make.add(UrgingNote(**units, **files, **days, **facts, issued_at=clock.now(), reply_file="tra-loi.txt"))


def letter_template(make: Make, here: District) -> int:
    """A Word file of the commune for its letters."""
    content = file_store().put(template(), MEDIA_TYPES["docx"])
    make.add(StoredFile(sha256=content.sha256, size=content.size, media_type=content.media_type, made_at=clock.now()))
    facts = {"kind": "reappointment", "sha256": content.sha256, "file_name": "Mẫu.docx", "uploaded_at": clock.now()}
    return make.add(LetterTemplate(unit_id=here.commune.id, **facts)).id


def told(make: Make, person: Person) -> tuple[Notice, Mail]:
    """A notice to somebody, and the mail that carried it and failed."""
    facts = {"subject": "x", "plain": "x", "html": "x", "message_id": "<1@x>", "address": "a@b.vn"}
    moments = {"day": date(YEAR, 10, 16), "made_at": clock.now(), "next_at": clock.now()}
    mail = make.add(Mail(what="digest", person_id=person.id, state="failed", **facts, **moments))
    about = {"kind": "jobs.failed", "things": 1, "made_on": date(YEAR, 10, 16), "made_at": clock.now()}
    return make.add(Notice(person_id=person.id, mail_id=mail.id, **about)), mail


def further(make: Make, here: District, breach_id: int, explanation_id: int) -> Supplement:
    """A further explanation that the officer owes."""
    days = {"noticed_on": date(YEAR, 10, 16), "due_on": date(YEAR, 10, 19)}
    facts = {"number": 1, "reason": "still_open", "unit_id": here.commune.id, "holder_id": here.officer.id}
    return make.add(Supplement(breach_id=breach_id, explanation_id=explanation_id, **days, **facts))


def explained_together(make: Make, here: District, explanation_id: int) -> tuple[int, int]:
    """A common draft of the officer with one case and one file."""
    batch = make.add(ExplanationBatch(holder_id=here.officer.id, opened_at=clock.now()))
    make.add(BatchMember(batch_id=batch.id, explanation_id=explanation_id))
    stored = file_store().put(b"Da chuyen", "text/plain")
    facts = {"sha256": stored.sha256, "size": stored.size, "media_type": stored.media_type, "at": clock.now()}
    return batch.id, make.add(BatchFile(batch_id=batch.id, name="phieu.txt", **facts)).id


def build(make: Make, signed_in: Callable[..., Any]) -> World:
    """The world, with one of everything."""
    world = World(make, district(make, "Krông Nô"), district(make, "Đắk Song"))
    signed_in(world.here.officer)
    here, person = world.here, world.here.officer
    user = make.user(person)
    case = make.case(unit=here.commune, officer=person)
    breach = make.breach(case)
    incident_id, link_id = incident(make, here, case.id)
    notice, mail = told(make, person)
    world.rows |= {
        "incident": incident_id,
        "incident_link": link_id,
        "notice": notice.id,
        "urging": urged(make, here).id,
        "mail": mail.id,
        "unit": here.commune.id,
        "person": person.id,
        "user": user.id,
        "session": db.session.query(AccountSession).filter_by(user_id=user.id).one().id,
        "posting": db.session.query(Posting).filter_by(person_id=person.id).one().id,
        "calendar_day": 1,
        "calendar_draft": calendar_draft(make, user.id).id,
        "calendar_exception": calendar_exception(make, here).id,
        "case": case.id,
        "procedure": case.procedure_id,
        "breach": breach.id,
        "explanation": make.explanation(breach).id,
        "objection": objection(make, here, make.explanation(breach).id),
        "apology": make.apology(breach).id,
        "letter_template": letter_template(make, here),
        "attachment": make.attachment(breach).id,
        "violation": violation(make, here),
        "proposal": proposal(make, here, case.id),
        "question": question(make, here, breach.id, case.id),
        "correction": make.correction(breach).id,
        "followup": make.followup(breach).id,
        "absence": absence(make, here).id,
        "directory_file": directory_file(make, user.id).id,
        "source": mapped(make, case.source_id),
        "batch": imported(make, here, case.source_id).id,
        "source_name": unknown_name(make, here).id,
        "report": source_report(make, here).id,
        "commune": here.commune.id,
        "api_token": api_token(make, case.source_id).id,
    }
    world.rows["supplement"] = further(make, here, breach.id, world.explanation).id
    world.rows["explained_together"], world.rows["batch_file"] = explained_together(make, here, world.explanation)
    return world

"""The words of refusals and of faults in a directory file."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

REFUSALS: dict[str, LazyString] = {
    "directory.unit_code_taken": _l("There is already a unit with the code %(unit_code)s."),
    "directory.person_code_taken": _l("There is already a person with the code %(person_code)s."),
    "directory.parent_loop": _l("%(parent)s stands below %(unit)s and cannot be its parent."),
    "directory.posting_overlaps": _l("%(person)s already holds this role in %(unit)s on some of these days."),
    "directory.posting_ended": _l("This posting has ended already."),
    "directory.dates_out_of_order": _l("The last day lies before the first day."),
    "directory.same_name": _l("This is the present name."),
    "directory.rename_ahead": _l("A new name can be recorded from its first day on, not before."),
    "directory.rename_too_early": _l("The present name began on %(first)s; the new one must begin later."),
    "directory.transfer_too_early": _l("The posting began on %(first)s; the transfer must come later."),
    "directory.succession_shape": _l(
        "A merger has one successor, a split one former unit and several successors, a new code one of each."
    ),
    "directory.succeeds_itself": _l("A unit cannot take over from itself."),
    "directory.succession_known": _l("It is recorded already that one of these units took over from the other."),
    "directory.successor_not_in_force": _l("%(unit)s is not in force on that day."),
    "directory.succession_too_early": _l("%(unit)s began on %(first)s; what takes over from it must come later."),
    "directory.posting_after_end": _l(
        "%(person)s is to begin in %(unit)s on or after that day; change that posting first."
    ),
    "directory.preview_outdated": _l(
        "The directory has changed since the preview. This is what the file would do now; look again, then apply."
    ),
    "directory.successor_missing": _l("Choose a unit that takes over, or give code and name of a new one."),
    "directory.file_decided": _l("This file was applied or discarded already."),
}

FILE_FAULTS: dict[str, LazyString] = {
    "empty": _l("The file is empty."),
    "not_text": _l("The file is not text in UTF-8. Save it as “CSV UTF-8” and try again."),
    "too_large": _l("The file is larger than %(limit)s MiB."),
    "broken": _l("The file breaks off inside quotation marks, or a cell is too long."),
    "no_rows": _l("The file has a header but no rows."),
    "missing_column": _l("The column %(column)s is missing."),
    "twice_column": _l("The column %(column)s stands twice in the header."),
    "encrypted": _l("The workbook is protected by a password; save it without one."),
    "broken_workbook": _l("The workbook cannot be read; open it in Excel or LibreOffice and save it anew."),
    "html_table": _l("This is a web page with an Excel name; open it in Excel and save it as .xlsx."),
    "too_many_rows": _l("The file has more than %(limit)s rows; bring the directory in parts."),
}

ROW_FAULTS: dict[str, LazyString] = {
    "needed": _l("This cell must not be empty."),
    "too_long": _l("The text is longer than %(limit)s characters."),
    "not_a_day": _l("This is not a day: write 2023-10-16 or 16/10/2023."),
    "order": _l("The last day lies before the first day."),
    "unit_kind": _l("Not a kind of unit: province, department, district, division, commune, branch or office."),
    "person_kind": _l("Not a kind of person: can_bo, cong_chuc, vien_chuc, hop_dong or buu_chinh."),
    "role": _l("Not a role: %(roles)s."),
    "clerk": _l("Write x (or 1, true) for the clerk, or leave the cell empty."),
    "unit_differs": _l("Row %(other)s says something else about the same unit."),
    "person_differs": _l("Row %(other)s says something else about the same person."),
    "posting_differs": _l("Row %(other)s says something else about the same posting."),
    "unit_unknown": _l("There is no unit with this code, in the file or in the directory."),
    "parent_unknown": _l("There is no unit with this code, in the file or in the directory."),
    "loop": _l("Following the parents from this unit leads back to itself."),
    "several_people": _l("Several people of the unit have this name; write the person_code."),
    "posting_overlaps": _l("The person already holds this role in the unit on some of these days."),
    "still_in_force": _l("The unit ends on or after the day on which another takes over."),
    "successor_unknown": _l("There is no unit with this code, in the file or in the directory."),
    **REFUSALS,
}

ROW_WARNINGS: dict[str, LazyString] = {
    "unknown_column": _l("The column is not known and was not read."),
    "email": _l("Not an e-mail address; it was not stored."),
    "two_heads": _l("The unit has more than one head on the same days."),
    "people_in_ended": _l("%(n)s postings go on in this unit after its last day; end them or say who succeeds it."),
}

ROLE_WORDS: dict[str, LazyString] = {
    "officer": _l("officer"),
    "head": _l("head of unit"),
    "monitoring_office": _l("monitoring office"),
    "home_affairs": _l("Home Affairs"),
    "chair": _l("chair"),
    "it_authority": _l("IT authority"),
    "administrator": _l("administrator"),
    "auditor": _l("auditor"),
}

UNIT_KIND_WORDS: dict[str, LazyString] = {
    "province": _l("province"),
    "department": _l("department"),
    "district": _l("district"),
    "division": _l("division"),
    "commune": _l("commune or town"),
    "branch": _l("branch"),
    "office": _l("office"),
}

PERSON_KIND_WORDS: dict[str, LazyString] = {
    "can_bo": _l("elected official"),
    "cong_chuc": _l("civil servant"),
    "vien_chuc": _l("public employee"),
    "hop_dong": _l("contract employee"),
    "buu_chinh": _l("postal employee"),
}

SUCCESSION_WORDS: dict[str, LazyString] = {
    "merge": _l("merged"),
    "split": _l("split"),
    "rename": _l("goes on under a new code"),
    "transfer": _l("tasks transferred"),
}

SUCCESSION_CHOICES: dict[str, LazyString] = {
    "merge": _l("Merge: they end, one unit takes over"),
    "split": _l("Split: one ends, several take over"),
    "rename": _l("New code: one ends and goes on as another"),
    "transfer": _l("Tasks transferred: nothing ends"),
}

CHANGE_WORDS: dict[str, LazyString] = {
    "unit_new": _l("new unit"),
    "unit_changed": _l("unit changed"),
    "unit_renamed": _l("unit renamed"),
    "unit_ended": _l("unit ends"),
    "unit_succeeded": _l("another unit takes over"),
    "person_new": _l("new person"),
    "person_changed": _l("person changed"),
    "posting_new": _l("posting begins"),
    "posting_changed": _l("posting changed"),
    "posting_ended": _l("posting ends"),
}

FIELD_WORDS: dict[str, LazyString] = {
    "name": _l("Name"),
    "full_name": _l("Full name"),
    "code": _l("Code"),
    "person_code": _l("Code"),
    "kind": _l("Kind"),
    "email": _l("E-mail"),
    "position": _l("Position"),
    "valid_from": _l("From"),
    "from": _l("From"),
    "valid_to": _l("Last day"),
    "to": _l("Last day"),
    "reports_in": _l("Reports in"),
    "managed_by": _l("Managed by"),
    "is_clerk": _l("clerk"),
    "successor": _l("Taken over by"),
}
"""What of a unit, person or posting a file changes; other columns are not shown."""

COUNT_WORDS: dict[str, LazyString] = {
    "units_new": _l("units new"),
    "units_changed": _l("units changed"),
    "units_renamed": _l("of these renamed"),
    "units_ended": _l("of these ended"),
    "successions": _l("units taken over by others"),
    "people_new": _l("people new"),
    "people_changed": _l("people changed"),
    "accounts_to_make": _l("people still without an account"),
    "postings_new": _l("postings begun"),
    "postings_changed": _l("postings changed"),
    "postings_ended": _l("of these ended"),
    "unchanged": _l("rows that change nothing"),
    "rejected": _l("rows rejected"),
}
"""What a directory file does, in the order of the preview."""

LINE_WORDS: dict[str, LazyString] = {
    "reports_in": _l("reports in (figures)"),
    "managed_by": _l("managed by (concludes, evaluates)"),
}

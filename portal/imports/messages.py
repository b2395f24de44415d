"""The words of imports: why a file or a row is not taken, remarks on rows, and what facts are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask_babel import LazyString, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.cases.labels import FIELDS
from portal.imports.aliases import ALIASES
from portal.imports.models import BatchRow
from portal.imports.reading import FileFault
from portal.imports.rules import REQUIRED, BatchState, Door, Fact, NameKind, Remark
from portal.refusal import Refused
from portal.sources.messages import FACTS as SOURCE_FACTS
from portal.sources.messages import REFUSALS as SOURCE_REFUSALS

FACTS: Mapping[Fact, LazyString] = {fact: SOURCE_FACTS[fact.value] for fact in Fact}

STATES: Mapping[BatchState, LazyString] = {
    BatchState.WAITING: _l("waits to be read"),
    BatchState.READING: _l("is being read"),
    BatchState.UPLOADED: _l("waits for its columns"),
    BatchState.PREVIEWED: _l("previewed, not applied"),
    BatchState.TO_APPLY: _l("waits to be applied"),
    BatchState.APPLYING: _l("is being applied"),
    BatchState.APPLIED: _l("applied"),
    BatchState.FAILED: _l("failed"),
    BatchState.DISCARDED: _l("discarded"),
    BatchState.UNDONE: _l("undone"),
}
DOORS: Mapping[Door, LazyString] = {
    Door.PAGE: _l("this page"),
    Door.COMMAND: _l("command line"),
    Door.API: _l("API"),
    Door.DROP: _l("drop folder"),
}
PHASES: Mapping[str, LazyString] = {"read": _l("read"), "checked": _l("checked"), "applied": _l("applied")}
"""The steps of a job on a large file, in their order."""
ROW_KINDS: Mapping[str, LazyString] = {
    "rejected": _l("rejected"),
    "pending": _l("waits for its unit"),
    "warning": _l("taken, with a remark"),
}
NAME_KINDS: Mapping[NameKind, LazyString] = {NameKind.UNIT: _l("unit"), NameKind.OFFICER: _l("officer")}

REFUSALS: Mapping[str, LazyString] = {
    "imports.empty_file": _l("The file is empty. Nothing was written."),
    "imports.wrong_type": _l(
        "The file is no list of cases: only .xlsx, .xls, .ods and .csv (also .txt, .tsv) are taken. "
        "Nothing was written."
    ),
    "imports.not_a_workbook": _l(
        "The file is called a workbook but is none: it is damaged or of another kind. Export it again as "
        ".xlsx or .csv. Nothing was written."
    ),
    "imports.html_table": _l(
        "The file is a web page under the name of a workbook. Open it in Excel, choose File → Save As → Excel "
        "Workbook (.xlsx) and send that file. Nothing was written."
    ),
    "imports.encrypted": _l(
        "The workbook is protected by a password. Save it without one and send it again. Nothing was written."
    ),
    "imports.has_macro": _l(
        "The workbook contains macros. Save it as .xlsx without macros and send it again. Nothing was written."
    ),
    "imports.broken_zip": _l("The workbook is damaged and cannot be opened. Export it again. Nothing was written."),
    "imports.broken_workbook": _l(
        "The workbook is damaged inside and cannot be read. Export it again. Nothing was written."
    ),
    "imports.broken_text": _l(
        "The text file is damaged: a quoted value is never closed or is far too long. Export it again. "
        "Nothing was written."
    ),
    "imports.bad_encoding": _l(
        "The letters of the text file cannot be read. Save it as “CSV UTF-8” and send it again. Nothing was written."
    ),
    "imports.too_large": _l("The file is larger than %(limit)s MiB. Export a shorter period. Nothing was written."),
    "imports.inflates_too_much": _l(
        "The workbook unpacks to far more than its size (at most %(limit)s MiB). Nothing was written."
    ),
    "imports.too_many_members": _l("The workbook consists of more than %(limit)s parts. Nothing was written."),
    "imports.too_many_rows": _l("The file has more than %(limit)s rows. Export a shorter period. Nothing was written."),
    "imports.too_wide": _l(
        "A sheet of the file has more than %(limit)s columns; no list of cases has. Delete the stray cells at"
        " the far right and send it again. Nothing was written."
    ),
    "imports.sheet_too_large": _l(
        "A sheet of the file claims more rows and columns than can be read. Copy the list into a new workbook"
        " and send it again. Nothing was written."
    ),
    "imports.too_slow": _l("Reading the file took too long. Export a shorter period. Nothing was written."),
    "imports.unreadable": _l("The file could not be read. Export it again. Nothing was written."),
    "imports.no_header": _l(
        "No header row was found: among the first rows none names the columns of a list of cases (at least "
        "case code, received, due, resolving unit). Nothing was written."
    ),
    "imports.missing_column": _l("The header in row %(row)s lacks a required column. Nothing was written."),
    "imports.unclear_column": _l("In the header in row %(row)s two columns may hold one fact. Nothing was written."),
    "imports.no_rows": _l("There is no row below the header in row %(row)s. Nothing was written."),
    "imports.several_sheets": _l(
        "Several sheets hold a list of cases: %(sheets)s. Say which one to read, or all of them. Nothing was written."
    ),
    "imports.no_such_sheet": _l("The file has no visible sheet “%(sheet)s”. Nothing was written."),
    "imports.unsure_sheet": _l(
        "The columns of sheet “%(sheet)s” (header in row %(row)s) are not sure. Import this sheet by itself. "
        "Nothing was written."
    ),
    "imports.sheets_differ": _l(
        "Sheet “%(sheet)s” does not have the same columns as the sheet before it (%(missing)s). Import the sheets one "
        "at a time. Nothing was written."
    ),
    "imports.declares_entities": _l(
        "The workbook declares entities of its own, which no spreadsheet program does. Open it in Excel, save it as "
        "a new workbook and send that file. Nothing was written."
    ),
    "imports.unsaved_formulas": _l(
        "The workbook holds formulas whose results were never stored. Open it in Excel, save it and send it again. "
        "Nothing was written."
    ),
    "imports.old_font": _l(
        "The letters of the file (row %(row)s) are not Unicode but %(font)s. Convert the file to Unicode, for "
        "instance with Unikey (Ctrl+Shift+F6), and send it again. Nothing was written."
    ),
    "imports.as_of_in_future": _l(
        "The data cannot be as of %(as_of)s: that moment has not come yet. Nothing was written."
    ),
    "imports.already_decided": _l("This batch was applied or discarded before."),
    "imports.worker_died": _l(
        "Reading the file ended the worker %(times)s times. Export a shorter period or another format. Nothing was"
        " written."
    ),
    "imports.crashed": _l(
        "Something went wrong inside the portal while the file was read; it stands in the log. Nothing was written;"
        " the file is kept. Try again, or tell the administrator."
    ),
    "imports.odd_name": _l(
        "The name of the file holds signs that no file name has, or is too long. Rename it and drop it again."
        " Nothing was written."
    ),
    "imports.not_a_file": _l(
        "This is a link or cannot be opened; only plain files are taken. Copy the file itself. Nothing was written."
    ),
    "imports.other_file": _l("The stored file is not the one that was previewed. Upload it again."),
    "imports.file_gone": _l("The uploaded file is no longer kept. Upload it again."),
    "imports.built_on": _l("This batch cannot be undone: %(n)s further records rest on it."),
    "imports.too_late_to_undo": _l("This batch was applied more than %(days)s days ago and stays."),
    "imports.strict": _l("%(n)s rows are rejected or wait for their unit, and none may be: nothing was written."),
    "imports.preview_outdated": _l(
        "Something changed since the preview, so applying would do something else. Look at the new preview."
    ),
    "imports.name_decided": _l("This name was mapped or put aside before."),
    "imports.unit_not_in_force": _l("This unit is not in force today. Choose another."),
    "imports.person_not_in_unit": _l(
        "This person has no posting in the unit. Give the posting first, or choose another person."
    ),
    "imports.column_twice": _l("One column was chosen for two facts: %(heading)s."),
}

REASONS: Mapping[str, LazyString] = {
    "empty_code": _l("The case code is empty."),
    "code_too_long": _l("The case code is longer than %(limit)s characters."),
    "code_mangled": _l(
        "The case code was turned into a number by the spreadsheet and has lost digits. Export the column as text."
    ),
    "cell_error": _l("The cell shows an error, or a formula whose result was never stored."),
    "code_differs": _l("The same case code stands in rows %(rows)s with different facts; none of them is taken."),
    "bad_date": _l("This is no possible date (dd/mm/yyyy, with or without a time)."),
    "doubtful_date_order": _l(
        "Day and month may be exchanged: as dd/mm the date is impossible, in the future or out of order, as "
        "mm/dd it is not."
    ),
    "received_missing": _l("The date of receipt is empty."),
    "future": _l("This moment has not come yet."),
    "due_before_received": _l("The due moment is earlier than the receipt."),
    "finished_before_received": _l("The finish is earlier than the receipt."),
    "finished_after_as_of": _l("The finish is later than the moment of the data (%(as_of)s)."),
    "unit_blank": _l("The resolving unit is empty; the case is in no unit until someone gives it one."),
    "unit_unknown": _l("The resolving unit is not in the directory; the row waits until its name is mapped."),
    "unit_taken_over": _l("Another unit had taken over before this case came; the row waits until its name is mapped."),
    "unit_ambiguous": _l("Several units have this name; the row waits until its name is mapped."),
    "receiving_unit_unknown": _l("The receiving unit is not in the directory; the case is taken without it."),
    "officer_unknown": _l(
        "No such officer in the unit; the case is taken as “not determined”, the name waits to be mapped."
    ),
    "officer_ambiguous": _l(
        "Several officers of the unit have this name; the case is taken as “not determined”, the name waits "
        "to be mapped."
    ),
    "procedure_made": _l("The procedure was not known and has been added."),
    "end_moment_unknown": _l(
        "The status says ended but there is no moment of it: the case has no verdict and stands on the correction list."
    ),
    "open_with_end": _l(
        "The status says open but there is a finish: the case has no verdict and stands on the correction list."
    ),
    "unknown_status": _l("The status is not known; the dates decide whether the case is open."),
    "unknown_channel": _l("The channel is not known."),
    "no_due": _l("There is no due date: the case gets no verdict and no breach."),
    "premature_closure": _l("The case is finished, but neither number nor file of the result stands in the file."),
    "bad_supplement": _l("This is no possible date; the case is taken without it."),
    "received_after_as_of": _l("The receipt is later than the moment of the data."),
    "newer_facts_kept": _l("Newer data (as of %(as_of)s) say otherwise and stay as they are: %(fields)s."),
    "other_source_rules": _l("The source that rules this unit says otherwise and stays: %(fields)s."),
}


def say(remark: Remark | BatchRow) -> str:
    """The sentence of a remark in the reader's language."""
    words = REASONS.get(remark.reason)
    if words is None:
        return remark.reason
    facts = dict(remark.facts)
    if "fields" in facts:
        named = (str(FIELDS.get(name, "")) for name in facts["fields"].split(", "))
        facts["fields"] = ", ".join(dict.fromkeys(name for name in named if name)) or facts["fields"]
    return str(words) % facts if facts else str(words)


def say_built(what: str, n: int) -> str:
    """What keeps an applied batch from being undone."""
    words = {
        "breaches": ngettext("%(num)s breach", "%(num)s breaches", n),
        "breach_ends": ngettext("%(num)s end of a breach", "%(num)s ends of breaches", n),
        "corrections": ngettext("%(num)s proposal to cancel a breach", "%(num)s proposals to cancel breaches", n),
        "apologies": ngettext("%(num)s letter of apology", "%(num)s letters of apology", n),
        "later_batches": ngettext("%(num)s case told of by a later batch", "%(num)s cases told of by later batches", n),
        "pending_mapped": ngettext(
            "%(num)s row that became a case by mapping", "%(num)s rows that became cases by mapping", n
        ),
        "names_mapped": ngettext("%(num)s mapped name", "%(num)s mapped names", n),
        "officers_mapped": ngettext("%(num)s officer named since", "%(num)s officers named since", n),
    }
    return words.get(what) or ngettext("%(num)s further record", "%(num)s further records", n)


def spoken(remarks: Iterable[Remark]) -> list[dict[str, object]]:
    """Remarks as the answers of commands and the reports of the drop folder give them."""
    return [
        {
            **({"sheet": remark.sheet} if remark.sheet else {}),
            "row": remark.row,
            "column": remark.column,
            "value": remark.value,
            "reason": say(remark),
        }
        for remark in remarks
    ]


def fact_name(fact: Fact | str) -> str:
    """What a fact is called, with the heading most exports give it."""
    return str(FACTS[Fact(fact)])


def usual_heading(fact: Fact | str) -> str:
    """The heading most exports give a fact."""
    return ALIASES[Fact(fact)][0]


def say_fault(refused: Refused) -> str:
    """The sentence for a file that is not taken. Missing columns are named the way exports head them."""
    facts = dict(refused.facts)
    if refused.code == "imports.missing_column":
        named = ", ".join(f"«{usual_heading(fact)}»" for fact in facts["missing"])
        return _(
            "The header in row %(row)s has no column for: %(named)s. Nothing was written.",
            row=facts["row"],
            named=named,
        )
    if refused.code == "imports.unclear_column":
        return _(
            "In the header in row %(row)s it is not clear which column holds “%(fact)s”: %(headings)s. Nothing "
            "was written.",
            row=facts["row"],
            fact=fact_name(facts["fact"]),
            headings=facts["headings"],
        )
    words = REFUSALS.get(refused.code) or SOURCE_REFUSALS.get(refused.code)
    if words is None:
        return refused.code
    if isinstance(facts.get("sheets"), list):
        facts["sheets"] = ", ".join(f"«{name}»" for name in facts["sheets"])
    if isinstance(facts.get("missing"), list):
        facts["missing"] = ", ".join(f"«{usual_heading(fact)}»" for fact in facts["missing"])
    return str(words) % facts if facts else str(words)


def fault_problems(fault: FileFault | Refused) -> list[dict[str, object]]:
    """A file fault as the command's ``problems``: one for each missing column."""
    row, reason = fault.facts.get("row"), say_fault(fault)
    columns: list[object] = [usual_heading(fact) for fact in fault.facts.get("missing", ())]
    if fault.code == "imports.no_header":
        columns = [usual_heading(fact) for fact in REQUIRED]
    if fault.code == "imports.unclear_column":
        columns = [usual_heading(fault.facts["fact"])]
    return [{"row": row, "column": column, "value": None, "reason": reason} for column in columns or [None]]

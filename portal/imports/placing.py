"""PURE: drafts are tied to units, officers and procedures of the directory; the unknown is listed, never dropped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from portal.cases.rules import Meaning
from portal.directory.rules import UnitKind
from portal.imports.checking import Checked, Draft, stored
from portal.imports.header import key_of
from portal.imports.meanings import channel_of
from portal.imports.rules import Fact, Remark
from portal.vietnamese import fold

CODE_PREFIX = "nhap-"
LONGEST_SLUG = 50
KIND_WORDS: tuple[tuple[UnitKind, tuple[str, ...]], ...] = (
    (UnitKind.BRANCH, ("chi nhanh", "cn vpdkdd")),
    (UnitKind.DEPARTMENT, ("so",)),
    (UnitKind.DIVISION, ("phong",)),
    (UnitKind.COMMUNE, ("xa", "phuong", "thi tran", "ubnd xa", "ubnd phuong", "ubnd thi tran", "dac khu")),
    (UnitKind.DISTRICT, ("huyen", "quan", "thi xa", "ubnd huyen", "ubnd quan", "ubnd thi xa")),
    (UnitKind.PROVINCE, ("tinh", "ubnd tinh")),
)
"""How the name of a unit made by an import tells its kind; all others are offices."""


@dataclass(slots=True)
class Directory:
    """What the portal knows, by the keys that files are compared with. Placing adds what an import will make."""

    unit_codes: dict[str, int] = field(default_factory=dict)
    unit_names: dict[str, set[int]] = field(default_factory=dict)
    mapped_units: dict[str, int] = field(default_factory=dict)
    officers: dict[tuple[int, str], set[int]] = field(default_factory=dict)
    """(unit, name key) to people who hold or held a posting there."""
    present: set[tuple[int, int]] = field(default_factory=set)
    """(unit, person) of postings in force at the moment of the data."""
    mapped_officers: dict[tuple[int, str], int] = field(default_factory=dict)
    ignored: set[tuple[str, int | None, str]] = field(default_factory=set)
    procedure_codes: dict[str, int] = field(default_factory=dict)
    procedure_titles: dict[str, int] = field(default_factory=dict)
    titles: dict[int, str] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    """Person to full name."""

    def find_units(self, text: str) -> set[int]:
        """The units a text can mean: what people mapped it to, else the code, else the folded name."""
        key = key_of(text)
        if key in self.mapped_units:
            return {self.mapped_units[key]}
        by_code = self.unit_codes.get(text.casefold())
        return {by_code} if by_code is not None else self.unit_names.get(key, set())

    def find_officers(self, unit_id: int, text: str) -> set[int]:
        """The people of a unit a name can mean; of several those posted there at the moment of the data."""
        key = (unit_id, key_of(text))
        if key in self.mapped_officers:
            return {self.mapped_officers[key]}
        found = self.officers.get(key, set())
        present = {person for person in found if (unit_id, person) in self.present}
        return present if len(found) > 1 and present else found


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A unit an import makes. ``id`` is negative until it is stored."""

    id: int
    code: str
    name: str
    kind: UnitKind


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person with an officer's posting that an import makes."""

    id: int
    unit_id: int
    name: str


@dataclass(frozen=True, slots=True)
class NewProcedure:
    """A procedure an import makes."""

    id: int
    code: str | None
    title: str
    field: str


@dataclass(frozen=True, slots=True)
class WaitingName:
    """A name for the queue: of a unit (``unit_id`` None), or of an officer within a unit."""

    unit_id: int | None
    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A row that becomes or meets a case: the values of the case's columns that the file speaks of."""

    draft: Draft
    values: dict[str, Any]


@dataclass(slots=True)
class Placement:
    """All rows of a file after the directory was asked."""

    placed: list[Placed] = field(default_factory=list)
    pending: list[tuple[Draft, Remark]] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)
    waiting: dict[tuple[int | None, str], WaitingName] = field(default_factory=dict)
    units: list[NewUnit] = field(default_factory=list)
    people: list[NewPerson] = field(default_factory=list)
    procedures: list[NewProcedure] = field(default_factory=list)


def place(checked: Checked, directory: Directory, *, create_unknown: bool = False) -> Placement:
    """Tie the drafts of a file to the directory. ``directory`` is changed: it learns what the import will make."""
    placing = _Placing(checked.facts, checked.headings, directory, create_unknown)
    for draft in checked.drafts:
        placing.add(draft)
    return placing.result


@dataclass(slots=True)
class _Placing:
    """One placing in the making."""

    facts: frozenset[Fact]
    headings: Mapping[Fact, str]
    directory: Directory
    create_unknown: bool
    result: Placement = field(default_factory=Placement)

    def add(self, draft: Draft) -> None:
        unit_id, reason = self.unit(draft.text(Fact.UNIT))
        if unit_id is None:
            self.result.pending.append((draft, self.remark(draft, Fact.UNIT, reason)))
            self.wait(None, draft.text(Fact.UNIT))
            return
        values = self.facts_of(draft)
        values["resolving_unit_id"] = unit_id
        self.receiving(draft, values)
        self.officer(draft, unit_id, values)
        self.procedure(draft, values)
        title = self.directory.titles.get(values.get("procedure_id") or 0, "")
        values["search"] = searchable(draft.code, title, draft.text(Fact.OFFICER))
        self.result.placed.append(Placed(draft, values))

    def remark(self, draft: Draft, fact: Fact, reason: str, **facts: Any) -> Remark:
        return Remark(draft.row, self.headings.get(fact), draft.text(fact), reason, facts)

    def wait(self, unit_id: int | None, text: str) -> bool:
        """Put a name into the queue; says whether it is the first time in this file."""
        key = key_of(text)
        if not key or (unit_id, key) in self.result.waiting:
            return False
        self.result.waiting[unit_id, key] = WaitingName(unit_id, key, text)
        return True

    def unit(self, text: str) -> tuple[int | None, str]:
        """The one unit a text means, or why there is none."""
        if not key_of(text):
            return None, "unit_blank"
        found = self.directory.find_units(text)
        if len(found) == 1:
            return next(iter(found)), ""
        if found:
            return None, "unit_ambiguous"
        return (self.new_unit(text), "") if self.create_unknown else (None, "unit_unknown")

    def new_unit(self, text: str) -> int:
        unit = NewUnit(-1 - len(self.result.units), self.free_code(text), text, kind_by_name(text))
        self.result.units.append(unit)
        self.directory.unit_codes[unit.code] = unit.id
        self.directory.unit_names[key_of(text)] = {unit.id}
        return unit.id

    def free_code(self, text: str) -> str:
        """A code after the name, the same for the same name; numbered where it is taken."""
        slug = CODE_PREFIX + key_of(text).replace(" ", "-")[:LONGEST_SLUG].strip("-")
        code, number = slug, 1
        while code in self.directory.unit_codes:
            number += 1
            code = f"{slug}-{number}"
        return code

    def receiving(self, draft: Draft, values: dict[str, Any]) -> None:
        """The receiving unit, where the file tells it; not known is not pending: nobody is answerable for intake."""
        if Fact.RECEIVING_UNIT not in self.facts:
            return
        text = draft.text(Fact.RECEIVING_UNIT)
        values["receiving_unit_id"], reason = self.unit(text)
        if reason and text and self.wait(None, text):
            self.result.warnings.append(self.remark(draft, Fact.RECEIVING_UNIT, "receiving_unit_unknown"))

    def officer(self, draft: Draft, unit_id: int, values: dict[str, Any]) -> None:
        """The officer, if one match of the name within the unit; else nobody yet, and the name waits."""
        if Fact.OFFICER not in self.facts:
            return
        text = draft.text(Fact.OFFICER)
        values["officer_name"], values["officer_id"] = text or None, None
        key = key_of(text)
        if not key:
            return
        found = self.directory.find_officers(unit_id, text)
        if len(found) == 1:
            values["officer_id"] = next(iter(found))
        elif not found and self.create_unknown:
            values["officer_id"] = self.new_person(unit_id, text)
        elif ("officer", unit_id, key) not in self.directory.ignored and self.wait(unit_id, text):
            reason = "officer_ambiguous" if found else "officer_unknown"
            self.result.warnings.append(self.remark(draft, Fact.OFFICER, reason))

    def new_person(self, unit_id: int, text: str) -> int:
        person = NewPerson(-1 - len(self.result.people), unit_id, text)
        self.result.people.append(person)
        self.directory.officers[unit_id, key_of(text)] = {person.id}
        return person.id

    def procedure(self, draft: Draft, values: dict[str, Any]) -> None:
        """The procedure by its code, else by its folded title; an unknown one is made, as no rule drops the row."""
        if Fact.PROCEDURE not in self.facts and Fact.PROCEDURE_CODE not in self.facts:
            return
        code, title = draft.text(Fact.PROCEDURE_CODE), draft.text(Fact.PROCEDURE)
        known = self.directory
        found = known.procedure_codes.get(code.casefold()) if code else known.procedure_titles.get(key_of(title))
        if found is None and (code or key_of(title)):
            found = self.new_procedure(code, title, draft.text(Fact.PROCEDURE_FIELD))
            if not self.create_unknown:
                fact = Fact.PROCEDURE if title else Fact.PROCEDURE_CODE
                self.result.warnings.append(self.remark(draft, fact, "procedure_made"))
        values["procedure_id"] = found

    def new_procedure(self, code: str, title: str, field_name: str) -> int:
        made = NewProcedure(-1 - len(self.result.procedures), code or None, title or code, field_name)
        self.result.procedures.append(made)
        if code:
            self.directory.procedure_codes[code.casefold()] = made.id
        if title:
            self.directory.procedure_titles.setdefault(key_of(title), made.id)
        self.directory.titles[made.id] = made.title
        return made.id

    def facts_of(self, draft: Draft) -> dict[str, Any]:
        """The columns of the case that need no directory; only those the file speaks of."""
        values: dict[str, Any] = {"code": draft.code, "meaning": draft.meaning.value, "data_fault": draft.data_fault}
        values["received_at"], values["received_precision"] = stored(draft.moments.get(Fact.RECEIVED))
        values["due_at"], values["due_precision"] = stored(draft.moments.get(Fact.DUE), is_due=True)
        if Fact.FINISHED in self.facts or Fact.RETURNED in self.facts:
            values["finished_at"], values["finished_precision"] = stored(draft.end)
            values["finished_from"] = draft.end_from
        if Fact.RETURNED in self.facts:
            values["returned_at"], values["returned_precision"] = stored(draft.moments.get(Fact.RETURNED))
        if Fact.STATUS in self.facts:
            values["status_text"] = draft.text(Fact.STATUS)
        if Fact.SUBJECT in self.facts:
            values["subject"] = draft.text(Fact.SUBJECT) or None
        if Fact.APPLICANT in self.facts:
            name = draft.text(Fact.APPLICANT)
            values["applicant_name"], values["applicant_folded"] = name or None, fold(name)[:300] or None
        if Fact.CHANNEL in self.facts:
            values["channel"] = channel_of(draft.text(Fact.CHANNEL))
        return values


def kind_by_name(name: str) -> UnitKind:
    """The kind of a unit, as far as its name tells it."""
    key = f"{key_of(name)} "
    for kind, words in KIND_WORDS:
        if any(key.startswith(f"{word} ") for word in words):
            return kind
    return UnitKind.OFFICE


_folded = lru_cache(maxsize=16_384)(fold)


def searchable(code: str, title: str, officer: str) -> str:
    """As ``cases.rules.search_text``, with the parts that repeat folded once."""
    folded_code = code.lower() if code.isascii() else fold(code)
    return " ".join(part for part in (folded_code, _folded(title), _folded(officer)) if part)


def is_ended(meaning: str) -> bool:
    """Whether a meaning is an end."""
    return meaning in (Meaning.FINISHED, Meaning.REFUSED, Meaning.WITHDRAWN)


def stored_ids(rows: Iterable[dict[str, Any]], ids: Mapping[int, int], columns: Iterable[str]) -> None:
    """Put the ids of made rows in the place of the negative ones, in these columns of rows to be written."""
    names = tuple(columns)
    for row in rows:
        for name in names:
            value = row.get(name)
            if value is not None and value < 0:
                row[name] = ids[value]

"""PURE: checked rows meet units, officers and procedures of the directory; the unknown is listed, never dropped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from portal.cases.rules import Meaning
from portal.directory.rules import UnitKind
from portal.imports.checking import LAST_SECOND, Checked, Draft, results_of
from portal.imports.header import key_of
from portal.imports.meanings import channel_of
from portal.imports.rules import RESULTS, SUPPLEMENTS, Fact, Remark
from portal.imports.texts import MIDNIGHT
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
    taken_over: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Key of an ended unit to its id and the ISO day from which another takes over."""
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


@dataclass(slots=True)
class Placement:
    """All rows of a file after the directory was asked.

    ``columns`` are the columns of cases the file speaks of, parallel to ``places``, the places of the rows in the
    checked columns. Ids of what the import will make are negative until it is stored.
    """

    places: list[int] = field(default_factory=list)
    columns: dict[str, list[Any]] = field(default_factory=dict)
    pending: list[tuple[Draft, Remark]] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)
    waiting: dict[tuple[int | None, str], WaitingName] = field(default_factory=dict)
    units: list[NewUnit] = field(default_factory=list)
    people: list[NewPerson] = field(default_factory=list)
    procedures: list[NewProcedure] = field(default_factory=list)
    titles: Mapping[int, str] = field(default_factory=dict)
    decided: list[Any] = field(default_factory=list)
    """What was decided of units, officers and procedures: two placements that decide alike write alike."""

    def __len__(self) -> int:
        return len(self.places)


def place(checked: Checked, directory: Directory, *, create_unknown: bool = False) -> Placement:
    """Tie the rows of a file to the directory. ``directory`` is changed: it learns what the import will make."""
    placing = _Placing(checked, directory, create_unknown)
    placing.units()
    placing.facts()
    placing.receiving()
    placing.officers()
    placing.procedures()
    return placing.result


class _Placing:
    """One placing in the making: column by column, each name once."""

    def __init__(self, checked: Checked, directory: Directory, create_unknown: bool) -> None:
        self.checked, self.directory, self.create_unknown = checked, directory, create_unknown
        self.result = Placement(titles=directory.titles)
        self.all = True

    def texts(self, fact: Fact) -> list[str]:
        """The texts of a fact for the placed rows; blank where the file has none."""
        return self.kept(self.checked.texts[fact]) if fact in self.checked.texts else [""] * len(self.result)

    def kept(self, column: list[Any]) -> list[Any]:
        return column if self.all else [column[place] for place in self.result.places]

    def remark(self, place: int, fact: Fact, reason: str) -> Remark:
        """What is to be said of a row; ``place``: in the checked columns."""
        checked = self.checked
        value = checked.texts[fact][place] if fact in checked.texts else ""
        return Remark(checked.numbers[place], checked.headings.get(fact), value, reason, {}, checked.sheet(place))

    def units(self) -> None:
        """The resolving unit of each row; rows without one wait."""
        known: dict[str, tuple[int | None, str]] = {}
        column, ids, result = self.checked.texts[Fact.UNIT], [], self.result
        taken_over = self.directory.taken_over
        for place, text in enumerate(column):
            found = known.get(text)
            if found is None:
                found = known[text] = self.unit(text)
            if taken_over and key_of(text) in taken_over:
                found = self.unit_of_its_day(text, place, found)
            if found[0] is not None:
                ids.append(found[0])
                result.places.append(place)
                continue
            result.pending.append((self.checked.draft(place), self.remark(place, Fact.UNIT, found[1])))
            self.wait(None, text)
        self.all = len(result.places) == len(column)
        result.columns["resolving_unit_id"] = ids
        result.decided.append(sorted((text, found[0]) for text, found in known.items() if found[0] is not None))

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

    def unit_of_its_day(self, text: str, place: int, found: tuple[int | None, str]) -> tuple[int | None, str]:
        """A case received before another unit took over stays with the unit of its day; a later one is asked.

        Nothing is moved in silence: only a name that people mapped leads to the successor, and only later cases.
        """
        key = key_of(text)
        former, since = self.directory.taken_over[key]
        received = self.checked.moments[Fact.RECEIVED][place] if Fact.RECEIVED in self.checked.moments else ""
        if received[:10] < since:
            return former, ""
        return found if key in self.directory.mapped_units else (None, "unit_taken_over")

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

    def receiving(self) -> None:
        """The receiving unit, where the file tells it; not known is not pending: nobody is answerable for intake."""
        if Fact.RECEIVING_UNIT not in self.checked.facts:
            return
        known: dict[str, int | None] = {}
        ids = []
        for place, text in zip(self.result.places, self.texts(Fact.RECEIVING_UNIT), strict=True):
            if text not in known:
                known[text], reason = self.unit(text)
                if reason and text and self.wait(None, text):
                    self.result.warnings.append(self.remark(place, Fact.RECEIVING_UNIT, "receiving_unit_unknown"))
            ids.append(known[text])
        self.result.columns["receiving_unit_id"] = ids
        self.result.decided.append(sorted((text, found or 0) for text, found in known.items()))

    def officers(self) -> None:
        """The officers, where one match of the name within the unit is known; else nobody yet, and the name waits."""
        if Fact.OFFICER not in self.checked.facts:
            return
        known: dict[tuple[int, str], int | None] = {}
        ids, columns = [], self.result.columns
        names = self.texts(Fact.OFFICER)
        for place, key in zip(self.result.places, zip(columns["resolving_unit_id"], names, strict=True), strict=True):
            if key not in known:
                known[key] = self.officer(place, *key)
            ids.append(known[key])
        columns["officer_name"], columns["officer_id"] = [name or None for name in names], ids
        self.result.decided.append(sorted((*key, found or 0) for key, found in known.items()))

    def officer(self, place: int, unit_id: int, text: str) -> int | None:
        key = key_of(text)
        if not key:
            return None
        found = self.directory.find_officers(unit_id, text)
        if len(found) == 1:
            return next(iter(found))
        if not found and self.create_unknown:
            return self.new_person(unit_id, text)
        if ("officer", unit_id, key) not in self.directory.ignored and self.wait(unit_id, text):
            reason = "officer_ambiguous" if found else "officer_unknown"
            self.result.warnings.append(self.remark(place, Fact.OFFICER, reason))
        return None

    def new_person(self, unit_id: int, text: str) -> int:
        person = NewPerson(-1 - len(self.result.people), unit_id, text)
        self.result.people.append(person)
        self.directory.officers[unit_id, key_of(text)] = {person.id}
        return person.id

    def procedures(self) -> None:
        """The procedures by code, else by folded title; an unknown one is made, as no rule drops the row."""
        if Fact.PROCEDURE in self.checked.facts or Fact.PROCEDURE_CODE in self.checked.facts:
            known: dict[tuple[str, str], int | None] = {}
            columns = (self.texts(Fact.PROCEDURE_CODE), self.texts(Fact.PROCEDURE))
            ids = []
            for at, key in enumerate(zip(*columns, strict=True)):
                if key not in known:
                    known[key] = self.procedure(self.result.places[at], *key)
                ids.append(known[key])
            self.result.columns["procedure_id"] = ids
            self.result.decided.append(sorted((*key, found or 0) for key, found in known.items()))

    def procedure(self, place: int, code: str, title: str) -> int | None:
        known = self.directory
        found = known.procedure_codes.get(code.casefold()) if code else known.procedure_titles.get(key_of(title))
        if found is None and (code or key_of(title)):
            fields = self.checked.texts.get(Fact.PROCEDURE_FIELD)
            found = self.new_procedure(code, title, fields[place] if fields else "")
            if not self.create_unknown:
                fact = Fact.PROCEDURE if title else Fact.PROCEDURE_CODE
                self.result.warnings.append(self.remark(place, fact, "procedure_made"))
        return found

    def new_procedure(self, code: str, title: str, field_name: str) -> int:
        made = NewProcedure(-1 - len(self.result.procedures), code or None, title or code, field_name)
        self.result.procedures.append(made)
        if code:
            self.directory.procedure_codes[code.casefold()] = made.id
        if title:
            self.directory.procedure_titles.setdefault(key_of(title), made.id)
        self.directory.titles[made.id] = made.title
        return made.id

    def facts(self) -> None:
        """The columns of cases that need no directory; only those the file speaks of."""
        checked, columns = self.checked, self.result.columns
        facts, moments = checked.facts, checked.moments
        columns["code"] = self.texts(Fact.CODE)
        columns["meaning"] = [meaning.value for meaning in self.kept(checked.meanings)]
        columns["data_fault"] = self.kept(checked.data_faults)
        self.moment("received", self.kept(moments[Fact.RECEIVED]))
        self.moment("due", self.kept(moments[Fact.DUE]))
        columns["due_at"] = [
            f"{text[:10]} {LAST_SECOND}" if text and text.endswith(MIDNIGHT) else text for text in columns["due_at"]
        ]
        if Fact.FINISHED in facts or Fact.RETURNED in facts:
            self.moment("finished", self.kept(checked.ends))
            columns["finished_from"] = self.kept(checked.ends_from)
        if Fact.RETURNED in facts:
            self.moment("returned", self.kept(moments[Fact.RETURNED]))
        for fact, name in zip(SUPPLEMENTS, ("supplement_asked_at", "supplement_done_at"), strict=True):
            if fact in facts:
                columns[name] = [text or None for text in self.kept(moments[fact])]
        if Fact.STATUS in facts:
            columns["status_text"] = self.texts(Fact.STATUS)
        if Fact.SUBJECT in facts:
            columns["subject"] = [text or None for text in self.texts(Fact.SUBJECT)]
        if Fact.APPLICANT in facts:
            names = self.texts(Fact.APPLICANT)
            columns["applicant_name"] = [name or None for name in names]
            columns["applicant_folded"] = [folded_name(name)[:300] or None for name in names]
        if Fact.CHANNEL in facts:
            known = {text: channel_of(text, checked.own_channels) for text in set(self.texts(Fact.CHANNEL))}
            columns["channel"] = [known[text] for text in self.texts(Fact.CHANNEL)]
        if not facts.isdisjoint(RESULTS):
            columns["result_ref"] = self.kept(results_of(checked))

    def moment(self, name: str, texts: list[str]) -> None:
        """A moment and its precision, as cases keep them."""
        self.result.columns[f"{name}_at"] = [text or None for text in texts]
        self.result.columns[f"{name}_precision"] = [
            None if not text else "day" if text.endswith(MIDNIGHT) else "minute" for text in texts
        ]


def kind_by_name(name: str) -> UnitKind:
    """The kind of a unit, as far as its name tells it."""
    key = f"{key_of(name)} "
    for kind, words in KIND_WORDS:
        if any(key.startswith(f"{word} ") for word in words):
            return kind
    return UnitKind.OFFICE


_folded = lru_cache(maxsize=16_384)(fold)
_folded_word = lru_cache(maxsize=65_536)(fold)


def folded_name(name: str) -> str:
    """As ``fold`` for clean text, each word folded once: names are made of few syllables."""
    return " ".join(filter(None, map(_folded_word, name.split(" "))))


def searchable(code: str, title: str, officer: str) -> str:
    """As ``cases.rules.search_text``, with the parts that repeat folded once."""
    folded_code = code.lower() if code.isascii() else fold(code)
    return " ".join(part for part in (folded_code, _folded(title), _folded(officer)) if part)


def is_ended(meaning: str) -> bool:
    """Whether a meaning is an end."""
    return meaning in (Meaning.FINISHED, Meaning.REFUSED, Meaning.WITHDRAWN)


def with_ids(columns: Mapping[str, list[Any]], ids: Mapping[int, int], names: Iterable[str]) -> dict[str, list[Any]]:
    """The columns with the ids of made rows in the place of the negative ones."""
    found = dict(columns)
    for name in names:
        if ids and name in columns:
            found[name] = [ids[value] if value is not None and value < 0 else value for value in columns[name]]
    return found

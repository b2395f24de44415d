"""PURE: who may do what. Readable by a non-programmer; nothing here knows the web or the database."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum, auto
from typing import Self


class Role(StrEnum):
    """The roles of dated postings (domain rules, units, people, rights)."""

    OFFICER = auto()
    HEAD = auto()
    MONITORING_OFFICE = auto()
    HOME_AFFAIRS = auto()
    CHAIR = auto()
    IT_AUTHORITY = auto()
    ADMINISTRATOR = auto()
    AUDITOR = auto()


class Permission(StrEnum):
    """What a role may do at all; which rows is decided by the queries."""

    SIGNED_IN = auto()
    READ_CASES = auto()
    EXPORT_CASES = auto()
    RECORD_PAUSES = auto()
    PROPOSE_PAUSES = auto()
    IMPORT_CASES = auto()
    MAP_NAMES = auto()
    READ_SOURCES = auto()
    MAP_SOURCES = auto()
    READ_FIGURES = auto()
    BRING_REPORTS = auto()
    WRITE_EXPLANATIONS = auto()
    READ_EXPLANATIONS = auto()
    CONCLUDE = auto()
    READ_COVERAGE = auto()
    OPEN_BREACHES = auto()
    DRAFT_LETTERS = auto()
    SIGN_LETTERS = auto()
    NUMBER_LETTERS = auto()
    READ_LETTERS = auto()
    EXEMPT_LETTERS = auto()
    READ_FOLLOWUPS = auto()
    RECORD_FOLLOWUPS = auto()
    READ_EVALUATION = auto()
    EXPORT_EVALUATION = auto()
    READ_DIRECTORY = auto()
    MANAGE_DIRECTORY = auto()
    MANAGE_ACCOUNTS = auto()
    READ_CALENDAR = auto()
    MANAGE_SETTINGS = auto()
    READ_TRAIL = auto()
    READ_JOBS = auto()
    READ_URGING = auto()
    URGE_UNITS = auto()
    ANSWER_URGING = auto()
    READ_INCIDENTS = auto()
    DECLARE_INCIDENTS = auto()
    CONFIRM_INCIDENTS = auto()
    ANSWER_QUESTIONS = auto()
    READ_VIOLATIONS = auto()
    RECORD_VIOLATIONS = auto()
    HAND_OVER_DUTIES = auto()


_EVERYONE = {Permission.SIGNED_IN, Permission.READ_CALENDAR, Permission.READ_DIRECTORY}
_READS = {
    Permission.READ_CASES,
    Permission.EXPORT_CASES,
    Permission.READ_FIGURES,
    Permission.READ_EXPLANATIONS,
    Permission.READ_COVERAGE,
    Permission.READ_LETTERS,
    Permission.READ_INCIDENTS,
    Permission.READ_VIOLATIONS,
    Permission.READ_URGING,
}

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.OFFICER: frozenset(
        _EVERYONE
        | {
            Permission.READ_CASES,
            Permission.EXPORT_CASES,
            Permission.PROPOSE_PAUSES,
            Permission.READ_EXPLANATIONS,
            Permission.WRITE_EXPLANATIONS,
            Permission.DRAFT_LETTERS,
            Permission.READ_LETTERS,
            Permission.READ_FOLLOWUPS,
            Permission.READ_INCIDENTS,
            Permission.READ_VIOLATIONS,
        }
    ),
    Role.HEAD: frozenset(
        _EVERYONE
        | _READS
        | {
            Permission.RECORD_PAUSES,
            Permission.PROPOSE_PAUSES,
            Permission.MAP_NAMES,
            Permission.WRITE_EXPLANATIONS,
            Permission.CONCLUDE,
            Permission.DRAFT_LETTERS,
            Permission.SIGN_LETTERS,
            Permission.EXEMPT_LETTERS,
            Permission.READ_FOLLOWUPS,
            Permission.ANSWER_URGING,
            Permission.RECORD_FOLLOWUPS,
            Permission.READ_EVALUATION,
            Permission.DECLARE_INCIDENTS,
            Permission.ANSWER_QUESTIONS,
            Permission.RECORD_VIOLATIONS,
            Permission.HAND_OVER_DUTIES,
        }
    ),
    Role.MONITORING_OFFICE: frozenset(
        _EVERYONE
        | _READS
        | {
            Permission.RECORD_PAUSES,
            Permission.IMPORT_CASES,
            Permission.MAP_NAMES,
            Permission.READ_SOURCES,
            Permission.MAP_SOURCES,
            Permission.BRING_REPORTS,
            Permission.URGE_UNITS,
            Permission.OPEN_BREACHES,
            Permission.EXEMPT_LETTERS,
            Permission.READ_JOBS,
            Permission.DECLARE_INCIDENTS,
            Permission.ANSWER_QUESTIONS,
            Permission.RECORD_VIOLATIONS,
            Permission.HAND_OVER_DUTIES,
        }
    ),
    Role.HOME_AFFAIRS: frozenset(
        _EVERYONE
        | _READS
        | {
            Permission.READ_FOLLOWUPS,
            Permission.RECORD_FOLLOWUPS,
            Permission.READ_EVALUATION,
            Permission.EXPORT_EVALUATION,
            Permission.RECORD_VIOLATIONS,
        }
    ),
    Role.CHAIR: frozenset(
        _EVERYONE
        | _READS
        | {
            Permission.CONCLUDE,
            Permission.SIGN_LETTERS,
            Permission.EXEMPT_LETTERS,
            Permission.READ_FOLLOWUPS,
            Permission.RECORD_FOLLOWUPS,
            Permission.READ_EVALUATION,
            Permission.EXPORT_EVALUATION,
            Permission.READ_TRAIL,
            Permission.HAND_OVER_DUTIES,
        }
    ),
    # Linked case codes and system facts, no applicant: incidents, but never cases.
    Role.IT_AUTHORITY: frozenset(
        _EVERYONE
        | {
            Permission.READ_SOURCES,
            Permission.READ_JOBS,
            Permission.READ_INCIDENTS,
            Permission.CONFIRM_INCIDENTS,
        }
    ),
    Role.ADMINISTRATOR: frozenset(
        _EVERYONE
        | {
            Permission.IMPORT_CASES,
            Permission.MAP_NAMES,
            Permission.READ_SOURCES,
            Permission.MAP_SOURCES,
            Permission.MANAGE_DIRECTORY,
            Permission.MANAGE_ACCOUNTS,
            Permission.MANAGE_SETTINGS,
            Permission.READ_JOBS,
        }
    ),
    # The auditor reads the trail with names masked, so the directory with its names is closed to this role.
    Role.AUDITOR: frozenset(
        {Permission.SIGNED_IN, Permission.READ_CALENDAR, Permission.READ_TRAIL, Permission.READ_JOBS}
    ),
}

CLERK_GRANTS = frozenset({Permission.READ_LETTERS, Permission.NUMBER_LETTERS})


STAND_IN_GRANTS = frozenset(
    {
        Permission.READ_CASES,
        Permission.READ_FIGURES,
        Permission.READ_EXPLANATIONS,
        Permission.READ_COVERAGE,
        Permission.READ_LETTERS,
        Permission.WRITE_EXPLANATIONS,
        Permission.DRAFT_LETTERS,
        Permission.CONCLUDE,
        Permission.SIGN_LETTERS,
        Permission.READ_INCIDENTS,
        Permission.ANSWER_QUESTIONS,
        Permission.READ_VIOLATIONS,
        Permission.HAND_OVER_DUTIES,
    }
)
"""What a stand-in may do of what the absent person may: read, draft, conclude, sign, and name who does a duty."""
STAND_IN_ROLES = frozenset({Role.OFFICER, Role.HEAD, Role.CHAIR})
LABEL_LENGTH = 200


@dataclass(frozen=True, kw_only=True)
class ActingFor:
    """Somebody the viewer stands in for today: their own roles and reach, nothing they stand in for themselves."""

    person_id: int
    name: str
    roles: frozenset[Role] = frozenset()
    headed_units: frozenset[int] = frozenset()
    scope_units: frozenset[int] = frozenset()

    @property
    def units(self) -> frozenset[int]:
        """The units whose cases come into reach."""
        return self.headed_units | self.scope_units


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """Who looks and acts, with everything that decides what they see. Built from dated postings by ``access``.

    ``headed_units``: managed-by subtrees of the units they head. ``scope_units``: reports-in subtrees of the wider
    roles that read cases (monitoring office, Home Affairs, chair). ``clerk_units``: units they keep the stamp of.
    ``it_units``: the level whose IT authority they are.
    """

    user_id: int | None
    person_id: int | None
    name: str
    roles: frozenset[Role] = frozenset()
    permissions: frozenset[Permission] = frozenset()
    headed_units: frozenset[int] = frozenset()
    scope_units: frozenset[int] = frozenset()
    admin_units: frozenset[int] = frozenset()
    clerk_units: frozenset[int] = frozenset()
    it_units: frozenset[int] = frozenset()
    own_unit_ids: frozenset[int] = frozenset()
    sees_all: bool = False
    masks_applicant: bool = False
    masks_names: bool = False
    label: str = field(default="")
    acting_for: tuple[ActingFor, ...] = ()

    def may(self, permission: Permission) -> bool:
        """Whether any of the viewer's roles grants this at all."""
        return permission in self.permissions

    @property
    def readable_units(self) -> frozenset[int]:
        """Units whose cases the viewer reads by role or as a stand-in, beside the cases of their own."""
        return self.own_reach.union(*(one.units for one in self.acting_for))

    @property
    def own_reach(self) -> frozenset[int]:
        """Units the viewer reads by their own roles: what is not delegated stops here."""
        return self.headed_units | self.scope_units

    @property
    def led_units(self) -> frozenset[int]:
        """Units the viewer heads, or whose head they stand in for."""
        return self.headed_units.union(*(one.headed_units for one in self.acting_for))

    @property
    def person_ids(self) -> frozenset[int]:
        """The viewer and everybody they stand in for: whose duties they may do."""
        own = frozenset() if self.person_id is None else frozenset({self.person_id})
        return own | {one.person_id for one in self.acting_for}

    @property
    def in_own_right(self) -> Self:
        """The viewer without whom they stand in for: figures called "mine" are not those of an absent person."""
        return replace(self, acting_for=())

    def standing_in(self, person_id: int | None) -> Self:
        """The viewer as the trail names them when they do the duty of another: "X thay Y"; else the viewer."""
        name = next((one.name for one in self.acting_for if one.person_id == person_id), None)
        if name is None or person_id == self.person_id:
            return self
        return replace(self, label=f"{self.name} thay {name}{self.label.removeprefix(self.name)}"[:LABEL_LENGTH])

    @classmethod
    def for_command(cls, label: str = "command line") -> Self:
        """The machine or a command: sees everything, belongs to nobody."""
        return cls(
            user_id=None,
            person_id=None,
            name=label,
            permissions=frozenset(Permission),
            sees_all=True,
            label=label,
        )

    @classmethod
    def nobody(cls) -> Self:
        """The anonymous visitor: no permission, no row."""
        return cls(user_id=None, person_id=None, name="")


def grants_of(roles: frozenset[Role], *, is_clerk: bool) -> frozenset[Permission]:
    """The union of what the roles grant, and the clerk's permission where a posting carries it."""
    granted: set[Permission] = set()
    for role in roles:
        granted |= GRANTS[role]
    if is_clerk:
        granted |= CLERK_GRANTS
    return frozenset(granted)

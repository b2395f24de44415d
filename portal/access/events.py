"""What happened to accounts and their sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.audit import Event, known_event


@known_event
@dataclass(frozen=True, kw_only=True)
class AccountCreated(Event):
    """A person was given an account, with a one-time password."""

    kind: ClassVar[str] = "account.created"
    entity: ClassVar[str] = "account"
    title: ClassVar[LazyString] = _l("Account created")
    username: str
    person: str


@known_event
@dataclass(frozen=True, kw_only=True)
class SlipIssued(Event):
    """A new one-time password was issued; the old password and all sessions ended."""

    kind: ClassVar[str] = "account.slip_issued"
    entity: ClassVar[str] = "account"
    title: ClassVar[LazyString] = _l("One-time password issued")
    username: str


@known_event
@dataclass(frozen=True, kw_only=True)
class PasswordChanged(Event):
    """The person chose a password of their own."""

    kind: ClassVar[str] = "account.password_changed"
    entity: ClassVar[str] = "account"
    title: ClassVar[LazyString] = _l("Password changed")
    username: str


@known_event
@dataclass(frozen=True, kw_only=True)
class AccountDisabled(Event):
    """The account may not sign in any more; its sessions ended."""

    kind: ClassVar[str] = "account.disabled"
    entity: ClassVar[str] = "account"
    title: ClassVar[LazyString] = _l("Account disabled")
    username: str


@known_event
@dataclass(frozen=True, kw_only=True)
class AccountEnabled(Event):
    """The account may sign in again."""

    kind: ClassVar[str] = "account.enabled"
    entity: ClassVar[str] = "account"
    title: ClassVar[LazyString] = _l("Account enabled")
    username: str


@known_event
@dataclass(frozen=True, kw_only=True)
class SignedIn(Event):
    """Someone signed in. ``way``: password or demo card."""

    kind: ClassVar[str] = "account.signed_in"
    entity: ClassVar[str] = "account"
    title: ClassVar[LazyString] = _l("Signed in")
    username: str
    way: str


@known_event
@dataclass(frozen=True, kw_only=True)
class SignedOut(Event):
    """Someone signed out."""

    kind: ClassVar[str] = "account.signed_out"
    entity: ClassVar[str] = "account"
    title: ClassVar[LazyString] = _l("Signed out")
    username: str


@known_event
@dataclass(frozen=True, kw_only=True)
class SignInLocked(Event):
    """Too many failures in one window: the name is locked until the window ends."""

    kind: ClassVar[str] = "account.locked"
    entity: ClassVar[str] = "account"
    title: ClassVar[LazyString] = _l("Sign-in locked for a while")
    ip: str


@known_event
@dataclass(frozen=True, kw_only=True)
class SessionEnded(Event):
    """The administrator ended a session."""

    kind: ClassVar[str] = "account.session_ended"
    entity: ClassVar[str] = "account"
    title: ClassVar[LazyString] = _l("Session ended")
    username: str


@known_event
@dataclass(frozen=True, kw_only=True)
class AbsenceRecorded(Event):
    """A person is away, and somebody acts for them on these days."""

    kind: ClassVar[str] = "person.absent"
    entity: ClassVar[str] = "person"
    title: ClassVar[LazyString] = _l("Absence with a stand-in recorded")
    stand_in_id: int
    reason: str
    first_day: date
    last_day: date
    document: str


@known_event
@dataclass(frozen=True, kw_only=True)
class AbsenceEnded(Event):
    """The person is back on a day; the stand-in acts no longer."""

    kind: ClassVar[str] = "person.back"
    entity: ClassVar[str] = "person"
    title: ClassVar[LazyString] = _l("Absence ended")
    stand_in_id: int
    back_on: date

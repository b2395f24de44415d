"""Passwords, the address after signing in, and the end of sessions: pure rules."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta

import pytest

from portal.access import passwords
from portal.access.rules import is_username, password_fault, safe_next, session_has_ended

HOSTILE = (
    "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "/\n/evil.example",
    "//portal@evil.example", "https:evil.example", "https://evil.example", "HTTPS://evil.example/",
    "javascript:alert(1)",
    "data:text/html,x", "evil.example", "/ /evil.example", "\t//evil.example", "/\x00/evil.example", "/.//evil.example",
    "http:///evil.example", "/cases\r\nSet-Cookie: a=b", "/sign-in?next=//evil.example", "/cases#//evil", "?next=/",
    "", None, "/" + "a" * 3000, "／／evil.example", "/sign-out",
)  # fmt: skip
OURS = ("/", "/cases", "/cases/12", "/cases?q=%C4%91&sort=-due", "/cases?unit=1&next=/x", "/evaluation/2023")
NOW = datetime(2023, 10, 16, 9, tzinfo=UTC)
LIMITS = {"idle": timedelta(minutes=30), "absolute": timedelta(hours=8)}


@pytest.mark.parametrize("target", HOSTILE)
def test_hostile_addresses_lead_nowhere(target: str | None) -> None:
    assert safe_next(target) is None


@pytest.mark.parametrize("target", OURS)
def test_our_own_addresses_are_kept(target: str) -> None:
    assert safe_next(target) == target


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("mưa rơi trên mái", None),
        ("mua roi tren mai ton", None),
        ("a" * 14, "too_short"),
        ("mưa rơi mái tôn", None),
        ("mưa rơi mái tô", "too_short"),
        ("x" * 129, "too_long"),
        ("aaaaaaaaaaaaaaaa", "too_plain"),
        ("abcdefghijklmnop", "too_plain"),
        ("1234567890123456", "too_known"),
        ("password12345678", "too_known"),
        ("Nguyễn Văn An 2023", "too_known"),
        ("nguyenvanan123456789", "too_known"),
        ("Phòng Tài nguyên 1", "too_known"),
    ],
)
def test_passwords(password: str, fault: str | None) -> None:
    known = ["an.nv", "Nguyễn Văn An", "Phòng Tài nguyên"]

    assert password_fault(password, shortest=15, known=known) == fault


def test_a_password_is_the_same_from_every_keyboard() -> None:
    stored = passwords.hash_of(unicodedata.normalize("NFC", "mưa rơi trên mái tôn"))

    assert passwords.matches(stored, unicodedata.normalize("NFD", "mưa rơi trên mái tôn"))
    assert not passwords.matches(stored, "mua roi tren mai ton")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_nobody_matches_an_account_that_does_not_exist() -> None:
    assert not passwords.matches(None, "")
    assert not passwords.matches("none", "none")


def test_slips_are_long_readable_and_never_alike() -> None:
    slips = {passwords.new_slip().password for _ in range(5)}

    assert len(slips) == 5
    assert all(len(slip) == 23 and not set(slip) & set("01ilo") for slip in slips)


@pytest.mark.parametrize(
    ("created", "seen", "ended"),
    [(0, 0, False), (31, 29, False), (31, 31, True), (479, 1, False), (481, 1, True)],
)
def test_sessions_end_when_idle_or_old(created: int, seen: int, ended: bool) -> None:
    born, last = NOW - timedelta(minutes=created), NOW - timedelta(minutes=seen)

    assert session_has_ended(born, last, NOW, **LIMITS) is ended


@pytest.mark.parametrize(
    ("name", "valid"),
    [
        ("an.nv", True),
        ("a", True),
        ("an-nv_2", True),
        ("An", False),
        ("án", False),
        (".a", False),
        ("", False),
        ("a" * 65, False),
    ],
)
def test_usernames(name: str, valid: bool) -> None:
    assert is_username(name) is valid

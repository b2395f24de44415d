"""Numbers and moments nobody has, in addresses: what is not there is not found, and no page breaks on it."""

from __future__ import annotations

from typing import Any

import pytest

HUGE = "99999999999999999999999"
WITH_ZONE = "2023-10-16T00:00:00%2B07:00_5"


@pytest.mark.parametrize(
    ("role", "url"),
    [
        ("officer", f"/cases/{HUGE}"),
        ("officer", f"/explanations/{HUGE}"),
        ("officer", f"/people/{HUGE}"),
        ("officer", "/calendar/99999"),
        ("officer", "/calendar/0"),
        ("home_affairs", "/evaluation/99999"),
        ("monitoring_office", f"/imports/{HUGE}"),
    ],
)
def test_what_cannot_exist_is_not_found(signed_in: Any, role: str, url: str) -> None:
    assert signed_in(role).get(url).status_code == 404


@pytest.mark.parametrize(
    ("role", "url"),
    [
        ("head", f"/apologies?after=2023-10-16_{HUGE}"),
        ("head", f"/coverage/breaches?after=2023-10-16_{HUGE}"),
        ("head", f"/coverage/cases?after={HUGE}"),
        ("head", f"/follow-ups?before={HUGE}"),
        ("head", f"/follow-ups/new?person={HUGE}"),
        ("officer", f"/directory/people?after={HUGE}"),
        ("chair", f"/trail?before={HUGE}"),
        ("administrator", f"/accounts?after={HUGE}"),
    ],
)
def test_a_number_too_large_to_be_one_of_ours_is_not_understood(signed_in: Any, role: str, url: str) -> None:
    assert signed_in(role).get(url).status_code == 400


@pytest.mark.parametrize("url", [f"/apologies?after={WITH_ZONE}", f"/coverage/breaches?after={WITH_ZONE}"])
def test_a_broken_place_in_a_list_starts_at_the_top(signed_in: Any, url: str) -> None:
    assert signed_in("head").get(url).status_code == 200

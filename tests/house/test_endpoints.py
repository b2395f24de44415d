"""Every endpoint says who may use it, and is tried by every role and by a stranger."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, url_for
from werkzeug.routing import Rule

from portal.app import create_app
from portal.config import Settings
from portal.guard import Permission, Role, Scope
from portal.guard.rights import permitted
from portal.guard.viewer import grants_of
from tests.databases import SECRET
from tests.factories import Make
from tests.house.world import ARGUMENTS, SCOPED, World, build

CLERK = "clerk"
ROLES = (*Role, CLERK)
SIGN_IN = "/sign-in"
REFUSED = {401, 403}
# The pages of a stranger: kept short by this list.
PUBLIC = {
    "access.sign_in",
    "access.enter",
    "access.demo_sign_in",
    "web.healthz",
    "web.language",
    "web.robots",
    "static",
    # How programs send: read before there is a token, without any data.
    "api.docs",
    "api_v1.openapi",
}
# What a duty that has just been opened does not have yet.
NOTHING_YET = {
    "apologies.evidence",
    "apologies.letter",
    "apology_copies.show",
    "apology_copies.proved",
    "questions.file",
}
ROUTES = create_app(Settings(database_url="sqlite://", secret_key=SECRET)).url_map


def rules() -> list[tuple[Rule, str]]:
    """Every address with each of its methods."""
    methods = ((rule, method) for rule in ROUTES.iter_rules() for method in sorted(rule.methods or ()))
    return [(rule, method) for rule, method in methods if method in ("GET", "POST") and rule.endpoint != "static"]


def granted(role: str) -> frozenset[Permission]:
    return grants_of(frozenset({Role.OFFICER if role == CLERK else Role(role)}), is_clerk=role == CLERK)


@pytest.fixture
def world(make: Make, signed_in: Callable[..., Any]) -> World:
    return build(make, signed_in)


def is_for_programs(app: Flask, endpoint: str) -> bool:
    """Whether an address is called with a token instead of a session."""
    return any(isinstance(one, Scope) for one in permitted(app.view_functions[endpoint]) or ())


def addresses(app: Flask, world: World) -> Iterator[tuple[str, str, str, frozenset[Permission]]]:
    """Endpoint, method, address and demanded permissions of everything that people use."""
    with app.test_request_context():
        for rule, method in rules():
            if (rule.arguments and rule.endpoint not in ARGUMENTS) or is_for_programs(app, rule.endpoint):
                continue
            demanded = permitted(app.view_functions[rule.endpoint])
            arguments = ARGUMENTS[rule.endpoint](world) if rule.arguments else {}
            yield rule.endpoint, method, url_for(rule.endpoint, **arguments), demanded or frozenset()


def test_every_endpoint_is_marked(app: Flask) -> None:
    unmarked = [name for name, view in app.view_functions.items() if name != "static" and permitted(view) is None]

    assert not unmarked


def test_few_endpoints_are_public(app: Flask) -> None:
    public = {name for name, view in app.view_functions.items() if permitted(view) == frozenset()}

    assert public <= PUBLIC


def test_addresses_for_programs_ask_for_a_token_and_nothing_else_will_do(
    app: Flask, world: World, signed_in: Callable[..., Any]
) -> None:
    clients = [app.test_client(), *(signed_in(world.make.in_role(role, world.here.commune)) for role in ROLES)]
    wrong, tried = [], 0
    with app.test_request_context():
        programs = [
            (rule.endpoint, method, url_for(rule.endpoint, **ARGUMENTS.get(rule.endpoint, lambda _: {})(world)))
            for rule, method in rules()
            if is_for_programs(app, rule.endpoint)
        ]
    for endpoint, method, url in programs:
        for client in clients:
            tried += 1
            answer = client.open(url, method=method)
            if answer.status_code != 401 or answer.mimetype != "application/problem+json":
                wrong.append(f"{method} {endpoint}: {answer.status}")

    assert tried and not wrong, "\n".join(wrong)


def test_every_address_with_a_row_has_an_entry() -> None:
    missing = sorted({rule.endpoint for rule, _ in rules() if rule.arguments} - ARGUMENTS.keys())

    assert not missing, "add these to tests/house/world.py"


def test_no_entry_is_left_over() -> None:
    assert ARGUMENTS.keys() <= {rule.endpoint for rule in ROUTES.iter_rules()}


def test_addresses_are_kebab_case_and_typed() -> None:
    wrong = [
        str(rule)
        for rule, _ in rules()
        if "_" in "".join(text for is_argument, text in rule._trace if not is_argument)
        or any(type(converter).__name__ == "UnicodeConverter" for converter in rule._converters.values())
    ]

    assert [rule for rule in wrong if rule != "/language/<code>"] == []


def test_a_stranger_is_sent_to_sign_in(app: Flask, client: Any, world: World) -> None:
    wrong = []
    for endpoint, method, url, demanded in addresses(app, world):
        answer = client.open(url, method=method)
        sent = answer.status_code == 302 and answer.location.startswith(SIGN_IN)
        if sent == (endpoint in PUBLIC) or (demanded and not sent) or answer.status_code >= 500:
            wrong.append(f"{method} {endpoint}: {answer.status}")

    assert not wrong, "\n".join(wrong)


def test_a_stranger_gets_no_sign_in_page_inside_a_table(app: Flask, client: Any, world: World) -> None:
    wrong = []
    for endpoint, method, url, demanded in addresses(app, world):
        answer = client.open(url, method=method, headers={"HX-Request": "true"})
        if demanded and not (answer.status_code == 401 and answer.headers["HX-Redirect"].startswith(SIGN_IN)):
            wrong.append(f"{method} {endpoint}: {answer.status}")

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_uses_what_it_was_granted_and_nothing_else(
    app: Flask, world: World, signed_in: Callable[..., Any], role: str
) -> None:
    person = world.make.in_role(role, world.here.commune)
    client = signed_in(person)
    wrong = []
    for endpoint, method, url, demanded in addresses(app, world):
        if endpoint in PUBLIC:
            continue
        allowed = bool(demanded & granted(role))

        answer = client.open(url, method=method)

        ended = answer.status_code == 302 and answer.location.startswith(SIGN_IN)
        if allowed == (answer.status_code == 403 or ended) or answer.status_code >= 500:
            wrong.append(f"{method} {endpoint}: {answer.status}, allowed: {allowed}")
        if allowed and method == "POST":
            client = signed_in(person)

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", ROLES)
def test_what_is_out_of_scope_does_not_exist(
    app: Flask, world: World, signed_in: Callable[..., Any], role: str
) -> None:
    client = signed_in(role, world.there.commune)
    wrong = []
    for endpoint, method, url, demanded in addresses(app, world):
        if endpoint in SCOPED and demanded & granted(role):
            answer = client.open(url, method=method)
            if answer.status_code != 404:
                wrong.append(f"{method} {endpoint}: {answer.status}")

    assert not wrong, "\n".join(wrong)


def test_what_is_in_scope_can_be_reached(app: Flask, world: World, signed_in: Callable[..., Any]) -> None:
    """Otherwise a wrong row in the world would make every refusal above look right."""
    people = [world.here.officer, world.here.head]
    people += [world.make.in_role(role, world.here.commune) for role in (*Role, CLERK)]
    clients = [signed_in(person) for person in people]
    unreached = [
        f"{method} {endpoint}"
        for endpoint, method, url, _ in addresses(app, world)
        if endpoint in SCOPED and endpoint not in NOTHING_YET and method == "GET"
        if all(client.get(url).status_code in (403, 404) for client in clients)
    ]

    assert not unreached

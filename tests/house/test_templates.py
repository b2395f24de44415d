"""Every template compiles; pages have titles; fragments are named after their file; forms cannot be forged."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from jinja2 import Environment, nodes
from jinja2.ext import do, i18n

from tests.house.sources import TEMPLATES

NAMES = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.*") if path.is_file())
INLINE = re.compile(
    r"""(?x) <script(?![^>]*\ssrc=) | \son[a-z]+\s*=\s*["'] | \sstyle\s*=\s*["'] | hx-on | javascript: | ["']js:"""
)
FORM = re.compile(r"<form\b[^>]*>.*?</form>", re.DOTALL | re.IGNORECASE)
FIRST_TAG = re.compile(r"<([a-z][a-z0-9]*)\b([^>]*?)>", re.DOTALL)
POST = re.compile(r"""\bmethod\s*=\s*["']?post""", re.IGNORECASE)
# Before sign-in there is no user to whom a key could belong; signing out twice is signing out.
WITHOUT_KEY = re.compile(r"access\.(sign_in|sign_out|card|demo)")


@cache
def environment() -> Environment:
    return Environment(extensions=[i18n, do], autoescape=True)  # noqa: S701 - autoescape is on


def source_of(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def without_comments(text: str) -> str:
    return re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)


@pytest.mark.parametrize("name", NAMES)
def test_compiles(name: str, request: pytest.FixtureRequest) -> None:
    environment().parse(source_of(name), name)


@pytest.mark.parametrize("name", [name for name in NAMES if "{% extends" in source_of(name)])
def test_a_page_has_a_title(name: str) -> None:
    tree = environment().parse(source_of(name), name)
    parents = [node.template.value for node in tree.find_all(nodes.Extends) if isinstance(node.template, nodes.Const)]
    blocks = {node.name for node in tree.find_all(nodes.Block)}

    assert parents != ["base.html"] or "title" in blocks


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_inline(name: str) -> None:
    """The content policy forbids it; the browser would drop it in silence."""
    found = INLINE.search(without_comments(source_of(name)))

    assert found is None, found


@pytest.mark.parametrize("name", NAMES)
def test_forms_carry_token_and_key(name: str) -> None:
    """``{{ hidden(form) }}`` or ``form.hidden_tag()`` brings both."""
    for form in FORM.findall(without_comments(source_of(name))):
        if not POST.search(form.split(">", 1)[0]):
            continue
        both = "hidden_tag()" in form or re.search(r"\{\{\s*(forms\.)?(hidden|keys|token)\w*\(", form)
        token = both or "csrf_token" in form
        key = both or "op_id" in form

        assert token, f"{name}: a form without CSRF token: {form[:120]}"
        assert key or WITHOUT_KEY.search(form), f"{name}: a form without idempotency key: {form[:120]}"


def is_fragment(name: str) -> bool:
    """A file with an underscore that is drawn by itself; a file of macros has no element of its own."""
    return (
        Path(name).name.startswith("_")
        and name.endswith(".html")
        and "{% macro" not in without_comments(source_of(name))
    )


@pytest.mark.parametrize("name", [name for name in NAMES if is_fragment(name)])
def test_a_fragment_has_one_root_named_after_its_file(name: str) -> None:
    """``cases/_rows.html`` holds ``<… id="cases-rows">``."""
    text = without_comments(source_of(name))
    expected = f"{Path(name).parent.name}-{Path(name).stem.lstrip('_').replace('_', '-')}"
    first = FIRST_TAG.search(text)

    assert first is not None
    assert f'id="{expected}' in first.group(2), f'the first element should have id="{expected}"'

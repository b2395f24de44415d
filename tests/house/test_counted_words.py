"""Numbers in counted sentences are written as in tables, wherever the sentence is put together."""

from __future__ import annotations

import pytest
from flask import Flask, render_template_string
from flask_babel import force_locale, ngettext

from portal.imports.messages import say_built

IN_A_TEMPLATE = '{{ ngettext("%(num)s mapped name", "%(num)s mapped names", many) }}'


@pytest.mark.parametrize(("language", "said"), [("vi", "1.715"), ("en", "1,715")])
def test_thousands_are_marked_in_counted_sentences(app: Flask, language: str, said: str) -> None:
    with app.test_request_context(), force_locale(language):
        assert said in say_built("records", 1_715)
        assert said in ngettext("%(num)s mapped name", "%(num)s mapped names", 1_715)
        assert said in render_template_string(IN_A_TEMPLATE, many=1_715)


def test_a_counted_sentence_of_a_template_is_escaped_once(app: Flask) -> None:
    with app.test_request_context(), force_locale("en"):
        text = '{{ ngettext("%(num)s of <%(who)s>", "%(num)s of <%(who)s>", 2_000, who="<b>") }}'
        assert render_template_string(text) == "2,000 of <&lt;b&gt;>"

"""Vietnamese first, English second. The catalogue is plain .po files, one a feature, merged at start."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, has_request_context, request
from flask_babel import Babel, Domain, get_locale
from flask_babel import lazy_gettext as _l
from jinja2 import pass_context
from jinja2.runtime import Context

from portal.refusal import Refused
from portal.web.filters import number

FOLDER = Path(__file__).resolve().parent.parent / "translations"
LANGUAGES = ("vi", "en")
COOKIE = "lang"

REFUSALS = {
    "changed_meanwhile": _l(
        "Someone else changed this a moment ago. Your text is kept; read the new state and decide."
    ),
}


def N_(text: str) -> str:
    """Mark a text for the catalogue that is translated later, where it is shown."""
    return text


@cache
def translations_of(language: str) -> NullTranslations:
    """The merged catalogue of one language; English is the msgid itself."""
    if language == "en":
        return NullTranslations()
    merged = Catalog(locale=language)
    for path in sorted((FOLDER / language).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id and message.string:
                    merged.add(message.id, message.string, context=message.context)
    buffer = BytesIO()
    write_mo(buffer, merged)
    buffer.seek(0)
    return Translations(buffer)


class FeatureCatalogues(Domain):
    """A Flask-Babel domain that reads our .po files, so that no compiled file is committed."""

    def get_translations(self) -> NullTranslations:
        return translations_of(str(get_locale() or LANGUAGES[0]).split("_")[0])

    def ngettext(self, singular: str, plural: str, num: int, **variables: Any) -> str:
        """As Flask-Babel has it; the number is written as tables write it."""
        said: str = self.get_translations().ungettext(singular, plural, num)
        return said % {"num": number(num), **variables}


class PortalBabel(Babel):
    """Flask-Babel with the merged catalogues of the features."""

    domain_instance = FeatureCatalogues()  # type: ignore[no-untyped-call]


def chosen_language() -> str:
    """The language the reader chose; Vietnamese until then, whatever the browser says."""
    chosen = request.cookies.get(COOKIE, LANGUAGES[0]) if has_request_context() else LANGUAGES[0]
    return chosen if chosen in LANGUAGES else LANGUAGES[0]


def sentence(refused: Refused) -> str:
    """The words of a refusal in the reader's language."""
    words = REFUSALS.get(refused.code)
    if words is None:
        return refused.code
    return str(words) % refused.facts if refused.facts else str(words)


def register(app: Flask) -> None:
    """Bind Flask-Babel with our catalogues."""
    PortalBabel(app, locale_selector=chosen_language)  # type: ignore[no-untyped-call]
    in_templates: Any = app.jinja_env.globals["ngettext"]

    @pass_context
    def counted(context: Context, singular: str, plural: str, num: int, **variables: Any) -> str:
        """Templates ask their own function, and write the number likewise."""
        said: str = in_templates(context, singular, plural, num, **{"num": number(num), **variables})
        return said

    app.jinja_env.globals["ngettext"] = counted

"""The Vietnamese catalogue is complete, says one thing for one sentence, and keeps every placeholder."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache

from babel.messages.catalog import Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from tests.house.sources import PORTAL, ROOT, TEMPLATES

KEYWORDS = {**DEFAULT_KEYWORDS, "_l": None, "lazy_gettext": None, "_n": (1, 2), "lazy_ngettext": (1, 2)}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]")
CATALOGUES = sorted((PORTAL / "translations" / "vi").glob("*.po"))
OPTIONS = {"**.html": {"extensions": "jinja2.ext.do", "trimmed": "false", "silent": "false"}}

Sentence = str | tuple[str, ...]


@cache
def used() -> dict[Sentence, str]:
    """Every sentence of code and templates, and where it stands."""
    found: dict[Sentence, str] = {}
    for folder in (PORTAL, TEMPLATES):
        texts = extract_from_dir(
            str(folder),
            method_map=[("**.py", "python"), ("**.html", "jinja2")],
            options_map=OPTIONS,
            keywords=KEYWORDS,
        )
        for name, line, sentence, _comments, _context in texts:
            if sentence and not (isinstance(sentence, tuple) and not all(sentence)):
                found.setdefault(sentence, f"{folder.relative_to(ROOT)}/{name}:{line}")
    return found


@cache
def translated() -> dict[Sentence, list[tuple[str, Message]]]:
    """Every entry of every catalogue, by sentence."""
    found: dict[Sentence, list[tuple[str, Message]]] = defaultdict(list)
    for path in CATALOGUES:
        with path.open("rb") as file:
            for message in read_po(file, locale="vi"):
                if message.id:
                    key = tuple(message.id) if isinstance(message.id, (list, tuple)) else message.id
                    found[key].append((path.name, message))
    return found


def strings(message: Message) -> list[str]:
    return list(message.string) if isinstance(message.string, (list, tuple)) else [message.string]


def test_every_sentence_is_translated() -> None:
    missing = [
        f"{place} {sentence!r}"
        for sentence, place in used().items()
        if not any(all(strings(message)) and not message.fuzzy for _, message in translated().get(sentence, []))
    ]

    assert not missing, "\n".join(missing)


def test_no_entry_is_left_over() -> None:
    left = [f"{entries[0][0]} {sentence!r}" for sentence, entries in translated().items() if sentence not in used()]

    assert not left, "\n".join(left)


def test_one_sentence_has_one_translation() -> None:
    """The files are merged; a second translation would silently win everywhere."""
    torn = [
        f"{sentence!r}: {[(name, message.string) for name, message in entries]}"
        for sentence, entries in translated().items()
        if len({str(strings(message)) for _, message in entries}) > 1
    ]

    assert not torn, "\n".join(torn)


def test_placeholders_are_those_of_the_sentence() -> None:
    wrong = []
    for sentence, entries in translated().items():
        forms = sentence if isinstance(sentence, tuple) else (sentence,)
        wanted = set(PLACEHOLDER.findall(forms[-1]))
        wrong += [
            f"{name} {sentence!r}"
            for name, message in entries
            for text in strings(message)
            if set(PLACEHOLDER.findall(text)) != wanted
        ]

    assert not wrong, "\n".join(wrong)


def test_readers_are_addressed_in_one_way() -> None:
    """An administration says "ông/bà"; nobody is "bạn" or "anh/chị" on one page and not on the next."""
    familiar = re.compile(r"\b(anh/chị|bạn)\b", re.IGNORECASE)
    for path in CATALOGUES:
        assert not [line for line in path.read_text("utf-8").splitlines() if familiar.search(line)], path.name

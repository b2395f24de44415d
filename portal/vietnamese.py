"""Vietnamese text without its traps: NFC, search without marks, and an order that any database sorts alike. PURE.

The same name reaches the portal composed or decomposed (Windows-1258 files decompose it), with non-breaking spaces from
spreadsheets and zero-width characters from chat programs. Everything that compares or sorts text asks this module.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# The alphabet of school dictionaries (29 letters), the four foreign letters at their Latin places.
_ALPHABET = "a ă â b c d đ e ê f g h i j k l m n o ô ơ p q r s t u ư v w x y z".split()
# None, huyền, hỏi, ngã, sắc, nặng: the tone order of Vietnamese dictionaries.
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
# Breve, circumflex and horn make letters of their own.
_SHAPES = frozenset("\u0306\u0302\u031b")
_END_OF_SYLLABLE = "0"
_NUMBER = "1"
_FOREIGN = "z9"
_LONGEST_NUMBER = 9
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_WORDS = re.compile(r"[^\W_]+")


def _letter_codes() -> dict[str, str]:
    """Each letter as two ASCII characters: its plain letter, and its place among those that share it."""
    codes: dict[str, str] = {}
    places: dict[str, int] = {}
    for letter in _ALPHABET:
        plain = "d" if letter == "đ" else unicodedata.normalize("NFD", letter)[0]
        codes[letter] = f"{plain}{places.get(plain, 0)}"
        places[plain] = places.get(plain, 0) + 1
    return codes


_CODES = _letter_codes()


def nfc(text: str) -> str:
    """The composed form, in which everything is stored."""
    return unicodedata.normalize("NFC", text)


def clean(text: str) -> str:
    """One line of clean text: NFC, every kind of space and line break as one blank, nothing invisible, trimmed."""
    return " ".join(_visible(text).split())


def clean_text(text: str) -> str:
    """Clean text of several lines: as ``clean``, but line breaks stay (at most one empty line in a row)."""
    lines = [" ".join(line.split()) for line in _visible(text).split("\n")]
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip("\n")


def _visible(text: str) -> str:
    """NFC without format, control, private and surrogate characters; all line ends as a newline."""
    plain = nfc(text.replace("\r\n", "\n").replace("\r", "\n"))
    return nfc("".join(c for c in plain if c.isspace() or not unicodedata.category(c).startswith("C")))


def fold(text: str) -> str:
    """The text as people type it into a search box: lower case, no marks, ``đ`` as ``d``, single blanks.

    Composed and decomposed text fold alike, so do the two habits of placing a tone (*hoà*, *hòa*). Folding twice
    changes nothing.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.lower().split())
    return " ".join(word for word in map(_fold_word, text.split()) if word)


@lru_cache(maxsize=65_536)
def _fold_word(word: str) -> str:
    """One word folded. Names share their few thousand syllables, so each is worked on once."""
    if word.isascii() and word.isprintable():
        return word.lower()
    decomposed = unicodedata.normalize("NFKD", _visible(word).lower())
    bare = "".join(c for c in decomposed if not unicodedata.category(c).startswith("M"))
    return " ".join(bare.lower().replace("đ", "d").split())


@lru_cache(maxsize=65_536)
def key_of(text: str) -> str:
    """A heading, a name or a status as files are compared by it: folded words without what stands in brackets."""
    bare = _BRACKETS.sub(" ", text)
    return " ".join(_WORDS.findall(fold(bare))) or " ".join(_WORDS.findall(fold(text)))


def same_name(one: str, other: str) -> bool:
    """Whether two written names fold to the same text. Two empty names are not the same name."""
    folded = fold(one)
    return bool(folded) and folded == fold(other)


def sort_key(text: str) -> str:
    """A plain ASCII key that orders text as a Vietnamese dictionary does: letter, then tone, syllable by syllable.

    Only lower-case letters and digits stand in it, two for each sign, so that the bytes of SQLite and every collation
    of PostgreSQL order it alike. Runs of digits order as numbers: *Tổ 2* before *Tổ 10*.
    """
    return "".join(_syllable_key(word) for word in _words(text))


def name_sort_key(full_name: str) -> str:
    """The key for people: the given name (the last word) first, then family and middle names as they stand."""
    words = _words(full_name)
    return "".join(_syllable_key(word) for word in words[-1:] + words[:-1])


def _words(text: str) -> list[str]:
    """Lower-case words without marks of punctuation, which never decide an order."""
    lowered = clean(text).lower()
    kept = (c if unicodedata.category(c)[0] in "LNM" else " " for c in unicodedata.normalize("NFD", lowered))
    return "".join(kept).split()


def _syllable_key(word: str) -> str:
    codes: list[str] = []
    tone = 0
    digits = ""
    for letter in _letters(word):
        if letter.isdecimal() and letter.isascii():
            digits += letter
            continue
        codes.append(_number_key(digits))
        digits = ""
        tone = _TONES.get(letter, tone)
        if not unicodedata.category(letter).startswith("M"):
            codes.append(_CODES.get(letter, _FOREIGN))
    codes.append(_number_key(digits))
    return "".join(codes) + f"{_END_OF_SYLLABLE}{tone}"


def _letters(word: str) -> list[str]:
    """The letters of a decomposed word: shape marks joined to their letter, tone marks left on their own."""
    letters: list[str] = []
    for sign in word:
        place = _place_of_base(letters)
        if sign in _SHAPES and place is not None:
            letters[place] = nfc(letters[place] + sign)
        else:
            letters.append(sign)
    return letters


def _place_of_base(letters: list[str]) -> int | None:
    """Where the letter stands that the next mark belongs to: the last sign that is no mark."""
    for place in range(len(letters) - 1, -1, -1):
        if not unicodedata.category(letters[place]).startswith("M"):
            return place
    return None


def _number_key(digits: str) -> str:
    """A run of digits as its length, then itself, so that 2 stands before 10."""
    if not digits:
        return ""
    number = digits.lstrip("0") or "0"
    return f"{_NUMBER}{min(len(number), _LONGEST_NUMBER)}" + "".join(f"{_NUMBER}{digit}" for digit in number)

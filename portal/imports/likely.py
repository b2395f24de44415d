"""PURE: whom or what a written name may mean: the likeliest first, and a proposal where just one candidate fits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

GENERIC = frozenset("ubnd uy ban nhan dan van phong bo phan mot cua tthc hdnd va".split())
"""Words that say nothing about which unit is meant."""
TITLES = frozenset("ong ba anh chi cc vc cb can bo cong chuc vien chuyen".split())
"""Words that stand before a person's name in exports."""


def ranked(said: str, known: Mapping[int, str]) -> Sequence[int]:
    """Candidates by how many words they share with a written name; names are folded keys."""
    return sorted(known, key=lambda ident: (distance(said, known[ident]), known[ident], ident))


def distance(said: str, known: str) -> float:
    """0 for names of the same words, 1 for names without a common one."""
    one, other = set(said.split()), set(known.split())
    return 1 - len(one & other) / max(len(one | other), 1)


def proposal(said: str, known: Mapping[int, str], *, is_unit: bool) -> int | None:
    """The one candidate a written name fits; None where none or several do."""
    fits = _is_same_unit if is_unit else _is_same_person
    found = [ident for ident, name in known.items() if name == said] or [
        ident for ident, name in known.items() if fits(said, name)
    ]
    return found[0] if len(found) == 1 else None


def _is_same_unit(said: str, known: str) -> bool:
    one, other = _without(said, GENERIC), _without(known, GENERIC)
    return bool(one) and (one == other or "".join(one) == "".join(other))


def _is_same_person(said: str, known: str) -> bool:
    """The same words in another order, a shortened name ("H.T. Mơ"), or the name with more around it."""
    one, other = _without(said, TITLES) or said.split(), known.split()
    if sorted(one) == sorted(other) or "".join(one) == "".join(other):
        return True
    if len(one) >= 2 and (_within(one, other) or _within(other, one)):
        return True
    return len(one) >= 2 and one[-1] == other[-1] and _are_initials(one[:-1], other[:-1])


def _without(name: str, words: frozenset[str]) -> list[str]:
    return [word for word in name.split() if word not in words]


def _within(few: Iterable[str], many: Iterable[str]) -> bool:
    rest = list(many)
    return all(word in rest for word in few) and len(set(few)) >= 2


def _are_initials(short: Sequence[str], whole: Sequence[str]) -> bool:
    """Whether each shortened word begins a word of the whole name, in its order: "h t", "ht" or "nguyen v"."""
    letters = "".join(short)
    if letters == "".join(word[0] for word in whole):
        return True
    pairs = zip(short, whole, strict=False)
    return len(short) == len(whole) and all(word.startswith(part) for part, word in pairs)

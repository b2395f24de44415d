"""What a source means by its words, and what changes between two versions of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.cases.rules import Meaning
from portal.sources.meanings import NATIONAL, NATIONAL_TEXTS, VENDOR, channel_of, folded, meaning_of, vendor_meanings
from portal.sources.rules import NOTHING, Vocabulary, differences, may_be_mapped

WORDS = st.dictionaries(st.text(max_size=8), st.sampled_from(list(Meaning)).map(str), max_size=5)
VOCABULARIES = st.builds(lambda c, m, k: Vocabulary(1, c, frozenset(c), m, k), WORDS, WORDS, WORDS)


@pytest.mark.parametrize("number", NATIONAL)
def test_a_national_status_is_known_by_number_name_and_both(number: int) -> None:
    name = NATIONAL_TEXTS[number]

    assert {meaning_of(text) for text in (str(number), name, f"{number} - {name}", name.upper())} == {NATIONAL[number]}


@pytest.mark.parametrize("number", VENDOR)
def test_every_name_of_the_vendor_is_known_as_shipped(number: int) -> None:
    name, meaning = VENDOR[number]

    assert meaning_of(name) == meaning


@pytest.mark.parametrize("number", VENDOR)
def test_the_vendors_numbers_count_only_where_a_person_said_so(number: int) -> None:
    name, meaning = VENDOR[number]
    own = folded(vendor_meanings())

    assert meaning_of(str(number), own) == meaning_of(f"{number}. {name}", own) == meaning
    assert meaning_of("5") == Meaning.PAUSED and meaning_of("5", own) == Meaning.FINISHED


def test_a_source_may_mean_something_else_by_status_eight() -> None:
    own = folded({"Dừng xử lý": "withdrawn"})

    assert meaning_of("Dừng xử lý") == Meaning.REFUSED
    assert {meaning_of(text, own) for text in ("Dừng xử lý", "8", "8 - Dừng xử lý", "DỪNG XỬ LÝ")} == {
        Meaning.WITHDRAWN
    }
    assert meaning_of("9", own) == Meaning.FINISHED


def test_a_source_may_mean_something_else_by_a_number_alone() -> None:
    own = folded({"8": "open"})

    assert meaning_of("8 - Dừng xử lý", own) == Meaning.OPEN
    assert meaning_of("Dừng xử lý", own) == Meaning.REFUSED


def test_nobody_knows_what_a_strange_word_means() -> None:
    assert meaning_of("Hồ sơ treo") is None
    assert meaning_of("Hồ sơ treo", folded({"hồ sơ TREO": "paused"})) == Meaning.PAUSED
    assert (channel_of("Zalo"), channel_of("Zalo", folded({"zalo": "online"}))) == ("unknown", "online")


@given(VOCABULARIES)
def test_a_version_differs_in_nothing_from_itself(one: Vocabulary) -> None:
    assert differences(one, one) == []


@given(VOCABULARIES, VOCABULARIES)
def test_the_differences_lead_from_one_version_to_the_other(old: Vocabulary, new: Vocabulary) -> None:
    made = {part: dict(old.part(part)) for part in ("columns", "meanings", "channels")}
    for one in differences(old, new):
        assert made[one.part].get(one.key) == one.old
        if one.new is None:
            del made[one.part][one.key]
        else:
            made[one.part][one.key] = one.new

    assert made == {part: dict(new.part(part)) for part in made}


def test_the_first_version_differs_from_nothing_in_all_it_says() -> None:
    assert len(differences(NOTHING, Vocabulary(1, {"code": "Mã"}, frozenset(), {"x": "open"}, {"y": "online"}))) == 3


def test_who_answers_for_all_its_units_may_map_a_source() -> None:
    assert may_be_mapped([1, 2], frozenset({1, 2, 3})) and may_be_mapped([], frozenset())
    assert not may_be_mapped([1, 4], frozenset({1, 2, 3}))

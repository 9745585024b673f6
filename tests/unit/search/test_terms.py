"""Which spellings of a word meet."""

import sys
import unicodedata

import pytest

from shared.search import lexicon
from shared.search import terms as spelling
from shared.search.terms import content_terms, specific_terms, terms


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("kettles", "The kettle boils."),
        ("LiHua", "LiHua: hello"),
        ("in FY2023", "the year ended 31 December 2023"),
        ("in 2023", "Revenue FY2023: 18.4 million"),
        ("Schulz", "WolfgangSchulz: hello"),
        ("SO-51101", "2025-01-03,SO-51101,kettle"),
        ("51101", "order SO-51101"),
        ("the Staff_Handbook.pdf", "handbook"),
        ("Kjærgard", "Søren Kjærgård"),
        ("Kessel", "Die Kessel und die Ventile sind nach dem Betrieb zu entleeren."),
        ("休暇", "年次有給休暇は何日ですか"),
        ("휴가", "연차 휴가는 며칠입니까"),
        ("vacaciones", "¿Cuántos días de vacaciones tienen los empleados?"),
    ],
)
def test_spellings_of_one_thing_meet(asked: str, written: str) -> None:
    """A term of the question is among the terms of the text."""
    assert set(content_terms(asked)) & set(terms(written))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Wie werden die Kessel gereinigt und von wem?", "Reinigung: die Kessel sind und werden gereinigt."),
        ("¿Cuántos empleados tienen un contrato?", "El empleado de la empresa es un socio."),
    ],
)
def test_a_text_is_stemmed_in_its_own_language(first: str, second: str) -> None:
    """Inflected forms of other languages meet too."""
    assert set(content_terms(first)) & set(content_terms(second))


def test_function_words_are_those_of_the_questions_language() -> None:
    """The German "war" and the Spanish "son" carry meaning in English."""
    assert content_terms("Who won the war for the son of the king?") == ["won", "war", "son", "king"]
    assert content_terms("Wann war der Krieg und wer war dabei?") == ["krieg", "dabei"]


def test_voiced_kana_stay_apart() -> None:
    """An accent is dropped, a mark that makes another letter is not."""
    assert set(terms("ガス")).isdisjoint(terms("カス"))


def test_accents_are_dropped_letter_by_letter_as_from_the_whole_text() -> None:
    """Runs of other letters are folded apart from the plain ones around them, which changes nothing."""
    text = "e\u0301te\u0301 \u2019tis \u00c5ngstr\u00f6m \u212b \ufb01n \u30ab\u3099\u30b9 \u2460"
    for form in ("NFC", "NFD"):
        assert terms(unicodedata.normalize(form, text)) == terms(text)
    assert {"ete", "fin", "angstrom"} <= set(terms(text))


def test_specific_terms_name_something() -> None:
    """Names within the question and whatever has a digit."""
    assert specific_terms("When did Acme Ltd open in 2021?") == {"acm", "ltd", "2021"}


def test_no_mark_is_overlooked() -> None:
    """Among the characters that are not looked at, none combines with another."""
    beyond = map(chr, range(spelling._LAST_MARK, sys.maxunicode + 1))
    assert not any(map(unicodedata.combining, beyond))


def test_two_terms_in_one_place_weigh_as_the_more_frequent_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A place of the vector is there once, whichever of the two the text has first."""
    monkeypatch.setattr(lexicon, "dimension", lambda _: 7)
    for text in ("kettle boiler boiler", "boiler kettle boiler"):
        found = lexicon.text_vector(text)
        assert found.dimensions == (7,)
        assert found.values == (lexicon.saturation(2, 3),)

import re
import sys
import unicodedata

from docsearch_cli.retrieval.folding import IGNORED, fold, marks, needs_closer_look


def test_every_mark_and_every_ignored_character_asks_for_a_closer_look():
    special = [
        character
        for character in map(chr, range(sys.maxunicode + 1))
        if unicodedata.category(character) in ("Mn", "Mc") or IGNORED.match(character)
    ]

    assert all(map(needs_closer_look, special))
    assert [character for character in special if character not in marks()] == [
        character for character in special if IGNORED.match(character)
    ]


def test_no_mark_becomes_a_letter_by_case_folding():
    assert all(not re.search(r"\w", mark.casefold()) for mark in marks())


def test_ascii_and_curly_quotes_ask_for_none():
    assert not needs_closer_look("it’s “plain” – text… José")


def test_accents_are_left_out_of_latin_and_vowels_stay_in_the_scripts_of_india():
    assert fold("crème brûlée") == "creme brulee"
    assert fold("हिन्दी") == "हिन्दी"


def test_folding_is_done_once():
    everything = "".join(map(chr, range(0x3000))).casefold()

    assert fold(fold(everything)) == fold(everything)

import json
from dataclasses import asdict

import pytest

from docsearch_cli.retrieval.quotes import Quotable, Quote, best_quotes, is_near_duplicate
from docsearch_cli.retrieval.tokens import unique_tokens

TEXT = """## Limits

The buffer holds **512 MiB** by default. A sink retries
five times before it gives up.

- Bread is baked at dawn.
"""


def quotes(text, question, *, limit=3, markup="markdown", line_start=10, heading="Limits", **more):
    """Return quotes that have not grown."""
    tokens = unique_tokens(question)
    section = Quotable(0, heading, text, line_start, **more)
    return best_quotes([section], markup, tokens, dict.fromkeys(tokens, 1.0), limit, most_chars=0)


def test_the_sentence_that_speaks_to_the_question_comes_first():
    assert quotes(TEXT, "how large is the buffer")[0].plain.startswith("The buffer holds 512 MiB")


def test_a_quote_is_a_slice_of_the_text():
    quote = quotes(TEXT, "how large is the buffer")[0]

    assert quote.text in TEXT
    assert "**512 MiB**" in quote.text


def test_lines_count_from_the_sections_first_line():
    quote = quotes(TEXT, "sink retries")[0]

    assert (quote.line_start, quote.line_end) == (12, 13)


def test_a_quote_stands_between_its_lines():
    quote = quotes(TEXT, "sink retries", line_start=1)[0]
    lines = TEXT.splitlines(keepends=True)[quote.line_start - 1 : quote.line_end]

    assert quote.text in "".join(lines)


def test_a_quote_from_a_page_stands_on_that_page():
    quote = quotes(TEXT, "sink retries", markup="text", line_start=7, paged=True)[0]

    assert (quote.line_start, quote.line_end) == (7, 7)


def test_nothing_is_quoted_that_says_nothing_of_the_question():
    assert quotes(TEXT, "volcano") == []


def test_no_more_than_the_limit_is_quoted():
    assert len(quotes("Oven one.\n\nOven two.\n\nOven three.\n", "oven", limit=2)) == 2


def test_the_same_sentence_is_quoted_once():
    assert len(quotes("The oven is hot.\n\nThe oven is hot!\n", "oven hot")) == 1


def test_ties_go_to_the_earlier_line():
    found = quotes("Oven alpha.\n\nNo more.\n\nOven bravo.\n", "oven", limit=2)

    assert [quote.line_start for quote in found] == [10, 14]


def test_the_sentence_after_a_matching_one_is_quoted():
    text = "Old news.\n\nThe oven was built by Per. It cost 900 crowns. Bread is dear.\n"
    found = quotes(text, "what did the oven cost to be built by Per")

    assert [quote.plain for quote in found] == [
        "The oven was built by Per.",
        "It cost 900 crowns.",
    ]


def test_a_sentence_without_a_term_is_quoted_after_one_with_some():
    found = quotes("The oven of Per is old. It cost Anna 900 crowns.\n", "how old is the oven")

    assert [quote.terms for quote in found] == [("old", "oven"), ()]
    assert found[1].score < found[0].score


def test_a_word_or_two_gain_nothing_from_the_sentence_before():
    found = quotes("The oven of Per is old.\n\n- 900 crowns\n", "how old is the oven")

    assert len(found) == 1


def test_a_word_of_the_question_alone_is_not_quoted_beside_a_sentence():
    text = "- buffer\n- the buffer holds 512 MiB\n"

    assert [quote.plain for quote in quotes(text, "how large is the buffer")] == [
        "the buffer holds 512 MiB"
    ]
    assert [quote.plain for quote in quotes("- buffer\n", "how large is the buffer")] == ["buffer"]


def test_a_sentence_gains_nothing_from_another_section():
    tokens = unique_tokens("the oven")
    sections = [Quotable(0, "", "The oven is old.", 1), Quotable(1, "", "Bread is dear.", 5)]
    found = best_quotes(sections, "markdown", tokens, dict.fromkeys(tokens, 1.0), 3)

    assert [quote.section for quote in found] == [0]


def test_terms_of_the_heading_count_as_covered():
    quote = quotes("It is 512 MiB by default, the buffer.\n", "limits buffer")[0]

    assert set(quote.terms) == set(unique_tokens("limits buffer"))


def test_no_sections_give_no_quotes():
    assert best_quotes([], "markdown", ["a"], {"a": 1.0}, 3) == []


def test_sets_without_words_are_not_duplicates():
    assert not is_near_duplicate(frozenset(), frozenset())


def test_a_word_of_the_question_alone_is_quoted_where_no_sentence_speaks_to_it():
    text = "It is about other things entirely, and goes on.\n\n- Encryption\n- Snapshots\n"

    assert [quote.plain for quote in quotes(text, "encryption")] == ["Encryption"]


def test_a_sentence_gains_nothing_from_a_lone_word_before_it():
    text = "- Encryption\n- It is about other things entirely, and goes on.\n"

    assert [quote.plain for quote in quotes(text, "encryption")] == ["Encryption"]


def test_sets_that_share_four_fifths_of_their_words_are_duplicates():
    words = frozenset("abcd")

    assert is_near_duplicate(words, frozenset("abcde"))
    assert not is_near_duplicate(words, frozenset("abcdef"))
    assert not is_near_duplicate(words, frozenset("abce"))
    assert is_near_duplicate(frozenset("a"), frozenset("a"))
    assert not is_near_duplicate(frozenset("a"), frozenset("b"))


def test_a_sentence_gains_two_fifths_of_the_score_of_the_one_before():
    before, after = quotes("The oven glows red. It cost Anna crowns.\n", "oven")

    assert before.score == round(before.score, 4)
    assert after.score == pytest.approx(0.4 * before.score, abs=1e-3)


def test_three_words_are_enough_to_gain_from_the_sentence_before():
    assert len(quotes("The oven glows red. Anna paid crowns.\n", "oven")) == 2
    assert len(quotes("The oven glows red. Anna paid.\n", "oven")) == 1


def test_a_quote_is_kept_from_about_a_third_of_the_best_score_on():
    texts = [["rare", "x", "y"], ["half", "x", "z"], ["faint", "y", "z"]]
    text = "\n\n".join(f"{' '.join(words)} word." for words in texts) + "\n"
    section = [Quotable(0, "", text, 1)]
    weights = {"rare": 1.0, "half": 0.3, "faint": 0.1}
    found = best_quotes(section, "markdown", ["rare", "half", "faint"], weights, 3, most_chars=0)

    # .3 and .4 of the sentence before; .1 and .4 of .3
    assert [quote.terms for quote in found] == [("rare",), ("half",)]


def test_a_repeated_sentence_is_left_out_whichever_it_repeats():
    text = "The oven is hot here.\n\nA lamp is lit there, oven.\n\nThe oven is hot, here!\n"

    assert len(quotes(text, "oven lamp")) == 2


def test_the_heading_itself_is_not_quoted():
    assert quotes("Limits\n\nThe limits are few and far.\n", "limits")[0].plain != "Limits"


def test_a_quote_says_which_section_it_is_of():
    tokens = unique_tokens("oven")
    section = Quotable(4, "Ovens", "The hot oven glows.", 20)
    (quote,) = best_quotes([section], "markdown", tokens, {"oven": 2.0}, 3)

    assert (quote.section, quote.heading) == (4, "Ovens")
    assert (quote.line_start, quote.line_end) == (20, 20)


def ask(sections, question, **more):
    tokens = unique_tokens(question)
    quotables = [
        Quotable(place, heading, text, 1 + 10 * place, above=above)
        for place, (above, heading, text) in enumerate(sections)
    ]
    return best_quotes(quotables, "markdown", tokens, dict.fromkeys(tokens, 1.0), 3, **more)


def test_of_sentences_that_are_alike_the_one_below_the_heading_asked_for_is_quoted():
    names = ["spin_rate", "rack_count", "fan_speed"]
    sections = [((), name, f"## {name}\n\nThe default is {n}.\n") for n, name in enumerate(names)]

    assert ask(sections, "what is the default of rack_count")[0].plain == "The default is 1."


def test_headings_further_above_count_too():
    sections = [
        ((year,), "Bought", f"### Bought\n\n- A {thing} for the kiln.\n")
        for year, thing in (("Season 2019", "rake"), ("Season 2020", "bellows"))
    ]
    best = ask(sections, "what was bought in season 2020")[0]

    assert best.plain == "A bellows for the kiln."
    assert best.above == ("Season 2020",)
    assert "2020" in best.terms


def test_a_sentence_that_holds_the_kind_asked_for_comes_first():
    text = (
        "The kiln cools at night in the yard.\n\n"
        + "Rain falls. " * 40
        + "\n\nThe kiln cools in 90 minutes.\n"
    )

    assert "yard" in ask([((), "", text)], "how does the kiln cool")[0].plain
    found = ask([((), "", text)], "how does the kiln cool", asked=("span",))
    assert "90 minutes" in found[0].plain
    assert [quote.holds for quote in found][:2] == [1.0, 0.0]


def test_a_row_gains_a_share_of_the_question():
    row = ask([((), "", "| a | b |\n|---|---|\n| kiln | damper |\n")], "kiln damper")[0]
    sentence = ask([((), "", "a b\n\nkiln damper\n")], "kiln damper")[0]

    assert row.score - sentence.score == pytest.approx(0.1 * 2)


def test_a_row_is_not_quoted_for_being_one():
    assert ask([((), "", "| a | b |\n|---|---|\n| c d | e f |\n")], "kiln") == []


def test_a_quote_says_what_it_lacks_of_what_tells_an_answer():
    text = "The kiln cools at night in the yard."

    (found,) = ask([((), "", text)], "kiln cools", asked=("span", "steps"))
    assert (found.holds, found.lacks) == (0.0, 1.0)
    (found,) = ask([((), "", text)], "kiln cools", asked=("steps",))
    assert (found.holds, found.lacks) == (0.0, 0.0)
    (found,) = ask([((), "", "The kiln cools in 90 minutes.")], "kiln cools", asked=("span",))
    assert (found.holds, found.lacks) == (1.0, 0.0)


def test_a_quote_says_which_part_of_it_fits():
    quote = ask([((), "", "It rains.\n\n- The **kiln** cools.\n")], "kiln cools")[0]

    assert quote.plain == "It rains.\nThe kiln cools."
    start, end, plain_start, plain_end = quote.core
    assert quote.text[start:end] == "The **kiln** cools."
    assert quote.plain[plain_start:plain_end] == "The kiln cools."


def test_a_recorded_quote_is_read_again():
    quote = ask([(("A",), "B", "It rains.\n\nThe kiln cools.\n")], "kiln cools")[0]
    plain = json.loads(json.dumps(asdict(quote)))

    assert Quote.from_dict(plain) == quote


def test_a_quote_that_an_earlier_version_recorded_is_read():
    old = {
        "section": 0, "heading": "B", "line_start": 1, "line_end": 1, "text": "a", "plain": "a",
        "score": 1.0, "terms": ["a"],
    }  # fmt: skip

    assert (Quote.from_dict(old).above, Quote.from_dict(old).core) == ((), None)


SET_IN = """The health check of the web service is set so:

```yaml
  web:
    healthcheck:
      test: [
        "curl"
      ]
```
"""


def test_lines_of_code_are_set_in_as_in_the_file_and_keep_their_brackets():
    quote = ask([((), "", SET_IN)], "health check of the web service")[0]

    assert quote.plain.splitlines()[1:] == [
        "web:",
        "  healthcheck:",
        "    test: [",
        '      "curl"',
        "    ]",
    ]
    assert quote.text in SET_IN
    assert quote.text.endswith("]")


def test_the_part_that_fits_is_found_behind_lines_that_are_set_in():
    text = "```\nfor each worker {\n    start the worker thread\n}\n```\n"

    quote = ask([((), "", text)], "start thread")[0]
    start, end, plain_start, plain_end = quote.core

    assert quote.text[start:end] == "start the worker thread"
    assert quote.plain[plain_start:plain_end] == "start the worker thread"


LABELLED = """---
tags: [river, daily]
keywords: okapi
---
The river rose by a metre. It fell again at night.

The mill stood still.
"""


def test_a_field_of_the_front_matter_is_quoted_for_what_no_sentence_says():
    of_river = [quote.plain for quote in quotes(LABELLED, "how far did the river rise")]
    of_okapi = [quote.plain for quote in quotes(LABELLED, "okapi")]

    assert of_river[0] == "The river rose by a metre."
    assert not any("daily" in plain for plain in of_river)
    assert of_okapi == ["okapi"]


def test_front_matter_takes_nothing_from_the_sentences_below_it():
    text = LABELLED.partition("---\n")[2].partition("---\n")[2]
    with_it = quotes(LABELLED, "how far did the river rise")
    without = quotes(text, "how far did the river rise")

    assert [(quote.plain, quote.score) for quote in with_it] == [
        (quote.plain, quote.score) for quote in without
    ]


ENTRY = """## 3.2.3 (2024-06-11)

- Mended: the tail of a segment was lost.
- Mended: routes were ordered by age.
"""


def grown(text, question, asked):
    tokens = unique_tokens(question)
    section = Quotable(0, "3.2.3 (2024-06-11)", text, 10)
    idf = dict.fromkeys(tokens, 1.0)
    return best_quotes([section], "markdown", tokens, idf, 1, asked=asked)[0]


def test_a_quote_takes_the_heading_that_alone_holds_what_is_asked_for():
    quote = grown(ENTRY, "which release mended the segment", ("version",))

    assert quote.plain.startswith("3.2.3 (2024-06-11)\nMended: the tail")
    assert (quote.line_start, quote.holds) == (10, 1.0)
    assert quote.text in ENTRY


def test_a_heading_that_holds_nothing_asked_for_is_not_quoted():
    assert grown(ENTRY, "who mended the segment", ("person",)).line_start == 12
    assert grown(ENTRY, "what mended the segment", ()).line_start == 12


def test_a_quote_that_holds_what_is_asked_for_needs_no_heading():
    entry = ENTRY.replace("lost.", "lost since 3.1.")

    assert grown(entry, "which release lost the segment", ("version",)).line_start == 12


def test_a_heading_too_far_above_is_not_quoted():
    entry = ENTRY.replace("\n\n-", "\n\n" + "- Other things were put right.\n" * 20 + "-", 1)

    assert grown(entry, "which release mended the segment", ("version",)).line_start > 12


def test_a_sentence_with_a_word_that_was_learned_is_quoted_first():
    text = "## Entry\n\nOther things were mended in the kiln.\n\nThe oven was mended.\n"
    section, tokens = Quotable(0, "Entry", text, 1), ["mend"]
    options = {"limit": 1, "most_chars": 0}

    def first(**more):
        return best_quotes([section], "markdown", tokens, {"mend": 1.0}, **options, **more)[0]

    assert first().plain == "The oven was mended."
    quote = first(sought=("kiln",))
    assert (quote.plain, quote.terms) == ("Other things were mended in the kiln.", ("mend",))

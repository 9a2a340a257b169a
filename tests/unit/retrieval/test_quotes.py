from docsearch_cli.retrieval.quotes import Quotable, best_quotes, is_near_duplicate
from docsearch_cli.retrieval.tokens import unique_tokens

TEXT = """## Limits

The buffer holds **512 MiB** by default. A sink retries
five times before it gives up.

- Bread is baked at dawn.
"""


def quotes(text, question, *, limit=3, markup="markdown", line_start=10, heading="Limits", **more):
    tokens = unique_tokens(question)
    section = Quotable(0, heading, text, line_start, **more)
    return best_quotes([section], markup, tokens, dict.fromkeys(tokens, 1.0), limit)


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
    found = quotes("Oven alpha.\n\nOven bravo.\n", "oven")

    assert [quote.line_start for quote in found] == [10, 12]


def test_terms_of_the_heading_count_as_covered():
    quote = quotes("It is 512 MiB by default, the buffer.\n", "limits buffer")[0]

    assert set(quote.terms) == set(unique_tokens("limits buffer"))


def test_no_sections_give_no_quotes():
    assert best_quotes([], "markdown", ["a"], {"a": 1.0}, 3) == []


def test_sets_without_words_are_not_duplicates():
    assert not is_near_duplicate(frozenset(), frozenset())

"""A section's text as it was cut into sentences and words: no question changes it."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from docsearch_cli.corpus.plain_text import Sentence, sentences
from docsearch_cli.models import Markup
from docsearch_cli.retrieval.quote_context import Context, read_context
from docsearch_cli.retrieval.tokens import tokenize

# Sections that are remembered: pages are opened repeatedly, by one search and the next. Some twenty
# megabytes.
_MOST_REMEMBERED = 1_024


class CutText(NamedTuple):
    """A section's text, cut into sentences."""

    units: tuple[Sentence, ...]
    tokens: tuple[tuple[str, ...], ...]
    """Of each sentence, as its language has them."""
    context: Context
    under: tuple[list[int], ...]
    """The places of all that each sentence stands under."""
    is_all_text: bool
    """Whether none is a field of the front matter."""


@lru_cache(maxsize=_MOST_REMEMBERED)
def cut_text(text: str, markup: Markup, language: str) -> CutText:
    """Cut a section, remembered from one call to the next.

    Args:
        text: Its raw text.
        markup: The format of its document.
        language: The document's.

    Returns:
        Its sentences, with all that only they decide.
    """
    units = tuple(sentences(text, markup))
    tokens = tuple(tuple(tokenize(unit.plain, language)) for unit in units)
    context = read_context(units, text)
    under = tuple(context.above(place) for place in range(len(units)))
    return CutText(units, tokens, context, under, all(unit.kind != "field" for unit in units))

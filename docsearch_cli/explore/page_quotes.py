"""The quotes of one page: what an agent hands back of it, and the simple search as well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from docsearch_cli.corpus.formats.table import is_paged
from docsearch_cli.explore.scored_question import Terms
from docsearch_cli.explore.view import SectionView
from docsearch_cli.models import Markup
from docsearch_cli.retrieval.answer_types import asked_types
from docsearch_cli.retrieval.quotes import Quotable, Quote, best_quotes

# Most quotes of a page; more of one is seldom new.
_MOST_QUOTES = 4


def page_quotes(
    sections: Sequence[SectionView],
    markup: Markup,
    question: str,
    terms: Terms,
    language: str,
    sought: Mapping[str, float],
) -> list[Quote]:
    """Return the quotes of a page that fit a question best, best first.

    Args:
        sections: What is read of the page, most promising first.
        markup: How its text is marked up.
        question: In words.
        terms: Its terms.
        language: The index's.
        sought: Further tokens that a quote is better for, and how rare each is.

    Returns:
        A few quotes.
    """
    quotable = [
        Quotable(
            section.section,
            section.heading,
            section.text,
            section.line_start,
            paged=is_paged(markup),
            above=section.above,
        )
        for section in sections
    ]
    return best_quotes(
        quotable,
        markup,
        terms.tokens,
        terms.idf,
        _MOST_QUOTES,
        asked=asked_types(question),
        language=language,
        sought=sought,
    )

"""The quotes of one page: what an agent hands back of it, and the simple search as well."""

from __future__ import annotations

from collections.abc import Sequence

from docsearch_cli.corpus.formats.table import is_paged
from docsearch_cli.explore.scored_question import Terms
from docsearch_cli.explore.view import SectionView
from docsearch_cli.models import Markup
from docsearch_cli.retrieval.answer_types import asked_types
from docsearch_cli.retrieval.quotes import Also, Quotable, Quote, best_quotes
from docsearch_cli.retrieval.stems import NO_STEMS, Stems

# Most quotes of a page; more of one is seldom new.
_MOST_QUOTES = 4


def page_quotes(
    sections: Sequence[SectionView],
    markup: Markup,
    question: str,
    terms: Terms,
    *,
    language: str,
    stems: Stems = NO_STEMS,
    sought: Sequence[str],
    also: Also = (),
    most: int = _MOST_QUOTES,
) -> list[Quote]:
    """Return the quotes of a page that fit a question best, best first.

    Args:
        sections: What is read of the page, most promising first.
        markup: How its text is marked up.
        question: In words.
        terms: Its terms.
        language: The page's.
        stems: The question's tokens that its words stand for.
        sought: Further tokens that a quote is better for.
        also: Tokens that stand for terms.
        most: Most quotes to return.

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
        most,
        asked=asked_types(question),
        language=language,
        stems=stems,
        sought=sought,
        also=also,
    )

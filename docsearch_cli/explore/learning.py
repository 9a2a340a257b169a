"""What a page teaches a search: rare words of the sentences that speak to the question.

A question asks which command puts back a receiver that answered 410; a page says that 410 *parks*
the *sink*. From then on "parks" and "sink" matter: they lead to sections that hold them
(``follow_up.py``), and on the pages that this one leads to they say which sentence to quote.
Bounded: a few words of a few sentences, none that the question has, none that a large part of the
corpus has, none that is nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from docsearch_cli.corpus.plain_text import remembered_plain_text
from docsearch_cli.explore.found_edges import ReadText
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.explore.view import Decision, View
from docsearch_cli.models import Markup
from docsearch_cli.retrieval.stems import as_asked
from docsearch_cli.retrieval.tokens import tokenize

# So many sentences teach, those that cover most of the question, and so many words in all.
_MOST_SENTENCES = 3
_MOST_WORDS = 8
# A shorter word is seldom a thing's name.
_LEAST_CHARS = 3
# A word in more sections than this leads nowhere in particular.
_MOST_SECTIONS = 2_000
# So many of a page's quotes teach those who come from it, a word in at most this share of the
# sections, or in so many.
_MOST_QUOTES = 2
_MOST_SHARE = 0.05
_LEAST_HOLDING = 3
_SENTENCE_END = re.compile(r"(?<=[.!?;:])\s+|\n+")


def learned_words(scored: ScoredQuestion, node: int, read: Sequence[ReadText]) -> tuple[str, ...]:
    """Return the words that the shown part of a page teaches, the rarest first.

    They count alike: weights would change with every edit of another page.

    Args:
        scored: The question against the corpus.
        node: The page's row.
        read: Its shown sections.

    Returns:
        Tokens; ties go to the smaller one.
    """
    index = scored.index
    document = int(index.node_documents[node])
    markup, stems = index.markup(document), scored.stems_of(document)
    speaking: list[tuple[float, int, tuple[str, ...]]] = []
    for item in read:
        for words in _sentences_of(item.text, markup, index.language_of(document)):
            tokens = tuple(as_asked(words, stems))
            share = scored.terms.share(tokens)
            if share > 0:
                speaking.append((-share, len(speaking), tokens))
    taught = (token for _, _, tokens in sorted(speaking)[:_MOST_SENTENCES] for token in tokens)
    return _rarest_of(scored, taught, _MOST_SECTIONS)


def taught_tokens(decision: Decision, language: str) -> tuple[str, ...]:
    """Return the tokens of what an agent looks for next, or of the best quotes of its page.

    Args:
        decision: What it decided there.
        language: In which the page's words are stemmed.

    Returns:
        Distinct tokens, of the question as well.
    """
    texts = decision.look_for or [item.plain for item in decision.evidence[:_MOST_QUOTES]]
    return tuple(dict.fromkeys(tokenize("\n".join(texts), language)))


def sought_words(scored: ScoredQuestion, taught: Sequence[str]) -> tuple[str, ...]:
    """Return those of some tokens that are worth looking for beside the question's.

    They count alike, as those of ``learned_words``.

    Args:
        scored: The question against the corpus.
        taught: The tokens, each once.

    Returns:
        The rarest, the rarest first; ties go to the smaller one.
    """
    most = max(_LEAST_HOLDING, int(_MOST_SHARE * len(scored.index.keyword.lengths)))
    return _rarest_of(scored, taught, most)


def _rarest_of(scored: ScoredQuestion, tokens: Iterable[str], most: int) -> tuple[str, ...]:
    """Return the telling ones of some tokens, in at most so many sections, the rarest first."""
    keyword = scored.index.keyword
    telling = {token for token in tokens if _is_telling(token, scored)}
    holding = {token: keyword.holding(token) for token in telling}
    known = [token for token, count in holding.items() if 2 <= count <= most]
    return tuple(sorted(known, key=lambda token: (holding[token], token))[:_MOST_WORDS])


def may_be_sought(view: View, taught: Sequence[str]) -> bool:
    """Return whether what an agent looked for can be what was taught, as far as it tells itself."""
    sought = set(view.sought)
    return len(view.sought) <= _MOST_WORDS and sought <= set(taught) - set(view.tokens)


def _is_telling(token: str, scored: ScoredQuestion) -> bool:
    """Return whether a token may be the name of something that the question does not name."""
    is_new = token not in scored.terms.idf
    return is_new and len(token) >= _LEAST_CHARS and not token.isdigit()


@lru_cache(maxsize=1024)
def _sentences_of(text: str, markup: Markup, language: str) -> tuple[tuple[str, ...], ...]:
    """Return the distinct tokens of each sentence or line; nothing is quoted, so about will do."""
    return tuple(
        tuple(dict.fromkeys(tokenize(piece, language)))
        for piece in _SENTENCE_END.split(remembered_plain_text(text, markup))
        if piece
    )

"""Stems: what the words of a text in one language stand for in a question.

A question's tokens are the stems of one language. In a text of another language a word of the
question has another *form*, which is found here; see ``asked_terms.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

Stems = Mapping[str, tuple[str, ...]]
"""The tokens of a question that a form stands for; none for a form that only looks like a token.
What is not in it stands for itself."""
NO_STEMS: Stems = MappingProxyType({})


def as_asked(tokens: Iterable[str], stems: Stems) -> list[str]:
    """Return the tokens of a text, those that a question asks for as it has them."""
    if not stems:
        return list(tokens)
    return [asked for token in tokens for asked in stems.get(token, (token,))]


def stems_from(data: Mapping[str, Sequence[str]]) -> Stems:
    """Return the stems that plain data stands for."""
    return {form: tuple(tokens) for form, tokens in data.items()}

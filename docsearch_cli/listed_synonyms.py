"""The synonyms that a configuration file lists: ``[synonyms]``, other words by word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from docsearch_cli.errors import ConfigError
from docsearch_cli.whole_numbers import brief

# A list of synonyms is looked through with each question.
_MOST_WORDS = 1_000
_MOST_OTHERS = 16
_MOST_CHARS = 100


def pick_synonyms(layers: Sequence[tuple[Mapping[str, Any], str]]) -> dict[str, tuple[str, ...]]:
    """Return the synonyms of the first layer that has any.

    Args:
        layers: Settings with their origins, the one that comes first winning.

    Returns:
        Other words by word, in the file's order.

    Raises:
        ConfigError: If what stands there are no words.
    """
    for values, origin in layers:
        if "synonyms" in values:
            return _read(values["synonyms"], origin)
    return {}


def _read(table: Any, origin: str) -> dict[str, tuple[str, ...]]:
    if not isinstance(table, dict):
        raise ConfigError(f"synonyms = {brief(table)} ({origin}) is not a table", hint=_HINT)
    if len(table) > _MOST_WORDS:
        raise ConfigError(f"{origin} has synonyms of more than {_MOST_WORDS:,} words")
    return {word.strip(): _others(word, table[word], origin) for word in table}


_HINT = 'write k8s = ["kubernetes"] under [synonyms]'


def _others(word: str, value: Any, origin: str) -> tuple[str, ...]:
    others = [value] if isinstance(value, str) else value
    is_list = isinstance(others, list) and all(isinstance(other, str) for other in others)
    if not is_list or not all(_is_word(text) for text in (word, *others)):
        raise ConfigError(
            f"the synonyms of {brief(word)} ({origin}) are no words: {brief(value)}", hint=_HINT
        )
    if len(others) > _MOST_OTHERS:
        raise ConfigError(f"{brief(word)} ({origin}) has more than {_MOST_OTHERS} synonyms")
    return tuple(dict.fromkeys(other.strip() for other in others))


def _is_word(text: str) -> bool:
    return any(map(str.isalnum, text)) and len(text) <= _MOST_CHARS

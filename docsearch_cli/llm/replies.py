"""Reads a model's reply: one JSON object with the fields asked for, or what is wrong with it."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from docsearch_cli.llm.exchange import ModelReply

# Far beyond what is asked for; a longer text is not read.
_MOST_REPLY_CHARS = 20_000
_CUT = "length"


class Problem(NamedTuple):
    """Why a reply cannot be used, in words that a model can follow."""

    words: str


def read_object(reply: ModelReply, fields: tuple[str, ...]) -> dict[str, Any] | Problem:
    """Return the object that a reply is.

    Args:
        reply: As it came.
        fields: The names that it has, all of them and no other.

    Returns:
        The object, its values not looked at; or why it is none.
    """
    if reply.finish_reason == _CUT:
        return Problem("it was cut for its length; be brief")
    if len(reply.text) > _MOST_REPLY_CHARS:
        return Problem("it is too long")
    try:
        data = json.loads(_unwrapped(reply.text), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return Problem("it is not JSON")
    if not isinstance(data, dict) or set(data) != set(fields):
        return Problem(f"it has not exactly the fields {', '.join(fields)}")
    return data


def _unwrapped(text: str) -> str:
    """Return a reply without the code fence that models like to put around it."""
    text = text.strip()
    if text.startswith("```") and text.endswith("```") and "\n" in text:
        return text[text.index("\n") : -3]
    return text


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")

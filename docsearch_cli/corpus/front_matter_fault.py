"""What is wrong with front matter that is no YAML, TOML or JSON, in words and with its line."""

from __future__ import annotations

import re
from typing import Any

# As Python's TOML parser ends its messages.
_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)$")


def fault_in(error: Exception, *, above: int) -> str:
    """Say where and why front matter could not be read.

    Args:
        error: What the parser raised.
        above: Lines of the file above the parsed text.

    Returns:
        For example ``line 3: mapping values are not allowed here``.
    """
    line, problem = _place_and_problem(error)
    problem = " ".join(problem.split()) or type(error).__name__
    return f"line {above + line}: {problem}" if line else problem


def _place_and_problem(error: Any) -> tuple[int, str]:
    """Return the line in the parsed text, from 1, or 0 if it is not known; and what is wrong."""
    if isinstance(error, RecursionError):
        return 0, "it is nested too deeply"
    mark = getattr(error, "problem_mark", None)  # YAML
    if mark is not None:
        return mark.line + 1, str(error.problem or error.context or "")
    message = str(getattr(error, "msg", error))  # JSON has the bare message apart
    found = _AT_LINE.search(message)
    if found is not None:
        return int(found[1]), message[: found.start()]
    return int(getattr(error, "lineno", 0)), message

"""TOML from outside: read in a time that its size bounds."""

from __future__ import annotations

from typing import Any

# tomllib takes time in the square of the parts of one key (a.a.a = 1); no file has so many.
_MOST_DOTS = 2_000


def read_toml(text: str) -> dict[str, Any]:
    """Return what a TOML document says.

    Args:
        text: The document.

    Returns:
        Its tables.

    Raises:
        ValueError: If it is no TOML, or a line of it has too many dots to be read in time; also
            RecursionError.
    """
    import tomllib

    if text.count(".") > _MOST_DOTS:
        for number, line in enumerate(text.split("\n"), 1):
            if line.count(".") > _MOST_DOTS:
                raise ValueError(f"line {number} has more than {_MOST_DOTS:,} dots")
    return tomllib.loads(text)

"""A configuration file: a folder's own, or the user's, which may hold more."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from docsearch_cli.errors import ConfigError
from docsearch_cli.personal_settings import PERSONAL_NAMES
from docsearch_cli.run_limits import LIMIT_OF

# No configuration file is larger: one that is, is not read to its end.
_MOST_BYTES = 1_000_000

# What a configuration file holds beside numbers and starting points.
TABLES = ("language", "languages", "systems", "synonyms")

# What only the user's own file may hold.
OWN_TABLES = ("llm", "prices")


@dataclass(frozen=True, slots=True)
class StartingPoint:
    """Where a person who knows the corpus says to begin."""

    pattern: str
    """Words looked for in the question, whatever their case: ``*`` stands for anything, ``|``
    between alternatives. No regular expression: the file may come with a folder of strangers."""
    node: str
    """Path of the document to begin at."""

    def fits(self, question: str) -> bool:
        """Return whether a question is to begin there."""
        text = question.casefold()
        parts = (part.strip().casefold() for part in self.pattern.split("|"))
        return any(_matches(text, part) for part in parts if part)


def table_of(value: Any, name: str, path: Path) -> dict[str, Any]:
    """Return a table of a file.

    Args:
        value: What the file says.
        name: The table's name.
        path: The file.

    Returns:
        The table.

    Raises:
        ConfigError: If it is none.
    """
    if not isinstance(value, dict):
        raise ConfigError(f"{path}: {name} is not a table", hint=f"write [{name}]")
    return value


def read_config(path: Path, *, is_own: bool) -> tuple[dict[str, Any], tuple[StartingPoint, ...]]:
    """Return what a configuration file says.

    Args:
        path: The file, which need not exist.
        is_own: Whether it is the user's, and not a folder's.

    Returns:
        Settings by name, not yet known to be of their types, and starting points.

    Raises:
        ConfigError: If it cannot be read, or holds what is no setting.
        AccessError: If it may not be read.
    """
    from docsearch_cli.environment import refused_or
    from docsearch_cli.files import opened_file
    from docsearch_cli.toml_text import read_toml

    try:
        with opened_file(path, follow=True) as handle:
            text = handle.read(_MOST_BYTES + 1)
        if len(text) > _MOST_BYTES:
            raise ValueError(f"it is larger than {_MOST_BYTES:,} bytes")
        data = read_toml(text.decode("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}, ()
    except (OSError, ValueError, RecursionError) as error:
        raise refused_or(partial(_unreadable, path), error, str(path)) from error
    points = data.pop("starting_points", [])
    limits = data.pop("limits", {})
    names = (*TABLES, *PERSONAL_NAMES, *(OWN_TABLES if is_own else ()))
    others = {name: data.pop(name) for name in names if name in data}
    if strange := sorted(set(OWN_TABLES) & set(data)):
        raise ConfigError(
            f"{path} holds {', '.join(strange)}, which come with no folder",
            hint="they belong in your own config.toml; docsearch config show names it",
        )
    unknown = sorted({*data, *(set(limits) - set(LIMIT_OF) if isinstance(limits, dict) else ())})
    if unknown or not isinstance(limits, dict):
        raise ConfigError(
            f"{path} holds unknown settings: {', '.join(unknown) or 'limits'}",
            hint="numbers belong under [limits]: " + ", ".join(LIMIT_OF),
        )
    if not isinstance(points, list):
        message = f"{path}: starting_points is not a list"
        raise ConfigError(message, hint="write [[starting_points]]")
    for name, value in limits.items():
        if LIMIT_OF[name].is_money and type(value) in (int, float):
            number = LIMIT_OF[name].read(str(value))
            limits[name] = value if number is None else number
    return {**limits, **others}, tuple(_starting_point(path, point) for point in points)


def _unreadable(path: Path, reason: object) -> ConfigError:
    if "integer string conversion" in str(reason):  # as Python refuses thousands of digits
        reason = "a number in it has thousands of digits"
    return ConfigError(f"{path} cannot be read: {reason}", hint="correct the file or remove it")


def _starting_point(path: Path, point: Any) -> StartingPoint:
    is_table = isinstance(point, dict) and {type(value) for value in point.values()} == {str}
    if not is_table or set(point) != {"pattern", "node"}:
        raise ConfigError(
            f"{path}: a starting point is not a pattern and a node",
            hint='write pattern = "words of a question" and node = "path of a document"',
        )
    return StartingPoint(point["pattern"], point["node"])


def _matches(text: str, pattern: str) -> bool:
    """Tell whether a text contains the pieces between the asterisks, in order; linear."""
    position = 0
    for piece in pattern.split("*"):
        position = text.find(piece, position)
        if position < 0:
            return False
        position += len(piece)
    return True

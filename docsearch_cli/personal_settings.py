"""Settings of a person, not of documents: the editor, and whether questions are remembered.

They come from a variable or the user's own ``config.toml``. A ``docsearch.toml`` may have come with
a cloned folder, and names no program that is started here: one that holds such a setting is
refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from docsearch_cli.errors import ConfigError
from docsearch_cli.whole_numbers import brief

PERSONAL_NAMES = ("editor", "history")
DEFAULT_EDITOR = "file"
"""Files are linked to as such, and opened by what $VISUAL, $EDITOR or the system names."""
# A longer command is a mistake.
_MOST_CHARS = 1_000
_YES, _NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


@dataclass(frozen=True, slots=True)
class PersonalSettings:
    """What a person set for all documents, each with its origin."""

    editor: str = DEFAULT_EDITOR
    """``file``, ``none``, an editor's name, a command or an address; see ``cli/editors.py``."""
    editor_origin: str = "default"
    history: bool = True
    """Whether the last answer and the latest questions are remembered."""
    history_origin: str = "default"


def pick_personal(layers: Sequence[tuple[Mapping[str, Any], str]]) -> PersonalSettings:
    """Return the settings of a person.

    Args:
        layers: Values by name with their origin, the one that wins first.

    Returns:
        Each setting's first value.

    Raises:
        ConfigError: If one is of another type.
    """
    editor = _first("editor", layers)
    history = _first("history", layers)
    return PersonalSettings(
        editor=_editor(*editor) if editor is not None else DEFAULT_EDITOR,
        editor_origin=editor[1] if editor is not None else "default",
        history=_is_on(*history) if history is not None else True,
        history_origin=history[1] if history is not None else "default",
    )


def refuse_personal(names: Sequence[str], origin: str, own: str) -> None:
    """Make sure that a file beside an index holds no setting of a person.

    Args:
        names: The settings that it holds.
        origin: The file.
        own: The user's own configuration file.

    Raises:
        ConfigError: If it holds one.
    """
    found = [name for name in PERSONAL_NAMES if name in names]
    if found:
        raise ConfigError(
            f"{origin} sets {' and '.join(found)}, which only you can: it may have come with"
            " the documents",
            hint=f"set it in {own}, or as DOCSEARCH_{found[0].upper()}",
        )


def _first(name: str, layers: Sequence[tuple[Mapping[str, Any], str]]) -> tuple[Any, str] | None:
    for values, origin in layers:
        if name in values:
            is_variable = origin == "environment"
            return values[name], f"DOCSEARCH_{name.upper()}" if is_variable else origin
    return None


def _editor(value: Any, origin: str) -> str:
    is_text = isinstance(value, str) and len(value) <= _MOST_CHARS and value.isprintable()
    if not is_text or not value.strip():
        raise ConfigError(
            f"editor = {brief(value)} ({origin}) is no name of an editor, command or address",
            hint='write it in quotes, such as editor = "vscode"; "none" for none',
        )
    return str(value).strip()


def _is_on(value: Any, origin: str) -> bool:
    if isinstance(value, str) and value.strip().lower() in (*_YES, *_NO):
        return value.strip().lower() in _YES
    if not isinstance(value, bool):
        raise ConfigError(
            f"history = {brief(value)} ({origin}) is neither true nor false",
            hint="write history = false to have no question remembered",
        )
    return value

"""What a person sets about documents: their languages, and the systems that made them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from docsearch_cli.errors import ConfigError
from docsearch_cli.whole_numbers import brief

Layers = Sequence[tuple[dict[str, Any], str]]
"""Settings by name with where they come from, those that win first."""
# Stands for the language that is detected from the documents; undoes one that was set before.
AUTO_LANGUAGE = "auto"

# Stands for a folder that is no site of any documentation system.
NO_SYSTEM = "none"


@dataclass(frozen=True, slots=True)
class LanguageSetting:
    """The language to index documents in, and its origin."""

    value: str | None = None
    """As it was given, in lower case, ``auto`` included; None where nothing sets it."""
    origin: str = "default"


@dataclass(frozen=True, slots=True)
class LanguagesSetting:
    """The languages that a person sets for parts of the documents, and their origin."""

    value: Mapping[str, str] = field(default_factory=dict)
    """Names or codes of languages, in lower case, by path."""
    origin: str = "default"


@dataclass(frozen=True, slots=True)
class SystemsSetting:
    """The documentation systems that a person names for folders, and its origin."""

    value: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Names of systems by folder, empty for the indexed folder itself; no names for none."""
    origin: str = "default"


def pick_language(layers: Layers) -> LanguageSetting:
    """Return the language that is set.

    Args:
        layers: What is set where.

    Returns:
        The first that one of them has.

    Raises:
        ConfigError: If that is no name.
    """
    for values, source in layers:
        if "language" in values:
            value = values["language"]
            origin = "DOCSEARCH_LANGUAGE" if source == "environment" else source
            if not isinstance(value, str):
                raise ConfigError(
                    f"language = {brief(value)} ({origin}) is not the name of a language",
                    hint='write a name in quotes, such as language = "german"',
                )
            return LanguageSetting(value.strip().lower(), origin)
    return LanguageSetting()


def _first_table(layers: Layers, name: str) -> tuple[dict[str, Any], str]:
    """Return a table of the first layer that has it, and that layer's origin; else an empty one."""
    for values, origin in layers:
        if name in values:
            table = values[name]
            if not isinstance(table, dict):
                raise ConfigError(
                    f"{name} = {brief(table)} ({origin}) is not a table", hint=f"write [{name}]"
                )
            return table, origin
    return {}, "default"


def pick_languages(layers: Layers) -> LanguagesSetting:
    """Return the languages that are set for parts of the documents.

    Args:
        layers: What is set where.

    Returns:
        Those of the first that has a table of them.

    Raises:
        ConfigError: If a language in it is no name.
    """
    table, origin = _first_table(layers, "languages")
    for pattern, name in table.items():
        if not isinstance(name, str):
            raise ConfigError(
                f"the language of {brief(pattern)} ({origin}) is no name: {brief(name)}",
                hint='write a name in quotes, such as "docs/de" = "german"',
            )
    languages = {_folder(key): name.strip().lower() for key, name in table.items()}
    return LanguagesSetting(languages, origin)


def pick_systems(layers: Layers) -> SystemsSetting:
    """Return the documentation systems that are set for folders.

    Args:
        layers: What is set where.

    Returns:
        Those of the first that has a table of them.

    Raises:
        ConfigError: If a system in it is no name.
    """
    table, origin = _first_table(layers, "systems")
    systems = {_folder(name): _names(name, table[name], origin) for name in table}
    return SystemsSetting(systems, origin)


def _folder(name: str) -> str:
    parts = (part for part in name.replace("\\", "/").split("/") if part not in ("", "."))
    return "/".join(parts)


def _names(folder: str, value: Any, origin: str) -> tuple[str, ...]:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ConfigError(
            f"the system of {brief(folder)} ({origin}) is no name: {brief(value)}",
            hint='write a name in quotes, such as manual = "sphinx"; "none" for no system',
        )
    return tuple(name.strip().lower() for name in names if name.strip().lower() != NO_SYSTEM)

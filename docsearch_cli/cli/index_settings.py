"""What ``docsearch index`` indexes with: languages, documentation systems and the model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from docsearch_cli.cli.output import Output
from docsearch_cli.errors import ConfigError, UsageError
from docsearch_cli.whole_numbers import brief

if TYPE_CHECKING:
    from docsearch_cli.embed.encoder import Encoder
    from docsearch_cli.embed.model import IndexedModel, ModelFolder, NamedModel
    from docsearch_cli.index.document_languages import LanguageSettings


def wanted_languages(home: Path, given: str | None, set_before: str | None) -> LanguageSettings:
    """Return the languages to index in, as far as they are set."""
    from docsearch_cli.config import load_settings
    from docsearch_cli.document_settings import AUTO_LANGUAGE
    from docsearch_cli.index.document_languages import LanguageSettings

    settings = load_settings({}, language=given, beside=home.parent)
    setting, parts = settings.language, settings.languages
    whole = set_before
    if setting.value == AUTO_LANGUAGE:
        whole = None
    elif setting.value is not None:
        whole = _named_language(setting.value, setting.origin)
    named = {
        pattern: _named_language(name, f"{brief(pattern)} in {parts.origin}")
        for pattern, name in parts.value.items()
    }
    return LanguageSettings(whole, named)


def _named_language(value: str, origin: str) -> str:
    from docsearch_cli.document_settings import AUTO_LANGUAGE
    from docsearch_cli.retrieval.languages import (
        ALL_LANGUAGES,
        LANGUAGE_OF_CODE,
        LANGUAGES,
        NO_LANGUAGE,
    )

    name = LANGUAGE_OF_CODE.get(value, value)
    if name in ALL_LANGUAGES:
        return name
    error = UsageError if origin == "flag" else ConfigError
    raise error(
        f"there is no language {brief(value)} ({origin})",
        hint=f"one of {', '.join((AUTO_LANGUAGE, NO_LANGUAGE, *LANGUAGES))}",
    )


def wanted_systems(home: Path) -> Mapping[str, tuple[str, ...]]:
    """Return the documentation systems that ``docsearch.toml`` names for folders."""
    from docsearch_cli.config import load_settings
    from docsearch_cli.corpus.systems.table import SYSTEMS
    from docsearch_cli.document_settings import NO_SYSTEM

    setting = load_settings({}, beside=home.parent).systems
    known = [system.name for system in SYSTEMS]
    for folder, names in setting.value.items():
        unknown = [name for name in names if name not in known]
        if unknown:
            raise ConfigError(
                f"there is no documentation system {brief(unknown[0])}, which"
                f" {setting.origin} names"
                f" for {folder or '.'}",
                hint=f"one of {', '.join((NO_SYSTEM, *known))}",
            )
    return setting.value


def wanted_model(
    output: Output, named: str | None, before: IndexedModel | NamedModel | None
) -> ModelFolder | None:
    """Return the model to index with: the one that was named now, or that of the index before.

    A model that is named now is remembered on this machine; no other one may be fetched.
    """
    if named:
        from docsearch_cli.embed.model import find_model
        from docsearch_cli.embed.trust import MODEL_VARIABLE, remember_model

        found = find_model(named, fetch=True)
        try:
            remember_model(found.name, found.revision)
        except OSError as error:
            output.note(
                f"the choice of this model cannot be stored ({error});"
                f" set {MODEL_VARIABLE}={found.name} whenever you ask"
            )
        return found
    if before is not None:
        from docsearch_cli.embed.model import find_indexed_model

        return find_indexed_model(before)
    return None


def encoder_of(found: ModelFolder) -> Encoder:
    """Return what gives sections their vectors by a model; loads it."""
    from docsearch_cli.embed.encoder import IndexEncoder

    return IndexEncoder(found)

"""What a person set for an index: its language and its model, kept for the next build.

A manifest says so too, but a damaged or older index cannot be read, and the rebuild that mends it
must not forget what was set. So each build writes ``.docsearch/settings.json`` beside the
generations:

    {"version": 1, "language": "german", "model": {"name": "all-MiniLM-L6-v2", "revision": "..."}}

The file may be a stranger's, as all of an index may: every value in it is checked, and a model that
it names is found by ``find_indexed_model`` alone.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docsearch_cli.embed.model import NamedModel
from docsearch_cli.errors import IndexCorruptError, IndexMissingError
from docsearch_cli.files import opened_file, replace_file
from docsearch_cli.index.integrity import read_manifest
from docsearch_cli.index.manifest import Manifest
from docsearch_cli.index.store import SETTINGS_FILE, current_folder, open_index
from docsearch_cli.retrieval.languages import ALL_LANGUAGES

_VERSION = 1
# A model's name is a path at most: what is longer was not written here.
_MOST_BYTES = 16_384
_REVISION = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class KeptSettings:
    """What the next build uses, unless a person says otherwise."""

    language: str | None = None
    """The language if a person set it."""
    model: NamedModel | None = None
    """The model of the embeddings; None for an index without."""
    lost: str = ""
    """Why it is not known what was set, where there was an index; empty if it is known."""


def save_settings(home: Path, manifest: Manifest) -> None:
    """Keep what an index was built with, unless just that is kept already.

    Args:
        home: The ``.docsearch`` folder.
        manifest: The manifest of the index.

    Raises:
        OSError: If the file cannot be written.
    """
    model = manifest.model
    kept = {
        "version": _VERSION,
        "language": manifest.language if manifest.language_is_set else None,
        "model": {"name": model.name, "revision": model.revision} if model is not None else None,
    }
    data = json.dumps(kept, indent=1, sort_keys=True).encode() + b"\n"
    path = home / SETTINGS_FILE
    try:
        if _read(path) == data:
            return
    except OSError:
        pass
    replace_file(path, data)


def kept_settings(home: Path) -> KeptSettings:
    """Return what was set for an index, even if the index itself cannot be read.

    Args:
        home: The ``.docsearch`` folder.

    Returns:
        What its manifest says; if the index is damaged, gone or of another schema, what
        ``settings.json`` says.
    """
    try:
        return _of_manifest(open_index(home).manifest)
    except IndexMissingError:
        is_missing = True
    except IndexCorruptError:
        is_missing = False
    try:
        return _parse(_read(home / SETTINGS_FILE))
    except FileNotFoundError:
        reason = "there is no"
    except (OSError, ValueError) as error:
        reason = f"{error} in"
    try:
        return _of_manifest(read_manifest(current_folder(home)))
    except (IndexMissingError, IndexCorruptError):
        has_none = is_missing and reason == "there is no"
        return KeptSettings(lost="" if has_none else f"{reason} {home / SETTINGS_FILE}")


def _of_manifest(manifest: Manifest) -> KeptSettings:
    model = manifest.model
    return KeptSettings(
        language=manifest.language if manifest.language_is_set else None,
        model=NamedModel(model.name, model.revision) if model is not None else None,
    )


def _read(path: Path) -> bytes:
    with opened_file(path) as handle:
        return handle.read(_MOST_BYTES + 1)


def _parse(data: bytes) -> KeptSettings:
    """Return what the file says.

    Args:
        data: Its content, or its first bytes.

    Returns:
        The settings.

    Raises:
        ValueError: If anything in it is not as it is written here.
    """
    try:
        loaded = json.loads(data)
    except (ValueError, RecursionError):
        raise ValueError("no JSON") from None
    if not isinstance(loaded, dict) or loaded.keys() != {"version", "language", "model"}:
        raise ValueError("unknown fields")
    if loaded["version"] != _VERSION:
        raise ValueError(f"version {loaded['version']!r}")
    language = loaded["language"]
    if language is not None and language not in ALL_LANGUAGES:
        raise ValueError(f"unknown language {language!r}")
    return KeptSettings(language, _model(loaded["model"]))


def _model(data: Any) -> NamedModel | None:
    match data:
        case None:
            return None
        case {"name": str(name), "revision": str(revision), **rest} if (
            name and not rest and _REVISION.fullmatch(revision)
        ):
            return NamedModel(name, revision)
    raise ValueError("no model")

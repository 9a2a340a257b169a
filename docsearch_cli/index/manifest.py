"""The manifest of a generation: what it holds, how it was made, and the hash of each file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docsearch_cli.index.places import absolute_path, stored_path
from docsearch_cli.retrieval.languages import ALL_LANGUAGES

if TYPE_CHECKING:
    from docsearch_cli.embed.model import IndexedModel

# Raise it when the meaning of the files changes: an older index is then rebuilt, never misread.
SCHEMA_VERSION = 6
_COUNTED = {"documents", "nodes", "sections", "words", "edges"}


@dataclass(frozen=True, slots=True)
class Root:
    """A folder (or single file) that was indexed."""

    name: str
    """First part of the paths below it; empty when there is only one root."""
    path: str
    """Absolute; in the manifest's file as ``places.py`` stores it."""


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """One file of a generation, as it was written."""

    size_bytes: int
    sha256: str
    """In hex."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation holds and how it was made."""

    digest: str
    """The same files, settings and code give the same one."""
    indexer: str
    """Identifies the code that made it."""
    model: IndexedModel | None
    """The model that the sections' vectors are from; None without vectors."""
    language: str
    """The language that words are stemmed in."""
    language_is_set: bool
    """True if a person set it, False if it is that of most documents."""
    language_parts: Mapping[str, str]
    """Languages that a person set for parts of it, by path."""
    languages: Mapping[str, int]
    """Documents of each language, that of most documents first."""
    roots: tuple[Root, ...]
    counts: Mapping[str, int]
    """Numbers of documents, nodes, sections, words and edges."""
    skipped: Mapping[str, int]
    """Files (or folders left out whole) that are not in it, by reason."""
    broken_links: int
    ambiguous_links: int
    files: Mapping[str, WrittenFile]
    """Every other file of the generation by name, its seal left out."""
    systems: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Names of the documentation systems that a person set, by folder."""

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], holder: str) -> Manifest:
        """Return what a manifest's JSON says, each value of its kind.

        Args:
            data: Plain data of this schema version.
            holder: The folder that holds the index, from which its roots are seen.

        Returns:
            The manifest.

        Raises:
            ValueError: If a value is of the wrong kind; KeyError, TypeError or AttributeError if
                one is missing or has another shape.
        """
        model = data["model"]
        counts = {name: _count(count) for name, count in data["counts"].items()}
        if counts.keys() != _COUNTED:
            raise ValueError("it does not count what it should")
        return cls(
            digest=_text(data["digest"]),
            indexer=_text(data["indexer"]),
            model=_model(model) if model is not None else None,
            language=_language(data["language"]),
            language_is_set=_truth(data["language_is_set"]),
            language_parts={
                _text(pattern): _language(name) for pattern, name in data["language_parts"].items()
            },
            languages=most_first(
                {_language(name): _count(count) for name, count in data["languages"].items()}
            ),
            systems={
                _text(folder): tuple(map(_system, names))
                for folder, names in data["systems"].items()
            },
            roots=tuple(
                Root(_text(root["name"]), absolute_path(_text(root["path"]), holder))
                for root in data["roots"]
            ),
            counts=counts,
            skipped={reason: _count(count) for reason, count in data["skipped"].items()},
            broken_links=_count(data["broken_links"]),
            ambiguous_links=_count(data["ambiguous_links"]),
            files={
                name: WrittenFile(_count(facts["bytes"]), _text(facts["sha256"]))
                for name, facts in data["files"].items()
            },
        )

    def to_json(self, holder: str) -> str:
        """Return the text of the manifest's file, in an index that a folder holds."""
        files = {
            name: {"bytes": file.size_bytes, "sha256": file.sha256}
            for name, file in self.files.items()
        }
        data = {
            "schema": SCHEMA_VERSION,
            "digest": self.digest,
            "indexer": self.indexer,
            "model": asdict(self.model) if self.model is not None else None,
            "language": self.language,
            "language_is_set": self.language_is_set,
            "language_parts": dict(self.language_parts),
            "languages": dict(self.languages),
            "systems": {folder: list(names) for folder, names in self.systems.items()},
            "roots": [
                {"name": root.name, "path": stored_path(root.path, holder)} for root in self.roots
            ],
            "counts": dict(self.counts),
            "skipped": dict(self.skipped),
            "broken_links": self.broken_links,
            "ambiguous_links": self.ambiguous_links,
            "files": files,
        }
        return json.dumps(data, indent=1, sort_keys=True)


def name_roots(roots: list[Path]) -> list[Root]:
    """Name each root as the walk prefixes its paths: not at all when there is only one."""
    from docsearch_cli.corpus.walk.found_files import root_names

    if len(roots) == 1:
        return [Root("", str(roots[0]))]
    return [Root(name, str(root)) for name, root in zip(root_names(roots), roots, strict=True)]


def _model(data: Mapping[str, Any]) -> IndexedModel:
    from docsearch_cli.embed.model import IndexedModel

    found = IndexedModel.from_dict(data)
    for value in (found.name, found.revision):
        _text(value)
    return found


def _text(value: object) -> str:
    """Return a text that may name a file: it can be encoded, and has no zero byte."""
    if not isinstance(value, str) or "\0" in value:
        raise ValueError(f"{value!r} is no text")
    value.encode("utf-8", "surrogateescape")  # a UnicodeEncodeError is a ValueError
    return value


def most_first(counts: Mapping[str, int]) -> dict[str, int]:
    """Return counts by name, the highest first."""
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _language(value: object) -> str:
    """Return the name of a language."""
    name = _text(value)
    if name not in ALL_LANGUAGES:
        raise ValueError(f"there is no language {name!r}")
    return name


def _system(value: object) -> str:
    """Return the name of a documentation system."""
    from docsearch_cli.corpus.systems.table import SYSTEMS

    name = _text(value)
    if all(name != system.name for system in SYSTEMS):
        raise ValueError(f"there is no system {name!r}")
    return name


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is neither true nor false")
    return value


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{value!r} is no count")
    return value

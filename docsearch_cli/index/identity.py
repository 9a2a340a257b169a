"""What tells one index from another: the code that made it, its settings, and every file."""

from __future__ import annotations

import hashlib
import os
import sys
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from docsearch_cli.embed.encoder import Encoder
from docsearch_cli.fingerprint import release_of, source_digest
from docsearch_cli.index.document_languages import LanguageSettings
from docsearch_cli.index.documents import DocumentRow
from docsearch_cli.index.manifest import SCHEMA_VERSION, Root
from docsearch_cli.models import LedgerEntry

INDEXER = (
    "arrays",
    "corpus",
    "embed",
    "files",
    "graph",
    "index",
    "models",
    "retrieval",
    "string_table",
    "toml_text",
    "whole_numbers",
)
"""Our code that decides what an index holds; a test compares with what a build imports."""
# The packages of others that do.
_LIBRARIES = (
    "charset-normalizer",
    "markdown-it-py",
    "pathspec",
    "pypdfium2",
    "pystemmer",
    "pyyaml",
    "regex",
)


@dataclass(frozen=True, slots=True)
class BuildSettings:
    """What decides an index, besides its files."""

    roots: tuple[Root, ...]
    indexer: str
    """Identifies the code."""
    encoder: Callable[[], Encoder] | None
    """Makes what gives sections their vectors; None for an index without."""
    revision: str
    """The encoder's revision; empty without one."""
    languages: LanguageSettings
    """The languages that a person set."""
    systems: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Names of the documentation systems that a person set, by folder."""


def indexer_digest() -> str:
    """Return what identifies the code that decides what an index holds."""
    releases = [f"{name} {release_of(name)}" for name in _LIBRARIES]
    parts = [source_digest(INDEXER), sys.version, unicodedata.unidata_version, *releases]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def generation_digest(
    settings: BuildSettings, documents: Iterable[DocumentRow], skipped: Iterable[LedgerEntry]
) -> str:
    """Return the hash of everything that decides what an index holds."""
    digest = hashlib.sha256()
    digest.update(f"{SCHEMA_VERSION}\0{settings.indexer}\0{settings.revision}\0".encode())
    digest.update(f"{settings.languages.whole or ''}\0".encode())
    for pattern, language in sorted(settings.languages.parts.items()):
        digest.update(f"{pattern}\0{language}\0".encode("utf-8", "surrogatepass"))
    for folder, names in sorted(settings.systems.items()):
        digest.update("\0".join((folder, *names, "")).encode("utf-8", "surrogatepass"))
    rows = [(row.path, row.content_hash, "") for row in documents]
    rows += [(row.path, row.reason, row.detail) for row in skipped]
    for root in settings.roots:
        # Where several roots lie to each other decides links between them; where they lie does not.
        beside = os.path.relpath(root.path, settings.roots[0].path)
        digest.update(f"{root.name}\0{beside}\0".encode("utf-8", "surrogateescape"))
    for row in sorted(rows):
        digest.update("\0".join((*row, "")).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:32]

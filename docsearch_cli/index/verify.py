"""Compares an index with a clean build of the same files, file by file."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from docsearch_cli.index.build import build_index
from docsearch_cli.index.document_languages import FIND_EACH, LanguageSettings
from docsearch_cli.index.incremental import BuildProgress
from docsearch_cli.index.store import BUILDING, open_index, writer_lock

# Encoding again would take longer than the rest; a vector follows from a text that is compared.
_NOT_COMPARED = "vectors.npy"


@dataclass(frozen=True, slots=True)
class Comparison:
    """An index and a clean build of the same files."""

    compared: int
    """Files of the index that were compared."""
    differing: tuple[str, ...]
    """Those that differ, or that only one of the two has."""


def compare_with_clean_build(
    home: Path,
    paths: Sequence[Path],
    *,
    languages: LanguageSettings = FIND_EACH,
    systems: Mapping[str, tuple[str, ...]] | None = None,
    progress: BuildProgress | None = None,
) -> Comparison:
    """Build an index of the same files from nothing, and compare the two.

    Args:
        home: The ``.docsearch`` folder of the index.
        paths: What it was built from.
        languages: The languages that were set for it.
        systems: The documentation systems that were set for it, by folder.
        progress: Called with how far each stage is.

    Returns:
        What differs; embeddings are not compared.

    Raises:
        IndexLockedError: If another process is building this index.
    """
    with (
        writer_lock(home),
        tempfile.TemporaryDirectory(dir=home / "index", suffix=BUILDING) as name,
    ):
        mine = open_index(home).manifest.files
        build_index(Path(name), paths, languages=languages, systems=systems, progress=progress)
        clean = open_index(Path(name)).manifest.files
    names = sorted({*mine, *clean} - {_NOT_COMPARED})
    return Comparison(
        compared=len(names),
        differing=tuple(name for name in names if mine.get(name) != clean.get(name)),
    )

"""The sites of an index: found by the paths of its documents and by what its ledger says."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from docsearch_cli.corpus.redirects import redirects_from_words
from docsearch_cli.corpus.systems.configuration import settings_from_words
from docsearch_cli.corpus.systems.detection import SERVED_NAMES, DetectedSystems, detect_systems
from docsearch_cli.corpus.systems.mkdocs import INHERITED
from docsearch_cli.corpus.walk.left_alone import from_words
from docsearch_cli.index.ledger import read_skipped
from docsearch_cli.index.reader import IndexReader

NamedSystems = Mapping[str, tuple[str, ...]]
"""Names of the systems that a person set, by folder."""


def sites_among(
    documents: Iterable[str], left_out: Sequence[tuple[str, str]], named: NamedSystems
) -> DetectedSystems:
    """Return the sites of a corpus.

    Args:
        documents: Paths of its documents.
        left_out: Paths of its other files and folders, each with the detail of its ledger row.
        named: What a person set.

    Returns:
        The sites.
    """
    settings = {path: found for path, detail in left_out if (found := settings_from_words(detail))}
    for base, heir in _inherited(settings):
        settings[heir] = {**settings.get(base, {}), **settings[heir]}
    return detect_systems((*documents, *(path for path, _ in left_out)), settings, named)


def other_paths(left_out: Iterable[tuple[str, str]]) -> list[str]:
    """Return the paths of what is no document: of what was left out, and of what builds make.

    Not of a whole site that a build makes: any address would lead into it.

    Args:
        left_out: Paths, each with the detail of its ledger row.

    Returns:
        The paths, folders with a ``/`` at their ends.
    """
    left_out = list(left_out)
    settings = {path: found for path, detail in left_out if (found := settings_from_words(detail))}
    heirs: dict[str, list[str]] = {}
    for base, heir in _inherited(settings):
        heirs.setdefault(base, []).append(heir)
    sent_on = (
        other
        for path, detail in left_out
        for place in (path, *heirs.get(path, ()))
        for other in redirects_from_words(place, detail)
    )
    made = (
        other
        for other in chain(*(from_words(path, detail) for path, detail in left_out), sent_on)
        if other.rstrip("/").rpartition("/")[2] not in SERVED_NAMES
    )
    return [*(path for path, _ in left_out), *made]


def _inherited(settings: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield configuration files that others inherit from, each with one that does."""
    for heir in sorted(settings):
        if INHERITED in settings[heir]:
            folder = posixpath.dirname(heir)
            yield posixpath.normpath(posixpath.join(folder, settings[heir][INHERITED])), heir


def left_out_of(reader: IndexReader) -> list[tuple[str, str]]:
    """Return the paths of what is not in an index, each with the detail of its ledger row."""
    return [(str(row["path"]), str(row["detail"])) for row in read_skipped(reader.folder)]


def sites_of(reader: IndexReader) -> DetectedSystems:
    """Return the sites of an index."""
    paths = (path.decode("utf-8") for path in reader.paths.rows())
    return sites_among(paths, left_out_of(reader), reader.manifest.systems)

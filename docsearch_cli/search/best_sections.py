"""The section of a document that fits a question best, for documents that are given by name."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.index.reader import SectionInfo


def best_sections(scored: ScoredQuestion, paths: Iterable[str]) -> list[tuple[str, SectionInfo]]:
    """Return the section of each document that is most relevant; the first of those that tie.

    Args:
        scored: The question against the corpus.
        paths: Documents of the index.

    Returns:
        Each document with its section, in the order of the paths.
    """
    index = scored.index
    found = []
    for path in paths:
        nodes = index.nodes_of_document(path)
        first, end = int(index.node_starts[nodes.start]), int(index.node_starts[nodes.stop])
        row = first + int(np.argmax(scored.relevance[first:end]))
        found.append((path, index.section(row)))
    return found

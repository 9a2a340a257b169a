"""Vectors of an index: one for each section, from an embedding model.

Encoding takes longer than all the rest of a build together, so each vector is kept by its text as
soon as it is there: a build that is stopped goes on where it was, and an edit costs the sections
that it changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from docsearch_cli.arrays import save_array
from docsearch_cli.embed.encoder import Encoder
from docsearch_cli.embed.questions import VECTOR_TYPE, VectorCache
from docsearch_cli.index.tables import Row, Tables

# Texts handed to the model at once: as much is lost at most when a build is stopped.
_BATCH = 64
# A model reads a few hundred tokens at most; what is longer by far is never looked at.
_MOST_CHARS = 8_000


def save_vectors(
    folder: Path,
    home: Path,
    tables: Tables,
    encoder: Encoder,
    progress: Callable[[int, int], None],
) -> None:
    """Encode every section that has not been encoded before, and write all vectors.

    Shapes:
        written: (n_sections, dimensions) float16, rows of unit L2 norm.

    Args:
        folder: The generation's folder.
        home: The ``.docsearch`` folder, for the cache.
        tables: The sections.
        encoder: What gives them their vectors.
        progress: Told how many sections are done.
    """
    texts = [_text_of(tables, row) for row in tables.rows]
    vectors = np.zeros((len(texts), encoder.model.dimensions), VECTOR_TYPE)
    cache = VectorCache(home, encoder.model)
    try:
        missing: dict[str, list[int]] = {}
        for row, text in enumerate(texts):
            known = cache.get(text)
            if known is None:
                missing.setdefault(text, []).append(row)
            else:
                vectors[row] = known
        done = len(texts) - sum(len(rows) for rows in missing.values())
        progress(done, len(texts))
        for batch in _batches(sorted(missing, key=lambda text: (-len(text), text))):
            found = encoder.encode(batch)
            cache.keep(batch, found)
            for text, vector in zip(batch, found, strict=True):
                vectors[missing[text]] = vector
                done += len(missing[text])
            progress(done, len(texts))
    finally:
        cache.close()
    save_array(folder, "vectors", vectors)


def _batches(texts: Sequence[str]) -> list[Sequence[str]]:
    return [texts[start : start + _BATCH] for start in range(0, len(texts), _BATCH)]


def _text_of(tables: Tables, row: Row) -> str:
    """Return what stands for a section: what it is part of, and what it says."""
    title, heading = tables.documents[row.document].title, row.section.heading
    head = title if heading in ("", title) else f"{title}: {heading}"
    return f"{head}\n{row.plain}"[:_MOST_CHARS]

"""The vectors of an index: one for each section, from an embedding model.

Encoding takes longer than the rest of a build together. So vectors of documents that stay are
copied, and each new one is cached by its text at once: a build that is stopped continues where it
was, and an edit costs the sections that it changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.arrays import save_array
from docsearch_cli.embed.encoder import Encoder
from docsearch_cli.embed.question_vector import VECTOR_TYPE, VectorCache
from docsearch_cli.index.incremental import Content
from docsearch_cli.index.merge import Stretch
from docsearch_cli.index.sources import cut_texts

# Texts handed to the model at once: the most that is lost when a build is stopped.
_BATCH = 64
# A model reads a few hundred tokens at most; the rest of a long text is cut off before.
_MOST_CHARS = 8_000


def save_vectors(
    folder: Path,
    home: Path,
    content: Content,
    encoder: Encoder,
    progress: Callable[[int, int], None],
) -> None:
    """Encode every section that has not been encoded before, and write all vectors.

    Shapes:
        written: (n_sections, dimensions) float16, rows of unit L2 norm.

    Args:
        folder: The generation's folder.
        home: The ``.docsearch`` folder, for the cache.
        content: The sections.
        encoder: What gives them their vectors.
        progress: Called with how many sections are done.
    """
    total = int(content.arrangement.section_starts[-1])
    vectors = np.zeros((total, encoder.model.dimensions), VECTOR_TYPE)
    cache = VectorCache(home, encoder.model)
    done = 0
    try:
        missing: dict[str, list[int]] = {}
        for stretch in content.arrangement.stretches:
            first = int(content.arrangement.section_starts[stretch.row])
            known = _known_vectors(stretch, encoder)
            if known is not None:
                vectors[first : first + len(known)] = known
                done += len(known)
                continue
            for row, text in enumerate(_texts_of(stretch), start=first):
                vector = cache.get(text)
                if vector is None:
                    missing.setdefault(text, []).append(row)
                else:
                    vectors[row] = vector
                    done += 1
        progress(done, total)
        for batch in _batches(sorted(missing, key=lambda text: (-len(text), text))):
            found = encoder.encode(batch)
            cache.keep(batch, found)
            for text, vector in zip(batch, found, strict=True):
                vectors[missing[text]] = vector
                done += len(missing[text])
            progress(done, total)
    finally:
        cache.close()
    save_array(folder, "vectors", vectors)


def _batches(texts: Sequence[str]) -> list[Sequence[str]]:
    return [texts[start : start + _BATCH] for start in range(0, len(texts), _BATCH)]


def _known_vectors(stretch: Stretch, encoder: Encoder) -> NDArray[np.float16] | None:
    """Return the vectors of a stretch if the earlier index has them."""
    source = stretch.source
    first, end = source.section_starts[[stretch.first, stretch.end]].tolist()
    return source.vectors(encoder.model, first, end)


def _texts_of(stretch: Stretch) -> Iterator[str]:
    """Yield the text that is encoded for each section: title, heading and text."""
    source = stretch.source
    for number in range(stretch.first, stretch.end):
        title = source.documents[number].title
        first, end = source.section_starts[[number, number + 1]].tolist()
        headings = cut_texts(*source.headings(first, end))
        for heading, text in zip(headings, source.plain_texts(number), strict=True):
            head = title if heading in ("", title) else f"{title}: {heading}"
            yield f"{head}\n{text}"[:_MOST_CHARS]

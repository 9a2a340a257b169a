"""Vectors of questions, by the model that an index was made with.

The model is loaded when the first vector is asked for: a question that needs none pays nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from docsearch_cli.index.reader import IndexReader


def question_encoder(index: IndexReader) -> Callable[[str], NDArray[np.float32]] | None:
    """Return what gives a question's vector; None for an index without embeddings."""
    model = index.model
    if model is None:
        return None
    home = index.folder.parent.parent

    def encode(question: str) -> NDArray[np.float32]:
        from docsearch_cli.embed.question_vector import question_vector

        return question_vector(home, model, question)

    return encode

"""A question's vector, from the model that the index was made with.

Most questions come to a process that has just started: numpy needs a twentieth of a second where
sentence-transformers needs four. The vector is cached, so a question that is asked again needs no
model at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.byte_cache import ByteCache
from docsearch_cli.embed.model import IndexedModel, find_indexed_model
from docsearch_cli.embed.model_folder import UnsupportedModelError
from docsearch_cli.errors import ModelError

if TYPE_CHECKING:
    from docsearch_cli.embed.bert import BertEncoder
    from docsearch_cli.embed.encoder import TransformerEncoder

# A vector of 384 numbers in half precision is 768 bytes: room for a million sections and more.
_CACHE_BYTES = 2 << 30
VECTOR_TYPE = np.dtype("<f2")


class VectorCache:
    """Vectors kept by model revision and text; half precision, as the index holds them.

    Args:
        home: The ``.docsearch`` folder.
        model: Whose vectors.
    """

    def __init__(self, home: Path, model: IndexedModel) -> None:
        self._cache = ByteCache(
            home / "cache" / "vectors", _ignore, name="vector cache", size_limit=_CACHE_BYTES
        )
        self._model = model

    def get(self, text: str) -> NDArray[np.float32] | None:
        """Return a text's vector, (dimensions,) float32, or None."""
        data = self._cache.get(self._key(text))
        if data is None or len(data) != self._model.dimensions * VECTOR_TYPE.itemsize:
            return None
        vector = np.frombuffer(data, VECTOR_TYPE).astype(np.float32)
        return vector if np.isfinite(vector).all() else None

    def keep(self, texts: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Keep the vectors of texts: (len(texts), dimensions)."""
        for text, vector in zip(texts, vectors.astype(VECTOR_TYPE), strict=True):
            self._cache.set(self._key(text), vector.tobytes(), self._model.revision)

    def close(self) -> None:
        """Close the files."""
        self._cache.close()

    def _key(self, text: str) -> str:
        digest = hashlib.sha256(f"{self._model.revision}\0{self._model.dimensions}\0".encode())
        digest.update(text.encode("utf-8", "surrogatepass"))
        return digest.hexdigest()


def question_vector(home: Path, model: IndexedModel, question: str) -> NDArray[np.float32]:
    """Return a question's vector.

    Shapes:
        result: (model.dimensions,) float32, unit L2 norm but for half precision.

    Args:
        home: The ``.docsearch`` folder.
        model: The index's model.
        question: In words.

    Returns:
        The vector, as the cache would give it.

    Raises:
        ModelError: If the model was not named on this machine, is gone, or has changed.
    """
    cache = VectorCache(home, model)
    try:
        known = cache.get(question)
        if known is None:
            vectors = encode_questions(model, [question])
            cache.keep([question], vectors)
            known = vectors.astype(VECTOR_TYPE).astype(np.float32)[0]
        return known
    finally:
        cache.close()


@lru_cache(maxsize=1)
def _encoder(model: IndexedModel) -> BertEncoder | TransformerEncoder:
    found = find_indexed_model(model)
    if not model.fast:
        from docsearch_cli.embed.encoder import TransformerEncoder

        return TransformerEncoder(found)
    from docsearch_cli.embed.bert import BertEncoder

    try:
        return BertEncoder.load(found.folder)
    except ImportError as error:
        from docsearch_cli.installation import install_hint

        raise ModelError(
            f"the index has embeddings of {model.name!r}, and the extra 'semantic' is missing",
            hint="index without: docsearch index PATH --no-model; or " + install_hint("semantic"),
        ) from error
    except UnsupportedModelError as error:
        raise ModelError(f"the model {model.name!r} cannot be loaded: {error}") from error


def encode_questions(model: IndexedModel, questions: Sequence[str]) -> NDArray[np.float32]:
    """Return the vectors of questions, one row each, from the model, which is loaded once."""
    vectors = _encoder(model).encode(questions)
    if vectors.shape != (len(questions), model.dimensions):
        raise ModelError(f"the model {model.name!r} gives vectors of another length than indexed")
    return vectors


def _ignore(_warning: str) -> None:
    """Say nothing: without a cache a vector is computed again, and that is all."""

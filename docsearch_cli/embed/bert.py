"""Gives texts their vectors by a BERT, a question's within a tenth of a second of process start.

sentence-transformers takes 4 seconds to import before it encodes the first text. Here the weights
are mapped, the tokenizer is read, and the network is run by numpy; what comes of it is what
``SentenceTransformer(folder).encode(texts, normalize_embeddings=True)`` gives, to 1e-6.

Where BLAS spreads products over threads, a question waits for threads that busy cores do not run:
with one of two cores busy the first took 156 ms with two threads and 15 ms with one (AVX2; with
AVX-512 the products of a question stay on one thread, see ``bert_forward.py``, but not those of
long texts). So ``cli/app.py`` sets ``OPENBLAS_NUM_THREADS=1`` before numpy is imported; this module
would be too late for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from docsearch_cli.embed.bert_forward import Floats, Network
from docsearch_cli.embed.model_folder import BertSettings, UnsupportedModelError, read_settings
from docsearch_cli.embed.weights import Weights
from docsearch_cli.embed.word_pieces import WordPieces

if TYPE_CHECKING:
    from tokenizers import Encoding

_WEIGHTS_FILE = "model.safetensors"
# Texts are packed until they have so many pieces: products are at their fastest from about 600,
# and the widest states of a pack of a small model stay below 10 MB.
_PACK_PIECES = 1024


class BertEncoder:
    """A BERT with its tokenizer and its pooling; safe to share between threads."""

    def __init__(self, settings: BertSettings, weights: Weights) -> None:
        self.dimensions = settings.hidden
        self._pooling = settings.pooling
        self._pieces = WordPieces(settings)
        self._network = Network(weights, settings)

    @classmethod
    def load(cls, folder: Path) -> BertEncoder:
        """Open a model that sentence-transformers saved.

        Args:
            folder: The one that holds ``modules.json``.

        Returns:
            The encoder; its weights are mapped, not read.

        Raises:
            UnsupportedModelError: If anything about the model is not known here, or a file is
                missing or damaged.
        """
        try:
            settings = read_settings(folder)
            return cls(settings, Weights(settings.home / _WEIGHTS_FILE))
        except OSError as error:  # even asking whether a file is there may fail
            raise UnsupportedModelError(f"{folder.name}: cannot be read: {error}") from error

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return the vectors of texts.

        Shapes:
            result: (len(texts), dimensions) float32, rows of unit L2 norm.

        Args:
            texts: Any number, of any length.

        Returns:
            One row a text, in their order.

        Raises:
            UnsupportedModelError: If the weights give no finite vector.
        """
        vectors = np.empty((len(texts), self.dimensions), np.float32)
        row = 0
        for pack in self._packs(texts):
            states, spans = self._network.run([pieces.ids for pieces in pack])
            for start, end in spans:
                last = start + 1 if self._pooling == "cls" else end
                with np.errstate(all="ignore"):
                    vectors[row] = states[:, start:last].mean(axis=1)
                row += 1
        return _unit_rows(vectors)

    def _packs(self, texts: Sequence[str]) -> Iterator[list[Encoding]]:
        pack: list[Encoding] = []
        room = _PACK_PIECES
        for text in texts:
            pieces = self._pieces.cut(text)
            if pack and len(pieces) > room:
                yield pack
                pack, room = [], _PACK_PIECES
            pack.append(pieces)
            room -= len(pieces)
        if pack:
            yield pack


def _unit_rows(rows: Floats) -> Floats:
    """Scale rows to L2 norm 1.

    Shapes:
        rows: (n, dimensions).
    """
    with np.errstate(all="ignore"):
        norms = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    if not np.isfinite(norms).all():
        raise UnsupportedModelError(f"{_WEIGHTS_FILE}: its numbers give no finite vector")
    # The same floor as the reference's, for a row of zeros.
    units: Floats = rows / np.maximum(norms, np.float32(1e-12))[:, None]
    return units

"""An encoder without a model: the same text gives the same vector in any process."""

import hashlib

import numpy as np

from docsearch_cli.embed.model import IndexedModel
from docsearch_cli.retrieval.tokens import unique_tokens

DIMENSIONS = 64


class HashEncoder:
    """Adds up a random direction for each word; ``same`` names words that mean the same.

    Args:
        same: From a word's token to the one that it stands for.
        revision: What tells one such encoder from another.
        most: Texts it encodes before it fails, as if the process had been stopped.
    """

    def __init__(self, same=None, *, revision="a" * 32, most=None):
        self.model = IndexedModel("hash", revision, DIMENSIONS, True)
        self.encoded = []
        self._same = same or {}
        self._most = most

    def encode(self, texts):
        if self._most is not None and len(self.encoded) + len(texts) > self._most:
            raise KeyboardInterrupt
        self.encoded.extend(texts)
        return np.stack([self._vector(text) for text in texts])

    def _vector(self, text):
        total = np.full(DIMENSIONS, 1e-3, np.float32)
        for token in unique_tokens(text):
            digest = hashlib.sha256(self._same.get(token, token).encode()).digest()
            seed = int.from_bytes(digest[:8], "big")
            total += np.random.default_rng(seed).standard_normal(DIMENSIONS).astype(np.float32)
        return total / np.linalg.norm(total)

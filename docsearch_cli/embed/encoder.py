"""Encoders: text in, vectors out.

An index is made by sentence-transformers; a question is encoded by numpy if that gave the same
vectors for the probe texts (``question_vector.py``).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.embed.bert import BertEncoder
from docsearch_cli.embed.model import IndexedModel, ModelFolder
from docsearch_cli.embed.model_folder import UnsupportedModelError, refuse_code
from docsearch_cli.embed.probe_texts import PROBE_TEXTS, vectors_agree
from docsearch_cli.errors import ModelError

# bfloat16 is three times as fast on processors that have it and six times slower on others. It is
# used if it is at least this much faster and its vectors are at least this similar.
_LEAST_GAIN = 1.3
_LEAST_COSINE = 0.999


class Encoder(Protocol):
    """What gives texts their vectors."""

    @property
    def model(self) -> IndexedModel:
        """The model, as an index records it."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row a text, of unit L2 norm: (len(texts), dimensions) float32."""


class TransformerEncoder:
    """A model run by sentence-transformers, on the processor, in single precision.

    Args:
        found: The model.

    Raises:
        ModelError: If sentence-transformers is not installed or cannot load the model.
    """

    def __init__(self, found: ModelFolder) -> None:
        self._module = _load(found)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row a text, of unit L2 norm: (len(texts), dimensions) float32."""
        found = self._module.encode(
            list(texts), normalize_embeddings=True, convert_to_tensor=True, show_progress_bar=False
        )
        vectors: NDArray[np.float32] = found.float().cpu().numpy()
        return vectors


class IndexEncoder(TransformerEncoder):
    """The same for an index: it also finds out whether numpy and bfloat16 give its vectors.

    Args:
        found: The model.
    """

    def __init__(self, found: ModelFolder) -> None:
        super().__init__(found)
        reference = self.encode(PROBE_TEXTS)
        self.model = IndexedModel(
            found.name, found.revision, reference.shape[1], _is_fast(found, reference)
        )
        self._use_half_precision_if_faster()

    def _use_half_precision_if_faster(self) -> None:
        """Switch to bfloat16 where it saves time and changes next to nothing."""
        import torch

        texts = [text for text in PROBE_TEXTS if len(text) > 100] * 4
        self.encode(texts)
        reference, seconds = self._timed(texts)
        self._module.to(torch.bfloat16)
        self.encode(texts)
        vectors, half_seconds = self._timed(texts)
        cosines = np.einsum("ij,ij->i", vectors, reference)
        is_better = half_seconds * _LEAST_GAIN < seconds and cosines.min() >= _LEAST_COSINE
        if not is_better:
            self._module.to(torch.float32)

    def _timed(self, texts: Sequence[str]) -> tuple[NDArray[np.float32], float]:
        started = time.perf_counter()
        vectors = self.encode(texts)
        return vectors, time.perf_counter() - started


def _load(found: ModelFolder) -> Any:
    try:
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging
    except ImportError as error:
        from docsearch_cli.installation import install_hint

        raise ModelError(
            "sentence-transformers is not installed", hint=install_hint("semantic")
        ) from error
    logging.disable_progress_bar()  # it would draw over ours, and into pipes
    try:
        refuse_code(found.folder)
        return SentenceTransformer(
            str(found.folder),
            device="cpu",
            trust_remote_code=False,
            local_files_only=True,
            # no weights that are pickled; half precision on disk is not what the probes compare
            model_kwargs={"use_safetensors": True, "torch_dtype": "float32"},
        )
    except Exception as error:  # a model's files are outside input: anything may be wrong with them
        reason = str(error).strip().split("\n", 1)[0]
        raise ModelError(
            f"the model {found.name!r} cannot be loaded: {reason}",
            hint="choose another: docsearch index PATH --model NAME",
        ) from error


def _is_fast(found: ModelFolder, reference: NDArray[np.float32]) -> bool:
    """Tell whether numpy gives the same vectors for the probe texts."""
    try:
        return vectors_agree(BertEncoder.load(found.folder).encode(PROBE_TEXTS), reference)
    except (UnsupportedModelError, ImportError):
        return False

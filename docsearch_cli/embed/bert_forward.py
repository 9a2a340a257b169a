"""The forward pass of a BERT in numpy: from the numbers of word pieces to their last states.

*States* are the vectors of word pieces on their way through the layers:

    table rows -> norm -> layers x (attention -> norm -> feed-forward -> norm) -> last states

They stand feature by feature, one column a piece: with few columns BLAS multiplies a weight matrix
as it is stored half again as fast as few rows with its transpose. Texts are *packed*: their pieces
stand side by side, so nothing is padded; only attention looks at one text at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.embed.model_folder import BertSettings, UnsupportedModelError
from docsearch_cli.embed.weights import Weights, widen

Floats = NDArray[np.float32]
Span = tuple[int, int]
"""First column of a text and the one after its last."""

# BLAS rearranges a matrix before it multiplies, which for a question takes longer than the product,
# and spreads the work over threads. OpenBLAS does neither, on a CPU with AVX-512, to products of at
# most so many multiplications. So with few columns a matrix is multiplied in blocks of rows: 5 ms a
# question instead of 10. More columns pay for the rearranging; with AVX2, blocks change nothing.
_SMALL_PRODUCT = 1_000_000
_FEW_COLUMNS = 32
# GELU goes over blocks of so many numbers: with its two buffers, 384 KB stay in a core's cache.
_GELU_BLOCK = 32_768
# From the highest power down. A minimax fit of -logit(Phi(x)) / x in x * x, weighted by what an
# error there does to GELU, up to x = 5.6; beyond, both are 0 or x to 6e-8.
_GELU_POWERS = tuple(
    np.float32(power)
    for power in (
        -3.6112339752207677e-09,
        2.668928701103109e-07,
        -7.938219748804745e-06,
        1.104803229812741e-04,
        6.625996778975165e-05,
        -7.26685670038917e-02,
        -1.5957684322373553,
    )
)


class Network:
    """The tables and the layers of one model."""

    def __init__(self, weights: Weights, settings: BertSettings) -> None:
        prefix = "bert." if "bert.embeddings.word_embeddings.weight" in weights else ""
        self._tables = _Tables.read(weights, f"{prefix}embeddings", settings)
        self._layers = [
            _Layer.read(weights, f"{prefix}encoder.layer.{number}", settings)
            for number in range(settings.layers)
        ]

    def run(self, texts: Sequence[Sequence[int]]) -> tuple[Floats, list[Span]]:
        """Return the last states of some texts, and the columns of each.

        Shapes:
            first result: (dimensions, n_pieces) float32.

        Args:
            texts: The numbers of each one's word pieces; at least one text, none without pieces.

        Returns:
            The states side by side, and one span a text; damaged weights give what is no number.

        Raises:
            UnsupportedModelError: If the table has no such word piece.
        """
        ends = np.cumsum([len(pieces) for pieces in texts]).tolist()
        spans = list(zip([0, *ends], ends, strict=False))
        with np.errstate(all="ignore"):
            states = self._tables.look_up(texts)
            for layer in self._layers:
                states = layer.apply(states, spans)
        return states, spans


@dataclass(frozen=True, slots=True)
class _Linear:
    """A matrix and what is added to its product.

    Shapes:
        weight: (n_out, n_in).
        bias: (n_out, 1).
    """

    weight: Floats
    bias: Floats

    @classmethod
    def read(cls, weights: Weights, name: str, shape: tuple[int, int]) -> _Linear:
        weight = weights.floats(f"{name}.weight", shape)
        return cls(weight, weights.floats(f"{name}.bias", shape[:1])[:, None])

    def apply(self, states: Floats) -> Floats:
        n_out, n_in = self.weight.shape
        columns = states.shape[1]
        rows = n_out
        while columns <= _FEW_COLUMNS and rows % 2 == 0 and rows * n_in * columns > _SMALL_PRODUCT:
            rows //= 2
        blocks = self.weight.reshape(-1, rows, n_in) @ states
        product = blocks.reshape(n_out, columns)
        product += self.bias
        return product


@dataclass(frozen=True, slots=True)
class _Norm:
    """Brings every column to mean 0 and variance 1, then scales and shifts its features.

    Shapes:
        scale: (dimensions, 1).
        shift: (dimensions, 1).
    """

    scale: Floats
    shift: Floats
    epsilon: np.float32

    @classmethod
    def read(cls, weights: Weights, name: str, settings: BertSettings) -> _Norm:
        shape = (settings.hidden,)
        return cls(
            weights.floats(f"{name}.weight", shape)[:, None],
            weights.floats(f"{name}.bias", shape)[:, None],
            np.float32(settings.norm_epsilon),
        )

    def apply(self, states: Floats) -> Floats:
        """Work in place."""
        states -= states.mean(axis=0)
        variance = np.einsum("ij,ij->j", states, states) / np.float32(len(states))
        states *= 1 / np.sqrt(variance + self.epsilon)
        states *= self.scale
        states += self.shift
        return states


@dataclass(frozen=True, slots=True)
class _Tables:
    """What a word piece is before the first layer: the sum of three rows.

    Shapes:
        words: (n_words, dimensions), as stored.
        positions: (n_positions, dimensions).
        types: (n_types, dimensions).
    """

    words: NDArray[Any]
    positions: Floats
    types: Floats
    norm: _Norm

    @classmethod
    def read(cls, weights: Weights, name: str, settings: BertSettings) -> _Tables:
        def shape(rows: int) -> tuple[int, int]:
            return rows, settings.hidden

        return cls(
            weights.raw(f"{name}.word_embeddings.weight", shape(settings.words)),
            weights.floats(f"{name}.position_embeddings.weight", shape(settings.positions)),
            weights.floats(f"{name}.token_type_embeddings.weight", shape(settings.token_types)),
            _Norm.read(weights, f"{name}.LayerNorm", settings),
        )

    def look_up(self, texts: Sequence[Sequence[int]]) -> Floats:
        words = np.concatenate(texts)
        if words.max() >= len(self.words):
            raise UnsupportedModelError(
                f"tokenizer.json: word piece {words.max()} of {len(self.words)}"
            )
        rows = widen(self.words[words])
        rows += self.types[0]  # one text at a time has one type
        rows += np.concatenate([self.positions[: len(pieces)] for pieces in texts])
        return self.norm.apply(np.ascontiguousarray(rows.T))


@dataclass(frozen=True, slots=True)
class _Layer:
    """One layer: pieces look at each other, then each is worked on alone."""

    heads: int
    query: _Linear
    key: _Linear
    value: _Linear
    mixed: _Linear
    mixed_norm: _Norm
    wide: _Linear
    narrow: _Linear
    narrow_norm: _Norm

    @classmethod
    def read(cls, weights: Weights, name: str, settings: BertSettings) -> _Layer:
        square = (settings.hidden, settings.hidden)
        return cls(
            settings.heads,
            _Linear.read(weights, f"{name}.attention.self.query", square),
            _Linear.read(weights, f"{name}.attention.self.key", square),
            _Linear.read(weights, f"{name}.attention.self.value", square),
            _Linear.read(weights, f"{name}.attention.output.dense", square),
            _Norm.read(weights, f"{name}.attention.output.LayerNorm", settings),
            _Linear.read(
                weights, f"{name}.intermediate.dense", (settings.intermediate, settings.hidden)
            ),
            _Linear.read(weights, f"{name}.output.dense", (settings.hidden, settings.intermediate)),
            _Norm.read(weights, f"{name}.output.LayerNorm", settings),
        )

    def apply(self, states: Floats, spans: Sequence[Span]) -> Floats:
        mixed = self.mixed.apply(self._attend(states, spans))
        mixed += states
        states = self.mixed_norm.apply(mixed)
        wide = self.wide.apply(states)
        gelu(wide)
        narrow = self.narrow.apply(wide)
        narrow += states
        return self.narrow_norm.apply(narrow)

    def _attend(self, states: Floats, spans: Sequence[Span]) -> Floats:
        """Mix the values of each text by how well their keys fit its queries."""
        by_head = (self.heads, len(states) // self.heads, states.shape[1])
        queries = self.query.apply(states).reshape(by_head)
        queries *= np.float32(by_head[1] ** -0.5)
        keys = self.key.apply(states).reshape(by_head)
        values = self.value.apply(states).reshape(by_head)
        mixed = np.empty_like(queries)
        for start, end in spans:
            shares = keys[:, :, start:end].transpose(0, 2, 1) @ queries[:, :, start:end]
            shares -= shares.max(axis=1, keepdims=True)
            np.exp(shares, out=shares)
            sums = shares.sum(axis=1, keepdims=True)
            np.divide(values[:, :, start:end] @ shares, sums, out=mixed[:, :, start:end])
        return mixed.reshape(states.shape)


def gelu(values: Floats) -> None:
    """Replace every x by x * Phi(x), Phi being the normal distribution, as BERT's "gelu" does.

    Phi is 1 / (1 + exp(-x * r(x * x))) with a polynomial r: 17 passes over cached blocks and no
    erf, which numpy lacks. Off by 7e-8 at most, .6e-6 with the rounding of float32, which is .4e-6
    for an exact erf.

    Shapes:
        values: any, contiguous.

    Args:
        values: Changed in place.
    """
    flat = values.reshape(-1)
    squares = np.empty(min(_GELU_BLOCK, flat.size), np.float32)
    powers = np.empty_like(squares)
    first, second, *others = _GELU_POWERS
    with np.errstate(over="ignore"):  # of exp, for x far below 0: Phi is 0 then
        for start in range(0, flat.size, _GELU_BLOCK):
            block = flat[start : start + _GELU_BLOCK]
            square, power = squares[: block.size], powers[: block.size]
            np.multiply(block, block, out=square)
            np.multiply(square, first, out=power)
            power += second
            for factor in others:
                power *= square
                power += factor
            power *= block
            np.exp(power, out=power)
            power += np.float32(1)
            block /= power

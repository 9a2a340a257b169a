import json

import pytest

from docsearch_cli.embed.model_folder import UnsupportedModelError, read_settings
from docsearch_cli.embed.word_pieces import WordPieces
from tests.support import needs
from tests.unit.embed.tiny_bert import change_json, write_settings, write_tokenizer

needs("tokenizers", reason="comes with the extra for vectors")


@pytest.fixture
def folder(tmp_path):
    write_settings(tmp_path)
    write_tokenizer(tmp_path / "tokenizer.json")
    return tmp_path


def load(folder):
    return WordPieces(read_settings(folder))


def test_a_text_stands_between_its_marks_without_padding(folder):
    assert load(folder).cut("The gates, OPEN").tokens == [
        "[CLS]",
        *("the", "gate", "##s", ",", "open"),
        "[SEP]",
    ]


def test_a_long_text_is_cut_at_the_models_limit_not_at_the_files(folder):
    tokens = load(folder).cut("a " * 100).tokens

    assert tokens == ["[CLS]", *["a"] * 14, "[SEP]"]


def test_half_a_surrogate_pair_counts_as_one_unknown_character(folder):
    pieces = load(folder).cut("a \ud83d b")

    assert pieces.tokens == ["[CLS]", "a", "[UNK]", "b", "[SEP]"]
    assert pieces.offsets[1:4] == [(0, 1), (2, 3), (4, 5)]


def test_offsets_count_characters_not_bytes(folder):
    text = "東🙂 a"

    assert [text[start:end] for start, end in load(folder).cut(text).offsets[1:-1]] == [
        *("東", "🙂", "a")
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"tokenizer_class": "XLMRobertaTokenizer"},
        {"tokenizer_class": "PreTrainedTokenizerFast"},
        {"padding_side": "left"},
        {"truncation_side": "left"},
        {"do_lower_case": False},
        {"strip_accents": False},
        {"tokenize_chinese_chars": False},
        {"unk_token": "[PAD]"},
        {"cls_token": "[SEP]"},
        {"sep_token": {"content": "[MASK]"}},
        {"cls_token": ["[CLS]"]},
    ],
)
def test_settings_that_say_something_else_than_the_file_are_refused(folder, changes):
    change_json(folder / "tokenizer_config.json", **changes)

    with pytest.raises(UnsupportedModelError, match=r"^tokenizer(_config)?\.json: "):
        load(folder)


def test_a_cased_tokenizer_is_known(folder):
    write_tokenizer(folder / "tokenizer.json", lowercase=False)
    change_json(folder / "tokenizer_config.json", do_lower_case=False)

    assert load(folder).cut("The gate").tokens == ["[CLS]", "[UNK]", "gate", "[SEP]"]


def test_older_settings_describe_special_tokens_by_objects(folder):
    change_json(folder / "tokenizer_config.json", cls_token={"content": "[CLS]", "lstrip": False})

    assert load(folder).cut("").tokens == ["[CLS]", "[SEP]"]


def test_without_settings_the_usual_ones_count(folder):
    (folder / "tokenizer_config.json").unlink()

    assert load(folder).cut("A").tokens == ["[CLS]", "a", "[SEP]"]


def test_a_tokenizer_without_marks_is_refused(folder):
    write_tokenizer(folder / "tokenizer.json", frame=False)

    with pytest.raises(UnsupportedModelError, match=r"^tokenizer\.json: a text is not put between"):
        load(folder)


@pytest.mark.parametrize("part", ["normalizer", "pre_tokenizer", "post_processor"])
def test_a_tokenizer_without_a_part_is_refused(folder, part):
    change_json(folder / "tokenizer.json", **{part: None})

    with pytest.raises(UnsupportedModelError, match=r"^tokenizer\.json: "):
        load(folder)


def test_another_kind_of_model_is_refused(folder):
    path = folder / "tokenizer.json"
    model = json.loads(path.read_text("utf-8"))["model"]
    change_json(path, model={"type": "WordLevel", "vocab": model["vocab"], "unk_token": "[UNK]"})

    with pytest.raises(UnsupportedModelError, match=r"^tokenizer\.json: its model is not known"):
        load(folder)


def test_a_vocabulary_alone_is_refused(folder):
    (folder / "tokenizer.json").rename(folder / "vocab.txt")

    with pytest.raises(UnsupportedModelError, match=r"^tokenizer\.json: there is no such file"):
        load(folder)


@pytest.mark.parametrize("content", [b"", b"{", b"{}", b"\xff", b"[" * 100_000])
def test_a_damaged_tokenizer_is_named(folder, content):
    (folder / "tokenizer.json").write_bytes(content)

    with pytest.raises(UnsupportedModelError, match=r"^tokenizer\.json: cannot be read"):
        load(folder)

"""Cuts text into the *word pieces* of a BERT, as the model's own tokenizer does.

A word piece is a word or a part of one that the model has a vector for. The work is done by
``tokenizers``, from the model's ``tokenizer.json``. But transformers builds the tokenizer of a BERT
again, from the settings beside that file, so the two must say the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from docsearch_cli.embed.model_folder import BertSettings, UnsupportedModelError

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

_FILE = "tokenizer.json"
_CLASSES = (None, "BertTokenizer", "BertTokenizerFast")

# What transformers takes for granted in a BERT, whatever the file says.
_PREFIX, _MAX_WORD_CHARS = "##", 100


class WordPieces:
    """The tokenizer of one model, which cuts long texts off."""

    def __init__(self, settings: BertSettings) -> None:
        self._tokenizer = _load(settings)
        _check(self._tokenizer, settings.tokenizer)
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(settings.max_tokens)

    def cut(self, text: str) -> Encoding:
        """Cut one text; a surrogate without its other half counts as a question mark.

        One by one, since cutting a batch starts threads, and a fork after that may deadlock.
        """
        return self._tokenizer.encode(text.encode("utf-8", "replace").decode("utf-8"))


def _load(settings: BertSettings) -> Tokenizer:
    from tokenizers import Tokenizer

    path = settings.home / _FILE
    if not path.is_file():  # vocab.txt alone leaves open how text is split into words
        raise UnsupportedModelError(f"{_FILE}: there is no such file")
    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises nothing more exact
        raise UnsupportedModelError(f"{_FILE}: cannot be read: {error}") from error


def _check(tokenizer: Tokenizer, config: Mapping[str, Any]) -> None:
    """Refuse a tokenizer that transformers would not build from the settings beside it."""
    kind = config.get("tokenizer_class")
    if kind not in _CLASSES:
        raise UnsupportedModelError(f"tokenizer_config.json: tokenizer_class {kind!r} is not known")
    for side in ("padding_side", "truncation_side"):
        if config.get(side, "right") != "right":
            raise UnsupportedModelError(f"tokenizer_config.json: {side} {config[side]!r}")
    normalizer = {
        "type": "BertNormalizer",
        "clean_text": True,
        "handle_chinese_chars": config.get("tokenize_chinese_chars", True),
        "strip_accents": config.get("strip_accents"),
        "lowercase": config.get("do_lower_case", True),
    }
    if _state(tokenizer.normalizer) != normalizer:
        raise UnsupportedModelError(f"{_FILE}: its normalizer is not that of the settings")
    if _state(tokenizer.pre_tokenizer) != {"type": "BertPreTokenizer"}:
        raise UnsupportedModelError(f"{_FILE}: its pre_tokenizer is not known")
    model = tokenizer.model
    if type(model).__name__ != "WordPiece" or (
        model.unk_token,
        model.continuing_subword_prefix,
        model.max_input_chars_per_word,
    ) != (_special(config, "unk_token", "[UNK]"), _PREFIX, _MAX_WORD_CHARS):
        raise UnsupportedModelError(f"{_FILE}: its model is not known")
    frame = [_special(config, "cls_token", "[CLS]"), _special(config, "sep_token", "[SEP]")]
    tokenizer.no_padding()
    tokenizer.no_truncation()
    empty = tokenizer.encode("")
    if empty.tokens != frame or empty.type_ids != [0, 0]:
        raise UnsupportedModelError(f"{_FILE}: a text is not put between {' and '.join(frame)}")


def _state(part: Any) -> Any:
    """Return the settings of a part of a tokenizer, None if there is no such part."""
    return None if part is None else json.loads(part.__getstate__())


def _special(config: Mapping[str, Any], key: str, default: str) -> str:
    """Return a special token by its role; older files have an object for it."""
    token = config.get(key, default)
    return str(token.get("content") if isinstance(token, dict) else token)

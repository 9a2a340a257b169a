"""A BERT of a few kilobytes with random weights, saved as sentence-transformers saves one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

HIDDEN, INTERMEDIATE, LAYERS, HEADS, POSITIONS = 12, 20, 2, 3, 24
WORDS = [
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "b", "the", "gate"),
    *("is", "open", "shut", "##s", "##ed", "東", "🙂", ".", ","),
]

CONFIG: Mapping[str, Any] = {
    "model_type": "bert",
    "architectures": ["BertModel"],
    "hidden_act": "gelu",
    "hidden_size": HIDDEN,
    "intermediate_size": INTERMEDIATE,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS,
    "max_position_embeddings": POSITIONS,
    "type_vocab_size": 2,
    "vocab_size": len(WORDS),
    "layer_norm_eps": 1e-12,
    "pad_token_id": 0,
}


def to_bfloat16(values: NDArray[np.float32]) -> NDArray[np.uint16]:
    return (values.view(np.uint32) >> 16).astype(np.uint16)


ENCODERS: Mapping[str, Callable[[NDArray[np.float32]], NDArray[Any]]] = {
    "F32": lambda values: values,
    "F16": lambda values: values.astype(np.float16),
    "BF16": to_bfloat16,
}


def write_safetensors(
    path: Path, tensors: Mapping[str, NDArray[np.float32]], dtype: str = "F32", gap: int = 0
) -> None:
    """Write a weights file; ``gap`` leaves bytes free before every tensor."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    data = b""
    for name, values in tensors.items():
        data += b"\0" * gap
        stored = ENCODERS[dtype](values).tobytes()
        header[name] = {
            "dtype": dtype,
            "shape": list(values.shape),
            "data_offsets": [len(data), len(data) + len(stored)],
        }
        data += stored
    encoded = json.dumps(header).encode()
    write_raw(path, encoded + b" " * (-len(encoded) % 8), data)  # aligned, as the library does


def write_raw(path: Path, header: bytes, data: bytes, length: int | None = None) -> None:
    """Write a weights file of any header; ``length`` is what it says of the header's length."""
    said = len(header) if length is None else length
    path.write_bytes(said.to_bytes(8, "little") + header + data)


def random_tensors(prefix: str = "", seed: int = 0) -> dict[str, NDArray[np.float32]]:
    """Make every tensor of the model; large enough for attention and GELU to matter."""
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (len(WORDS), HIDDEN),
        "embeddings.position_embeddings.weight": (POSITIONS, HIDDEN),
        "embeddings.token_type_embeddings.weight": (2, HIDDEN),
        "embeddings.LayerNorm.weight": (HIDDEN,),
        "embeddings.LayerNorm.bias": (HIDDEN,),
    }
    for number in range(LAYERS):
        layer = f"encoder.layer.{number}."
        for name, out, into in (
            ("attention.self.query", HIDDEN, HIDDEN),
            ("attention.self.key", HIDDEN, HIDDEN),
            ("attention.self.value", HIDDEN, HIDDEN),
            ("attention.output.dense", HIDDEN, HIDDEN),
            ("intermediate.dense", INTERMEDIATE, HIDDEN),
            ("output.dense", HIDDEN, INTERMEDIATE),
        ):
            shapes[f"{layer}{name}.weight"] = (out, into)
            shapes[f"{layer}{name}.bias"] = (out,)
        for name in ("attention.output.LayerNorm", "output.LayerNorm"):
            shapes[f"{layer}{name}.weight"] = (HIDDEN,)
            shapes[f"{layer}{name}.bias"] = (HIDDEN,)
    chance = np.random.default_rng(seed)
    return {
        prefix + name: chance.normal(0, 0.7, shape).astype(np.float32)
        for name, shape in shapes.items()
    }


def write_tokenizer(path: Path, *, lowercase: bool = True, frame: bool = True) -> None:
    """Write a ``tokenizer.json`` with settings of padding and truncation that must not count."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    vocabulary = {word: row for row, word in enumerate(WORDS)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    if frame:
        tokenizer.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]",
            pair="[CLS] $A [SEP] $B:1 [SEP]:1",
            special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
        )
    tokenizer.add_special_tokens(WORDS[:5])
    tokenizer.enable_padding(length=9)
    tokenizer.enable_truncation(5)
    tokenizer.save(str(path))


def write_json(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), "utf-8")


def change_json(path: Path, **changes: Any) -> None:
    """Set keys of a JSON object on disk; None takes a key out."""
    loaded = json.loads(path.read_text("utf-8")) | changes
    write_json(path, {key: value for key, value in loaded.items() if value is not None})


def write_settings(folder: Path) -> None:
    """Write every file but the weights and the tokenizer."""
    write_json(
        folder / "modules.json",
        [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {
                "idx": 1,
                "name": "1",
                "path": "1_Pooling",
                "type": "sentence_transformers.models.Pooling",
            },
        ],
    )
    write_json(folder / "config.json", dict(CONFIG))
    write_json(folder / "sentence_bert_config.json", {"max_seq_length": 16, "do_lower_case": False})
    write_json(
        folder / "tokenizer_config.json",
        {"tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": 512},
    )
    write_json(
        folder / "1_Pooling" / "config.json",
        {
            "word_embedding_dimension": HIDDEN,
            "pooling_mode_cls_token": False,
            "pooling_mode_mean_tokens": True,
            "pooling_mode_max_tokens": False,
        },
    )


def write_tiny_bert(folder: Path, dtype: str = "F32", prefix: str = "") -> None:
    """Write a whole model."""
    folder.mkdir(parents=True, exist_ok=True)
    write_settings(folder)
    write_tokenizer(folder / "tokenizer.json")
    write_safetensors(folder / "model.safetensors", random_tensors(prefix), dtype)

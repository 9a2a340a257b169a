"""What a folder saved by sentence-transformers says about its model.

Such a folder is a chain of *modules*, listed in ``modules.json``, each with settings of its own.
Read here is one chain only, the usual one: a BERT, the *pooling* of its token vectors into one, and
maybe their scaling to length 1. Every setting that changes a vector must have a value that is known
here; anything else raises ``UnsupportedModelError``, and the model is left to
sentence-transformers. A missed setting would give vectors that are wrong and look right.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

Pooling = Literal["mean", "cls"]

_OWN_MODULES = "sentence_transformers."
# Files in which a module says which classes it is made of: a router its parts, others the class of
# their tokenizer or activation. Up to version 5 sentence-transformers imports whatever it is.
_CLASS_FILES = ("config.json", "router_config.json", "wordembedding_config.json")
_CLASS_SETTINGS = {"tokenizer_class": _OWN_MODULES, "activation_function": "torch."}
_CHAINS = (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"])

# Per file, the settings that change a vector and the values that leave it as computed here.
_PLAIN_CONFIG: Mapping[str, tuple[Any, ...]] = {
    "model_type": ("bert",),
    "hidden_act": ("gelu",),
    "position_embedding_type": (None, "absolute"),
    "is_decoder": (None, False),
    "add_cross_attention": (None, False),
    "auto_map": (None,),  # code of its own: jina's BERT has another position scheme
    "quantization_config": (None,),
    "embedding_size": (None,),
}
_PLAIN_TRANSFORMER: Mapping[str, tuple[Any, ...]] = {
    "do_lower_case": (None, False),
    "transformer_task": (None, "feature-extraction"),
    "modality_config": (
        None,
        {"text": {"method": "forward", "method_output_name": "last_hidden_state"}},
    ),
    "module_output_name": (None, "token_embeddings"),
    "unpad_inputs": (None, False, True),  # a matter of speed
    "processing_kwargs": (None, {}),
    **{
        f"{part}_{ending}": (None, {})
        for part in ("model", "tokenizer", "processor", "config")
        for ending in ("args", "kwargs")
    },
}
_PLAIN_NORMALIZE: Mapping[str, tuple[Any, ...]] = {
    "module_input_name": (None, "sentence_embedding"),
    "module_output_name": (None, "sentence_embedding"),
}


class UnsupportedModelError(ValueError):
    """A model that this package cannot run, or whose files are damaged; names file and reason."""


@dataclass(frozen=True, slots=True)
class BertSettings:
    """What the forward pass of one model depends on, besides its weights."""

    home: Path
    """Where the weights and the tokenizer are."""
    pooling: Pooling
    max_tokens: int
    """Most word pieces of a text, [CLS] and [SEP] included; what follows is cut off."""
    tokenizer: Mapping[str, Any]
    """``tokenizer_config.json`` as it stands; empty when there is none."""
    words: int
    """Rows of the table of word pieces."""
    positions: int
    token_types: int
    hidden: int
    intermediate: int
    layers: int
    heads: int
    norm_epsilon: float


def read_settings(folder: Path) -> BertSettings:
    """Read and check the settings of a saved model.

    Args:
        folder: The one that holds ``modules.json``.

    Returns:
        Settings that are all known, and fit each other.

    Raises:
        UnsupportedModelError: If a setting has another value, or a file is missing or damaged.
    """
    transformer, pooling, *normalize = _module_paths(folder)
    if normalize:
        _check(folder, f"{normalize[0]}config.json", _PLAIN_NORMALIZE, optional=True)
    _check_prompt(folder)
    _refuse(folder, f"{transformer}adapter_config.json")
    module = _check(folder, f"{transformer}sentence_bert_config.json", _PLAIN_TRANSFORMER)
    unknown = set(module) - set(_PLAIN_TRANSFORMER) - {"max_seq_length"}
    if unknown:
        raise UnsupportedModelError(
            f"{transformer}sentence_bert_config.json: {min(unknown)} is not known"
        )
    name = f"{transformer}config.json"
    config = _check(folder, name, _PLAIN_CONFIG)
    tokenizer = read_object(folder, f"{transformer}tokenizer_config.json", optional=True)
    positions = _count(config, name, "max_position_embeddings")
    hidden, heads = _count(config, name, "hidden_size"), _count(config, name, "num_attention_heads")
    if hidden % heads:
        raise UnsupportedModelError(f"{name}: hidden_size {hidden} is no multiple of {heads} heads")
    epsilon = config.get("layer_norm_eps")
    if not isinstance(epsilon, float) or not 0 < epsilon < 1:
        raise UnsupportedModelError(f"{name}: layer_norm_eps {epsilon!r} is not known")
    return BertSettings(
        home=folder / transformer,
        pooling=_pooling(folder, f"{pooling}config.json", hidden),
        max_tokens=_max_tokens(module, tokenizer, positions),
        tokenizer=tokenizer,
        words=_count(config, name, "vocab_size"),
        positions=positions,
        token_types=_count(config, name, "type_vocab_size"),
        hidden=hidden,
        intermediate=_count(config, name, "intermediate_size"),
        layers=_count(config, name, "num_hidden_layers"),
        heads=heads,
        norm_epsilon=epsilon,
    )


def read_object(folder: Path, name: str, *, optional: bool = False) -> dict[str, Any]:
    """Read a JSON object.

    Args:
        folder: The model's folder.
        name: The file's path in it, for messages too.
        optional: Whether a file that is not there counts as an empty object.

    Returns:
        The object.

    Raises:
        UnsupportedModelError: If there is no such file or it holds something else.
    """
    loaded = {} if optional and not (folder / name).exists() else _read_json(folder, name)
    if not isinstance(loaded, dict):
        raise UnsupportedModelError(f"{name}: not a JSON object")
    return loaded


def refuse_code(folder: Path) -> None:
    """Make sure that loading a model runs no code but that of sentence-transformers itself.

    ``trust_remote_code=False`` is not enough: up to version 5, sentence-transformers imports the
    classes that ``modules.json`` and the settings of some modules name, whatever that says.

    Args:
        folder: The one that holds ``modules.json``.

    Raises:
        UnsupportedModelError: If it names a class from elsewhere, or cannot be read.
    """
    for module in _modules(folder):
        _refuse_class("modules.json", str(module.get("type")), _OWN_MODULES)
        _refuse_classes_in(folder, _inner_path("modules.json", module.get("path")))


def _refuse_classes_in(folder: Path, path: str) -> None:
    """Refuse settings of a module, or of its parts, that name a class from elsewhere."""
    for name in (f"{path}{file}" for file in _CLASS_FILES):
        config = read_object(folder, name, optional=True)
        for key, start in _CLASS_SETTINGS.items():
            value = config.get(key)
            if isinstance(value, str) and "." in value:  # else it is a name of transformers' own
                _refuse_class(name, value, start)
        parts = config.get("types")
        for part, kind in parts.items() if isinstance(parts, dict) else ():
            _refuse_class(name, str(kind), _OWN_MODULES)
            _refuse_classes_in(folder, f"{path}{_inner_path(name, part)}")


def _refuse_class(name: str, kind: str, start: str) -> None:
    if not kind.startswith(start):
        raise UnsupportedModelError(
            f"{name}: {kind!r} is code of the model's own, which is not run"
        )


def _inner_path(name: str, path: Any) -> str:
    """Return a module's folder, empty or with a slash at its end."""
    if not isinstance(path, str) or path.startswith("/") or ".." in PurePosixPath(path).parts:
        raise UnsupportedModelError(f"{name}: path {path!r} leaves the folder")
    return f"{path.rstrip('/')}/" if path else ""


def _modules(folder: Path) -> list[dict[str, Any]]:
    modules = _read_json(folder, "modules.json")
    if not isinstance(modules, list) or not all(isinstance(module, dict) for module in modules):
        raise UnsupportedModelError("modules.json: not a list of modules")
    return modules


def _read_json(folder: Path, name: str) -> Any:
    path = folder / name
    if not path.is_file():  # also where opening would wait for ever: a pipe
        raise UnsupportedModelError(f"{name}: there is no such file")
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise UnsupportedModelError(f"{name}: cannot be read: {error}") from error


def _module_paths(folder: Path) -> list[str]:
    """Return each module's folder, empty or with a slash at its end, in the order of the chain."""
    name = "modules.json"
    kinds, paths = [], []
    for module in _modules(folder):
        kind, path = module.get("type"), module.get("path")
        if not isinstance(kind, str) or not kind.startswith(_OWN_MODULES):
            raise UnsupportedModelError(f"{name}: module {kind!r} is not known")
        inner = _inner_path(name, path)
        if module.get("kwargs"):
            raise UnsupportedModelError(f"{name}: arguments of {kind} are not known")
        kinds.append(kind.rpartition(".")[2])
        paths.append(inner)
    if kinds not in _CHAINS:
        raise UnsupportedModelError(f"{name}: modules {', '.join(kinds) or 'none'} are not known")
    return paths


def _check(
    folder: Path, name: str, plain: Mapping[str, tuple[Any, ...]], *, optional: bool = False
) -> dict[str, Any]:
    """Read an object in which every setting of ``plain`` must have one of the values there."""
    loaded = read_object(folder, name, optional=optional)
    for key, values in plain.items():
        if loaded.get(key) not in values:
            raise UnsupportedModelError(f"{name}: {key} {loaded[key]!r} is not known")
    return loaded


def _refuse(folder: Path, name: str) -> None:
    if (folder / name).exists():
        raise UnsupportedModelError(f"{name}: not known")


def _check_prompt(folder: Path) -> None:
    """Refuse a prompt that sentence-transformers would put before every text."""
    name = "config_sentence_transformers.json"
    config = read_object(folder, name, optional=True)
    if config.get("model_type") not in (None, "SentenceTransformer"):
        raise UnsupportedModelError(f"{name}: model_type {config['model_type']!r} is not known")
    default, prompts = config.get("default_prompt_name"), config.get("prompts")
    if default is None:
        return
    if not isinstance(prompts, dict) or not isinstance(default, str) or prompts.get(default) != "":
        raise UnsupportedModelError(f"{name}: default_prompt_name {default!r} is not supported")


def _pooling(folder: Path, name: str, hidden: int) -> Pooling:
    """Return the one pooling that is on; older files have a switch for each."""
    config = read_object(folder, name)
    width = config.get("embedding_dimension", config.get("word_embedding_dimension"))
    if width != hidden:
        raise UnsupportedModelError(f"{name}: width {width!r}, the model's is {hidden}")
    mode = config.get("pooling_mode")
    if mode is None:
        switches = [
            key.removeprefix("pooling_mode_").removesuffix("_token").removesuffix("_tokens")
            for key, value in config.items()
            if key.startswith("pooling_mode_") and value
        ]
        mode = ", ".join(switches)
    elif isinstance(mode, list) and len(mode) == 1:
        mode = mode[0]
    if mode == "mean":
        return "mean"
    if mode == "cls":
        return "cls"
    raise UnsupportedModelError(f"{name}: pooling {mode!r} is not known")


def _count(config: Mapping[str, Any], name: str, key: str) -> int:
    value = config.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise UnsupportedModelError(f"{name}: {key} {value!r} is not a count")
    return value


def _max_tokens(module: Mapping[str, Any], tokenizer: Mapping[str, Any], positions: int) -> int:
    """Return the length at which sentence-transformers cuts a text off."""
    limit = module.get("max_seq_length")
    if limit is None:
        limit = tokenizer.get("model_max_length", positions)
        if isinstance(limit, float):  # "no limit" is saved as 1e30
            limit = positions
        limit = min(limit, positions) if isinstance(limit, int) else limit
    # Below 3, [CLS] and [SEP] leave no room; beyond the positions the reference fails.
    if not isinstance(limit, int) or isinstance(limit, bool) or not 3 <= limit <= positions:
        raise UnsupportedModelError(f"sentence_bert_config.json: max_seq_length {limit!r}")
    return limit

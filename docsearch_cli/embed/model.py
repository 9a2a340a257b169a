"""Embedding models: where one is, and how it is recognised.

A model is named by a folder that sentence-transformers saved, or by its name on the model hub. Its
*revision* is a hash of its files, so vectors are never compared with those of another model of the
same name.
"""

from __future__ import annotations

import hashlib
import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docsearch_cli.embed.trust import MODEL_VARIABLE, is_folder_name, is_remembered
from docsearch_cli.errors import ModelError

_MARK = "modules.json"
# Of a large file only the beginning and the end are hashed, so many bytes each: a question must not
# wait for 90 MB, and training changes both.
_HASHED_BYTES = 1 << 18
# The files of a model; other runtimes' copies of the weights are neither read nor fetched. Code is
# never run, but it is hashed: a folder with other code is another model.
_SUFFIXES = (".json", ".txt", ".safetensors", ".model", ".py")
_OTHER_COPIES = ["onnx/*", "openvino/*", "*.bin", "*.h5", "*.ot", "*.msgpack", "*.onnx"]


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A model on this machine."""

    name: str
    """A folder's absolute path, or the name on the hub."""
    folder: Path
    revision: str
    """32 hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class NamedModel:
    """A model by name and revision; found only if a person has named it on this machine."""

    name: str
    """A folder's absolute path, or the name on the hub."""
    revision: str
    """32 hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class IndexedModel:
    """The model that an index's vectors are from."""

    name: str
    revision: str
    dimensions: int
    fast: bool
    """True if the numpy encoder gave the same vectors when the index was made."""

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> IndexedModel:
        """Return what a manifest says.

        Args:
            data: Plain data.

        Returns:
            The model.

        Raises:
            ValueError: If a value is of the wrong kind; also KeyError, if one is missing.
        """
        found = cls(data["name"], data["revision"], data["dimensions"], data["fast"])
        kinds = (str, str, int, bool)
        values = (found.name, found.revision, found.dimensions, found.fast)
        if any(type(value) is not kind for value, kind in zip(values, kinds, strict=True)):
            raise ValueError("the model is not described as it should be")
        return found


def find_model(name: str, *, fetch: bool = False) -> ModelFolder:
    """Return where a model is that a person has named.

    What an index names is found by ``find_indexed_model`` alone.

    Args:
        name: A folder (``./model``, ``/srv/model``, ``~/model``), or a name on the hub such as
            ``all-MiniLM-L6-v2``.
        fetch: Whether a model that is not on this machine may be fetched.

    Returns:
        The model's folder and revision.

    Raises:
        ModelError: If there is no such folder, or the model cannot be had.
    """
    if is_folder_name(name):
        folder = Path(os.path.expanduser(name))  # noqa: PTH111 - raises nothing
        if not folder.is_dir():
            raise ModelError(f"there is no folder {name!r}", hint="check the path's spelling")
        if not (folder / _MARK).is_file():
            raise ModelError(
                f"{folder} is no model: there is no {_MARK} in it",
                hint="give the folder that SentenceTransformer.save wrote",
            )
        return ModelFolder(str(folder.resolve()), folder.resolve(), _revision(folder))
    try:
        if name.count("/") > 1:
            raise ModelError(f"there is no folder {name!r}", hint="check the path's spelling")
        folder = _hub_folder(name, fetch=fetch)
    except ModelError as error:
        # Maybe meant; never taken for the name, which strangers may use.
        if os.path.isdir(name):  # noqa: PTH112 - raises nothing
            raise ModelError(error.message, hint=f"for the folder, give ./{name}") from error
        raise
    return ModelFolder(name, folder, _revision(folder))


def find_indexed_model(model: IndexedModel | NamedModel) -> ModelFolder:
    """Return where the model is that an index names, if a person has named it here too.

    The index may be a stranger's: nothing that it names is opened, loaded or fetched before that.

    Args:
        model: As the index has it.

    Returns:
        The model's folder and revision.

    Raises:
        ModelError: If nobody has named it on this machine, if it is gone, or if it has changed.
    """
    name = shlex.quote(model.name)  # a hint is copied into a shell
    if not is_remembered(model.name, model.revision):
        raise ModelError(
            f"the index names the model {model.name!r}, which you have not named on this machine",
            hint=f"if you trust it: docsearch index PATH --model {name}, or set"
            f" {MODEL_VARIABLE}={name}; without it: docsearch index PATH --no-model",
        )
    found = find_model(model.name)
    if found.revision != model.revision:
        raise ModelError(
            f"the model {model.name!r} has changed since the index was made",
            hint=f"index again: docsearch index PATH --model {name}",
        )
    return found


def _hub_folder(name: str, *, fetch: bool) -> Path:
    try:
        from huggingface_hub import snapshot_download
    except ImportError as error:
        from docsearch_cli.installation import install_hint

        raise ModelError(
            f"the model {name!r} needs the extra 'semantic'", hint=install_hint("semantic")
        ) from error
    # The hub's short names are those of the people who made sentence-transformers.
    repository = name if "/" in name else f"sentence-transformers/{name}"
    try:
        return Path(snapshot_download(repository, local_files_only=True))
    except (OSError, ValueError):
        if not fetch:
            raise ModelError(
                f"the model {name!r} is not on this machine",
                hint=f"fetch it: docsearch index PATH --model {name}",
            ) from None
    try:
        return Path(snapshot_download(repository, ignore_patterns=_OTHER_COPIES))
    except Exception as error:  # whatever the hub, the network or the disk says
        reason = str(error).strip().split("\n", 1)[0]
        raise ModelError(
            f"the model {name!r} cannot be fetched: {reason}",
            hint="check the name and the network, or give a folder: --model ./my-model",
        ) from error


def _revision(folder: Path) -> str:
    digest = hashlib.sha256()
    try:
        for path in sorted(folder.rglob("*")):
            if path.suffix not in _SUFFIXES or not path.is_file():
                continue
            size = path.stat().st_size
            digest.update(f"{path.relative_to(folder).as_posix()}\0{size}\0".encode())
            with path.open("rb") as handle:
                digest.update(handle.read(_HASHED_BYTES))
                if size > 2 * _HASHED_BYTES:
                    handle.seek(size - _HASHED_BYTES)
                digest.update(handle.read(_HASHED_BYTES))
    except OSError as error:
        raise ModelError(f"the model in {folder} cannot be read: {error}") from error
    return digest.hexdigest()[:32]

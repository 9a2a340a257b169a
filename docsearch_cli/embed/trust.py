"""The models that a person has named on this machine.

A model may contain code, so loading one may run what is in its folder or fetch it from the network.
An index may come with a cloned folder, and then a stranger wrote its manifest. So a model that an
index names is loaded only if a person has named it on this machine: on the command line, or by
``DOCSEARCH_MODEL``. That is remembered in the user's own state folder, never in a folder of
documents: one small file a model, named by the hash of the model's name and revision.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from docsearch_cli.files import read_file, replace_file

MODEL_VARIABLE = "DOCSEARCH_MODEL"
_STATE_VARIABLE = "DOCSEARCH_STATE_DIR"


def remember_model(name: str, revision: str) -> None:
    """Note that a person has named a model.

    Args:
        name: A folder's absolute path, or the name on the hub.
        revision: The hash of its files at this time.

    Raises:
        OSError: If the user's state folder cannot be written.
    """
    path = _record(name, revision)
    if _holds(path, name, revision):
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    replace_file(path, _content(name, revision))


def is_remembered(name: str, revision: str) -> bool:
    """Tell whether a person has named this very model on this machine.

    Args:
        name: As an index has it.
        revision: As an index has it.

    Returns:
        True if they have, on the command line or by the environment of this process.
    """
    return _is_in_environment(name) or _holds(_record(name, revision), name, revision)


def is_folder_name(name: str) -> bool:
    """Tell whether a model's name is a folder's path: ``./model``, ``~/model``, ``/srv/model``.

    A bare name is one on the hub, whatever lies in the current folder: a folder of that name may be
    a stranger's.
    """
    return name.startswith(("/", "./", "../", "~")) or name in (".", "..")


def _is_in_environment(name: str) -> bool:
    named = os.environ.get(MODEL_VARIABLE)
    if not named:
        return False
    if is_folder_name(named):
        named = os.path.realpath(os.path.expanduser(named))  # noqa: PTH111 - raises nothing
    return named == name


def _record(name: str, revision: str) -> Path:
    digest = hashlib.sha256(f"{name}\0{revision}".encode("utf-8", "surrogatepass"))
    return _state_folder() / "models" / f"{digest.hexdigest()}.json"


def _state_folder() -> Path:
    given = os.environ.get(_STATE_VARIABLE)
    if given:
        return Path(given)
    import platformdirs

    return Path(platformdirs.user_state_dir("docsearch"))


def _content(name: str, revision: str) -> bytes:
    return json.dumps({"name": name, "revision": revision}, sort_keys=True).encode() + b"\n"


def _holds(path: Path, name: str, revision: str) -> bool:
    try:
        return read_file(path) == _content(name, revision)
    except OSError:
        return False

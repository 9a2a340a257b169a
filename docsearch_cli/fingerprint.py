"""Fingerprints of the program itself: which code made an index, a run or a cached step."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from docsearch_cli import __version__

_PACKAGE = Path(__file__).resolve().parent
# Everything that explore/step_functions.py imports, directly or not; a test compares.
STEP_PARTS = (
    "arrays",
    "corpus",
    "errors",
    "explore",
    "graph",
    "index",
    "models",
    "retrieval",
    "steps",
)
# The file that tells one release from another, of each package that those call. Asking for the
# release by name (importlib.metadata) costs every deep search 30 ms.
STEP_MODULES = ("Stemmer", "numpy.version", "rank_bm25")


@cache
def source_digest(parts: Sequence[str] = ()) -> str:
    """Return a hash of the package's source files.

    Args:
        parts: Sub-packages or modules (without ``.py``) to hash; all of them if empty.

    Returns:
        32 hexadecimal digits; without source files on disk, one derived from the version.
    """
    digest = hashlib.sha256(__version__.encode())
    for path in _source_files(parts):
        digest.update(f"\0{path.relative_to(_PACKAGE).as_posix()}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:32]


@cache
def step_source_digest() -> str:
    """Return a hash of the code that a step runs: an edit of the rest changes no result.

    Returns:
        32 hexadecimal digits. Other releases of Python, of the stemmer and of rank-bm25 are other
        code: they may cut a sentence or a word elsewhere.
    """
    digest = hashlib.sha256(f"{source_digest(STEP_PARTS)}\0{sys.version_info}".encode())
    for name in STEP_MODULES:
        spec = find_spec(name)
        digest.update(f"\0{name}\0".encode())
        if spec is not None and spec.has_location and spec.origin is not None:
            digest.update(Path(spec.origin).read_bytes())
    return digest.hexdigest()[:32]


def _source_files(parts: Sequence[str]) -> list[Path]:
    if not parts:
        return sorted(_PACKAGE.rglob("*.py"))
    files: list[Path] = []
    for part in parts:
        folder = _PACKAGE / part
        files.extend(folder.rglob("*.py") if folder.is_dir() else [_PACKAGE / f"{part}.py"])
    return sorted(files)

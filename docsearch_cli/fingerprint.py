"""Fingerprints of the program itself: which code made an index, a run or a cached step."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from docsearch_cli import __version__

_PACKAGE = Path(__file__).resolve().parent


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


def _source_files(parts: Sequence[str]) -> list[Path]:
    if not parts:
        return sorted(_PACKAGE.rglob("*.py"))
    files: list[Path] = []
    for part in parts:
        folder = _PACKAGE / part
        files.extend(folder.rglob("*.py") if folder.is_dir() else [_PACKAGE / f"{part}.py"])
    return sorted(files)

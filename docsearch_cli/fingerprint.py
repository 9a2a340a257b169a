"""Fingerprints of the program itself: which code made an index, a run or a cached step.

The code is known by the hashes of its source files. Where those are not on the disk, as in a build
that ships compiled files only, they are known from the record of the installed distribution, which
gives the same fingerprints; without a record, the version stands for the code.
"""

from __future__ import annotations

import hashlib
import sys
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from docsearch_cli import __version__

CodeBasis = Literal["sources", "record", "version"]
"""What a fingerprint of the code is made from."""

_PACKAGE = Path(__file__).resolve().parent
DISTRIBUTION = "docsearch-cli"
"""The name that pip knows this by; "docsearch" there is another project."""
# Everything that explore/step_functions.py imports, directly or not; a test compares.
STEP_PARTS = (
    "arrays",
    "corpus",
    "environment",
    "errors",
    "explore",
    "graph",
    "index",
    "llm",
    "models",
    "retrieval",
    "steps",
    "string_table",
    "toml_text",
    "whole_numbers",
)
STEP_MODULES = {"Stemmer": "PyStemmer", "numpy.version": "numpy", "rank_bm25": "rank-bm25"}
"""The file that tells one release from another, of each package that those call, with its
distribution. Asking for the release by name (importlib.metadata) costs every deep search 30 ms."""


@cache
def code_basis() -> CodeBasis:
    """Return what the fingerprints of the code are made from, the most exact that there is."""
    if _source_files():
        return "sources"
    return "record" if _recorded_files() else "version"


@cache
def source_digest(parts: Sequence[str] = ()) -> str:
    """Return a hash of the package's code.

    Args:
        parts: Sub-packages or modules (without ``.py``) to hash; all of them if empty.

    Returns:
        32 hexadecimal digits; ``code_basis`` says what they are made from.
    """
    digest = hashlib.sha256(__version__.encode())
    files = _source_files() or _recorded_files()
    for name in sorted(name for name in files if _is_part(name, parts)):
        digest.update(f"\0{name}\0{files[name]}".encode())
    return digest.hexdigest()[:32]


@cache
def step_source_digest() -> str:
    """Return a hash of the code that a step runs: an edit of the rest changes no result.

    Returns:
        32 hexadecimal digits. Another release of Python, of the stemmer or of rank-bm25 is other
        code: it may cut a sentence or a word elsewhere.
    """
    digest = hashlib.sha256(f"{source_digest(STEP_PARTS)}\0{sys.version_info}".encode())
    for module, distribution in STEP_MODULES.items():
        digest.update(f"\0{module}\0".encode())
        digest.update(_file_of(module) or release_of(distribution).encode())
    return digest.hexdigest()[:32]


def release_of(distribution: str) -> str:
    """Return the version of an installed distribution; empty if that is not recorded."""
    from importlib import metadata

    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""


def _file_of(module: str) -> bytes:
    """Return the content of a module's file; nothing if it has none on the disk."""
    spec = find_spec(module)
    if spec is None or not spec.has_location or spec.origin is None:
        return b""
    try:
        return Path(spec.origin).read_bytes()
    except OSError:
        return b""


def _is_part(name: str, parts: Sequence[str]) -> bool:
    top = name.partition("/")[0]
    return not parts or top.removesuffix(".py") in parts


@cache
def _source_files() -> Mapping[str, str]:
    """Return the sha256 of each source file by its path in the package, as a record spells it."""
    return {
        path.relative_to(_PACKAGE).as_posix(): _spelled(hashlib.sha256(path.read_bytes()).digest())
        for path in _PACKAGE.rglob("*.py")
    }


def _spelled(digest: bytes) -> str:
    return urlsafe_b64encode(digest).decode("ascii").rstrip("=")


@cache
def _recorded_files() -> Mapping[str, str]:
    """Return the same from the record of the distribution that this package was installed from.

    It is read as a text: from Python 3.12 on, ``Distribution.files`` leaves out files that are not
    there, and where there are compiled files alone no source is.
    """
    import csv
    from importlib import metadata

    try:
        distribution = metadata.distribution(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return {}
    if Path(str(distribution.locate_file(_PACKAGE.name))).resolve() != _PACKAGE:
        return {}  # another installation, or one that only points to the sources
    prefix, mode = f"{_PACKAGE.name}/", "sha256="
    rows = csv.reader((distribution.read_text("RECORD") or "").splitlines())
    return {
        row[0].removeprefix(prefix): row[1].removeprefix(mode)
        for row in rows
        if len(row) > 1
        and row[0].startswith(prefix)
        and row[0].endswith(".py")
        and row[1].startswith(mode)
    }

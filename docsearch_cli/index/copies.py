"""Copies of indexes of other machines: fetched once a host, kept by digest, evicted by size.

    <cache folder>/cluster/indexes/<digest>/       a whole copy, checked; the name says of what
    <cache folder>/cluster/indexes/<digest>.part/  one that is being fetched
    <cache folder>/cluster/homes/<digest>/         where runs on that index are recorded meanwhile

A copy is only used under the digest that was asked for: its manifest must say that digest, its
seal must fit and every file must have the hash that the manifest says.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

from docsearch_cli.errors import DocsearchError, IndexLockedError, IndexMissingError
from docsearch_cli.index.integrity import open_generation, verify_checksums
from docsearch_cli.index.reader import IndexReader
from docsearch_cli.index.store import open_lock

# Copies of more bytes than this are not kept, but for the one that is in use.
_MOST_BYTES = 20 * 1024**3
# Some 40 files are open of each index; a worker of a cluster lives through many of them.
_MOST_OPEN = 2
_VARIABLE = "DOCSEARCH_CLUSTER_DIR"


def copies_folder() -> Path:
    """Return where this host keeps what it has of other machines' indexes."""
    given = os.environ.get(_VARIABLE)
    if given:
        return Path(given)
    from platformdirs import user_cache_path

    return user_cache_path("docsearch", appauthor=False) / "cluster"


@lru_cache(maxsize=_MOST_OPEN)
def open_generation_of(digest: str, folder: Path) -> IndexReader:
    """Open an index by its digest: at the path that another machine has it at, or a copy here.

    The last ones stay open, for the next question to the same.

    Args:
        digest: Which index.
        folder: The path there, which is the same here where it is on a shared disk.

    Returns:
        The index.

    Raises:
        IndexMissingError: If it is neither there nor here.
    """
    for place in (folder, copy_folder(digest)):
        if _has_digest(place, digest):
            return open_generation(place)
    raise IndexMissingError(
        f"index {digest[:12]} is neither at {folder} nor copied to this machine",
        hint="is the same folder mounted there? copies are made when a command begins",
    )


def has_index(digest: str, folder: Path) -> bool:
    """Tell whether this machine has an index, at the path of another machine or as a copy."""
    return any(_has_digest(place, digest) for place in (folder, copy_folder(digest)))


def copy_folder(digest: str) -> Path:
    """Return where the copy of an index is, or would be."""
    return copies_folder() / "indexes" / digest


def _has_digest(folder: Path, digest: str) -> bool:
    try:
        return open_generation(folder).digest == digest
    except (DocsearchError, OSError):
        return False


@contextmanager
def copying(digest: str) -> Iterator[Path]:
    """Hold the right to copy an index to this host, and give the folder to copy its files to.

    At the end the files are checked and the copy takes its name; what is left of one that was
    broken off is removed.

    Args:
        digest: Which index.

    Yields:
        An empty folder; the files are to be put there.

    Raises:
        IndexLockedError: If another process copies it at this moment.
        IndexCorruptError: If a file is not what the manifest says.
    """
    import fcntl

    final = copy_folder(digest)
    final.parent.mkdir(parents=True, exist_ok=True)
    with open_lock(final.with_name(f"{digest}.lock")) as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise IndexLockedError(f"another process copies index {digest[:12]}") from error
        part = final.with_name(f"{digest}.part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
        try:
            yield part
            verify_checksums(open_generation(part))
            shutil.rmtree(final, ignore_errors=True)
            part.rename(final)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    evict_copies(keep=digest)


def evict_copies(*, keep: str, most_bytes: int = _MOST_BYTES) -> None:
    """Remove the copies that were made longest ago, until the others fit.

    Args:
        keep: Digest of the one in use.
        most_bytes: How much all copies may take.
    """
    folder = copies_folder() / "indexes"
    copies = [path for path in folder.iterdir() if path.is_dir() and not path.suffix]
    copies.sort(key=lambda path: (path.name == keep, path.stat().st_mtime_ns, path.name))
    sizes = {path: sum(file.stat().st_size for file in path.iterdir()) for path in copies}
    total = sum(sizes.values())
    for path in copies:
        if total <= most_bytes or path.name == keep:
            return
        with suppress(OSError):
            shutil.rmtree(path)
            total -= sizes[path]

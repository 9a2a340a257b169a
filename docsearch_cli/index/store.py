"""The index on disk: immutable generations, and the one that is current.

    .docsearch/
      .gitignore                  holds "*"
      settings.json               the language and the model that a person set, for a rebuild
      index/CURRENT               the digest of the generation in use, swapped atomically
      index/<digest>/             one generation: arrays, string tables, manifest.json, ledger.jsonl
      runs/<run-id>/run.db        recorded runs
      cache/                      step results, may be deleted at any time

A generation is never changed after CURRENT names it. Readers never wait; a writer holds a lock.
A reader holds a shared lock on the folder of its generation, which is not removed meanwhile.
Nothing here is executed or unpickled.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from docsearch_cli.arrays import damaged
from docsearch_cli.environment import refusal
from docsearch_cli.errors import (
    IndexCorruptError,
    IndexLockedError,
    IndexMissingError,
)
from docsearch_cli.files import is_there, read_file, replace_file
from docsearch_cli.index.home import refuse_links
from docsearch_cli.index.integrity import open_generation
from docsearch_cli.index.reader import IndexReader

SETTINGS_FILE = "settings.json"
# A generation is named by its digest; a second one of the same digest has eight more digits.
_DIGEST_CHARS = 32
_GENERATION = re.compile(r"[0-9a-f]{32}(?:[0-9a-f]{8})?")
BUILDING = ".building"
STAT_SUFFIX = ".seen"
# How many times a reader that finds its generation replaced starts again.
_MOST_SWAPS = 5


def open_index(home: Path) -> IndexReader:
    """Open the current generation.

    Args:
        home: The ``.docsearch`` folder.

    Returns:
        The generation, ready to be searched.

    Raises:
        IndexMissingError: If nothing was indexed here.
        IndexCorruptError: If the files are damaged or of another schema version.
    """
    for _ in range(_MOST_SWAPS):
        folder = current_folder(home)
        try:
            return open_generation(folder)
        except IndexCorruptError:
            if current_generation(home) == folder.name:
                raise
    raise IndexCorruptError(f"the index in {home} is replaced faster than it can be opened")


def current_folder(home: Path) -> Path:
    """Return the folder of the generation in use.

    Args:
        home: The ``.docsearch`` folder.

    Returns:
        The folder, which may be gone.

    Raises:
        IndexMissingError: If nothing was indexed here.
        IndexCorruptError: If what names the generation is damaged.
    """
    generation = current_generation(home)
    if generation is None:
        raise IndexMissingError(
            f"there is no index in {home}", hint="make one: docsearch index PATH"
        )
    if not _GENERATION.fullmatch(generation):
        raise damaged(home / "index" / "CURRENT", "it names no stored index")
    return home / "index" / generation


def current_generation(home: Path) -> str | None:
    """Return the name of the generation in use.

    Args:
        home: The ``.docsearch`` folder.

    Returns:
        The name, or None where there is none.

    Raises:
        AccessError: If it may not be read.
        ResourceError: If the machine cannot open it now.
    """
    path = home / "index" / "CURRENT"
    try:
        return read_file(path).decode("utf-8", "replace").strip()
    except OSError as error:
        refused = refusal(error, str(path))
        if refused is not None:
            raise refused from error
        return None


def current_digest(home: Path) -> str | None:
    """Return the digest of the generation in use, or None where there is none."""
    generation = current_generation(home)
    return generation[:_DIGEST_CHARS] if generation is not None else None


def name_generation(home: Path, digest: str) -> str:
    """Return a name for a new generation: its digest, with a suffix if that name is taken.

    A generation that readers may hold is never overwritten, not even by an equal one.
    """
    if not is_there(home / "index" / digest):
        return digest
    return digest + os.urandom(4).hex()


def prepare_home(home: Path) -> None:
    """Make the folder with its own ``.gitignore``.

    Args:
        home: The ``.docsearch`` folder.

    Raises:
        InputError: If a link stands in its place, or in that of a folder of it.
    """
    refuse_links(home)
    (home / "index").mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError), (home / ".gitignore").open("x", encoding="ascii") as handle:
        handle.write("*\n")


def open_lock(path: Path) -> IO[str]:
    """Open a file to be locked; it is made if it is missing.

    A link here was not made by docsearch: following it would make or change a file elsewhere.

    Args:
        path: The file.

    Returns:
        The open file.

    Raises:
        OSError: If it is a link, or cannot be written.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    return os.fdopen(descriptor, "r+", encoding="ascii", errors="replace")


@contextmanager
def writer_lock(home: Path) -> Iterator[None]:
    """Hold the right to write this index.

    Args:
        home: The ``.docsearch`` folder.

    Raises:
        IndexLockedError: If another process holds it; the message names the process.
    """
    import fcntl

    with open_lock(home / "index" / "lock") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = handle.read(20).strip() or "unknown"
            raise IndexLockedError(
                f"process {holder} is building the index in {home}",
                hint="wait for it to end, then run the command again",
            ) from error
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield


def publish(home: Path, generation: str) -> None:
    """Make a finished generation the current one, atomically.

    The previous one stays, for readers that know its name and have not opened it yet; older ones
    are removed unless somebody reads them.
    """
    folder = home / "index"
    before = current_generation(home)
    _sync(folder / generation)
    replace_file(folder / "CURRENT", f"{generation}\n".encode("ascii"))
    _sync_entries(folder)
    kept = {generation, before}
    for old in sorted(folder.iterdir()):
        is_ours = _GENERATION.fullmatch(old.stem) and old.suffix in ("", STAT_SUFFIX)
        if is_ours and old.stem not in kept:
            _remove_unread(old.with_name(old.stem))


def _remove_unread(generation: Path) -> None:
    """Remove a generation and the stats of its files, unless somebody holds it."""
    import fcntl

    with suppress(OSError):  # it is gone: only the stats of its files are left
        descriptor = os.open(generation, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _remove(generation)
        except BlockingIOError:
            return
        finally:
            os.close(descriptor)
    _remove(stat_folder(generation))


def stat_folder(generation: Path) -> Path:
    """Return where the stats of a generation's files are kept."""
    return generation.with_name(generation.name + STAT_SUFFIX)


def swap_folders(new: Path, old: Path) -> None:
    """Put a new folder in an old one's place; who has opened files of the old one keeps them.

    Args:
        new: The folder to put there.
        old: The place, which may be empty. For a moment there is nothing at it.
    """
    if is_there(old):
        old.rename(new.with_name(f"{new.name}.old"))
    new.rename(old)


def clear_leftovers(home: Path) -> None:
    """Remove what killed builds have left; the caller holds the writer's lock."""
    for old in sorted((home / "index").iterdir()):
        if old.suffix == BUILDING:
            _remove(old)
        elif old.name.startswith("CURRENT."):
            old.unlink(missing_ok=True)
    for old in sorted(home.glob(f"{SETTINGS_FILE}.*")):
        old.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    """Flush a folder and its files to the disk, before another file names them."""
    for path in folder.iterdir():
        with path.open("rb") as handle:
            os.fsync(handle.fileno())
    _sync_entries(folder)


def _sync_entries(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(folder: Path) -> None:
    import shutil

    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder, ignore_errors=True)

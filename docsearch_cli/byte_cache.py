"""A cache on disk: bytes only, never pickled, safe to delete at any time.

Keys are hashes of everything that a value follows from, so a value is right as long as it is kept.
A cache that is damaged, locked or read-only is not used: there is one warning, and the work
continues.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

# A result of a step is a few kilobytes: room for a hundred thousand.
SIZE_LIMIT_BYTES = 512 * 1024 * 1024
# How long another process may hold the cache before the work continues without it.
_LOCK_WAIT_S = 2


class ByteCache:
    """A diskcache that holds nothing but bytes.

    Args:
        folder: The cache's folder; it is made on first use.
        warn: Called once, with the reason in words, if the cache cannot be used.
        name: What to call it in a warning.
        size_limit: Bytes it may take; what was stored longest ago goes first.
    """

    def __init__(
        self,
        folder: Path,
        warn: Callable[[str], None],
        *,
        name: str = "step cache",
        size_limit: int = SIZE_LIMIT_BYTES,
    ) -> None:
        self._folder = folder
        self._warn = warn
        self._name = name
        self._size_limit = size_limit
        self._cache: Any = None
        self._usable = True
        self._later: dict[str, tuple[bytes, str]] = {}

    def get(self, key: str) -> bytes | None:
        """Return the value kept under a key, or None."""
        if key in self._later:
            return self._later[key][0]
        value = self._try(lambda cache: cache.get(key))
        return value if isinstance(value, bytes) else None

    def set(self, key: str, value: bytes, tag: str) -> None:
        """Keep a value.

        Args:
            key: A hash of what it follows from.
            value: The value.
            tag: Digest of the index it was made with, by which it can be dropped.
        """
        self._try(lambda cache: cache.set(key, value, tag=tag))

    def set_at_close(self, key: str, value: bytes, tag: str) -> None:
        """Keep a value here, and on disk from ``close`` on, which writes all of them in one go.

        Args:
            key: As for ``set``.
            value: The value.
            tag: As for ``set``.
        """
        self._later[key] = (value, tag)

    def close(self) -> None:
        """Write what is left to be written, and close the files."""
        self._write_later()
        if self._cache is not None:
            self._try(lambda cache: cache.close())
            self._cache = None

    def _write_later(self) -> None:
        later, self._later = self._later, {}
        if later:
            self._try(lambda cache: _set_all(cache, later))

    def stats(self) -> dict[str, int]:
        """Return the number of values and the bytes they take."""
        entries = self._try(len)
        size = self._try(lambda cache: cache.volume())
        return {"entries": int(entries or 0), "bytes": int(size or 0)}

    def clear(self) -> int:
        """Drop every value and return how many there were."""
        return int(self._try(lambda cache: cache.clear()) or 0)

    def _try(self, use: Callable[[Any], Any]) -> Any:
        """Use the cache; after the first failure there is none."""
        import sqlite3

        if not self._usable:
            return None
        try:
            if self._cache is None:
                self._cache = self._open()
            return use(self._cache)
        except sqlite3.DatabaseError as error:
            self._give_up(error, damaged=not isinstance(error, sqlite3.OperationalError))
        except (OSError, ValueError, TypeError, EOFError) as error:
            self._give_up(error, damaged=False)
        except Exception as error:
            if type(error).__module__.partition(".")[0] != "diskcache":
                raise
            self._give_up(error, damaged=False)
        return None

    def _open(self) -> Any:
        """Return the diskcache."""
        import diskcache

        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(path.is_symlink() for path in self._folder.iterdir()):
            raise OSError("there is a link in it")  # it could lead to a database of somebody else
        self._wait_for_lock()
        return diskcache.Cache(
            str(self._folder),
            disk=_bytes_disk(),
            size_limit=self._size_limit,
            eviction_policy="least-recently-stored",
            disk_min_file_size=self._size_limit,  # in the database: no file name is ever followed
            timeout=_LOCK_WAIT_S,
        )

    def _wait_for_lock(self) -> None:
        """Find out whether another process holds the cache: diskcache would wait for a minute."""
        import sqlite3

        database = self._folder / "cache.db"
        if database.exists():
            with closing(
                sqlite3.connect(database, timeout=_LOCK_WAIT_S, isolation_level=None)
            ) as connection:
                connection.execute("begin immediate")
                connection.execute("rollback")

    def _give_up(self, error: Exception, *, damaged: bool) -> None:
        self._usable = False
        self._cache = None
        aside = ""
        if damaged:
            shutil.rmtree(self._folder, ignore_errors=True)
            aside = "; it was removed and starts empty next time"
        self._warn(f"the {self._name} is not used: {error}{aside}")


class KeptByteCache:
    """Keeps a cache open from one search to the next: opening and closing take longer than using.

    Safe for several threads, each of which gets a cache of its own from ``lend``.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cache: Any = None
        self._file = (0, 0)
        """Device and inode of the database: a folder that was removed is opened anew."""
        self._anchor: Any = None
        """A connection of no thread: with the last one, SQLite would put its files in order."""

    def lend(self, folder: Path, warn: Callable[[str], None]) -> ByteCache:
        """Return the cache of a folder, always the same one, whose ``close`` leaves it open.

        Args:
            folder: The cache's folder.
            warn: As for ``ByteCache``.

        Returns:
            The cache.
        """
        return _LentByteCache(folder, warn, self)

    def opened(self, folder: Path, open_it: Callable[[], Any]) -> Any:
        """Return the open diskcache, opened by a call where there is none or it is another's."""
        import sqlite3

        database = folder / "cache.db"
        with self._lock:
            if self._cache is not None and _is_emptied(database):
                # Its log is left: who opens it beside a connection of ours waits for a minute.
                raise sqlite3.DatabaseError("its database was emptied")
            if self._cache is None or self._file != _identity(database):
                self._close()
                self._cache = open_it()
                self._file = _identity(database)
                self._anchor = sqlite3.connect(database, check_same_thread=False)
                self._anchor.execute("select 1 from sqlite_schema").fetchone()
            return self._cache

    def forget(self) -> None:
        """Open it anew the next time: something is wrong with it."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        opened, self._cache, self._anchor = (self._cache, self._anchor), None, None
        for held in opened:
            if held is not None:
                with suppress(Exception):
                    held.close()


class _LentByteCache(ByteCache):
    def __init__(self, folder: Path, warn: Callable[[str], None], kept: KeptByteCache) -> None:
        super().__init__(folder, warn)
        self._kept = kept

    def close(self) -> None:
        self._write_later()
        self._cache = None

    def _open(self) -> Any:
        return self._kept.opened(self._folder, super()._open)

    def _give_up(self, error: Exception, *, damaged: bool) -> None:
        self._kept.forget()
        super()._give_up(error, damaged=damaged)


def _identity(file: Path) -> tuple[int, int]:
    with suppress(OSError):
        found = file.stat()
        return found.st_dev, found.st_ino
    return 0, 0


def _is_emptied(file: Path) -> bool:
    with suppress(OSError):
        return file.stat().st_size == 0
    return False


def _set_all(cache: Any, values: dict[str, tuple[bytes, str]]) -> None:
    with cache.transact():
        for key, (value, tag) in values.items():
            cache.set(key, value, tag=tag)


def _bytes_disk() -> type:
    """Return a diskcache storage that neither writes nor reads a pickle."""
    import diskcache
    from diskcache.core import MODE_BINARY, MODE_PICKLE, MODE_RAW

    class BytesDisk(diskcache.Disk):  # type: ignore[misc]  # diskcache ships no types
        """Stores str keys and bytes values as they are."""

        def store(self, value: Any, read: bool, key: Any = None) -> Any:
            if not isinstance(value, bytes):
                raise TypeError("only bytes are cached")
            return super().store(value, read, key=key)

        def fetch(self, mode: int, filename: Any, value: Any, read: bool) -> Any:
            if mode == MODE_PICKLE or mode not in (MODE_RAW, MODE_BINARY) or filename is not None:
                raise ValueError("the cache holds a value that docsearch did not write")
            return super().fetch(mode, filename, value, read)

        def remove(self, file_path: Any) -> None:
            """Delete nothing: no value is in a file, so a name in the table is not ours."""

        def put(self, key: Any) -> Any:
            if not isinstance(key, str):
                raise TypeError("cache keys are strings")
            return super().put(key)

        def get(self, key: Any, raw: bool) -> Any:
            if not raw:
                raise ValueError("the cache holds a key that docsearch did not write")
            return super().get(key, raw)

    return BytesDisk

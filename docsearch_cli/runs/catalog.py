"""Where recorded runs are, which process may write one, and how a prefix of its id finds it."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from docsearch_cli.environment import refusal, refusals_named
from docsearch_cli.errors import InputError, RunBusyError, RunNotFoundError
from docsearch_cli.files import is_folder, is_link, is_there
from docsearch_cli.index.home import RUNS_FOLDER
from docsearch_cli.index.store import open_lock
from docsearch_cli.runs.store import RunStore
from docsearch_cli.whole_numbers import brief

DATABASE = "run.db"
EXPORT_SUFFIX = ".docsearch-run"
_LOCK = "lock"
RUN_ID = re.compile(r"[0-9a-f]{1,32}")


@contextmanager
def run_lock(folder: Path) -> Iterator[None]:
    """Hold the right to write a run; the operating system takes it back if this process dies.

    Args:
        folder: The run's folder.

    Yields:
        Nothing.

    Raises:
        RunBusyError: If another process writes this run.
        RunNotFoundError: If it has been removed meanwhile.
        InputError: If the folder cannot be written.
    """
    import fcntl

    what = f"the run in {folder.name} cannot be written"
    try:
        handle = open_lock(folder / _LOCK)
    except FileNotFoundError as error:
        raise RunNotFoundError(f"there is no run {folder.name} any more") from error
    except OSError as error:
        raise refusal(error, what) or InputError(f"{what}: {error.strerror}") from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RunBusyError(
                f"run {folder.name} is still being written by another process",
                hint="wait for it, or end that process",
            ) from error
        except OSError as error:
            raise refusal(error, what) or InputError(f"{what}: {error.strerror}") from error
        if not _is_still_there(handle, folder / _LOCK):
            raise RunNotFoundError(f"there is no run {folder.name} any more")
        yield


def _is_still_there(handle: IO[str], path: Path) -> bool:
    """Tell whether an open file is the one at a path: what is removed may still be open."""
    try:
        return os.path.samestat(os.fstat(handle.fileno()), path.stat())
    except OSError:
        return False


def is_being_written(folder: Path) -> bool:
    """Tell whether a process writes a run at this moment."""
    import fcntl

    try:
        with (folder / _LOCK).open("rb") as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def run_ids(home: Path) -> list[str]:
    """Return the ids of the recorded runs, sorted.

    Args:
        home: The ``.docsearch`` folder.

    Returns:
        The ids, also of those whose record is damaged or may not be read.

    Raises:
        AccessError: If the folder of runs may not be read.
    """
    return [name for name in begun_runs(home) if _may_hold_record(run_folder(home, name))]


def begun_runs(home: Path) -> list[str]:
    """Return the same, with those that were killed before their record began.

    Args:
        home: The ``.docsearch`` folder.

    Returns:
        The ids.

    Raises:
        AccessError: If the folder of runs may not be read.
    """
    folder = home / RUNS_FOLDER
    with refusals_named(str(folder)):
        try:
            names = [path.name for path in folder.iterdir()]
        except (FileNotFoundError, NotADirectoryError):
            return []
    return sorted(
        name
        for name in names
        if RUN_ID.fullmatch(name) and is_folder(folder / name) and not is_link(folder / name)
    )


def _may_hold_record(folder: Path) -> bool:
    """Tell whether a folder has a record, or whether that is not to be seen."""
    try:
        (folder / DATABASE).lstat()
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True


def find_run(home: Path, prefix: str, *, with_begun: bool = False) -> str:
    """Return the one run whose id starts with ``prefix``.

    Args:
        home: The ``.docsearch`` folder.
        prefix: The start of an id; nothing else is looked up.
        with_begun: Whether to find one that was killed before its record began, too.

    Returns:
        The whole id.

    Raises:
        RunNotFoundError: If none or several do; the message lists them.
    """
    known = begun_runs(home) if with_begun else run_ids(home)
    hint = "docsearch runs list shows them"
    if not RUN_ID.fullmatch(prefix):
        raise RunNotFoundError(f"{brief(prefix)} is not a run id", hint=hint)
    found = [name for name in known if name.startswith(prefix)]
    if prefix in found:
        return prefix
    if not found:
        raise RunNotFoundError(f"there is no run {prefix}", hint=hint)
    if len(found) > 1:
        raise RunNotFoundError(
            f"{prefix} is the start of {len(found)} runs: {', '.join(found[:10])}",
            hint="give more of the id",
        )
    return found[0]


def remove_run(home: Path, run_id: str) -> None:
    """Delete a run's record.

    Args:
        home: The ``.docsearch`` folder.
        run_id: The whole id.

    Raises:
        RunBusyError: If a process is writing it.
        InputError: If it cannot be deleted.
    """
    folder = run_folder(home, run_id)
    lock = folder / _LOCK
    if is_link(lock) or is_folder(lock):  # docsearch did not make it, and nobody holds it
        _delete(folder)
        return
    with run_lock(folder):
        _delete(folder)


def _delete(folder: Path) -> None:
    """Delete a run's folder: nobody finds it from the first moment on, or none of it is gone."""
    doomed = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        folder.rename(doomed)
        try:
            shutil.rmtree(doomed)
        except OSError:
            doomed.rename(folder)
            raise
    except OSError as error:
        what = f"run {folder.name} cannot be deleted"
        raise refusal(error, what) or InputError(f"{what}: {error.strerror}") from error


def run_folder(home: Path, run_id: str) -> Path:
    """Return where a run is recorded."""
    return home / RUNS_FOLDER / run_id


@contextmanager
def opened_run(home: Path, wanted: str) -> Iterator[RunStore]:
    """Open a run's record for reading.

    Args:
        home: The ``.docsearch`` folder.
        wanted: The run's id, the start of it, or the path of an exported run.

    Yields:
        The record.

    Raises:
        RunNotFoundError: If there is no such run.
    """
    if is_export(wanted):
        path = Path(wanted)
        if not is_there(path):
            raise RunNotFoundError(
                f"there is no file {wanted}", hint="docsearch runs export RUN writes one"
            )
    else:
        path = run_folder(home, find_run(home, wanted)) / DATABASE
    store = RunStore(path)
    try:
        yield store
    finally:
        store.close()


def is_export(wanted: str) -> bool:
    """Tell whether a run is named by the path of an exported file."""
    return wanted.endswith(EXPORT_SUFFIX)

"""Where recorded runs are, which process may write one, and how a prefix of its id finds it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from docsearch_cli.errors import InputError, RunBusyError, RunNotFoundError
from docsearch_cli.index.store import open_lock
from docsearch_cli.runs.store import RunStore

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
        InputError: If the folder cannot be written.
    """
    import fcntl

    try:
        handle = open_lock(folder / _LOCK)
    except OSError as error:
        raise InputError(f"the run in {folder.name} cannot be written: {error.strerror}") from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise RunBusyError(
                f"run {folder.name} is still being written by another process",
                hint="wait for it, or end that process",
            ) from error
        yield


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
    """Return the ids of the recorded runs, sorted."""
    folder = home / "runs"
    if not folder.is_dir():
        return []
    return sorted(
        path.name
        for path in folder.iterdir()
        if RUN_ID.fullmatch(path.name) and (path / DATABASE).is_file()
    )


def find_run(home: Path, prefix: str) -> str:
    """Return the one run whose id starts with ``prefix``.

    Args:
        home: The ``.docsearch`` folder.
        prefix: The start of an id; nothing else is looked up.

    Returns:
        The whole id.

    Raises:
        RunNotFoundError: If none or several do; the message lists them.
    """
    known = run_ids(home)
    hint = "docsearch runs list shows them"
    if not RUN_ID.fullmatch(prefix):
        raise RunNotFoundError(f"{prefix!r} is not a run id", hint=hint)
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
    with run_lock(folder):
        try:
            shutil.rmtree(folder)
        except OSError as error:
            raise InputError(f"run {run_id} cannot be deleted: {error.strerror}") from error


def run_folder(home: Path, run_id: str) -> Path:
    """Return where a run is recorded."""
    return home / "runs" / run_id


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
        if not path.is_file():
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

"""Records that were made on another machine, put beside those that were made here."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from docsearch_cli.environment import refusal
from docsearch_cli.errors import InputError, RunCorruptError
from docsearch_cli.index.home import RUNS_FOLDER
from docsearch_cli.runs.canonical import making_sense
from docsearch_cli.runs.catalog import DATABASE, run_folder
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.trace import read_trace

# What a run may be called: the name of a folder, and nothing that leads elsewhere.
_RUN_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,63}")


def keep_record(home: Path, run_id: str, data: bytes) -> None:
    """Put a run's file where runs are recorded; nobody finds it before it is whole and was read.

    Args:
        home: The ``.docsearch`` folder.
        run_id: The run's id.
        data: The file.

    Raises:
        RunCorruptError: If it is no record of this run.
        InputError: If it cannot be written, or there is a run of this id.
    """
    if not _RUN_ID.fullmatch(run_id):
        raise RunCorruptError(f"a record came of a run that is called {run_id[:64]!a}")
    folder = run_folder(home, run_id)
    coming = folder.with_name(f".{run_id}.coming")
    what = f"the record of run {run_id} cannot be kept in {home}"
    try:
        (home / RUNS_FOLDER).mkdir(parents=True, exist_ok=True)
        shutil.rmtree(coming, ignore_errors=True)
        coming.mkdir(mode=0o700)
        (coming / DATABASE).write_bytes(data)
        _check(coming / DATABASE, run_id)
        coming.rename(folder)
    except OSError as error:
        raise refusal(error, what) or InputError(f"{what}: {error.strerror}") from error
    finally:
        shutil.rmtree(coming, ignore_errors=True)


def _check(path: Path, run_id: str) -> None:
    store = RunStore(path)
    try:
        with making_sense():
            recorded = read_trace(store).run_id
    finally:
        store.close()
    if recorded != run_id:
        raise RunCorruptError(f"what came as the record of run {run_id} is of another run")

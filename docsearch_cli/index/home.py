"""Which ``.docsearch`` folder a command works with.

A folder may belong to somebody else, or stand where nothing may be looked at: that is said, and is
no reason to take another one in silence.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from docsearch_cli.environment import refusals_named
from docsearch_cli.errors import AccessError, IndexMissingError, InputError
from docsearch_cli.files import is_folder, is_link, is_there

INDEX_FOLDER = ".docsearch"
RUNS_FOLDER = "runs"


def find_home(
    start: Path | None,
    given: str | None,
    *,
    for_runs: bool = False,
    note: Callable[[str], None] | None = None,
) -> Path:
    """Return the ``.docsearch`` folder to read from.

    Args:
        start: The folder to walk up from; None for the current one.
        given: What ``--index`` or ``DOCSEARCH_INDEX`` says: the folder itself, or one that holds
            a ``.docsearch``. It is used or refused, never replaced by another index. None to walk
            up.
        for_runs: Whether recorded runs are enough, without an index.
        note: Told of a folder that was passed over because it may not be read.

    Returns:
        The folder; its index may still turn out to be damaged.

    Raises:
        IndexMissingError: If there is none.
        AccessError: If the only one may not be read.
        InputError: If a link stands in its place, or in that of a folder of it, or the current
            folder is gone.
    """
    if given is not None:
        home = home_at(Path(given))
        if not (is_folder(home / "index") or (for_runs and is_folder(home / RUNS_FOLDER))):
            _refuse_unreadable(home / "index")
            raise IndexMissingError(
                f"there is no index in {given}",
                hint=f"make one: docsearch index PATH --index {given}",
            )
        refuse_links(home)
        return home
    start = start or current_working_folder()
    unreadable: AccessError | None = None
    for folder in (start, *start.parents):
        home = folder / INDEX_FOLDER
        if is_there(home / "index" / "CURRENT") or (for_runs and is_folder(home / RUNS_FOLDER)):
            if unreadable is not None and note is not None:
                note(f"passed over: {unreadable.message}")
            refuse_links(home)
            return home
        try:
            _refuse_unreadable(home / "index" / "CURRENT")
        except AccessError as error:
            unreadable = unreadable or error
    raise unreadable or IndexMissingError(
        f"there is no index in {start} or a folder above it", hint="make one: docsearch index PATH"
    )


def current_working_folder() -> Path:
    """Return the folder that we are in.

    Returns:
        Its path.

    Raises:
        InputError: If it has been removed.
        AccessError: If a folder above it may not be read.
    """
    with refusals_named("the current folder"):
        return Path.cwd()


def _refuse_unreadable(path: Path) -> None:
    """Make sure that nothing is there, rather than something that may not be looked at.

    Args:
        path: What seems not to be there.

    Raises:
        AccessError: If a folder that leads to it may not be entered.
    """
    try:
        path.stat()
    except PermissionError as error:
        raise AccessError(
            f"the index in {path.parent if path.name == 'CURRENT' else path} may not be read:"
            " Permission denied",
            hint="have its owner share it, or name another with --index DIR",
        ) from error
    except OSError:
        return


def home_at(given: Path) -> Path:
    """Return the ``.docsearch`` folder that a path stands for.

    A link that a person names is followed; one that is found in a folder may be a stranger's.
    """
    if given.name == INDEX_FOLDER or is_there(given / "index" / "CURRENT"):
        return given.resolve() if is_link(given) else given
    return given / INDEX_FOLDER


def refuse_links(home: Path) -> None:
    """Make sure that nothing is written or removed where a link leads.

    Args:
        home: The ``.docsearch`` folder, which need not exist.

    Raises:
        InputError: If it is a link, or a folder in it is one.
    """
    parts = ("index", "runs", "cache", "cache/steps", "cache/vectors")
    for folder in (home, *(home / part for part in parts)):
        if is_link(folder):
            raise InputError(
                f"{folder} is a link, which docsearch does not follow",
                hint="remove it, or name a folder with --index DIR",
            )

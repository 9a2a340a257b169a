"""What a question needs before it is asked: the folder, the settings in force there, the index."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docsearch_cli.config import Settings
    from docsearch_cli.index.reader import IndexReader


@dataclass(frozen=True, slots=True)
class Session:
    """An index that was opened to be asked."""

    home: Path
    """The ``.docsearch`` folder."""
    settings: Settings
    reader: IndexReader


def open_session(
    given: str | None, flags: Mapping[str, int | None], *, note: Callable[[str], None]
) -> Session:
    """Find the index, load the settings and open it.

    Args:
        given: The folder of the index, or one that holds a ``.docsearch``; None for the nearest
            one here or above.
        flags: Limits by name; None where one was left out.
        note: Told of a folder that was passed over, and of each limit that was cut.

    Returns:
        What a search is given.

    Raises:
        IndexMissingError: If there is no index.
        UsageError: If a limit is below its least.
    """
    from docsearch_cli.config import load_settings
    from docsearch_cli.index.home import find_home
    from docsearch_cli.index.store import open_index

    home = find_home(None, given, note=note)
    settings = load_settings(flags, beside=home.parent)
    for clamp in settings.clamps():
        note(clamp)
    return Session(home, settings, open_index(home))

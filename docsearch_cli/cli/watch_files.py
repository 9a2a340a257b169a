"""Waits for files to change, even where a folder is replaced or missing for a while."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from watchfiles import Change

# Changes that come within this time are reported together.
_DEBOUNCE_MS = 400
# How often a caller gets control though nothing has changed, to end or to retry.
_POLL_MS = 1_000


def changes(paths: Sequence[Path]) -> Iterator[bool]:
    """Watch folders and files.

    The ignore files that git reads above them are checked by their times, for an editor may replace
    them. The system watches what is at a path when the watch begins; where that is replaced (a
    folder by a newer copy, a file by an editor that saves a new one), the watch begins again.

    Args:
        paths: The folders and files.

    Yields:
        At least once a second, whether anything may have changed; the first time that it may.
    """
    from watchfiles import watch

    from docsearch_cli.corpus.walk.git_working_tree import find_working_tree
    from docsearch_cli.index.home import INDEX_FOLDER
    from docsearch_cli.index.stat_cache import inodes_of, times_now

    names = [os.path.abspath(path) for path in paths]  # noqa: PTH100 - links stay links
    trees = [find_working_tree(os.path.realpath(name)) for name in names]
    above = [file.location for tree in trees for file in tree.files]
    times = times_now(above)
    while True:
        roots = inodes_of(names)
        if len(roots) < len(names):
            time.sleep(_POLL_MS / 1_000)
            yield False
            continue
        batches = watch(
            *names,
            watch_filter=lambda _change, path: INDEX_FOLDER not in Path(path).parts,
            debounce=_DEBOUNCE_MS,
            rust_timeout=_POLL_MS,
            yield_on_timeout=True,
            ignore_permission_denied=True,
        )
        try:
            for number, changed in enumerate(batches):
                is_replaced = _has_removed(changed, names) or inodes_of(names) != roots
                before, times = times, times_now(above)
                yield number == 0 or is_replaced or bool(changed) or times != before
                if is_replaced:
                    break
        except FileNotFoundError:  # it was removed as the watch began
            continue


def _has_removed(changed: Iterable[tuple[Change, str]], names: Sequence[str]) -> bool:
    """Tell whether a root itself was removed: a new one may get the old one's inode number."""
    return any(change.name == "deleted" and path in names for change, path in changed)

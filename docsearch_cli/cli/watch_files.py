"""Waiting for files to change, for as long as there are any to wait for."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from watchfiles import Change

# Changes that come within this time are told together.
_DEBOUNCE_MS = 400
# How often it is told that nothing has changed.
_LOOK_MS = 1_000


def changes(paths: Sequence[Path]) -> Iterator[bool]:
    """Watch folders and files.

    So are the ignore files that git reads above them, by their times: an editor may replace them.
    The system watches what is at a path when the watch begins. Where that is replaced, as a folder
    by a newer copy or a file by an editor that saves a new one, the watch begins anew.

    Args:
        paths: The folders and files.

    Yields:
        Once a second or oftener, whether anything may have changed; at first that it may.
    """
    from watchfiles import watch

    from docsearch_cli.corpus.walk.git_working_tree import find_working_tree
    from docsearch_cli.index.stat_cache import inodes_of, times_now
    from docsearch_cli.index.store import INDEX_FOLDER

    names = [os.path.abspath(path) for path in paths]  # noqa: PTH100 - links stay links
    trees = [find_working_tree(os.path.realpath(name)) for name in names]
    above = [file.location for tree in trees for file in tree.files]
    times = times_now(above)
    while True:
        roots = inodes_of(names)
        if len(roots) < len(names):
            time.sleep(_LOOK_MS / 1_000)
            yield False
            continue
        batches = watch(
            *names,
            watch_filter=lambda _change, path: INDEX_FOLDER not in Path(path).parts,
            debounce=_DEBOUNCE_MS,
            rust_timeout=_LOOK_MS,
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
        except FileNotFoundError:  # it went as the watch began
            continue


def _has_removed(changed: Iterable[tuple[Change, str]], names: Sequence[str]) -> bool:
    """Tell whether a root itself was removed: a new one may get the number of the old one."""
    return any(change.name == "deleted" and path in names for change, path in changed)

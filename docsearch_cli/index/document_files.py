"""The files of documents: which file a document of an index was read from.

A document is known by its path in the index. Its file is found by that path and the index's roots
alone; nothing of it needs to be there any more.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from docsearch_cli.files import is_there, name_on_disk
from docsearch_cli.index.manifest import Root


class DocumentFile(NamedTuple):
    """The file of a document."""

    root: str
    """Absolute path of the indexed folder; of the file itself where that alone is indexed."""
    file: str
    """Absolute path, as the operating system takes it."""


class DocumentFiles:
    """Finds the file of a document by its path alone.

    Args:
        roots: Those of the index.
    """

    def __init__(self, roots: Iterable[Root]) -> None:
        self._roots = {root.name: root.path for root in roots}
        self._here: dict[str, bool] = {}
        self._is_one_file = "" in self._roots and os.path.isfile(self._roots[""])  # noqa: PTH113

    def find(self, path: str) -> DocumentFile | None:
        """Return where a document was read from; None if it has no root, or leads out of it."""
        if ".." in path and ".." in path.split("/"):  # no walk gave it: a stranger wrote the index
            return None
        name, _, inner = path.partition("/") if "" not in self._roots else ("", "", path)
        root = self._roots.get(name)
        if root is None:
            return None
        is_root = self._is_one_file or not inner
        return DocumentFile(root, name_on_disk(root if is_root else f"{root.rstrip('/')}/{inner}"))

    def to_dict(self, path: str) -> dict[str, str | None]:
        """Return where a document is, as JSON has it: both null if it cannot be found by its path.

        That is so if its root is gone, or its name is no UTF-8.
        """
        place = None if is_respelled(path) else self.find(path)
        if place is None or not self._is_here(place.root):
            return {"root": None, "absolute_path": None}
        return {"root": place.root, "absolute_path": place.file}

    def _is_here(self, root: str) -> bool:
        if root not in self._here:
            self._here[root] = is_there(root)
        return self._here[root]


def file_of(roots: Iterable[Root], path: str) -> Path | None:
    """Return the file that a document was read from; None if it lies outside the roots now."""
    try:
        place = DocumentFiles(roots).find(path)
        if place is None:
            return None
        root, file = map(Path, place)
        return file if file.resolve().is_relative_to(root.resolve()) else None
    except (OSError, RuntimeError, ValueError):
        return None


def is_respelled(path: str) -> bool:
    r"""Tell whether the walk may have changed a name to show it: ``\xff``, ``\xff~2``."""
    return "\\x" in path

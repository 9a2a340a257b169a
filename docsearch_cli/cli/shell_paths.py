"""Paths as the shell in the current folder opens them: one rule for all that a person reads.

A path is relative where it leads into the current folder, or up to two folders up if that is the
shortest way to say it; else it begins with ``~`` or is absolute. JSON has the index's path instead,
and so has everything where the folder of the documents is gone. On a terminal a path is a link.

Source:
    E. Koeppe, "Hyperlinks in terminal emulators" (OSC 8).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from docsearch_cli.files import is_there
from docsearch_cli.graph.nodes import split_node_id

if TYPE_CHECKING:
    from pathlib import Path

    from rich.style import Style

    from docsearch_cli.index.document_files import DocumentFile
    from docsearch_cli.index.manifest import Root

# Further up, a relative path says less than where its file is.
_MOST_UP = 2
# Terminals that show an escape sequence which they do not know.
_NO_LINKS = ("", "dumb", "linux")


class ShellPaths:
    """Names the documents of an index as the shell in the current folder opens them.

    Args:
        roots: Those of the index; none where there is no index.
        editor: What links lead to, see ``editors.py``; None for no links.
    """

    def __init__(self, roots: Iterable[Root] = (), *, editor: str | None = None) -> None:
        from docsearch_cli.index.document_files import DocumentFiles

        self._files = DocumentFiles(roots)
        self._editor = editor
        self._real_roots: dict[str, str] = {}
        try:
            self._here = os.path.realpath(os.getcwd())  # noqa: PTH109  costs what it says
        except OSError:  # the current folder is gone
            self._here = ""
        self._home = os.path.expanduser("~")  # noqa: PTH111  a home that is not known is no error

    def name(self, path: str) -> str:
        """Return a document's path for a person; an absolute path of another file is one too."""
        return self._shell_path(path, may_begin_at_home=True)

    def file(self, path: str) -> str:
        """Return a document's path for a program, which knows no ``~``."""
        return self._shell_path(path, may_begin_at_home=False)

    def node(self, node: str) -> str:
        """Return a node's name for a person: its document's path, and which part it is."""
        path, part = split_node_id(node)
        return f"{self.name(path)} part {part + 1}" if part else self.name(path)

    def style(self, path: str, line: int | None = None, style: str = "") -> Style | str:
        """Return a style for a document's name: the one given, and on a terminal a link.

        Args:
            path: The document, as the index has it, or a node's id.
            line: A line of it; None for none in particular.
            style: How it looks.

        Returns:
            The style.
        """
        place = self._place(split_node_id(path)[0]) if self._editor is not None else None
        if place is None or self._editor is None:
            return style
        from rich.style import Style

        from docsearch_cli.cli.editors import address_of

        address = address_of(self._editor, place.file, line)
        return Style.parse(style) + Style(link=address) if address else style

    def _place(self, path: str) -> DocumentFile | None:
        """Return where a document's file is; None if its folder is gone."""
        if path.startswith("/"):
            from docsearch_cli.index.document_files import DocumentFile

            return DocumentFile("", path)
        place = self._files.find(path)
        if place is None:
            return None
        if place.root not in self._real_roots:
            is_here = is_there(place.root)
            self._real_roots[place.root] = os.path.realpath(place.root) if is_here else ""
        return place if self._real_roots[place.root] else None

    def _shell_path(self, path: str, *, may_begin_at_home: bool) -> str:
        place = self._place(path)
        if place is None:
            return path
        whole = place.file
        if may_begin_at_home and whole.startswith(f"{self._home}/") and len(self._home) > 1:
            whole = f"~{whole[len(self._home) :]}"
        if not self._here:
            return whole
        real = self._real_roots.get(place.root, "") + place.file[len(place.root) :]
        near = os.path.relpath(real, self._here)
        up = near.split("/").count(os.pardir)
        if up > _MOST_UP or (up and len(near) >= len(whole)):
            return whole
        return f"./{near}" if near.startswith(("-", "~")) else near


def paths_here(roots: Iterable[Root]) -> ShellPaths:
    """Return the names of an index's documents in the current folder; links on a terminal.

    Args:
        roots: Those of the index.

    Returns:
        The names.
    """
    return ShellPaths(roots, editor=_editor() if shows_links(sys.stdout) else None)


def paths_of_runs(home: Path, *runs: str) -> ShellPaths:
    """Return the names of the documents that recorded runs read.

    Args:
        home: The ``.docsearch`` folder that they are in.
        runs: What names them; an exported file may be of documents that are elsewhere.

    Returns:
        The names; those of the record where there is no index that says where the documents are.
    """
    from docsearch_cli.errors import DocsearchError
    from docsearch_cli.index.store import open_index
    from docsearch_cli.runs.catalog import is_export

    if any(map(is_export, runs)):
        return ShellPaths()
    try:
        return paths_here(open_index(home).roots)
    except DocsearchError:
        return ShellPaths()


def shows_links(stream: Any) -> bool:
    """Tell whether a stream is a terminal that is known to take links, and may be given any."""
    return (
        stream.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM", "") not in _NO_LINKS
    )


def _editor() -> str:
    from docsearch_cli.config import load_settings
    from docsearch_cli.errors import DocsearchError
    from docsearch_cli.personal_settings import DEFAULT_EDITOR

    try:
        return load_settings({}).personal.editor
    except DocsearchError:  # said by the commands that need settings; a link is none
        return DEFAULT_EDITOR

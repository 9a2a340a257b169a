"""Which document a person means: by the index's path of it, or by the shell's."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from docsearch_cli.corpus.walk.found_files import printable
from docsearch_cli.errors import InputError
from docsearch_cli.index.reader import IndexReader

# Paths that are compared with one that is not in the index.
_MOST_COMPARED = 20_000
# What follows the path: a line, or the first and the last one; no document is longer.
_PLACE = re.compile(r"(.+?):([0-9]{1,9})(?:-([0-9]{1,9}))?")
# What only a path for the shell begins with.
_SHELL_STARTS = ("/", "./", "../", "~/")


def find_document(index: IndexReader, name: str, here: Path) -> str:
    """Return the path of the document that a person means.

    Args:
        index: The index.
        name: As the index has it (``JSON`` calls it ``path``), as the shell in a folder would open
            it (as results for a person have it), or the end of its path if that is clear.
        here: That folder.

    Returns:
        The path as the index has it.

    Raises:
        InputError: If no document is meant, or several are.
    """
    name = printable(name)
    found = [path for path in _candidates(index, name, here) if index.paths.find(path) is not None]
    meant = list(dict.fromkeys(found))
    if len(meant) > 1 and not name.startswith(_SHELL_STARTS):
        raise InputError(
            f"{name!r} may be either of two documents: the index's, and the one at this path in the"
            " current folder",
            hint=f"say which: ./{name} is {meant[1]!r} of the index; for the other one,"
            " give its absolute path",
        )
    if meant:
        return meant[0]
    paths = [index.paths[row] for row in range(len(index.paths))]
    ending = [path for path in paths if path.endswith(f"/{name}")] or _called(paths, name)
    if len(ending) == 1:
        return ending[0]
    if ending:
        raise InputError(
            f"{len(ending)} documents are called {name!r}",
            hint=f"say which: {', '.join(map(shlex.quote, ending[:5]))}",
        )
    import difflib

    near = difflib.get_close_matches(name, paths[:_MOST_COMPARED], 3)
    raise InputError(
        f"{name!r} is not in the index",
        hint=f"did you mean: {', '.join(map(shlex.quote, near))}"
        if near
        else "docsearch status --json lists all files",
    )


def find_beside(index: IndexReader, name: str, holder: Path) -> str | None:
    """Return the document that a client of a server means by a path as results show it.

    Results show a path as a shell would open it, most often one beside the index or beside what
    was indexed. A client does not know the folder that the server runs in, and that one says
    nothing of it.

    Args:
        index: The index.
        name: The path.
        holder: The folder that holds the index.

    Returns:
        The path as the index has it; None if no document is meant, or several are.
    """
    if index.paths.find(name) is not None:
        return name
    name = printable(name)
    for folders in ((holder,), tuple(Path(root.path).parent for root in index.roots)):
        found = {
            path
            for folder in folders
            for path in (name, *_as_the_shell(index, name, folder))
            if index.paths.find(path) is not None
        }
        if found:
            return found.pop() if len(found) == 1 else None
    return None


def _called(paths: Sequence[str], name: str) -> list[str]:
    """Return the paths that end as a name in letters of any case, with or without a suffix."""
    wanted = name.casefold().removeprefix("./")
    folded = [(path, f"/{path.casefold()}") for path in paths]
    return [path for path, own in folded if own.endswith(f"/{wanted}")] or [
        path for path, own in folded if own.rpartition(".")[0].endswith(f"/{wanted}")
    ]


def typed_prefixes(index: IndexReader, typed: str, here: Path) -> Iterator[str]:
    """Yield what the index's paths begin with that the shell's path being typed may become.

    Args:
        index: The index.
        typed: The beginning of a path, as the shell in a folder would open it.
        here: That folder.

    Yields:
        A beginning for each indexed folder that is meant, or that the path may still lead into.
    """
    given = os.path.expanduser(typed)  # noqa: PTH111  a home that is not known is no error
    start = os.path.normpath(here / given) + ("/" if given.endswith("/") or not given else "")
    for root in index.roots:
        name = f"{root.name}/" if root.name else ""
        for place in dict.fromkeys((root.path, os.path.realpath(root.path))):
            if f"{place}/".startswith(start):
                yield name
            elif start.startswith(f"{place}/"):
                yield name + start[len(place) + 1 :]


def find_node(index: IndexReader, name: str, here: Path) -> str:
    """Return the id of the node that a person means.

    Args:
        index: The index.
        name: A node's id, or what names its document: see ``find_document``.
        here: The folder that the shell is in.

    Returns:
        The id; of a document that is cut into parts, that of the first.

    Raises:
        InputError: If no document is meant, or several are.
    """
    is_node = "//" in name and index.node_row(name) is not None
    return name if is_node else find_document(index, name, here)


def find_place(index: IndexReader, place: str, here: Path) -> tuple[str, int | None, int | None]:
    """Return the document and the lines that a person means.

    Args:
        index: The index.
        place: What names a document, see ``find_document``, and after a colon a line or the first
            and the last one.
        here: The folder that the shell is in.

    Returns:
        The path as the index has it, and the lines; None for all of it.

    Raises:
        InputError: If no document is meant, or several are.
    """
    found = _PLACE.fullmatch(place)
    if found is None or index.paths.find(place) is not None:
        return find_document(index, place, here), None, None
    first = int(found[2])
    return find_document(index, found[1], here), first, int(found[3] or first)


def _candidates(index: IndexReader, name: str, here: Path) -> Iterator[str]:
    """Yield the paths of the index that a name may be, the one that is meant first."""
    as_the_shell = _as_the_shell(index, name, here)
    if not name.startswith(_SHELL_STARTS):
        yield name
        yield from as_the_shell
        return
    yield from as_the_shell
    yield name.removeprefix("./")  # as the index has it, too: nobody is surprised by it


def _as_the_shell(index: IndexReader, name: str, here: Path) -> Iterator[str]:
    """Yield the paths that a file would have in the index if it lies in one of its folders."""
    if "\0" in name:  # no file has such a name, and looking one up would fail
        return
    given = os.path.expanduser(name)  # noqa: PTH111  a home that is not known is no error
    for folder in (here, Path(os.path.realpath(here))):
        file = os.path.normpath(folder / given)
        for root in index.roots:
            for place in dict.fromkeys((root.path, os.path.realpath(root.path))):
                inner = os.path.relpath(file, place)
                if inner == os.curdir:  # an indexed file
                    yield root.name or os.path.basename(place)  # noqa: PTH119  a text
                elif inner != os.pardir and not inner.startswith(f"{os.pardir}/"):
                    yield f"{root.name}/{inner}" if root.name else inner

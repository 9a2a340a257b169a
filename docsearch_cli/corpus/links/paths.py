"""The paths that an address in a document may mean.

An address is relative to the folder of its document, or to the root of the site, which may be any
folder above it, or it is one that the site serves. Only one of the first kind may leave the
document's root, and then leads into the root that is at that place on the disk.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from docsearch_cli.corpus.formats.suffixes import split_suffix


class LinkPaths:
    """Turns addresses into paths.

    Args:
        roots: Absolute path of each root, by name; with several, the paths of documents begin with
            the names.
    """

    def __init__(self, roots: Mapping[str, str]) -> None:
        self._roots = roots
        self._name_of = {root: name for name, root in roots.items()}
        self._has_root_names = len(roots) > 1
        self._only_root = next(iter(roots)) if len(roots) == 1 else ""
        # In this order, a root is followed by those inside it.
        folders = sorted(root.rstrip("/") + "/" for root in roots.values())
        self._are_nested = any(map(str.startswith, folders[1:], folders))

    def root_of(self, path: str) -> str:
        """Return the root that a document's path begins with; empty if there is only one."""
        return path.partition("/")[0] if self._has_root_names and "/" in path else ""

    def path_of(self, path: str, address: str) -> str | None:
        """Return what an address in a document means by itself; None if it leaves all roots."""
        if address.startswith("/") and not self._is_root(path):
            root = self.root_of(path)
            return _join(root, address.lstrip("/"), root)
        return next(iter(self._from_folder(path, address)), None)

    def paths_of(self, path: str, address: str) -> list[str]:
        """Return what an address may mean among the files.

        Args:
            path: The document.
            address: Without what follows ``?`` or ``#``; its backslashes may be slashes.

        Returns:
            Paths inside the roots, the likeliest first.
        """
        paths: dict[str, None] = {}
        root = self.root_of(path)
        for spelling in dict.fromkeys((address, address.replace("\\", "/"))):
            if self._is_root(path):
                paths.update(dict.fromkeys(self._from_folder(path, spelling)))
                continue
            if not spelling.startswith("/"):
                paths.update(dict.fromkeys(self._from_folder(path, spelling)))
                if spelling.startswith((".", "\\")):
                    continue
            for base in self._site_roots(path):
                joined = _join(base, spelling.lstrip("/"), root)
                if joined is not None:
                    paths[joined] = None
        return list(paths)

    def served_paths(self, path: str, address: str) -> Iterator[str]:
        """Yield the paths that an address means if it is one that the site serves.

        A page served as a folder has its neighbours one folder up; and the indexed folder may be
        served under its own name.

        Args:
            path: The document.
            address: Without what follows ``?`` or ``#``.

        Yields:
            Paths inside the root.
        """
        stem, suffix = split_suffix(address)
        root = self.root_of(path)
        if address.startswith("/"):
            first, _, rest = address.lstrip("/").partition("/")
            if first == self._only_root and (joined := _join("", rest, "")) is not None:
                yield joined
        elif not suffix and stem:
            own = split_suffix(path)[0]
            folder, _, name = own.rpartition("/")
            # A page named as its folder is served as the folder, whose neighbours it names.
            is_folder = folder.rpartition("/")[2].lower() == name.lower()
            for place in (own, folder.rpartition("/")[0]) if is_folder else (own,):
                if (joined := _join(place, address, root)) is not None:
                    yield joined

    def path_below(self, folder: str, path: str, address: str) -> str | None:
        """Return what an address means from a folder that the site serves as its root.

        Args:
            folder: The folder.
            path: The document.
            address: Without what follows ``?`` or ``#``.

        Returns:
            The path; None for an address that says that it is relative to its document.
        """
        if address.startswith("."):
            return None
        return _join(folder, address.lstrip("/"), self.root_of(path))

    def _is_root(self, path: str) -> bool:
        """Tell whether a document is itself one of several roots: its path has no folder."""
        return self._has_root_names and "/" not in path

    def _from_folder(self, path: str, address: str) -> Iterator[str]:
        """Yield the paths that an address means from the document's own folder.

        Where roots are nested, a file's path may begin with any of them.
        """
        folder, address = path.rpartition("/")[0], address.lstrip("/")
        is_root = self._is_root(path)
        inside = None if is_root else _join(folder, address, self.root_of(path))
        if inside is not None:
            yield inside
            if not self._are_nested:
                return
        place = posixpath.normpath(posixpath.join(self._place_of(path), address))
        for root in (place, *map(str, PurePosixPath(place).parents)):
            if root in self._name_of:
                name = self._name_of[root] if self._has_root_names else ""
                yield "/".join(filter(None, (name, place[len(root) :].strip("/"))))

    def _place_of(self, path: str) -> str:
        """Return the folder on the disk that a document lies in."""
        name, _, inner = path.partition("/") if self._has_root_names else ("", "", path)
        root = self._roots.get(name or self._only_root, "")
        return posixpath.dirname(posixpath.join(root, inner) if inner else root)

    def _site_roots(self, path: str) -> Iterator[str]:
        """Yield the folders that may be the site's root: all above a document, the likeliest first.

        An absolute address is relative to the root; so may be one that leads nowhere from its own
        folder.
        """
        folder = path.rpartition("/")[0]
        root = self.root_of(path)
        yield root
        parts = folder[len(root) :].strip("/").split("/")
        for count in range(1, len(parts) + 1):
            yield "/".join(filter(None, (root, *parts[:count])))


def _join(base: str, address: str, root: str) -> str | None:
    """Return the path that an address means from a folder; None if it leaves the root."""
    parts = base.split("/") if base else []
    floor = 1 if root else 0
    for part in address.split("/"):
        if part == "..":
            if len(parts) <= floor:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)

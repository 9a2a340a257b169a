"""The paths that an address in a document may mean.

An address is written from the folder of its document, from the root of the site, which may be any
folder above it, or as the site serves its pages. None leads out of the document's root.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from docsearch_cli.corpus.link_targets import split_suffix


class LinkPaths:
    """Turns addresses into paths.

    Args:
        roots: Names of the roots; with several, the paths of documents begin with them.
    """

    def __init__(self, roots: Sequence[str]) -> None:
        self._has_root_names = len(roots) > 1
        self._only_root = roots[0] if len(roots) == 1 else ""

    def root_of(self, path: str) -> str:
        """Return the root that a document's path begins with; empty if there is only one."""
        return path.partition("/")[0] if self._has_root_names and "/" in path else ""

    def path_of(self, path: str, address: str) -> str | None:
        """Return what an address in a document means by itself; None if it leaves the root."""
        root = self.root_of(path)
        base = root if address.startswith("/") else path.rpartition("/")[0]
        return _join(base, address.lstrip("/"), root)

    def paths_of(self, path: str, address: str) -> list[str]:
        """Return what an address may mean among the files.

        Args:
            path: The document.
            address: Without what follows ``?`` or ``#``; its backslashes may be slashes.

        Returns:
            Paths inside the root, the likeliest first.
        """
        paths: list[str] = []
        for spelling in dict.fromkeys((address, address.replace("\\", "/"))):
            for base in self._bases(path, spelling):
                joined = _join(base, spelling.lstrip("/"), self.root_of(path))
                if joined is not None and joined not in paths:
                    paths.append(joined)
        return paths

    def served_paths(self, path: str, address: str) -> Iterator[str]:
        """Yield the paths that an address means when it is one of the site, not of its files.

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
            if (joined := _join(own, address, root)) is not None:
                yield joined

    def _bases(self, path: str, address: str) -> Iterator[str]:
        """Yield the folders that an address may be relative to, the likeliest first.

        An absolute address is meant from the site's root, which may be any folder above the
        document; an address that fails in its own folder may be meant so as well.
        """
        folder = path.rpartition("/")[0]
        root = self.root_of(path)
        if not address.startswith("/"):
            yield folder
            if address.startswith((".", "\\")):
                return
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

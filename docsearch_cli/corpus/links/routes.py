"""Routes: the paths at which a site serves a page, where they differ from its file's.

Site generators let a page declare its own address, and serve a page named like its folder as the
folder. How they change the names of files, each system's module says.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Sequence

from docsearch_cli.corpus.links.translations import without_language


def routes_of(
    stem: str, declared: Sequence[str], served: Callable[[str], str], *, is_index: bool
) -> Iterator[str]:
    """Find the routes of a document.

    Args:
        stem: Its path without suffix.
        declared: Addresses of its front matter, see ``Document.routes``.
        served: Returns the path at which the document's site serves a path.
        is_index: Whether it stands for its folder.

    Yields:
        Paths below the root; one may come twice.
    """
    folder, _, name = stem.rpartition("/")
    for route in declared:
        bare = route.strip("/")
        for suffix in (".html", ".htm"):
            bare = bare.removesuffix(suffix)
        bare = bare.removesuffix("/index")
        if not bare:  # the first page of the site, or of a part that lies in this folder
            yield from dict.fromkeys(("", folder))
            continue
        if route.startswith("/"):
            # Which folder is the site's root is not known.
            parts = folder.split("/") if folder else []
            for count in range(len(parts) + 1):
                yield "/".join((*parts[:count], bare))
        else:
            place = folder.rpartition("/")[0] if is_index else folder
            path = f"{place}/{bare}" if place else bare
            if "./" in path:
                path = posixpath.normpath(path)
            yield path
            yield served(path)
    bare = without_language(stem)
    if bare != stem:
        yield bare
        language = stem[len(bare) + 1 :]
        parts = bare.split("/")
        for count in range(len(parts)):
            yield "/".join((*parts[:count], language, *parts[count:]))
    own = served(folder if is_index else stem)
    if own != stem:
        yield own
    if folder.rpartition("/")[2].lower() == name.lower():
        yield folder
        yield served(folder)

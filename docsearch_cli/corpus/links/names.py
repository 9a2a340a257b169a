"""The names by which documents and other files are found when a link is resolved.

Each lookup table finds documents by one kind of name. A link depends on the names that were looked
up for it, so an index keeps them, as numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Protocol
from zlib import crc32

from docsearch_cli.corpus.formats.suffixes import split_suffix
from docsearch_cli.corpus.links.anchors import AnchorTable
from docsearch_cli.corpus.links.routes import routes_of
from docsearch_cli.corpus.naming import (
    INDEX_NAMES,
    compose,
    fold,
    heading_slug,
    label_key,
    label_spelling,
)
from docsearch_cli.corpus.systems.dated import post_of_file
from docsearch_cli.corpus.systems.detection import DetectedSystems
from docsearch_cli.models import Markup


class Target(Protocol):
    """What a link lookup needs to know of a document."""

    @property
    def path(self) -> str:
        """Its path."""
        ...

    @property
    def title(self) -> str:
        """Its title."""
        ...

    @property
    def aliases(self) -> Sequence[str]:
        """Other titles."""
        ...

    @property
    def labels(self) -> Sequence[str]:
        """Names by which it is referred to without a path."""
        ...

    @property
    def markup(self) -> Markup:
        """Its format."""
        ...

    @property
    def routes(self) -> Sequence[str]:
        """Addresses at which a site serves it."""
        ...

    @property
    def includes(self) -> Sequence[str]:
        """Addresses of the files that are part of it."""
        ...

    @property
    def headings(self) -> Sequence[str]:
        """Headings of its sections."""
        ...

    @property
    def anchors(self) -> AnchorTable:
        """The places in it that links can point to."""
        ...


Name = tuple[str, str]
"""A lookup table and what is looked up in it: what a link depends on."""
# Of files that sites make pages of; of the second kind only in a folder of pages.
_PAGE_SUFFIXES = frozenset(("astro", "html", "md", "mdx", "rst", "svelte", "vue"))
_CODE_SUFFIXES = frozenset(("js", "jsx", "ts", "tsx"))
# Programs that serve their folder, of Next.js and of SvelteKit.
_FOLDER_ROUTES = frozenset(("page", "+page"))
# Of labels with fewer than twice as many, one may well differ from another by one character.
_NEAR_CHARS = 4
ANY_PAGE: Name = ("page", "")
"""What a pattern depends on: that any document is added or removed."""
ANY_SITE: Name = ("site", "")
"""What a role in a page of no site depends on: whether there are sites at all."""


def name_key(name: Name) -> int:
    """Return the number that a name is kept as."""
    return crc32("\0".join(name).encode("utf-8", "surrogatepass"))


def _paths(target: Target) -> Iterator[str]:
    yield target.path


def _folded_paths(target: Target) -> Iterator[str]:
    yield fold(target.path)


def _stems(target: Target) -> Iterator[str]:
    yield split_suffix(target.path)[0]


def _folded_stems(target: Target) -> Iterator[str]:
    yield fold(split_suffix(target.path)[0])


def _names(target: Target) -> Iterator[str]:
    yield fold(target.path.rpartition("/")[2])
    yield _bare_name(target)


def _spelled_names(target: Target) -> Iterator[str]:
    name = compose(target.path.rpartition("/")[2])
    yield name
    yield split_suffix(name)[0]


def _spelled_titles(target: Target) -> Iterator[str]:
    return map(compose, (target.title, *target.aliases))


def _spelled_labels(target: Target) -> Iterator[str]:
    return map(label_spelling, target.labels)


def near_labels(label: str, length: int) -> tuple[str, ...]:
    """Return what a label shares with those of a length that differ from it by one character.

    Either their beginnings or their ends are the same.

    Args:
        label: The label, as ``label_key`` gives it.
        length: Characters of the others.

    Returns:
        The names; none for a label that is too short to be a mistyped one.
    """
    if len(label) < 2 * _NEAR_CHARS:
        return ()
    return f"{length} {label[:_NEAR_CHARS]}", f"{length} {label[-_NEAR_CHARS:]}"


def differs_by_one(one: str, other: str) -> bool:
    """Tell whether a text becomes another one by a character more, less or in place of one."""
    shorter, longer = sorted((one, other), key=len)
    if len(longer) - len(shorter) > 1 or one == other:
        return False
    place = next((n for n, sign in enumerate(shorter) if sign != longer[n]), len(shorter))
    return shorter[place + (len(shorter) == len(longer)) :] == longer[place + 1 :]


def _spelled_headings(target: Target) -> Iterator[str]:
    return map(label_spelling, target.headings)


def _titles(target: Target) -> Iterator[str]:
    return map(fold, (target.title, *target.aliases))


def _labels(target: Target) -> Iterator[str]:
    return map(label_key, target.labels)


def _routes(target: Target, systems: DetectedSystems) -> Iterator[str]:
    stem = split_suffix(target.path)[0]
    is_index = _bare_name(target) in INDEX_NAMES
    served = partial(systems.served_path, target.path)
    routes = map(fold, routes_of(stem, target.routes, served, is_index=is_index))
    former = map(fold, _former_places(target, systems))
    moved = systems.site_of(target.path).moved(target.path)
    by_rule = map(fold, (*_permalinks(target, systems), *filter(None, (moved,))))
    return (route for route in (*routes, *former, *by_rule) if route != fold(stem))


def _permalinks(target: Target, systems: DetectedSystems) -> Iterator[str]:
    """Yield the paths at which a page is served by what its site's configuration says."""
    site = systems.site_of(target.path)
    for system in site.systems if site.settings else ():
        content = site.content_folder_of(target.path) if system.permalinks else None
        if system.permalinks is not None and content is not None:
            stem = split_suffix(target.path)[0][len(content) + 1 :]
            for address in system.permalinks(stem, target.title, target.routes, site.settings):
                yield f"{content}/{address}"


def _former_places(target: Target, systems: DetectedSystems) -> Iterator[str]:
    """Yield the paths, without suffix, that a page's former names mean in its site's system."""
    site = systems.site_of(target.path)
    for system in site.systems if target.routes else ():
        if system.places_of is None:
            continue
        suffix = split_suffix(target.path)[1]
        own, *sites = systems.facts_of(site, system)
        for name in target.routes:
            places = system.places_of(f"{name}{suffix}", site.inner(target.path), own, sites)
            yield from (split_suffix(place.path)[0] for place in places or ())


def _page_names(target: Target, systems: DetectedSystems) -> Iterator[str]:
    """Yield the names by which the document's own system knows it."""
    site = systems.site_of(target.path)
    inner = site.inner(split_suffix(target.path)[0])
    for system in site.systems:
        if system.page_names is not None:
            yield from system.page_names(inner)
            if system.page_name is not None:
                slugs = (route for route in target.routes if "/" not in route)
                yield from map(system.page_name, (target.title, *target.aliases, *slugs))


def _posts(target: Target, _systems: DetectedSystems) -> Iterator[str]:
    post = post_of_file(split_suffix(target.path)[0])
    if post is not None:
        yield fold(post.name)


def _near_labels(target: Target, systems: DetectedSystems) -> Iterator[str]:
    if systems.site_of(target.path).has_other_projects:
        for label in map(label_key, target.labels):
            yield from near_labels(label, len(label))


def _folder_pages(target: Target) -> Iterator[str]:
    if _bare_name(target) in INDEX_NAMES:
        yield target.path.rpartition("/")[0]


def _folders(target: Target) -> Iterator[str]:
    folder = target.path.rpartition("/")[0]
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
    yield ""


def _slugs(target: Target) -> Iterator[str]:
    return filter(None, map(heading_slug, target.headings))


def included_name(address: str) -> str:
    """Return the name by which the pages are found that include a file: its own, without suffix."""
    name = address.replace("\\", "/").rpartition("/")[2].rpartition("$")[2]
    return fold(split_suffix(name)[0])


def _included(target: Target) -> Iterator[str]:
    return map(included_name, target.includes)


def includes_name(path: str) -> Name:
    """Return what depends on which files a document includes."""
    return "includes", path


def _bare_name(target: Target) -> str:
    return fold(split_suffix(target.path)[0].rpartition("/")[2])


_TABLES: dict[str, Callable[[Target], Iterator[str]]] = {
    "path": _paths,
    "folded path": _folded_paths,
    "stem": _stems,
    "folded stem": _folded_stems,
    "name": _names,
    "title": _titles,
    "label": _labels,
    "folder page": _folder_pages,
    "folder": _folders,
    "heading": _slugs,
    "included": _included,
    "spelled name": _spelled_names,
    "spelled title": _spelled_titles,
    "spelled label": _spelled_labels,
    "spelled heading": _spelled_headings,
}
"""Yields a document's names in each lookup table that needs the document alone."""
_TABLES_OF_SITES: dict[str, Callable[[Target, DetectedSystems], Iterator[str]]] = {
    "route": _routes,
    "page name": _page_names,
    "post": _posts,
    "near label": _near_labels,
}
"""Yields a document's names in each lookup table that depends on its site."""


def names_of_target(target: Target, systems: DetectedSystems) -> Iterator[Name]:
    """Yield all names by which a document is found.

    Args:
        target: The document.
        systems: The documentation systems of its corpus.

    Yields:
        Each lookup table with a name in it.
    """
    for table, names in _TABLES.items():
        for name in names(target):
            yield table, name
    for table, names_in_site in _TABLES_OF_SITES.items():
        for name in names_in_site(target, systems):
            yield table, name
    yield ANY_PAGE


def names_of_others(paths: Iterable[str]) -> set[Name]:
    """Return all names of files and folders that are not documents, and of the folders they lie in.

    Args:
        paths: Their paths; one that ends in ``/`` includes everything below it.

    Returns:
        Each lookup table with a name in it.
    """
    names: set[Name] = set()
    for path in paths:
        names.update(_names_of_other(path))
        folder = fold(path).rstrip("/*").rpartition("/")[0]
        while folder and ("other folder", folder) not in names:
            names.add(("other folder", folder))
            folder = folder.rpartition("/")[0]
    return names


def _names_of_other(path: str) -> Iterator[Name]:
    """Yield all names of a file or folder that is not a document; ``x*`` are all that begin so."""
    folded = fold(path)
    yield "other", folded
    if folded.endswith("*"):
        yield "begun", folded.rpartition("/")[0]
        return
    name = folded.rpartition("/")[2]
    yield "other name", name
    stem, dot, suffix = folded.rpartition(".")
    is_page = suffix in _PAGE_SUFFIXES or (suffix in _CODE_SUFFIXES and "pages/" in stem)
    if dot and is_page:  # of which only the file is not read: pages/x.tsx serves x
        yield "other", stem
        yield "other name", stem.rpartition("/")[2]
    folder, _, file = stem.rpartition("/")
    if file in _FOLDER_ROUTES and (suffix in _CODE_SUFFIXES or suffix in _PAGE_SUFFIXES):
        yield "other", folder


def names_in_table(table: str, systems: DetectedSystems) -> Callable[[Target], Iterator[str]]:
    """Return the function that yields a document's names in one lookup table."""
    if table in _TABLES_OF_SITES:
        return lambda target: _TABLES_OF_SITES[table](target, systems)
    return _TABLES[table]

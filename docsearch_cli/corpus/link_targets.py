"""The names under which a corpus's documents can be linked to.

Lookup tables over all documents, so that resolving a link costs a few dictionary reads however
large the corpus is. *Folding* a name makes it comparable: NFC, case folded. ``routes.py`` says
what a route is.
"""

from __future__ import annotations

import fnmatch
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence

from docsearch_cli.corpus.naming import heading_slug
from docsearch_cli.corpus.routes import routes_of
from docsearch_cli.models import Document

# The page that stands for its folder, the most telling name first.
_INDEX_NAMES = ("index", "readme", "_index")
# Among files that differ only in suffix, source formats before built ones.
_SOURCE_SUFFIXES = (".md", ".markdown", ".mdx", ".qmd", ".rst", ".adoc", ".org", ".ipynb")
_SUFFIX_ORDER = (*_SOURCE_SUFFIXES, ".html", ".htm", ".txt")
# A link may name the page that will be built from a document, or the one it was built from.
_PAGE_SUFFIXES = frozenset((*_SUFFIX_ORDER, ".xhtml", ".rest", ".asciidoc"))


def fold(name: str) -> str:
    """Return a name in the form in which two spellings of it are equal."""
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def split_suffix(path: str) -> tuple[str, str]:
    """Split a path before the suffix of a page format; others count as part of the name."""
    stem, dot, suffix = path.rpartition(".")
    suffix = dot + suffix.lower()
    if stem and not stem.endswith("/") and (suffix in _PAGE_SUFFIXES or suffix == ".pdf"):
        return stem, suffix
    return path, ""


def label_key(label: str) -> str:
    """Return a reference label as it is compared: lower case, white space folded."""
    return " ".join(label.lower().split())


class TargetIndex:
    """Finds documents by path, name, title, label; files that are no documents by path."""

    def __init__(self, documents: Sequence[Document], other_files: Iterable[str] = ()) -> None:
        self.documents = documents
        self._by_path: dict[str, int] = {}
        self._by_folded_path: dict[str, list[int]] = defaultdict(list)
        self._by_stem: dict[str, list[int]] = defaultdict(list)
        self._by_folded_stem: dict[str, list[int]] = defaultdict(list)
        self._by_name: dict[str, list[int]] = defaultdict(list)
        self._by_title: dict[str, list[int]] = defaultdict(list)
        self._by_label: dict[str, list[int]] = defaultdict(list)
        self._by_route: dict[str, list[int]] = defaultdict(list)
        self._by_heading: dict[str, list[int]] | None = None
        self._folder_pages: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self._folders: set[str] = set()
        self._anchors: dict[int, dict[str, int]] = {}
        for number, document in enumerate(documents):
            self._add(number, document)
        self._other_files = {fold(path) for path in other_files}
        self._other_folders = tuple(path for path in self._other_files if path.endswith("/"))
        self._other_names = {path.rpartition("/")[2] for path in self._other_files}

    def _add(self, number: int, document: Document) -> None:
        path = document.path
        folder, _, name = path.rpartition("/")
        stem, suffix = split_suffix(path)
        self._by_path[path] = number
        self._by_folded_path[fold(path)].append(number)
        self._by_stem[stem].append(number)
        self._by_folded_stem[fold(stem)].append(number)
        for spelling in {fold(name), fold(stem.rpartition("/")[2])}:
            self._by_name[spelling].append(number)
        for title in {fold(title) for title in (document.title, *document.aliases)}:
            self._by_title[title].append(number)
        for label in document.labels:
            self._by_label[label_key(label)].append(number)
        bare = fold(stem.rpartition("/")[2])
        routes = routes_of(stem, document.routes, is_index=bare in _INDEX_NAMES)
        for route in {fold(route) for route in routes} - {fold(stem)}:
            self._by_route[route].append(number)
        if bare in _INDEX_NAMES:
            rank = _INDEX_NAMES.index(bare) * 100 + _suffix_rank(suffix)
            self._folder_pages[folder].append((rank, number))
        while folder not in self._folders:
            self._folders.add(folder)
            folder = folder.rpartition("/")[0]

    def find_path(self, path: str, source_suffix: str) -> int | None:
        """Find a document by path: as it is, as a folder, or with another page suffix.

        Args:
            path: Normalised path below the root, without ``/`` at either end.
            source_suffix: Suffix of the linking document, preferred among equals.

        Returns:
            The document's number, or None.
        """
        number = self._by_path.get(path)
        if number is not None:
            return number
        pages = self._folder_pages.get(path)
        if pages:
            return min(pages)[1]
        stem, suffix = split_suffix(path)
        candidates = self._by_stem.get(path) or (self._by_stem.get(stem) if suffix else None)
        if candidates:
            return self._preferred(candidates, source_suffix)
        return None

    def find_folded_path(self, path: str) -> int | None:
        """Find the only document whose path differs from this one in case or composition."""
        folded = fold(path)
        stem, suffix = split_suffix(folded)
        for candidates in (
            self._by_folded_path.get(folded),
            self._by_folded_stem.get(folded),
            self._by_folded_stem.get(stem) if suffix else None,
        ):
            if candidates:
                return candidates[0] if len(candidates) == 1 else None
        return None

    def find_routed(self, path: str) -> list[int]:
        """Return the documents that a site serves at this path, though their files have another."""
        folded = fold(path)
        return list(self._by_route.get(folded) or self._by_route.get(split_suffix(folded)[0], []))

    def find_matching(self, pattern: str) -> list[int]:
        """Return the documents whose path without suffix matches a pattern.

        Args:
            pattern: ``*`` and ``?`` stand for what has no slash in it, unless there is a ``**``.

        Returns:
            Their numbers, by path.
        """
        # fnmatch's expressions take linear time whatever the pattern, but know nothing of slashes.
        whole = re.compile(fnmatch.translate(pattern))
        parts = [re.compile(fnmatch.translate(part)) for part in pattern.split("/")]
        numbers: list[int] = []
        for stem, found in self._by_stem.items():
            if whole.match(stem) is None:
                continue
            names = stem.split("/")
            if "**" in pattern or (
                len(names) == len(parts)
                and all(part.match(name) for part, name in zip(parts, names, strict=True))
            ):
                numbers += found
        return sorted(numbers, key=lambda number: self.documents[number].path)

    def find_headed(self, heading: str) -> list[int]:
        """Return the documents with a section of this heading, or of this heading's slug."""
        if self._by_heading is None:
            self._by_heading = defaultdict(list)
            for number, document in enumerate(self.documents):
                for slug in {heading_slug(section.heading) for section in document.sections}:
                    self._by_heading[slug].append(number)
        slug = heading_slug(heading)
        return list(self._by_heading.get(slug, [])) if slug else []

    def find_named(self, name: str) -> list[int]:
        """Return the documents whose path ends in this note name, with or without suffix."""
        folded = fold(name).strip("/")
        candidates = self._by_name.get(folded.rpartition("/")[2], [])
        if "/" not in folded:
            return list(candidates)
        return [
            number
            for number in candidates
            if f"/{fold(self.documents[number].path)}".endswith(f"/{folded}")
            or f"/{fold(split_suffix(self.documents[number].path)[0])}".endswith(f"/{folded}")
        ]

    def find_titled(self, title: str) -> list[int]:
        """Return the documents with this title or alias."""
        return list(self._by_title.get(fold(title), []))

    def find_labelled(self, label: str) -> list[int]:
        """Return the documents that define this label."""
        return list(self._by_label.get(label_key(label), []))

    def is_other_file(self, path: str) -> bool:
        """Tell whether a path is that of a folder or of a file that is no document."""
        folded = fold(path)
        return (
            path in self._folders
            or folded in self._other_files
            or f"{folded}/".startswith(self._other_folders)
        )

    def is_other_name(self, name: str) -> bool:
        """Tell whether a file that is no document has this name, in whatever folder."""
        return fold(name).rpartition("/")[2] in self._other_names

    def find_section(self, number: int, fragment: str) -> int | None:
        """Find the section of a document that a fragment points to.

        Args:
            number: The document.
            fragment: What follows ``#``: an anchor, a heading, a block id.

        Returns:
            The section's index in the document, or None.
        """
        anchors = self._anchors.get(number)
        if anchors is None:
            anchors = {}
            sections = self.documents[number].sections
            for index, section in enumerate(sections):
                for anchor in section.anchors:
                    anchors.setdefault(anchor, index)
            for index, section in enumerate(sections):
                for anchor in (*map(fold, section.anchors), heading_slug(section.heading)):
                    anchors.setdefault(anchor, index)
            self._anchors[number] = anchors
        for spelling in (fragment, fold(fragment), heading_slug(fragment), label_key(fragment)):
            if spelling and spelling in anchors:
                return anchors[spelling]
        return None

    def _preferred(self, candidates: list[int], source_suffix: str) -> int:
        def rank(number: int) -> tuple[bool, int, str]:
            path = self.documents[number].path
            suffix = split_suffix(path)[1]
            return suffix != source_suffix, _suffix_rank(suffix), path

        return min(candidates, key=rank)


def _suffix_rank(suffix: str) -> int:
    return _SUFFIX_ORDER.index(suffix) if suffix in _SUFFIX_ORDER else len(_SUFFIX_ORDER)

"""Finds the documents of a corpus by their names.

Lookup tables over all documents, so that resolving a link costs a few dictionary reads however
large the corpus is. ``names.py`` says which names a document has.
"""

from __future__ import annotations

import fnmatch
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from docsearch_cli.corpus.anchor_rules import ANY_PLACE, qualified
from docsearch_cli.corpus.formats.shortcodes import templates_of
from docsearch_cli.corpus.formats.suffixes import split_suffix, suffix_rank
from docsearch_cli.corpus.gunzip import SUFFIX as GZIP
from docsearch_cli.corpus.links.anchors import anchor_key, place_key, spellings_of
from docsearch_cli.corpus.links.names import (
    ANY_PAGE,
    ANY_SITE,
    Target,
    differs_by_one,
    includes_name,
    name_key,
    names_in_table,
    names_of_others,
    near_labels,
)
from docsearch_cli.corpus.links.translations import in_same_language
from docsearch_cli.corpus.naming import (
    INDEX_NAMES,
    compose,
    fold,
    heading_slug,
    label_key,
    label_spelling,
)
from docsearch_cli.corpus.systems.dated import post_of_address, post_of_file
from docsearch_cli.corpus.systems.detection import DetectedSystems, detect_systems
from docsearch_cli.corpus.systems.site import Site

# What means something else in a pattern than itself.
_MAGIC = re.compile(r"[*?\[]")
# A reference that a build fills has an index for each of its parts, and few parts.
_MOST_INDEXES = 20


class TargetIndex:
    """Finds documents by path, name, title or label, and files that are not documents by path.

    Every name that is looked up is added to ``asked``, found or not: a link can lead elsewhere only
    when a document or file of such a name is added, changed or removed.

    Args:
        targets: The documents, sorted by path.
        other_files: Paths that exist but are not documents; one that ends in ``/`` includes
            everything below it.
        systems: The sites among them; those that their paths show by default.
    """

    def __init__(
        self,
        targets: Sequence[Target],
        other_files: Iterable[str] = (),
        systems: DetectedSystems | None = None,
    ) -> None:
        others = tuple(other_files)
        self.targets = targets
        self.asked: set[int] = set()
        self._tables: dict[str, dict[str, list[int]]] = {}
        self._others = names_of_others(others)
        self._by_path: list[tuple[str, int]] | None = None
        self.systems = systems or detect_systems((*(target.path for target in targets), *others))

    def _find(self, table: str, name: str) -> list[int]:
        """Return the documents of a name, and add it to ``asked``."""
        self.asked.add(name_key((table, name)))
        numbers = self._tables.get(table)
        if numbers is None:
            numbers = self._tables[table] = self._tabulate(names_in_table(table, self.systems))
        return numbers.get(name, [])

    def _find_spelled(self, table: str, name: str, spelling: str) -> list[int]:
        """Return the documents of a name: of several, those that spell it in the same case.

        Only where there are several is the spelling looked up, and kept with what was asked.
        """
        numbers = self._find(table, name)
        if len(numbers) < 2:
            return list(numbers)
        spelled = set(self._find(f"spelled {table}", spelling))
        return [number for number in numbers if number in spelled] or list(numbers)

    def _ending_in(
        self, path: str, normalise: Callable[[str], str], candidates: Iterable[int]
    ) -> list[int]:
        """Return the candidates whose path, with or without suffix, ends in a path."""
        return [
            number
            for number in candidates
            if f"/{normalise(self.targets[number].path)}".endswith(f"/{path}")
            or f"/{normalise(split_suffix(self.targets[number].path)[0])}".endswith(f"/{path}")
        ]

    def _tabulate(self, names_of: Callable[[Target], Iterator[str]]) -> dict[str, list[int]]:
        """Make one table, when it is first needed: after an edit of few pages few are."""
        numbers: dict[str, list[int]] = {}
        for number, target in enumerate(self.targets):
            for name in dict.fromkeys(names_of(target)):
                numbers.setdefault(name, []).append(number)
        return numbers

    def _is_other(self, table: str, name: str) -> bool:
        self.asked.add(name_key((table, name)))
        return (table, name) in self._others

    def find_path(self, path: str, source_suffix: str) -> int | None:
        """Find a document by path: as it is, as a folder, or with another page suffix.

        Args:
            path: Normalised path below the root, without ``/`` at either end.
            source_suffix: Suffix of the linking document, preferred among equals.

        Returns:
            The document's number, or None.
        """
        exact = self._find("path", path)
        if exact:
            return exact[0]
        pages = self._find("folder page", path)
        if pages:
            return min(pages, key=self._index_rank)
        packed = self._find("path", f"{path}{GZIP}")
        if packed:
            return packed[0]
        stem, suffix = split_suffix(path)
        candidates = self._find("stem", path) or (self._find("stem", stem) if suffix else [])
        return self._preferred(candidates, source_suffix) if candidates else None

    def find_folder_page(self, source_path: str, path: str) -> int | None:
        """Find the page of a folder by the name under which it is served: ``index.html``.

        Args:
            source_path: The linking document.
            path: Normalised path below the root.

        Returns:
            The document's number; None if the path names no such page.
        """
        stem, suffix = split_suffix(path)
        folder, _, name = stem.rpartition("/")
        if fold(name) != "index":
            return None
        is_served = suffix in ("", ".html", ".htm")
        if not is_served and not self.systems.site_of(source_path).serves_readme_as_index:
            return None
        pages = self._find("folder page", folder)
        return min(pages, key=self._index_rank) if pages else None

    def find_folded_path(self, path: str) -> int | None:
        """Find the only document whose path differs from this one in case or composition."""
        folded = fold(path)
        stem, suffix = split_suffix(folded)
        candidates = (
            self._find("folded path", folded)
            or self._find("folded stem", folded)
            or (self._find("folded stem", stem) if suffix else [])
        )
        return candidates[0] if len(candidates) == 1 else None

    def find_routed(self, path: str) -> list[int]:
        """Return the documents that a site serves at this path, though their files have another."""
        folded = fold(path)
        stem, suffix = split_suffix(folded)
        found = self._find("route", folded) or self._find("route", stem)
        if suffix in ("", ".html", ".htm"):
            return list(found)
        # An address that names a source means that file, not the folder of its name.
        return [number for number in found if not self._is_page_of_folder(number, stem)]

    def _is_page_of_folder(self, number: int, folded: str) -> bool:
        path = self.targets[number].path
        folder, _, name = split_suffix(path)[0].rpartition("/")
        own = (folder, self.systems.served_path(path, folder))
        return fold(name) in INDEX_NAMES and folded in map(fold, own)

    def find_page(self, source_path: str, name: str) -> list[int]:
        """Return the documents of a page's name, as the system of the linking document spells it.

        Args:
            source_path: The linking document; only pages of its own site are found.
            name: The name as a wiki link has it.

        Returns:
            Their numbers; none where the system knows pages by their files alone.
        """
        site = self.systems.site_of(source_path)
        spellings = (system.page_name(name) for system in site.systems if system.page_name)
        numbers = (number for name in spellings for number in self._find("page name", name))
        return self.within(site, dict.fromkeys(numbers))

    def find_posts(self, source_path: str, address: str) -> list[int]:
        """Return the posts that an address may mean: those of its name and date.

        Args:
            source_path: The linking document.
            address: Without suffix.

        Returns:
            Their numbers. One without a date means a post of the same site, if its posts are served
            so.
        """
        post = post_of_address(address)
        if post is None:
            return []
        site = self.systems.site_of(source_path)
        numbers = [
            number
            for number in self._find("post", fold(post.name))
            for file in [post_of_file(split_suffix(self.targets[number].path)[0])]
            if file is not None and post.matches(file)
        ]
        if post.is_dated():
            return self.within(site, numbers) or numbers
        return self.within(site, numbers) if site.serves_posts_undated else []

    def nearest(self, source_path: str, numbers: Sequence[int]) -> int:
        """Return the document that is nearest to another one; of equals the first by path."""
        folder = source_path.rpartition("/")[0]

        def distance(number: int) -> tuple[bool, bool, int, str]:
            path = self.targets[number].path
            return path.rpartition("/")[0] != folder, "/" in path, path.count("/"), path

        return min(numbers, key=distance)

    def in_same_language(self, source_path: str, numbers: Sequence[int]) -> list[int]:
        """Return those of some documents that are in the language of a linking one, if any are."""
        by_path = {self.targets[number].path: number for number in numbers}
        return [by_path[path] for path in in_same_language(source_path, list(by_path))]

    def within(self, site: Site, numbers: Iterable[int]) -> list[int]:
        """Return those of some documents that belong to a site."""
        return [n for n in numbers if self.systems.site_of(self.targets[n].path) == site]

    def find_matching(self, pattern: str) -> list[int]:
        """Return the documents whose path without suffix matches a pattern.

        Args:
            pattern: ``*`` and ``?`` match no slash, unless the pattern has a ``**``.

        Returns:
            Their numbers, by path.
        """
        # fnmatch's expressions take linear time whatever the pattern, but know nothing of slashes.
        whole = re.compile(fnmatch.translate(pattern))
        parts = [re.compile(fnmatch.translate(part)) for part in pattern.split("/")]
        self.asked.add(name_key(ANY_PAGE))
        numbers: list[int] = []
        for number in self._beginning_with(_MAGIC.split(pattern, maxsplit=1)[0]):
            stem = split_suffix(self.targets[number].path)[0]
            if whole.match(stem) is None:
                continue
            names = stem.split("/")
            if "**" in pattern or (
                len(names) == len(parts)
                and all(part.match(name) for part, name in zip(parts, names, strict=True))
            ):
                numbers.append(number)
        return numbers

    def has_sites(self) -> bool:
        """Return whether any folder is that of a site."""
        self.asked.add(name_key(ANY_SITE))
        return bool(self.systems.sites)

    def _beginning_with(self, start: str) -> Iterator[int]:
        """Yield the documents whose paths begin with a text, by path."""
        if self._by_path is None:
            self._by_path = sorted((target.path, n) for n, target in enumerate(self.targets))
        for path, number in islice(self._by_path, bisect_left(self._by_path, (start,)), None):
            if not path.startswith(start):
                return
            yield number

    def find_headed(self, heading: str) -> list[int]:
        """Return the documents with a section of this heading, or of this heading's slug."""
        slug = heading_slug(heading)
        return self._find_spelled("heading", slug, label_spelling(heading)) if slug else []

    def find_named(self, name: str) -> list[int]:
        """Return the documents whose path ends in this note name, with or without suffix.

        Those in its very case, if there are any.
        """
        spelled = compose(name).strip("/")
        last = spelled.rpartition("/")[2]
        candidates = self._find_spelled("name", fold(last), last)
        if "/" not in spelled:
            return candidates
        return self._ending_in(spelled, compose, candidates) or self._ending_in(
            fold(spelled), fold, self._find("name", fold(last))
        )

    def find_including(self, name: str) -> list[int]:
        """Return the documents that include a file of this name, see ``included_name``."""
        return list(self._find("included", name))

    def ask_includes(self, path: str) -> None:
        """Note that what is looked up depends on which files a document includes."""
        self.asked.add(name_key(includes_name(path)))

    def find_titled(self, title: str) -> list[int]:
        """Return the documents with this title or alias; those in its very case, if any."""
        return self._find_spelled("title", fold(title), compose(title))

    def find_labelled(self, label: str) -> list[int]:
        """Return the documents that define this label; those in its very case, if any."""
        return self._find_spelled("label", label_key(label), label_spelling(label))

    def is_nearly_labelled(self, label: str) -> bool:
        """Tell whether a document defines a label that differs from this one by one character."""
        key = label_key(label)
        numbers = [
            number
            for length in (len(key) - 1, len(key), len(key) + 1)
            for name in near_labels(key, length)
            for number in self._find("near label", name)
        ]
        return any(
            differs_by_one(key, label_key(other))
            for number in dict.fromkeys(numbers)
            for other in self.targets[number].labels
        )

    def is_other_file(self, path: str) -> bool:
        """Tell whether a path is that of a folder or of a file that is not a document."""
        folded = fold(path)
        if self._find("folder", path) or self._is_other("other", folded):
            return True
        folder, slash, name = folded.rpartition("/")
        if self._is_other("begun", folder) and any(
            self._is_other("other", f"{folder}{slash}{name[:count]}*")
            for count in range(1, len(name) + 1)
        ):
            return True
        path = folded
        while folded:
            if self._is_other("other", f"{folded}/"):
                return True
            if folded != path and self._is_made_folder(folded):
                return True
            folded = folded.rpartition("/")[0]
        return False

    def _is_made_folder(self, folded: str) -> bool:
        """Tell whether nothing of a folder is here because a build makes all beside it."""
        above = folded.rpartition("/")[0]
        if not self._is_other("other", f"{above}/*"):
            return False
        return not (self._find("folder", folded) or self._find("folded stem", folded))

    def is_other_folder(self, path: str) -> bool:
        """Tell whether a path is that of a folder with files that are not documents."""
        return self._is_other("other folder", fold(path))

    def is_folder(self, path: str) -> bool:
        """Tell whether a path is that of a folder with documents."""
        return bool(self._find("folder", path))

    def has_index_alone(self, path: str) -> bool:
        """Tell whether the documents below a folder are all pages of a folder, its index."""
        numbers = self._find("folder", path) if path else []
        return 0 < len(numbers) <= _MOST_INDEXES and all(
            fold(split_suffix(self.targets[n].path)[0].rpartition("/")[2]) in INDEX_NAMES
            for n in numbers
        )

    def is_other_name(self, name: str) -> bool:
        """Tell whether a file that is not a document has this name, in any folder."""
        return self._is_other("other name", fold(name).rpartition("/")[2])

    def has_made_places(self, number: int) -> bool:
        """Tell whether a document has places that its tool makes, so that any may be there."""
        target = self.targets[number]
        key = anchor_key(ANY_PLACE)
        self.asked.add(place_key(target.path, key))
        if target.anchors.find(key) is not None:
            return True
        if self.systems.may_have_made_places(target.path):
            self.ask_includes(target.path)
            return True
        templates = filter(None, map(templates_of, target.labels))
        self.ask_includes(target.path)
        return any(self.find_labelled(template) for template in templates)

    def find_section(self, number: int, fragment: str) -> int | None:
        """Find the section of a document that a fragment points to.

        Args:
            number: The document.
            fragment: What follows ``#``: an anchor, a heading, a block id.

        Returns:
            The section's index in the document, or None.
        """
        target = self.targets[number]
        systems = self.systems.of(target.path)
        rules = dict.fromkeys(rule for system in systems for rule in system.anchor_rules)
        for spelling in spellings_of(fragment):
            for name in (*(qualified(rule, spelling) for rule in rules), spelling):
                key = anchor_key(name)
                self.asked.add(place_key(target.path, key))
                section = target.anchors.find(key)
                if section is not None:
                    return section
        return None

    def _index_rank(self, number: int) -> tuple[int, int, int]:
        stem, suffix = split_suffix(self.targets[number].path)
        bare = fold(stem.rpartition("/")[2])
        return INDEX_NAMES.index(bare), suffix_rank(suffix), number

    def _preferred(self, candidates: list[int], source_suffix: str) -> int:
        def rank(number: int) -> tuple[bool, int, str]:
            path = self.targets[number].path
            suffix = split_suffix(path)[1]
            return suffix != source_suffix, suffix_rank(suffix), path

        return min(candidates, key=rank)

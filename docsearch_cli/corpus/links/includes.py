"""Files that are part of other documents.

The headings of an included file are places of the page, and an address in it may be meant from the
page's folder. Everything that is looked up here is added to what the links of the document at hand
depend on, so an index knows which pages a change of an included file concerns.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from typing import NamedTuple

from docsearch_cli.corpus.formats.suffixes import split_suffix
from docsearch_cli.corpus.links.names import Target, included_name
from docsearch_cli.corpus.links.targets import TargetIndex

# A page with more is a hostile one, or a ring of files that include each other in many ways.
_MOST_FILES = 500
# A file that very many pages include has no links that depend on where it is included.
_MOST_PAGES = 20


class _Parts(NamedTuple):
    """The files that one document itself includes."""

    numbers: tuple[int, ...]
    is_whole: bool
    """Whether all pages that it includes are in the corpus."""
    asked: frozenset[int]
    """What was looked up to find them."""


class Includes:
    """Knows which documents include which.

    Args:
        index: The documents.
        find: Finds the document that an address of an inclusion means, given the including one.
    """

    def __init__(self, index: TargetIndex, find: Callable[[Target, str], int | None]) -> None:
        self._index = index
        self._find = find
        self._included: dict[int, _Parts] = {}

    def has_place(self, number: int, fragment: str) -> bool:
        """Tell whether a document may have a place that is not in its own text.

        Args:
            number: The document.
            fragment: The place, as ``TargetIndex.find_section`` takes it.

        Returns:
            True if a file that it includes has it, if one of these is not in the corpus, or if a
            tool makes places in one.
        """
        return self._has_unknown_places(number) or any(
            self._index.find_section(part, fragment) is not None or self._has_unknown_places(part)
            for part in self.parts_of(number)
        )

    def _has_unknown_places(self, number: int) -> bool:
        return self._index.has_made_places(number) or not self._parts(number).is_whole

    def parts_of(self, number: int) -> Iterator[int]:
        """Yield all files that a document includes, also by way of others, the nearest first."""
        seen = {number}
        waiting = deque(self._parts(number).numbers)
        while waiting and len(seen) < _MOST_FILES:
            part = waiting.popleft()
            if part not in seen:
                seen.add(part)
                yield part
                waiting.extend(self._parts(part).numbers)

    def pages_of(self, number: int) -> Iterator[int]:
        """Yield the documents that include a document, also by way of others."""
        seen = {number}
        waiting = deque([number])
        while waiting and len(seen) <= _MOST_PAGES:
            part = waiting.popleft()
            name = included_name(self._index.targets[part].path)
            for page in islice(self._index.find_including(name), _MOST_PAGES):
                if page not in seen and part in self._parts(page).numbers:
                    seen.add(page)
                    yield page
                    waiting.append(page)

    def _parts(self, number: int) -> _Parts:
        """Return the files that a document itself includes."""
        parts = self._included.get(number)
        if parts is None:
            asked_before, self._index.asked = self._index.asked, set()
            document = self._index.targets[number]
            self._index.ask_includes(document.path)
            found = [(self._find(document, address), address) for address in document.includes]
            parts = self._included[number] = _Parts(
                tuple(dict.fromkeys(part for part, _ in found if part is not None)),
                not any(part is None and _is_page(address) for part, address in found),
                frozenset(self._index.asked),
            )
            self._index.asked = asked_before
        self._index.asked |= parts.asked
        return parts


def _is_page(address: str) -> bool:
    """Tell whether an included file is one with headings, rather than the listing of a program."""
    return split_suffix(address)[1] != ""

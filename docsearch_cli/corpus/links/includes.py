"""Files that are part of other documents.

The headings of an included file are places of the page, and an address in it may be meant from the
page's folder. Everything that is looked up here is added to what the links of the document at hand
depend on, so an index knows which pages a change of an included file concerns.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice

from docsearch_cli.corpus.links.names import Target, included_name
from docsearch_cli.corpus.links.targets import TargetIndex

# A page with more is a hostile one, or a ring of files that include each other in many ways.
_MOST_FILES = 500
# A file that very many pages include has no links that depend on where it is included.
_MOST_PAGES = 20


class Includes:
    """Knows which documents include which.

    Args:
        index: The documents.
        find: Finds the document that an address of an inclusion means, given the including one.
    """

    def __init__(self, index: TargetIndex, find: Callable[[Target, str], int | None]) -> None:
        self._index = index
        self._find = find
        self._included: dict[int, tuple[tuple[int, ...], frozenset[int]]] = {}

    def has_place(self, number: int, fragment: str) -> bool:
        """Tell whether a document may have a place that is not in its own text.

        Args:
            number: The document.
            fragment: The place, as ``TargetIndex.find_section`` takes it.

        Returns:
            True if a file that it includes has it, or if its tool makes places.
        """
        return self._index.has_made_places(number) or any(
            self._index.find_section(part, fragment) is not None
            or self._index.has_made_places(part)
            for part in self.parts_of(number)
        )

    def parts_of(self, number: int) -> Iterator[int]:
        """Yield all files that a document includes, also by way of others, the nearest first."""
        seen = {number}
        waiting = deque(self._included_in(number))
        while waiting and len(seen) < _MOST_FILES:
            part = waiting.popleft()
            if part not in seen:
                seen.add(part)
                yield part
                waiting.extend(self._included_in(part))

    def pages_of(self, number: int) -> Iterator[int]:
        """Yield the documents that include a document, also by way of others."""
        seen = {number}
        waiting = deque([number])
        while waiting and len(seen) <= _MOST_PAGES:
            part = waiting.popleft()
            name = included_name(self._index.targets[part].path)
            for page in islice(self._index.find_including(name), _MOST_PAGES):
                if page not in seen and part in self._included_in(page):
                    seen.add(page)
                    yield page
                    waiting.append(page)

    def _included_in(self, number: int) -> tuple[int, ...]:
        known = self._included.get(number)
        if known is None:
            asked_before, self._index.asked = self._index.asked, set()
            document = self._index.targets[number]
            self._index.ask_includes(document.path)
            found = (self._find(document, address) for address in document.includes)
            numbers = tuple(dict.fromkeys(part for part in found if part is not None))
            known = self._included[number] = numbers, frozenset(self._index.asked)
            self._index.asked = asked_before
        self._index.asked |= known[1]
        return known[0]

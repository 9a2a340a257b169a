"""Anchors: the places in a document that a link can point to.

There are many of them, and they are looked up one at a time, so each is stored as two numbers: a
checksum of its spelling, and the section that it stands for.
"""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.corpus.naming import fold, heading_slug, label_key
from docsearch_cli.models import Section

# In front of the anchors in a page of GitHub's.
_GITHUB_PREFIX = "user-content-"


@dataclass(frozen=True, slots=True)
class AnchorTable:
    """Anchors of one document.

    Shapes:
        keys: (n_anchors,) uint32, ascending.
        sections: (n_anchors,) int32, index of a section in the document.
    """

    keys: NDArray[np.uint32]
    sections: NDArray[np.int32]

    @classmethod
    def of(cls, sections: tuple[Section, ...]) -> AnchorTable:
        """Return the anchors of a document's sections; of equal ones the first counts.

        A spelling as written precedes one that differs in case, and a heading's slug.
        """
        found: dict[int, int] = {}
        for index, section in enumerate(sections):
            for anchor in section.anchors:
                found.setdefault(anchor_key(anchor), index)
        for index, section in enumerate(sections):
            for anchor in section.anchors:
                if (folded := fold(anchor)) != anchor:
                    found.setdefault(anchor_key(folded), index)
            if (slug := heading_slug(section.heading)) not in section.anchors:
                found.setdefault(anchor_key(slug), index)
        keys = sorted(found)
        return cls(np.array(keys, np.uint32), np.array([found[key] for key in keys], np.int32))

    def find(self, key: int) -> int | None:
        """Return the section that an anchor stands for, given its key."""
        place = int(np.searchsorted(self.keys, key))
        if place < len(self.keys) and int(self.keys[place]) == key:
            return int(self.sections[place])
        return None


def spellings_of(fragment: str) -> tuple[str, ...]:
    """Return the anchors that a link's fragment may mean, as written first."""
    fragment = fragment.removeprefix(_GITHUB_PREFIX)
    spellings = (fragment, fold(fragment), heading_slug(fragment), label_key(fragment))
    return tuple(dict.fromkeys(spelling for spelling in spellings if spelling))


def anchor_key(spelling: str) -> int:
    """Return the number that an anchor is kept as."""
    return crc32(spelling.encode("utf-8", "surrogatepass"))


def place_key(path: str, anchor: int) -> int:
    """Return the number that an anchor of one document is kept as, given the anchor's own."""
    return crc32(anchor.to_bytes(4, "big"), crc32(path.encode("utf-8", "surrogatepass")))

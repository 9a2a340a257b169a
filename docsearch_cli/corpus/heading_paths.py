"""Heading paths: the headings that a section stands below.

A section inherits what the headings above its own one say: ``Fixed`` below ``2.3.0`` is about that
version. Kept is, for each section, how many sections before it the nearest heading above it stands:
one small number, which stays true when the sections of a document are copied as a block.
"""

from __future__ import annotations

from collections.abc import Sequence

from docsearch_cli.models import Section


def distances_above(sections: Sequence[Section]) -> list[int]:
    """Return how far before each section the section stands whose heading is above its own.

    Args:
        sections: Sections of one document, in order; the pieces of a long one have one level.

    Returns:
        A number of sections each; 0 for one that stands below no other heading.
    """
    opened: list[tuple[int, int]] = []  # level and place of each heading that is still open
    distances = []
    for place, section in enumerate(sections):
        while opened and opened[-1][0] >= section.level:
            opened.pop()
        distances.append(place - opened[-1][1] if opened else 0)
        if section.level:
            opened.append((section.level, place))
    return distances

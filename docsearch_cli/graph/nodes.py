"""Nodes: what one agent opens.

A document is one node, unless it is too long to be judged at once (a book, a reference page of a
hundred thousand words): then it is cut between sections into parts, each a node of its own. A
node's id is its document's path, with ``//`` and the part's number from the second part on, so ids
survive re-indexing and edits elsewhere; no path holds a double slash.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# About sixteen times what one agent may read: its best sections are still a fair sample.
NODE_WORDS = 12_000


@dataclass(frozen=True, slots=True)
class Node:
    """A run of consecutive sections of one document."""

    id: str
    document: int
    """Row of its document."""
    part: int
    """0 for the first or only part."""
    first_section: int
    """Row of its first section."""
    end_section: int
    """Row after its last section; equal to ``first_section`` for an empty document."""


def node_id(path: str, part: int) -> str:
    """Return the id of a document's part."""
    return path if part == 0 else f"{path}//{part + 1}"


def split_node_id(node: str) -> tuple[str, int]:
    """Return the path and the part that an id stands for."""
    path, _, part = node.partition("//")
    return path, max(0, int(part) - 1) if part.isascii() and part.isdigit() else 0


def cut_into_nodes(
    path: str, document: int, first_section: int, section_words: Sequence[int]
) -> list[Node]:
    """Cut one document into nodes of at most ``NODE_WORDS`` words, a section never torn.

    Args:
        path: The document's path.
        document: Its row.
        first_section: Row of its first section.
        section_words: Words in each of its sections, in order.

    Returns:
        At least one node.
    """
    starts = [0]
    words = 0
    for position, count in enumerate(section_words):
        if words and words + count > NODE_WORDS:
            starts.append(position)
            words = 0
        words += count
    ends = [*starts[1:], len(section_words)]
    return [
        Node(node_id(path, part), document, part, first_section + start, first_section + end)
        for part, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]

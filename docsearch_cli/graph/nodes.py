"""Nodes: what one agent opens.

A document is one node, unless it is too long to be judged at once (a book, a reference page of a
hundred thousand words): then it is cut between sections into parts, each a node of its own. A
node's id is its document's path, with ``//`` and the part's number from the second part on, so ids
survive re-indexing and edits elsewhere; no path holds a double slash.
"""

from __future__ import annotations

from collections.abc import Sequence

# About sixteen times what one agent may read: its best sections are still a fair sample.
NODE_WORDS = 12_000


def node_id(path: str, part: int) -> str:
    """Return the id of a document's part."""
    return path if part == 0 else f"{path}//{part + 1}"


def split_node_id(node: str) -> tuple[str, int]:
    """Return the path and the part that an id stands for."""
    path, _, part = node.partition("//")
    return path, max(0, int(part) - 1) if part.isascii() and part.isdigit() else 0


def first_sections(section_words: Sequence[int]) -> list[int]:
    """Cut one document into nodes of at most ``NODE_WORDS`` words, a section never torn.

    Args:
        section_words: Words in each of its sections, in order.

    Returns:
        Index of the first section of each node; at least one node.
    """
    starts = [0]
    words = 0
    for position, count in enumerate(section_words):
        if words and words + count > NODE_WORDS:
            starts.append(position)
            words = 0
        words += count
    return starts

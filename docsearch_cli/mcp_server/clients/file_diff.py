"""A unified diff of one place in a file, in time that a hostile file cannot stretch.

An edit touches one place. So what is the same before and after it is found by comparing lines from
both ends, and the lines between are matched only where they are few.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import takewhile

_CONTEXT_LINES = 3
# Matching takes the cube of this at worst; more lines are shown as taken away and added.
_MOST_MATCHED_LINES = 100


def unified_diff(old: Sequence[str], new: Sequence[str], old_name: str, new_name: str) -> list[str]:
    """Return what changed between two files, as one hunk.

    Args:
        old: The lines before, without their ends.
        new: The lines after.
        old_name: What the file is called before.
        new_name: What it is called after.

    Returns:
        The lines of the diff; none if no line has changed.
    """
    if old == new:
        return []
    head = _count_same(old, new)
    tail = _count_same(
        old[: head - 1 if head else None : -1], new[: head - 1 if head else None : -1]
    )
    first = max(0, head - _CONTEXT_LINES)
    after = min(tail, _CONTEXT_LINES)
    rows = [
        *(f" {line}" for line in old[first:head]),
        *_matched(old[head : len(old) - tail], new[head : len(new) - tail]),
        *(f" {line}" for line in old[len(old) - tail : len(old) - tail + after]),
    ]
    ranges = (_range(first, len(lines) - tail + after - first) for lines in (old, new))
    return [f"--- {old_name}", f"+++ {new_name}", "@@ -{} +{} @@".format(*ranges), *rows]


def _count_same(old: Sequence[str], new: Sequence[str]) -> int:
    """Return how many lines are the same from the beginning on."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))


def _matched(old: Sequence[str], new: Sequence[str]) -> list[str]:
    if max(len(old), len(new)) > _MOST_MATCHED_LINES:
        return [*(f"-{line}" for line in old), *(f"+{line}" for line in new)]
    rows = []
    for kind, start, end, new_start, new_end in SequenceMatcher(None, old, new).get_opcodes():
        if kind == "equal":
            rows += [f" {line}" for line in old[start:end]]
        else:
            rows += [f"-{line}" for line in old[start:end]]
            rows += [f"+{line}" for line in new[new_start:new_end]]
    return rows


def _range(first: int, count: int) -> str:
    """Return lines as a diff has them: counted from 1, and from 0 where there are none."""
    return f"{first + 1 if count else first},{count}"

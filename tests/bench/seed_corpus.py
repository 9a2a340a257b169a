"""The seed of a grown corpus: the sections of real documents, and what in them is made anew.

The text lies in one file that is mapped; what is held in memory are numbers and titles.
"""

from __future__ import annotations

import math
import mmap
import posixpath
import re
import tempfile
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote_to_bytes

from tests.bench.harness import set_is_here, unpacked

SEED_SET = "aws-full"
# Words of a section: as many as one entry of an index holds. A longer one is counted as several.
_SECTION_WORDS = 250
_CHARS_PER_WORD = 10
_FENCE = re.compile(rb" {0,3}(```+|~~~+)")
_FRONT_MATTER = re.compile(rb"---\r?\n.*?\n---\r?\n", re.DOTALL)
_ANCHOR = re.compile(rb"<a\b[^>]*>\s*(?:</a>)?")
_WORD = re.compile(rb"[A-Za-z0-9_\x80-\xff]+")
HEADING = re.compile(rb"(#{1,6})[ \t]+(.*)")
LINK = re.compile(rb"\[((?:[^\[\]\\]|\\.){1,300})\]\(([^)\s#]+\.md)(?:#[^)\s]*)?\)")
TITLE_MARKUP = re.compile(rb"[\\`*]|\[|\]\([^)]*\)")
FRESH = -1
"""Instead of the document that a link leads to: a word of its own."""


class GrowError(Exception):
    """A corpus cannot be grown; the message says why."""


def longs() -> array[int]:
    """Return an empty array of numbers."""
    return array("q")


@dataclass(slots=True)
class Seed:
    """The sections of a folder of real documents, and what in them must be made anew."""

    text: mmap.mmap
    """Every document, one after the other."""
    titles: list[bytes] = field(default_factory=list)
    paths: list[bytes] = field(default_factory=list)
    first: array[int] = field(default_factory=longs)
    """By document: its first section; one more at the end."""
    starts: array[int] = field(default_factory=longs)
    """By section: where it begins; one more at the end."""
    counts: array[int] = field(default_factory=longs)
    """By section: as how many sections it counts."""
    edit_starts: array[int] = field(default_factory=longs)
    """By edit, in order: where what is made anew begins."""
    edit_ends: array[int] = field(default_factory=longs)
    edit_targets: array[int] = field(default_factory=longs)
    """The document that a link leads to, or ``FRESH``: a word of its own."""
    edit_sources: array[int] = field(default_factory=longs)
    """The document that it stands in."""

    def section(self, number: int) -> bytes:
        """Return a section's text."""
        return self.text[self.starts[number] : self.starts[number + 1]]


def seed_folder() -> Path | None:
    """Return the default folder to draw from; None, and a reason printed, if it is not here."""
    return unpacked(SEED_SET) / "docs" if set_is_here(SEED_SET) else None


def read_seed(folder: Path) -> Seed:
    """Read a folder's Markdown.

    Args:
        folder: The seed folder.

    Returns:
        Its sections, on a file without a name that is gone with them.

    Raises:
        GrowError: If there is too little to draw from.
    """
    paths = sorted(path for path in folder.rglob("*.md") if path.is_file())
    with tempfile.TemporaryFile() as file:
        words: Counter[bytes] = Counter()
        read: list[tuple[bytes, list[int], list[int], bytes]] = []
        for path in paths:
            text = path.read_bytes()
            text = text[found.end() :] if (found := _FRONT_MATTER.match(text)) else text
            if not text.strip():
                continue
            text = text.rstrip() + b"\n\n"
            words.update(_WORD.findall(text))
            starts = list(_section_starts(text))
            bodies = [text[start:end] for start, end in pairwise([*starts, len(text)])]
            name = path.relative_to(folder).as_posix().encode("utf-8", "surrogateescape")
            read.append((name, starts, [_count(body) for body in bodies], _title_of(bodies[0])))
            starts[:] = [file.tell() + start for start in starts]
            file.write(text)
        if sum(len(starts) - 1 for _, starts, _, _ in read) < 1:
            raise GrowError(f"{folder} holds no Markdown of two sections to draw from")
        file.flush()
        seed = Seed(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    for name, starts, counts, title in read:
        seed.paths.append(name)
        seed.titles.append(title)
        seed.first.append(len(seed.starts))
        seed.starts.extend(starts)
        seed.counts.extend(counts)
    seed.first.append(len(seed.starts))
    seed.starts.append(len(seed.text))
    _find_edits(seed, {word for word, times in words.items() if times == 1 and word.isascii()})
    return seed


def _section_starts(text: bytes) -> Iterator[int]:
    """Yield where a document's sections begin: itself, and each heading but its title."""
    yield 0
    fence = b""
    place = 0
    is_title = True
    for line in text.splitlines(keepends=True):
        if found := _FENCE.match(line):
            mark = found[1]
            if not fence:
                fence = mark
            elif mark.startswith(fence):
                fence = b""
        elif not fence and HEADING.match(line):
            if not is_title:
                yield place
            is_title = False
        place += len(line)


def _count(text: bytes) -> int:
    words = max(len(text.split()), len(text) / _CHARS_PER_WORD)
    return math.ceil(words / _SECTION_WORDS)


def _title_of(text: bytes) -> bytes:
    found = re.search(rb"(?m)^#{1,6}[ \t]+(.*)", text)
    title = TITLE_MARKUP.sub(b"", _ANCHOR.sub(b"", found[1])).strip(b" #\t\r") if found else b""
    return b" ".join(title.split()) or b"Notes"


def _find_edits(seed: Seed, once: set[bytes]) -> None:
    """Find the links between documents, and the words that stand nowhere else."""
    document_at = {path: number for number, path in enumerate(seed.paths)}
    for number, path in enumerate(seed.paths):
        begin = seed.starts[seed.first[number]]
        text = seed.text[begin : seed.starts[seed.first[number + 1]]]
        edits: list[tuple[int, int, int]] = []
        for found in LINK.finditer(text):
            where = posixpath.join(posixpath.dirname(path), unquote_to_bytes(found[2]))
            target = document_at.get(posixpath.normpath(where))
            if target is not None:
                edits.append((found.start(), found.end(), target))
        linked = len(edits)
        if not once.isdisjoint(words := set(_WORD.findall(text))):
            alone = words & once
            edits += [
                (found.start(), found.end(), FRESH)
                for found in _WORD.finditer(text)
                if found[0] in alone
            ]
            if linked:
                edits.sort()
        past = 0
        for start, end, target in edits:
            # A word within a link goes with the link.
            if start >= past:
                seed.edit_starts.append(begin + start)
                seed.edit_ends.append(begin + end)
                seed.edit_targets.append(target)
                seed.edit_sources.append(number)
                past = end

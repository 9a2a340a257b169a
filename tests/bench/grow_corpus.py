"""A corpus of any size, grown from a folder of real documents.

    python -m tests.bench.grow_corpus OUT --sections 100000 [--seed 1] [--from FOLDER]

A grown document takes the place and the number of its sections from a real one and each section
from another. The documents of a folder draw from neighbours in the seed folder, so that a folder
keeps its subject, its words and the pages that everybody links to. What copying would spoil is made
anew:

- titles: the first half of one real title and the second half of another, none of them twice;
- links between documents: they lead to documents of the grown corpus, under their titles where the
  title was what stood there, so that a section has as many edges as in the seed. Links that are
  broken in the seed stay so;
- mentions: a title without a link, as often beside a link as on real pages;
- words that stand in the seed only once: each copy has another one of the same make. So new words
  keep coming as the corpus grows, at the rate of the seed.

The same folder, number of sections and seed give the same bytes.
"""

from __future__ import annotations

import argparse
import math
import posixpath
import random
import re
import sys
import time
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.harness import note
from tests.bench.seed_corpus import (
    FRESH,
    HEADING,
    LINK,
    SEED_SET,
    TITLE_MARKUP,
    GrowError,
    Seed,
    longs,
    read_seed,
    seed_folder,
)

MOST_FILES = 300
LEAST_FILES = 60
# Documents of the seed that one grown folder draws from: about the size of three guides.
_NEIGHBOURS = 400
# Mention edges for each link edge between the 2,809 pages of the AWS documentation: a third.
_LINKS_PER_MENTION = 3
_PARTS = re.compile(rb"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|_+")
_NOT_IN_NAMES = re.compile(rb"[^a-z0-9]+")
_CONSONANTS = b"bcdfghjklmnprstvz"
_VOWELS = b"aeiou"
# Syllables of a made-up name, so that a million documents have names of three or four.
_SYLLABLES = [bytes((c, v)) for c in _CONSONANTS for v in _VOWELS]
# No divisor in common with the number of names of four syllables: neighbours look unlike.
_STRIDE = 15_485_863
_NAMES = len(_SYLLABLES) ** 4


@dataclass(frozen=True, slots=True)
class Grown:
    """What was written."""

    documents: int
    sections: int
    bytes: int


@dataclass(slots=True)
class _Plan:
    """The grown corpus in numbers: which section of the seed stands where."""

    titles: list[bytes] = field(default_factory=list)
    first: array[int] = field(default_factory=longs)
    """By document: its first place in ``sections``; one more at the end."""
    sections: array[int] = field(default_factory=longs)
    folders: array[int] = field(default_factory=longs)
    """By folder: its first document; one more at the end."""
    count: int = 0


def grow(seed: Seed, out: Path, sections: int, number: int) -> Grown:
    """Write a corpus.

    Args:
        seed: What to draw from.
        out: Folder to make; it must not hold anything.
        sections: Sections to write; a last document may go over by its own.
        number: Of the random generator.

    Returns:
        What was written.

    Raises:
        GrowError: If the folder holds something.
    """
    if out.exists() and any(out.iterdir()):
        raise GrowError(f"{out} is not empty")
    draw = random.Random(number)
    plan = _plan(seed, sections, draw)
    writer = _Writer(seed, plan, draw)
    written = 0
    for folder in range(len(plan.folders) - 1):
        where = out / writer.folder_name(folder)
        where.mkdir(parents=True)
        for document in range(plan.folders[folder], plan.folders[folder + 1]):
            text = b"".join(writer.parts_of(document, folder))
            (where / writer.file_name(document)).write_bytes(text)
            written += len(text)
    return Grown(len(plan.titles), plan.count, written)


def _plan(seed: Seed, sections: int, draw: random.Random) -> _Plan:
    plan = _Plan()
    taken: set[bytes] = set()
    neighbours = min(_NEIGHBOURS, len(seed.titles))
    while plan.count < sections:
        plan.folders.append(len(plan.titles))
        begin = draw.randrange(len(seed.titles) - neighbours + 1)
        for _ in range(draw.randint(LEAST_FILES, MOST_FILES)):
            pick = [begin + draw.randrange(neighbours) for _ in range(4)]
            plan.first.append(len(plan.sections))
            plan.titles.append(
                _new_title(seed.titles[pick[0]], seed.titles[pick[1]], len(plan.titles), taken)
            )
            places = seed.first[pick[2] + 1] - seed.first[pick[2]]
            bodies = (_draw_body(seed, begin, neighbours, draw) for _ in range(places - 1))
            chosen = [seed.first[pick[3]], *bodies]
            plan.sections.extend(chosen)
            plan.count += sum(seed.counts[section] for section in chosen)
            if plan.count >= sections:
                break
    plan.folders.append(len(plan.titles))
    plan.first.append(len(plan.sections))
    return plan


def _draw_body(seed: Seed, begin: int, neighbours: int, draw: random.Random) -> int:
    """Return a section that is no document's first, of a neighbour if one has any."""
    low, high = seed.first[begin], seed.first[begin + neighbours]
    if high - low == neighbours:
        low, high = 0, len(seed.counts)
    while True:
        section = low + draw.randrange(high - low)
        place = bisect_left(seed.first, section)
        if seed.first[place] != section:
            return section


def _new_title(one: bytes, other: bytes, number: int, taken: set[bytes]) -> bytes:
    """Return the first half of a title and the second of another, told apart by a name if taken."""
    left, right = one.split(), other.split()
    if len(left) == 1:
        title = _recombine(one, other.split()[-1])
    else:
        title = b" ".join(left[: math.ceil(len(left) / 2)] + right[len(right) // 2 :])
    if title.lower() in taken:
        title += b" " + _name(number).capitalize()
    taken.add(title.lower())
    return title


def _name(number: int) -> bytes:
    """Return a made-up name: another one for each number."""
    rest = (number * _STRIDE + 1) % _NAMES
    syllables = []
    for _ in range(4):
        rest, syllable = divmod(rest, len(_SYLLABLES))
        syllables.append(_SYLLABLES[syllable])
    return b"".join(syllables)


def _recombine(one: bytes, other: bytes) -> bytes:
    """Return the first half of an identifier and the second of another."""
    left, right = _PARTS.findall(one), _PARTS.findall(other)
    return b"".join(left[: math.ceil(len(left) / 2)] + right[len(right) // 2 :]) or one


class _Writer:
    """Puts the documents of a plan into words."""

    def __init__(self, seed: Seed, plan: _Plan, draw: random.Random) -> None:
        self._seed = seed
        self._plan = plan
        self._draw = draw
        self._links = 0
        self._last_word = b"word"

    def folder_name(self, folder: int) -> str:
        """Return a folder's name."""
        return f"{_name(folder).decode()}-guide-{folder}"

    def file_name(self, document: int) -> str:
        """Return a document's file name."""
        slug = _NOT_IN_NAMES.sub(b"-", self._plan.titles[document].lower()).strip(b"-")
        return f"{slug.decode()[:60]}-{document}.md"

    def parts_of(self, document: int, folder: int) -> Iterator[bytes]:
        """Yield a document's text.

        Args:
            document: Its number.
            folder: The folder that it stands in.

        Yields:
            Its title, then pieces of its sections.
        """
        yield b"# " + self._plan.titles[document] + b"\n\n"
        places = range(self._plan.first[document], self._plan.first[document + 1])
        for place in places:
            section = self._plan.sections[place]
            start, end = self._seed.starts[section], self._seed.starts[section + 1]
            if place == places.start:
                start += self._length_of_title(section)
            yield from self._rewritten(start, end, document, folder)

    def _length_of_title(self, section: int) -> int:
        text = self._seed.section(section).split(b"\n", 1)
        return len(text[0]) + 1 if HEADING.match(text[0]) else 0

    def _rewritten(self, start: int, end: int, document: int, folder: int) -> Iterator[bytes]:
        seed = self._seed
        edit = bisect_left(seed.edit_starts, start)
        while edit < len(seed.edit_starts) and seed.edit_ends[edit] <= end:
            yield seed.text[start : seed.edit_starts[edit]]
            start = seed.edit_ends[edit]
            old = seed.text[seed.edit_starts[edit] : start]
            if seed.edit_targets[edit] == FRESH:
                yield self._fresh_word(old)
            else:
                yield from self._link(old, edit, document, folder)
            edit += 1
        yield seed.text[start:end]

    def _link(self, old: bytes, edit: int, document: int, folder: int) -> Iterator[bytes]:
        seed, plan = self._seed, self._plan
        target = seed.edit_targets[edit]
        path = seed.paths[target]
        into = folder
        if posixpath.dirname(path) != posixpath.dirname(seed.paths[seed.edit_sources[edit]]):
            into = self._draw.randrange(len(plan.folders) - 1)
        first, size = plan.folders[into], plan.folders[into + 1] - plan.folders[into]
        # By its name, so that what many pages of the seed link to is linked to by many here.
        place = zlib.crc32(path) % size
        if first + place == document:
            place = (place + 1) % size
        found = LINK.match(old)
        words = found[1] if found else old
        if TITLE_MARKUP.sub(b"", words).lower() == seed.titles[target].lower():
            words = plan.titles[first + place]
        where = self.file_name(first + place)
        if into != folder:
            where = f"../{self.folder_name(into)}/{where}"
        yield b"[" + words + b"](" + where.encode() + b")"
        self._links += 1
        if self._links % _LINKS_PER_MENTION == 0:
            yield b" and " + plan.titles[first + self._draw.randrange(size)]

    def _fresh_word(self, old: bytes) -> bytes:
        """Return a word of the same make: of known parts, of digits, or one that can be spoken."""
        draw = self._draw
        parts = _PARTS.findall(old)
        if any(48 <= byte <= 57 for byte in old):
            return bytes(_like(byte, draw) for byte in old)
        if len(parts) > 1 and max(map(len, parts)) > 2:
            fresh = _recombine(old, self._last_word)
            self._last_word = old
            return fresh
        spoken = bytes(
            draw.choice(_VOWELS if place % 2 else _CONSONANTS) for place in range(len(old))
        )
        if old.isupper():
            return spoken.upper()
        return spoken.capitalize() if old[:1].isupper() else spoken


def _like(byte: int, draw: random.Random) -> int:
    """Return a random digit for a digit, a letter for a letter of its case, else the byte."""
    for low, high in ((48, 57), (65, 90), (97, 122)):
        if low <= byte <= high:
            return draw.randint(low, high)
    return byte


def main(words: Sequence[str] | None = None) -> int:
    """Grow a corpus and say what was written."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("out", type=Path, help="folder to make")
    parser.add_argument("--sections", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1, help="of the random generator (1)")
    parser.add_argument("--from", dest="source", type=Path, help=f"seed folder ({SEED_SET})")
    options = parser.parse_args(words)
    folder = options.source or seed_folder()
    if folder is None:
        return 0
    started = time.perf_counter()
    try:
        seed = read_seed(folder)
        note(f"{len(seed.titles):,} documents read in {time.perf_counter() - started:.1f} s")
        grown = grow(seed, options.out, options.sections, options.seed)
    except GrowError as error:
        print(error, file=sys.stderr)
        return 3
    print(
        f"{grown.documents:,} documents, {grown.sections:,} sections, {grown.bytes / 1e6:,.0f} MB "
        f"in {time.perf_counter() - started:.1f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Damaged and hostile documents, until the time is over: no reader raises, hangs or makes text up.

    python -m tests.bench.soak.soak_readers [FOLDER ...] [--minutes M] [--seed S]

Each round takes a real file (of ``corpora/`` and the folders given), damages it (bytes flipped, cut
out, doubled, moved; markup of any format put in; two files joined) and reads it as a file of any
format. What comes must be a document or a row of the ledger, within a time that grows with the
file; a document's sections must be the file's own lines, in order, and its plain text, sentences,
tokens and names must be made of them without an error. The first fault ends the soak; the file is
kept and named.
"""

from __future__ import annotations

import argparse
import random
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from types import FrameType

from docsearch_cli.corpus.formats.readers import read
from docsearch_cli.corpus.formats.table import TABLE, is_paged
from docsearch_cli.corpus.links.anchors import AnchorTable
from docsearch_cli.corpus.plain_text import plain_text, sentences
from docsearch_cli.corpus.walk.found_files import FoundFile
from docsearch_cli.corpus.walk.walk_roots import walk
from docsearch_cli.graph.entities import names_in
from docsearch_cli.models import Document, LedgerEntry
from docsearch_cli.retrieval.tokens import tokenize
from tests.bench.check_readers import section_faults
from tests.bench.harness import ROOT, note

MOST_BYTES = 100_000
# A tenth of a second a kilobyte, and a second: a file of the largest size takes a hundredth of it.
SECONDS_PER_KB = 0.1
# What means something to one format or another, or has broken a parser somewhere.
SCRAPS = (
    *(b"[[", b"]]", b"](", b"![", b"`", b"```\n", b"~~~", b"***", b"__", b"<!--", b"-->", b"---\n"),
    *(b"{{<", b">}}", b"{%", b"$$", b"\\", b"\n\n", b"\n> ", b"\n- ", b"\n1. ", b"\n# ", b"\n==\n"),
    *(b"<div", b"</p>", b"<a href='", b'"', b"<script>", b"]]>", b"<![CDATA[", b"&#xD800;", b"&a"),
    *(b".. _", b"::\n\n   ", b":ref:`", b"`__", b"|", b"+---+", b"\t", b"\r", b"\r\n", b"\x00"),
    *(b"\xff\xfe", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"\xf0\x9f\x98\x80", b"\xcc\x81", b"\x1b"),
    *(b"!!python/object:os.system", b"&a [*a,*a]", b"%PDF-1.7", b"endobj", b"stream\n", b'{"x":'),
    *(b"|===\n", b"[#id]", b"xref:", b"#+begin_src\n", b"* ", b":END:", b"+++\n", b"<<", b">>"),
)
# How ``read`` reports an exception that no reader means to raise.
ACCIDENT = re.compile(r"[A-Z]\w*: ")


class SlowError(Exception):
    """A file took too long."""


def on_alarm(_number: int, _frame: FrameType | None) -> None:
    """Turn the alarm into an exception."""
    raise SlowError("too slow")


def damage(draw: random.Random, data: bytes, other: bytes) -> bytes:
    """Return a file's bytes, changed in a few places."""
    changed = bytearray(data)
    for _ in range(draw.choice((1, 1, 2, 5, 20))):
        place = draw.randrange(len(changed) + 1)
        end = min(len(changed), place + draw.choice((1, 1, 10, 100, 1_000)))
        kind = draw.randrange(7)
        if kind == 0 and place < len(changed):
            changed[place] ^= 1 << draw.randrange(8)
        elif kind == 1:
            del changed[place:end]
        elif kind == 2:
            changed[place:place] = changed[place:end] * draw.choice((1, 2, 50))
        elif kind == 3:
            changed[place:place] = draw.choice(SCRAPS) * draw.choice((1, 1, 2, 30, 500))
        elif kind == 4:
            start = draw.randrange(len(other) + 1)
            changed[place:place] = other[start : start + draw.choice((10, 100, 5_000))]
        elif kind == 5:
            changed[place:end] = bytes(draw.randrange(256) for _ in range(end - place))
        else:
            moved = changed[place:end]
            del changed[place:end]
            target = draw.randrange(len(changed) + 1)
            changed[target:target] = moved
        del changed[MOST_BYTES:]
    return bytes(changed)


def faults_of(folder: Path, file: FoundFile) -> tuple[str, list[str]]:
    """Read one file.

    Args:
        folder: The root.
        file: The file.

    Returns:
        What became of it, and what is wrong with that.
    """
    outcome = read(file)
    if isinstance(outcome, LedgerEntry):
        is_accident = outcome.reason == "broken" and ACCIDENT.match(outcome.detail)
        return outcome.reason, [outcome.detail] if is_accident else []
    assert isinstance(outcome, Document)
    AnchorTable.of(outcome.sections)
    tokenize(outcome.title)
    for section in outcome.sections:
        plain = plain_text(section.text, outcome.markup)
        tokenize(plain)
        list(names_in(plain))
        for sentence in sentences(section.text, outcome.markup):
            assert section.text[sentence.start : sentence.end].strip(), "a sentence of nothing"
    return outcome.markup, [] if is_paged(outcome.markup) else section_faults(folder, outcome)


def main() -> None:
    """Damage and read until the time is over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, default=[])
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    draw = random.Random(options.seed)
    folders = [ROOT / "corpora", *options.folders]
    files = [entry for entry in walk(folders) if isinstance(entry, FoundFile)]
    files = [
        file for file in files if file.path.endswith(tuple(TABLE.by_suffix)) and file.size_bytes
    ]
    if not files:
        sys.exit("no documents to damage")
    signal.signal(signal.SIGALRM, on_alarm)
    until = time.monotonic() + 60 * options.minutes
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        while time.monotonic() < until:
            one, other = (draw.choice(files).file.read_bytes()[:MOST_BYTES] for _ in range(2))
            data = damage(draw, one, other)
            path = folder / f"file{draw.choice(sorted(TABLE.by_suffix))}"
            path.write_bytes(data)
            (found,) = (entry for entry in walk([folder]) if isinstance(entry, FoundFile))
            signal.setitimer(signal.ITIMER_REAL, 1 + SECONDS_PER_KB * len(data) / 1_000)
            try:
                outcome, faults = faults_of(folder, found)
            except Exception as error:
                outcome, faults = "raised", [f"{type(error).__name__}: {error}"]
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
            outcomes[outcome] += 1
            if faults:
                kept = Path(tempfile.mkdtemp()) / path.name
                kept.write_bytes(data)
                sys.exit(f"round {outcomes.total()}, {kept}: {'; '.join(faults[:3])}")
            path.unlink()
    note(f"{outcomes.total():,} files read: {dict(outcomes.most_common())}")


if __name__ == "__main__":
    main()

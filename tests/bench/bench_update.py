"""What a change costs: the whole command after edits of a large folder, beside a full build.

    python -m tests.bench.bench_update [--quick] [--runs N]

On a copy of the whole AWS documentation; ``--quick`` takes its 2,809 pages with questions. Each run
makes a change in other files than the runs before and indexes the same folder again. Whether the
command saw the change is told by what it counts; at the end it must count what it counts when the
same folder is built anew.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.bench.harness import (
    DOCSEARCH,
    note,
    run_process,
    save_results,
    scratch,
    set_is_here,
    show_machine,
    show_table,
    unpacked,
    verdict,
)

SET = "aws-full"
QUICK_SET = "aws-docs-qa"
FEW = 10
# A report of a tool of this kind: 276 of 5,000 files cost more than building anew.
MANY = 276
MANY_OF = 5_000
# Seconds on the whole set.
TARGETS = {"nothing changed": 2.0, f"{FEW} files edited": 4.0}
RANDOM_SEED = 1
_TITLE = re.compile(rb"(?m)^# (.*)$")


@dataclass(slots=True)
class Row:
    """One kind of change, made several times."""

    name: str
    seconds: list[float] = field(default_factory=list)
    rss_mib: float = 0.0
    """The most, all processes of the command together."""
    most_s: float | None = None
    """The target, if there is one."""

    @property
    def median(self) -> float:
        """Middle of the times, seconds."""
        return statistics.median(self.seconds)


class Folder:
    """A folder of documents that may be changed, and the index of it."""

    def __init__(self, documents: Path, home: Path) -> None:
        """Take a folder whose files are this bench's own."""
        self.documents = documents
        self.home = home
        self.faults: list[str] = []
        self.unchanged = False
        self._draw = random.Random(RANDOM_SEED)
        self._rest = sorted(documents.rglob("*.md"))
        self._draw.shuffle(self._rest)
        self._made = 0
        self._counts: dict[str, int] = {}

    def index(self, row: Row, *flags: str, changed: int | None = None) -> None:
        """Run the command and note what it took.

        Args:
            row: Where to note it.
            flags: More words of the command.
            changed: Documents gained or lost since the last time, which is checked; None for a
                first build.
        """
        words = [DOCSEARCH, "index", str(self.documents), "--index", str(self.home), "--json"]
        done = run_process([*words, *flags], whole_tree=True)
        row.seconds.append(done.seconds)
        row.rss_mib = max(row.rss_mib, done.rss_mib)
        data = json.loads(done.stdout)["data"]
        counts = {**data["counts"], **data["links"]}
        if changed is not None and counts["documents"] != self._counts["documents"] + changed:
            self.faults.append(
                f"{row.name}: {counts['documents']} documents, "
                f"not {self._counts['documents']} and {changed:+d}"
            )
        self.unchanged = bool(data["unchanged"])
        self._counts = counts

    def rebuild(self, row: Row) -> None:
        """Build anew, which must give what the index after changes has."""
        before = self._counts
        self.index(row, "--rebuild", changed=0)
        if self._counts != before:
            self.faults.append(f"{row.name}: counts {self._counts}, after changes {before}")

    def edit(self, count: int) -> int:
        """Add a sentence to so many files."""
        for path in self._take(count):
            self._replace(path, path.read_bytes() + b"\n\nEdited: see " + self._word() + b".\n")
        return 0

    def add(self, count: int) -> int:
        """Add so many files: like others, with a title of their own."""
        for path in self._take(count):
            title = b"# About " + self._word() + b"\n\n"
            path.with_name(f"added-{self._made}.md").write_bytes(title + path.read_bytes())
        return count

    def delete(self, count: int) -> int:
        """Delete so many files."""
        for path in self._take(count):
            path.unlink()
        return -count

    def rename(self, count: int) -> int:
        """Give so many files another name; links to them break."""
        for path in self._take(count):
            path.rename(path.with_name(f"renamed-{path.name}"))
        return 0

    def retitle(self, count: int) -> int:
        """Give so many documents another title; who names them by the old one does so no more."""
        done = 0
        while done < count:
            for path in self._take(1):
                text, found = _TITLE.subn(rb"# About " + self._word(), path.read_bytes(), count=1)
                if found:
                    self._replace(path, text)
                    done += 1
        return 0

    def nothing(self, count: int) -> int:
        """Change nothing."""
        return 0

    def _take(self, count: int) -> list[Path]:
        """Return files that nothing was done to so far."""
        taken, self._rest = self._rest[:count], self._rest[count:]
        if len(taken) < count:
            raise RuntimeError("too few files for so many runs")
        return taken

    def _replace(self, path: Path, text: bytes) -> None:
        """Write as editors do, to a new file that takes the old one's place."""
        aside = path.with_name(path.name + ".new")
        aside.write_bytes(text)
        aside.replace(path)

    def _word(self) -> bytes:
        self._made += 1
        return f"changeword{self._made}".encode()


def measure_changes(folder: Folder, runs: int) -> list[Row]:
    """Build, then make each kind of change several times.

    Args:
        folder: What to change.
        runs: Times a kind.

    Returns:
        One row a kind, the full build first and building anew last.
    """
    first = Row("full build")
    note(f"{first.name}: {folder.documents.name}")
    folder.index(first)
    kinds: list[tuple[str, Callable[[int], int], int]] = [
        ("nothing changed", folder.nothing, 0),
        (f"{FEW} files edited", folder.edit, FEW),
        (f"{FEW} files added", folder.add, FEW),
        (f"{FEW} files deleted", folder.delete, FEW),
        ("1 file renamed", folder.rename, 1),
        ("1 title changed", folder.retitle, 1),
    ]
    rows = [first]
    for name, change, count in kinds:
        row = Row(name, most_s=TARGETS.get(name))
        for number in range(runs):
            note(f"{name}, {number + 1} of {runs}")
            folder.index(row, changed=change(count))
            if folder.unchanged != (count == 0):
                folder.faults.append(f"{name}: unchanged is {folder.unchanged}")
        rows.append(row)
    anew = Row("the same, built anew")
    note(anew.name)
    folder.rebuild(anew)
    return [*rows, anew]


def measure_many(folder: Folder, files: int, runs: int) -> list[Row]:
    """Change 276 of 5,000 files, or as large a share of fewer, and compare with building anew.

    Args:
        folder: What to change.
        files: How many it holds.
        runs: Times.

    Returns:
        Building anew and the change; the first is the second's target.
    """
    count = MANY * files // MANY_OF
    changed, anew = Row(f"{count} of {files:,} files edited"), Row("the same, built anew")
    folder.index(Row("first build"))
    for number in range(runs):
        note(f"{changed.name}, {number + 1} of {runs}")
        folder.index(changed, changed=folder.edit(count))
        folder.rebuild(anew)
    changed.most_s = anew.median
    return [anew, changed]


def copy_some(source: Path, target: Path, most: int) -> int:
    """Copy the first so many documents of a folder and return how many."""
    files = sorted(source.rglob("*.md"))[:most]
    for path in files:
        copied = target / path.relative_to(source)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copied)
    return len(files)


def show(title: str, rows: Sequence[Row]) -> None:
    """Print the rows; the first one's median is what the others are compared with."""
    whole = rows[0].median
    show_table(
        title,
        ("", "median s", "min s", "max s", "of the first", "RSS MiB", "target"),
        [
            (
                row.name,
                f"{row.median:.2f}",
                f"{min(row.seconds):.2f}",
                f"{max(row.seconds):.2f}",
                f"{row.median / whole:.3f}",
                f"{row.rss_mib:.0f}",
                verdict(row.median, row.most_s, at_most=True),
            )
            for row in rows
        ],
    )


def main() -> int:
    """Measure, print, save; a change that was not seen is exit code 1, times decide none."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--quick", action="store_true", help="a smaller folder, each change once")
    parser.add_argument("--runs", type=int, help="times each change is made (3; quick: 1)")
    options = parser.parse_known_args()[0]
    name = QUICK_SET if options.quick else SET
    runs = options.runs or (1 if options.quick else 3)
    if not set_is_here(name):
        return 0
    source = unpacked(name) / "docs"
    show_machine()
    with scratch() as work:
        note("copying")
        # Copies, no hard links: an edit must never reach the set.
        shutil.copytree(source, work / name, symlinks=True)
        folder = Folder(work / name, work / "index")
        rows = measure_changes(folder, runs)
        shutil.rmtree(work / name)
        files = copy_some(source, work / "some", MANY_OF)
        some = Folder(work / "some", work / "some-index")
        many = measure_many(some, files, runs)
    show(f"docsearch index, whole command, after changes of {name}, {runs} times each", rows)
    show(f"many changes at once, the first {files:,} documents, {runs} times", many)
    faults = folder.faults + some.faults
    for fault in faults:
        print(fault)
    save_results(
        "update",
        {
            "set": name,
            "changes": [asdict(row) for row in rows],
            "many": [asdict(row) for row in many],
            "faults": faults,
        },
    )
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())

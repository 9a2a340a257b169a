"""The keyword search beside others on the same folder: index, question, memory, size, recall.

    python -m tests.bench.bench_others [--install DIR] [--set NAME] [--questions N] [--builds N]

Whole commands in cold processes. Each question is put to every one in turn, so that a busy machine
slows all of them alike; the time is the median over the questions. What is not installed is left
out with the reason; ``--install`` fetches it through pip and npm into a folder, which may be given
again.

Everybody gets the question as it was typed, by what its own syntax makes of that:

- docsearch: the question; by keywords, no model.
- rank-bm25: the question, split at spaces. The ranking is loaded from a pickle.
- SQLite FTS5 and tantivy: any of its words, both with their English stemmers.
- qmd: the question; it takes pages that hold all the words.
- ripgrep: a scan for any of its words of four letters or more; it does not rank, so files are put
  in order of how many matches they have.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import sqlite3
import statistics
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import distributions
from pathlib import Path

from tests.bench.bench_index import size_mib
from tests.bench.harness import (
    DOCSEARCH,
    BenchError,
    Process,
    load_questions,
    note,
    run_process,
    save_results,
    scratch,
    set_is_here,
    show_machine,
    spread,
    unpacked,
)

SET = "aws-docs-qa"
HERE = Path(__file__).resolve().parent
FIRST = 5
# What qmd needs, as its package says.
NODE_MAJOR = 22
# A shorter word is in every file, and a scan has no weights.
SCAN_LETTERS = 4
COLLECTION = "docs"


@dataclass(slots=True)
class Engine:
    """One way to search a folder, as commands."""

    name: str
    build: list[str] | None
    """None if it has no index."""
    ask: Callable[[str], list[str]]
    paths: Callable[[str], list[str]]
    """From what it printed: the ranking, paths as the question set writes them."""
    index: Path
    """File or folder that a build leaves."""
    builds: list[Process] = field(default_factory=list)
    index_mib: float = 0.0
    asked: list[Process] = field(default_factory=list)
    recall: list[float] = field(default_factory=list)

    def build_once(self) -> None:
        """Build from nothing."""
        if self.build is None:
            return
        if self.index.is_dir():
            shutil.rmtree(self.index)
        self.index.unlink(missing_ok=True)
        self.builds.append(run_process(self.build))
        self.index_mib = (
            size_mib(self.index) if self.index.is_dir() else self.index.stat().st_size / (1 << 20)
        )

    def answer(self, question: str, gold: Iterable[str]) -> None:
        """Ask one question in a process of its own."""
        # 1 is how a scan says that nothing matched.
        done = run_process(self.ask(question), expect=(0, 1))
        wanted = set(gold)
        self.asked.append(done)
        self.recall.append(len(wanted & set(self.paths(done.stdout)[:FIRST])) / len(wanted))

    def figures(self) -> dict[str, float]:
        """Return what was measured, times as medians and memory as the most."""
        built = [process.seconds for process in self.builds]
        return {
            "index_s": round(statistics.median(built), 3) if built else 0.0,
            "index_rss_mib": round(max((p.rss_mib for p in self.builds), default=0.0), 1),
            "index_mib": round(self.index_mib, 2),
            "ask_s": round(statistics.median(process.seconds for process in self.asked), 4),
            "ask_max_s": round(max(process.seconds for process in self.asked), 4),
            "ask_rss_mib": round(max(process.rss_mib for process in self.asked), 1),
            f"R@{FIRST}": round(statistics.fmean(self.recall), 4),
        }


class MissingError(Exception):
    """An engine that is not installed; the message says what is missing."""


class Tools:
    """Where programs and packages are: in the folder that they were fetched into, or installed."""

    def __init__(self, folder: Path | None) -> None:
        """Look in a folder first, if one is given."""
        self.python = folder / "python" if folder else None
        self.npm = folder / "npm" if folder else None
        modules = folder / "npm" / "node_modules" if folder else None
        found = modules.glob("node-*/bin") if modules else ()
        rg = modules.glob("@vscode/ripgrep-*/bin") if modules else ()
        binaries = [modules / ".bin"] if modules else []
        self.path = os.pathsep.join(map(str, [*found, *rg, *binaries, *_words_of("PATH")]))

    def program(self, name: str) -> str:
        """Return where a program is; ``MissingError`` if nowhere."""
        found = shutil.which(name, path=self.path)
        if found is None:
            raise MissingError(f"no {name} is installed")
        return found

    def package(self, name: str) -> str:
        """Return a Python package's version; ``MissingError`` if it is not there."""
        where = [str(self.python)] if self.python else []
        for distribution in distributions(name=name, path=[*where, *sys.path]):
            return distribution.version
        raise MissingError(f"no {name} is installed")

    def in_path(self, words: Sequence[str], **variables: str) -> list[str]:
        """Return a command that finds the programs and packages."""
        set_here = [f"{name}={value}" for name, value in variables.items()]
        if self.python:
            paths = [str(self.python), *_words_of("PYTHONPATH")]
            set_here.append(f"PYTHONPATH={os.pathsep.join(paths)}")
        return ["env", f"PATH={self.path}", *set_here, *words]


def fetch(folder: Path) -> None:
    """Install what is missing; what cannot be had is noted and stays missing."""
    try:
        Tools(folder).package("tantivy")
    except MissingError:
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
        _install([*pip, "--target", str(folder / "python"), "tantivy"])
    npm = ["npm", "install", "--prefix", str(folder / "npm"), "--no-audit", "--no-fund", "--silent"]
    machine = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    node = f"node-{sys.platform}-{machine}@{NODE_MAJOR}"
    for program, packages in (("rg", ["@vscode/ripgrep"]), ("qmd", [node, "@tobilu/qmd"])):
        try:
            Tools(folder).program(program)
        except MissingError:
            # One by one: a package's own set-up must already find the node before it.
            for package in packages:
                _install(Tools(folder).in_path([*npm, package]))


def _install(words: list[str]) -> None:
    note(f"fetching {words[-1]}")
    try:
        run_process(words)
    except BenchError as error:
        note(str(error)[-500:])


def _words_of(variable: str) -> list[str]:
    return [word for word in os.environ.get(variable, "").split(os.pathsep) if word]


def docsearch(docs: Path, work: Path, tools: Tools) -> Engine:
    """Return docsearch by keywords."""
    home = work / "docsearch"
    index = ["--index", str(home)]
    return Engine(
        name="docsearch",
        build=[DOCSEARCH, "index", str(docs), "--no-model", "--quiet", *index],
        ask=lambda question: [DOCSEARCH, "ask", "--simple", "--json", *index, "--", question],
        paths=lambda said: [row["path"] for row in json.loads(said)["data"]["documents"]],
        index=home,
    )


def _script(
    name: str, file: str, index: Path, docs: Path, run: Callable[[list[str]], list[str]] = list
) -> Engine:
    """Return an engine of a script with ``build`` and ``query`` that prints paths."""
    script = [sys.executable, str(HERE / file)]
    return Engine(
        name=name,
        build=run([*script, "build", str(docs), str(index)]),
        ask=lambda question: run([*script, "query", str(index), question]),
        paths=lambda said: [_relative(path, docs) for path in said.splitlines()],
        index=index,
    )


def rank_bm25(docs: Path, work: Path, tools: Tools) -> Engine:
    """Return rank-bm25, pickled."""
    name = f"rank-bm25 {tools.package('rank-bm25')}, pickled"
    return _script(name, "rank_bm25_usual.py", work / "usual.pickle", docs)


def fts5(docs: Path, work: Path, tools: Tools) -> Engine:
    """Return SQLite's full-text search."""
    with sqlite3.connect(":memory:") as database:
        if not database.execute("SELECT sqlite_compileoption_used('ENABLE_FTS5')").fetchone()[0]:
            raise MissingError("this Python's SQLite was built without FTS5")
    name = f"SQLite {sqlite3.sqlite_version} FTS5"
    return _script(name, "fts5_usual.py", work / "usual.sqlite", docs)


def tantivy(docs: Path, work: Path, tools: Tools) -> Engine:
    """Return tantivy."""
    name = f"tantivy {tools.package('tantivy')}"
    return _script(name, "tantivy_usual.py", work / "tantivy", docs, tools.in_path)


def qmd(docs: Path, work: Path, tools: Tools) -> Engine:
    """Return qmd's search by keywords."""
    program = tools.program("qmd")
    home = work / "qmd"
    # Its index and its list of collections, apart from the user's own.
    own = {"XDG_CACHE_HOME": str(home), "XDG_CONFIG_HOME": str(home / "config")}
    version = run_process(tools.in_path([program, "--version"], **own)).stdout.split()
    add = [program, "collection", "add", str(docs), "--name", COLLECTION]
    search = [program, "search", "--format", "json", "-n", str(FIRST), "--"]

    def paths(said: str) -> list[str]:
        rows = json.loads(said) if said.strip().startswith("[") else []
        return [row["file"].removeprefix(f"qmd://{COLLECTION}/") for row in rows]

    return Engine(
        name=f"qmd {version[1] if len(version) > 1 else ''}".strip(),
        build=tools.in_path(add, **own),
        ask=lambda question: tools.in_path([*search, question], **own),
        paths=paths,
        index=home,
    )


def ripgrep(docs: Path, work: Path, tools: Tools) -> Engine:
    """Return a scan by ripgrep."""
    program = tools.program("rg")
    version = run_process([program, "--version"]).stdout.split()[1]

    def ask(question: str) -> list[str]:
        words = [word for word in re.findall(r"\w+", question) if len(word) >= SCAN_LETTERS]
        patterns = [part for word in words or [question] for part in ("-e", word)]
        flags = ["--ignore-case", "--fixed-strings", "--word-regexp", "--count-matches"]
        return [program, *flags, *patterns, "--", str(docs)]

    def paths(said: str) -> list[str]:
        counted = [line.rpartition(":") for line in said.splitlines()]
        ranked = sorted(counted, key=lambda row: (-int(row[2]), row[0]))
        return [_relative(path, docs) for path, _, _ in ranked]

    return Engine(f"ripgrep {version}", None, ask, paths, work / "none")


def _relative(path: str, docs: Path) -> str:
    return path.removeprefix(f"{docs}{os.sep}")


ENGINES = (docsearch, rank_bm25, fts5, tantivy, qmd, ripgrep)


def find_engines(docs: Path, work: Path, tools: Tools) -> list[Engine]:
    """Return the engines that are installed, and say which are not and why."""
    found = []
    for make in ENGINES:
        try:
            found.append(make(docs, work, tools))
        except MissingError as reason:
            print(f"{make.__name__} is left out: {reason}")
    return found


def markdown(engines: Sequence[Engine]) -> str:
    """Return the figures as a table for docs/benchmarks.md."""
    lines = [
        f"| | index, s | memory, MiB | index, MiB | question, s | memory, MiB | R@{FIRST} |",
        "|---|---|---|---|---|---|---|",
    ]
    for engine in engines:
        row = engine.figures()
        built = (
            (f"{row['index_s']:.1f}", f"{row['index_rss_mib']:.0f}", f"{row['index_mib']:.0f}")
            if engine.build
            else ("-", "-", "-")
        )
        asked = (
            f"{row['ask_s']:.2f}",
            f"{row['ask_rss_mib']:.0f}",
            f"{100 * row[f'R@{FIRST}']:.1f}",
        )
        lines.append(f"| {' | '.join((engine.name, *built, *asked))} |")
    return "\n".join(lines)


def main() -> int:
    """Measure, print, save; the times of a shared machine decide no exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--install", type=Path, help="folder to fetch what is missing into")
    parser.add_argument("--set", default=SET, help=f"public set ({SET})")
    parser.add_argument("--questions", type=int, default=50, help="at most so many (50)")
    parser.add_argument("--builds", type=int, default=3, help="times each index is built (3)")
    options = parser.parse_known_args()[0]
    if not set_is_here(options.set):
        return 0
    folder = unpacked(options.set)
    docs = folder / "docs"
    questions = spread(load_questions(folder), options.questions)
    install = options.install.resolve() if options.install else None
    if install:
        fetch(install)
    tools = Tools(install)
    show_machine()
    with scratch() as work:
        engines = find_engines(docs, work, tools)
        for number in range(options.builds):
            for engine in engines:
                note(f"{engine.name}: index {number + 1} of {options.builds}")
                engine.build_once()
        for number, row in enumerate(questions):
            note(f"question {number + 1} of {len(questions)}")
            for engine in engines:
                engine.answer(row["question"], row["gold"])
    files = sum(1 for path in docs.rglob("*") if path.is_file())
    print(
        f"\n{options.set}, {files:,} files: whole commands in cold processes; index: median of "
        f"{options.builds}, question: of {len(questions)}; memory: the largest process\n"
    )
    print(markdown(engines), end="\n\n")
    save_results(
        "others",
        {
            "set": options.set,
            "questions": len(questions),
            "builds": options.builds,
            "engines": [{"name": engine.name, **engine.figures()} for engine in engines],
        },
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

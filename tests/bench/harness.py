"""What every bench shares: cold processes, the machine, the public question sets, tables, results.

A *cold* process is a new one; the files it reads are in the page cache after the first time, as
they are for somebody who asks twice. Times are of the whole command, from before it starts until
it is gone. Memory is the largest resident set of any one process of the command, or, where a bench
says so, of all of them together.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import psutil
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
EVAL = ROOT.parent / "shared" / "eval"
RowT = TypeVar("RowT")
# Our own corpora and the folder of each that holds the documents.
OWN_CORPORA = {"fenwick": "docs", "vault": "notes"}
# Sampling the memory of a command's processes may slow it: this many times what a sample took
# passes between two of them, but at the start, where a short command would be over by then, only
# this share of the time so far.
_SAMPLE_REST = 20
_SAMPLE_SHARE = 0.05
_SAMPLE_PAUSE_S = 0.01
RESULTS = Path(__file__).resolve().parent / "results"
# The command beside the interpreter that runs the bench: what a user types.
DOCSEARCH = str(Path(sys.executable).parent / "docsearch")
# Starts, times and waits for a command. A process of its own, because Linux counts what the parent
# held at the start as memory of the child, and this bench holds more than a small command.
_LAUNCHER = """
import os, sys, time
report = int(sys.argv[1])
os.set_inheritable(report, False)
started = time.perf_counter()
child = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(child, 0)
seconds = time.perf_counter() - started
os.write(report, f"{seconds} {usage.ru_maxrss} {status}".encode())
"""


class BenchError(Exception):
    """A command of a bench did not end as it should; the message holds what it wrote."""


@dataclass(frozen=True, slots=True)
class Process:
    """One finished process."""

    seconds: float
    rss_mib: float
    returncode: int
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True)
class Measurement:
    """Several runs of one command, each in its own process."""

    name: str
    seconds: tuple[float, ...]
    rss_mib: float
    stdout: str
    """Of the last run."""

    @property
    def median(self) -> float:
        """Middle of the times, seconds."""
        return statistics.median(self.seconds)

    def to_dict(self) -> dict[str, Any]:
        """Return the figures, without the output."""
        return {
            "name": self.name,
            "median_s": round(self.median, 4),
            "min_s": round(min(self.seconds), 4),
            "max_s": round(max(self.seconds), 4),
            "runs": len(self.seconds),
            "max_rss_mib": round(self.rss_mib, 1),
        }


def run_process(
    command: Sequence[str],
    *,
    cwd: Path | None = None,
    expect: Sequence[int] = (0,),
    whole_tree: bool = False,
) -> Process:
    """Run a command to its end.

    Args:
        command: Words, the program first.
        cwd: Folder to run in.
        expect: Exit codes that are fine.
        whole_tree: Count the memory of all its processes together; costs it some time.

    Returns:
        What it took and wrote.

    Raises:
        BenchError: If it ended with another code.
    """
    with (
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
        tempfile.TemporaryFile() as report,
    ):
        launcher = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _LAUNCHER, str(report.fileno()), *command],
            cwd=cwd,
            env=environment(),
            stdout=out,
            stderr=err,
            pass_fds=[report.fileno()],
        )
        tree_mib = _watch_memory(launcher) if whole_tree else 0.0
        launcher.wait()
        texts = []
        for stream in (out, err, report):
            stream.seek(0)
            texts.append(stream.read().decode("utf-8", "replace"))
    if not texts[2]:
        raise BenchError(f"{command[0]} cannot be run: {texts[1].strip()[-2000:]}")
    seconds, maxrss, status = texts[2].split()
    # Linux counts ru_maxrss in KiB, macOS in bytes.
    rss_mib = int(maxrss) / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    returncode = os.waitstatus_to_exitcode(int(status))
    if returncode not in expect:
        said = (texts[1] or texts[0]).strip()[-2000:]
        raise BenchError(f"{' '.join(command)} ended with {returncode}: {said}")
    # A spike between two samples is in the kernel's own count of the largest process.
    return Process(float(seconds), max(rss_mib, tree_mib), returncode, texts[0], texts[1])


def _watch_memory(launcher: subprocess.Popen[bytes]) -> float:
    """Return the most memory that the processes below a launcher held together, MiB."""
    most = 0.0
    began = time.perf_counter()
    while launcher.poll() is None:
        started = time.perf_counter()
        try:
            below = psutil.Process(launcher.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            break
        most = max(most, sum(_memory_mib(process) for process in below))
        now = time.perf_counter()
        rest = min(_SAMPLE_REST * (now - started), _SAMPLE_SHARE * (now - began))
        time.sleep(max(_SAMPLE_PAUSE_S, rest))
    return most


def _memory_mib(process: psutil.Process) -> float:
    """Return a process's memory, what it shares with others by its share where that is known."""
    try:
        rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
        return int(rollup.split("\nPss:", 1)[1].split(maxsplit=1)[0]) / 1024
    except (OSError, IndexError):
        pass
    try:
        return process.memory_info().rss / (1 << 20)
    except psutil.Error:
        return 0.0


def environment() -> dict[str, str]:
    """Return the environment of measured commands: no settings of this user's, no colour.

    Modules may be kept compiled, as pip leaves those of an installed package.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DOCSEARCH_")}
    for name in ("FORCE_COLOR", "PYTHONDONTWRITEBYTECODE"):
        kept.pop(name, None)
    return kept | {"DOCSEARCH_CONFIG_DIR": str(RESULTS / "no-settings"), "NO_COLOR": "1"}


def measure(
    name: str,
    command: Callable[[int], Sequence[str]],
    runs: int,
    *,
    cwd: Path | None = None,
    before: Callable[[int], object] | None = None,
    whole_tree: bool = False,
) -> Measurement:
    """Run a command several times, each in a cold process.

    Args:
        name: What the table calls it.
        command: Gives the words of run 0, 1, ...; so that each may ask another question.
        runs: How many.
        cwd: Folder to run in.
        before: Done before each run, outside of the time.
        whole_tree: Run once more for the memory of all the command's processes together.

    Returns:
        The times and the largest memory.
    """
    done: list[Process] = []
    for number in range(runs):
        if before is not None:
            before(number)
        done.append(run_process(command(number), cwd=cwd))
    seconds = tuple(process.seconds for process in done)
    if whole_tree:
        # Apart from the timed ones, which sampling would slow.
        if before is not None:
            before(runs)
        done.append(run_process(command(runs), cwd=cwd, whole_tree=True))
    return Measurement(name, seconds, max(process.rss_mib for process in done), done[-1].stdout)


def import_times(command: Sequence[str], *, cwd: Path | None = None) -> dict[str, float]:
    """Run a Python command under ``-X importtime``.

    The tracing itself makes imports slower, by about a half: trust the shares.

    Args:
        command: Words after the interpreter.
        cwd: Folder to run in.

    Returns:
        Milliseconds spent in the modules of each top-level package (our own: of each part), the
        most first.
    """
    process = run_process([sys.executable, "-X", "importtime", *command], cwd=cwd)
    spent: dict[str, float] = {}
    for line in process.stderr.split("\n"):
        head, _, rest = line.partition("import time:")
        parts = rest.split("|")
        if head or len(parts) != 3 or not parts[0].strip().isdigit():
            continue
        name = parts[2].strip().split(".")
        package = ".".join(name[:2]) if name[0] == "docsearch_cli" else name[0]
        spent[package] = spent.get(package, 0.0) + int(parts[0]) / 1000
    return dict(sorted(spent.items(), key=lambda item: (-item[1], item[0])))


def eval_is_here() -> bool:
    """Tell whether the public question sets are beside the project; say so if they are not."""
    if (EVAL / "make_corpus.py").is_file():
        return True
    print("skipped: this bench needs the public question sets in ../shared/eval")
    return False


def set_is_here(name: str) -> bool:
    """Tell whether a public set is unpacked or can be; say so if it is not."""
    return (data_folder() / name / "docs").is_dir() or eval_is_here()


def data_folder() -> Path:
    """Return where sets are unpacked: ``$DOCSEARCH_BENCH_DATA``, or in the user's cache."""
    given = os.environ.get("DOCSEARCH_BENCH_DATA")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(given) if given else cache / "docsearch-bench"


def question_sets() -> list[str]:
    """Return the names of the sets that have questions."""
    return sorted(path.name for path in (EVAL / "data").iterdir() if path.is_dir())


def unpacked(name: str) -> Path:
    """Return the folder of a set (``docs``, ``questions.jsonl``), unpacking it the first time."""
    data = data_folder()
    folder = data / name
    if not (folder / "docs").is_dir():
        note(f"unpacking {name}")
        # Apart first: an unpacking that is broken off must not look like a set.
        data.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=data) as apart:
            run_process([sys.executable, str(EVAL / "make_corpus.py"), apart, name])
            (Path(apart) / name).rename(folder)
    return folder


def load_questions(folder: Path) -> list[dict[str, Any]]:
    """Return the questions of a set."""
    text = (folder / "questions.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.split("\n") if line.strip()]


def folder_of(name: str) -> Path:
    """Return the folder that holds the questions of a set, and its documents below."""
    return ROOT / "corpora" / name if name in OWN_CORPORA else unpacked(name)


def corpus_of(name: str) -> tuple[Path, list[dict[str, Any]]]:
    """Return the folder of documents and the questions of a public set or a corpus of our own."""
    folder = folder_of(name)
    return folder / OWN_CORPORA.get(name, "docs"), load_questions(folder)


def spread(rows: Sequence[RowT], count: int | None) -> list[RowT]:
    """Return so many rows at even distances: neighbours are often about the same page."""
    if count is None or count >= len(rows):
        return list(rows)
    return [rows[place * len(rows) // count] for place in range(count)]


def indexed(name: str, work: Path, *, indexes: Path | None, model: str | None = None) -> Path:
    """Return the ``.docsearch`` folder of a set's index.

    Args:
        name: The set.
        work: Folder for the index.
        indexes: Folder with ready indexes, ``ix-<set>``. One is copied, since asking keeps the
            vectors of questions beside it.
        model: Embedding model of an index that is made here; None for keywords alone.
    """
    home = work / name / ".docsearch"
    if home.is_dir():
        return home
    if indexes is not None:
        shutil.copytree(indexes / f"ix-{name}" / ".docsearch", home)
        return home
    documents, _ = corpus_of(name)
    with_model = ["--model", model] if model else []
    note(f"{name}: indexing")
    run_process(
        [DOCSEARCH, "index", str(documents), "--quiet", "--index", str(home.parent), *with_model]
    )
    return home


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a folder for indexes and predictions, and remove it."""
    folder = Path(tempfile.mkdtemp(prefix="docsearch-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def describe_machine() -> dict[str, Any]:
    """Return what the figures depend on: processor, memory, load, interpreter, libraries."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        names = [line for line in info.read_text().split("\n") if line.startswith("model name")]
        cpu = names[0].partition(":")[2].strip() if names else cpu
    return {
        "cpu": cpu,
        "cores": psutil.cpu_count() or 1,
        "memory_gib": round(psutil.virtual_memory().total / (1 << 30), 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load_1_5_15_min": [round(load, 2) for load in os.getloadavg()],
        "libraries": {name: version(name) for name in ("docsearch-cli", "numpy", "typer", "rich")},
    }


@cache
def commit() -> str:
    """Return the commit that the first call found, with ``-dirty`` if files differ from it."""
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--exclude", "*"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "no-commit"
    return done.stdout.strip()


def save_results(name: str, results: Mapping[str, Any]) -> None:
    """Write ``results/<name>-<commit>.json`` and say where it is."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{name}-{commit()}.json"
    whole = {
        "bench": name,
        "commit": commit(),
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "machine": describe_machine(),
        **results,
    }
    path.write_text(json.dumps(whole, indent=2, default=asdict) + "\n", encoding="utf-8")
    print(f"written to {path.relative_to(ROOT)}\n")


def show_machine() -> None:
    """Print the machine in one line."""
    facts = describe_machine()
    load = facts["load_1_5_15_min"][0]
    print(
        f"{facts['cpu']}, {facts['cores']} cores, {facts['memory_gib']} GiB, "
        f"Python {facts['python']}, load {load}, commit {commit()}"
    )


def show_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table: the first column to the left, the others to the right, nothing cut."""
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    width = None if sys.stdout.isatty() else 200
    Console(width=width, markup=False, highlight=False).print(table)
    print()


def verdict(value: float, target: float | None, *, at_most: bool) -> str:
    """Return a target and whether it is met, for a table."""
    if target is None:
        return ""
    is_met = value <= target if at_most else value >= target
    return f"{'<=' if at_most else '>='} {target:g} {'met' if is_met else 'MISSED'}"


def note(text: str) -> None:
    """Say on stderr what is being done, for whoever waits."""
    print(text, file=sys.stderr, flush=True)

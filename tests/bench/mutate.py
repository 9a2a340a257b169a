"""Break the code in one place at a time and see whether a test fails.

python -m tests.bench.mutate docsearch_cli/explore --sample 40 --seed 1 [--tests tests/unit/explore]

A *mutant* is one module with one place changed: a number, a comparison, a sign, a returned value,
a call left out. It is *killed* if a test fails or hangs, and *survives* otherwise: then no test
pins what the changed place does. The score is the share of mutants that are killed.

    sample of mutants, evenly over modules
        |                 the working tree is never written to:
        v                 each job has a copy of it in a temporary folder
    unchanged code        every test once; what fails or is slow here is left out
        |
        v  for each mutant, until a test fails
    tests/unit/<package>/test_<module>*.py
    the rest of tests/unit/<package>
    the tests of --then, where they exist

Tests are started by forking a process that has loaded pytest, hypothesis and numpy already, and
that has never imported the package.

A mutant that changes nothing that anybody could see belongs into ``mutants_kept.toml``, with the
reason. It then counts apart. A mutation tester from a registry was not taken: mutmut 3 changes
functions only, and most weights and limits here are constants of modules; cosmic-ray writes into
the working tree; neither draws a sample by a seed.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tests.bench.forked_tests import ROOT, Copy, Ending, Stage, is_below
from tests.bench.mutants import Mutant, draw

KEPT = Path(__file__).resolve().with_name("mutants_kept.toml")
UNIT_TESTS = Path("tests/unit")
# Rankings over whole corpora: what a change of a weight shows in, if it shows anywhere.
THEN = ("tests/integration/test_golden_rankings.py",)
# Unchanged tests may take this many times as long on a machine that is busy.
SLACK = 3.0

Outcome = Literal["killed", "timeout", "survived", "kept"]


def stages_of(
    module: str, root: Path, *, tests: Sequence[str] = (), then: Sequence[str] = ()
) -> list[Stage]:
    """List the tests for a module: its own, those of its package, and those to run at last.

    Args:
        module: Path of the module from the root.
        root: The repository, or a copy.
        tests: Instead of the package's tests.
        then: Run at last, where they exist.

    Returns:
        Stages that hold at least one path each.
    """
    path = Path(module)
    folder = root / UNIT_TESTS / Path(*path.parts[1:-1])
    while not folder.is_dir() and folder != root / UNIT_TESTS:
        folder = folder.parent
    own = [
        file.relative_to(root).as_posix()
        for file in sorted(folder.glob(f"test_{path.stem}*.py"))
        if file.stem == f"test_{path.stem}" or file.stem.startswith(f"test_{path.stem}_")
    ]
    if tests:
        rest = [test.rstrip("/") for test in tests]
        own = [file for file in own if any(is_below(file, test) for test in rest)]
    elif folder == root / UNIT_TESTS:
        # Modules that lie beside the packages: those beside them, and not everything below.
        rest = [file.relative_to(root).as_posix() for file in sorted(folder.glob("test_*.py"))]
    else:
        rest = [folder.relative_to(root).as_posix()]
    rest = [test for test in rest if test not in own]
    last = [test for test in then if (root / test).exists()]
    stages = [Stage(tuple(own)), Stage(tuple(rest), tuple(own)), Stage(tuple(last))]
    return [stage for stage in stages if stage.paths]


@dataclass(frozen=True, slots=True)
class Unchanged:
    """What the tests do with the code as it is."""

    seconds: Mapping[str, float]
    failed: tuple[str, ...]

    def left_out(self, slower_than_s: float | None) -> tuple[str, ...]:
        """Ids of tests that tell nothing of a mutant, or take too long to ask."""
        slow = [
            test
            for test, seconds in self.seconds.items()
            if slower_than_s is not None and seconds > slower_than_s and test not in self.failed
        ]
        return (*self.failed, *slow)

    def limit_s(self, stage: Stage, more_s: float) -> float:
        """How long a stage may take before it counts as hanging."""
        usual = sum(seconds for test, seconds in self.seconds.items() if stage.takes(test))
        return more_s + SLACK * usual


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mutant."""

    mutant: Mutant
    outcome: Outcome
    test: str
    """The test that failed; empty if none did, or if none ran to its end."""
    seconds: float


def run_unchanged(copy: Copy, sources: Mapping[str, bytes], stages: Sequence[Stage]) -> Unchanged:
    """Run every test once with code that does the same; what fails then says nothing of mutants.

    A line that does nothing is added to each module: a test that fails by it compares source
    texts, and would kill every mutant.

    Args:
        copy: Where to run them.
        sources: The modules by path.
        stages: Which tests.

    Returns:
        What failed, and how long each took.

    Raises:
        RuntimeError: If pytest did not run to its end.
    """
    for module, source in sources.items():
        (copy.tree / module).write_bytes(source + b"\n_NOTHING_READS_THIS = 0\n")
    paths = sorted({path for stage in stages for path in stage.paths})
    outer = [path for path in paths if not any(is_below(path, o) for o in paths if o != path)]
    ending = copy.run(Stage(tuple(outer)), limit_s=3600, to_the_end=True)
    if ending.code not in (0, 1, 5):
        raise RuntimeError(f"pytest ended with {ending.code} on unchanged code:\n{ending.output}")
    for module, source in sources.items():
        (copy.tree / module).write_bytes(source)
    return Unchanged(ending.seconds, ending.failed)


def try_mutant(
    copy: Copy,
    mutant: Mutant,
    original: bytes,
    stages: Sequence[Stage],
    run: Callable[[Copy, Stage], Ending],
) -> Verdict:
    """Run tests against a mutant until one fails.

    Args:
        copy: Where to.
        mutant: The change.
        original: The module without it.
        stages: The tests, in order.
        run: Runs a stage.

    Returns:
        What became of it.
    """
    started = time.monotonic()
    file = copy.tree / mutant.module
    file.write_bytes(mutant.source(original))
    outcome: Outcome = "survived"
    test = ""
    try:
        for stage in stages:
            ending = run(copy, stage)
            if not ending.passed:
                outcome = "killed" if ending.code is not None else "timeout"
                test = ending.failed[0] if ending.failed else ""
                break
    finally:
        file.write_bytes(original)
    return Verdict(mutant, outcome, test, time.monotonic() - started)


@dataclass(frozen=True, slots=True)
class Kept:
    """A mutant that is known to change nothing that anybody could see."""

    module: str
    line: str
    """The source line, without indent."""
    reason: str
    becomes: str = ""
    """The line after the change; empty for any change of the line."""

    def is_about(self, mutant: Mutant) -> bool:
        """Whether a mutant is the one that is meant."""
        return (self.module, self.line) == (mutant.module, mutant.before) and self.becomes in (
            "",
            mutant.after,
        )


def read_kept(text: str) -> list[Kept]:
    """Read the list of known survivors.

    Args:
        text: TOML with a table ``kept`` for each.

    Returns:
        The entries.

    Raises:
        ValueError: If one gives no reason, or has a field that there is not.
    """
    kept = []
    for entry in tomllib.loads(text).get("kept", []):
        fields = set(entry) - {"becomes"}
        if fields != {"module", "line", "reason"} or not entry["reason"].strip():
            raise ValueError(f"kept: module, line, reason and, if need be, becomes; not {entry}")
        kept.append(Kept(**entry))
    return kept


def set_kept_apart(verdicts: Sequence[Verdict], kept: Sequence[Kept]) -> list[Verdict]:
    """Mark the survivors that are known."""
    return [
        Verdict(verdict.mutant, "kept", "", verdict.seconds)
        if verdict.outcome == "survived" and any(entry.is_about(verdict.mutant) for entry in kept)
        else verdict
        for verdict in verdicts
    ]


def stale(kept: Sequence[Kept], sources: Mapping[str, bytes]) -> list[Kept]:
    """List the entries whose line is no longer in its module, of the modules looked at."""
    lines = {
        module: {line.strip() for line in source.decode().splitlines()}
        for module, source in sources.items()
    }
    return [entry for entry in kept if entry.line not in lines.get(entry.module, {entry.line})]


def score(verdicts: Sequence[Verdict]) -> float:
    """Return the share of mutants that are killed, in percent; kept ones do not count."""
    outcomes = Counter(verdict.outcome for verdict in verdicts)
    killed = outcomes["killed"] + outcomes["timeout"]
    counted = killed + outcomes["survived"]
    return 100.0 * killed / counted if counted else 100.0


def report_lines(verdicts: Sequence[Verdict], kept: Sequence[Kept]) -> Iterator[str]:
    """Write the table of modules, and the survivors below it."""
    by_module: dict[str, Counter[str]] = {}
    for verdict in verdicts:
        by_module.setdefault(verdict.mutant.module, Counter())[verdict.outcome] += 1
    width = max((len(module) for module in by_module), default=6)
    yield f"{'module':<{width}}  killed  timeout  survived  kept"
    for module, found in sorted(by_module.items()):
        yield (
            f"{module:<{width}}  {found['killed']:>6}  {found['timeout']:>7}"
            f"  {found['survived']:>8}  {found['kept']:>4}"
        )
    for verdict in verdicts:
        if verdict.outcome in ("survived", "kept"):
            mutant = verdict.mutant
            reasons = [entry.reason for entry in kept if entry.is_about(mutant)]
            known = f" (kept: {reasons[0]})" if verdict.outcome == "kept" else ""
            yield f"\n{mutant.module}:{mutant.line}: {mutant.kind}{known}"
            yield f"  - {mutant.before}"
            yield f"  + {mutant.after}"
    for verdict in verdicts:
        killed = verdict.outcome in ("killed", "timeout")
        if killed and any(entry.becomes and entry.is_about(verdict.mutant) for entry in kept):
            yield f"\nno longer survives, drop it from the kept: {verdict.mutant.after}"
    yield f"\n{score(verdicts):.1f} % of {len(verdicts)} mutants killed, kept ones not counted"


def as_dict(verdict: Verdict) -> dict[str, Any]:
    """Return a line of the file of results."""
    mutant = verdict.mutant
    return {
        "module": mutant.module,
        "line": mutant.line,
        "kind": mutant.kind,
        "before": mutant.before,
        "after": mutant.after,
        "outcome": verdict.outcome,
        "test": verdict.test,
        "seconds": round(verdict.seconds, 2),
    }


def run_all(
    mutants: Sequence[Mutant],
    sources: Mapping[str, bytes],
    options: argparse.Namespace,
    tell: Callable[[Verdict], None],
) -> list[Verdict]:
    """Run the tests against every mutant, in as many copies as there are jobs.

    Args:
        mutants: The changes.
        sources: The modules by path.
        options: As given on the command line.
        tell: Called with each verdict as soon as it is there.

    Returns:
        A verdict for each mutant, in their order.
    """
    jobs = min(options.jobs, len(mutants))
    stages = {
        module: stages_of(module, ROOT, tests=options.tests, then=options.then)
        for module in {mutant.module for mutant in mutants}
    }
    copies: list[Copy] = []
    try:
        copies.extend(Copy() for _ in range(jobs))
        note(f"running the tests of {len(stages)} modules on unchanged code")
        touched = {module: sources[module] for module in stages}
        tests = [stage for found in stages.values() for stage in found]
        unchanged = run_unchanged(copies[0], touched, tests)
        left_out = unchanged.left_out(options.leave_slower)
        usual = sum(unchanged.seconds.values())
        note(f"{len(unchanged.seconds)} tests in {usual:.0f} s; {len(left_out)} left out")
        for test in unchanged.failed:
            note(f"fails on unchanged code, so it is left out: {test}")

        def run(copy: Copy, stage: Stage) -> Ending:
            limit_s = unchanged.limit_s(stage, options.timeout)
            return copy.run(stage, limit_s=limit_s, left_out=left_out)

        free = list(copies)
        lock = threading.Lock()

        def judge(mutant: Mutant) -> Verdict:
            with lock:
                copy = free.pop()
            try:
                found = stages[mutant.module]
                verdict = try_mutant(copy, mutant, sources[mutant.module], found, run)
            finally:
                with lock:
                    free.append(copy)
            with lock:
                tell(verdict)
            return verdict

        with ThreadPoolExecutor(jobs) as pool:
            try:
                return list(pool.map(judge, mutants))
            except BaseException:
                # Otherwise the pool would wait for the tests that run now.
                for copy in copies:
                    copy.close()
                raise
    finally:
        for copy in copies:
            copy.close()


def note(text: str) -> None:
    """Tell how far the run is."""
    print(text, file=sys.stderr, flush=True)


def parse_options(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.mutate", description=(__doc__ or "").partition("\n")[0]
    )
    add = parser.add_argument
    add("paths", nargs="+", help="modules, or folders of them, from the root of the repository")
    add("--sample", type=int, default=40, help="how many mutants (40)")
    add("--seed", type=int, default=1, help="which of them (1)")
    add("--tests", action="append", default=[], help="tests instead of the package's own")
    add("--then", action="append", help=f"tests to run at last ({THEN[0]}, if it is there)")
    add("--jobs", type=int, default=1, help="how many at a time (1)")
    add("--timeout", type=float, default=60.0,
        help=f"a mutant hangs if tests take so many seconds beyond {SLACK:g} times the usual (60)",
    )  # fmt: skip
    add("--leave-slower", type=float, help="leave out single tests slower than so many seconds")
    add("--least", type=float, default=90.0, help="percent killed, or else exit with 1 (90)")
    add("--out", type=Path, help="also write a JSON line for each mutant to this file")
    add("--list", action="store_true", help="show the mutants and run nothing")
    options = parser.parse_args(words)
    options.then = THEN if options.then is None else tuple(options.then)
    if options.sample < 1 or options.jobs < 1:
        parser.error("--sample and --jobs are at least 1")
    return options


def read_sources(paths: Sequence[str]) -> dict[str, bytes]:
    """Read the modules that are named, or that lie in the folders that are.

    Args:
        paths: From the root of the repository.

    Returns:
        The modules by path.

    Raises:
        FileNotFoundError: If there is none at a path.
    """
    sources = {}
    for path in paths:
        whole = (ROOT / path).resolve()
        found = sorted(whole.rglob("*.py")) if whole.is_dir() else [whole]
        if not found:
            raise FileNotFoundError(f"no module below {path}")
        for file in found:
            sources[file.relative_to(ROOT).as_posix()] = file.read_bytes()
    return sources


def main(words: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    options = parse_options(words)
    sources = read_sources(options.paths)
    mutants = draw(sources, options.sample, options.seed)
    if options.list or not mutants:
        for mutant in mutants:
            print(f"{mutant.module}:{mutant.line}: {mutant.kind}")
            print(f"  - {mutant.before}\n  + {mutant.after}")
        return 0
    kept = read_kept(KEPT.read_text("utf-8")) if KEPT.exists() else []
    # Copies are removed and tests ended on this signal too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with ExitStack() as stack:
        out = None if options.out is None else stack.enter_context(options.out.open("w"))

        def tell(verdict: Verdict) -> None:
            mutant = verdict.mutant
            said = f"{verdict.outcome} in {verdict.seconds:.1f} s"
            note(f"{mutant.module}:{mutant.line}: {mutant.kind}: {said}")
            if out is not None:
                print(json.dumps(as_dict(set_kept_apart([verdict], kept)[0])), file=out, flush=True)

        verdicts = set_kept_apart(run_all(mutants, sources, options, tell), kept)
    for text in report_lines(verdicts, kept):
        print(text)
    for entry in stale(kept, sources):
        print(f"kept, but no longer in {entry.module}: {entry.line}")
    return 0 if score(verdicts) >= options.least else 1


if __name__ == "__main__":
    sys.exit(main())

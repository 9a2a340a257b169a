"""One question, one DAG: for any engine, workers, order, cache, and any death on the way."""

import random
import subprocess
import sys
from contextlib import contextmanager

import pytest

from docsearch_cli.engine.local import LocalEngine
from docsearch_cli.runs.catalog import opened_run, run_ids
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.trace import read_trace
from docsearch_cli.search.engines import REGISTRY
from docsearch_cli.search.result import AskOptions, SearchObserver
from docsearch_cli.search.resume import resume_run
from docsearch_cli.testing import assert_same_dag, assert_within_budget
from tests.searching import ShuffledEngine, ask_deep, make_world
from tests.support import REPOSITORY, usual_or_soak

GRAPHS = usual_or_soak(15, 500)
# Of a run in processes of its own, the end comes after each so many events.
KILL_EVERY = usual_or_soak(7, 1)


class KilledError(BaseException):
    """Stands for the end of the process."""


def assert_same(world, run_id, expected):
    """A run is verified, kept its limits, and is step by step the expected one."""
    assert_within_budget((world.home, run_id))
    assert_same_dag((world.home, expected), (world.home, run_id))


@contextmanager
def killed_after(monkeypatch, count):
    """End the search after its record took ``count`` transactions."""
    real, done = RunStore.transaction, []

    @contextmanager
    def counting(store):
        with real(store):
            yield
        done.append(store)
        if len(done) == count:
            raise KilledError

    monkeypatch.setattr(RunStore, "transaction", counting)
    yield
    monkeypatch.setattr(RunStore, "transaction", real)


def resume(world, run_id, **options):
    with opened_run(world.home, run_id) as store:
        return resume_run(
            world.home,
            world.index,
            store,
            options=AskOptions(settings=world.settings, engine="inline", use_cache=False),
            observer=SearchObserver(),
            **options,
        )


@pytest.fixture(scope="module")
def local_engines():
    engines = [LocalEngine(count, REGISTRY) for count in (1, 2, 4, 8)]
    for engine in engines:
        engine.start()
    yield engines
    for engine in engines:
        engine.close()


@pytest.mark.parametrize("seed", range(GRAPHS))
def test_a_question_has_one_dag(tmp_path, seed, monkeypatch, local_engines):
    world = make_world(tmp_path, seed)
    first = ask_deep(world)
    assert_within_budget((world.home, first.run_id))

    for slots in (2, 4, 8):
        assert_same(world, ask_deep(world, ShuffledEngine(seed, slots)).run_id, first.run_id)
    for engine in local_engines if seed % 8 == 0 else [local_engines[seed % 4]]:
        assert_same(world, ask_deep(world, engine).run_id, first.run_id)
    for _cache in ("cold", "warm"):
        result = ask_deep(world, ShuffledEngine(seed, 4), use_cache=True)
        assert_same(world, result.run_id, first.run_id)
    assert all(step.cached for step in result.steps)

    known = set(run_ids(world.home))
    with opened_run(world.home, first.run_id) as store:
        transactions = read_trace(store).events
    # What cannot even begin leaves no run; a real kill after the first event is tested below.
    moment = random.Random(seed).randint(2, transactions)
    with killed_after(monkeypatch, moment), pytest.raises(KilledError):
        ask_deep(world, ShuffledEngine(seed + 1, 4))
    (killed,) = set(run_ids(world.home)) - known
    if world.trace(killed).status != "complete":
        resume(world, killed)
    assert_same(world, killed, first.run_id)


CHILD = """
import os, signal, sys, time
from contextlib import contextmanager
from docsearch_cli.runs.store import RunStore
real, done = RunStore.transaction, []
@contextmanager
def counting(store):
    with real(store):
        yield
    done.append(1)
    if len(done) == int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)
RunStore.transaction = counting
from docsearch_cli.cli.app import main
main(sys.argv[2:])
"""


def test_a_process_killed_after_any_event_loses_nothing(tmp_path):
    limits = {"max_agents": 6, "max_depth": 3, "fan_out": 2, "seeds": 2, "window": 3}
    world = make_world(tmp_path, 18, limits)
    flags = ["--max-agents", "6", "--max-depth", "3", "--fan-out", "2", "--seeds", "2"]
    words = ["ask", world.question, "--deep", "--workers", "2", "--no-cache", "--json", *flags]
    environment = {"DOCSEARCH_WINDOW": "3", "PATH": "/usr/bin:/bin", "DOCSEARCH_CONFIG_DIR": "/"}

    def run(code, *arguments):
        return subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=tmp_path,
            env={**environment, "PYTHONPATH": str(REPOSITORY), "HOME": str(tmp_path)},
            capture_output=True,
            check=False,
        )

    undisturbed = run(CHILD, "0", *words)
    assert undisturbed.returncode == 0, undisturbed.stderr
    (first,) = run_ids(world.home)
    trace = world.trace(first)
    assert len(trace.steps) == 6
    known = {first}
    for moment in range(1, trace.events, KILL_EVERY):
        assert run(CHILD, str(moment), *words).returncode == -9
        (killed,) = set(run_ids(world.home)) - known
        known.add(killed)
        before = world.trace(killed)
        done = {row.number for row in before.steps if row.has_ended}
        went_on = run(CHILD, "0", "resume", killed, "--no-cache", "--json")
        assert went_on.returncode == 0, (moment, went_on.stdout, went_on.stderr)
        assert_same(world, killed, first)
        after = world.trace(killed)
        assert [after.step(n).attempts for n in done] == [before.step(n).attempts for n in done]

"""One question on a real cluster while parts of it are killed, stopped, cut off and outdated.

    python -m tests.bench.soak.soak_cluster [--only NAME,NAME]

Scheduler, workers and their children are processes of this machine. Whatever happens, the run's DAG
and answer are those of a run in one process; where the scheduler is lost the run is suspended
within 15 s and resumes here with the same digests; and nothing that was started stays behind. A
worker is cut off by taking down its network, where that can be done (Linux, as root).
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from docsearch_cli.batch.asking import Batch, ask_batch
from docsearch_cli.batch.questions_file import BatchQuestion
from docsearch_cli.batch.whole_question import QuestionReply
from docsearch_cli.errors import ClusterError
from docsearch_cli.runs.catalog import opened_run
from docsearch_cli.runs.trace import read_trace
from docsearch_cli.search.result import AskOptions, SearchObserver
from docsearch_cli.search.resume import resume_run
from tests.clusters import RealCluster, kill_session
from tests.searching import World, ask_deep, digests, make_world
from tests.support import REPOSITORY, wait_until

REGISTRY = "tests.fixtures.slow_steps"
# Long enough for something to happen while steps are under way.
LIMITS = {"max_agents": 40, "max_depth": 5, "fan_out": 3, "seeds": 5, "window": 8}
SEED = 32
LOST_WITHIN_S = 15.0
CUT_OFF_S = 5.0
# The addresses of a network that leads from here to a worker and nowhere else.
_NAMESPACE, _HERE, _THERE = "docsearch-cut", "10.231.77.1", "10.231.77.2"


@dataclass
class Trial:
    """One question under one fault."""

    name: str
    folder: Path
    world: World
    expected: tuple[str, str]
    faults: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def check(self, is_so: bool, words: str) -> None:
        """Note what does not hold."""
        if not is_so:
            self.faults.append(words)

    def ask(self, cluster: RealCluster, happens: Callable[[], object] | None = None) -> float:
        """Ask, and have something happen when steps are under way; return the seconds it took."""
        began = time.monotonic()
        with closing(cluster.engine(REGISTRY, self.said)) as engine:
            engine.start()
            timer = threading.Timer(1.0, happens or (lambda: None))
            timer.start()
            try:
                result = ask_deep(self.world, engine)
            finally:
                timer.cancel()
        with opened_run(self.world.home, result.run_id or "") as store:
            self.check(digests(store) == self.expected, "another DAG or answer")
            attempts = [len(step.attempts) for step in read_trace(store).steps]
            self.check(max(attempts) == 1, f"attempts were charged: {attempts}")
        return time.monotonic() - began


@contextmanager
def cluster_of(trial: Trial, workers: int, *words: str) -> Iterator[RealCluster]:
    """A cluster that leaves nothing behind."""
    with closing(RealCluster(trial.folder)) as cluster:
        for _ in range(workers):
            cluster.add_worker(*(words or ("--no-nanny",)))
        yield cluster
        pids = [
            child.pid
            for process in (*cluster.workers, cluster.scheduler)
            if psutil.pid_exists(process.pid)
            for child in psutil.Process(process.pid).children(recursive=True)
        ]
    gone = wait_until(lambda: not any(psutil.pid_exists(pid) for pid in pids), 10)
    trial.check(gone, "processes are left")


def children_of(cluster: RealCluster) -> list[psutil.Process]:
    """Return the processes that run steps for a cluster's first worker."""
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(cluster.workers[0].pid).children(recursive=True)
    return []


def workers_1(trial: Trial) -> None:
    """One worker, nothing happens."""
    with cluster_of(trial, 1) as cluster:
        trial.ask(cluster)


def workers_4(trial: Trial) -> None:
    """Four workers, nothing happens; then once more with every child warm."""
    with cluster_of(trial, 4) as cluster:
        trial.ask(cluster)
        trial.ask(cluster)


def worker_killed(trial: Trial) -> None:
    """One of two workers is killed while its steps run."""
    with cluster_of(trial, 2) as cluster:
        trial.ask(cluster, lambda: kill_session(cluster.workers[0]))


def nanny_restarts(trial: Trial) -> None:
    """A worker is killed, and its nanny starts another one."""
    with cluster_of(trial, 1, "--nanny") as cluster:

        def kill() -> None:
            for process in children_of(cluster):
                if "docsearch_cli.engine.worker" not in " ".join(process.cmdline()):
                    process.kill()

        trial.ask(cluster, kill)


def child_killed(trial: Trial) -> None:
    """The process that runs a step is killed: the step's own crash, which is tried once more."""
    with cluster_of(trial, 1) as cluster:

        def kill() -> None:
            wait_until(lambda: bool(children_of(cluster)), 20)
            time.sleep(2)  # it has begun a step by then
            for child in children_of(cluster):
                child.kill()

        trial.ask(cluster, kill)
        charged = [words for words in trial.faults if words.startswith("attempts")]
        trial.check(bool(charged), "a step that crashed was not charged")
        trial.faults = [words for words in trial.faults if words not in charged]


def worker_stopped(trial: Trial) -> None:
    """One of two workers is stopped for five seconds."""
    with cluster_of(trial, 2) as cluster:

        def stop() -> None:
            os.killpg(cluster.workers[0].pid, signal.SIGSTOP)
            time.sleep(CUT_OFF_S)
            os.killpg(cluster.workers[0].pid, signal.SIGCONT)

        trial.ask(cluster, stop)


def scheduler_killed(trial: Trial) -> None:
    """The scheduler is killed: the run is suspended in time, and resumes here."""
    with cluster_of(trial, 1) as cluster:
        killed: list[float] = []

        def kill() -> None:
            killed.append(time.monotonic())
            cluster.kill_scheduler()

        try:
            trial.ask(cluster, kill)
        except ClusterError as error:
            noticed_s = time.monotonic() - killed[0]
            trial.check(noticed_s <= LOST_WITHIN_S, f"noticed after {noticed_s:.1f} s")
            trial.check("docsearch resume" in (error.hint or ""), f"no hint: {error.hint}")
            trial.said.append(f"noticed after {noticed_s:.1f} s")
            resume_here(trial, (error.hint or "").rpartition("resume ")[2].split()[0])
        else:
            trial.check(False, "the run did not notice")


def resume_here(trial: Trial, run_id: str) -> None:
    """Finish a run in this process, and compare it."""
    world = trial.world
    with opened_run(world.home, run_id) as store:
        before = len(read_trace(store).commits)
        options = AskOptions(world.settings.without_look(), engine="inline", use_cache=False)
        resume_run(world.home, world.index, store, options=options, observer=SearchObserver())
    with opened_run(world.home, run_id) as store:
        trial.check(digests(store) == trial.expected, "another DAG or answer after the resume")
    trial.said.append(f"{before} steps were kept")


_DRIVER = """
import sys
from pathlib import Path
from docsearch_cli.cluster.connection import Cluster
from docsearch_cli.cluster.engine import DaskEngine
from tests.searching import ask_deep, make_world
world = make_world(Path(sys.argv[1]), int(sys.argv[2]), {limits})
engine = DaskEngine(Cluster(sys.argv[3], print), {registry!r})
engine.start()
print("started", flush=True)
ask_deep(world, engine)
"""


def driver_killed(trial: Trial) -> None:
    """The command is killed: the workers do no more for it, and its run resumes here."""
    with cluster_of(trial, 1) as cluster:
        home = trial.folder / "driver"
        home.mkdir()
        program = _DRIVER.format(limits=LIMITS, registry=REGISTRY)
        driver = subprocess.Popen(
            [sys.executable, "-c", program, str(home), str(SEED), cluster.address],
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        assert driver.stdout is not None
        with driver, driver.stdout:
            driver.stdout.readline()
            time.sleep(1.5)
            kill_session(driver)
        time.sleep(2)
        busy = [child for child in children_of(cluster) if child.cpu_percent(0.5) > 20]
        trial.check(not busy, "a child still works")
        (run_id,) = [path.name for path in (home / ".docsearch" / "runs").iterdir()]
        trial.world = make_world(trial.folder / "driver", SEED, LIMITS)
        resume_here(trial, run_id)


def worker_outdated(trial: Trial) -> None:
    """A worker with other code joins: it is named and gets nothing; one without docsearch too."""
    old = trial.folder / "old"
    shutil.copytree(REPOSITORY / "docsearch_cli", old / "docsearch_cli")
    changed = old / "docsearch_cli" / "steps.py"
    changed.write_text(changed.read_text("utf-8") + "\n# an older one\n", "utf-8")
    with cluster_of(trial, 1) as cluster:
        cluster.add_worker("--no-nanny", environment={"PYTHONPATH": str(old)})
        trial.ask(cluster)
        late = threading.Timer(
            0.2,
            lambda: cluster.add_worker("--no-nanny", environment={"PYTHONPATH": str(old)}),
        )
        late.start()
        trial.ask(cluster)
        late.join()
        told = [words for words in trial.said if "another code of docsearch" in words]
        trial.check(bool(told), f"it was not named: {trial.said}")
    with cluster_of(trial, 0) as cluster:
        cluster.add_worker("--no-nanny", environment={"PYTHONPATH": str(old)})
        try:
            trial.ask(cluster)
        except ClusterError as error:
            trial.check("another code" in error.message, error.message)
        else:
            trial.check(False, "it was used")


def disk_full(trial: Trial) -> None:
    """A worker's disk takes no record; one that takes no index either is named and not used."""
    tiny = trial.folder / "tiny"
    tiny.mkdir()
    for hidden in ("", f"mount -t tmpfs none {trial.world.home.parent} && "):
        script = f'mount -t tmpfs -o size=40k none {tiny} && {hidden}cd / && exec "$@"'
        before = ("unshare", "-m", "sh", "-c", script, "sh")
        if subprocess.run([*before, "true"], capture_output=True).returncode:
            raise SkippedError("no file systems of its own")
        with closing(RealCluster(trial.folder)) as cluster:
            cluster.add_worker(
                "--no-nanny",
                "--local-directory",
                "/tmp",
                environment={"DOCSEARCH_CLUSTER_DIR": str(tiny)},
                before=before,
            )
            try:
                ((_, reply),) = ask_whole(trial, cluster)
            except ClusterError as error:
                trial.check(bool(hidden), error.message)
                trial.check("No space left" in error.message, error.message)
                continue
            trial.check(not hidden, "a worker without an index was used")
            result = reply.result
            noted = result is not None and any("not recorded" in note for note in result.notes)
            trial.check(noted, f"no note: {reply.error or (result and result.notes)}")


def ask_whole(trial: Trial, cluster: RealCluster) -> list[tuple[BatchQuestion, QuestionReply]]:
    """Ask the question as a whole, as a batch does."""
    options = AskOptions(
        trial.world.settings,
        "deep",
        engine="dask",
        scheduler=cluster.address,
        tell=trial.said.append,
    )
    batch = Batch(trial.world.home, trial.world.index, options)
    questions = [BatchQuestion(1, "1", trial.world.question)]
    return list(
        ask_batch(
            batch,
            questions,
            earlier_runs={},
            begins=lambda _name, _run: None,
            stops=lambda: False,
        )
    )


def cut_off_for_5_s(trial: Trial) -> None:
    """A worker in another network is cut off for five seconds."""
    _cut_off(trial, CUT_OFF_S, others=0)


def cut_off_for_good(trial: Trial) -> None:
    """One of two workers is cut off and does not come back."""
    _cut_off(trial, None, others=1)


def _cut_off(trial: Trial, seconds: float | None, *, others: int) -> None:
    with network(), closing(RealCluster(trial.folder, host=_HERE)) as cluster:
        for _ in range(others):
            cluster.add_worker("--no-nanny")
        cluster.add_worker("--no-nanny", before=("ip", "netns", "exec", _NAMESPACE))

        def cut() -> None:
            run_ip("link", "set", "docsearch0", "down")
            if seconds is not None:
                time.sleep(seconds)
                run_ip("link", "set", "docsearch0", "up")

        with closing(cluster.connect()) as waiting:
            waiting.open()
            wait_until(lambda: len(waiting.workers()) == others + 1, 20)
        took = trial.ask(cluster, cut)
        trial.said.append(f"took {took:.1f} s")


@contextmanager
def network() -> Iterator[None]:
    """Make a network namespace that is reached from here by one link."""
    try:
        run_ip("netns", "add", _NAMESPACE)
    except (OSError, subprocess.CalledProcessError) as error:
        raise SkippedError("no network namespaces") from error
    try:
        run_ip("link", "add", "docsearch0", "type", "veth", "peer", "name", "docsearch1")
        run_ip("link", "set", "docsearch1", "netns", _NAMESPACE)
        run_ip("addr", "add", f"{_HERE}/30", "dev", "docsearch0")
        run_ip("link", "set", "docsearch0", "up")
        run_ip("-n", _NAMESPACE, "addr", "add", f"{_THERE}/30", "dev", "docsearch1")
        run_ip("-n", _NAMESPACE, "link", "set", "docsearch1", "up")
        run_ip("-n", _NAMESPACE, "link", "set", "lo", "up")
        yield
    except subprocess.CalledProcessError as error:
        raise SkippedError(f"no virtual network: {error}") from error
    finally:
        with suppress(subprocess.CalledProcessError):
            run_ip("link", "del", "docsearch0")
        with suppress(subprocess.CalledProcessError):
            run_ip("netns", "del", _NAMESPACE)


def run_ip(*words: str) -> None:
    """Change the network of this machine; raises if that may not be."""
    subprocess.run(["ip", *words], check=True, capture_output=True)


class SkippedError(Exception):
    """This machine cannot show a fault."""


TRIALS = (
    workers_1,
    workers_4,
    worker_killed,
    nanny_restarts,
    child_killed,
    worker_stopped,
    scheduler_killed,
    driver_killed,
    worker_outdated,
    disk_full,
    cut_off_for_5_s,
    cut_off_for_good,
)


def main() -> int:
    """Run every trial, and say what did not hold."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--only", default="", help="names of trials, with commas between them")
    wanted = [name for name in parser.parse_args().only.split(",") if name]
    failed = 0
    with tempfile.TemporaryDirectory(prefix="docsearch-soak-") as name:
        world = make_world(Path(name) / "world", SEED, LIMITS)
        result = ask_deep(world)
        with opened_run(world.home, result.run_id or "") as store:
            expected = digests(store)
        print(f"{len(result.steps)} steps")
        for place, run in enumerate(TRIALS):
            if wanted and run.__name__ not in wanted:
                continue
            folder = Path(name) / f"trial-{place}"
            folder.mkdir()
            trial = Trial(run.__name__, folder, world, expected)
            began = time.monotonic()
            try:
                run(trial)
            except SkippedError as skipped:
                print(f"{trial.name}: left out, {skipped}")
                continue
            except ClusterError as error:
                trial.faults.append(f"{error.message} ({error.hint})")
            failed += bool(trial.faults)
            state = "; ".join(trial.faults) or "held"
            said = f" ({'; '.join(dict.fromkeys(trial.said))})" if trial.said else ""
            print(f"{trial.name}: {state}, {time.monotonic() - began:.1f} s{said}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

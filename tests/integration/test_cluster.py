"""The dask engine on a real scheduler and real workers of this machine."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing

import psutil
import pytest

from docsearch_cli.cluster import connection
from docsearch_cli.cluster.engine import DaskEngine
from docsearch_cli.engine.protocol import StepCall
from docsearch_cli.errors import ClusterError
from docsearch_cli.index.store import current_digest
from docsearch_cli.runs.catalog import opened_run
from docsearch_cli.runs.trace import read_trace
from docsearch_cli.search.engines import REGISTRY
from tests.clusters import RealCluster, kill_session, poll_until, real_cluster
from tests.searching import ask_deep, digests, make_world
from tests.support import (
    CORPORA,
    REPOSITORY,
    in_soak,
    needs,
    usual_or_soak,
    wait_until,
    write_files,
)

needs("distributed")

STEPS = "tests.fixtures.steps"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with real_cluster(tmp_path_factory.mktemp("cluster"), workers=2) as made:
        yield made


@pytest.fixture(scope="module", params=["directly", "as a task"])
def engine(request, cluster):
    with closing(cluster.engine(STEPS, is_direct=request.param == "directly")) as made:
        made.start()
        assert wait_until(lambda: len(made.cluster.workers()) == 2, 60)
        for worker in made.cluster.workers().values():
            assert worker.is_direct == (request.param == "directly")
        yield made


def run(engine, function, payload=b"", timeout_s=20.0):
    engine.submit(StepCall(1, f"test.{function}@1", payload, timeout_s))
    (outcome,) = poll_until(engine, 1)
    return outcome


@pytest.mark.parametrize(
    ("function", "status", "kind"),
    [
        ("echo", "ok", None),
        ("raise_two_arguments", "error", "TwoArgumentError"),
        ("raise_transient", "transient", "TransientStepError"),
        ("kill_self", "crash", "WorkerDied"),
        ("not_bytes", "error", "TypeError"),
    ],
)
def test_a_step_ends_there_as_on_this_machine(engine, function, status, kind):
    outcome = run(engine, function, b"x")

    assert outcome.status == status
    assert (outcome.error.kind if outcome.error is not None else None) == kind
    assert outcome.output == (b"x" if status == "ok" else b"")


def test_a_step_that_takes_too_long_is_ended_with_its_stacks(engine):
    outcome = run(engine, "sleep", b"30", timeout_s=0.5)

    assert outcome.status == "timeout"
    assert "sleep" in outcome.error.detail


def test_what_a_step_writes_comes_with_it(engine):
    assert b"stdout words" in run(engine, "speak", b"words").log


def test_a_worker_out_of_reach_is_sent_tasks(cluster, monkeypatch):
    async def is_in_reach(_client, _address):
        return False

    monkeypatch.setattr(connection, "is_in_reach", is_in_reach)
    with closing(cluster.engine(STEPS)) as engine:
        engine.start()

        assert not any(worker.is_direct for worker in engine.cluster.workers().values())
        assert run(engine, "echo", b"x").output == b"x"


def test_a_worker_that_goes_out_of_reach_is_sent_tasks_from_then_on(cluster, monkeypatch):
    async def fail(_client, _address, _message):
        raise OSError("no way there")

    with closing(cluster.engine(STEPS)) as engine:
        engine.start()
        monkeypatch.setattr("docsearch_cli.cluster.direct._exchange", fail)

        assert run(engine, "echo", b"x").output == b"x"
        assert not all(worker.is_direct for worker in engine.cluster.workers().values())


def test_what_a_worker_raises_is_no_outcome_and_is_sent_elsewhere(cluster, monkeypatch):
    async def raise_it(*_facts, dask_worker):
        raise ValueError("odd")

    with closing(cluster.engine(STEPS)) as engine:
        engine.start()
        monkeypatch.setattr("docsearch_cli.cluster.at_worker.run_unit_directly", raise_it)
        outcome = run(engine, "echo", b"x")

    assert (outcome.status, outcome.error.kind) == ("crash", "WorkerDied")
    assert "odd" in outcome.error.message


def test_the_dag_and_the_answer_are_those_of_one_process(cluster, tmp_path):
    with closing(cluster.engine(REGISTRY)) as engine:
        engine.start()
        for seed in (3, 4, 32):
            world = make_world(tmp_path / str(seed), seed)
            runs = [ask_deep(world).run_id, ask_deep(world, engine).run_id]
            found = []
            for run_id in runs:
                with opened_run(world.home, run_id) as store:
                    found.append(digests(store))

            assert found[0] == found[1]


@pytest.mark.parametrize("workers", usual_or_soak((2,), (1, 2, 4)))
def test_the_dag_and_the_answer_are_those_of_one_process_whatever_the_cache_holds(
    tmp_path, workers
):
    """Steps that are recalled, here or on the cluster, and whoever kept them, change nothing."""
    world = make_world(tmp_path, 32, {"max_agents": 20, "max_depth": 5, "fan_out": 3})
    kept = world.home / "cache"
    expected = digests_of(world, ask_deep(world))
    with (
        real_cluster(tmp_path, workers) as cluster,
        closing(cluster.engine(REGISTRY)) as engine,
    ):
        engine.start()
        assert wait_until(lambda: len(engine.cluster.workers()) == workers, 60)
        cold = ask_deep(world, engine, use_cache=True)
        warm_here = ask_deep(world, use_cache=True)
        shutil.rmtree(kept)
        ask_deep(world, use_cache=True)
        warm_there = ask_deep(world, engine, use_cache=True)

    opened = len(cold.steps)
    assert opened > 8
    for result, is_recalled in ((cold, False), (warm_here, True), (warm_there, True)):
        assert [step.cached for step in result.steps] == [is_recalled] * opened
        assert digests_of(world, result) == expected


def digests_of(world, result):
    with opened_run(world.home, result.run_id) as store:
        return digests(store)


def test_what_a_killed_worker_had_goes_to_another_one(cluster, engine):
    doomed = cluster.add_worker("--no-nanny")
    assert wait_until(lambda: len(engine.cluster.workers()) == 3, 20)
    for number in range(3):
        engine.submit(StepCall(number, "test.sleep@1", b"1.5", 20))
    time.sleep(0.7)
    kill_session(doomed)
    cluster.workers.remove(doomed)
    outcomes = poll_until(engine, 3)

    assert sorted(outcome.number for outcome in outcomes) == [0, 1, 2]
    assert {outcome.status for outcome in outcomes} == {"ok"}


def test_a_batch_and_its_records_are_those_of_this_machine(inline, cluster, fenwick):
    lines = (CORPORA / "fenwick" / "questions.jsonl").read_text("utf-8").splitlines()[:3]
    (fenwick / "q.jsonl").write_text("\n".join(lines), "utf-8")
    found = {}
    for name, words in {
        "here": ("--engine", "inline"),
        "there": ("--engine", "dask", "--scheduler", cluster.address),
    }.items():
        out = f"{name}.jsonl"
        ended = inline("ask", "--batch", "q.jsonl", "--out", out, "--deep", "--no-cache", *words)
        assert ended.code == 0, ended.stderr
        rows = [json.loads(line) for line in (fenwick / out).read_text("utf-8").splitlines()]
        found[name] = []
        for row in rows:
            with opened_run(fenwick / ".docsearch", row["data"]["run_id"]) as store:
                read_trace(store)
                found[name].append((row["id"], digests(store), row["data"]["evidence"]))
        run_id = rows[0]["data"]["run_id"]

    assert found["here"] == found["there"]
    assert inline("runs", "verify", run_id).code == 0


def test_an_index_that_is_read_there_has_the_digest_of_one_read_here(
    inline, cluster, tmp_path, monkeypatch
):
    monkeypatch.setattr("docsearch_cli.corpus.load._FEWEST_PARALLEL_FILES", 1)
    pages = {
        f"{n // 50}/{n}.md": f"# Page {n}\n\nSee [next]({n + 1}.md) of Fenwick {n}.\n"
        for n in range(200)
    }
    write_files(
        tmp_path / "docs", pages | {"odd.pdf": b"%PDF-1.4 no more", "image.png": b"\x89PNG"}
    )
    words = ("--engine", "dask", "--scheduler", cluster.address)
    assert inline("index", "docs", "--index", "here").code == 0
    ended = inline("index", "docs", "--index", "there", *words)

    assert ended.code == 0, ended.stderr
    assert "read here" not in ended.stderr
    there, here = (current_digest(tmp_path / name / ".docsearch") for name in ("there", "here"))
    assert there == here is not None


# Loaded by every Python of a worker: whoever opens the tenth page there kills the Dask worker.
DOOM = """
import os, signal, sys
os.environ.setdefault("DOOMED_PID", str(os.getpid()))
opened = set()
def watch(event, args):
    if event == "open" and str(args[0]).endswith(".md"):
        opened.add(str(args[0]))
        if len(opened) == 10:
            with open(os.environ["DOOMED_AT"], "w") as handle:
                handle.write(str(args[0]))
            os.kill(int(os.environ["DOOMED_PID"]), signal.SIGKILL)
sys.addaudithook(watch)
"""


@in_soak
def test_a_worker_that_is_lost_while_it_reads_costs_its_batches_and_no_file(
    inline, tmp_path, monkeypatch
):
    monkeypatch.setattr("docsearch_cli.corpus.load._FEWEST_PARALLEL_FILES", 1)
    pages = {
        f"{n // 50}/{n}.md": f"# Page {n}\n\nSee [next]({n + 1}.md) of Fenwick {n}.\n"
        for n in range(400)
    }
    write_files(tmp_path / "docs", pages)
    write_files(tmp_path / "doom", {"sitecustomize.py": DOOM})
    sent = []
    real_open, real_send = connection.Cluster.open, DaskEngine._send

    def open_with_both(cluster):
        real_open(cluster)
        assert wait_until(lambda: len(cluster.workers()) == 2, 40)

    def send(engine, call, losses):
        sent.append((call.number, losses))
        real_send(engine, call, losses)

    monkeypatch.setattr(connection.Cluster, "open", open_with_both)
    monkeypatch.setattr(DaskEngine, "_send", send)
    killed_at = tmp_path / "killed_at"
    with real_cluster(tmp_path, workers=1) as cluster:
        doomed = cluster.add_worker(
            "--no-nanny",
            environment={
                "PYTHONPATH": f"{tmp_path / 'doom'}{os.pathsep}{REPOSITORY}",
                "DOOMED_AT": str(killed_at),
            },
        )
        words = ("--engine", "dask", "--scheduler", cluster.address)
        ended = inline("index", "docs", "--index", "there", *words)
        assert doomed.wait(5) == -signal.SIGKILL

    assert ended.code == 0, ended.stderr
    assert killed_at.read_text().endswith(".md")
    assert "read here" not in ended.stderr
    lost = [number for number, losses in sent if losses]
    assert 1 <= len(lost) <= 2  # what runs at a worker, and what waits there for it
    assert Counter(number for number, _ in sent) == Counter([*range(7), *lost])
    assert inline("index", "docs", "--index", "here").code == 0
    there, here = (current_digest(tmp_path / name / ".docsearch") for name in ("there", "here"))
    assert there == here is not None


def test_a_worker_with_other_code_is_named_and_not_used(tmp_path, monkeypatch):
    monkeypatch.setattr(connection, "_FIRST_WORKER_S", 40.0)
    old = tmp_path / "old"
    shutil.copytree(REPOSITORY / "docsearch_cli", old / "docsearch_cli")
    with (old / "docsearch_cli" / "steps.py").open("a") as module:
        module.write("\n# an older one\n")
    with real_cluster(tmp_path, workers=0) as cluster:
        cluster.add_worker("--no-nanny", environment={"PYTHONPATH": str(old)})
        engine, notes = cluster.engine(STEPS, told := []), told
        with closing(engine), pytest.raises(ClusterError, match="another code of docsearch"):
            engine.start()

    assert "is not used: another code of docsearch" in notes[0]


@in_soak
def test_a_worker_with_other_code_that_joins_late_is_named_and_gets_nothing(tmp_path):
    old = tmp_path / "old"
    shutil.copytree(REPOSITORY / "docsearch_cli", old / "docsearch_cli")
    with (old / "docsearch_cli" / "steps.py").open("a") as module:
        module.write("\n# an older one\n")
    told = []
    with real_cluster(tmp_path, workers=1) as cluster:
        (first,) = cluster.workers
        with closing(cluster.engine(STEPS, told)) as engine:
            engine.start()
            assert run(engine, "echo", b"x").output == b"x"
            cluster.add_worker("--no-nanny", environment={"PYTHONPATH": str(old)})
            assert wait_until(lambda: told, 60)
            children = {int(run(engine, "pid").output) for _ in range(6)}
            parents = {psutil.Process(child).ppid() for child in children}

    assert "is not used: another code of docsearch" in told[0]
    assert parents == {first.pid}


@in_soak
def test_a_worker_whose_disk_is_full_answers_without_a_record_or_is_not_used(
    inline, tmp_path_factory, fenwick
):
    """A question is answered, and the answer says that its run is not recorded; a worker that can
    take no index is named."""
    tiny = tmp_path_factory.mktemp("tiny")
    (fenwick / "q.jsonl").write_text('{"question": "what does the buffer hold?"}\n')
    for hidden in ("", f"mount -t tmpfs none {fenwick} && "):
        script = f'mount -t tmpfs -o size=40k none {tiny} && {hidden}cd / && exec "$@"'
        before = ("unshare", "-m", "sh", "-c", script, "sh")
        if subprocess.run([*before, "true"], capture_output=True, check=False).returncode:
            pytest.skip("file systems of its own need Linux and its root")
        with real_cluster(tmp_path_factory.mktemp("logs"), workers=0) as cluster:
            cluster.add_worker(
                *("--no-nanny", "--local-directory", "/tmp"),
                environment={"DOCSEARCH_CLUSTER_DIR": str(tiny)},
                before=before,
            )
            words = ("--engine", "dask", "--scheduler", cluster.address, "--deep")
            out = "hidden.jsonl" if hidden else "there.jsonl"
            ended = inline("ask", "--batch", "q.jsonl", "--out", out, *words)
        if hidden:
            assert ended.code != 0
            assert "No space left on device" in ended.stderr
            continue
        assert ended.code == 0, ended.stderr
        (row,) = map(json.loads, (fenwick / out).read_text("utf-8").splitlines())
        assert row["data"]["run_id"] is None
        assert any("not recorded" in note for note in row["data"]["notes"])


@in_soak
def test_a_lost_scheduler_suspends_the_run_which_resumes_here(tmp_path, monkeypatch, inline):
    monkeypatch.setattr(connection, "LOST_S", 3.0)
    world = make_world(tmp_path, 32)
    whole = ask_deep(world).run_id
    with real_cluster(tmp_path, workers=1) as cluster:
        engine = cluster.engine("tests.fixtures.slow_steps")
        with closing(engine):
            engine.start()
            real = engine.poll

            def poll(timeout_s):
                outcomes = real(timeout_s)
                if outcomes and psutil.pid_exists(cluster.scheduler.pid):
                    cluster.kill_scheduler()
                return outcomes

            engine.poll = poll
            with pytest.raises(ClusterError) as raised:
                ask_deep(world, engine)
    run_id = raised.value.hint.rpartition("docsearch resume ")[2].split()[0]

    assert inline("resume", run_id, "--engine", "inline", "--json").code == 0
    found = []
    for name in (whole, run_id):
        with opened_run(world.home, name) as store:
            found.append(digests(store))
    assert found[0] == found[1]


def test_nothing_is_left_behind_when_a_worker_is_killed(tmp_path):
    with real_cluster(tmp_path, workers=1) as cluster, closing(cluster.engine(STEPS)) as engine:
        engine.start()
        pid = int(run(engine, "pid").output)
        assert psutil.pid_exists(pid)
        os.kill(cluster.workers[0].pid, signal.SIGKILL)

        assert wait_until(lambda: not psutil.pid_exists(pid), 10)


def test_a_scheduler_that_is_not_there_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(connection, "_CONNECT_S", 0.5)
    with closing(RealCluster(tmp_path)) as cluster:
        cluster.kill_scheduler()
        with pytest.raises(ClusterError, match="there is no scheduler at tcp://127"):
            cluster.engine(STEPS).start()


@in_soak
def test_a_cluster_of_this_machine_ends_with_the_command(docsearch, fenwick):
    ended = docsearch(
        *("ask", "how do retries and the buffer limit work together?", "--deep", "--json"),
        *("--engine", "dask", "--scheduler", "local", "--workers", "1"),
        cwd=fenwick,
    )

    assert ended.code == 0, ended.stderr
    assert ended.data["run_id"]
    assert wait_until(lambda: not local_processes(), 10)


def local_processes():
    return [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if process.info["cmdline"]
        and process.info["cmdline"][0] == sys.executable
        and "cluster.local_processes" in " ".join(process.info["cmdline"])
    ]

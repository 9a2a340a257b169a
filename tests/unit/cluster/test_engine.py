"""The dask engine against a cluster that is played: what is lost is sent again, what is odd too."""

import json

import pytest

from docsearch_cli.cluster.connection import ClusterWorker
from docsearch_cli.cluster.engine import DaskEngine
from docsearch_cli.engine.frames import join_frames
from docsearch_cli.engine.protocol import StepCall, StepOutcome, outcome_header
from tests.support import needs

needs("distributed")


class PlayedFuture:
    def __init__(self, key):
        self.key, self.status, self.data = key, "pending", None
        self.callback = None
        self.is_released = False

    def add_done_callback(self, callback):
        self.callback = callback

    def result(self, timeout=None):
        return self.data

    def exception(self, timeout=None):
        return ValueError("odd")

    def end(self, data=None, status="finished"):
        self.status, self.data = status, data
        self.callback(self)

    def release(self):
        self.is_released = True

    cancel = release


class PlayedCluster:
    session, identity = "s", b"i"

    def __init__(self, *addresses, threads=1, is_direct=False):
        self.here = {name: ClusterWorker(name, name, threads, is_direct) for name in addresses}
        self.ways = []
        self.sent = []
        self.refused = []
        self.is_closed = False

    def open(self):
        pass

    def workers(self):
        return dict(self.here)

    def submit(self, worker, key, function, *args):
        self.ways.append(function.__name__)
        future = PlayedFuture(key)
        self.sent.append((worker.address, future))
        return future

    send_directly = submit

    def refuse(self, address, reason):
        self.refused.append((address, reason))
        del self.here[address]

    def close(self):
        self.is_closed = True


def ended(number=1, output=b"out", **changes):
    outcome = StepOutcome(number, "ok", output)
    head = {**outcome_header(outcome), "worker": 7, **changes}
    return join_frames(b"ended", json.dumps(head).encode(), output, b"log")


def begin(*addresses, **options):
    cluster = PlayedCluster(*addresses, **options)
    engine = DaskEngine(cluster, "registry")
    engine.submit(StepCall(1, "f@1", b"", 10))
    return cluster, engine


def test_an_outcome_comes_whole_and_its_task_is_released_at_once():
    cluster, engine = begin("a")
    ((address, future),) = cluster.sent
    future.end(ended())

    (outcome,) = engine.poll(1)
    assert (outcome.output, outcome.log, outcome.worker) == (b"out", b"log", 7)
    assert (address, future.is_released) == ("a", True)
    assert engine.free_slots() == 2


def test_keys_name_the_session_the_step_and_the_attempt():
    cluster = PlayedCluster("a")
    engine = DaskEngine(cluster, "registry")
    engine.submit(StepCall(4, "f@1", b"", 10, attempt=2))

    assert cluster.sent[0][1].key == "docsearch-s-4-2-1"


@pytest.mark.parametrize(("is_direct", "way"), [(True, "run_unit_directly"), (False, "run_unit")])
def test_a_worker_in_reach_is_called_past_the_scheduler(is_direct, way):
    cluster, engine = begin("a", is_direct=is_direct)
    cluster.sent[0][1].end(ended())

    assert cluster.ways == [way]
    assert engine.poll(1)[0].output == b"out"


def test_calls_go_where_there_is_most_room():
    cluster, engine = begin("a", "b", threads=2)
    engine.submit(StepCall(2, "f@1", b"", 10))
    engine.submit(StepCall(3, "f@1", b"", 10))

    assert [address for address, _ in cluster.sent] == ["a", "b", "a"]
    assert engine.free_slots() == 5


def test_without_room_nothing_is_sent():
    _, engine = begin("a")
    engine.submit(StepCall(2, "f@1", b"", 10))

    assert engine.free_slots() == 0
    with pytest.raises(RuntimeError):
        engine.submit(StepCall(3, "f@1", b"", 10))


def test_what_a_lost_worker_had_is_sent_to_another_one_and_charged_to_nobody():
    cluster, engine = begin("a", "b")
    del cluster.here["a"]

    assert engine.poll(0) == []
    assert engine.poll(0) == []
    assert [address for address, _ in cluster.sent] == ["a", "b"]
    cluster.sent[0][1].end(ended(output=b"late"))
    cluster.sent[1][1].end(ended())
    (outcome,) = engine.poll(1)
    assert (outcome.status, outcome.output) == ("ok", b"out")


def test_a_step_with_which_worker_after_worker_is_lost_has_crashed():
    cluster, engine = begin("a", "b", "c", "d", "e")
    outcomes = []
    for _ in range(10):
        cluster.here.pop(cluster.sent[-1][0], None)
        outcomes += engine.poll(0)

    (outcome,) = outcomes
    assert (outcome.status, outcome.error.kind) == ("crash", "WorkerDied")
    assert len(cluster.sent) == 4


def test_slots_come_and_go_with_the_workers():
    cluster, engine = begin("a")
    cluster.here["b"] = ClusterWorker("b", "b", 4)

    assert engine.free_slots() == 9
    del cluster.here["b"]
    assert engine.free_slots() == 1


def test_a_call_that_waits_to_be_sent_again_takes_room():
    cluster, engine = begin("a")
    del cluster.here["a"]
    engine.poll(0)
    cluster.here["b"] = ClusterWorker("b", "b", 1)

    assert engine.free_slots() == 1


def test_a_worker_that_refuses_is_used_no_more():
    cluster, engine = begin("a", "b")
    cluster.sent[0][1].end(join_frames(b"refused", b"other code"))
    engine.poll(0.1)
    engine.poll(0)

    assert cluster.refused == [("a", "other code")]
    assert cluster.sent[-1][0] == "b"


@pytest.mark.parametrize(
    "data",
    [
        None,
        "text",
        {"status": "ok"},
        b"",
        b"\0\0",
        join_frames(b"ended"),
        join_frames(b"ended", b"{}", b"", b""),
        join_frames(b"other", b"{}", b"", b""),
        ended(number=2),
        ended(status="fine"),
        ended(worker="x"),
        ended() + b"more",
        join_frames(b"ended", b"[" * 100_000, b"", b""),
    ],
)
def test_what_is_no_outcome_is_none(data):
    cluster, engine = begin("a")
    cluster.sent[0][1].end(data)

    assert engine.poll(0.1) == []
    engine.poll(0)
    assert len(cluster.sent) == 2


@pytest.mark.parametrize("status", ["cancelled", "lost", "error"])
def test_a_task_that_dask_gives_up_is_sent_again(status):
    cluster, engine = begin("a")
    cluster.sent[0][1].end(status=status)

    assert engine.poll(0.1) == []
    engine.poll(0)
    assert len(cluster.sent) == 2


def test_a_task_that_should_long_have_ended_is_taken_back(monkeypatch):
    monkeypatch.setattr("docsearch_cli.cluster.engine._WAY_S", -21.0)
    cluster, engine = begin("a")

    assert engine.poll(0) == []
    assert cluster.sent[0][1].is_released


def test_closing_releases_what_runs_and_ends_the_connection():
    cluster, engine = begin("a")
    engine.close()
    engine.close()

    assert cluster.sent[0][1].is_released
    assert cluster.is_closed

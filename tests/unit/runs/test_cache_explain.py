"""Whether a step's result is in the cache, and what it would take."""

import shutil
from dataclasses import dataclass, replace

import pytest

from docsearch_cli.engine.step_cache import open_step_cache
from docsearch_cli.errors import RunCorruptError, StepNotFoundError
from docsearch_cli.index.build import build_index
from docsearch_cli.index.store import open_index
from docsearch_cli.runs.cache_explain import explain_cache
from docsearch_cli.runs.catalog import opened_run
from docsearch_cli.runs.step_values import read_view
from docsearch_cli.runs.store import RunStore
from docsearch_cli.runs.trace import read_trace
from tests.searching import World, ask_deep, make_world
from tests.unit.runs.forging import LIMITS, forging


@dataclass
class Asked:
    """A corpus, its cache, and the runs of one question."""

    world: World

    @property
    def home(self):
        return self.world.home

    def ask(self, use_cache=True):
        return ask_deep(self.world, use_cache=use_cache).run_id

    def store(self, run_id):
        return RunStore(self.home / "runs" / run_id / "run.db", "append")

    def explain(self, run_id, step="1", index=None):
        cache = open_step_cache(self.home, lambda text: None)
        try:
            with opened_run(self.home, run_id) as store:
                return explain_cache(self.home, index or self.world.index, store, step, cache)
        finally:
            cache.close()


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    asked = Asked(make_world(tmp_path_factory.mktemp("asked"), 3, LIMITS))
    return asked, asked.ask()


@pytest.fixture
def asked(first, tmp_path):
    """A copy of it that the test may change, with the id of its run."""
    original, run_id = first
    home = tmp_path / ".docsearch"
    shutil.copytree(original.world.home, home)
    return Asked(replace(original.world, home=home)), run_id


def later(store, **changes):
    """Let a run be of another time, or of whatever else."""
    with forging(store) as forgery:
        forgery.facts.update(changes)
    store.close()


def test_a_first_run_had_nothing_to_find_and_the_next_will(asked):
    asked, run_id = asked
    found = asked.explain(run_id)

    assert found.step.startswith("1-traverse-")
    assert (found.origin, found.hit_now) == ("ran", True)
    assert found.hit_then == "no earlier run opened this node for this question"
    assert found.parts[0].name == "code"
    assert [part.name for part in found.parts[1:]] == sorted(part.name for part in found.parts[1:])
    assert all(part.same and len(part.now) == 12 for part in found.parts)


def test_a_second_run_found_every_part(asked):
    asked, _ = asked
    found = asked.explain(asked.ask())

    assert (found.origin, found.hit_then) == ("cache", "every part was known")


def test_a_shared_step_came_from_the_other_run(asked):
    asked, run_id = asked
    with forging(asked.store(run_id)) as forgery:
        forgery.commit_of(1)["ended"]["origin"] = "fork"

    assert asked.explain(run_id).hit_then == "shared with the other run"


def test_a_run_without_the_cache_says_so(asked):
    asked, run_id = asked
    again = asked.ask(use_cache=False)
    later(asked.store(again), created_at="2999")

    assert asked.explain(again).hit_then == (
        f"all is as in run {run_id}: asked with --no-cache, or the cache was cleared"
    )
    assert asked.explain(run_id).hit_then.startswith("no earlier run")


@pytest.mark.parametrize("ids", [("00000001", "00000002"), ("00000002", "00000001")])
def test_the_nearest_earlier_run_says_which_parts_differ(asked, monkeypatch, ids):
    """Runs are looked through in the order of their ids, whichever is nearest."""
    asked, run_id = asked
    drawn = iter(ids)
    monkeypatch.setattr("docsearch_cli.runs.recorder.secrets.token_hex", lambda count: next(drawn))
    nearest, far = asked.ask(use_cache=False), asked.ask(use_cache=False)
    later(asked.store(run_id), created_at="2999", step_source="f" * 32)
    with forging(asked.store(far)) as forgery:
        sent = forgery.sent(1)
        view = {**forgery.load(sent["input"]), "covered": ["x"], "known_share": 0.1}
        sent["input"] = forgery.put(view)
    found = asked.explain(run_id)

    assert found.hit_then == f"nearest is run {nearest}; different there: code"
    code = found.parts[0]
    assert (code.recorded, code.same) == ("f" * 12, False)


@pytest.mark.parametrize("kind", ["question", "damaged", "oldest"])
def test_a_run_that_says_nothing_of_the_step_is_passed_over(asked, kind):
    asked, run_id = asked
    other = asked.ask(use_cache=False)
    later(asked.store(run_id), created_at="2999")
    if kind == "question":
        later(asked.store(other), question="something else?")
    elif kind == "damaged":
        store = asked.store(other)
        store.connection.execute("update events set hash = 'x' where seq = 4")
        store.close()
    else:
        store = asked.store(other)
        with forging(store) as forgery:
            del forgery.facts["created_at"]
        store.close()

    assert asked.explain(run_id).hit_then.startswith("no earlier run")


def test_an_empty_cache_has_no_result(asked):
    asked, run_id = asked
    shutil.rmtree(asked.home / "cache")
    found = asked.explain(run_id)

    assert not found.hit_now
    assert all(part.same for part in found.parts)


def test_a_document_that_changed_changes_its_parts(asked, tmp_path):
    asked, run_id = asked
    docs = tmp_path / "docs"
    original = asked.world.index.roots[0].path
    shutil.copytree(original, docs)
    with opened_run(asked.home, run_id) as store:
        path = read_view(store, read_trace(store).step(1)).path
    (docs / path).write_text((docs / path).read_text() + "\n\nOne more paragraph.\n")
    build_index(tmp_path / "new" / ".docsearch", [docs])
    found = asked.explain(run_id, index=open_index(tmp_path / "new" / ".docsearch"))

    assert not found.hit_now
    assert "content_hash" in {part.name for part in found.parts if not part.same}
    assert "question" not in {part.name for part in found.parts if not part.same}


def test_a_node_that_is_gone_has_no_parts_now(asked, tmp_path):
    asked, run_id = asked
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "other.md").write_text("# Other\n")
    build_index(tmp_path / "new" / ".docsearch", [docs])
    found = asked.explain(run_id, index=open_index(tmp_path / "new" / ".docsearch"))

    assert not found.hit_now
    assert {part.now for part in found.parts[1:]} == {""}


def test_a_step_that_was_shown_nothing_had_no_parts(asked):
    asked, run_id = asked
    with forging(asked.store(run_id)) as forgery:
        forgery.sent(1)["input"] = forgery.put({})
    found = asked.explain(run_id)

    assert {part.recorded for part in found.parts[1:]} == {""}
    assert all(part.now for part in found.parts[1:])


def test_a_fixed_step_is_never_cached(asked):
    asked, run_id = asked

    with pytest.raises(RunCorruptError, match="never cached"):
        asked.explain(run_id, "plan")


def test_an_unknown_step_is_named(asked):
    asked, run_id = asked

    with pytest.raises(StepNotFoundError):
        asked.explain(run_id, "99")

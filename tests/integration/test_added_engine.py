"""An engine that somebody adds: one row and one file, and every command knows it."""

import sys

import pytest

from docsearch_cli.explore.step_functions import FUNCTIONS
from docsearch_cli.runs.catalog import opened_run
from docsearch_cli.runs.trace import read_trace
from docsearch_cli.search.engines import ENGINES, EngineRow
from tests.fixtures.toy_engine import ToyEngine
from tests.searching import digests
from tests.support import run_command

QUESTION = "how do retries and the buffer limit work together?"


@pytest.fixture
def toys(monkeypatch):
    """Adds the row; gives the engines that it made."""
    made = []

    def make(options):
        made.append(ToyEngine(options.settings["workers"], FUNCTIONS))
        return made[-1]

    monkeypatch.setitem(ENGINES, "toy", EngineRow("toy", "threads", make))
    return made


def recorded(home, run_id):
    """The digests of a run's DAG and answer, and the engine that its record names."""
    with opened_run(home / ".docsearch", run_id) as store:
        return digests(store), read_trace(store).facts["engine"]


def test_a_search_on_an_added_engine_has_the_dag_of_every_other(inline, fenwick, toys):
    found = {}
    for engine in ("inline", "local", "toy"):
        data = inline(
            "ask", QUESTION, "--deep", "--engine", engine, "--workers", "4", "--no-cache", "--json"
        ).data
        found[engine], name = recorded(fenwick, data["run_id"])
        assert name == engine

    assert found["toy"] == found["local"] == found["inline"]
    (toy,) = toys
    assert sorted(toy.numbers) != toy.numbers


def test_every_command_that_runs_steps_takes_an_added_engine(inline, fenwick, toys):
    words = ("--engine", "toy", "--no-cache", "--json")
    run_id = inline("ask", QUESTION, "--deep", *words).data["run_id"]
    forked = inline("fork", run_id, "--at", "0", "--set", "max_agents=3", *words)

    assert forked.code == 0
    assert recorded(fenwick, forked.data["run_id"])[1] == "toy"
    assert inline("runs", "verify", run_id).code == 0


@pytest.mark.parametrize(
    "words", [("ask", "x"), ("resume", "7"), ("fork", "7", "--at", "0", "--set", "seeds=1")]
)
def test_an_engine_that_there_is_not_is_a_usage_error(inline, fenwick, toys, words):
    ended = inline(*words, "--engine", "steam", "--json")

    assert ended.code == 2
    (error,) = ended.document["errors"]
    assert error["message"] == "there is no engine 'steam'"
    *others, last = ENGINES
    assert last == "toy"
    assert error["hint"] == f"use {', '.join(others)} or toy"


ADDED = """
from docsearch_cli.search import engines
engines.ENGINES["toy"] = engines.EngineRow("toy", "threads", print)
from docsearch_cli.cli.app import main
main()
"""


@pytest.mark.parametrize("command", ["ask", "resume", "fork"])
def test_help_lists_an_added_engine(tmp_path, command):
    ended = run_command(command, "--help", cwd=tmp_path, line=[sys.executable, "-c", ADDED])

    assert "or toy (threads)." in " ".join(ended.stdout.split())

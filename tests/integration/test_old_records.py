"""What earlier states of docsearch recorded is read, or refused in words (see its README).

A change that makes one of these fail breaks what people have on their disks: raise the version of
what changed, say so in docs/formats-policy.md, and only then change what is expected here.
"""

import zipfile

import pytest

from docsearch_cli.explore.agents.table import AGENTS
from docsearch_cli.explore.step_functions import AGGREGATE, INTENT
from docsearch_cli.index.manifest import SCHEMA_VERSION
from docsearch_cli.runs.catalog import opened_run
from docsearch_cli.runs.trace import read_trace
from tests.support import REPOSITORY

LOCAL = AGENTS["local"].function
RECORDS = REPOSITORY / "tests" / "fixtures" / "records"
KINDS = ("complete", "fork", "partial", "resumed")
# Steps have the functions of this version: replayed and verified. Otherwise drawn and compared.
SAME_FUNCTIONS = ("70721ad",)
OLDER_FUNCTIONS = (
    "fa01e66", "15dfddd", "9a44fca", "0633632", "dac99c1", "bebb1cb", "796b7ea", "93e0266",
)  # fmt: skip
# What of it cannot be replayed: the intent, the fan-in and the agent.
OLDER_VERSIONS = {
    "fa01e66": ("explore.intent@2", "explore.aggregate@3", "explore.local@2"),
    "15dfddd": ("explore.intent@2", "explore.aggregate@4", "explore.local@3"),
    "9a44fca": ("explore.intent@2", "explore.aggregate@4", "explore.local@3"),
    "0633632": ("explore.intent@3", "explore.aggregate@5", "explore.local@4"),
    "dac99c1": ("explore.intent@3", "explore.aggregate@5", "explore.local@4"),
    "bebb1cb": ("explore.intent@4", "explore.aggregate@6", "explore.local@5"),
    "796b7ea": ("explore.intent@4", "explore.aggregate@6", "explore.local@5"),
    "93e0266": ("explore.intent@4", "explore.aggregate@7", LOCAL),
}
INDEX_SCHEMAS = {
    "fa01e66": 1, "15dfddd": 2, "9a44fca": 2, "0633632": 3, "dac99c1": 4,
    "bebb1cb": 5, "796b7ea": 5, "93e0266": 5,
}  # fmt: skip
SAME_SCHEMA = SAME_FUNCTIONS
READABLE = [f"{state}/{kind}" for state in (*SAME_FUNCTIONS, *OLDER_FUNCTIONS) for kind in KINDS]
REPLAYABLE = [f"{state}/{kind}" for state in SAME_FUNCTIONS for kind in KINDS]
OLDER = [f"{state}/{kind}" for state in OLDER_FUNCTIONS for kind in KINDS]
STEPS = {"complete": 4, "fork": 3, "partial": 2, "resumed": 4}
# Since a page's words are followed up, one page more is opened.
FOLLOWED_UP = (*SAME_FUNCTIONS, "0633632", "dac99c1", "bebb1cb", "796b7ea", "93e0266")
NEWER_STEPS = {"complete": 5, "fork": 3, "partial": 2, "resumed": 5}


def record(name):
    return str(RECORDS / f"{name}.docsearch-run")


def state_of(name):
    return name.partition("/")[0]


def kind_of(name):
    return name.rpartition("/")[2]


def steps_of(name):
    return (NEWER_STEPS if state_of(name) in FOLLOWED_UP else STEPS)[kind_of(name)]


def test_every_record_is_tested():
    found = {
        path.relative_to(RECORDS).with_suffix("").as_posix()
        for path in RECORDS.rglob("*.docsearch-run")
    }

    assert found == {*READABLE, "06a4d97/complete", "damaged/complete"}


@pytest.mark.parametrize("name", READABLE)
def test_a_record_is_read(tmp_path, name):
    with opened_run(tmp_path, record(name)) as store:
        trace = read_trace(store)

    assert len(trace.steps) == steps_of(name)
    assert trace.status == ("partial" if kind_of(name) == "partial" else "complete")
    assert (trace.facts["fork"] is not None) == (kind_of(name) == "fork")
    assert len(trace.resumed) == (kind_of(name) == "resumed")
    assert all(row.has_ended for row in trace.all_steps())


@pytest.mark.parametrize("name", READABLE)
def test_a_record_is_drawn(inline, name):
    ended = inline("replay", record(name))
    lines = ended.stdout.splitlines()

    assert ended.code == 0
    assert any("When the main lamp fails" in line for line in lines)
    assert sum("──" in line for line in lines) == steps_of(name) + 1
    stopped = "deadline reached" if kind_of(name) == "partial" else "nothing left to follow"
    assert any(line.startswith(f"stopped: {stopped}") for line in lines)
    assert "recorded hashes checked" in ended.stderr


@pytest.mark.parametrize("name", REPLAYABLE)
def test_a_record_of_the_same_functions_is_replayed(inline, name):
    ended = inline("runs", "replay", record(name), "--json")
    (row,) = ended.data["runs"]

    assert ended.code == 0
    assert row["reproduced"] == row["steps"] >= steps_of(name) + 3
    assert row["reasons"] == {}


@pytest.mark.parametrize("name", REPLAYABLE)
def test_a_record_of_the_same_functions_is_verified(inline, name):
    ended = inline("runs", "verify", record(name))

    assert ended.code == 0
    assert "VERIFIED" in ended.stdout


@pytest.mark.parametrize("name", OLDER)
def test_a_record_of_older_functions_says_which_steps_cannot_be_replayed(inline, name):
    ended = inline("runs", "replay", record(name), "--json")
    (row,) = ended.data["runs"]

    assert ended.code == 0
    times = (1, 2 if kind_of(name) == "resumed" else 1, steps_of(name))
    changed = {
        f"function version changed: {then}, now {now}": count
        for then, now, count in zip(
            OLDER_VERSIONS[state_of(name)], (INTENT, AGGREGATE, LOCAL), times, strict=True
        )
        if then != now
    }
    assert (row["reproduced"], row["differs"]) == (1 + sum(times) - sum(changed.values()), 0)
    assert row["reasons"] == changed


@pytest.mark.parametrize("name", OLDER)
def test_a_record_of_older_functions_is_not_accused(inline, name):
    agent = OLDER_VERSIONS[state_of(name)][2]
    verified = inline("runs", "verify", record(name), "--json")
    replayed = inline("replay", record(name), "--step", "1", "--json")

    assert (verified.code, replayed.code) == (3, 0 if agent == LOCAL else 3)
    assert verified.document["errors"][0]["code"] == "run_drift"
    assert "a function that no plan asks for" in verified.document["errors"][0]["message"]
    if agent != LOCAL:
        assert f"no {agent}" in replayed.document["errors"][0]["message"]


@pytest.mark.parametrize("words", [["runs", "verify"], ["replay"], ["runs", "export"]])
def test_a_record_of_the_first_schema_is_refused(inline, words):
    ended = inline(*words, record("06a4d97/complete"))

    assert ended.code == 3
    assert "has schema version 1, this docsearch reads 2" in ended.stderr
    assert "read it with the docsearch that wrote it" in ended.stderr


@pytest.mark.parametrize("words", [["runs", "verify"], ["replay"], ["runs", "export"]])
def test_a_damaged_record_is_refused(inline, words):
    ended = inline(*words, record("damaged/complete"), "--json")

    assert ended.code == 3
    assert ended.document["errors"][0]["code"] == "run_corrupt"
    assert "is not what was recorded" in ended.document["errors"][0]["message"]


def test_the_table_of_all_tells_what_is_refused_from_what_is_damaged(inline):
    refused = inline("runs", "replay", record("06a4d97/complete"), record("9a44fca/complete"))
    damaged = inline("runs", "replay", record("damaged/complete"), record("9a44fca/complete"))

    assert refused.code == 0
    assert "not replayed: the run's record" in refused.stdout
    assert damaged.code == 6
    assert "DAMAGED: the content" in damaged.stdout


def test_records_of_different_states_are_compared(inline):
    same = inline("runs", "diff", record("15dfddd/complete"), record("9a44fca/complete"), "--json")
    older = inline("runs", "diff", record("fa01e66/complete"), record("9a44fca/complete"))
    forked = inline("runs", "diff", record("fa01e66/complete"), record("fa01e66/fork"))

    assert (same.code, older.code, forked.code) == (0, 0, 0)
    assert same.data["divergence"] is None
    assert same.data["shared_steps"] == 4
    assert {item["field"] for item in same.data["settings"]} == {"index", "source"}
    assert "part at step 1, input" in older.stdout
    assert "limits.fan_out: 2 -> 1" in forked.stdout
    assert "opened no more: watch.md" in forked.stdout


def unpack(state, home):
    with zipfile.ZipFile(RECORDS / state / "index.zip") as packed:
        packed.extractall(home / ".docsearch")


@pytest.mark.parametrize("state", SAME_SCHEMA)
def test_an_index_of_this_schema_is_read(inline, tmp_path, state):
    unpack(state, tmp_path)
    ended = inline("ask", "How long does a watch last?", "--simple", "--json")

    assert ended.code == 0
    assert ended.data["documents"][0]["path"] == "watch.md"
    assert ended.data["evidence"][0]["quote"].startswith("A watch lasts four hours.")
    assert inline("graph", "stats").code == 0


@pytest.mark.parametrize("state", INDEX_SCHEMAS)
def test_an_index_of_an_older_schema_is_refused_and_built_anew(inline, tmp_path, state):
    unpack(state, tmp_path)
    refused = inline("ask", "How long does a watch last?", "--simple", "--json")
    built = inline("index", str(RECORDS / "pages"))
    asked = inline("ask", "How long does a watch last?", "--simple", "--json")

    assert refused.code == 3
    assert refused.document["errors"][0]["code"] == "index_corrupt"
    versions = f"schema version {INDEX_SCHEMAS[state]}, this docsearch reads {SCHEMA_VERSION}"
    assert versions in refused.document["errors"][0]["message"]
    assert (built.code, asked.code) == (0, 0)
    assert asked.data["documents"][0]["path"] == "watch.md"

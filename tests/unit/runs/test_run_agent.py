import pytest

from docsearch_cli.errors import RunDriftError
from docsearch_cli.explore.agents.table import AGENTS
from docsearch_cli.runs.run_agent import agent_of
from docsearch_cli.runs.trace import read_trace
from tests.unit.runs.forging import forging


def test_the_agent_of_a_run_is_the_one_it_names(record):
    with forging(record) as forgery:
        forgery.facts["agent"] = "edges"

    assert agent_of(read_trace(record)) is AGENTS["edges"]


def test_the_oldest_runs_name_no_agent_and_had_the_local_one(record):
    with forging(record) as forgery:
        del forgery.facts["agent"]

    assert agent_of(read_trace(record)) is AGENTS["local"]


def test_an_agent_that_this_version_lacks_is_drift(record):
    with forging(record) as forgery:
        forgery.facts["agent"] = "oracle"

    with pytest.raises(RunDriftError, match="'oracle', which this version"):
        agent_of(read_trace(record))

"""A recorded run, made once, and a copy of it for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from docsearch_cli.explore.agents.table import Agent
from docsearch_cli.runs.store import RunStore
from tests.asking import ScriptedModel, toy_agent
from tests.searching import ask_deep, make_world
from tests.unit.runs.forging import LIMITS, Recorded, record_run


@pytest.fixture(scope="session")
def recorded_run(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """A finished run of several steps; nobody writes here."""
    return record_run(tmp_path_factory.mktemp("recorded"))


@pytest.fixture
def record(recorded_run: Recorded, tmp_path: Path) -> Iterator[RunStore]:
    """A copy of its record, which may be changed."""
    store = recorded_run.copy_to(tmp_path)
    yield store
    store.close()


@pytest.fixture(scope="session")
def asking_run(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """A finished run whose agent asked a faulty model: requests were made again, one in vain."""
    world = make_world(tmp_path_factory.mktemp("asking"), 55, LIMITS)
    model = ScriptedModel(seed=3, faults=0.3)
    with toy_agent():
        result = ask_deep(world, agent="toy", model=model)
    assert result.run_id is not None
    return Recorded(world, result.run_id)


@pytest.fixture
def toy() -> Iterator[Agent]:
    """The toy agent in the table of agents."""
    with toy_agent() as agent:
        yield agent


@pytest.fixture
def asking_record(asking_run: Recorded, tmp_path: Path, toy: Agent) -> Iterator[RunStore]:
    """A copy of its record, which may be changed, and its agent in the table."""
    store = asking_run.copy_to(tmp_path)
    yield store
    store.close()

"""A recorded run, made once, and a copy of it for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from docsearch_cli.runs.store import RunStore
from tests.unit.runs.forging import Recorded, record_run


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

"""The changes that the update bench makes, and that it notices an index which missed them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bench import bench_update
from tests.bench.bench_update import Folder, Row
from tests.bench.harness import Process


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    (tmp_path / "docs").mkdir()
    for number in range(12):
        (tmp_path / "docs" / f"page-{number}.md").write_text(f"# Page {number}\n\nText.\n")
    return Folder(tmp_path / "docs", tmp_path / "index")


def contents(folder: Folder) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.documents.iterdir()}


def test_each_change_is_made_in_files_that_had_none(folder: Folder) -> None:
    before = contents(folder)
    gained = [
        folder.edit(3),
        folder.add(2),
        folder.delete(2),
        folder.rename(1),
        folder.retitle(1),
    ]
    after = contents(folder)
    kept = before.keys() & after.keys()

    assert gained == [0, 2, -2, 0, 0]
    assert len(after) == 12
    assert len(kept) == 9
    assert sum(after[name] != before[name] for name in kept) == 4
    assert sum("Edited: see" in text for text in after.values()) == 3
    with pytest.raises(RuntimeError, match="too few files"):
        folder.edit(4)


@pytest.mark.parametrize(("counted", "faults"), [(14, 0), (12, 1)])
def test_a_count_that_missed_a_change_is_a_fault(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, counted: int, faults: int
) -> None:
    said = iter([12, counted])

    def run(command: list[str], *, whole_tree: bool) -> Process:
        data = {"counts": {"documents": next(said)}, "links": {"broken": 0}, "unchanged": False}
        return Process(1.0, 9.0, 0, json.dumps({"data": data}), "")

    monkeypatch.setattr(bench_update, "run_process", run)
    folder.index(Row("first"))
    folder.index(Row("added"), changed=2)

    assert len(folder.faults) == faults

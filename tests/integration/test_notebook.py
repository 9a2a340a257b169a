"""docs/api.ipynb: its cells run one after the other, and print what is kept below them.

    python -m tests.integration.test_notebook update

writes what they print into the notebook. No kernel is needed: the cells are plain Python.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
from pathlib import Path
from typing import Any

from tests.support import REPOSITORY

NOTEBOOK = REPOSITORY / "docs" / "api.ipynb"


def run_cells(notebook: dict[str, Any]) -> list[str]:
    """Run every code cell in the notebook's folder; gives what each printed."""
    names: dict[str, Any] = {"__name__": "__main__"}
    printed = []
    with contextlib.chdir(NOTEBOOK.parent):
        for number, cell in enumerate(code_cells(notebook)):
            stream = io.StringIO()
            with contextlib.redirect_stdout(stream):
                exec(compile("".join(cell["source"]), f"cell {number}", "exec"), names)
            printed.append(stream.getvalue())
    return printed


def code_cells(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def kept(cell: dict[str, Any]) -> str:
    """What is kept below a cell."""
    return "".join("".join(output["text"]) for output in cell["outputs"])


def update() -> None:
    notebook = json.loads(NOTEBOOK.read_text("utf-8"))
    for number, (cell, text) in enumerate(
        zip(code_cells(notebook), run_cells(notebook), strict=True), start=1
    ):
        lines = text.splitlines(keepends=True)
        cell["execution_count"] = number
        cell["outputs"] = [{"name": "stdout", "output_type": "stream", "text": lines}][: bool(text)]
    text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    NOTEBOOK.write_text(text, encoding="utf-8")


def test_the_cells_print_what_is_kept_below_them() -> None:
    notebook = json.loads(NOTEBOOK.read_text("utf-8"))
    cells = code_cells(notebook)
    shown = [kept(cell) for cell in cells]

    assert run_cells(notebook) == shown
    assert sum(map(bool, shown)) >= 5


def test_the_notebook_holds_nothing_of_a_machine_or_a_run() -> None:
    notebook = json.loads(NOTEBOOK.read_text("utf-8"))
    text = json.dumps(notebook["cells"], ensure_ascii=False)

    assert str(Path.home()) not in text
    assert not re.search(r"[\"' ]/(?:tmp|home|root|work|usr)/|\b[0-9a-f]{8}\b| ms\b", text)
    assert [cell["execution_count"] for cell in code_cells(notebook)] == [
        *range(1, len(code_cells(notebook)) + 1)
    ]


if __name__ == "__main__":
    if sys.argv[1:] != ["update"]:
        sys.exit(__doc__)
    update()

"""A format is one module and one row: nothing else of the package knows the toy format."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support import REPOSITORY

FILES = {
    "mill.toy": (
        "The old mill\n\nThe sluice opens at dawn.\n\n-> guide.md\n\n"
        "The\tmillstone weighs nine hundred kilograms. It came\nfrom a quarry.\n\n-> gone\n"
    ),
    "guide.md": "# Guide\n\nRead [the mill](mill), [[mill]] or [it](mill.html).\n",
    "nested/next.toy": "Next door\n\n-> ../mill.toy\n-> ../guide\n",
}
PROGRAM = """
import sys
from docsearch_cli.cli.app import main
from docsearch_cli.corpus.formats import table
from tests.unit.corpus.formats.toy import ROW
table.TABLE = table.FormatTable((*table.FORMATS, ROW))
main(sys.argv[1:])
"""


def docsearch(folder: Path, *words: str) -> dict[str, Any]:
    """Run the real command with the row added."""
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words, "--json"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    data: dict[str, Any] = json.loads(ended.stdout)["data"]
    return data


@pytest.fixture
def indexed(tmp_path: Path) -> Path:
    """A folder with an index of a few pages."""
    for name, content in FILES.items():
        file = tmp_path / "docs" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    docsearch(tmp_path, "index", "docs")
    return tmp_path


def test_its_files_are_counted_by_status(indexed: Path) -> None:
    status = docsearch(indexed, "status")

    assert status["counts"]["documents"] == 3
    assert {file["path"]: file["status"] for file in status["files"]} == dict.fromkeys(
        FILES, "indexed"
    )


def test_links_to_it_and_from_it_resolve(indexed: Path) -> None:
    links = docsearch(indexed, "graph", "links")

    broken = [(link["source_path"], link["line"], link["target"]) for link in links["broken"]]
    assert broken == [("mill.toy", 10, "gone")]
    assert (links["resolved"], links["external"]) == (6, 0)


def test_it_is_quoted_with_its_lines(indexed: Path) -> None:
    question = "How many kilograms does the millstone weigh, and from which quarry?"

    answer = docsearch(indexed, "ask", question, "--simple")

    best = answer["evidence"][0]
    assert "The\tmillstone weighs nine hundred kilograms. It came\nfrom a quarry." in best["quote"]
    assert (best["path"], best["line_end"]) == ("mill.toy", 8)
    assert "->" not in json.dumps([item["plain"] for item in answer["evidence"]])

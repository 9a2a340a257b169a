"""Draw the README's picture: a real deep run, its question and its quotes, as SVG.

    python -m tests.bench.draw_picture DEST.svg

The corpus is corpora/fenwick; the run happens now, so the picture is what the product does now.
"""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from docsearch_cli.cli.output import Output
from docsearch_cli.cli.screen import Screen
from docsearch_cli.cli.show_result import show_result
from docsearch_cli.config import load_settings
from docsearch_cli.index.store import open_index
from docsearch_cli.search.ask import ask
from docsearch_cli.search.result import AskOptions, check_result

DOCUMENTS = Path(__file__).resolve().parents[2] / "corpora" / "fenwick" / "docs"
QUESTION = (
    "After a power cut on XFS we got FW-2110 though the data was fine. "
    "Which release contains the fix?"
)
WIDTH = 118


class _Recorded(Output):
    """Writes into a console that records instead of to stdout."""

    def __init__(self, console: Console) -> None:
        super().__init__("ask")
        self.console = console

    def show(self, renderable: object) -> None:
        self.console.print(renderable, markup=False, highlight=False)

    def show_tree(self, tree: object) -> None:
        self.console.print(tree)

    def note(self, text: str) -> None:
        self.console.print(text, style="dim", markup=False, highlight=False)


def main() -> None:
    """Index, ask, draw."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("dest", type=Path, help="the file to write, *.svg")
    dest: Path = parser.parse_args().dest
    console = Console(record=True, width=WIDTH, file=io.StringIO(), emoji=False)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-m", "docsearch_cli", "index", str(DOCUMENTS), "--quiet"],
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        home = Path(folder) / ".docsearch"
        options = AskOptions(settings=load_settings({}, environment={}), mode="deep")
        index = open_index(home)
        checked = check_result(index, ask(home, index, QUESTION, options))
    command = Text("$ ", style="bold green")
    command.append(f'docsearch ask --deep "{QUESTION}"')
    console.print(command)
    show_result(_Recorded(console), checked, screen=Screen(WIDTH, None))
    console.save_svg(str(dest), title="docsearch")


if __name__ == "__main__":
    main()

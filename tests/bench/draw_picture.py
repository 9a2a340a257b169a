"""Draw the pictures of the README: a real deep run, one of its steps again, and recall, as SVG.

    python -m tests.bench.draw_picture FOLDER

The corpus is corpora/fenwick; the run happens now, so a picture is what the product does now. Times
and the run's id are left out of it, so the same product draws the same bytes. Recall is that of the
table in docs/benchmarks.md. No picture loads a font.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from html import escape
from pathlib import Path

from rich.console import Console
from rich.text import Text

REPOSITORY = Path(__file__).resolve().parents[2]
DOCUMENTS = REPOSITORY / "corpora" / "fenwick" / "docs"
BENCHMARKS = REPOSITORY / "docs" / "benchmarks.md"
QUESTION = (
    "After a power cut on XFS we got FW-2110 though the data was fine. "
    "Which release contains the fix?"
)
WIDTH = 118
STEP = "6"
RUN = "RUN"
# What differs from one run to the next.
_TIME = re.compile(r" +\d+(?:\.\d+)? m?s\b")
_STYLES = (
    (re.compile(r"^(?:run|stopped|\d+ )[^\n]*"), "bold"),
    (re.compile(r"✓"), "green"),
    (re.compile(r"→"), "cyan"),
    (re.compile(r"✗"), "red"),
    (re.compile(r'^\s+"?.*"?$'), ""),
    (re.compile(r"^(?:question|node|covered|sought|saw|decided|REPRODUCED)\b"), "bold"),
)
_FONTS = '"SFMono-Regular", Consolas, "Liberation Mono", Menlo, monospace'
# The chart: rows of two bars, in pixels.
_LEFT, _BAR, _ROW, _FULL = 250, 12, 40, 400


def docsearch(folder: Path, *words: str) -> str:
    """Run a command; return what it prints, without what differs from run to run."""
    done = subprocess.run(
        [sys.executable, "-m", "docsearch_cli", *words],
        cwd=folder,
        env={**os.environ, "COLUMNS": str(WIDTH), "NO_COLOR": "1"},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def without(text: str, first: str, last: str) -> list[str]:
    """Return the lines of a text but those from one that begins so up to another one."""
    lines = text.rstrip().split("\n")
    begin = next(n for n, line in enumerate(lines) if line.startswith(first))
    end = next((n for n, line in enumerate(lines) if line.startswith(last)), len(lines))
    return [*lines[:begin], "...", *lines[end:]]


def draw(dest: Path, command: str, lines: list[str]) -> None:
    """Draw a terminal with a command and what it prints."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), emoji=False)
    prompt = Text("$ ", style="bold green")
    prompt.append(command)
    console.print(prompt)
    for line in lines:
        text = Text(_TIME.sub("", line))
        for pattern, style in _STYLES:
            for found in pattern.finditer(text.plain):
                text.stylize(style, *found.span())
        console.print(text)
    svg = console.export_svg(title="docsearch", unique_id="docsearch")
    svg = re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = re.sub(r"font-family: Fira Code[^;]*;", f"font-family: {_FONTS};", svg)
    dest.write_text(svg, encoding="utf-8")


def recall() -> list[tuple[str, float, float]]:
    """Return each set with its recall, simple and deep, by keywords."""
    rows = re.findall(
        r"^\| ([^|]+?)(?:, [\d,]+ [^|]*)? \| \**([\d.]+)\** \| \**([\d.]+)\** \| [^|]*\| [^|]*\|$",
        BENCHMARKS.read_text("utf-8").partition("## Recall")[2].partition("## Answers")[0],
        re.MULTILINE,
    )
    return [
        (re.split(r" without| \(", name)[0].replace("`", ""), float(simple), float(deep))
        for name, simple, deep in rows
    ]


def draw_recall(dest: Path) -> None:
    """Draw recall as bars."""
    rows = recall()
    height = _ROW * len(rows) + 60
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="820" height="{height}" role="img"'
        f' font-family="system-ui, sans-serif" font-size="14">',
        "<title>Right pages among the first five, in percent</title>",
        f'<rect width="820" height="{height}" fill="#ffffff"/>',
        f'<rect x="{_LEFT}" y="16" width="12" height="12" fill="#9aa7b5"/>',
        f'<text x="{_LEFT + 18}" y="27">simple</text>',
        f'<rect x="{_LEFT + 90}" y="16" width="12" height="12" fill="#1f6feb"/>',
        f'<text x="{_LEFT + 108}" y="27">deep, at most 20 pages opened</text>',
    ]
    for number, (name, simple, deep) in enumerate(rows):
        top = 44 + number * _ROW
        parts.append(
            f'<text x="{_LEFT - 12}" y="{top + 17}" text-anchor="end">{escape(name)}</text>'
        )
        for place, (value, colour) in enumerate(((simple, "#9aa7b5"), (deep, "#1f6feb"))):
            y, width = top + place * (_BAR + 2), value * _FULL / 100
            parts.append(
                f'<rect x="{_LEFT}" y="{y}" width="{width:g}" height="{_BAR}" fill="{colour}"/>'
                f'<text x="{_LEFT + width + 8:g}" y="{y + 11}" font-size="12">{value:.1f}</text>'
            )
    dest.write_text("\n".join([*parts, "</svg>", ""]), encoding="utf-8")


def main() -> None:
    """Index, ask, draw."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("folder", type=Path, help="where the pictures go")
    dest: Path = parser.parse_args().folder
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(DOCUMENTS, folder / "docs")
        docsearch(folder, "index", "docs", "--quiet")
        asked = docsearch(folder, "ask", "--deep", QUESTION)
        run_id = re.findall(r"^run ([0-9a-f]+)", asked, re.MULTILINE)[0]
        again = docsearch(folder, "replay", run_id, "--step", STEP)
    shown = asked.replace(f"run {run_id}", RUN.lower())
    command = f'docsearch ask --deep "{QUESTION}"'
    draw(dest / "deep-run.svg", command, without(shown, "6  ", "nothing"))
    draw(
        dest / "replay-step.svg",
        f"docsearch replay {RUN} --step {STEP}",
        without(again.replace(run_id, RUN), "     0.122", "decided"),
    )
    draw_recall(dest / "recall.svg")


if __name__ == "__main__":
    main()

"""How long hostile and huge files take to read: twice the size must take about twice the time.

A case is a text of n repeated parts. Each is read as the index does it: sections, links, pieces,
plain text and sentences; and once more with n doubled. Times below a few milliseconds say nothing.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from math import isqrt
from pathlib import Path
from types import FrameType

from docsearch_cli.corpus.plain import plain_text, sentences
from docsearch_cli.corpus.readers import read
from docsearch_cli.corpus.walk import FoundFile, walk
from docsearch_cli.models import Document
from tests.bench.harness import note, save_results, scratch, show_machine, show_table

# Linear work with a larger cache to miss is still below; quadratic work is 4.
MOST_GROWTH = 3.0
# Shorter than this, starting up and measuring weigh more than the file.
LEAST_SECONDS = 0.05
MOST_FILE_BYTES = 200_000_000


@dataclass(frozen=True, slots=True)
class Case:
    """A kind of file."""

    name: str
    suffix: str
    make: Callable[[int], str]
    """The text for n; every case takes about as long as any other."""
    size: int
    """n"""


def _repeated(part: str) -> Callable[[int], str]:
    return lambda n: part * n


CASES = (
    Case("one line of words", ".md", _repeated("lorem ipsum "), 500_000),
    Case("one line without a space", ".md", _repeated("lorem"), 1_000_000),
    Case("one line of text", ".txt", _repeated("lorem ipsum "), 500_000),
    Case("lines", ".md", _repeated("a line of text\n"), 100_000),
    Case("lines of text", ".txt", _repeated("a line of text\n"), 100_000),
    Case("lines ended by \\r", ".md", _repeated("a line of text\r"), 100_000),
    Case("blank lines", ".md", _repeated("\n"), 2_000_000),
    Case("lines of spaces", ".md", _repeated("   \n"), 500_000),
    Case("spaces", ".md", _repeated(" "), 5_000_000),
    Case("spaces in a line", ".md", lambda n: "x\n" + " " * n + "x", 2_000_000),
    Case("tabs", ".md", _repeated("\t"), 2_000_000),
    Case("headings", ".md", _repeated("# heading\n"), 50_000),
    Case("headings and text", ".md", _repeated("# heading\n\ntext\n\n"), 25_000),
    Case("underlined headings", ".md", _repeated("heading\n===\n"), 25_000),
    Case("headings in a list", ".md", _repeated("- # heading\n"), 25_000),
    Case(
        "headings with ids", ".md", lambda n: "".join(f"# h {{#i{i}}}\n" for i in range(n)), 25_000
    ),
    Case("links on lines", ".md", _repeated("[text](page.md)\n"), 50_000),
    Case("links in a line", ".md", _repeated("[text](page.md) "), 50_000),
    Case("links in items", ".md", _repeated("- [text](page.md)\n"), 50_000),
    Case("links in nested items", ".md", _repeated("- [a](b.md)\n  - [c](d.md)\n"), 15_000),
    Case("reference links", ".md", lambda n: "[a][b]\n\n" * n + "[b]: c.md\n", 20_000),
    Case("definitions", ".md", lambda n: "".join(f"[a{i}]: b{i}.md\n" for i in range(n)), 20_000),
    Case("open definitions", ".md", _repeated("[a]:\n"), 20_000),
    Case("wiki links", ".md", _repeated("[[note]] "), 50_000),
    Case("block ids", ".md", lambda n: "".join(f"text ^b{i}\n" for i in range(n)), 20_000),
    Case(
        "ids in tags",
        ".md",
        lambda n: "".join(f'<a name="i{i}"></a> w\n' for i in range(n)),
        20_000,
    ),
    Case("[", ".md", _repeated("["), 1_000_000),
    Case("[[", ".md", _repeated("[[a"), 300_000),
    Case("![", ".md", _repeated("!["), 500_000),
    Case("](", ".md", _repeated("]("), 500_000),
    Case("](a", ".md", _repeated("](a"), 300_000),
    Case("[a](", ".md", _repeated("[a]("), 300_000),
    Case("[ of many lines", ".md", _repeated("[\n"), 100_000),
    Case("*", ".md", _repeated("*"), 2_000_000),
    Case("*a", ".md", _repeated("*a "), 500_000),
    Case("_", ".md", _repeated("_"), 2_000_000),
    Case("_ *", ".md", _repeated("_ * "), 500_000),
    Case("`", ".md", _repeated("`"), 500_000),
    Case("`a", ".md", _repeated("`a"), 500_000),
    Case("x `", ".md", lambda n: "x" + "`" * n, 500_000),
    Case("``a", ".md", _repeated("``a "), 200_000),
    Case(
        "backticks of all lengths",
        ".md",
        lambda n: " ".join("`" * i for i in range(isqrt(n))),
        2_000_000,
    ),
    Case("<", ".md", _repeated("<"), 2_000_000),
    Case("<a", ".md", _repeated("<a "), 500_000),
    Case("<!--", ".md", _repeated("<!--"), 300_000),
    Case("<!-- -->", ".md", _repeated("<!-- --> "), 100_000),
    Case("<? on lines", ".md", _repeated("<?\n\n"), 50_000),
    Case("<div> on lines", ".md", _repeated("<div>\n"), 100_000),
    Case("\\", ".md", _repeated("\\"), 1_000_000),
    Case("&", ".md", _repeated("&"), 2_000_000),
    Case("&#", ".md", _repeated("&#1"), 500_000),
    Case("|", ".md", _repeated("|"), 500_000),
    Case("~", ".md", _repeated("~"), 1_000_000),
    Case("=", ".md", _repeated("="), 2_000_000),
    Case("-", ".md", _repeated("-"), 2_000_000),
    Case("- ", ".md", _repeated("- "), 500_000),
    Case("#", ".md", _repeated("#"), 2_000_000),
    Case("# ", ".md", _repeated("# "), 500_000),
    Case("spaces in a heading", ".md", lambda n: "# a #" + " " * n + "x", 1_000_000),
    Case("{#", ".md", _repeated("{#a "), 300_000),
    Case("> ", ".md", _repeated("> "), 500_000),
    Case("quotation", ".md", _repeated("> text\n"), 30_000),
    Case(
        "nested quotations",
        ".md",
        lambda n: "".join(">" * i + " a\n" for i in range(isqrt(n))),
        500_000,
    ),
    Case(
        "nested list",
        ".md",
        lambda n: "".join("  " * i + "- a\n" for i in range(isqrt(n))),
        500_000,
    ),
    Case("- in a line, over and over", ".md", _repeated("- - - - - a\n"), 5_000),
    Case("digits", ".md", _repeated("1"), 1_000_000),
    Case("1. ", ".md", _repeated("1. "), 300_000),
    Case("items", ".md", _repeated("- item\n"), 100_000),
    Case("items with text below", ".md", _repeated("- item\n\n  [a](b.md)\n\n"), 8_000),
    Case("table", ".md", lambda n: "|a|b|\n|-|-|\n" + "|[c](d.md)|e|\n" * n, 15_000),
    Case("wide table", ".md", lambda n: "|a" * n + "|\n" + "|-" * n + "|\n" + "|b" * n, 15_000),
    Case("table without links", ".md", lambda n: "|a|b|\n|-|-|\n" + "|c|d|\n" * n, 100_000),
    Case("open fences", ".md", _repeated("```a\n"), 100_000),
    Case("fences", ".md", _repeated("```\nx\n```\n"), 50_000),
    Case("fences in items", ".md", _repeated("- a\n\n  ```\n  x\n  ```\n\n"), 4_000),
    Case("words before :", ".md", _repeated("a:b:"), 500_000),
    Case("full stops", ".md", _repeated("."), 1_000_000),
    Case("sentences", ".md", _repeated("It is. "), 300_000),
    Case("commas", ".md", _repeated("a,"), 500_000),
    Case("CJK", ".md", _repeated("中文。"), 300_000),
    Case("template", ".md", _repeated("]({{ a "), 200_000),
    Case("front matter", ".md", lambda n: "---\n" + "a: b\n" * n, 300_000),
    Case("comments in front matter", ".md", lambda n: "---\n" + "#\n\n" * n + "!\n---\n", 10_000),
    Case("~ and a bar", ".md", lambda n: "~" * n + "|", 500_000),
    Case("%%", ".md", _repeated("%%[[a]]\n"), 30_000),
    Case("HTML <", ".html", _repeated("<"), 2_000_000),
    Case("HTML <a", ".html", _repeated("<a "), 500_000),
    Case('HTML <a "', ".html", _repeated('<a "'), 100_000),
    Case("HTML <p>", ".html", _repeated("<p>text"), 50_000),
    Case("HTML <div>", ".html", _repeated("<div>"), 100_000),
    Case("HTML <svg>", ".html", _repeated("<svg>"), 100_000),
    Case("HTML <nav>", ".html", _repeated("<nav>x</nav>y"), 25_000),
    Case("HTML headings", ".html", _repeated("<h2>h</h2>text"), 25_000),
    Case("HTML open headings", ".html", _repeated("<h2>h "), 50_000),
    Case("HTML links", ".html", _repeated('<a href="b.html">c</a>\n'), 25_000),
    Case("HTML ids", ".html", lambda n: "".join(f'<p id="i{i}">w\n' for i in range(n)), 20_000),
    Case("HTML <script>", ".html", _repeated("<script>"), 200_000),
    Case("HTML <!--", ".html", _repeated("<!--"), 500_000),
    Case("HTML &nbsp;", ".html", _repeated("<p>&nbsp;"), 30_000),
    Case("HTML table", ".html", _repeated("<tr><td>a<td>b"), 30_000),
    Case("rst headings", ".rst", _repeated("heading\n=======\n\n"), 25_000),
    Case("rst `", ".rst", _repeated("`a "), 200_000),
    Case("rst <", ".rst", _repeated("`a <"), 200_000),
    Case("rst ..", ".rst", _repeated(".. "), 300_000),
    Case("rst toctree", ".rst", lambda n: ".. toctree::\n\n   a" + " " * n + "b", 300_000),
    Case("rst directives", ".rst", _repeated(".. note:: a\n\n   b\n\n"), 20_000),
    Case("rst targets", ".rst", lambda n: "".join(f".. _a{i}:\n\n" for i in range(n)), 20_000),
    Case("rst links", ".rst", _repeated("`a <b.rst>`_ and :doc:`c` "), 25_000),
    Case("rst =", ".rst", _repeated("="), 1_000_000),
    Case("rst |", ".rst", _repeated("|a"), 300_000),
    Case("rst *", ".rst", _repeated("*a "), 300_000),
    Case("rst table", ".rst", _repeated("+---+\n| a |\n"), 25_000),
)


class TooSlow(BaseException):
    """A file took longer than a case may; no Exception, since reading catches every one."""


def seconds_to_read(case: Case, n: int, folder: Path) -> tuple[float, float]:
    """Read one file of a case, and cut what was read into sentences.

    Args:
        case: The case.
        n: How many parts the file has.
        folder: An empty folder.

    Returns:
        Seconds until there are sections with their plain text, and for their sentences.
    """
    file = folder / f"case{case.suffix}"
    file.write_bytes(case.make(n).encode())
    (found,) = walk([folder], max_file_bytes=MOST_FILE_BYTES)
    assert isinstance(found, FoundFile)
    started = time.process_time()
    document = read(found)
    assert isinstance(document, Document), document
    for section in document.sections:
        plain_text(section.text, document.markup)
    read_at = time.process_time()
    for section in document.sections:
        sentences(section.text, document.markup)
    return read_at - started, time.process_time() - read_at


def measure(case: Case, folder: Path, most_seconds: int) -> dict[str, object]:
    """Read a case with n and with 2n.

    Args:
        case: The case.
        folder: An empty folder.
        most_seconds: Longest that it may take.

    Returns:
        The figures; None for what took too long.
    """
    row: dict[str, object] = {"case": f"{case.name} ({case.suffix[1:]})", "n": case.size}
    once = twice = (None, None)
    signal.alarm(most_seconds)
    try:
        once = seconds_to_read(case, case.size, folder)
        twice = seconds_to_read(case, 2 * case.size, folder)
    except TooSlow:
        pass
    finally:
        signal.alarm(0)
    for index, name in enumerate(("read", "sentences")):
        first, second = once[index], twice[index]
        row[name] = (first, second)
        row[f"{name} grows"] = (
            None if first is None or second is None else second / max(first, LEAST_SECONDS)
        )
    return row


def _give_up(_signal: int, _frame: FrameType | None) -> None:
    raise TooSlow


def main() -> int:
    """Measure, print, save; a case that grows faster than it should is exit code 1."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--cases", default="", help="only those whose name holds this")
    parser.add_argument("--seconds", type=int, default=60, help="longest that a case may take")
    parser.add_argument("--scale", type=float, default=1.0, help="factor on every n")
    options = parser.parse_known_args()[0]
    show_machine()
    signal.signal(signal.SIGALRM, _give_up)
    rows = []
    for case in CASES:
        if options.cases not in f"{case.name} {case.suffix}":
            continue
        scaled = Case(case.name, case.suffix, case.make, int(case.size * options.scale))
        with scratch() as folder:
            note(case.name)
            rows.append(measure(scaled, folder, options.seconds))
    show_table(
        "reading hostile and huge files, seconds of one processor for n and 2n",
        ("case", "n", "read", "", "grows", "sentences", "", "grows", "at most"),
        [
            (
                row["case"],
                f"{row['n']:,}",
                *(_shown(part) for part in row["read"]),
                _shown(row["read grows"]),
                *(_shown(part) for part in row["sentences"]),
                _shown(row["sentences grows"]),
                "MISSED" if _is_slow(row) else f"{MOST_GROWTH}",
            )
            for row in rows
        ],
    )
    save_results("reading", {"cases": rows})
    return int(any(map(_is_slow, rows)))


def _shown(seconds: object) -> str:
    return f"{seconds:.2f}" if isinstance(seconds, float) else "-"


def _is_slow(row: dict[str, object]) -> bool:
    growths = (row["read grows"], row["sentences grows"])
    return any(not isinstance(growth, float) or growth > MOST_GROWTH for growth in growths)


if __name__ == "__main__":
    sys.exit(main())

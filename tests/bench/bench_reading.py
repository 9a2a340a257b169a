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
from dataclasses import dataclass, replace
from math import isqrt
from pathlib import Path
from types import FrameType

from docsearch_cli.corpus.formats.readers import read
from docsearch_cli.corpus.plain_text import plain_text, sentences
from docsearch_cli.corpus.walk.found_files import FoundFile
from docsearch_cli.corpus.walk.walk_roots import walk
from docsearch_cli.models import Document
from tests.bench.harness import note, save_results, scratch, show_machine, show_table

# Linear work with a larger cache to miss is still below; quadratic work is 4.
MOST_GROWTH = 3.0
# Shorter than this, starting up and measuring weigh more than the file.
LEAST_SECONDS = 0.05
MOST_FILE_BYTES = 200_000_000


Text = str | Callable[[int], str]
"""The text of n parts: the part that is repeated, or what makes the text for n."""


@dataclass(frozen=True, slots=True)
class Case:
    """A kind of file."""

    name: str
    suffix: str
    size: int
    """n: every case takes about as long as any other."""
    text: Text

    def make(self, n: int) -> str:
        """Return the file's text."""
        return self.text * n if isinstance(self.text, str) else self.text(n)


def within(before: str, part: str, after: str) -> Text:
    """Repeat a part between two others."""
    return lambda n: before + part * n + after


def numbered(part: str) -> Text:
    """Repeat a part with its number, from 0, in the place of ``@``."""
    return lambda n: "".join(part.replace("@", str(i)) for i in range(n))


def stairs(step: Callable[[int], str], between: str = "") -> Text:
    """Put parts together of which each is longer than the one before, about n characters."""
    return lambda n: between.join(map(step, range(isqrt(n))))


_TABLE: tuple[tuple[str, str, int, Text], ...] = (
    ("one line of words", ".md", 500_000, "lorem ipsum "),
    ("one line without a space", ".md", 1_000_000, "lorem"),
    ("one line of text", ".txt", 500_000, "lorem ipsum "),
    ("lines", ".md", 100_000, "a line of text\n"),
    ("lines of text", ".txt", 100_000, "a line of text\n"),
    ("lines ended by \\r", ".md", 100_000, "a line of text\r"),
    ("blank lines", ".md", 2_000_000, "\n"),
    ("lines of spaces", ".md", 500_000, "   \n"),
    ("spaces", ".md", 5_000_000, " "),
    ("spaces in a line", ".md", 2_000_000, within("x\n", " ", "x")),
    ("tabs", ".md", 2_000_000, "\t"),
    ("headings", ".md", 50_000, "# heading\n"),
    ("headings and text", ".md", 25_000, "# heading\n\ntext\n\n"),
    ("underlined headings", ".md", 25_000, "heading\n===\n"),
    ("headings in a list", ".md", 25_000, "- # heading\n"),
    ("headings with ids", ".md", 25_000, numbered("# h {#i@}\n")),
    ("links on lines", ".md", 50_000, "[text](page.md)\n"),
    ("links in a line", ".md", 50_000, "[text](page.md) "),
    ("links in items", ".md", 50_000, "- [text](page.md)\n"),
    ("links in nested items", ".md", 15_000, "- [a](b.md)\n  - [c](d.md)\n"),
    ("reference links", ".md", 20_000, within("", "[a][b]\n\n", "[b]: c.md\n")),
    ("definitions", ".md", 20_000, numbered("[a@]: b@.md\n")),
    ("open definitions", ".md", 20_000, "[a]:\n"),
    ("wiki links", ".md", 50_000, "[[note]] "),
    ("block ids", ".md", 20_000, numbered("text ^b@\n")),
    ("ids in tags", ".md", 20_000, numbered('<a name="i@"></a> w\n')),
    ("[", ".md", 1_000_000, "["),
    ("[[", ".md", 300_000, "[[a"),
    ("![", ".md", 500_000, "!["),
    ("](", ".md", 500_000, "]("),
    ("](a", ".md", 300_000, "](a"),
    ("[a](", ".md", 300_000, "[a]("),
    ("[ of many lines", ".md", 100_000, "[\n"),
    ("*", ".md", 2_000_000, "*"),
    ("*a", ".md", 500_000, "*a "),
    ("_", ".md", 2_000_000, "_"),
    ("_ *", ".md", 500_000, "_ * "),
    ("`", ".md", 500_000, "`"),
    ("`a", ".md", 500_000, "`a"),
    ("x `", ".md", 500_000, within("x", "`", "")),
    ("``a", ".md", 200_000, "``a "),
    ("backticks of all lengths", ".md", 2_000_000, stairs(lambda i: "`" * i, between=" ")),
    ("<", ".md", 2_000_000, "<"),
    ("<a", ".md", 500_000, "<a "),
    ("<!--", ".md", 300_000, "<!--"),
    ("<!-- -->", ".md", 100_000, "<!-- --> "),
    ("<? on lines", ".md", 50_000, "<?\n\n"),
    ("<div> on lines", ".md", 100_000, "<div>\n"),
    ("\\", ".md", 1_000_000, "\\"),
    ("&", ".md", 2_000_000, "&"),
    ("&#", ".md", 500_000, "&#1"),
    ("|", ".md", 500_000, "|"),
    ("~", ".md", 1_000_000, "~"),
    ("=", ".md", 2_000_000, "="),
    ("-", ".md", 2_000_000, "-"),
    ("- ", ".md", 500_000, "- "),
    ("#", ".md", 2_000_000, "#"),
    ("# ", ".md", 500_000, "# "),
    ("spaces in a heading", ".md", 1_000_000, within("# a #", " ", "x")),
    ("{#", ".md", 300_000, "{#a "),
    ("> ", ".md", 500_000, "> "),
    ("quotation", ".md", 30_000, "> text\n"),
    ("nested quotations", ".md", 500_000, stairs(lambda i: ">" * i + " a\n")),
    ("nested list", ".md", 500_000, stairs(lambda i: "  " * i + "- a\n")),
    ("- in a line, over and over", ".md", 5_000, "- - - - - a\n"),
    ("digits", ".md", 1_000_000, "1"),
    ("1. ", ".md", 300_000, "1. "),
    ("items", ".md", 100_000, "- item\n"),
    ("items with text below", ".md", 8_000, "- item\n\n  [a](b.md)\n\n"),
    ("table", ".md", 15_000, within("|a|b|\n|-|-|\n", "|[c](d.md)|e|\n", "")),
    ("wide table", ".md", 15_000, lambda n: "|a" * n + "|\n" + "|-" * n + "|\n" + "|b" * n),
    ("table without links", ".md", 100_000, within("|a|b|\n|-|-|\n", "|c|d|\n", "")),
    ("open fences", ".md", 100_000, "```a\n"),
    ("fences", ".md", 50_000, "```\nx\n```\n"),
    ("fences in items", ".md", 4_000, "- a\n\n  ```\n  x\n  ```\n\n"),
    ("words before :", ".md", 500_000, "a:b:"),
    ("full stops", ".md", 1_000_000, "."),
    ("sentences", ".md", 300_000, "It is. "),
    ("commas", ".md", 500_000, "a,"),
    ("CJK", ".md", 300_000, "中文。"),
    ("template", ".md", 200_000, "]({{ a "),
    ("front matter", ".md", 300_000, within("---\n", "a: b\n", "")),
    ("comments in front matter", ".md", 10_000, within("---\n", "#\n\n", "!\n---\n")),
    ("~ and a bar", ".md", 500_000, within("", "~", "|")),
    ("%%", ".md", 30_000, "%%[[a]]\n"),
    ("HTML <", ".html", 2_000_000, "<"),
    ("HTML <a", ".html", 500_000, "<a "),
    ('HTML <a "', ".html", 100_000, '<a "'),
    ("HTML <p>", ".html", 50_000, "<p>text"),
    ("HTML <div>", ".html", 100_000, "<div>"),
    ("HTML <svg>", ".html", 100_000, "<svg>"),
    ("HTML <nav>", ".html", 25_000, "<nav>x</nav>y"),
    ("HTML headings", ".html", 25_000, "<h2>h</h2>text"),
    ("HTML open headings", ".html", 50_000, "<h2>h "),
    ("HTML links", ".html", 25_000, '<a href="b.html">c</a>\n'),
    ("HTML ids", ".html", 20_000, numbered('<p id="i@">w\n')),
    ("HTML <script>", ".html", 200_000, "<script>"),
    ("HTML <!--", ".html", 500_000, "<!--"),
    ("HTML &nbsp;", ".html", 30_000, "<p>&nbsp;"),
    ("HTML table", ".html", 30_000, "<tr><td>a<td>b"),
    ("rst headings", ".rst", 25_000, "heading\n=======\n\n"),
    ("rst `", ".rst", 200_000, "`a "),
    ("rst <", ".rst", 200_000, "`a <"),
    ("rst ..", ".rst", 300_000, ".. "),
    ("rst toctree", ".rst", 300_000, within(".. toctree::\n\n   a", " ", "b")),
    ("rst directives", ".rst", 20_000, ".. note:: a\n\n   b\n\n"),
    ("rst targets", ".rst", 20_000, numbered(".. _a@:\n\n")),
    ("rst links", ".rst", 25_000, "`a <b.rst>`_ and :doc:`c` "),
    ("rst =", ".rst", 1_000_000, "="),
    ("rst |", ".rst", 300_000, "|a"),
    ("rst *", ".rst", 300_000, "*a "),
    ("rst table", ".rst", 25_000, "+---+\n| a |\n"),
)
CASES = tuple(Case(*row) for row in _TABLE)


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
        scaled = replace(case, size=int(case.size * options.scale))
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

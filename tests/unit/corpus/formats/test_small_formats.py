"""Manual pages, TeX, subtitles, tables, descriptions of interfaces: places are lines."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from docsearch_cli.corpus.formats.csv_table import read_table
from docsearch_cli.corpus.formats.manual_page import looks_like_manual
from docsearch_cli.corpus.formats.manual_plain import plain_line
from docsearch_cli.corpus.formats.readers import read
from docsearch_cli.corpus.formats.schema import looks_like_schema
from docsearch_cli.corpus.formats.table import format_named
from docsearch_cli.corpus.formats.tex_plain import plain_tex
from docsearch_cli.corpus.plain_text import plain_text, sentences
from docsearch_cli.corpus.reader_errors import ReaderError
from docsearch_cli.corpus.walk.found_files import FoundFile
from docsearch_cli.corpus.walk.walk_roots import walk
from docsearch_cli.models import Document, LedgerEntry, Link

Folder = Callable[[dict[str, str | bytes]], Path]

MANUAL = r"""'\" t
.\" a comment
.TH KILN 1 "May 2026" "pots"
.SH NAME
kiln \- fire pots
.SH DESCRIPTION
.B kiln
warms
.IR pots .
Use \fB\-\-heat\fR=\fI900\fP.
.TP
.BR \-h ", " \-\-help
Show help.
.nf
kiln pots
.fi
.SS "Exit status"
0 is good.
.SH SEE ALSO
.BR loom (1),
\fBwheel\fP(8)
"""
TEX = r"""\documentclass{book}
\title{The \emph{Kiln} Book}
\begin{document}
Hello~there. % a comment
\section{Warm \& slow}\label{sec:warm}
It takes 12{,}500 turns at \textbf{red} heat, see~\ref{sec:cool}.
\begin{itemize}
\item Open the \'etage.
\end{itemize}
\begin{verbatim}
\section{no}
\end{verbatim}
\subsection{Cool}\label{sec:cool}
Wait. \input{parts/glaze}
\end{document}
"""
CUES = (
    "WEBVTT\n\nNOTE made by hand\nand hidden\n\n1\n00:01.000 --> 00:04.000\n<v Jane>The mill\n\n"
    "2\n00:00:04,000 --> 00:00:06,000\nstands <i>still</i>. It is old.\n\n42\n"
    "00:06.000 --> 00:07.000\nYes.\n"
)
TABLE = 'name;heat\nbowl;900\n"big pot";"1,000"\n'
OPENAPI = """openapi: 3.0.0
info:
  title: Kiln API
  description: Fires pots.
paths:
  /pots/{id}:
    get:
      summary: Get a pot
      responses:
        '200':
          description: A pot. It is warm.
    delete:
      description: Breaks it.
components:
  schemas:
    Pot:
      description: What is fired.
      properties:
        heat:
          $ref: 'other.yaml#/Heat'
"""
SCHEMA = """{
\t"$schema": "https://json-schema.org/draft/2020-12/schema",
\t"title": "Pot",
\t"properties": {
\t\t"heat": {"type": "number", "description": "How hot it gets."}
\t}
}
"""


def read_as(name: str, text: str, path: str = "x") -> Document:
    return format_named(name).reader()(path, text, "")


def units(document: Document) -> list[tuple[int, str, str]]:
    return [
        (section.line_start + unit.line_offset_start, unit.kind, unit.plain)
        for section in document.sections
        for unit in sentences(section.text, document.markup)
    ]


def test_a_manual_page_is_read_without_its_macros() -> None:
    document = read_as("manual", MANUAL, "kiln.1")

    assert document.title == "kiln(1)"
    assert [(s.level, s.heading) for s in document.sections] == [
        (1, "NAME"), (1, "DESCRIPTION"), (2, "Exit status"), (1, "SEE ALSO"),
    ]  # fmt: skip
    assert document.links == (
        Link("loom(1)", "loom(1)", 20, "title"),
        Link("wheel(8)", "wheel(8)", 21, "title"),
    )
    assert units(document) == [
        (4, "heading", "NAME"),
        (5, "text", "kiln - fire pots"),
        (6, "heading", "DESCRIPTION"),
        (7, "text", "kiln warms pots."),
        (10, "text", "Use --heat=900."),
        (12, "term", "-h, --help"),
        (13, "text", "Show help."),
        (15, "code", "kiln pots"),
        (17, "heading", "Exit status"),
        (18, "text", "0 is good."),
        (19, "heading", "SEE ALSO"),
        (20, "text", "loom(1), wheel(8)"),
    ]


@pytest.mark.parametrize(
    ("line", "plain"),
    [
        (".Nm kiln Ns Fl heat Ar degrees", "kiln-heat degrees"),
        (".It Fl v , Fl -verbose", "-v , --verbose"),
        (".Xr loom 1 ,", "loom(1),"),
        (r"a \(lqb\(rq \[em] \e \&.c \s-1D\s0", "a \u201cb\u201d \u2014 \\ .c D"),
        (".sp 2", ""),
        ('.\\" no', ""),
        ('.B "two words"', "two words"),
    ],
)
def test_a_line_of_a_manual_page(line: str, plain: str) -> None:
    assert plain_line(line) == plain


def test_a_page_is_told_from_other_files_that_end_in_a_digit(folder: Folder) -> None:
    root = folder({
        "kiln.1": MANUAL, "run.log.1": "started\n", "zip.3.gz": gzip.compress(MANUAL.encode()),
    })  # fmt: skip
    markups = {found.path: read(found) for found in walk([root]) if isinstance(found, FoundFile)}

    assert {path: getattr(outcome, "markup", "") for path, outcome in markups.items()} == {
        "kiln.1": "manual", "run.log.1": "text", "zip.3.gz": "manual",
    }  # fmt: skip
    assert looks_like_manual(".Dd May 1\n.Dt KILN 1\n")
    assert not looks_like_manual("see .TH in the text")


def test_packed_text_that_is_damaged_is_broken(folder: Folder) -> None:
    data = gzip.compress(MANUAL.encode())
    root = folder({"a.1.gz": data[:-20], "b.1.gz": data[:30] + b"\0\0\0" + data[33:]})

    for found in walk([root]):
        assert isinstance(found, FoundFile)
        outcome = read(found)
        assert isinstance(outcome, LedgerEntry)
        assert (outcome.reason, "gzip" in outcome.detail) == ("broken", True)


def test_packed_text_that_grows_too_large_is_refused(folder: Folder) -> None:
    (found,) = walk([folder({"a.md.gz": gzip.compress(b"a" * 20_000_001)})])
    assert isinstance(found, FoundFile)
    outcome = read(found)

    assert isinstance(outcome, LedgerEntry)
    assert outcome.reason == "too-large"


def test_tex_is_read_without_its_commands() -> None:
    document = read_as("tex", TEX, "book.tex")

    assert document.title == "The Kiln Book"
    assert [(s.level, s.heading, s.line_start) for s in document.sections] == [
        (0, "", 3), (2, "Warm & slow", 5), (3, "Cool", 13),
    ]  # fmt: skip
    assert document.labels == ("sec:warm", "sec:cool")
    assert document.links == (
        Link("sec:cool", "", 6, "any"), Link("parts/glaze", "", 14),
    )  # fmt: skip
    assert units(document) == [
        (4, "text", "Hello there."),
        (5, "heading", "Warm & slow"),
        (6, "text", "It takes 12,500 turns at red heat, see ."),
        (8, "item", "Open the \u00e9tage."),
        (11, "code", r"\section{no}"),
        (13, "heading", "Cool"),
        (14, "text", "Wait."),
    ]


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        (r"na\"{\i}ve G\"odel \v{S} \ss", "na\u00efve G\u00f6del \u0160 \u00df"),
        (r"``a'' -- b---c 5\% \$3 x\_y", "\u201ca\u201d \u2013 b\u2014c 5% $3 x_y"),
        (r"10\,000 \to \bf x", "10\u2009000 x"),
        (r"\begin{figure}[h] \includegraphics[width=3cm]{pot} \caption{A pot}", "  A pot"),
    ],
)
def test_a_line_of_tex(source: str, plain: str) -> None:
    assert plain_tex(source) == plain


def test_subtitles_are_quoted_with_their_times_and_read_without() -> None:
    document = read_as("subtitles", CUES)
    (section,) = document.sections
    found = sentences(section.text, "subtitles")

    assert [(unit.line_offset_start, unit.plain) for unit in found] == [
        (7, "Jane: The mill stands still."), (11, "It is old."), (15, "Yes."),
    ]  # fmt: skip
    assert "-->" in section.text[found[0].start : found[0].end]


def test_a_table_has_the_names_of_its_columns_as_heading() -> None:
    (section,) = read_as("table", TABLE, "pots.csv").sections

    assert (section.heading, section.line_end) == ("name, heat", 3)
    assert [unit.plain for unit in sentences(section.text, "table")] == [
        "name heat", "bowl 900", "big pot 1 000",
    ]  # fmt: skip
    assert read_as("table", "1\t2\n3\t4\n").sections[0].heading == ""


def test_a_table_that_is_data_is_skipped() -> None:
    with pytest.raises(ReaderError) as caught:
        read_table("x.csv", "a,b\n" * 600_000, "")

    assert caught.value.reason == "too-large"


def test_an_interface_has_a_section_a_method_and_a_schema() -> None:
    document = read_as("schema", OPENAPI)

    assert document.title == "Kiln API"
    assert [(s.heading, s.line_start) for s in document.sections] == [
        ("", 1), ("info", 2), ("paths", 5), ("GET /pots/{id}: Get a pot", 7),
        ("DELETE /pots/{id}", 12), ("components", 14), ("Pot", 16),
    ]  # fmt: skip
    assert (11, "item", "A pot.") in units(document)
    assert document.links == (Link("other.yaml", "", 20),)


def test_a_schema_in_json_has_its_properties(folder: Folder) -> None:
    document = read_as("schema", SCHEMA)

    assert document.title == "Pot"
    assert "heat" in [section.heading for section in document.sections]
    assert "How hot it gets." in plain_text(document.sections[-1].text, "schema")


def test_other_json_and_yaml_is_data(folder: Folder) -> None:
    root = folder({
        "a.json": '{"name": "x", "swagger": true}', "b.yaml": "key: openapi\n",
        "c.yml": OPENAPI, "d.json": SCHEMA, "e.json": b"\xff\xfe\x00bad",
    })  # fmt: skip
    outcomes = {found.path: read(found) for found in walk([root]) if isinstance(found, FoundFile)}

    assert [path for path, one in outcomes.items() if isinstance(one, Document)] == [
        "c.yml", "d.json",
    ]  # fmt: skip
    assert getattr(outcomes["a.json"], "reason", "") == "unsupported"


@pytest.mark.parametrize("nested", ["[" * 200_000, "{a: " * 200_000, "- " * 200_000])
def test_a_description_that_is_nested_deeply_is_refused(nested: str) -> None:
    with pytest.raises(ReaderError, match="nested too deeply"):
        read_as("schema", f"openapi: 3.0\nx: {nested}")


def test_a_description_of_many_aliases_is_read_once() -> None:
    levels = "".join(
        f"  n{n}: &n{n} {{{', '.join(f'k{m}: *n{n - 1}' for m in range(9))}}}\n"
        for n in range(1, 40)
    )
    document = read_as("schema", f"openapi: 3.0.0\ncomponents:\n  n0: &n0 {{a: {{}}}}\n{levels}")

    assert document.sections


SAMPLES = {
    "manual": MANUAL, "tex": TEX, "subtitles": CUES, "table": TABLE, "schema": OPENAPI,
}  # fmt: skip


@pytest.mark.parametrize("name", SAMPLES)
def test_a_damaged_text_gives_a_document_or_a_reason(name: str) -> None:
    draw = random.Random(1)
    source = SAMPLES[name]
    for _ in range(150):
        pieces = list(source)
        for _ in range(draw.randint(1, 20)):
            pieces[draw.randrange(len(pieces))] = draw.choice("\\{}[]()\"'.-\n\t <>&%:,;0a\u0000")
        text = "".join(pieces[draw.randrange(40) : draw.randrange(len(pieces)) + 1])
        try:
            document = read_as(name, text)
        except ReaderError:
            continue
        for section in document.sections:
            assert section.text in text
            plain_text(section.text, name)
            for unit in sentences(section.text, name):
                assert unit.plain


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize(
    "piece", ["\\", "{", "[", '"', "a,", ".B ", "00:01 --> ", "%", "\n\n", "-"]
)
def test_hostile_text_takes_linear_time(name: str, piece: str) -> None:
    text = piece * (200_000 // len(piece))
    try:
        document = read_as(name, text)
    except ReaderError:
        return
    for section in document.sections:
        plain_text(section.text, name)
        sentences(section.text, name)


def test_schema_signs() -> None:
    assert looks_like_schema('{"openapi": "3.1.0"}')
    assert looks_like_schema("swagger: '2.0'")
    assert not looks_like_schema('{"$schema": "https://json.schemastore.org/package"}')

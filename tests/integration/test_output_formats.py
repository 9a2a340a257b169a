"""``ask --format``: each format prints the same result, safely, and nothing else."""

import csv
import io
import subprocess

import pytest

from docsearch_cli.cli.output_formats.table import OUTPUT_FORMATS, OutputFormat
from tests.fixtures.toy_format import write_count

QUESTION = "how do retries and the buffer limit work together?"
# A document of it shows in every cell and line.
HOSTILE = {
    "=cmd`x`.md": '# =HYPERLINK(zebra)\n\n=1+zebra(<img src=x>, "q",\n\x1b[2J![z](http://e.x/p)).\n',
    "a\nb.md": "# Zebra\n\n> The [zebra](javascript:x) *walks*; `zebra`.\n",
}


@pytest.fixture
def ask(inline, fenwick):
    return lambda *words: inline("ask", QUESTION, "--simple", *words)


@pytest.fixture
def expected(ask):
    return ask("--json").data


def test_format_json_is_what_json_is(inline, fenwick):
    words = ["ask", QUESTION, "--simple"]
    one, other = inline(*words, "--json").document, inline(*words, "--format", "json").document
    for document in (one, other):
        document["data"].pop("timings_ms")

    assert one == other


def test_format_text_is_the_default(ask):
    assert ask("--format", "text") == ask()


def test_csv_is_a_row_a_quote(ask, expected):
    rows = list(csv.DictReader(io.StringIO(ask("--format", "csv").stdout, newline="")))

    assert [(row["n"], row["path"], row["line_start"], row["line_end"]) for row in rows] == [
        (str(item["n"]), item["path"], str(item["line_start"]), str(item["line_end"]))
        for item in expected["evidence"]
    ]
    assert [row["quote"] for row in rows] == [item["quote"] for item in expected["evidence"]]
    assert [row["absolute_path"] for row in rows] == [
        item["absolute_path"] for item in expected["evidence"]
    ]
    assert {row["state"] for row in rows} == {"current"}
    assert {row["found"] for row in rows} == {"true"}


def test_files_is_a_path_a_line_best_first(ask, expected, fenwick):
    lines = ask("--format", "files").stdout.splitlines()

    assert lines == [f"docs/{item['path']}" for item in expected["documents"]]
    assert [str(fenwick / line) for line in lines] == [
        item["absolute_path"] for item in expected["documents"]
    ]


@pytest.mark.parametrize("here", [".", "docs/guides", "docs/a b"])
def test_a_program_opens_every_path_of_files(inline, fenwick, monkeypatch, here):
    (fenwick / here).mkdir(exist_ok=True)
    monkeypatch.chdir(fenwick / here)
    lines = inline("ask", QUESTION, "--simple", "--format", "files").stdout
    read = subprocess.run(
        ["xargs", "-d", "\n", "grep", "-c", ""], input=lines, capture_output=True, text=True
    )

    assert (read.returncode, read.stderr) == (0, "")
    assert len(read.stdout.splitlines()) == len(lines.splitlines()) > 5


def test_markdown_has_the_question_each_quote_and_its_place(ask, expected):
    text = ask("--format", "md").stdout

    assert text.startswith(f"# {QUESTION}\n")
    quotes = [block for block in text.split("\n\n") if block.startswith("> ")]
    assert len(quotes) == len(expected["evidence"])
    for block, item in zip(quotes, expected["evidence"], strict=True):
        assert block.count("\\\n") == item["plain"].count("\n")
    for item in expected["evidence"]:
        assert f"`docs/{item['path']}:{item['line_start']}" in text


def test_markdown_of_a_deep_search_has_its_notes(inline, fenwick):
    ended = inline("ask", QUESTION, "--deep", "--engine", "inline", "--format", "md")
    quiet = inline("ask", QUESTION, "--deep", "--engine", "inline", "--format", "md", "--quiet")

    assert "## Notes" in ended.stdout
    assert "docsearch replay" in ended.stdout
    assert "stopped: " in ended.stdout
    assert ended.stderr == ""
    assert "## Notes" not in quiet.stdout


def test_markdown_says_what_was_not_found(inline, fenwick):
    question = "Is the TLS library in Fenwick validated to FIPS 140-3?"

    assert "**Not found" in inline("ask", question, "--simple", "--format", "md").stdout


@pytest.mark.parametrize("name", [row.name for row in OUTPUT_FORMATS.values() if row.is_machine])
def test_a_format_for_programs_prints_nothing_beside_the_result(inline, fenwick, name):
    words = ["--max-agents", "99999", "--engine", "inline", "--format", name]
    ended = inline("ask", QUESTION, "--deep", *words)

    assert ended.code == 0
    assert ended.stdout
    assert ended.stderr == ""


def test_a_marked_quote_is_marked_in_each_format(inline, own_fenwick):
    words = ["ask", QUESTION, "--simple"]
    path = inline(*words, "--json").data["evidence"][0]["path"]
    (own_fenwick / "docs" / path).write_text("something else\n")

    assert "no longer on these lines" in inline(*words, "--format", "md").stdout
    assert ",changed," in inline(*words, "--format", "csv").stdout


@pytest.mark.parametrize("words", [["--format", "json"], ["--format=json"]])
def test_an_error_is_json_where_the_format_is(inline, fenwick, words):
    ended = inline("ask", "", *words)

    assert ended.code == 2
    assert ended.document["errors"][0]["code"] == "usage"


def test_an_error_in_another_format_is_on_stderr_alone(inline, fenwick):
    ended = inline("ask", "", "--format", "csv")

    assert (ended.code, ended.stdout) == (2, "")
    assert ended.stderr.startswith("docsearch: ")


@pytest.mark.parametrize(
    "words",
    [
        ["--format", "yaml"],
        ["--json", "--format", "csv"],
        ["--dry-run", "--format", "csv"],
        ["--dry-run", "--format", "files"],
        ["-C", "2", "--format", "csv"],
        ["-C", "2", "--format", "files"],
    ],
)
def test_a_format_that_cannot_be_is_a_usage_error(inline, fenwick, words):
    assert inline("ask", QUESTION, *words).code == 2


@pytest.mark.parametrize("name", OUTPUT_FORMATS)
@pytest.mark.parametrize("mode", ["--simple", "--deep"])
def test_hostile_documents_are_shown_safely_in_every_format(inline, index_of, name, mode):
    index_of(HOSTILE)
    ended = inline("ask", "zebra", mode, "--engine", "inline", "--format", name)

    assert ended.code == 0
    assert "\x1b" not in ended.stdout + ended.stderr
    assert "\r" not in ended.stdout.replace("\r\n", "")


def test_hostile_documents_are_no_formula_no_markup_and_no_second_line(inline, index_of):
    index_of(HOSTILE)
    table = inline("ask", "zebra", "--simple", "--format", "csv").stdout
    rows = list(csv.reader(io.StringIO(table, newline="")))
    markdown = inline("ask", "=zebra <b>", "--simple", "--format", "md").stdout
    files = inline("ask", "zebra", "--simple", "--format", "files").stdout

    assert len({len(row) for row in rows}) == 1
    assert any(cell.startswith("'=") for row in rows for cell in row)
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert "<img" not in markdown.replace("\\<", "")
    assert "<b" not in markdown.replace("\\<", "")
    assert "](" not in markdown.replace("\\]", "")
    assert sorted(files.splitlines()) == sorted(["docs/=cmd`x`.md", "docs/a␊b.md"])


def test_a_format_is_added_by_one_row_and_one_file(inline, fenwick, expected, monkeypatch):
    row = OutputFormat("count", "how many quotes", write_count, is_machine=True)
    monkeypatch.setitem(OUTPUT_FORMATS, "count", row)
    ended = inline("ask", QUESTION, "--simple", "--format", "count")

    first = expected["documents"][0]["path"]
    assert ended.stdout == f"{len(expected['evidence'])} {first}\n"
    assert (ended.code, ended.stderr) == (0, "")
    assert "count" in inline("ask", QUESTION, "--format", "nope").stderr


def test_resume_and_fork_print_in_the_same_formats(inline, fenwick):
    words = ["--deep", "--engine", "inline", "--max-agents", "3", "--json"]
    run_id = inline("ask", QUESTION, *words).data["run_id"]
    fork = ["fork", run_id, "--at", "0", "--set", "max_agents=4", "--engine", "inline"]
    lines = inline(*fork, "--format", "files").stdout.splitlines()

    assert "docs/concepts/buffering.md" in lines
    assert inline("resume", run_id, "--format", "yaml").code == 2


@pytest.mark.parametrize("mode", [["--deep"], ["--simple"], ["--dry-run"], []])
def test_an_unknown_agent_is_refused_with_the_list_before_anything_runs(inline, tmp_path, mode):
    ended = inline("ask", QUESTION, *mode, "--agent", "nobody", "--index", "nowhere")

    assert ended.code == 2
    assert "'nobody'" in ended.stderr
    assert "local" in ended.stderr
    assert "edges" in ended.stderr


def test_the_agent_that_is_asked_for_decides(inline, fenwick):
    words = ["ask", QUESTION, "--deep", "--engine", "inline", "--json"]
    data = inline(*words, "--agent", "edges").data

    assert data["steps"]
    assert data["budget"]["tokens_read"] == 0
    assert inline(*words, "--agent", "local").data["budget"]["tokens_read"] > 0
    assert inline(*words).data["budget"]["tokens_read"] > 0


def test_a_dry_run_looks_up_the_steps_of_the_agent_that_is_asked_for(inline, fenwick):
    inline("ask", QUESTION, "--deep", "--engine", "inline", "--agent", "edges")
    words = ["ask", QUESTION, "--dry-run", "--json"]

    assert inline(*words, "--agent", "edges").data["cached"] > 0
    assert inline(*words).data["cached"] == 0


@pytest.mark.parametrize("style", ["text", "json", "md", "csv", "files"])
def test_no_more_is_printed_than_the_limit_says(inline, fenwick, style):
    words = ("ask", "how do retries and the buffer limit work together?", "--simple", "--format")
    all_of_it = inline(*words, style)
    one = inline(*words, style, "-n", "1")

    assert len(one.stdout) < len(all_of_it.stdout)
    if style == "json":
        data = one.data
        assert len(data["evidence"]) == len(data["documents"]) == 1
        assert data["answer"]["citations"] == [1]
        assert data["answer"]["text"].endswith("[1]")
    elif style == "files":
        assert one.stdout == all_of_it.stdout.splitlines(keepends=True)[0]


def test_a_limit_below_one_is_refused(inline, fenwick):
    assert inline("ask", "x", "-n", "0").code == 2

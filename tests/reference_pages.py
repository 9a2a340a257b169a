"""The pages of docs/reference, made of the tables and the help of the product.

As a program it is part of ``make help-check`` and ``make help-update``:

    python -m tests.reference_pages check|update

A row that is added to a table is in its page after an update, and missing from it is an error until
then. Nothing of the machine or the day is in a page.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import typer.main

from docsearch_cli import errors
from docsearch_cli.cli.app import build_app
from docsearch_cli.cli.output_formats.table import DEFAULT_FORMAT, OUTPUT_FORMATS, OutputFormat
from docsearch_cli.config import DEFAULT_AGENT, LIMITS, Limit
from docsearch_cli.corpus.formats.table import FORMATS, Format
from docsearch_cli.corpus.systems.table import SYSTEMS, System
from docsearch_cli.explore.agents.table import AGENTS, Agent
from docsearch_cli.graph.edge_kinds import EDGE_KINDS, EdgeKind
from docsearch_cli.search.engines import DEFAULT_ENGINE, ENGINES, EngineRow
from tests import python_reference
from tests.manual import ENVIRONMENT as VARIABLES
from tests.manual import commands, exit_codes
from tests.support import INJECTIONS, REPOSITORY
from tests.unit import test_help
from tests.unit.runs import test_forgeries
from tests.unit.runs.forgeries import BY_INDEX, ON_TRUST

FOLDER = REPOSITORY / "docs" / "reference"
_COMMIT = re.compile(r"[0-9a-f]{7}")
_MADE = '<!-- Made by "make help-update"; do not edit. -->\n'
# What docsearch.toml and config.toml may hold beside the limits, and who may set it.
TABLES = (
    ("language", "anyone", "language of all documents: a name, a code, `none` or `auto`"),
    ("languages", "anyone", "language by folder or path"),
    ("systems", "anyone", "documentation system by folder"),
    ("starting_points", "anyone", "pattern of a question, and the node to begin at"),
    ("synonyms", "anyone", "other words that a word of a question is searched as, too"),
    ("editor", "only you", "what `docsearch open` starts, and where links in a terminal lead"),
    ("history", "only you", "whether the last answer and questions are remembered"),
    ("llm", "only you", "model, address and key file of a language model"),
    ("prices", "only you", "what a token of a model costs"),
)


def cell(text: str) -> str:
    """Return a text as it stands in a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")


def code(text: str) -> str:
    return f"`{text}`" if text else ""


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of Markdown."""
    lines = [heads, ["---"] * len(heads), *(tuple(map(cell, row)) for row in rows)]
    return (
        "\n".join(" ".join(("|", *(f"{text} |".lstrip() for text in line))) for line in lines)
        + "\n"
    )


def page(title: str, *parts: str, mark: str = "") -> str:
    return f"{_MADE}{mark}\n# {title}\n\n" + "\n".join(parts)


def prose(text: str) -> str:
    """Return a help text as Markdown; what is laid out by hand stays as it is."""
    parts = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        if paragraph.startswith("\b"):
            lines = [line for line in paragraph.removeprefix("\b").split("\n") if line.strip()]
            words = "\n".join(line.strip() for line in lines if not line.endswith("Examples:"))
            parts.append(f"```sh\n{words}\n```" if "docsearch " in words else words)
        else:
            parts.append(
                re.sub(r"(?<![\w`])(--[a-z][a-z-]+)", r"`\1`", " ".join(paragraph.split()))
            )
    return "\n\n".join(parts) + "\n"


def commands_page(root: Any) -> str:
    """Return every command with its options."""
    top = root.make_context("docsearch", [], resilient_parsing=True)
    parts = ["Every command with its options, as `--help` prints them.\n"]
    for command, context in commands(root, top):
        usage = " ".join(command.collect_usage_pieces(context))
        options = [
            (code(record[0]), record[1])
            for item in command.get_params(context)
            if (record := item.get_help_record(context)) is not None and "--help" not in item.opts
        ]
        parts += [
            f"## {context.command_path}\n",
            f"```text\n{context.command_path} {usage}\n```\n",
            prose(command.help or ""),
            table(("option", ""), options),
        ]
    mark = "<!-- not run: the examples of the help; a test reads their words -->\n"
    return page("Commands", *parts, mark=mark)


def settings_page(limits: Sequence[Limit]) -> str:
    """Return every limit, table and variable."""
    rows = [
        (
            code(limit.name),
            limit.meaning,
            limit.default_words or limit.words(limit.default),
            limit.words(limit.least),
            limit.words(limit.most),
        )
        for limit in limits
    ]
    return page(
        "Settings",
        "A setting comes from the flag, else the variable, else `docsearch.toml` beside the index,"
        " else your own `config.toml`, else the default. `docsearch config show` prints each with"
        " its value and where it came from. [Limits and settings](../asking.md#limits-and-settings)"
        " says how they work.\n",
        "## Limits\n",
        "In a file they stand under `[limits]`; the variable of `max_agents` is"
        " `DOCSEARCH_MAX_AGENTS`, and so on.\n",
        table(("limit", "", "default", "at least", "at most"), rows),
        "## Other settings\n",
        "What *only you* can set is refused in a `docsearch.toml`: that file may have come with the"
        " documents.\n",
        table(
            ("name", "who may set it", ""), ((code(name), who, text) for name, who, text in TABLES)
        ),
        "## Variables\n",
        table(("variable", ""), ((code(name), text) for name, text in VARIABLES.items())),
    )


def errors_page(root: Any, kinds: Sequence[type[errors.DocsearchError]]) -> str:
    """Return every exit code, and every error's code."""
    exits = [line.split(" ", 1) for line in re.split(r", (?=\d+ )", exit_codes(root))]
    rows = [
        (
            code(kind.code),
            str(kind.exit_code),
            code(kind.__name__),
            (kind.__doc__ or "").split("\n")[0],
        )
        for kind in kinds
    ]
    return page(
        "Errors and exit codes",
        "An error names the thing, the reason and what to do next. With `--json` it is in `errors`,"
        " with a `code` that stays; [JSON](../json.md) has the envelope.\n",
        "## Exit codes\n",
        table(("exit", ""), exits),
        "## Codes of errors\n",
        "The classes are in `docsearch_cli.errors`, for programs in"
        " [Python](../python.md#errors).\n",
        table(("code", "exit", "class", ""), rows),
    )


def error_kinds() -> list[type[errors.DocsearchError]]:
    """Return every class of error that a user can cause, as the module lists them."""
    return [
        kind
        for kind in vars(errors).values()
        if inspect.isclass(kind)
        and issubclass(kind, errors.DocsearchError)
        and kind is not errors.DocsearchError
    ]


def formats_page(formats: Sequence[Format]) -> str:
    """Return every format of documents."""
    rows = [
        (
            row.meaning or row.name,
            code(row.name),
            " ".join(map(code, row.all_suffixes)),
            row.unit,
            "yes" if row.has_front_matter else "",
            "yes" if row.recognise or row.magic else "",
        )
        for row in formats
    ]
    return page(
        "Formats of documents",
        "What `docsearch index` reads. A link without a suffix leads to the first of these formats"
        " of which there is a file. [What is read](../indexing.md#what-is-read) says more.\n",
        table(
            (
                "format",
                "name",
                "suffixes",
                "a quote names the",
                "front matter",
                "known by its content",
            ),
            rows,
        ),
        "A suffix that other files have too (`.json`, `.1`) counts only where the"
        " content is in that"
        " format.\n",
    )


def systems_page(systems: Sequence[System]) -> str:
    """Return every documentation system."""
    rows = [
        (
            code(row.name),
            " ".join(map(code, row.markers)),
            " ".join(map(code, (*row.weak_markers, *row.paired_markers))),
            " ".join(map(code, row.config_files)),
        )
        for row in systems
    ]
    return page(
        "Documentation systems",
        "Whose rules for links are known. A folder with a marker is such a site, and all"
        " below it up"
        " to the next marker. A weaker marker counts where no other decides, or beside a"
        " folder that"
        " the system has (`content`, `templates`)."
        " [Documentation systems](../indexing.md#documentation-systems) says what their"
        " links mean.\n",
        table(("system", "markers", "weaker markers", "settings are read of"), rows),
    )


def edges_page(kinds: Sequence[EdgeKind]) -> str:
    """Return every kind of edge."""
    rows = [
        (
            code(kind.name),
            kind.meaning,
            "when a page is opened" if kind.code is None else "when the index is built",
            code(kind.backward_label),
            f"{kind.prior:g}",
            f"{kind.promise:g}",
            f"{kind.most_propagation:g}",
        )
        for kind in kinds
    ]
    return page(
        "Kinds of edges",
        "What joins two pages. *Prior* is what an edge adds to the priority of its"
        " target, *promise*"
        " what it adds where its sentence speaks to the question, *propagation* how far it raises"
        " its target in the ranking. [Ranking](../explanation/ranking.md) says why.\n",
        table(
            ("edge", "joins", "found", "walked backwards", "prior", "promise", "propagation"), rows
        ),
    )


def runners_page(
    agents: Iterable[Agent], engines: Iterable[EngineRow], formats: Iterable[OutputFormat]
) -> str:
    """Return every agent, engine and output format."""
    agent_rows = [
        (
            code(row.name) + (" (default)" if row.name == DEFAULT_AGENT else ""),
            row.meaning,
            code(row.fallback),
            "yes" if row.asks_model else "",
            "yes" if row.may_be_repeated else "",
        )
        for row in agents
    ]
    engine_rows = [
        (code(row.name) + (" (default)" if row.name == DEFAULT_ENGINE else ""), row.meaning)
        for row in engines
    ]
    format_rows = [
        (
            code(row.name) + (" (default)" if row.name == DEFAULT_FORMAT else ""),
            row.meaning,
            "yes" if row.is_machine else "",
            "yes" if row.has_context else "",
        )
        for row in formats
    ]
    return page(
        "Agents, engines, output formats",
        "## Agents\n",
        "Who decides at a page: `--agent NAME`. The one that stands in decides where the agent"
        " fails for good.\n",
        table(
            ("agent", "", "stands in", "asks a language model", "its steps can be checked"),
            agent_rows,
        ),
        "## Engines\n",
        "Where steps run: `--engine NAME`. The steps and the answer are the same on each.\n",
        table(("engine", "steps run in"), engine_rows),
        "## Output formats\n",
        "How a result is printed: `--format NAME`.\n",
        table(("format", "", "for programs", "has lines around a quote"), format_rows),
    )


def _first_line(path: Path) -> str:
    """Return what a program says of itself."""
    text = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    return text.split("\n")[0].replace("``", "")


def _counted(folder: str, *, drawing: bool = False) -> int:
    """Return how many test functions a folder has: all, or those that draw their cases."""
    return sum(
        isinstance(node, ast.FunctionDef)
        and node.name.startswith("test_")
        and (not drawing or any("given" in ast.unparse(mark) for mark in node.decorator_list))
        for path in sorted((REPOSITORY / "tests" / folder).rglob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
    )


def _roughly(count: int, step: int) -> str:
    """Return a number that need not be written anew with every test."""
    return f"more than {count // step * step:,}"


def python_page() -> str:
    """Return the Python interface, name by name."""
    return page(
        "The Python interface",
        "Every name that `docsearch_cli` hands out, and every class that they give or take, from"
        " their signatures and docstrings. [From Python](../python.md) shows how they are used;"
        " [errors](errors.md) has the classes below `DocsearchError`.\n",
        python_reference.body(),
        mark="<!-- not run: signatures -->\n",
    )


def tests_page() -> str:
    """Return how many tests there are of each kind, what soaks, and what is measured."""
    tests = REPOSITORY / "tests"
    questions = sum(
        len(path.read_text("utf-8").splitlines())
        for path in (REPOSITORY / "corpora").glob("*/questions.jsonl")
    )
    kept = (tests / "bench" / "mutants_kept.toml").read_text("utf-8").count("\n[[kept]]")
    records = [
        path for path in (tests / "fixtures" / "records").iterdir() if _COMMIT.fullmatch(path.name)
    ]
    gate = re.search(r"^COVERED := (.+)$", (REPOSITORY / "Makefile").read_text("utf-8"), re.M)
    rows = [
        ("test functions of single modules", _roughly(_counted("unit"), 100)),
        ("test functions of the whole command", _roughly(_counted("integration"), 50)),
        (
            "of both, those that draw their cases",
            _roughly(_counted("unit", drawing=True) + _counted("integration", drawing=True), 10),
        ),
        ("questions whose rankings, steps and quotes are kept", str(questions)),
        ("pages with orders for a model", str(len(list(INJECTIONS.glob("*.md"))))),
        ("kinds of forged records", str(len(forgery_kinds()))),
        ("versions whose records are read", str(len(records))),
        ("commands whose help is kept word for word", str(len(test_help.commands()))),
        ("surviving mutants that nobody can see, with reasons", str(kept)),
        (
            "parts whose every branch their own tests take",
            ", ".join(map(code, gate[1].split())) if gate else "",
        ),
    ]
    programs = {
        name: [
            (code(path.stem), _first_line(path))
            for path in sorted((tests / "bench" / folder).glob(f"{name}_*.py"))
        ]
        for name, folder in (("soak", "soak"), ("bench", "."))
    }
    return page(
        "Tests in numbers",
        "[How it is tested](../explanation/tested.md) says what they are for. A test function may"
        " stand for many cases.\n",
        table(("", "count"), rows),
        "## Soaks\n",
        "`make soak`, for as long as you like:\n",
        table(("program", ""), programs["soak"]),
        "## Benches\n",
        "`make bench`, with numbers in [benchmarks](../benchmarks.md):\n",
        table(("program", ""), programs["bench"]),
    )


def forgery_kinds() -> list[str]:
    """Return the names of all forgeries that are tried on records."""
    groups = (test_forgeries.FORGERIES, test_forgeries.DAMAGES, BY_INDEX, ON_TRUST)
    names = [forge.__name__ for group in groups for _, forge in group]
    return [name for name in names if name not in test_forgeries.OF_AN_AGENT]


def pages() -> dict[str, Callable[[], str]]:
    """Return what makes each page, by its name."""
    root = typer.main.get_command(build_app())
    return {
        "commands": lambda: commands_page(root),
        "settings": lambda: settings_page(LIMITS),
        "errors": lambda: errors_page(root, error_kinds()),
        "formats": lambda: formats_page(FORMATS),
        "systems": lambda: systems_page(SYSTEMS),
        "edges": lambda: edges_page(EDGE_KINDS),
        "tests": tests_page,
        "python": python_page,
        "runners": lambda: runners_page(AGENTS.values(), ENGINES.values(), OUTPUT_FORMATS.values()),
    }


def stale() -> list[str]:
    """Return the names of pages that are not what the product says, or are left over."""
    made = {name: make() for name, make in pages().items()}
    kept = {path.stem: path.read_text("utf-8") for path in FOLDER.glob("*.md")}
    return sorted(name for name in made.keys() | kept.keys() if made.get(name) != kept.get(name))


def check() -> int:
    """Compare; return an exit code."""
    names = stale()
    for name in names:
        print(
            f"docs/reference/{name}.md is not what the product says; if the product is right:"
            " make help-update",
            file=sys.stderr,
        )
    return int(bool(names))


def update() -> int:
    """Write every page anew; return an exit code."""
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.glob("*.md"):
        path.unlink()
    for name, make in pages().items():
        (FOLDER / f"{name}.md").write_text(make(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    actions = {"check": check, "update": update}
    if len(sys.argv) != 2 or sys.argv[1] not in actions:
        sys.exit(__doc__)
    sys.exit(actions[sys.argv[1]]())

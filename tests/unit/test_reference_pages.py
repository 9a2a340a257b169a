"""The pages of docs/reference say what the tables of the product say."""

from __future__ import annotations

from dataclasses import replace

import pytest
import typer
import typer.main

from docsearch_cli import config_file, errors
from docsearch_cli.cli.app import build_app
from docsearch_cli.cli.output_formats.table import OUTPUT_FORMATS
from docsearch_cli.corpus.formats.table import FORMATS
from docsearch_cli.corpus.systems.table import SYSTEMS
from docsearch_cli.explore.agents.table import AGENTS
from docsearch_cli.graph.edge_kinds import EDGE_KINDS
from docsearch_cli.personal_settings import PERSONAL_NAMES
from docsearch_cli.run_limits import LIMITS
from docsearch_cli.search.engines import ENGINES
from tests import reference_pages as made
from tests.unit.test_help import commands

NEW = "new-row"
ROW = f"| `{NEW}` |"


class NewError(errors.DocsearchError):
    """Something new went wrong."""

    code = NEW


@pytest.fixture(scope="module")
def root():
    return typer.main.get_command(build_app())


def test_no_page_is_stale():
    assert made.stale() == []


def test_a_page_that_says_something_else_is_stale(tmp_path, monkeypatch):
    monkeypatch.setattr(made, "FOLDER", tmp_path)
    monkeypatch.setattr(made, "pages", lambda: {"edges": lambda: "now", "systems": lambda: "now"})
    made.update()
    (tmp_path / "edges.md").write_text("before")
    (tmp_path / "left-over.md").write_text("x")

    assert made.stale() == ["edges", "left-over"]


def test_a_new_limit_is_in_the_settings():
    assert ROW in made.settings_page([*LIMITS, replace(LIMITS[0], name=NEW)])


def test_a_new_error_is_in_the_errors(root):
    assert f"| `{NEW}` | 3 | `NewError` | Something new" in made.errors_page(
        root, [*made.error_kinds(), NewError]
    )


def test_a_new_format_is_in_the_formats():
    page = made.formats_page([*FORMATS, replace(FORMATS[0], name=NEW, suffixes=(".new",))])

    assert f"| `{NEW}` | `.new`" in page


def test_a_new_system_is_in_the_systems():
    assert ROW in made.systems_page([*SYSTEMS, replace(SYSTEMS[0], name=NEW)])


def test_a_new_kind_is_in_the_edges():
    assert ROW in made.edges_page([*EDGE_KINDS, replace(EDGE_KINDS[0], name=NEW)])


@pytest.mark.parametrize("place", range(3))
def test_a_new_agent_engine_or_format_of_results_is_in_their_page(place):
    tables = [list(table.values()) for table in (AGENTS, ENGINES, OUTPUT_FORMATS)]
    tables[place].append(replace(tables[place][0], name=NEW))

    assert ROW in made.runners_page(*tables)


def test_every_command_is_in_the_commands(root):
    page = made.commands_page(root)
    headings = {line.removeprefix("## ") for line in page.splitlines() if line.startswith("## ")}
    groups = {words[:-1] for words in commands()}

    assert headings == {
        " ".join(("docsearch", *words)) for words in commands() if words not in groups
    }


def test_every_table_of_a_configuration_file_is_in_the_settings():
    named = {name for name, _, _ in made.TABLES}
    mine = {name for name, who, _ in made.TABLES if who == "only you"}

    assert named == {
        *config_file.TABLES,
        *config_file.OWN_TABLES,
        *PERSONAL_NAMES,
        "starting_points",
    }
    assert mine == {*config_file.OWN_TABLES, *PERSONAL_NAMES}


def test_every_kind_of_edge_and_every_format_says_what_it_is():
    assert [row.name for row in (*EDGE_KINDS, *FORMATS) if not row.meaning] == []


def test_what_a_text_holds_does_not_break_its_table():
    assert made.table(("a", "b"), [("x|y\nz", "")]) == "| a | b |\n| --- | --- |\n| x\\|y z | |\n"

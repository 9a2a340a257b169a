"""How pages are staged for the documentation site; ``make docs`` builds it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import docs_site
from tests.docs_site import contents, loaded_from_elsewhere, notebook_page, relinked, stage
from tests.support import REPOSITORY

PLACES = {
    "docs/asking.md": "asking.md",
    "docs/howto/vault.md": "howto/vault.md",
    "ARCHITECTURE.md": "architecture.md",
}


def place_of(path: str) -> str:
    return PLACES.get(path, path)


@pytest.mark.parametrize(
    ("path", "text", "there"),
    [
        ("docs/howto/vault.md", "[a](../asking.md#x)", "[a](../asking.md#x)"),
        ("docs/asking.md", "[a](../ARCHITECTURE.md)", "[a](architecture.md)"),
        ("docs/howto/vault.md", "![a](../../ARCHITECTURE.md)", "![a](../architecture.md)"),
        ("ARCHITECTURE.md", "[a](docs/asking.md)", "[a](asking.md)"),
        ("docs/asking.md", "[a](https://example.org/../x)", "[a](https://example.org/../x)"),
        ("docs/asking.md", "[a](#x)", "[a](#x)"),
        ("docs/asking.md", "`[a](../ARCHITECTURE.md)`", "`[a](../ARCHITECTURE.md)`"),
        (
            "docs/asking.md",
            "```\n[a](../ARCHITECTURE.md)\n```\n",
            "```\n[a](../ARCHITECTURE.md)\n```\n",
        ),
    ],
)
def test_a_link_follows_its_page_to_the_site(path, text, there):
    assert relinked(text, path, place_of) == there


def test_the_tree_is_that_of_the_links_below_each_heading():
    guides = "## Guides\n\n- [b](how/b.md), [a](a.md)\n"
    page = f"# T\n\nSee [a](a.md).\n\n{guides}\n## More\n\n- [c](c.md)\n"

    trees = contents(page, "index.md", [])

    assert ":caption: Guides\n\nhow/b\na\n```" in trees
    assert ":caption: More\n\nc\n```" in trees


def test_a_page_without_headings_is_one_tree_without_a_caption():
    trees = contents("# T\n\n- [a](a.md)\n- [itself](README.md)\n", "decisions/README.md", [])

    assert trees == "\n```{toctree}\n:hidden:\n\na\n```\n"


def test_a_page_that_nothing_lists_is_a_how_to_guide():
    page = f"# T\n\n## {docs_site.UNLISTED}\n\n- [b](b.md)\n\n## More\n\n- [c](c.md)\n"

    assert "b\nnew\n```" in contents(page, "index.md", ["new.md"])


def test_a_notebook_is_a_page_of_its_text_code_and_output(tmp_path):
    cells = [
        {"cell_type": "markdown", "source": ["# T\n", "text"]},
        {"cell_type": "code", "source": ["1 + 1"], "outputs": [{"text": ["2\n"]}]},
    ]
    notebook = tmp_path / "a.ipynb"
    notebook.write_text(json.dumps({"cells": cells}))

    assert notebook_page(notebook) == "# T\ntext\n\n```python\n1 + 1\n```\n\n```text\n2\n```\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.html", '<script src="https://example.org/a.js">'),
        ("a.html", '<link rel="stylesheet" href="//example.org/a.css">'),
        ("a.html", '<link href="https://example.org/a.css" rel="stylesheet">'),
        ("a.html", '<img alt="" src="https://example.org/a.png">'),
        ("a.css", "@import 'a.css';"),
        ("a.css", "src: url(https://example.org/a.woff2)"),
    ],
)
def test_what_a_page_loads_from_elsewhere_is_found(tmp_path, name, text):
    (tmp_path / name).write_text(text)

    assert len(loaded_from_elsewhere(tmp_path)) == 1


def test_a_link_to_elsewhere_loads_nothing(tmp_path):
    (tmp_path / "a.html").write_text('<a href="https://example.org">x</a><img src="a.png">')

    assert loaded_from_elsewhere(tmp_path) == []


def test_every_page_is_staged_and_every_file_that_a_page_shows(tmp_path):
    stage(tmp_path)

    pages = {path.relative_to(REPOSITORY / "docs").as_posix() for path in _pages()}
    staged = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.md")}
    assert pages <= staged
    assert {"architecture.md", "security.md", "api.md"} <= staged
    assert (tmp_path / "files/github/replay-step.svg").is_file()


def _pages() -> list[Path]:
    return [
        path for path in (REPOSITORY / "docs").rglob("*.md") if docs_site.SITE not in path.parents
    ]

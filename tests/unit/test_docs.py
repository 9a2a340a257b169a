"""What the documents say: links lead somewhere, commands and options exist, settings are listed."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
import typer.main

from docsearch_cli.cli.app import build_app
from docsearch_cli.corpus.systems.table import SYSTEMS
from docsearch_cli.index.build import build_index
from docsearch_cli.index.link_report import read_link_report
from docsearch_cli.index.store import open_index
from docsearch_cli.run_limits import LIMITS
from tests.support import PACKAGE, REPOSITORY

DOCS = REPOSITORY / "docs"
# For users: what they say of commands is checked word by word.
USER_PAGES = (
    REPOSITORY / "README.md",
    REPOSITORY / "SECURITY.md",
    *(path for path in sorted(DOCS.rglob("*.md")) if path.parent.name != "decisions"),
)
PAGES = (
    *USER_PAGES,
    *(REPOSITORY / name for name in ("CHANGELOG.md", "CONTRIBUTING.md", "ARCHITECTURE.md")),
    *sorted((DOCS / "decisions").glob("*.md")),
)
ARCHITECTURE = REPOSITORY / "ARCHITECTURE.md"
# For those who change the code: modules in them are named by their paths.
CODE_PAGES = (ARCHITECTURE, REPOSITORY / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md")))
# Folders that the command makes where it runs.
MADE_FOLDERS = {".docsearch/"}
# What the pages name as an example of text, or of another program.
NO_OPTIONS_OF_OURS = {"--flag"}


def name_of(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


def blocks_and_spans(path: Path) -> tuple[list[str], list[str]]:
    """The lines of fenced code, and the code spans of the rest."""
    text = path.read_text("utf-8")
    blocks = re.findall(r"^ *```(?:console|sh)\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
    return [line.strip() for block in blocks for line in block.splitlines()], spans_of(
        prose_of(path)
    )


@pytest.fixture(scope="module")
def root() -> Any:
    return typer.main.get_command(build_app())


def options_of(command: Any) -> set[str]:
    """Every option of a command, or of a group and all below it."""
    own = {name for item in command.params for name in (*item.opts, *item.secondary_opts)}
    return own.union(*map(options_of, getattr(command, "commands", {}).values()), {"--help"})


def find(root: Any, words: list[str]) -> tuple[Any, list[str]]:
    """The command that the words begin with, and the words after its name."""
    command = root
    while words and words[0] in getattr(command, "commands", {}):
        command, words = command.commands[words[0]], words[1:]
    return command, words


def is_name_only(command: Any) -> bool:
    """Whether a group does nothing without one of its commands."""
    return bool(getattr(command, "commands", {})) and not command.invoke_without_command


def test_every_page_exists():
    assert [name_of(path) for path in PAGES if not path.is_file()] == []


def test_no_link_is_broken(tmp_path):
    """Told by docsearch itself; the sample corpora have broken links on purpose."""
    there = tmp_path / "repository"
    for path in (*PAGES, *REPOSITORY.glob("*"), *REPOSITORY.glob(".github/*"), *DOCS.rglob("*")):
        if path.is_file():
            target = there / path.relative_to(REPOSITORY)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    shutil.copytree(REPOSITORY / "corpora", there / "corpora")
    build_index(tmp_path / ".docsearch", [there])
    report = read_link_report(open_index(tmp_path / ".docsearch").folder)
    wrong = [
        f"{link['source_path']}:{link['line']} -> {link['target']}"
        for kind in ("broken", "ambiguous")
        for link in report[kind]
        if not link["source_path"].startswith("corpora/")
    ]

    assert wrong == []


@pytest.mark.parametrize("path", USER_PAGES, ids=name_of)
def test_every_command_that_is_shown_is_one(root, path):
    code, _ = blocks_and_spans(path)
    for line in code:
        if not line.startswith(("docsearch ", "$ docsearch ")):
            continue
        words = shlex.split(re.split(r" (?:[|<]|>>?) ", line.removeprefix("$ "))[0], comments=True)
        if words[:1] == ["docsearch"]:
            command, rest = find(root, words[1:])

            assert not is_name_only(command) or rest == ["--help"], line
            command.make_context(line, rest)  # raises a usage error where there is one


@pytest.mark.parametrize("path", USER_PAGES, ids=name_of)
def test_every_option_that_is_named_exists(root, path):
    _, spans = blocks_and_spans(path)
    for span in spans:
        named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", span))
        if not span.startswith(("make", "python", "pip", "uv")) and named:
            command, _ = find(root, span.removeprefix("docsearch ").split())

            assert named - NO_OPTIONS_OF_OURS <= options_of(command), span


@pytest.mark.parametrize("path", USER_PAGES, ids=name_of)
def test_every_command_that_is_named_exists(root, path):
    _, spans = blocks_and_spans(path)
    for span in spans:
        words = span.split()
        if len(words) > 1 and words[0] == "docsearch" and words[1].isalpha():
            command, rest = find(root, words[1:])

            assert command is not root, span
            assert not is_name_only(command) or not rest, span


def test_every_command_is_in_the_table_of_all(root):
    _, spans = blocks_and_spans(DOCS / "asking.md")
    named = {" ".join(span.removeprefix("docsearch ").split()[:2]) for span in spans}
    for name, command in root.commands.items():
        for inner in getattr(command, "commands", {"": None}):
            words = f"{name} {inner}".strip()

            assert any(f"{item} ".startswith(f"{words} ") for item in named), words


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.name)
def test_every_limit_is_documented_with_its_default_and_its_most(limit):
    text = (DOCS / "asking.md").read_text("utf-8")
    flag = "--" + limit.name.replace("_", "-")
    row = re.search(
        rf"^\| `(?:{limit.name}|{flag})` \| (.+?) \| ([$\d,.]+) \| ", text, re.MULTILINE
    )

    assert row is not None
    assert row[2] == limit.words(limit.most)
    default = limit.default_words or limit.words(limit.default)
    assert limit.name == "workers" or row[1].replace("`", "") == default


def prose_of(path: Path) -> str:
    """A page without its fenced and indented code: diffs in there add modules of their own."""
    text = re.sub(r"^ *```.*?^ *```$", "", path.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    return "\n".join(line for line in text.splitlines() if not line.startswith("    "))


def spans_of(text: str) -> list[str]:
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", text)]


def folder_of_section(heading: str) -> Path:
    """The folder that a section of ARCHITECTURE.md is about: ``corpus/walk: which ...``."""
    return PACKAGE / heading.partition(":")[0]


def modules_named(text: str) -> list[str]:
    """Paths of modules and folders, and dotted names, in the code spans of a text."""
    paths = [span for span in spans_of(text) if re.fullmatch(r"[\w./-]*[\w-](\.py|/)", span)]
    dotted = [
        name.replace(".", "/")
        for span in spans_of(text)
        for name in re.findall(r"(?<![\w.])(?:docsearch_cli|tests)(?:\.[a-z_]+)+", span)
    ]
    return [name for name in (*paths, *dotted) if name not in MADE_FOLDERS]


def is_there(name: str, bases: tuple[Path, ...]) -> bool:
    """Tell whether a path or a dotted name is one of a module or folder below one of the bases."""
    places = [base / name for base in bases]
    return any(place.exists() or place.with_suffix(".py").is_file() for place in places)


@pytest.mark.parametrize("path", CODE_PAGES, ids=name_of)
def test_every_module_that_is_named_exists(path):
    bases = (REPOSITORY, PACKAGE)
    text = prose_of(path)
    if path == ARCHITECTURE:  # a section names modules by their paths in its folder
        sections = re.split(r"^##+ ", text, flags=re.MULTILINE)
        parts = [(section, (folder_of_section(section), *bases)) for section in sections]
    else:  # "``table.py`` there": in a folder that the page names
        named = [base / name for name in modules_named(text) for base in bases]
        parts = [(text, (*bases, *filter(Path.is_dir, named)))]

    missing = [name for text, at in parts for name in modules_named(text) if not is_there(name, at)]
    markers = {marker for system in SYSTEMS for marker in system.markers}  # files of other tools
    assert [name for name in missing if name not in markers] == []


def test_the_architecture_names_enough_modules_to_be_checked():
    assert len(modules_named(prose_of(ARCHITECTURE))) > 100
    assert modules_named("`cli/app.py`, `walk/` and `docsearch_cli.testing`, no `app`") == [
        "cli/app.py",
        "walk/",
        "docsearch_cli/testing",
    ]
    assert not is_there("cli/nothing.py", (REPOSITORY, PACKAGE))


def test_the_architecture_has_a_section_for_every_folder_of_the_package():
    headings = re.findall(r"^##+ (.+)$", ARCHITECTURE.read_text("utf-8"), re.MULTILINE)
    folders = {init.parent for init in PACKAGE.rglob("__init__.py")} - {PACKAGE}

    assert folders - {folder_of_section(heading) for heading in headings} == set()


def test_every_decision_is_in_the_list():
    listed = (DOCS / "decisions" / "README.md").read_text("utf-8")
    files = sorted(path.name for path in (DOCS / "decisions").glob("[0-9]*.md"))

    assert files
    assert re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", listed) == files


def test_the_readme_names_the_command_that_runs_the_tests():
    code, _ = blocks_and_spans(REPOSITORY / "README.md")

    assert "make test" in code


@pytest.mark.parametrize("path", USER_PAGES, ids=name_of)
def test_commands_stand_in_fenced_blocks(path):
    """Others are not run."""
    text = re.sub(r"^ *```.*?^ *```$", "", path.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)

    assert re.findall(r"^ {4,}(?:\$ |docsearch ).*$", text, re.MULTILINE) == []

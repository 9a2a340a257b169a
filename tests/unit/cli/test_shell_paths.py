import io
import os
from pathlib import Path

import pytest

from docsearch_cli.cli.shell_paths import ShellPaths, shows_links
from docsearch_cli.index.manifest import Root
from tests.support import write_files


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with documents in ``docs``, which is the current one."""
    write_files(tmp_path / "docs", {"a/oven.md": "# Oven\n", "-x.md": "# X\n", "~/y.md": "# Y\n"})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def paths_of(folder, **options):
    return ShellPaths([Root("", str(folder / "docs"))], **options)


@pytest.mark.parametrize(
    ("here", "name"),
    [
        (".", "docs/a/oven.md"),
        ("docs", "a/oven.md"),
        ("docs/a", "oven.md"),
        ("docs/b", "../a/oven.md"),
        ("docs/b/c", "../../a/oven.md"),
    ],
)
def test_a_path_is_the_one_that_the_shell_opens_in_the_current_folder(
    folder, monkeypatch, here, name
):
    (folder / here).mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(folder / here)

    for paths in (paths_of(folder), ShellPaths([Root("it", str(folder / "docs"))])):
        inner = "a/oven.md" if "" in paths._files._roots else "it/a/oven.md"
        assert paths.name(inner) == paths.file(inner) == name
    assert Path(name).samefile(folder / "docs/a/oven.md")


def test_a_path_that_leads_far_up_is_absolute_or_begins_at_home(folder, monkeypatch):
    far = folder / "1" / "2" / "3"
    far.mkdir(parents=True)
    monkeypatch.chdir(far)
    whole = str(folder / "docs/a/oven.md")

    assert paths_of(folder).name("a/oven.md") == whole
    monkeypatch.setenv("HOME", str(folder))
    assert paths_of(folder).name("a/oven.md") == "~/docs/a/oven.md"
    assert paths_of(folder).file("a/oven.md") == whole


def test_the_shortest_way_to_say_it_is_taken(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert ShellPaths([Root("", "/usr")]).name("share") == "/usr/share"


def test_no_name_is_taken_for_an_option_or_a_home_folder(folder, monkeypatch):
    monkeypatch.chdir(folder / "docs")
    paths = paths_of(folder)

    assert paths.name("-x.md") == "./-x.md"
    assert paths.name("~/y.md") == "./~/y.md"


def test_where_the_folder_is_gone_a_document_has_its_path_in_the_index(folder):
    gone = ShellPaths([Root("", str(folder / "gone"))])

    assert gone.name("a/oven.md") == gone.file("a/oven.md") == "a/oven.md"
    assert ShellPaths().name("a/oven.md") == "a/oven.md"
    assert ShellPaths([Root("one", str(folder))]).name("two/oven.md") == "two/oven.md"


def test_where_the_current_folder_is_gone_a_path_is_absolute(folder, monkeypatch):
    here = folder / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    here.rmdir()

    assert paths_of(folder).name("a/oven.md") == str(folder / "docs/a/oven.md")


def test_a_link_to_the_current_folder_changes_nothing(folder, monkeypatch):
    (folder / "link").symlink_to(folder / "docs")
    monkeypatch.chdir(folder / "link" / "a")

    assert paths_of(folder).name("a/oven.md") == "oven.md"
    assert ShellPaths([Root("", str(folder / "link"))]).name("a/oven.md") == "oven.md"


def test_an_absolute_path_of_another_file_is_said_the_same_way(folder):
    assert paths_of(folder).name(str(folder / "docs/.gitignore")) == "docs/.gitignore"


def test_a_file_that_alone_is_indexed_is_named_too(folder):
    paths = ShellPaths([Root("", str(folder / "docs/a/oven.md"))])

    assert paths.name("oven.md") == "docs/a/oven.md"


def test_a_node_is_named_by_its_document_and_its_part(folder):
    assert paths_of(folder).node("a/oven.md//3") == "docs/a/oven.md part 3"


def test_a_document_is_a_link_only_where_there_are_links(folder):
    linked = paths_of(folder, editor="file")
    url = f"file://{os.uname().nodename}{folder}/docs/a/oven.md"

    assert linked.style("a/oven.md", 3, "bold").link == url
    assert linked.style("a/oven.md//2", 3, "bold").bold
    assert paths_of(folder, editor="none").style("a/oven.md", 3, "bold") == "bold"
    assert paths_of(folder).style("a/oven.md", 3, "bold") == "bold"
    assert ShellPaths(editor="file").style("a/oven.md", 3, "bold") == "bold"


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_links_are_for_terminals_that_know_them(monkeypatch):
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "xterm")

    assert shows_links(Terminal())
    assert not shows_links(io.StringIO())
    for name, value in (("TERM", "dumb"), ("TERM", "linux"), ("TERM", ""), ("NO_COLOR", "1")):
        with monkeypatch.context() as changed:
            changed.setenv(name, value)
            assert not shows_links(Terminal()), (name, value)

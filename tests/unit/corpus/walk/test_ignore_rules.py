"""Which ignore files hold for a root, and what their patterns match: as git has it."""

import os
import random
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from docsearch_cli.corpus.walk.found_files import NOT_THERE, FoundFile
from docsearch_cli.corpus.walk.walk_roots import walk, walk_in_time
from docsearch_cli.models import LedgerEntry
from tests.support import write_files

EXCLUDE = ".git/info/exclude"


def files(*roots):
    return [entry.path for entry in walk(roots) if isinstance(entry, FoundFile)]


def details(*roots):
    return {entry.path: entry.detail for entry in walk(roots) if isinstance(entry, LedgerEntry)}


@pytest.fixture
def tree(tmp_path):
    """Write files in a working tree and return its top."""
    (tmp_path / ".git").mkdir()
    return lambda content: write_files(tmp_path, content)


def test_patterns_above_the_root_hold_up_to_the_top_of_the_working_tree(tree):
    top = tree(
        {
            ".gitignore": "a/docs/_build/\n*.tmp\n",
            "a/.gitignore": "!keep.tmp\n/docs/x.md\n",
            "a/docs/_build/i.html": "",
            "a/docs/keep.tmp": "",
            "a/docs/no.tmp": "",
            "a/docs/sub/x.md": "",
            "a/docs/x.md": "",
        }
    )

    assert files(top / "a/docs") == ["keep.tmp", "sub/x.md"]
    assert details(top / "a/docs") == {
        "_build/": "a/docs/_build/ (../../.gitignore)",
        "no.tmp": "*.tmp (../../.gitignore)",
        "x.md": "/docs/x.md (../.gitignore)",
    }


def test_each_of_several_roots_has_the_patterns_above_it(tree):
    top = tree({".gitignore": "/a/x.md\n", "a/x.md": "", "b/x.md": ""})

    assert files(top / "a", top / "b") == ["b/x.md"]
    assert details(top / "a", top / "b") == {"a/x.md": "/a/x.md (a/../.gitignore)"}


def test_exclude_file_of_the_top_holds_and_every_other_has_the_last_word(tree):
    top = tree({EXCLUDE: "*.log\n/docs/x.md\n", "docs/x.md": "", "docs/a.log": ""})
    write_files(top, {"docs/.gitignore": "!a.log\n"})

    assert files(top / "docs") == ["a.log"]
    assert files(top) == ["docs/a.log"]
    assert details(top / "docs")["x.md"] == f"/docs/x.md (../{EXCLUDE})"
    assert details(top)["docs/x.md"] == f"/docs/x.md ({EXCLUDE})"


def test_nothing_above_a_folder_outside_of_any_working_tree_is_read(tmp_path):
    write_files(tmp_path, {".gitignore": "*.md\n", "docs/a.md": ""})

    assert files(tmp_path / "docs") == ["a.md"]


def test_nothing_above_the_nearest_working_tree_is_read(tree):
    top = tree({".gitignore": "*.md\n", EXCLUDE: "*.md\n", "inner/docs/a.md": ""})
    (top / "inner/.git").write_text("gitdir: ../.git/modules/inner\n")

    assert files(top / "inner/docs") == ["a.md"]
    assert files(top / "inner") == ["docs/a.md"]


def test_a_git_file_is_the_top_of_a_working_tree(tmp_path):
    write_files(tmp_path, {".git": "gitdir: x\n", ".gitignore": "x.md\n", "docs/x.md": ""})

    assert files(tmp_path / "docs") == []


def test_exclude_file_of_a_repository_below_the_root_does_not_count(tree):
    top = tree({"docs/.git/info/exclude": "a.md\n", "docs/a.md": ""})

    assert files(top) == ["docs/a.md"]
    assert files(top / "docs") == []


@pytest.mark.parametrize(
    "pattern", ["build/", "build", "/build", "out/", "*", "**", "b*", "/out/*"]
)
def test_a_root_that_is_ignored_is_walked(tree, pattern):
    top = tree(
        {".gitignore": f"{pattern}\n*.log\n", "out/build/sub/a.md": "", "out/build/a.log": ""}
    )
    (top / "out/build").rename(top / "build")
    shutil.copytree(top / "build", top / "out/build")

    assert files(top / "build") == ["sub/a.md"]
    assert files(top / "out/build") == ["sub/a.md"]


def test_what_is_left_out_of_a_folder_that_is_not_left_out_is_no_part_of_it(tree):
    top = tree({".gitignore": "docs/*\n!docs/public/\n", "docs/a.md": "", "docs/public/b.md": ""})

    assert files(top / "docs") == ["public/b.md"]


def test_an_ignored_file_that_is_the_root_is_read(tree):
    top = tree({".gitignore": "a.md\n", "docs/a.md": ""})

    assert files(top / "docs/a.md") == ["a.md"]


def test_root_by_a_link_lies_where_it_leads(tree, tmp_path):
    top = tree({".gitignore": "x.md\n", "docs/x.md": "", "docs/y.md": ""})
    (tmp_path.parent / f"{tmp_path.name}-link").symlink_to(top / "docs")

    assert files(tmp_path.parent / f"{tmp_path.name}-link") == ["y.md"]


@pytest.mark.parametrize("name", [".gitignore", EXCLUDE])
@pytest.mark.parametrize("kind", ["pipe", "zero", "folder", "gone", "binary", "huge"])
def test_a_hostile_ignore_file_above_the_root_does_no_harm(tree, name, kind):
    top = tree({"docs/a.md": "", "docs/x.md": ""})
    file = top / name
    file.parent.mkdir(exist_ok=True)
    if kind == "pipe":
        os.mkfifo(file)
    elif kind == "folder":
        file.mkdir()
    elif kind in ("zero", "gone"):
        file.symlink_to("/dev/zero" if kind == "zero" else "nowhere")
    else:
        file.write_bytes(b"\xff\xfe\x00\n" if kind == "binary" else b"#" * 3_000_000 + b"\n*.md\n")

    assert files(top / "docs") == ["a.md", "x.md"]


@pytest.mark.parametrize("kind", ["pipe", "gone"])
def test_what_is_neither_folder_nor_file_is_no_top(tmp_path, kind):
    write_files(tmp_path, {".gitignore": "*.md\n", "docs/a.md": ""})
    if kind == "pipe":
        os.mkfifo(tmp_path / ".git")
    else:
        (tmp_path / ".git").symlink_to("nowhere")

    assert files(tmp_path / "docs") == ["a.md"]


def test_times_tell_of_what_was_read_above_and_of_what_was_not_there(tree):
    top = tree({".gitignore": "", "a/docs/x.md": ""})
    real = os.path.realpath(top)
    times = walk_in_time([top / "a/docs"]).times

    assert times == {
        f"{real}/.gitignore": (top / ".gitignore").stat().st_mtime_ns,
        f"{real}/{EXCLUDE}": NOT_THERE,
        f"{real}/a/.gitignore": NOT_THERE,
        f"{real}/a/docs": (top / "a/docs").stat().st_mtime_ns,
    }


def test_only_what_is_wanted_of_each_folder_is_taken_back_in(tmp_path):
    write_files(tmp_path, {".gitignore": "*\n!*/\n!*.md\n", "sub/a.md": "", "sub/b.txt": ""})

    assert files(tmp_path) == ["sub/a.md"]


def test_the_pattern_named_is_the_one_that_matched_after_empty_lines(tmp_path):
    write_files(tmp_path, {".gitignore": "# note\n\n\n*.a\n\nx.md\n", "x.md": ""})

    assert details(tmp_path)["x.md"] == "x.md (.gitignore)"


def test_an_ignore_file_of_many_names_costs_little_for_each_file(tmp_path):
    names = [f"x{number}.md\n/y/{number}\n*.s{number}\n" for number in range(20_000)]
    write_files(tmp_path, {".gitignore": "".join([*names, "!x7.md\n"])[-999_000:]})
    write_files(tmp_path / "y", dict.fromkeys((f"{number}" for number in range(300)), ""))
    write_files(tmp_path, dict.fromkeys((f"x{n}.md" for n in range(19_900, 19_990)), ""))
    write_files(tmp_path, {"x7.md": "", "z.s19999": "", "z.md": ""})
    began_s = time.process_time()
    kept = set(files(tmp_path))
    spent_s = time.process_time() - began_s

    assert {"x7.md", "z.md"} <= kept
    assert not kept & {"z.s19999", "x19950.md"}
    assert spent_s < 10  # each pattern tried on each file: minutes


def test_equal_patterns_cost_as_one(tmp_path):
    write_files(tmp_path, {".gitignore": "*.x?\n" * 150_000 + "!a.x1\n"})
    write_files(tmp_path, dict.fromkeys((f"{number}.md" for number in range(300)), ""))
    write_files(tmp_path, {"a.x1": "", "a.x2": ""})
    began_s = time.process_time()
    kept = set(files(tmp_path))
    spent_s = time.process_time() - began_s

    assert "a.x1" in kept
    assert "a.x2" not in kept
    assert spent_s < 5  # each of the equal ones tried on each file: 20 ms a file


# They take out and back in, by name and by place, what the folders of the test hold.
_PATTERNS = (
    *("*", "*.md", "*.log", "!*.md", "!*/", "/*", "!/docs/", "!docs", "docs/", "docs/*", "a/b/"),
    *(
        "!docs/x.md",
        "docs/**",
        "!docs/**/",
        "/build",
        "build/",
        "!build/",
        "**/a",
        "a/**/b",
        "!a/b",
    ),
    *(
        "!a/b/x.md",
        "**/docs/",
        "!docs/b/",
        "[ab]",
        "?.md",
        "",
        "# c",
        "!a/",
        "/a/*",
        "a/**",
        "!*/b/",
        "x.md",
        "/docs/x.md",
        "!y.log",
        "**/*.log",
        "!*.md/",
    ),
)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is compared with")
@pytest.mark.parametrize("seed", range(25))
def test_random_patterns_leave_out_what_git_leaves_out(tmp_path: Path, seed: int) -> None:
    chance, top = random.Random(seed), tmp_path / "top"
    top.mkdir()

    def git(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = ("git", "-c", "core.excludesFile=", *arguments)
        return subprocess.run(command, cwd=top, capture_output=True, text=True, check=False)

    def patterns(most: int) -> str:
        return "\n".join(chance.choices(_PATTERNS, k=chance.randint(1, most))) + "\n"

    git("init", "--quiet")
    folders = [""]
    for _ in range(7):
        parts = chance.choices(("a", "b", "docs", "build"), k=chance.randint(1, 3))
        folders.append("/".join(parts))
        write_files(top / folders[-1], dict.fromkeys(("x.md", "y.log", "z.md"), ""))
    for folder in chance.sample(sorted(set(folders)), 2):
        write_files(top / folder, {".gitignore": patterns(4)})
    write_files(top, {EXCLUDE: patterns(2)})
    paths = git("ls-files", "--others", "--exclude-standard").stdout.split("\n")
    kept = {path for path in paths if path and not path.endswith(".gitignore")}
    for folder in sorted(set(folders)):
        if folder and git("check-ignore", "--quiet", folder).returncode == 0:
            continue
        prefix = f"{folder}/" if folder else ""

        found = {prefix + path for path in files(top / folder)}

        assert found == {path for path in kept if path.startswith(prefix)}

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from docsearch_cli.corpus.walk.found_files import FoundFile
from docsearch_cli.corpus.walk.walk_roots import walk
from docsearch_cli.errors import InputError
from docsearch_cli.models import LedgerEntry
from tests.support import write_files

Folder = Callable[[dict[str, str | bytes]], Path]


def files(*roots: Path, **limits: int) -> list[str]:
    return [entry.path for entry in walk(roots, **limits) if isinstance(entry, FoundFile)]


def skipped(*roots: Path, **limits: int) -> dict[str, str]:
    return {
        entry.path: entry.reason
        for entry in walk(roots, **limits)
        if isinstance(entry, LedgerEntry)
    }


def test_paths_are_relative_and_sorted(folder: Folder) -> None:
    root = folder({"b/x.md": "", "a.md": "", "b.md": "", "B.md": ""})

    assert files(root) == ["B.md", "a.md", "b.md", "b/x.md"]


def test_gitignore_leaves_files_out_and_names_the_pattern(folder: Folder) -> None:
    root = folder({".gitignore": "# note\n*.tmp\n", "a.md": "", "x.tmp": ""})

    rows = {entry.path: entry for entry in walk([root]) if isinstance(entry, LedgerEntry)}

    assert files(root) == ["a.md"]
    assert rows["x.tmp"].reason == "ignored"
    assert rows["x.tmp"].detail == "*.tmp (.gitignore)"


def test_each_of_several_names_that_are_shown_alike_is_another_path(tmp_path: Path) -> None:
    shown = os.fsencode(tmp_path) + rb"/bad\xff"
    spelled = os.fsencode(tmp_path) + b"/bad\xff"
    for end in (rb"\xfe.md", b"\xfe.md"):
        for name in (shown, spelled):
            Path(os.fsdecode(name + end)).touch()
    Path(os.fsdecode(shown + rb"\xfe.md~2")).touch()
    Path(os.fsdecode(shown + rb"\xfe.md.md")).touch()
    paths = files(tmp_path)

    assert len(set(paths)) == 6
    assert paths == sorted(paths)
    assert {r"bad\xff\xfe.md", r"bad\xff\xfe~2.md", r"bad\xff\xfe~4.md"} < set(paths)


def test_ignored_folder_is_one_row(folder: Folder) -> None:
    root = folder({".gitignore": "build/\n", "build/a.md": "", "build/b.md": "", "c.md": ""})

    assert files(root) == ["c.md"]
    assert skipped(root)["build/"] == "ignored"
    assert not any(path.startswith("build/") for path in skipped(root) if path != "build/")


def test_nearest_ignore_file_and_last_pattern_win(folder: Folder) -> None:
    root = folder(
        {
            ".gitignore": "*.log\n!keep.log\n",
            "a.log": "",
            "keep.log": "",
            "sub/.gitignore": "!b.log\nkeep.log\n",
            "sub/a.log": "",
            "sub/b.log": "",
            "sub/keep.log": "",
        }
    )

    assert files(root) == ["keep.log", "sub/b.log"]


def test_docsearchignore_has_the_last_word(folder: Folder) -> None:
    root = folder({".gitignore": "*.md\n", ".docsearchignore": "!a.md\n", "a.md": "", "b.md": ""})

    assert files(root) == ["a.md"]


def test_anchored_pattern_holds_below_its_own_folder(folder: Folder) -> None:
    root = folder({"sub/.gitignore": "/x.md\n", "x.md": "", "sub/x.md": "", "sub/deep/x.md": ""})

    assert files(root) == ["sub/deep/x.md", "x.md"]


def test_hidden_entries_are_reported_and_our_index_is_not(folder: Folder) -> None:
    root = folder({".git/config": "", ".env": "", ".docsearch/CURRENT": "", "a.md": ""})

    assert skipped(root) == {".env": "hidden", ".git/": "hidden"}


def test_link_out_of_the_root_is_not_followed(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text("s")
    root = folder({"a.md": ""})
    (root / "p.md").symlink_to(tmp_path / "secret.md")
    (root / "up").symlink_to("..")

    assert files(root) == ["a.md"]
    assert skipped(root) == {"p.md": "symlink-outside", "up": "symlink-outside"}


def test_sibling_whose_name_begins_like_the_root_is_outside(folder: Folder, tmp_path: Path) -> None:
    root = folder({"a.md": ""})
    (tmp_path / "docs-private").mkdir()
    (tmp_path / "docs-private" / "x.md").write_text("s")
    (root / "x").symlink_to(tmp_path / "docs-private")

    assert skipped(root) == {"x": "symlink-outside"}


def test_loops_end_and_are_reported(folder: Folder) -> None:
    root = folder({"sub/a.md": ""})
    (root / "sub" / "loop").symlink_to("..")
    (root / "sub" / "here").symlink_to(".")
    (root / "self").symlink_to("self")

    assert files(root) == ["sub/a.md"]
    assert skipped(root) == {
        "self": "symlink-loop",
        "sub/here/": "symlink-loop",
        "sub/loop/": "symlink-loop",
    }


def test_one_document_per_real_file(folder: Folder) -> None:
    root = folder({"real/z.md": "", "b.md": ""})
    (root / "a.md").symlink_to("b.md")
    (root / "one").symlink_to("real")
    (root / "two").symlink_to("real")

    assert files(root) == ["b.md", "real/z.md"]
    assert skipped(root) == {"a.md": "duplicate", "one/": "duplicate", "two/": "duplicate"}


def test_link_to_a_file_met_nowhere_else_is_followed_once(folder: Folder) -> None:
    root = folder({".versions/2/a.md": "x"})
    (root / "current").symlink_to(".versions/2")
    (root / "latest").symlink_to(".versions/2")

    assert files(root) == ["current/a.md"]
    assert skipped(root)["latest/"] == "duplicate"


def test_dangling_link_is_reported(folder: Folder) -> None:
    root = folder({})
    (root / "gone.md").symlink_to("nowhere.md")

    assert skipped(root) == {"gone.md": "symlink-dangling"}


def test_pipes_and_sockets_are_reported_without_opening_them(
    folder: Folder, tmp_path: Path
) -> None:
    root = folder({})
    os.mkfifo(root / "p.md")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(root / "s.md"))

        assert skipped(root) == {"p.md": "special", "s.md": "special"}


def test_folder_named_like_a_document_is_a_folder(folder: Folder) -> None:
    assert files(folder({"d.md/x.md": ""})) == ["d.md/x.md"]


def test_large_file_is_reported_with_its_size(folder: Folder) -> None:
    root = folder({"big.md": "x" * 100})

    (row,) = walk([root], max_file_bytes=99)

    assert isinstance(row, LedgerEntry)
    assert (row.reason, row.size_bytes) == ("too-large", 100)


def test_name_that_is_not_utf8_is_shown_escaped(folder: Folder) -> None:
    root = folder({})
    (root / os.fsdecode(b"bad\xff.md")).write_bytes(b"# T")

    (found,) = walk([root])

    assert isinstance(found, FoundFile)
    assert found.path == "bad\\xff.md"
    assert found.path.encode() and found.file.read_bytes() == b"# T"


def test_escaped_name_and_its_double_stay_two(folder: Folder) -> None:
    root = folder({"bad\\xff.md": ""})
    (root / os.fsdecode(b"bad\xff.md")).write_bytes(b"")

    assert len(set(files(root))) == 2


def test_names_that_differ_little_are_different_documents(folder: Folder) -> None:
    names = ["README.md", "a b.md", "a-b.md", "a_b.md", "readme.md"]

    assert files(folder(dict.fromkeys(names, ""))) == sorted(names)


def test_several_roots_prefix_paths_by_name(tmp_path: Path) -> None:
    for name in ("one/docs", "two/docs", "three"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "a.md").write_text("x")

    roots = [tmp_path / name for name in ("one/docs", "two/docs", "three")]

    assert files(*roots) == ["docs-2/a.md", "docs/a.md", "three/a.md"]


def test_root_inside_another_is_not_read_twice(folder: Folder) -> None:
    root = folder({"a.md": "", "sub/b.md": ""})

    assert files(root / "sub", root) == ["docs/a.md", "sub/b.md"]
    assert skipped(root / "sub", root) == {"docs/sub/": "duplicate"}


def test_root_may_be_one_file(folder: Folder) -> None:
    root = folder({"sub/a.md": "", "b.md": ""})

    assert files(root / "sub" / "a.md") == ["a.md"]
    assert files(root / "b.md", root / "sub") == ["b.md", "sub/a.md"]


def test_missing_root_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nope"):
        list(walk([tmp_path / "nope"]))


def test_hidden_root_is_walked(tmp_path: Path) -> None:
    (tmp_path / ".notes").mkdir()
    (tmp_path / ".notes" / "a.md").write_text("x")

    assert files(tmp_path / ".notes") == ["a.md"]


def test_unlistable_folder_is_reported(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    root = folder({"a.md": "", "shut/b.md": ""})
    real = os.scandir

    def scandir(path: str) -> object:
        if str(path).endswith("shut"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr("docsearch_cli.corpus.walk.walk_roots.os.scandir", scandir)

    assert skipped(root) == {"shut/": "unreadable"}


def test_ignore_file_that_is_a_pipe_does_not_block(folder: Folder) -> None:
    root = folder({"a.md": ""})
    os.mkfifo(root / ".gitignore")

    assert files(root) == ["a.md"]


def test_bad_pattern_does_not_switch_off_the_others(folder: Folder) -> None:
    root = folder({".gitignore": "!\n\\\nx.md\n", "a.md": "", "x.md": ""})

    assert files(root) == ["a.md"]


@pytest.mark.parametrize(
    "pattern", ["*a" * 12 + "b", "**/a/" * 8 + "b", "[z-a]", "(a+)+$", "a{1,9}{1,9}", "\\"]
)
def test_a_hostile_ignore_pattern_costs_no_time_and_no_other_pattern(tmp_path, pattern):
    write_files(tmp_path, {".gitignore": f"{pattern}\nskipped.md\n", "skipped.md": "x"})
    deep = tmp_path.joinpath(*["a"] * 60)
    deep.mkdir(parents=True)
    (deep / ("a" * 200)).write_text("x")
    entries = list(walk([tmp_path]))

    assert len([entry for entry in entries if isinstance(entry, FoundFile)]) == 1
    assert "ignored" in {entry.reason for entry in entries if isinstance(entry, LedgerEntry)}


def test_an_edit_whose_time_is_put_back_shows_in_the_change_time(folder: Folder) -> None:
    root = folder({"a.md": "one"})
    (before,) = walk([root])
    assert isinstance(before, FoundFile)
    (root / "a.md").write_text("two")
    os.utime(root / "a.md", ns=(before.mtime_ns, before.mtime_ns))

    (after,) = walk([root])

    assert isinstance(after, FoundFile)
    assert (after.mtime_ns, after.size_bytes) == (before.mtime_ns, before.size_bytes)
    assert after.ctime_ns > before.ctime_ns


@pytest.mark.parametrize(
    ("source", "page"),
    [
        ("_sources/a.rst.txt", "a.html"),
        ("_sources/d/a.md.txt", "d/a.html"),
        ("site/en/_sources/d/a.ipynb.txt", "site/en/d/a.html"),
        ("_sources/d/index.rst.txt", "d/index.html"),
        ("_sources/d/a.rst.txt", "d/a/index.html"),
        ("_sources/_sources/a.rst.txt", "_sources/a.html"),
    ],
)
def test_source_that_sphinx_kept_is_left_out_beside_its_page(
    folder: Folder, source: str, page: str
) -> None:
    root = folder({source: "x", page: "<p>x</p>"})

    rows = [entry for entry in walk([root]) if isinstance(entry, LedgerEntry)]

    assert files(root) == [page]
    assert [(row.path, row.reason, row.detail) for row in rows] == [
        (source, "copy", f"the source of {page}")
    ]


def test_source_without_its_page_is_a_document(folder: Folder) -> None:
    root = folder(
        {
            ".gitignore": "left-out.html",
            "_sources/a.rst.txt": "x",
            "_sources/left-out.rst.txt": "x",
            "_sources/notes.txt": "x",
            "b.html": "x",
            "d/a.html": "x",
            "left-out.html": "x",
            "notes.html": "x",
            "sources/b.rst.txt": "x",
        }
    )

    assert files(root / "_sources") == ["a.rst.txt", "left-out.rst.txt", "notes.txt"]
    assert [path for path in files(root) if path.endswith(".txt")] == [
        "_sources/a.rst.txt",
        "_sources/left-out.rst.txt",
        "_sources/notes.txt",
        "sources/b.rst.txt",
    ]


def test_source_is_left_out_for_a_page_of_another_root(folder: Folder) -> None:
    root = folder({"_sources/a.rst.txt": "x", "d/a.html": "x", "a.html": "x"})

    assert files(root / "_sources", root / "d") == ["_sources/a.rst.txt", "d/a.html"]
    assert files(root / "_sources", root / "a.html") == ["a.html"]

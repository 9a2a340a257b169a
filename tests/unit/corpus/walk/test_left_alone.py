from pathlib import Path

from docsearch_cli.corpus.walk.left_alone import from_words, in_words
from docsearch_cli.corpus.walk.walk_roots import walk
from docsearch_cli.models import LedgerEntry


def test_paths_are_kept_in_words_and_read_back() -> None:
    words = in_words(["docs/api", "made.md", "docs/api"])

    assert words == "git leaves alone: docs/api, made.md"
    assert list(from_words("site/.gitignore", words)) == [
        "site/docs/api",
        "site/docs/api/",
        "site/made.md",
        "site/made.md/",
    ]
    assert list(from_words(".gitignore", in_words(["x"]))) == ["x", "x/"]
    assert list(from_words("a/.gitignore", in_words(["cmd/run*", "v*.md"]))) == [
        "a/cmd/run*",
        "a/v*",
    ]
    assert in_words([]) == ""
    assert list(from_words("site/.other", words)) == []
    assert list(from_words(".gitignore", "")) == []


def test_the_row_of_an_ignore_file_names_paths_and_pages_but_no_patterns(tmp_path: Path) -> None:
    rules = (
        "*.log\nnode_modules\n/docs/api/\nbuild/out\nmade.md\n!/docs/kept\n/x/*.md\n/api/v*.md\n"
        "made/docs/*/\nall/*\n"
    )
    (tmp_path / ".gitignore").write_text(rules)
    (tmp_path / ".hidden").write_text("x")

    found = walk([tmp_path])

    rows = {row.path: row.detail for row in found if isinstance(row, LedgerEntry)}
    assert rows == {
        ".gitignore": "git leaves alone: docs/api, build/out, made.md, api/v*.md, made/docs/*",
        ".hidden": "",
    }


def test_a_submodule_that_is_not_checked_out_is_named_by_its_row(tmp_path: Path) -> None:
    modules = "".join(
        f'[submodule "{path}"]\n\tpath = {path}\n\turl = https://example.org/x\n'
        for path in ("vendor/loom", "docs/mill", "here", "../out")
    )
    (tmp_path / ".gitmodules").write_text(modules)
    (tmp_path / "docs" / "mill").mkdir(parents=True)
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "a.md").write_text("x")

    (row,) = (row for row in walk([tmp_path]) if isinstance(row, LedgerEntry))

    assert (row.path, row.detail) == (".gitmodules", "not checked out: vendor/loom, docs/mill")
    assert list(from_words("site/.gitmodules", row.detail)) == [
        "site/vendor/loom",
        "site/vendor/loom/",
        "site/docs/mill",
        "site/docs/mill/",
    ]
    assert list(from_words(".gitignore", row.detail)) == []

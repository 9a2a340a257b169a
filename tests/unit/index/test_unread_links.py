"""What is not known to be broken, among links that lead nowhere."""

import numpy as np
import pytest

from docsearch_cli.index.link_check import check_links
from docsearch_cli.index.unread_links import Surroundings
from tests.unit.index.small import build, index_of


def linking(targets_by_page: dict[str, list[str]]) -> dict[str, str]:
    return {
        page: "# A page\n\n" + "\n".join(f"[x]({target})" for target in targets) + "\n"
        for page, targets in targets_by_page.items()
    }


def judged(tmp_path, pages: dict[str, list[str]], **others: str):
    report = check_links(index_of(tmp_path, {**linking(pages), **others}))
    return [
        sorted((link["target"], link["reason"]) for link in report[kind])
        for kind in ("broken", "unknown")
    ]


def unseen(*targets: str) -> list[tuple[str, str]]:
    return sorted((target, "unseen") for target in targets)


def missing(*targets: str) -> list[tuple[str, str]]:
    return sorted((target, "missing") for target in targets)


def test_pages_of_a_folder_of_which_nothing_is_there_are_not_known(tmp_path):
    pages = {"a.md": ["ops/run.md", "ops/index.md"], "guide/b.md": ["../ops/in/x.md#y", "gone.md"]}

    assert judged(tmp_path, pages) == [
        missing("gone.md"),
        unseen("../ops/in/x.md#y", "ops/index.md", "ops/run.md"),
    ]


@pytest.mark.parametrize(
    "pages",
    [
        {"a.md": ["ops/a.md", "ops/b.md", "ops/c.md"]},  # of one page
        {"a.md": ["ops/a.md", "ops/b.md"], "b.md": ["ops/a.md"]},  # two pages that were deleted
        {page: ["ops/a.md"] for page in ("a.md", "b.md", "c.md", "d.md")},  # one that many link to
        {"a.md": ["ops/x.md", "ops/y.md"], "b.md": ["ops/z.md"], "ops/there.md": []},
    ],
)
def test_pages_that_were_deleted_are_missed(tmp_path, pages):
    targets = [target for targets in pages.values() for target in targets]

    assert judged(tmp_path, pages) == [missing(*targets), []]


def test_a_folder_that_was_renamed_is_missed(tmp_path):
    pages = {"a.md": ["ops/run.md", "ops/stop.md"], "b.md": ["ops/check.md", "ops/index.md"]}
    moved = dict.fromkeys((f"operations/{name}.md" for name in ("run", "stop", "check")), "# X\n")
    broken, unknown = judged(tmp_path, pages, **moved)

    assert (len(broken), unknown) == (4, [])


def test_a_folder_of_other_files_is_there(tmp_path):
    pages = {"a.md": ["ops/a.md", "ops/b.md"], "b.md": ["ops/c.md"]}
    broken, unknown = judged(tmp_path, pages, **{"ops/picture.png": "x"})

    assert (len(broken), unknown) == (3, [])


def test_names_of_a_beginning_that_no_page_has_are_not_known(tmp_path):
    pages = {
        "a.md": ["./loom3-run.md", "loom3-stop.md"],
        "b.md": ["loom3-check.md", "loom3-run.md"],
        "c.md": ["loom3-wind.md", "loom3-reel.md", "warp.md"],
    }
    expected = unseen(*pages["a.md"], *pages["b.md"], *pages["c.md"][:2])

    assert judged(tmp_path, pages) == [missing("warp.md"), expected]
    assert judged(tmp_path / "x", {**pages, "loom3-there.md": []})[1] == []


def test_a_part_of_a_larger_site_is_not_known(tmp_path):
    pages = {f"docs/{name}.md": [f"/cloud/x{name}", f"/cloud/in/y{name}#x"] for name in "abc"}

    pages["index.md"] = ["/docs/a.md"] * 10  # the root is understood

    assert [reason for _, reason in judged(tmp_path, pages)[1]] == ["unseen"] * 6
    assert judged(tmp_path / "x", {**pages, "en/02-cloud/x.md": []})[1] == []


def test_a_page_of_another_project_is_told_from_one_that_is_missed(tmp_path):
    files = {
        "conf.py": "intersphinx_mapping = {'warp': ('x', None)}\n",
        "index.rst": "A\n=\n\n.. toctree::\n\n   gone\n   install\n",
        "install.rst": "B\n=\n\n:doc:`gone` :doc:`priority` :doc:`instal` :doc:`instalk`\n",
    }
    result = build(tmp_path, files)
    report = check_links(index_of(tmp_path, files))

    assert [(link["target"], link["reason"]) for link in report["broken"]] == [
        ("gone", "missing"),
        ("gone", "missing"),
        ("instal", "missing"),
        ("instalk", "missing"),
    ]
    assert [link["target"] for link in report["unknown"]] == ["priority"]
    assert result.broken_links == 4  # as the check counts them


def test_an_update_counts_broken_links_as_a_new_build_does(tmp_path):
    pages = linking({"a.md": ["ops/run.md", "ops/in.md"], "b.md": ["ops/up.md", "gone.md"]})
    assert build(tmp_path, pages).broken_links == 1

    assert build(tmp_path, {"ops/there.md": "# X\n"}).broken_links == 4


def test_a_name_is_no_typo_of_one_in_another_folder():
    around = Surroundings(
        ["a/loom.md", "b/warp.md"], [0, 0], np.zeros((2, 1), np.int32), False, list
    )

    assert [around.is_nearly_there(page) for page in ("a/lom", "b/lom", "a/Looms", "c/loom")] == [
        True, False, True, False,
    ]  # fmt: skip


def test_a_folder_of_very_many_pages_is_not_looked_through(monkeypatch):
    monkeypatch.setattr("docsearch_cli.index.unread_links._MOST_COMPARED", 1)
    paths = ["a/loom.md", "a/reel.md", "b/warp.md"]
    around = Surroundings(paths, [0, 0, 0], np.zeros((3, 1), np.int32), False, list)

    assert not around.is_nearly_there("a/lom")
    assert around.is_nearly_there("b/wrap")

"""An index that is copied or moved together with its folder is the same index."""

import shutil

import pytest

from tests.support import write_files

FILES = {
    "mill.md": "# Mill\n\nThe mill was built in 1911. See [oven](deep/oven.md).\n",
    "deep/oven.md": "# Oven\n\nThe oven is of brick.\n",
}
QUESTION = "when was the mill built?"


@pytest.fixture(params=["beside", "inside", "around"])
def project(inline, tmp_path, monkeypatch, request):
    """A folder with documents and their index, at one of the places that an index may have."""
    folder = tmp_path / "project"
    write_files(folder / "docs", FILES)
    start = {"inside": folder / "docs", "around": folder / "docs" / "deep"}
    monkeypatch.chdir(start.get(request.param, folder))
    words = {"inside": ["."], "around": [".."]}
    assert inline("index", *words.get(request.param, ["docs"])).code == 0
    monkeypatch.chdir(tmp_path)
    (home,) = folder.rglob(".docsearch")
    return folder, home.relative_to(folder)


def _manifest(home):
    name = (home / "index" / "CURRENT").read_text().strip()
    return name, (home / "index" / name / "manifest.json").read_bytes()


def _states(ended):
    return {item["path"]: item["checked"] for item in ended.data["evidence"]}


def _move(folder, how):
    new = folder.with_name("new") / "place"
    if how == "moved":
        new.parent.mkdir()
        folder.rename(new)
    else:
        shutil.copytree(folder, new)
        shutil.rmtree(folder)
    return new


@pytest.mark.parametrize("how", ["moved", "copied"])
def test_quotes_stand_and_nothing_is_stale(inline, project, how):
    folder, home = project
    new = _move(folder, how) / home
    ended = inline("ask", QUESTION, "--index", str(new))

    assert "mill.md:3" in ended.stdout
    assert "gone" not in ended.stdout + ended.stderr
    assert "since the documents were indexed" not in ended.stdout + ended.stderr
    assert inline("status", "--json", "--index", str(new)).data["stale"] is False


@pytest.mark.parametrize("how", ["moved", "copied"])
def test_indexing_it_again_finds_the_same_index(inline, project, how):
    folder, home = project
    before = _manifest(folder / home)
    new = _move(folder, how)
    ended = inline("index", str(new / "docs"), "--index", str(new / home))

    assert "nothing changed" in ended.stdout
    assert _manifest(new / home) == before


def test_a_moved_index_is_refreshed(inline, project):
    folder, home = project
    new = _move(folder, "moved")
    write_files(new / "docs", {"shed.md": "# Shed\n\nA shed of corrugated iron.\n"})
    ended = inline("ask", "corrugated shed", "--refresh", "--index", str(new / home))

    assert "shed.md:3" in ended.stdout
    assert "1 file read" in ended.stderr


def test_a_copied_index_is_not_refreshed_on_its_word(inline, project):
    folder, home = project
    new = _move(folder, "copied")
    ended = inline("ask", QUESTION, "--refresh", "--index", str(new / home))

    assert ended.code == 3
    assert "was not made here" in ended.stderr


def test_a_run_of_a_moved_index_finds_its_documents(inline, project):
    folder, home = project
    inline("ask", QUESTION, "--deep", "--engine", "inline", "--index", str(folder / home))
    new = _move(folder, "moved")
    (run,) = (path.name for path in (new / home / "runs").iterdir())
    ended = inline("replay", run, "--step", "1", "--index", str(new / home))

    assert ended.code == 0
    assert "gone" not in ended.stdout + ended.stderr


def test_a_root_outside_stays_where_it_is(inline, tmp_path, monkeypatch):
    write_files(tmp_path / "docs", FILES)
    (tmp_path / "other").mkdir()
    inline("index", "docs", "--index", "other")
    (tmp_path / "other").rename(tmp_path / "moved")
    ended = inline("ask", QUESTION, "--index", "moved")

    assert "mill.md:3" in ended.stdout
    assert "gone" not in ended.stdout

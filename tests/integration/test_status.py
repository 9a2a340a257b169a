import shutil

import pytest

from tests.support import write_files


@pytest.fixture
def home(index_of):
    return index_of({"a.md": "# Zebra\n", "b.bin": b"\0\1" * 50})


def test_status_says_what_is_indexed_and_what_was_skipped(inline, home):
    ended = inline("status", "--skipped")

    assert ended.code == 0
    assert "1 document," in ended.stdout
    assert "b.bin" in ended.stdout


def test_the_json_of_status_has_a_row_for_every_file(inline, home):
    data = inline("status", "--json").data

    assert {row["path"] for row in data["files"]} == {"a.md", "b.bin"}
    assert {"index", "digest", "roots", "counts", "skipped", "files"} <= set(data)


def test_status_says_when_documents_changed_since(inline, home):
    (home / "docs" / "a.md").write_text("# Changed\n")
    ended = inline("status")

    assert ended.code == 0
    assert "stale" in ended.stdout + ended.stderr or "changed" in ended.stdout + ended.stderr


def test_status_says_when_other_code_made_the_index(inline, home, monkeypatch):
    monkeypatch.setattr("docsearch_cli.index.identity.source_digest", lambda _parts: "other")

    assert "stale    made by another version" in inline("status").stdout


@pytest.mark.parametrize(
    ("basis", "said"),
    [("record", "the record of its installation"), ("version", "its version alone")],
)
def test_status_says_what_code_without_sources_is_known_by(inline, home, monkeypatch, basis, said):
    assert "code " not in inline("status").stdout
    assert inline("status", "--json").data["code_basis"] == "sources"
    monkeypatch.setattr("docsearch_cli.fingerprint.code_basis", lambda: basis)

    assert f"known by {said}" in inline("status").stdout
    assert inline("status", "--json").data["code_basis"] == basis


def test_checksums_are_verified(inline, home):
    assert "checksums match" in inline("status", "--verify").stdout


def test_a_flipped_bit_is_named(inline, home):
    path = next((home / ".docsearch" / "index").glob("*/sections.texts.utf8"))
    data = bytearray(path.read_bytes())
    data[0] ^= 1
    path.write_bytes(data)
    ended = inline("status", "--verify", "--json")

    assert ended.code == 3
    assert "sections.texts.utf8" in ended.document["errors"][0]["message"]


@pytest.mark.parametrize("words", [["status"], ["ask", "q", "--simple"], ["graph", "links"]])
def test_a_truncated_index_is_named_by_every_command(inline, home, words):
    path = next((home / ".docsearch" / "index").glob("*/graph.targets.npy"))
    path.write_bytes(path.read_bytes()[:50])
    ended = inline(*words, "--json")

    assert ended.code == 3
    assert "graph.targets.npy" in ended.document["errors"][0]["message"]


def test_an_index_is_found_from_a_folder_below(docsearch, home):
    below = home / "docs" / "deep" / "down"
    below.mkdir(parents=True)

    assert docsearch("status", cwd=below).code == 0


@pytest.mark.parametrize("words", [["status"], ["ask", "x"], ["runs", "list"], ["cache", "stats"]])
def test_no_index_is_an_error_that_says_what_to_do(inline, words):
    ended = inline(*words)

    assert ended.code == 3
    assert "docsearch index" in ended.stderr


def test_a_wrong_index_is_never_replaced_by_another(inline, home, monkeypatch):
    assert inline("status", "--index", "nowhere").code == 3
    monkeypatch.setenv("DOCSEARCH_INDEX", "nowhere")
    assert inline("ask", "zebra", "--simple", "--json").code == 3


def test_a_folder_that_is_no_index_is_an_error(inline, home):
    shutil.rmtree(home / ".docsearch" / "index")
    (home / ".docsearch" / "index").mkdir()

    assert inline("ask", "zebra", "--simple", "--index", ".docsearch").code == 3


def test_a_hostile_pointer_does_not_leave_the_index(inline, home):
    (home / ".docsearch" / "index" / "CURRENT").write_text("../../docs")

    assert inline("status").code == 3


@pytest.mark.parametrize("place", [".docsearch", "index", "runs", "cache"])
@pytest.mark.parametrize("words", [["index", "docs"], ["ask", "mill"], ["status"]])
def test_a_link_in_place_of_the_index_is_not_followed(inline, index_of, tmp_path, place, words):
    """As a cloned folder may bring one; what is of ours by its name would be removed there."""
    index_of({"mill.md": "# Mill\n\nThe mill turns.\n"})
    home = tmp_path / ".docsearch"
    target = tmp_path / "mine"
    link = home if place == ".docsearch" else home / place
    for name in ("1.building", "0123456789abcdef0123456789abcdef"):
        (target / name).mkdir(parents=True)
        (target / name / "thesis.txt").write_text("mine")
    if place in (".docsearch", "index"):
        shutil.copytree(link, target, dirs_exist_ok=True)
    before = sorted(target.rglob("*"))
    shutil.rmtree(link, ignore_errors=True)
    link.symlink_to(target)

    ended = inline(*words)

    assert ended.code == 3
    assert f"{place} is a link" in ended.stderr
    assert sorted(target.rglob("*")) == before


def test_a_link_that_a_person_names_is_followed(inline, index_of, tmp_path):
    index_of({"mill.md": "# Mill\n\nThe mill turns.\n"})
    (tmp_path / "short").symlink_to(tmp_path / ".docsearch")

    assert inline("ask", "mill", "--index", "short").code == 0


def test_a_link_in_the_cache_is_not_followed(inline, home, tmp_path):
    (tmp_path / "other.db").write_bytes(b"")
    cache = home / ".docsearch" / "cache" / "steps"
    shutil.rmtree(cache, ignore_errors=True)
    cache.mkdir(parents=True)
    (cache / "cache.db").symlink_to(tmp_path / "other.db")

    ended = inline("ask", "zebra", "--deep", "--engine", "inline")

    assert ended.code == 0
    assert "cache is not used: there is a link in it" in ended.stderr
    assert (tmp_path / "other.db").read_bytes() == b""


def test_the_cache_is_shown_and_emptied(inline, home):
    inline("ask", "zebra", "--deep", "--engine", "inline")

    assert inline("cache", "stats", "--json").data["entries"] == 1
    assert inline("cache", "clear", "--json").data == {"dropped": 1}
    assert inline("cache", "stats", "--json").data["entries"] == 0


def test_a_corrupt_cache_is_one_warning_and_works_again(inline, home):
    cache = home / ".docsearch" / "cache" / "steps"
    inline("ask", "zebra", "--deep", "--engine", "inline")
    for path in cache.glob("cache.db*"):
        path.unlink()
    (cache / "cache.db").write_bytes(b"garbage " * 1_000)
    first = inline("ask", "zebra", "--deep", "--engine", "inline")
    second = inline("ask", "zebra", "--deep", "--engine", "inline")
    third = inline("ask", "zebra", "--deep", "--engine", "inline")

    assert (first.code, second.code) == (0, 0)
    assert first.stderr.count("cache") == 1
    assert "cache" not in second.stderr
    assert "cached" in third.stdout


def test_a_corrupt_cache_leaves_json_alone(inline, home):
    cache = home / ".docsearch" / "cache" / "steps"
    cache.mkdir(parents=True)
    (cache / "cache.db").write_bytes(b"garbage " * 1_000)
    ended = inline("ask", "zebra", "--deep", "--engine", "inline", "--json")

    assert ended.code == 0
    assert ended.stderr == ""
    assert ended.data["steps"]


def test_front_matter_that_cannot_be_read_is_a_warning(inline, corpus_folder):
    write_files(
        corpus_folder,
        {
            "bad.md": "---\ntags: [a\nkey: b: c\n---\n\n# Bad\n",
            "good.md": "---\ntags: [a]\n---\n\n# Good\n",
        },
    )
    said = inline("index", "docs").stdout

    assert "warning: the front matter of 1 file cannot be read   (docsearch status)" in said
    assert "skipped" not in said
    shown = inline("status").stdout
    assert "warning  docs/bad.md: front matter that cannot be read: line 3: " in shown
    assert "skipped  nothing" in shown
    assert "front-matter docs/bad.md" in inline("status", "--skipped").stdout
    data = inline("status", "--json").data
    assert data["skipped"] == {"front-matter": 1}
    (row,) = (row for row in data["files"] if row["reason"])
    assert (row["path"], row["status"], row["reason"]) == ("bad.md", "indexed", "front-matter")
    write_files(corpus_folder, {"bad.md": "---\ntags: [a]\n---\n\n# Bad\n"})
    assert "warning" not in inline("index", "docs").stdout
    assert "warning" not in inline("status").stdout


def test_a_folder_that_is_gone_is_named(inline, own_fenwick):
    (own_fenwick / "docs").rename(own_fenwick / "moved")

    assert f"{own_fenwick / 'docs'} is gone, or has moved" in inline("status").stdout

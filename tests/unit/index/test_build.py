import gc
import json
import subprocess
import sys
import time

import pytest

from docsearch_cli.errors import CorpusVanishedError, InputError
from docsearch_cli.index import build, identity
from docsearch_cli.index.build import build_index
from docsearch_cli.index.integrity import verify_checksums
from docsearch_cli.index.ledger import count_by_reason, read_ledger
from docsearch_cli.index.link_report import read_link_report
from docsearch_cli.index.store import open_index
from docsearch_cli.models import LedgerEntry
from tests.support import REPOSITORY, write_files
from tests.unit.corpus.conftest import make_pdf

FILES = {
    "a.md": "# Alpha Page\n\nSee [b](b.md) and the Gamma Page.\n",
    "b.md": "# Beta Page\n\n## Windy\n\nIt is windy.\n",
    "c.md": "# Gamma Page\n\n[gone](missing.md)\n",
}


@pytest.fixture
def home(tmp_path):
    return tmp_path / ".docsearch"


@pytest.fixture
def docs(corpus_folder):
    return write_files(corpus_folder, FILES)


def generations(home):
    return sorted(path.name for path in (home / "index").iterdir() if not path.suffix)


def contents(home):
    folder = open_index(home).folder
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_counts_say_what_was_indexed(home, docs):
    counts = build_index(home, [docs]).counts

    assert counts["documents"] == 3
    assert counts["nodes"] == 3
    assert counts["edges"] == 2


def test_indexing_again_finds_that_nothing_changed(home, docs):
    first = build_index(home, [docs])
    second = build_index(home, [docs])

    assert (first.unchanged, second.unchanged) == (False, True)
    assert (second.digest, second.counts) == (first.digest, first.counts)


LOADED_BY_A_BUILD = """
import importlib, pkgutil, sys
import docsearch_cli.index.build
import docsearch_cli.corpus
for module in pkgutil.walk_packages(docsearch_cli.corpus.__path__, "docsearch_cli.corpus."):
    importlib.import_module(module.name)
print(*{name.split(".")[1] for name in sys.modules if name.startswith("docsearch_cli.")})
"""
# They say what is wrong, keep vectors by their texts, tell one code from another, share out work,
# read what a person sets: none of them decides what an index holds.
NO_INDEXERS = {
    *("byte_cache", "environment", "errors", "fingerprint", "forked_child", "forked_pool"),
    "whole_numbers",
}


def test_the_code_that_builds_an_index_is_part_of_its_digest():
    done = subprocess.run(
        [sys.executable, "-c", LOADED_BY_A_BUILD], cwd=REPOSITORY, capture_output=True, check=True
    )

    assert set(done.stdout.decode().split()) - NO_INDEXERS == set(identity.INDEXER)


def test_a_touched_file_is_no_change(home, docs):
    build_index(home, [docs])
    (docs / "a.md").touch()

    assert build_index(home, [docs]).unchanged


@pytest.mark.parametrize(
    "change",
    [
        lambda docs: (docs / "a.md").write_text("# Other\n"),
        lambda docs: (docs / "a.md").unlink(),
        lambda docs: (docs / "d.md").write_text("# New\n"),
        lambda docs: (docs / "a.md").rename(docs / "z.md"),
        lambda docs: (docs / ".gitignore").write_text("a.md\n"),
    ],
    ids=["edited", "deleted", "added", "renamed", "ignored"],
)
def test_every_kind_of_change_is_noticed(home, docs, change):
    first = build_index(home, [docs])
    change(docs)
    second = build_index(home, [docs])

    assert not second.unchanged
    assert second.digest != first.digest


def test_a_rebuild_gives_the_same_files(home, docs):
    build_index(home, [docs])
    before = contents(home)
    result = build_index(home, [docs], rebuild=True)

    assert not result.unchanged
    assert contents(home) == before


def test_the_number_of_workers_changes_nothing(tmp_path, docs):
    for workers in (1, 3):
        build_index(tmp_path / f"home{workers}", [docs], workers=workers)

    assert contents(tmp_path / "home1") == contents(tmp_path / "home3")


def test_a_refreshed_index_equals_a_clean_one(tmp_path, home, docs):
    build_index(home, [docs])
    (docs / "b.md").write_text("# Beta Page\n\nIt is calm.\n")
    (docs / "c.md").unlink()
    build_index(home, [docs])
    build_index(tmp_path / "clean", [docs])

    assert contents(home) == contents(tmp_path / "clean")


def test_a_damaged_generation_is_built_again(home, docs):
    build_index(home, [docs])
    folder = open_index(home).folder
    path = folder / "sections.texts.utf8"
    data = bytearray(path.read_bytes())
    data[3] ^= 1
    path.write_bytes(data)
    result = build_index(home, [docs])

    rebuilt = open_index(home)
    assert not result.unchanged
    assert rebuilt.folder != folder
    verify_checksums(rebuilt)


def test_a_rebuild_leaves_the_generation_that_readers_hold(home, docs):
    build_index(home, [docs])
    held = open_index(home)
    build_index(home, [docs], rebuild=True)

    assert held.folder.is_dir()
    assert open_index(home).folder != held.folder
    assert open_index(home).digest == held.digest


def test_a_file_that_changes_after_it_was_looked_at_makes_the_index_stale(home, docs):
    before = (docs / "a.md").read_bytes()

    def edit(stage, _done, _total):
        (docs / "a.md").write_bytes(b"# Other text\n" if stage == "reading" else before)

    with pytest.MonkeyPatch.context() as patch:
        scan = build.scan

        def scan_then_edit(roots):
            found = scan(roots)
            edit("reading", 0, 0)
            return found

        patch.setattr(build, "scan", scan_then_edit)
        build_index(home, [docs])
    (docs / "a.md").write_bytes(before)

    assert not build_index(home, [docs]).unchanged
    assert open_index(home).titles[0] == "Alpha Page"


def test_folders_that_are_not_generations_are_left_alone(home, docs):
    (home / "index" / "precious").mkdir(parents=True)
    build_index(home, [docs])
    build_index(home, [docs], rebuild=True)

    assert (home / "index" / "precious").is_dir()


def test_a_lock_that_is_a_link_is_not_followed(home, docs, tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (home / "index").mkdir(parents=True)
    (home / "index" / "lock").symlink_to(victim)

    with pytest.raises(InputError):
        build_index(home, [docs])
    assert victim.read_text() == "mine"


def test_a_broken_link_makes_no_node(home, docs):
    build_index(home, [docs])
    index = open_index(home)

    assert [index.node_id(row) for row in range(index.node_count)] == ["a.md", "b.md", "c.md"]
    assert [link["target"] for link in read_link_report(index.folder)["broken"]] == ["missing.md"]


def test_a_deleted_target_turns_links_into_broken_ones(home, docs):
    build_index(home, [docs])
    (docs / "b.md").unlink()
    result = build_index(home, [docs])

    assert result.broken_links == 2
    assert open_index(home).node_row("b.md") is None


def test_an_empty_folder_gives_an_index_of_nothing(home, corpus_folder):
    result = build_index(home, [corpus_folder])

    assert result.counts == {"documents": 0, "nodes": 0, "sections": 0, "words": 0, "edges": 0}
    assert open_index(home).node_count == 0


def test_an_empty_file_is_a_document(home, corpus_folder):
    (corpus_folder / "empty.md").touch()

    assert build_index(home, [corpus_folder]).counts["documents"] == 1


def test_a_single_file_can_be_indexed(home, docs):
    build_index(home, [docs / "a.md"])
    index = open_index(home)

    assert [index.paths[row] for row in range(len(index.paths))] == ["a.md"]


def test_several_roots_prefix_their_paths(home, tmp_path):
    for name in ("x/docs", "y/docs"):
        write_files(tmp_path / name, {"a.md": f"# {name}\n"})
    build_index(home, [tmp_path / "x/docs", tmp_path / "y/docs"])
    index = open_index(home)
    paths = [index.paths[row] for row in range(len(index.paths))]

    assert len(set(paths)) == 2
    assert {root.name for root in index.roots} == {path.partition("/")[0] for path in paths}


def test_a_missing_path_leaves_nothing_behind(home, tmp_path):
    with pytest.raises(InputError, match="nope"):
        build_index(home, [tmp_path / "nope"])

    assert not home.exists()


def test_a_home_that_cannot_be_made_is_an_input_error(docs, tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(InputError, match="cannot be written"):
        build_index(tmp_path / "file" / ".docsearch", [docs])


def test_the_index_does_not_index_itself(docs):
    home = docs / ".docsearch"
    first = build_index(home, [docs])
    second = build_index(home, [docs])

    assert second.unchanged
    assert first.counts["documents"] == 3


def test_a_build_that_failed_leaves_the_old_index(home, docs, monkeypatch):
    first = build_index(home, [docs])
    (docs / "a.md").write_text("# Other\n")

    def fail(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("docsearch_cli.index.writer.save_graph", fail)
        with pytest.raises(InputError, match="No space left"):
            build_index(home, [docs])

    assert open_index(home).digest == first.digest


def test_what_a_dead_build_left_is_cleared_away(home, docs):
    first = build_index(home, [docs])
    leftover = home / "index" / f"{'0' * 32}.building"
    leftover.mkdir()
    (docs / "a.md").write_text("# Other\n")
    build_index(home, [docs])

    assert not leftover.exists()
    assert first.digest in generations(home)


def test_the_ledger_has_a_row_for_every_file(home, docs):
    (docs / "image.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0")
    build_index(home, [docs])
    rows = list(read_ledger(open_index(home)))

    assert sorted(row["path"] for row in rows) == ["a.md", "b.md", "c.md", "image.png"]
    assert next(row for row in rows if row["path"] == "image.png")["reason"]


def test_skipped_files_are_counted_by_reason():
    entries = [
        LedgerEntry("a.md", "indexed", ""),
        LedgerEntry("b.bin", "skipped", "binary"),
        LedgerEntry("c.bin", "skipped", "binary"),
        LedgerEntry("d.md", "skipped", "ignored"),
    ]

    assert count_by_reason(entries) == {"binary": 2, "ignored": 1}


def test_a_file_that_is_read_in_part_is_counted_and_named_by_the_ledger(home, docs):
    scan = make_pdf([[(12, "Cover")], []], pictures=(1,))
    (docs / "scan.pdf").write_bytes(scan)
    first = build_index(home, [docs])
    (docs / "a.md").write_text("# Other\n")
    updated = build_index(home, [docs])

    assert first.skipped == updated.skipped == {"partly": 1}
    row = next(row for row in read_ledger(open_index(home)) if row["path"] == "scan.pdf")
    detail = "1 page (2): pictures without text"
    assert (row["status"], row["reason"], row["detail"]) == ("indexed", "partly", detail)
    assert row["size_bytes"] == len(scan)


def test_the_manifest_lists_every_file_with_its_hash(home, docs):
    build_index(home, [docs])
    folder = open_index(home).folder
    manifest = json.loads((folder / "manifest.json").read_text())

    present = {path.name for path in folder.iterdir()} - {"manifest.json", "manifest.sha256"}
    assert set(manifest["files"]) == present


def test_progress_is_told_of_each_stage(home, docs):
    stages = []
    build_index(home, [docs], progress=lambda stage, done, total: stages.append(stage))

    assert list(dict.fromkeys(stages)) == [
        "looking for changes",
        "reading",
        "mentions",
        "links",
        "keyword index",
        "graph",
        "publishing",
    ]


def test_a_build_says_how_long_it_took(home, docs):
    began = time.monotonic()
    result = build_index(home, [docs])

    assert 0 < result.seconds <= time.monotonic() - began


def test_a_build_says_which_roots_it_left_out(home, docs, tmp_path):
    other = write_files(tmp_path / "other", {"x.md": "# X\n", "in/y.md": "# Y\n"})
    assert build_index(home, [docs, other]).left_out == ()
    assert build_index(home, [docs, other / "in"]).left_out == (str(other),)
    assert build_index(home, [tmp_path]).left_out == ()


def test_a_root_that_is_named_twice_is_indexed_once(home, docs):
    assert build_index(home, [docs, docs, docs / "."]).counts["documents"] == 3


def test_garbage_is_collected_again_after_a_build(home, docs):
    assert gc.isenabled()
    build_index(home, [docs])

    assert gc.isenabled()


def test_another_folder_that_is_empty_needs_a_word_where_the_one_before_was_not(
    home, docs, tmp_path
):
    before = build_index(home, [docs]).counts["documents"]
    (tmp_path / "other").mkdir()
    with pytest.raises(CorpusVanishedError, match=f"the index here holds {before}"):
        build_index(home, [tmp_path / "other"])

    assert build_index(home, [tmp_path / "other"], allow_empty=True).counts["documents"] == 0

import json
import os
import subprocess
import sys
from weakref import WeakValueDictionary

import pytest

from docsearch_cli.errors import IndexCorruptError, IndexLockedError, IndexMissingError
from docsearch_cli.index.build import build_index
from docsearch_cli.index.home import INDEX_FOLDER
from docsearch_cli.index.integrity import find_damage, seal_of, verify_checksums
from docsearch_cli.index.manifest import SCHEMA_VERSION
from docsearch_cli.index.stat_cache import load_stats
from docsearch_cli.index.store import open_index, publish, stat_folder, writer_lock
from tests.support import write_files

FILES = {
    "a.md": "# Alpha Page\n\nSee [b](b.md).\n\n## Part\n\nText.\n",
    "b.md": "---\naliases: [Bee]\n---\n# Beta Page\n",
}


@pytest.fixture
def home(tmp_path, corpus_folder):
    write_files(corpus_folder, FILES)
    build_index(tmp_path / INDEX_FOLDER, [corpus_folder])
    return tmp_path / INDEX_FOLDER


@pytest.fixture
def generation(home):
    return open_index(home).folder


def names_in(folder):
    return sorted(path.name for path in folder.iterdir() if path.name != "manifest.json")


def test_a_folder_without_index_is_said(tmp_path):
    with pytest.raises(IndexMissingError, match="there is no index"):
        open_index(tmp_path)


def test_every_missing_file_is_named(home, generation):
    for name in names_in(generation):
        (generation / name).rename(generation.parent / "aside")

        with pytest.raises(IndexCorruptError, match=name) as raised:
            open_index(home)
        assert raised.value.exit_code == 3
        (generation.parent / "aside").rename(generation / name)


@pytest.mark.parametrize("kind", ["pipe", "link", "folder"])
def test_what_is_no_file_is_named_and_not_waited_for(home, generation, kind, tmp_path):
    """As somebody could leave it in a folder that others clone."""
    for name in (*names_in(generation), "manifest.json"):
        path, aside = generation / name, generation.parent / "aside"
        path.rename(aside)
        if kind == "pipe":
            os.mkfifo(path)
        elif kind == "link":
            path.symlink_to(aside)
        else:
            path.mkdir()

        with pytest.raises(IndexCorruptError, match=name):
            open_index(home)
        path.rmdir() if kind == "folder" else path.unlink()
        aside.rename(path)


def test_a_pipe_that_names_the_generation_is_not_waited_for(home):
    (home / "index" / "CURRENT").unlink()
    os.mkfifo(home / "index" / "CURRENT")

    with pytest.raises(IndexMissingError):
        open_index(home)


def test_pipes_among_what_is_known_of_files_are_not_waited_for(generation):
    seen = stat_folder(generation)
    for path in sorted(seen.iterdir()):
        path.unlink()
        os.mkfifo(path)

    assert load_stats(seen) is None


def test_every_truncated_file_is_named(home, generation):
    for name in names_in(generation):
        path = generation / name
        whole = path.read_bytes()
        if not whole:
            continue
        path.write_bytes(whole[:-1])

        with pytest.raises(IndexCorruptError, match=name):
            open_index(home)
        path.write_bytes(whole)


def test_a_flipped_bit_in_any_file_is_named(home, generation):
    for name in names_in(generation):
        path = generation / name
        whole = path.read_bytes()
        if not whole:
            continue
        flipped = bytearray(whole)
        flipped[len(whole) // 2] ^= 1
        path.write_bytes(flipped)

        with pytest.raises(IndexCorruptError, match=name):
            verify_checksums(open_index(home))
        path.write_bytes(whole)


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"schema": 6}', "\udcff"])
def test_a_damaged_manifest_is_named(home, generation, content):
    (generation / "manifest.json").write_bytes(content.encode("utf-8", "surrogateescape"))

    with pytest.raises(IndexCorruptError, match=r"manifest\.json"):
        open_index(home)


def test_a_manifest_that_was_changed_is_named(home, generation):
    path = generation / "manifest.json"
    path.write_text(path.read_text().replace('"roots"', '"roots" '))

    with pytest.raises(IndexCorruptError, match=r"manifest\.json .* manifest\.sha256"):
        open_index(home)


def test_a_manifest_without_its_seal_is_damaged(home, generation):
    (generation / "manifest.sha256").unlink()

    with pytest.raises(IndexCorruptError, match=r"manifest\.sha256"):
        open_index(home)


@pytest.mark.parametrize("name", ["../../../etc/passwd", "/etc/passwd", "a/b"])
def test_a_manifest_that_names_a_file_outside_is_refused(home, generation, name):
    path = generation / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["files"][name] = {"bytes": 1, "sha256": "0"}
    path.write_text(json.dumps(manifest))
    (generation / "manifest.sha256").write_text(seal_of(path.read_bytes()))

    with pytest.raises(IndexCorruptError, match="outside"):
        open_index(home)


@pytest.mark.parametrize(
    ("version", "said"),
    [(SCHEMA_VERSION - 1, "older version"), (SCHEMA_VERSION + 1, "newer version")],
)
def test_another_schema_version_says_what_to_do(home, generation, version, said):
    """The rest of such a manifest may have any shape."""
    (generation / "manifest.json").write_text(json.dumps({"schema": version, "of": "another day"}))

    with pytest.raises(IndexCorruptError, match=f"schema version {version}, .* {said}") as raised:
        open_index(home)
    assert raised.value.hint.startswith("index again: docsearch index PATH")


@pytest.mark.parametrize("content", ["", "../../etc", "a/b", "\0"])
def test_a_damaged_pointer_is_an_error(home, content):
    (home / "index" / "CURRENT").write_text(content)

    with pytest.raises(IndexCorruptError):
        open_index(home)


def test_a_pointer_to_a_generation_that_is_gone_is_an_error(home):
    (home / "index" / "CURRENT").write_text("0" * 32)

    with pytest.raises(IndexCorruptError):
        open_index(home)


def test_the_index_ignores_itself_in_git(home):
    assert (home / ".gitignore").read_text() == "*\n"


def test_a_reader_keeps_its_generation_when_another_is_published(home, corpus_folder):
    reader = open_index(home)
    (corpus_folder / "a.md").write_text("# Changed\n")
    build_index(home, [corpus_folder])

    assert reader.titles[0] == "Alpha Page"
    assert open_index(home).titles[0] == "Changed"


def test_the_generation_before_stays_and_older_ones_go(home, corpus_folder):
    digests = [open_index(home).digest]
    for title in ("Second", "Third"):
        (corpus_folder / "a.md").write_text(f"# {title}\n")
        digests.append(build_index(home, [corpus_folder]).digest)
    kept = {path.stem for path in (home / "index").iterdir() if path.is_dir()}

    assert kept == set(digests[1:])


def test_a_generation_that_is_read_stays_however_many_follow(home, corpus_folder):
    reader = open_index(home)
    for title in ("Second", "Third", "Fourth"):
        (corpus_folder / "a.md").write_text(f"# {title}\n")
        build_index(home, [corpus_folder])

    assert reader.titles[0] == "Alpha Page"
    folder = reader.folder
    del reader
    (corpus_folder / "a.md").write_text("# Fifth\n")
    build_index(home, [corpus_folder])
    assert not folder.exists()


def test_publishing_leaves_no_temporary_file(home):
    publish(home, open_index(home).digest)

    assert sorted(path.name for path in (home / "index").iterdir() if path.is_file()) == [
        "CURRENT",
        "lock",
    ]


HOLD_LOCK = """
import sys, pathlib
from docsearch_cli.index.store import writer_lock
with writer_lock(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def lock_holder(home):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD_LOCK, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.communicate()


def test_a_lock_held_by_another_process_names_that_process(home, lock_holder):
    with pytest.raises(IndexLockedError, match=f"process {lock_holder.pid} "), writer_lock(home):
        pass


def test_a_locked_index_can_be_read(home, lock_holder):
    assert open_index(home).counts["documents"] == 2


def test_a_lock_is_free_after_its_holder_was_killed(home, lock_holder):
    lock_holder.kill()
    lock_holder.wait()

    with writer_lock(home):
        assert (home / "index" / "lock").read_text() == str(os.getpid())


def test_a_node_is_found_by_its_id(home):
    index = open_index(home)

    assert [index.node_row(index.node_id(row)) for row in range(index.node_count)] == [0, 1]


@pytest.mark.parametrize("node", ["", "zz.md", "a.md//2", "a.md//9999", "../a.md", "a.md//0"])
def test_an_unknown_node_is_not_found(home, node):
    assert open_index(home).node_row(node) is None


def test_a_section_knows_its_node_and_lines(home):
    index = open_index(home)
    sections = [index.section(row) for row in range(len(index.section_lines))]

    assert [(s.node, s.heading, s.line_start) for s in sections] == [
        (0, "Alpha Page", 1),
        (0, "Part", 5),
        (1, "Beta Page", 1),
    ]


def test_a_document_is_found_by_its_alias(home):
    index = open_index(home)

    assert index.nodes_named("bee") == [1]
    assert index.nodes_named("nobody") == []


def test_damage_of_a_file_too_large_to_be_hashed_on_opening_is_found_on_demand(
    home, generation, monkeypatch
):
    monkeypatch.setattr("docsearch_cli.index.integrity._HASHED_BYTES", 0)
    texts = generation / "sections.texts.utf8"
    texts.write_bytes(texts.read_bytes().swapcase())
    reader = open_index(home)

    with pytest.raises(IndexCorruptError, match=r"sections\.texts\.utf8 is damaged"):
        verify_checksums(reader)


def test_what_fails_while_a_damaged_index_is_read_is_told_from_a_bug(home, generation, monkeypatch):
    monkeypatch.setattr("docsearch_cli.index.integrity._HASHED_BYTES", 0)
    monkeypatch.setattr("docsearch_cli.index.integrity._opened", WeakValueDictionary())
    reader = open_index(home)
    whole = find_damage()
    texts = generation / "sections.texts.utf8"
    texts.write_bytes(texts.read_bytes().swapcase())
    found = find_damage()

    assert whole is None
    assert found is not None
    assert "sections.texts.utf8 is damaged" in found.message
    assert reader.folder == generation

"""What was set for an index outlives the index: damaged, of another schema, or gone."""

import json
import os
import shutil

import pytest

from docsearch_cli.embed.model import NamedModel
from docsearch_cli.errors import InputError
from docsearch_cli.index.build import build_index
from docsearch_cli.index.document_languages import LanguageSettings
from docsearch_cli.index.kept_settings import KeptSettings, kept_settings
from docsearch_cli.index.manifest import SCHEMA_VERSION
from docsearch_cli.index.store import open_index
from tests.hashing import HashEncoder
from tests.support import write_files

REVISION = "b" * 32
SET = KeptSettings("german", NamedModel("hash", REVISION))


@pytest.fixture
def home(tmp_path):
    return tmp_path / ".docsearch"


@pytest.fixture
def docs(corpus_folder):
    return write_files(corpus_folder, {"a.md": "# Alpha Page\n\nSee [b](b.md) and [c](c.md).\n"})


def build(home, docs, *, language="german", with_model=True, **options):
    encoder = HashEncoder(revision=REVISION)
    return build_index(
        home,
        [docs],
        languages=LanguageSettings(language),
        encoder=(lambda: encoder) if with_model else None,
        revision=REVISION if with_model else "",
        **options,
    )


@pytest.fixture
def generation(home, docs):
    build(home, docs)
    return open_index(home).folder


def break_manifest(folder):
    (folder / "manifest.json").write_text("{")


def age_schema(folder):
    (folder / "manifest.json").write_text(json.dumps({"schema": SCHEMA_VERSION - 1}))


def renew_schema(folder):
    (folder / "manifest.json").write_text(json.dumps({"schema": SCHEMA_VERSION + 1}))


def cut_links(folder):
    (folder / "links.json").write_text("{")


def drop_pointer(folder):
    (folder.parent / "CURRENT").unlink()


DAMAGES = [break_manifest, age_schema, renew_schema, cut_links, drop_pointer, shutil.rmtree]


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_was_set_outlives_the_index(home, generation, damage):
    damage(generation)

    assert kept_settings(home) == SET


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_rebuild_keeps_it_for_the_next_one(home, docs, generation, damage):
    damage(generation)
    kept = kept_settings(home)
    build(home, docs, language=kept.language, rebuild=True)
    (home / "settings.json").unlink()

    assert kept_settings(home) == SET


def test_the_file_says_what_was_set_in_plain_words(home, generation):
    assert json.loads((home / "settings.json").read_text()) == {
        "version": 1,
        "language": "german",
        "model": {"name": "hash", "revision": REVISION},
    }
    assert sorted(path.name for path in home.iterdir() if path.name != "cache") == [
        ".gitignore",
        "index",
        "settings.json",
    ]


def test_a_language_that_was_detected_is_not_kept(home, docs):
    build(home, docs, language=None, with_model=False)

    assert json.loads((home / "settings.json").read_text()) == {
        "version": 1,
        "language": None,
        "model": None,
    }


def test_a_build_that_changes_nothing_else_keeps_what_is_set_now(home, docs, generation):
    (home / "settings.json").write_text("{")
    assert build(home, docs).unchanged
    break_manifest(generation)

    assert kept_settings(home) == SET


def test_what_is_kept_already_is_not_written_again(home, docs, generation):
    before = (home / "settings.json").stat()
    build(home, docs)
    after = (home / "settings.json").stat()

    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_the_manifest_comes_first(home, docs, generation):
    """A build may have been killed between the two."""
    settings = (home / "settings.json").read_bytes()
    build(home, docs, language="dutch", with_model=False)
    (home / "settings.json").write_bytes(settings)

    assert kept_settings(home) == KeptSettings("dutch")


@pytest.mark.parametrize("damage", [cut_links])
def test_an_index_from_before_the_file_says_it_by_its_manifest(home, generation, damage):
    (home / "settings.json").unlink()
    damage(generation)

    assert kept_settings(home) == SET


def test_where_nothing_was_indexed_nothing_is_set_or_lost(home):
    assert kept_settings(home) == KeptSettings()


def test_it_is_said_that_what_was_set_is_lost(home, generation):
    (home / "settings.json").unlink()
    break_manifest(generation)
    kept = kept_settings(home)

    assert (kept.language, kept.model) == (None, None)
    assert kept.lost == f"there is no {home / 'settings.json'}"


GOOD = {"version": 1, "language": "german", "model": {"name": "hash", "revision": REVISION}}
BAD = {
    "not JSON": "{",
    "deep": "[" * 10_000,
    "a list": [],
    "a field too many": {**GOOD, "more": 1},
    "a field too few": {"version": 1, "language": "german"},
    "another version": {**GOOD, "version": 2},
    "unknown language": {**GOOD, "language": "klingon"},
    "language of another kind": {**GOOD, "language": ["german"]},
    "model as text": {**GOOD, "model": "hash"},
    "model without revision": {**GOOD, "model": {"name": "hash"}},
    "model with more": {**GOOD, "model": {**GOOD["model"], "code": "x"}},
    "model without name": {**GOOD, "model": {"name": "", "revision": REVISION}},
    "revision of another kind": {**GOOD, "model": {"name": "hash", "revision": "../../x"}},
    "long": {**GOOD, "model": {"name": "h" * 20_000, "revision": REVISION}},
}


@pytest.mark.parametrize("kind", BAD)
def test_a_file_that_was_not_written_here_is_not_believed(home, generation, kind):
    content = BAD[kind]
    text = content if isinstance(content, str) else json.dumps(content)
    (home / "settings.json").write_text(text)
    break_manifest(generation)
    kept = kept_settings(home)

    assert (kept.language, kept.model) == (None, None)
    assert kept.lost.endswith(f"in {home / 'settings.json'}")


@pytest.mark.parametrize("kind", ["pipe", "link", "folder"])
def test_what_is_no_file_is_neither_waited_for_nor_followed(home, docs, generation, tmp_path, kind):
    path = home / "settings.json"
    elsewhere = tmp_path / "elsewhere"
    path.rename(elsewhere)
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "link":
        path.symlink_to(elsewhere)
    else:
        path.mkdir()
    before = elsewhere.read_bytes()
    break_manifest(generation)

    assert kept_settings(home).lost
    if kind == "folder":
        with pytest.raises(InputError, match="cannot be written"):
            build(home, docs, language="dutch")
    else:
        build(home, docs, language="dutch")
        assert json.loads(path.read_text())["language"] == "dutch"
    assert elsewhere.read_bytes() == before


def test_what_a_killed_build_left_of_it_is_cleared_away(home, docs, generation):
    (home / "settings.json.123").write_text("{")
    build(home, docs)

    assert [path.name for path in home.glob("settings.json*")] == ["settings.json"]

"""Whether a build would give another index is found out without building."""

import pytest

from docsearch_cli.index.document_languages import FIND_EACH, LanguageSettings
from docsearch_cli.index.identity import BuildSettings, generation_digest, indexer_digest
from docsearch_cli.index.manifest import Root
from docsearch_cli.index.staleness import is_of_other_code, is_stale, usable_index
from docsearch_cli.models import LedgerEntry
from tests.unit.index.small import index_of

FILES = {"a.md": "# A\n", "b.md": "# B\n", "bad.pdf": b"%PDF-1.7 and nothing else"}


@pytest.fixture
def index(tmp_path):
    return index_of(tmp_path, FILES)


@pytest.fixture
def other_code(monkeypatch):
    def change(what, value):
        monkeypatch.setattr(f"docsearch_cli.index.identity.{what}", value)

    return change


CODES = {
    "source_digest": lambda _parts: "other",
    "release_of": lambda _name: "9.9",
    "sys.version": "9.9",
    "unicodedata.unidata_version": "99",
}


def test_an_index_of_this_code_is_current(index):
    assert not is_of_other_code(index)
    assert not is_stale(index)


@pytest.mark.parametrize("what", CODES)
def test_an_index_of_other_code_is_stale(index, other_code, what):
    other_code(what, CODES[what])

    assert is_of_other_code(index)
    assert is_stale(index)


def test_an_index_whose_folder_is_gone_is_stale(index, tmp_path):
    (tmp_path / "docs").rename(tmp_path / "away")

    assert is_stale(index)


def test_a_broken_file_that_can_be_read_now_makes_an_index_stale(index, tmp_path):
    (tmp_path / "docs" / "bad.pdf").unlink()
    assert is_stale(index)
    (tmp_path / "docs" / "bad.pdf").write_bytes(b"%PDF-1.7 and something else")
    assert not is_stale(index)
    (tmp_path / "docs" / "new.md").write_text("# New\n")
    assert is_stale(index)


def settings(**changes):
    facts = {
        "roots": (Root("", "/docs"),),
        "indexer": "code",
        "encoder": None,
        "revision": "",
        "languages": FIND_EACH,
    }
    return BuildSettings(**{**facts, **changes})


OTHERS = [
    {"roots": (Root("x", "/docs"),)},
    {"roots": (Root("", "/docs"), Root("", "/other"))},
    {"indexer": "other"},
    {"revision": "r"},
    {"languages": LanguageSettings("german")},
    {"languages": LanguageSettings(None, {"de": "german"})},
]


@pytest.mark.parametrize("change", OTHERS)
def test_whatever_decides_an_index_is_part_of_its_digest(change):
    assert generation_digest(settings(**change), [], []) != generation_digest(settings(), [], [])


def test_where_a_root_lies_is_no_part_of_the_digest():
    moved = settings(roots=(Root("", "/other"),))

    assert generation_digest(moved, [], []) == generation_digest(settings(), [], [])


@pytest.mark.parametrize("field", ["path", "reason", "detail"])
def test_what_is_left_out_is_part_of_the_digest(field):
    entry = {"path": "a", "status": "skipped", "reason": "broken", "detail": "x"}
    before = generation_digest(settings(), [], [LedgerEntry(**entry)])

    assert generation_digest(settings(), [], [LedgerEntry(**{**entry, field: "y"})]) != before


def test_the_order_of_files_is_not_part_of_the_digest():
    rows = [LedgerEntry(path, "skipped", "binary") for path in "ab"]

    assert generation_digest(settings(), [], rows) == generation_digest(settings(), [], rows[::-1])
    assert len(generation_digest(settings(), [], rows)) == 32


def test_the_digest_of_the_code_is_the_same_again():
    assert indexer_digest() == indexer_digest()
    assert len(indexer_digest()) == 32


@pytest.mark.parametrize(
    ("change", "usable"),
    [
        ({}, True),
        ({"languages": LanguageSettings("english")}, True),
        ({"languages": LanguageSettings("german")}, True),
        ({"indexer": "other"}, False),
        ({"roots": ()}, False),
        ({"revision": "other"}, True),
    ],
)
def test_an_index_is_built_upon_unless_nothing_of_it_can_stay(index, change, usable):
    facts = {"roots": index.roots, "indexer": indexer_digest(), **change}

    assert (usable_index(index, settings(**facts)) is not None) is usable


def test_without_an_index_there_is_nothing_to_build_upon():
    assert usable_index(None, settings()) is None

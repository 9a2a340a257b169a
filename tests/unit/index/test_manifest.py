"""A manifest says what was written, and nothing of another kind is believed."""

import json

import pytest

from docsearch_cli.embed.model import IndexedModel
from docsearch_cli.index.manifest import Manifest, Root, WrittenFile, name_roots

MANIFEST = Manifest(
    digest="d" * 32,
    indexer="code",
    model=IndexedModel("m", "r", 3, True),
    language="english",
    language_is_set=True,
    language_parts={"docs/de": "german"},
    languages={"german": 2, "english": 1},
    roots=(Root("", "/docs"),),
    counts={"documents": 1, "nodes": 1, "sections": 0, "words": 2, "edges": 0},
    skipped={"binary": 1},
    broken_links=0,
    ambiguous_links=1,
    files={"a.npy": WrittenFile(0, "00")},
)


def test_a_manifest_is_read_as_written():
    data = json.loads(MANIFEST.to_json("/home"))

    assert Manifest.from_dict(data, "/home") == MANIFEST
    assert list(data) == sorted(data)
    assert (data["schema"], data["files"]) == (6, {"a.npy": {"bytes": 0, "sha256": "00"}})


def test_a_manifest_without_a_model_is_read_as_written():
    data = json.loads(MANIFEST.to_json("/home"))

    assert Manifest.from_dict({**data, "model": None}, "/home").model is None


def test_a_root_whose_name_is_not_utf_8_is_read_as_written():
    data = {**json.loads(MANIFEST.to_json("/home")), "roots": [{"name": "", "path": "/\udcff"}]}

    assert Manifest.from_dict(data, "/home").roots == (Root("", "/\udcff"),)


BAD = [
    ("digest", 1),
    ("indexer", None),
    ("model", {"name": "m"}),
    ("model", "m"),
    ("language", None),
    ("language", "klingon"),
    ("model", {"name": "\ud800", "revision": "r", "dimensions": 3, "fast": True}),
    ("model", {"name": "m", "revision": "\ud800", "dimensions": 3, "fast": True}),
    ("language_is_set", 1),
    ("roots", [{"name": ""}]),
    ("roots", [{"name": 1, "path": "/"}]),
    ("roots", [{"name": "", "path": None}]),
    ("roots", [{"name": "", "path": "/a\0b"}]),
    ("roots", [{"name": "", "path": "/\ud800"}]),
    ("roots", None),
    ("counts", {}),
    ("counts", {**MANIFEST.counts, "more": 1}),
    ("counts", {**MANIFEST.counts, "nodes": -1}),
    ("counts", {**MANIFEST.counts, "nodes": 1.0}),
    ("counts", {**MANIFEST.counts, "nodes": True}),
    ("counts", {**MANIFEST.counts, "nodes": "1"}),
    ("skipped", {"binary": None}),
    ("skipped", []),
    ("broken_links", "0"),
    ("ambiguous_links", -1),
    ("files", {"a": {"bytes": 1}}),
    ("files", {"a": {"bytes": "1", "sha256": ""}}),
    ("files", {"a": {"bytes": 1, "sha256": 0}}),
    ("files", ["a"]),
]


@pytest.mark.parametrize(("field", "value"), BAD)
def test_a_value_of_another_kind_is_refused(field, value):
    data = {**json.loads(MANIFEST.to_json("/home")), field: value}

    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
        Manifest.from_dict(data, "/home")


@pytest.mark.parametrize("field", sorted({*json.loads(MANIFEST.to_json("/home"))} - {"schema"}))
def test_a_value_that_is_missing_is_refused(field):
    data = json.loads(MANIFEST.to_json("/home"))
    del data[field]

    with pytest.raises(KeyError):
        Manifest.from_dict(data, "/home")


def test_a_single_root_has_no_name(tmp_path):
    assert name_roots([tmp_path / "docs"]) == [Root("", str(tmp_path / "docs"))]


def test_several_roots_are_named_apart(tmp_path):
    roots = name_roots([tmp_path / "x" / "docs", tmp_path / "y" / "docs"])

    assert len({root.name for root in roots}) == 2
    assert [root.path for root in roots] == [str(tmp_path / n / "docs") for n in "xy"]

"""A generation that a stranger made: what stands in a file's place is not opened."""

import os

import pytest

from docsearch_cli.errors import IndexCorruptError
from docsearch_cli.index.freshness import check_freshness
from docsearch_cli.index.ledger import read_skipped
from docsearch_cli.index.link_report import read_link_report
from docsearch_cli.index.staleness import is_stale
from docsearch_cli.index.store import open_index
from tests.unit.index.forging import forge_manifest
from tests.unit.index.small import index_of

FILES = {"a.md": "# Alpha\n\nThe wind turns a mill.\n", "b.bin": b"\0\1\2"}
READS = {
    "sections.texts.utf8": lambda index: index.texts,
    "sections.lines.npy": lambda index: index.section_lines,
    "ledger.jsonl": lambda index: list(read_skipped(index.folder)),
    "links.json": lambda index: read_link_report(index.folder),
}


@pytest.fixture
def index(tmp_path):
    return index_of(tmp_path, FILES)


@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize("kind", ["link", "pipe", "nothing"])
def test_what_a_manifest_leaves_out_must_be_a_file_too(index, tmp_path, name, kind):
    file = index.folder / name
    if kind == "link":
        file.rename(tmp_path / "secret")
        file.symlink_to(tmp_path / "secret")
    else:
        file.unlink()
        if kind == "pipe":
            os.mkfifo(file)
    files = {
        other: {"bytes": written.size_bytes, "sha256": written.sha256}
        for other, written in index.manifest.files.items()
        if other != name
    }
    forge_manifest(tmp_path / "home", files=files)
    opened = open_index(tmp_path / "home")

    with pytest.raises(IndexCorruptError, match=name.replace(".", r"\.")):
        READS[name](opened)


def test_a_root_that_cannot_even_be_looked_for_is_not_there(index, tmp_path):
    """As one below a folder that may not be entered."""
    forge_manifest(tmp_path / "home", roots=[{"name": "", "path": "/" + "x" * 5000}])
    opened = open_index(tmp_path / "home")

    assert is_stale(opened)
    assert not check_freshness(opened, ()).folders

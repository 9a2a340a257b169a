"""The ledger has one row a file, in the order of paths."""

import pytest

from docsearch_cli.errors import IndexCorruptError
from docsearch_cli.index.ledger import count_by_reason, read_ledger, read_skipped, save_ledger
from docsearch_cli.models import LedgerEntry
from tests.unit.index.small import index_of

ROWS = [
    LedgerEntry("b.bin", "skipped", "binary", size_bytes=9),
    LedgerEntry("d\ud800.md", "skipped", "broken", "why \u00e4"),
]


def test_rows_are_read_as_written_without_their_size(tmp_path):
    save_ledger(tmp_path, ROWS)

    assert list(read_skipped(tmp_path)) == [
        {"path": "b.bin", "status": "skipped", "reason": "binary", "detail": ""},
        {"path": "d?.md", "status": "skipped", "reason": "broken", "detail": "why ä"},
    ]


def test_reasons_are_counted_in_order():
    rows = [LedgerEntry(str(n), "skipped", reason) for n, reason in enumerate("zaza")]

    assert list(count_by_reason([*rows, LedgerEntry("i", "indexed", "")]).items()) == [
        ("a", 2),
        ("z", 2),
    ]


def test_indexed_and_skipped_files_are_merged_by_path(tmp_path):
    index = index_of(tmp_path, {"a.md": "# A\n", "b.bin": b"\0\1", "c.md": "", "d.bin": b"\0"})
    rows = [(row["path"], row["status"], row.get("size_bytes")) for row in read_ledger(index)]

    assert rows == [
        ("a.md", "indexed", 4),
        ("b.bin", "skipped", None),
        ("c.md", "indexed", 0),
        ("d.bin", "skipped", None),
    ]


@pytest.mark.parametrize("content", [b"{\n", b"\xff\n", b"nothing\n"])
def test_a_damaged_ledger_is_named(tmp_path, content):
    (tmp_path / "ledger.jsonl").write_bytes(content)

    with pytest.raises(IndexCorruptError, match=r"ledger\.jsonl"):
        list(read_skipped(tmp_path))

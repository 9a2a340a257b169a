from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from docsearch_cli.corpus.formats import table
from docsearch_cli.corpus.formats.readers import UNSUPPORTED
from docsearch_cli.corpus.formats.table import (
    FORMATS,
    TABLE,
    Format,
    format_named,
    format_of_bytes,
    format_of_code,
    format_of_text,
    is_paged,
    unit_of_path,
)

NAMES = [row.name for row in FORMATS]


def test_codes_of_stored_indexes_never_change() -> None:
    codes = {row.name: row.code for row in FORMATS}

    assert codes == {
        "markdown": 0,
        "rst": 1,
        "html": 2,
        "text": 3,
        "pdf": 4,
        "notebook": 5,
        "asciidoc": 6,
        "org": 7,
        "docx": 8,
        "odt": 9,
        "pptx": 10,
        "odp": 11,
        "epub": 12,
        "manual": 13,
        "tex": 14,
        "subtitles": 15,
        "table": 16,
        "schema": 17,
        "mail": 18,
    }
    assert [format_of_code(code).name for code in codes.values()] == list(codes)


def test_no_suffix_is_of_two_formats_or_of_none() -> None:
    suffixes = [suffix for row in FORMATS for suffix in row.all_suffixes]

    assert len(set(suffixes)) == len(suffixes) == len(TABLE.by_suffix)
    assert not UNSUPPORTED.intersection(suffixes)
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in suffixes)


@pytest.mark.parametrize("row", FORMATS, ids=NAMES)
def test_every_function_of_a_row_can_be_loaded(row: Format) -> None:
    assert callable(row.reader())
    assert row.plainer()("plain") == "plain"
    assert row.sentence_plainer()("plain") == "plain"
    (block,) = row.block_finder()("plain")
    assert (block.start, block.end) == (0, 5)
    assert list(row.unbroken_spans("plain")) == []
    assert not row.recognises("plain")


def test_a_format_is_recognised_by_its_content() -> None:
    assert format_of_bytes(b"%PDF-1.4\n") is format_named("pdf")
    assert format_of_bytes(b"plain") is None
    assert format_of_text("plain") is format_named("text")
    assert format_of_text("Title\n=====\n\n.. note:: x\n\nSub\n---\n") is format_named("rst")


def test_pages_slides_chapters_and_messages_are_counted_but_paragraphs_are_lines() -> None:
    assert [name for name in NAMES if is_paged(name)] == ["mail", "pptx", "odp", "epub", "pdf"]


@pytest.mark.parametrize(
    ("path", "unit"),
    [
        ("a/b.pdf", "page"),
        ("talk.PPTX", "slide"),
        ("b.epub", "chapter"),
        ("m.mbox", "message"),
        ("a.docx", "paragraph"),
        ("ls.1.gz", "line"),
        ("a.md", "line"),
        ("a.docx/x", "line"),
    ],
)
def test_a_path_tells_what_is_counted(path: str, unit: str) -> None:
    assert unit_of_path(path) == unit


def test_every_place_of_a_format_without_hidden_parts_is_known() -> None:
    known = [row.name for row in FORMATS if row.has_all_anchors]

    assert known == ["markdown", "rst", "asciidoc", "org"]


def test_a_module_that_another_thread_is_importing_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "slow_formats"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "slow.py").write_text("import time\ntime.sleep(0.3)\n\n\ndef plain(text): ...\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with ThreadPoolExecutor(4) as pool:
        loaded = list(pool.map(table._load, ["slow_formats.slow:plain"] * 4))

    assert len(set(loaded)) == 1

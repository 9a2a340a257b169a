import os
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from docsearch_cli.corpus import load
from docsearch_cli.corpus.formats import text
from docsearch_cli.models import Document
from tests.loading import Corpus, load_corpus

Files = dict[str, str | bytes]
Folder = Callable[[Files], Path]


@pytest.fixture
def always_parallel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "_FEWEST_PARALLEL_FILES", 1)
    monkeypatch.setattr(load, "_FEWEST_PARALLEL_BYTES", 1)
    monkeypatch.setattr(load, "_BATCH_FILES", 4)


def test_ledger_has_one_row_for_every_file_met(corpus_of: Callable[[Files], Corpus]) -> None:
    corpus = corpus_of(
        {
            "good.md": "# A",
            "empty.md": "",
            "data.zip": "x",
            "broken.pdf": b"%PDF-1.4 nonsense",
            "binary.md": b"\x00\x01",
            "utf16.md": "# B".encode("utf-16"),
            ".gitignore": "out/",
            "out/x.md": "",
        }
    )

    assert [(row.path, row.reason) for row in corpus.ledger] == [
        (".gitignore", "hidden"),
        ("binary.md", "binary"),
        ("broken.pdf", "broken"),
        ("data.zip", "unsupported"),
        ("empty.md", ""),
        ("good.md", ""),
        ("out/", "ignored"),
        ("utf16.md", ""),
    ]
    assert [document.path for document in corpus.documents] == ["empty.md", "good.md", "utf16.md"]
    assert Counter(row.status for row in corpus.ledger) == {"indexed": 3, "skipped": 5}


def test_empty_folder_is_an_empty_corpus(corpus_of: Callable[[Files], Corpus]) -> None:
    corpus = corpus_of({})

    assert (corpus.documents, corpus.ledger) == ((), ())


def test_sections_come_cut_to_size(corpus_of: Callable[[Files], Corpus]) -> None:
    (document,) = corpus_of({"a.md": "# H\n\n" + "word " * 1000}).documents

    assert len(document.sections) > 3
    assert {section.heading for section in document.sections} == {"H"}


@pytest.mark.usefixtures("always_parallel")
def test_result_does_not_depend_on_the_number_of_processes(folder: Folder) -> None:
    root = folder({f"{number:03}.md": f"# T{number}\n[n](x.md)" for number in range(50)})

    one, two, three = (load_corpus([root], workers=count) for count in (1, 2, 3))

    assert one == two == three


@pytest.mark.usefixtures("always_parallel")
def test_crashing_parser_costs_its_own_file_only(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = text.read_text
    parent = os.getpid()

    def crash(path: str, source: str | bytes, content_hash: str) -> Document:
        if "bad" in path and os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(path, source, content_hash)

    monkeypatch.setattr(text, "read_text", crash)
    root = folder({f"{number:02}.txt": "x" for number in range(12)} | {"05-bad.txt": "x"})

    corpus = load_corpus([root], workers=2)

    assert len(corpus.documents) == 12
    assert [(row.path, row.reason) for row in corpus.ledger if row.reason] == [
        ("05-bad.txt", "broken")
    ]


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.usefixtures("always_parallel")
def test_file_that_takes_too_long_costs_itself_only(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    real = text.read_text

    def read(path: str, source: str, content_hash: str) -> Document:
        while "slow" in path:
            sum(range(10**9))  # in C code, where no signal handler of Python's gets to run
        return real(path, source, content_hash)

    monkeypatch.setattr(text, "read_text", read)
    monkeypatch.setattr(load, "_MOST_S", 1.0)
    names = [f"{number:02}" for number in range(9)]
    root = folder({f"{name}.txt": "x" for name in [*names, "00-slow", "04-slow", "09-slow"]})

    corpus = load_corpus([root], workers=workers)

    assert [document.path for document in corpus.documents] == [f"{name}.txt" for name in names]
    assert [(row.path, row.reason, row.detail) for row in corpus.ledger if row.reason] == [
        (
            f"{name}-slow.txt",
            "too-slow",
            "reading it takes more than the 1 s for a file of its size",
        )
        for name in ("00", "04", "09")
    ]


def test_small_corpus_is_not_read_in_this_process_either(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = os.getpid()

    def tell(path: str, _source: str, content_hash: str) -> Document:
        return Document(path, str(os.getpid() == here), "text", content_hash, ())

    monkeypatch.setattr(text, "read_text", tell)

    assert [d.title for d in load_corpus([folder({"a.txt": "x"})]).documents] == ["False"]


def test_file_that_takes_too_much_memory_is_out_of_memory(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(_path: str, _source: str, _content_hash: str) -> Document:
        raise AssertionError(bytes(512 * 1024 * 1024))

    monkeypatch.setattr(text, "read_text", read)
    monkeypatch.setattr(load, "_MOST_BYTES", 256 * 1024 * 1024)
    corpus = load_corpus([folder({"a.txt": "x", "b.md": "x"})])

    assert [document.path for document in corpus.documents] == ["b.md"]
    assert [row.detail for row in corpus.ledger if row.reason] == ["out of memory"]


@pytest.mark.usefixtures("always_parallel")
def test_without_processes_files_are_read_here(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> int:
        raise BlockingIOError(11, "too many processes")

    monkeypatch.setattr(os, "fork", refuse)
    root = folder({f"{number}.md": "" for number in range(10)})

    assert len(load_corpus([root], workers=2).documents) == 10


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.usefixtures("always_parallel")
def test_progress_ends_at_the_total(folder: Folder, workers: int) -> None:
    calls: list[tuple[int, int]] = []
    root = folder({f"{number}.md": "" for number in range(10)})

    load_corpus([root], workers=workers, progress=lambda done, total: calls.append((done, total)))

    assert calls[-1] == (10, 10)
    assert calls == sorted(calls)


def test_one_file_may_be_the_corpus(folder: Folder) -> None:
    root = folder({"a.md": "# A", "b.md": "# B"})

    assert [document.path for document in load_corpus([root / "a.md"]).documents] == ["a.md"]


def test_several_roots_are_named(folder: Folder) -> None:
    root = folder({"x/a.md": "", "y/a.md": ""})

    corpus = load_corpus([root / "x", root / "y"], workers=1)

    assert corpus.roots == ("x", "y")
    assert [document.path for document in corpus.documents] == ["x/a.md", "y/a.md"]


def test_large_files_are_read_in_bounded_time(corpus_of: Callable[[Files], Corpus]) -> None:
    corpus = corpus_of({"long.txt": "x" * 5_000_000, "lines.md": "line\n" * 100_000})

    assert len(corpus.documents) == 2
    assert all(
        len(section.text) <= 3000 for document in corpus.documents for section in document.sections
    )

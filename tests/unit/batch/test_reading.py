"""Files read as units of work: what a worker read is used only if it is what is here."""

from dataclasses import replace

import pytest

from docsearch_cli.batch.reading import read_on
from docsearch_cli.config import load_settings
from docsearch_cli.index import reading_unit
from docsearch_cli.index.build import build_index
from docsearch_cli.index.store import current_digest
from docsearch_cli.models import LedgerEntry
from docsearch_cli.search.result import AskOptions
from tests.support import write_files

READ = reading_unit.FUNCTIONS[reading_unit.READ]
SLOWER = "reading 132 files on the engine inline takes longer than here: leave --engine out"


@pytest.fixture
def build(tmp_path, monkeypatch):
    """Builds an index of some pages, read here or as units; gives its digest and what was told."""
    monkeypatch.setattr("docsearch_cli.corpus.load._FEWEST_PARALLEL_FILES", 1)
    pages = {f"{n}.md": f"# Page {n}\n\nSee [next]({n + 1}.md), Fenwick {n}.\n" for n in range(130)}
    docs = write_files(tmp_path / "docs", pages | {"odd.pdf": b"%PDF-1.4", "a.png": b"\x89PNG"})
    settings = load_settings({}, environment={"DOCSEARCH_CONFIG_DIR": "/"})

    def run(name, *, as_units):
        told = []
        options = AskOptions(settings, engine="inline", tell=told.append)
        home = tmp_path / name
        build_index(home, [docs], workers=1, read_batches=read_on(options) if as_units else None)
        return current_digest(home), told

    return run


def test_an_index_that_was_read_as_units_is_the_same(build):
    expected, _ = build("here", as_units=False)

    digest, told = build("units", as_units=True)
    assert digest == expected
    assert told == [SLOWER]


def test_an_engine_that_has_enough_to_read_is_not_called_slow(build, monkeypatch):
    monkeypatch.setattr("docsearch_cli.batch.reading._FEWEST_FILES", 100)

    assert build("units", as_units=True)[1] == []


def changed(change):
    """Return what reads files and then changes something of the batch."""

    def read(payload):
        reply = reading_unit._BYTES.read(reading_unit.ReadReply, READ(payload))
        (batch,) = reply.batches
        changed_reply = replace(reply, batches=(change(batch),))
        return reading_unit._BYTES.write(reading_unit.ReadReply, changed_reply)

    return read


def with_row(batch, **changes):
    first, *others = batch.extracts
    row = first.row._replace(**changes)
    return replace(batch, extracts=(first._replace(row=row), *others))


def with_one_twice(batch):
    entry = LedgerEntry(batch.extracts[0].row.path, "skipped", "odd")
    return replace(batch, skipped=(*batch.skipped, entry))


spoil_hash = changed(lambda batch: with_row(batch, content_hash="00" * 32))
spoil_votes = changed(lambda batch: with_row(batch, votes=(1, 2)))
repeat = changed(with_one_twice)


def leave_one_out(payload):
    call = reading_unit._BYTES.read(reading_unit.ReadCall, payload)
    return READ(reading_unit.write_call(replace(call, files=call.files[1:])))


def cut_texts(payload):
    reply = reading_unit._BYTES.read(reading_unit.ReadReply, READ(payload))
    return reading_unit._BYTES.write(
        reading_unit.ReadReply, replace(reply, texts=tuple(text[1:] for text in reply.texts))
    )


def have_other_files(payload):
    call = reading_unit._BYTES.read(reading_unit.ReadCall, payload)
    files = tuple(replace(file, size_bytes=file.size_bytes + 1) for file in call.files)
    return READ(reading_unit.write_call(replace(call, files=files)))


def have_no_files(payload):
    call = reading_unit._BYTES.read(reading_unit.ReadCall, payload)
    files = tuple(replace(file, location=f"{file.location}.gone") for file in call.files)
    return READ(reading_unit.write_call(replace(call, files=files)))


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (spoil_hash, "is another file at a worker"),
        (leave_one_out, "other files than it was asked to"),
        (cut_texts, "not of the size"),
        (have_other_files, "bytes there and"),
        (have_no_files, "cannot be read there"),
        (spoil_votes, "function words"),
        (repeat, "other files"),
        (lambda payload: b"odd", ""),
        (lambda payload: 1 / 0, "division by zero"),
    ],
)
def test_what_a_worker_reads_otherwise_is_read_here(build, monkeypatch, function, words):
    expected, _ = build("here", as_units=False)
    monkeypatch.setitem(reading_unit.FUNCTIONS, reading_unit.READ, function)
    digest, told = build("units", as_units=True)

    assert digest == expected
    assert told[0] == SLOWER
    assert "are read here" in told[1]
    assert words in told[1]

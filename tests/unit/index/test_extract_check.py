"""What another machine read of files is taken only if all of it fits together."""

from dataclasses import replace

import numpy as np
import pytest

from docsearch_cli.corpus.links.anchors import AnchorTable
from docsearch_cli.corpus.short_forms import ShortForm
from docsearch_cli.corpus.walk.found_files import FoundFile
from docsearch_cli.index import reading_unit
from docsearch_cli.index.document_languages import FIND_EACH
from docsearch_cli.index.reading_unit import take_reply
from tests.support import write_files


@pytest.fixture(scope="module")
def reply(tmp_path_factory):
    """What a worker read of three pages, one of them empty."""
    pages = {"a.md": "# A\n\nFenwick tree.\n\n## More\n\nTree.\n", "b.md": "# B\n", "c.md": ""}
    folder = write_files(tmp_path_factory.mktemp("docs"), pages)
    files = tuple(
        FoundFile(path, str(folder / path), folder, (folder / path).stat().st_size, 0, 0, number)
        for number, path in enumerate(sorted(pages))
    )
    call = reading_unit.ReadCall(files, FIND_EACH, "english")
    return reading_unit.read(reading_unit.write_call(call))


def test_what_was_read_is_taken(reply, tmp_path):
    (batch,) = take_reply(reply, tmp_path)

    assert [extract.row.path for extract in batch.extracts] == ["a.md", "b.md", "c.md"]
    assert len(list(tmp_path.iterdir())) == 2


def changed(change):
    """Return what changes something of a reply's batches."""

    def read(data):
        reply = reading_unit._BYTES.read(reading_unit.ReadReply, data)
        batches = tuple(change(batch) for batch in reply.batches)
        return reading_unit._BYTES.write(reading_unit.ReadReply, replace(reply, batches=batches))

    return read


def row(**changes):
    """Change the row of the first document."""

    def change(batch):
        first, *others = batch.extracts
        return replace(batch, extracts=(first._replace(row=first.row._replace(**changes)), *others))

    return changed(change)


def anchors(keys, sections):
    def change(batch):
        first, *others = batch.extracts
        table = AnchorTable(np.array(keys, np.uint32), np.array(sections, np.int32))
        return replace(batch, extracts=(first._replace(anchors=table), *others))

    return changed(change)


def sections(**changes):
    return changed(
        lambda batch: replace(
            batch,
            sections=replace(
                batch.sections,
                **{name: make(getattr(batch.sections, name)) for name, make in changes.items()},
            ),
        )
    )


def postings(**changes):
    return changed(
        lambda batch: replace(
            batch,
            postings=replace(
                batch.postings,
                **{name: make(getattr(batch.postings, name)) for name, make in changes.items()},
            ),
        )
    )


def put(place, value):
    """Return what gives an array with another value in one place."""

    def make(values):
        values[place] = value
        return values

    return make


UNFIT = [
    (row(votes=(1, 2)), "function words"),
    (row(votes=(1 << 16,) * 40), "function words"),
    (row(markup="none"), "format"),
    (row(section_count=-1), "number of sections"),
    (row(section_count=3), "lines of sections"),
    (row(node_starts=()), "nodes"),
    (row(node_starts=(0, 5)), "nodes"),
    (row(node_starts=(0, 0)), "nodes"),
    (row(declared="klingon"), "language that"),
    (row(dated="soon"), "the day"),
    (row(title="half \ud800"), "surrogates"),
    (row(words=1 << 40), "size"),
    (row(short_forms=(ShortForm("a\tb", "c"),)), "short forms"),
    (anchors([1], []), "anchors"),
    (anchors([2, 1], [0, 0]), "order of anchors"),
    (anchors([1], [9]), "section of an anchor"),
    (changed(lambda batch: replace(batch, languages=("klingon",) * len(batch.languages))), "langu"),
    (changed(lambda batch: replace(batch, languages=batch.languages[1:])), "languages"),
    (sections(lines=lambda lines: lines[:, :1].copy()), "lines"),
    (sections(lines=put(0, -1)), "lines"),
    (sections(above=put(0, 1)), "above"),
    (sections(above=lambda above: above[1:]), "above"),
    (sections(headings=lambda text: b"\xff" + text[1:]), "UTF-8"),
    (sections(heading_sizes=put(0, -1)), "size"),
    (sections(heading_sizes=put(0, (1 << 63) - 1)), "size"),
    (postings(vocabulary=lambda words: words + b"\n0"), "order of words"),
    (postings(vocabulary=lambda words: words + b"\n\xff"), "UTF-8"),
    (postings(vocabulary=lambda words: words + b"\nzzzz"), "number of words"),
    (postings(starts=put(1, 0)), "where words"),
    (postings(starts=put(-1, 0)), "where words"),
    (postings(sections=put(0, 1 << 30)), "section of a word"),
    (postings(sections=put(0, -1)), "section of a word"),
    (postings(sections=lambda rows: rows[::-1].copy()), "order of sections"),
    (postings(counts=put(0, 0)), "how often"),
    (postings(counts=lambda counts: counts[1:]), "how often"),
    (postings(lengths=lambda lengths: lengths[1:]), "words of sections"),
    (postings(lengths=put(0, -1)), "words of sections"),
]


@pytest.mark.parametrize(("change", "words"), UNFIT)
def test_what_does_not_fit_is_refused_by_name(reply, tmp_path, change, words):
    with pytest.raises(ValueError, match=words):
        take_reply(change(reply), tmp_path)
    assert not any(tmp_path.iterdir())

import gzip
from types import SimpleNamespace

import pytest

from docsearch_cli.corpus.formats.table import is_paged
from docsearch_cli.index.freshness import Freshness, check_freshness, is_made_here
from tests.support import write_files
from tests.unit.corpus.formats.packing import docx, epub, paragraph, pptx, shape, slide
from tests.unit.index.small import index_of


@pytest.fixture
def folder(tmp_path):
    return write_files(tmp_path / "one", {"a.md": "a", "in/b.md": "b"})


@pytest.mark.parametrize(
    ("files", "folders", "said"),
    [
        (("a.md",), (), "1 file (a.md) changed or gone"),
        (("a", "b"), (), "2 files (a, b) changed or gone"),
        (("a", "b", "c", "d"), (), "4 files (a, b, c, ...) changed or gone"),
        ((), ("/x",), "files added, removed or renamed in 1 folder (/x)"),
        (
            ("a",),
            ("/x", "/y"),
            "1 file (a) changed or gone; files added, removed or renamed in 2 folders (/x, /y)",
        ),
    ],
)
def test_what_has_changed_is_said_in_words(files, folders, said):
    fresh = Freshness(files=files, folders=folders, quotes=())

    assert fresh.is_stale
    assert fresh.in_words() == f"since the documents were indexed: {said}"


def test_where_nothing_has_changed_nothing_is_stale():
    assert not Freshness(files=(), folders=(), quotes=("gone",)).is_stale


def test_an_edit_in_place_is_found_and_an_addition_too(tmp_path):
    index = index_of(tmp_path, {"a.md": "# A\n\nText.\n", "in/b.md": "# B\n"})
    assert not check_freshness(index, ()).is_stale
    (tmp_path / "docs" / "a.md").write_text("# A\n\nOther text.\n")
    assert check_freshness(index, ()) == Freshness(files=("a.md",), folders=(), quotes=())
    (tmp_path / "docs" / "in" / "c.md").write_text("# C\n")

    assert check_freshness(index, ()).folders == (str(tmp_path / "docs" / "in"),)


def test_configuration_that_comes_into_a_hidden_folder_is_found(tmp_path):
    folder = tmp_path / "docs" / ".vitepress"
    index = index_of(tmp_path, {"a.md": "# A\n", ".vitepress/theme/x.js": ""})
    assert not check_freshness(index, ()).is_stale
    (folder / "cache").mkdir()
    assert not check_freshness(index, ()).is_stale  # what the tool makes there says nothing
    (folder / "config.mts").write_text("export default { base: '/loom/' }\n")

    found = check_freshness(index, ())
    assert (found.files, found.folders) == ((str(folder / "config.mts"),), ())


def test_an_open_index_takes_over_what_another_process_has_found_of_its_files(tmp_path):
    index = index_of(tmp_path, {"a.md": "# A\n\nText.\n"})
    page = tmp_path / "docs" / "a.md"
    page.write_bytes(page.read_bytes())
    assert check_freshness(index, ()).files == ("a.md",)
    again = index_of(tmp_path, {})

    assert again.digest == index.digest
    assert not check_freshness(index, ()).is_stale


def quote(path, line_start, line_end, text):
    return SimpleNamespace(
        path=path, line_start=line_start, line_end=line_end, quote=text, paged=False
    )


def test_each_quote_is_looked_up_on_its_lines(tmp_path):
    index = index_of(tmp_path, {"a.md": "# A\n\nOne.\nTwo.\nThree.\n", "b.md": "# B\n"})
    (tmp_path / "docs" / "b.md").unlink()
    quotes = [
        quote("a.md", 4, 4, "Two."),
        quote("a.md", 3, 4, "One.\nTwo."),
        quote("a.md", 3, 3, "Two."),
        quote("a.md", 5, 99, "Three."),
        quote("a.md", 98, 99, "Three."),
        quote("a.md", 4, 4, "2"),
        quote("b.md", 1, 1, "# B"),
        quote(r"bad\xff.md", 1, 1, "x"),
    ]

    assert check_freshness(index, quotes).quotes == (
        *("current", "current", "changed", "current", "changed", "changed", "gone", "unknown"),
    )


def test_a_quote_of_an_edited_file_is_current_where_it_still_stands(tmp_path):
    index = index_of(tmp_path, {"a.md": "# A\n\nOne.\n\nTwo.\n"})
    (tmp_path / "docs" / "a.md").write_text("# A\n\nOne.\n\nOther.\n")
    fresh = check_freshness(index, [quote("a.md", 3, 3, "One."), quote("a.md", 5, 5, "Two.")])

    assert fresh == Freshness(files=("a.md",), folders=(), quotes=("current", "changed"))


def test_an_index_knows_the_place_that_it_was_made_in(tmp_path):
    index = index_of(tmp_path, {"a.md": "# A\n"})
    assert is_made_here(index)
    (tmp_path / "docs").rename(tmp_path / "away")
    assert not is_made_here(index)
    (tmp_path / "docs").mkdir()

    assert not is_made_here(index)


PACKED = {
    "a.docx": (docx(paragraph("Before.") + paragraph("Warm it slowly.")), 2),
    "b.pptx": (pptx(slide(shape("First")), slide(shape("Warm it slowly."))), 2),
    "c.epub": (epub({"one.xhtml": "<p>First</p>", "two.xhtml": "<p>Warm it slowly.</p>"}), 2),
    "d.eml": (b"Subject: x\nContent-Transfer-Encoding: base64\n\nV2FybSBpdCBzbG93bHku\n", 1),
    "e.1.gz": (gzip.compress(b".TH E 1\n.SH NAME\nWarm it slowly.\n"), 3),
}


@pytest.mark.parametrize("path", PACKED)
def test_a_quote_of_a_packed_document_is_looked_up_in_its_file(tmp_path, path):
    data, place = PACKED[path]
    index = index_of(tmp_path, {path: data})
    markup = index.markup(0)

    def state(text, at=place):
        item = quote(path, at, at, text)
        item.paged = is_paged(markup)
        return check_freshness(index, [item]).quotes[0]

    assert state("Warm it slowly.") == "current"
    assert state("Warm it quickly.") == "changed"
    assert state("Warm it slowly.", at=place + 1) == "changed"
    (tmp_path / "docs" / path).write_bytes(data[: len(data) // 2])
    assert state("Warm it slowly.") == "changed"

from collections.abc import Callable

import pytest

from docsearch_cli.corpus.formats.pdf import read_pdf
from docsearch_cli.corpus.formats.table import is_paged
from docsearch_cli.corpus.reader_errors import ReaderError

Build = Callable[..., bytes]


def test_a_section_is_a_page(pdf_bytes: Build) -> None:
    data = pdf_bytes([[(12, "First page")], [], [(12, "Third page")]])

    document = read_pdf("a.pdf", data, "")

    assert is_paged(document.markup)
    assert [(s.line_start, s.line_end, s.text) for s in document.sections] == [
        (1, 1, "First page"),
        (3, 3, "Third page"),
    ]


def test_title_of_the_metadata_wins(pdf_bytes: Build) -> None:
    data = pdf_bytes([[(20, "Big line"), (10, "small")]], title="Stated title")

    assert read_pdf("a.pdf", data, "").title == "Stated title"


@pytest.mark.parametrize(
    "stated", ["", "Microsoft Word - draft.docx", "untitled", "paper.dvi", "12"]
)
def test_useless_metadata_gives_way_to_the_largest_line(pdf_bytes: Build, stated: str) -> None:
    data = pdf_bytes([[(9, "Conference 2024"), (20, "A Study of"), (20, "Pumps"), (10, "By me")]],
                     title=stated)  # fmt: skip

    assert read_pdf("a.pdf", data, "").title == "A Study of Pumps"


def test_short_form_in_the_metadata_gives_way_to_the_long_one(pdf_bytes: Build) -> None:
    data = pdf_bytes([[(20, "Pump: A Study"), (10, "By me")]], title="Pump")

    assert read_pdf("a.pdf", data, "").title == "Pump: A Study"


def test_pdf_without_text_is_named_by_its_file(pdf_bytes: Build) -> None:
    document = read_pdf("x/annual-report.pdf", pdf_bytes([[]]), "")

    assert (document.title, document.sections) == ("annual report", ())


def test_encrypted_pdf_says_so(pdf_bytes: Build) -> None:
    with pytest.raises(ReaderError) as caught:
        read_pdf("a.pdf", pdf_bytes([[(12, "x")]], encrypted=True), "")

    assert caught.value.reason == "encrypted"


@pytest.mark.parametrize("data", [b"%PDF-1.4\n", b"%PDF-1.4\ntrailer<</Root 1 0 R>>", b"no pdf"])
def test_damaged_pdf_is_broken(data: bytes) -> None:
    with pytest.raises(ReaderError) as caught:
        read_pdf("a.pdf", data, "")

    assert caught.value.reason == "broken"

from collections.abc import Callable

import pytest

from docsearch_cli.corpus.formats import pdf
from docsearch_cli.corpus.formats.pdf import page_words, read_pdf
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


def test_pages_far_behind_are_read(pdf_bytes: Build) -> None:
    data = pdf_bytes([[]] * 2005 + [[(12, "The last page")]])

    (section,) = read_pdf("a.pdf", data, "").sections

    assert (section.line_start, section.text) == (2006, "The last page")


def test_pages_beyond_the_limit_are_named(
    pdf_bytes: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "_MOST_PAGES", 2)
    document = read_pdf("a.pdf", pdf_bytes([[(12, f"Page {number}")] for number in range(5)]), "")

    assert len(document.sections) == 2
    assert document.unread == ("3 pages (3-5): beyond the limit",)


FIELD = "/Subtype /Widget /FT {kind} /T (remark) /V ({value}) /Ff {flags} /Rect [72 600 372 620]"


@pytest.mark.parametrize(
    "body",
    [
        FIELD.format(kind="/Tx", value="Blue kiln", flags=0),
        FIELD.format(kind="/Ch /Opt [(Blue kiln)]", value="Blue kiln", flags=1 << 17),
        "/Subtype /FreeText /Contents (Blue kiln) /Rect [72 600 372 620]",
        "/Subtype /Text /Contents (Blue kiln) /Rect [72 600 90 620]",
    ],
)
def test_what_is_filled_in_or_written_beside_a_page_is_text_of_it(
    pdf_bytes: Build, body: str
) -> None:
    data = pdf_bytes([[(12, "Order")], [(12, "Terms")]], annotations={0: body})

    document = read_pdf("a.pdf", data, "")

    assert [section.text for section in document.sections] == ["Order\n\nBlue kiln", "Terms"]


@pytest.mark.parametrize(
    "body",
    [
        FIELD.format(kind="/Tx", value="secret", flags=1 << 13),
        FIELD.format(kind="/Tx", value="", flags=0),
        "/Subtype /Link /Contents (secret) /Rect [72 600 90 620]",
        "/Subtype /Text /F 2 /Contents (secret) /Rect [72 600 90 620]",
    ],
)
def test_what_nobody_sees_of_a_form_is_not_read(pdf_bytes: Build, body: str) -> None:
    document = read_pdf("a.pdf", pdf_bytes([[(12, "Order")]], annotations={0: body}), "")

    assert [section.text for section in document.sections] == ["Order"]


def test_pages_that_are_pictures_are_counted_and_named(pdf_bytes: Build) -> None:
    data = pdf_bytes([[(12, "Cover")], [], [], [], [(12, "End")]], pictures=(0, 1, 3))

    assert read_pdf("a.pdf", data, "").unread == ("2 pages (2, 4): pictures without text",)


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ([7], "1 page (7)"),
        ([1, 2, 3, 9], "4 pages (1-3, 9)"),
        (list(range(1, 4000, 2)), "2,000 pages (1, 3, 5, 7, 9, ...)"),
    ],
)
def test_page_numbers_are_shown_in_stretches(numbers: list[int], words: str) -> None:
    assert page_words(numbers) == words

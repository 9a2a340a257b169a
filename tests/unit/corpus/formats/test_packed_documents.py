"""Word, OpenDocument, PowerPoint and books: read by their places, and never more than is safe."""

from __future__ import annotations

import io
import random
import re
import zipfile

import pytest

from docsearch_cli.corpus.formats import packed
from docsearch_cli.corpus.formats.readers import read
from docsearch_cli.corpus.formats.table import format_named
from docsearch_cli.corpus.plain_text import sentences
from docsearch_cli.corpus.reader_errors import ReaderError
from docsearch_cli.corpus.walk.walk_roots import walk
from docsearch_cli.models import Document, Link
from tests.unit.corpus.formats.packing import (
    W,
    docx,
    epub,
    odf,
    pack,
    paragraph,
    pptx,
    relations,
    shape,
    slide,
)

WORD = docx(
    paragraph("Before any heading.")
    + paragraph("")
    + paragraph("Care of kilns", "Heading1")
    + "<w:p><w:r><w:t>Warm it </w:t></w:r><w:del><w:r><w:t>quickly</w:t></w:r></w:del>"
    '<w:r><w:t>slowly.</w:t></w:r><w:hyperlink r:id="r1"><w:r><w:t>See there</w:t></w:r>'
    "</w:hyperlink></w:p>"
    "<w:tbl><w:tr><w:tc>" + paragraph("heat") + "</w:tc><w:tc>" + paragraph("900") + "</w:tc>"
    "</w:tr></w:tbl>"
    + '<w:p><w:pPr><w:pStyle w:val="Own"/></w:pPr><w:bookmarkStart w:name="cool"/>'
    "<w:r><w:t>Cooling</w:t><w:tab/><w:t>down</w:t></w:r></w:p>",
    word__styles='<w:styles xmlns:w="urn:w"><w:style w:styleId="Own"><w:outlineLvl w:val="1"/>'
    "</w:style></w:styles>",
    word__footnotes='<w:footnotes xmlns:w="urn:w">' + paragraph("A note.") + "</w:footnotes>",
    docProps__core="<p><title>Kilns</title></p>",
)


def read_as(name: str, data: bytes) -> Document:
    return format_named(name).reader()(f"x.{name}", data, "")


def shown(document: Document) -> list[tuple[str, int, int, str]]:
    return [(s.heading, s.line_start, s.line_end, s.text) for s in document.sections]


def test_a_word_document_is_its_paragraphs_below_its_headings() -> None:
    document = read_as("docx", WORD)

    assert document.title == "Kilns"
    assert shown(document) == [
        ("", 1, 1, "Before any heading."),
        ("Care of kilns", 2, 4, "Care of kilns\nWarm it slowly.See there\nheat | 900"),
        ("Cooling down", 5, 6, "Cooling down\nA note."),
    ]
    assert [section.level for section in document.sections] == [0, 1, 2]
    assert document.sections[2].anchors == ("cooling-down", "cool")


@pytest.mark.parametrize("level", ["\N{SUPERSCRIPT TWO}", "9" * 6000, "-1", "9", "x"])
def test_an_outline_level_that_is_none_makes_no_heading(level: str) -> None:
    outline = f'<w:pPr><w:outlineLvl w:val="{level}"/></w:pPr>'
    styles = f'<w:styles {W}><w:style w:styleId="S">{outline}</w:style></w:styles>'
    body = f"<w:p>{outline}<w:r><w:t>Clay</w:t></w:r></w:p>{paragraph('Dig.', 'S')}"

    sections = read_as("docx", docx(body, word__styles=styles)).sections

    assert [(s.heading, s.text) for s in sections] == [("", "Clay\nDig.")]


def test_links_of_a_word_document_have_their_paragraph() -> None:
    data = docx(
        paragraph("One.") + '<w:p><w:hyperlink r:id="r1"><w:r><w:t>two</w:t></w:r></w:hyperlink>'
        '<w:hyperlink w:anchor="b"><w:r><w:t>here</w:t></w:r></w:hyperlink></w:p>',
    )
    with_relations = pack(
        {
            "word/document.xml": zip_part(data, "word/document.xml"),
            "word/_rels/document.xml.rels": relations(r1="hyperlink!:https://example.org/a"),
        }
    )

    assert read_as("docx", with_relations).links == (
        Link("https://example.org/a", "two", 2),
        Link("#b", "here", 2),
    )


def zip_part(data: bytes, name: str) -> bytes:
    return packed.Archive(data).read(name)


TEXT = odf(
    '<office:text><text:h text:outline-level="1">Kilns</text:h>'
    '<text:p>Warm<text:s text:c="2"/>it<text:line-break/>slowly.'
    "<text:note><text:note-body><text:p>A note.</text:p></text:note-body></text:note></text:p>"
    "<text:tracked-changes><text:p>gone</text:p></text:tracked-changes>"
    "<table:table><table:table-row><table:table-cell><text:p>heat</text:p></table:table-cell>"
    "<table:table-cell><text:p>900</text:p></table:table-cell></table:table-row></table:table>"
    '<text:p><text:a xlink:href="other.odt">there</text:a></text:p></office:text>',
    **{"meta.xml": "<m><title>About kilns</title></m>"},
)


def test_an_opendocument_text_is_its_paragraphs_below_its_headings() -> None:
    document = read_as("odt", TEXT)

    assert document.title == "About kilns"
    assert shown(document) == [("Kilns", 1, 4, "Kilns\nWarm it slowly. A note.\nheat | 900\nthere")]
    assert document.links == (Link("other.odt", "there", 4),)


@pytest.mark.parametrize(("name", "data"), [("docx", WORD), ("odt", TEXT)])
def test_the_unpacked_text_has_every_paragraph_on_its_line(name: str, data: bytes) -> None:
    unpack = format_named(name).unpacker()
    assert unpack is not None
    lines = unpack(data).split("\n")

    for section in read_as(name, data).sections:
        assert section.text.split("\n") == lines[section.line_start - 1 : section.line_end]


def test_a_row_of_a_table_and_a_paragraph_are_quoted_by_themselves() -> None:
    section = read_as("docx", WORD).sections[1]

    assert [(u.line_offset_start, u.kind, u.plain) for u in sentences(section.text, "docx")] == [
        (0, "text", "Care of kilns"),
        (1, "text", "Warm it slowly.See there"),
        (2, "row", "heat | 900"),
    ]


def test_a_presentation_has_a_section_a_slide() -> None:
    data = pptx(
        slide(shape("Kilns", "ctrTitle"), shape("by Jane"), shape("1", "sldNum")),
        slide("<p:pic/>"),
        slide(shape("Warm it slowly.")),
        **{
            "ppt__slides___rels__s2.xml.rels": relations(n="notesSlide:../notes/n.xml"),
            "ppt__notes__n.xml": slide(shape("Say it twice.")),
        },
    )
    document = read_as("pptx", data)

    assert shown(document) == [
        ("Kilns", 1, 1, "Kilns\n\nby Jane"),
        ("", 3, 3, "Warm it slowly.\n\nSay it twice."),
    ]
    assert document.title == "Kilns"
    assert document.unread == ("1 slide: pictures without text",)


def test_an_opendocument_presentation_has_a_section_a_slide() -> None:
    frame = '<draw:frame presentation:class="{}"><text:p>{}</text:p></draw:frame>'
    data = odf(
        f"<draw:page>{frame.format('title', 'Kilns')}{frame.format('outline', 'Warm')}</draw:page>"
        f"<draw:page>{frame.format('outline', 'Cool')}</draw:page>"
    )

    assert shown(read_as("odp", data)) == [("Kilns", 1, 1, "Kilns\n\nWarm"), ("", 2, 2, "Cool")]


def test_a_book_has_a_section_a_heading_of_each_chapter() -> None:
    page = "<!DOCTYPE html><html><head><title>t</title></head><body>{}</body></html>"
    data = epub(
        {
            "one.xhtml": page.format("<h1>Clay</h1><p>Dig &amp; wash.</p><p>Dry.</p>"),
            "two.xhtml": page.format("<h1>Fire</h1><p>Warm.</p><h2>Cool</h2><p>Wait.</p>"),
        }
    )
    document = read_as("epub", data)

    assert document.title == "A Book"
    assert shown(document) == [
        ("Clay", 1, 1, "Clay\n\nDig & wash.\n\nDry."),
        ("Fire", 2, 2, "Fire\n\nWarm."),
        ("Cool", 2, 2, "Cool\n\nWait."),
    ]


def test_a_chapter_that_a_book_names_again_is_read_once() -> None:
    book = epub({"one.xhtml": "<h1>Clay</h1><p>Dig.</p>"})
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    (package,) = [name for name in files if name.endswith(".opf")]
    files[package] = re.sub(rb"<itemref[^>]*>", rb"\g<0>\g<0>\g<0>", files[package])

    sections = read_as("epub", pack(files)).sections

    assert [(s.line_start, s.heading) for s in sections] == [(1, "Clay")]


def test_a_locked_book_says_so() -> None:
    data = epub({"one.xhtml": "<p>x</p>"})
    names = packed.Archive(data).names()
    files = {name: zip_part(data, name) for name in names}
    files["META-INF/encryption.xml"] = b'<e><CipherReference URI="OPS/one.xhtml"/></e>'

    with pytest.raises(ReaderError) as caught:
        read_as("epub", pack(files))

    assert caught.value.reason == "encrypted"


BOMB = (
    '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    "<w:document xmlns:w='urn:w'>&b;</w:document>"
)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (BOMB, "declares entities"),
        ('<!DOCTYPE w [<!ENTITY a SYSTEM "/etc/passwd">]><w>&a;</w>', "declares entities"),
        ("<w>" * 100_000, "nested too deeply"),
        ("<w><p></w>", "no sound XML"),
        ("", "no sound XML"),
        ('<?xml version="1.0" encoding="klingon"?><w/>', "no sound XML"),
        ('<?xml version="1.0" encoding="utf-7"?><w/>', "no sound XML"),
    ],
)
def test_hostile_xml_is_refused(content: str, said: str) -> None:
    with pytest.raises(ReaderError, match=said):
        read_as("docx", pack({"word/document.xml": content}))


def test_an_archive_that_grows_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "MOST_BYTES", 1_000_000)

    with pytest.raises(ReaderError, match="unpacks to more than"):
        read_as("docx", docx(paragraph("a" * 2_000_000)))


def test_an_archive_of_too_many_files_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "_MOST_NAMES", 2)

    with pytest.raises(ReaderError, match="more than 2"):
        read_as("docx", WORD)


def test_a_name_that_leads_out_of_the_archive_leads_nowhere() -> None:
    archive = packed.Archive(pack({"a/b.xml": "<a/>"}))

    assert packed.name_in(archive, "a", "../../../etc/passwd") == ""
    assert packed.name_in(archive, "a", "../a/b.xml") == "a/b.xml"
    assert packed.name_in(archive, "x", "/a/b.xml") == "a/b.xml"


BOOK = epub({"one.xhtml": "<h1>Clay</h1><p>Dig.</p>"})
SHOW = pptx(slide(shape("Kilns", "title")))


@pytest.mark.parametrize(
    ("suffix", "data"),
    [("docx", WORD), ("odt", TEXT), ("odp", TEXT), ("pptx", SHOW), ("epub", BOOK)],
)
def test_a_damaged_file_is_skipped_with_a_reason(tmp_path, suffix: str, data: bytes) -> None:
    draw = random.Random(0)
    for number in range(60):
        damaged = bytearray(data)
        for _ in range(draw.randint(1, 8)):
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        cut = bytes(damaged[: draw.randrange(len(data))] if number % 3 == 0 else damaged)
        (tmp_path / f"x{number}.{suffix}").write_bytes(cut)
    for found in walk([tmp_path]):
        outcome = read(found)

        assert isinstance(outcome, Document) or outcome.reason in ("broken", "encrypted")
        if not isinstance(outcome, Document):
            assert "Error:" not in outcome.detail, outcome.detail


def test_what_is_no_archive_is_broken() -> None:
    for data in (b"", b"PK", b"\xd0\xcf\x11\xe0 an old Word file"):
        with pytest.raises(ReaderError, match="no sound archive"):
            read_as("docx", data)

import hashlib
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docsearch_cli import files
from docsearch_cli.corpus.formats import text
from docsearch_cli.corpus.formats.readers import read
from docsearch_cli.corpus.formats.table import format_of_suffix
from docsearch_cli.corpus.plain_text import sentences
from docsearch_cli.corpus.walk.found_files import FoundFile
from docsearch_cli.corpus.walk.walk_roots import walk
from docsearch_cli.models import Document, LedgerEntry
from tests.cpu_time import cpu_s, grows_linearly
from tests.support import usual_or_soak

Folder = Callable[[dict[str, str | bytes]], Path]


def read_one(root: Path) -> Document | LedgerEntry:
    (found,) = walk([root])
    assert isinstance(found, FoundFile)
    return read(found)


def reason_of(root: Path) -> str:
    outcome = read_one(root)
    assert isinstance(outcome, LedgerEntry)
    return outcome.reason


def read_as(suffix: str, source: str) -> Document:
    form = format_of_suffix(suffix)
    assert form is not None
    return form.reader()("x", source, "")


def test_hash_is_that_of_the_bytes(folder: Folder) -> None:
    document = read_one(folder({"a.md": "\ufeff# T\r\n"}))

    assert isinstance(document, Document)
    assert document.content_hash == hashlib.sha256("\ufeff# T\r\n".encode()).hexdigest()


def test_utf16_file_is_decoded(folder: Folder) -> None:
    document = read_one(folder({"a.md": "# Größe\r\n".encode("utf-16")}))

    assert isinstance(document, Document)
    assert document.title == "Größe"


def test_empty_file_is_a_document_without_sections(folder: Folder) -> None:
    for name in (
        f"a-note.{suffix}" for suffix in ("md", "txt", "html", "rst", "adoc", "org", "ipynb")
    ):
        root = folder({name: b""})
        document = read_one(root / name)

        assert isinstance(document, Document)
        assert (document.title, document.sections) == ("a note", ())


def test_binary_with_a_text_suffix_is_reported(folder: Folder) -> None:
    assert reason_of(folder({"a.md": b"\x7fELF\x00\x00\x01"})) == "binary"


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("care.Rmd", "---\ntitle: Care\n---\n\n## Before {#before}\n\n[there](rest.Rmd#cool)\n"),
        ("care.qmd", "## Before\n\n[there](rest.qmd)\n"),
        ("care.mdwn", "## Before\n\n[there](rest.mdwn)\n"),
        ("care.asc", "= Care\n\n== Before\n\nxref:rest.asc[there]\n"),
        ("care.restx", "Care\n====\n\nBefore\n------\n\n`there <rest.restx>`_\n"),
        ("CARE", "# Care\n\n## Before\n\n[there](rest.md)\n"),
        ("care.txt", "# Care\n\n## Before\n\n[there](rest.md)\n"),
    ],
)
def test_other_suffixes_of_a_format_are_read_as_it(folder: Folder, name: str, source: str) -> None:
    document = read_one(folder({name: source}))

    assert isinstance(document, Document)
    assert document.sections[-1].heading == "Before"
    assert [link.text for link in document.links] == ["there"]


def test_a_signature_beside_a_file_is_no_document(folder: Folder) -> None:
    assert (
        reason_of(folder({"a.tar.asc": "-----BEGIN PGP SIGNATURE-----\n\niQ=\n"})) == "unsupported"
    )


def test_unknown_suffix_is_judged_by_content(folder: Folder) -> None:
    assert reason_of(folder({"core.1234": b"\x00\x01\x02"})) == "binary"
    document = read_one(folder({"core.1234": "some text"}))
    assert isinstance(document, Document)
    assert document.markup == "text"


@pytest.mark.parametrize(
    ("source", "markup"),
    [
        ("=====\nTitle\n=====\n\n.. _label:\n\nPart\n----\n", "rst"),
        ("Title\r\n=====\r\n\r\n.. note:: x\r\n", "rst"),
        ("Title\n=====\n\nSee :ticket:`1`.\n", "rst"),
        ("Title\n=====\n\nplain text ... and so on\n", "text"),
        ("Say\n\n.. note:: x\n", "text"),
        ("a | b\n-----\n1 | 2\n.. and more\n", "text"),
    ],
)
def test_restructuredtext_in_a_text_file_is_read_as_such(
    folder: Folder, source: str, markup: str
) -> None:
    document = read_one(folder({"a.txt": source}))

    assert isinstance(document, Document)
    assert document.markup == markup


@pytest.mark.parametrize(
    ("name", "source", "markup"),
    [
        ("a.rst.txt", ".. _label:\n\nOnly text.\n", "rst"),
        ("a.MD.TXT", "# Title\n", "markdown"),
        ("a.ipynb.txt", '{"cells": [], "nbformat": 4}', "notebook"),
        ("a.b.txt", "# Title\n", "text"),
    ],
)
def test_source_that_sphinx_kept_is_read_by_its_first_suffix(
    folder: Folder, name: str, source: str, markup: str
) -> None:
    document = read_one(folder({name: source}))

    assert isinstance(document, Document)
    assert document.markup == markup


def test_pdf_is_known_by_its_signature(folder: Folder, pdf_bytes: Callable[..., bytes]) -> None:
    document = read_one(folder({"paper": pdf_bytes([[(12, "Hello")]])}))

    assert isinstance(document, Document)
    assert document.markup == "pdf"


@pytest.mark.parametrize("name", ["a.py", "b.JSON", "c.png"])
def test_code_data_and_pictures_are_unsupported(folder: Folder, name: str) -> None:
    assert reason_of(folder({name: "x"})) == "unsupported"


@pytest.mark.parametrize("name", ["a.doc", "b.MOBI", "c.rtf"])
def test_packed_texts_are_unsupported_with_advice(folder: Folder, name: str) -> None:
    outcome = read_one(folder({name: b"PK\x03\x04"}))

    assert isinstance(outcome, LedgerEntry)
    assert outcome.reason == "unsupported"
    assert outcome.detail.endswith("files; saved as PDF, .docx, .odt or Markdown it is read")


@pytest.mark.parametrize("error", [RecursionError(), MemoryError(), KeyError("x"), ValueError("é")])
def test_whatever_a_parser_raises_becomes_a_row(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(path: str, source: str | bytes, content_hash: str) -> Document:
        raise error

    monkeypatch.setattr(text, "read_text", fail)

    assert reason_of(folder({"a.txt": "x"})) == "broken"


def test_file_gone_since_the_walk_is_unreadable(folder: Folder) -> None:
    root = folder({"a.md": "x"})
    (found,) = walk([root])
    assert isinstance(found, FoundFile)
    found.file.unlink()

    outcome = read(found)

    assert isinstance(outcome, LedgerEntry)
    assert outcome.reason == "unreadable"


@pytest.mark.parametrize("kind", ["pipe", "link"])
def test_pipe_or_link_in_the_place_of_a_file_neither_blocks_nor_leads_away(
    folder: Folder, tmp_path: Path, kind: str
) -> None:
    (tmp_path / "secret").write_text("s")
    root = folder({"a.md": "x"})
    (found,) = walk([root])
    assert isinstance(found, FoundFile)
    found.file.unlink()
    if kind == "pipe":
        os.mkfifo(found.file)
    else:
        found.file.symlink_to(tmp_path / "secret")

    outcome = read(found)

    assert isinstance(outcome, LedgerEntry)
    assert outcome.reason == "unreadable"


def test_file_without_permission_is_unreadable(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    root = folder({"a.md": "x"})
    (found,) = walk([root])
    assert isinstance(found, FoundFile)
    monkeypatch.setattr(files.os, "open", refuse)

    outcome = read(found)

    assert isinstance(outcome, LedgerEntry)
    assert (outcome.reason, outcome.detail) == ("unreadable", "Permission denied")


def test_utf8_is_read_as_such_in_any_locale(folder: Folder) -> None:
    root = folder({"a.md": "# Größe 中"})
    code = (
        "import sys; from pathlib import Path; from tests.loading import load_corpus; "
        "print(ascii(load_corpus([Path(sys.argv[1])]).documents[0].title))"
    )
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}

    shown = subprocess.run(
        [sys.executable, "-c", code, str(root)],
        env=environment, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip

    assert shown.strip() == ascii("Größe 中")


@settings(max_examples=usual_or_soak(37, 150), deadline=None)
@given(
    data=st.binary(max_size=400)
    | st.text(max_size=400).map(lambda text: text.encode("utf-8", "replace")),
    suffix=st.sampled_from(
        [".md", ".rst", ".html", ".txt", ".adoc", ".org", ".pdf", ".ipynb", ".xyz", ""]
    ),
)
def test_random_bytes_never_crash_a_reader(data: bytes, suffix: str) -> None:
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / f"x{suffix}").write_bytes(data)

        outcome = read_one(Path(place))

    assert isinstance(outcome, Document | LedgerEntry)
    outcome.path.encode()


@pytest.mark.parametrize(
    ("suffix", "piece"),
    [
        *((".adoc", piece) for piece in ("[[", "<<", "xref:a[", "`+", "((", "[,id=", ":a: {a}\n")),
        *((".org", piece) for piece in ("[[", "[[a][", "=a =", "* a\n", "#+begin_src\n", ":a:\n")),
        *((".md", piece) for piece in ("][", "[a][", "{ref}`", "(a)=\n", "{{< code >}}\n", "` ")),
        *((".rst", piece) for piece in ("  :name: a\n", ".. glossary::\n  a\n", ".. _a:\n")),
        *((".html", piece) for piece in ("<a href=#", "<p role=navigation>", "<h1><a href=#x>")),
    ],
)
def test_hostile_text_is_read_in_linear_time(suffix: str, piece: str) -> None:
    source = piece * (100_000 // len(piece))
    began = time.process_time()

    read_as(suffix, source)

    assert time.process_time() - began < 5


# A run of spaces that is no line's end; expressions that look for one try it from each place.
_GAP = " " * 20_000


@pytest.mark.parametrize(
    ("suffix", "before", "part", "after"),
    [
        (".org", "", f"* a{_GAP}b\n", ""),
        (".org", "", f":a: b{_GAP}c\n", ""),
        (".org", ":PROPERTIES:\n", f":a: b{_GAP}c\n", ""),
        (".org", "", f"#+a: b{_GAP}c\n", ""),
        (".org", "", f"|{_GAP}c\n", ""),
        (".adoc", "", f"= a{_GAP}b\n", ""),
        (".adoc", "", f":a: b{_GAP}c\n", ""),
        (".adoc", "", f"{'+' * 20_000}!\n", ""),
        (".rst", ".. note::\n", f"   :name: a{_GAP}b\n", ""),
        (".rst", "", ".. _a:\n", "\na\n==="),
        (".html", "", "<title>aaaa</title><h1>a</h1>", ""),
        (".html", "", "<title> </title><h1>a</h1>", ""),
        (".html", "", "<h1>a</h1><nav>x</nav>", ""),
        (".html", "", "<h1>a<script>x</script></h1>", ""),
        (".md", "", f"[a]({{{{< ref{' a=' * 20_000} >}})\n", ""),
        (".md", "---\ntitle: t\na: ", "[", "\n---\n"),
        (".md", "---\ntitle: t\na: ", "{", "\n---\n"),
    ],
)
def test_repeated_pattern_takes_linear_time(
    suffix: str, before: str, part: str, after: str
) -> None:
    size = 60_000 if before.startswith("---") else 400_000

    def cost_s(size: int) -> float:
        source = before + part * (size // len(part)) + after

        def read() -> None:
            document = read_as(suffix, source)
            for section in document.sections:
                sentences(section.text, document.markup)

        return cpu_s(read)

    assert grows_linearly(cost_s, size)


_PIECES = (
    *("# ", "\n", "\r\n", "a ", "[x](y.md)", "```", "<a href='q'>", "</a>", "---\n", "===", "::"),
    *(
        "  ",
        ".. _l:",
        "`x`_",
        "<h2>",
        "</h2>",
        "|",
        "é",
        "中。",
        "\u2028",
        "== ",
        "* ",
        "----\n",
        "[[i]]",
        "<<",
        ">>",
        "+++\n",
        ":k: ",
        "#+k: ",
        "\x0c",
        "- ",
        "&amp;",
    ),
)


@settings(max_examples=usual_or_soak(37, 150), deadline=None)
@given(
    pieces=st.lists(
        st.sampled_from(_PIECES),
        max_size=40,
    ),
    suffix=st.sampled_from([".md", ".rst", ".html", ".txt", ".adoc", ".org"]),
)
def test_sections_are_slices_with_true_lines(pieces: list[str], suffix: str) -> None:
    source = "".join(pieces)
    outcome = read_as(suffix, source)
    lines = _lines_with_ends(source)

    for section in outcome.sections:
        assert section.text in "".join(lines[section.line_start - 1 : section.line_end])
    for before, after in zip(outcome.sections, outcome.sections[1:], strict=False):
        assert before.line_end <= after.line_start
    for link in outcome.links:
        assert 1 <= link.line <= len(lines)


def _lines_with_ends(source: str) -> list[str]:
    return re.findall(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+", source) or [""]

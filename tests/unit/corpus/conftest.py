"""Small builders that the corpus tests share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from docsearch_cli.corpus.formats.markdown import read_markdown
from docsearch_cli.models import Document
from tests.loading import Corpus, load_corpus

Files = dict[str, str | bytes]


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[Files], Path]:
    """Write files below a fresh folder and return it."""

    def write(files: Files) -> Path:
        root = tmp_path / "docs"
        root.mkdir(exist_ok=True)
        for name, content in files.items():
            file = root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return root

    return write


@pytest.fixture
def corpus_of(folder: Callable[[Files], Path]) -> Callable[[Files], Corpus]:
    """Write files and load them."""
    return lambda files: load_corpus([folder(files)], workers=1)


@pytest.fixture
def markdown() -> Callable[[str], Document]:
    """Read a Markdown source."""
    return lambda source: read_markdown("note.md", source, "")


def make_pdf(
    pages: list[list[tuple[int, str]]],
    *,
    title: str = "",
    encrypted: bool = False,
    annotations: dict[int, str] | None = None,
    pictures: tuple[int, ...] = (),
) -> bytes:
    """Build a PDF; a page is a list of font size and line.

    ``annotations`` has bodies of annotation dictionaries by page, ``pictures`` the pages, both
    counted from 0, that show a picture.
    """
    annotations = annotations or {}
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    kids = []
    for index, lines in enumerate(pages):
        number = len(objects) + 1
        kids.append(f"{number} 0 R")
        y, drawn = 760, []
        for size, line in lines:
            drawn.append(f"BT /F1 {size} Tf 60 {y} Td ({line}) Tj ET")
            y -= size + 6
        if index in pictures:
            drawn.append("q 90 0 0 90 60 60 cm BI /W 1 /H 1 /CS /G /BPC 8 ID A EI Q")
        stream = "\n".join(drawn)
        note = f"/Annots [<< /Type /Annot {annotations.get(index, '')} >>] "
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents {number + 1} 0 R "
            f"{note if index in annotations else ''}"
            "/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica "
            "/Encoding /WinAnsiEncoding >> >> >> >>",
            f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        ]
    if annotations:
        objects[0] = "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [] /DA (/F1 9 Tf) >> >>"
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    objects.append(f"<< /Title ({title}) >>")
    body, offsets = "%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    lock = (
        f"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{'41' * 32}> /U <{'42' * 32}> >> "
        f"/ID [<{'43' * 16}> <{'43' * 16}>] "
        if encrypted
        else ""
    )
    size = len(objects) + 1
    trailer = f"trailer << /Size {size} /Root 1 0 R /Info {len(objects)} 0 R {lock}>>"
    return (
        f"{body}xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}\n"
        f"startxref\n{len(body)}\n%%EOF\n"
    ).encode("latin-1")


@pytest.fixture
def pdf_bytes() -> Callable[..., bytes]:
    """Build PDF files."""
    return make_pdf

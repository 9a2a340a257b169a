"""PowerPoint presentations (.pptx): the text of each slide, and its speaker's notes.

Read from the archive's XML as the standard (ECMA-376) has it, as ``docx.py`` does.
"""

from __future__ import annotations

from collections.abc import Mapping

from docsearch_cli.corpus.formats.packed import Archive, relations_of, titles_in
from docsearch_cli.corpus.formats.paragraphs import CELL_MARK
from docsearch_cli.corpus.formats.slides import Slide, document_of_slides
from docsearch_cli.models import Document

_MAIN = "ppt/presentation.xml"
_PROPERTIES = "docProps/core.xml"
_TITLES = frozenset(("title", "ctrTitle"))
# Placeholders that say the same on every slide.
_REPEATED = frozenset(("sldNum", "dt", "ftr", "hdr", "sldImg"))


def read_pptx(path: str, data: bytes, content_hash: str) -> Document:
    """Read one PowerPoint presentation.

    Args:
        path: The document's path, for its title when nothing in the file gives one.
        data: The file's bytes.
        content_hash: Hash of the file's bytes.

    Returns:
        The document, a section a slide.
    """
    archive = Archive(data)
    order = _Order()
    archive.parse(_MAIN, order)
    parts = relations_of(archive, _MAIN)
    slides = [
        _read_slide(archive, parts[key][1]) if key in parts and parts[key][1] else Slide()
        for key in order.slides
    ]
    return document_of_slides(slides, titles_in(archive, _PROPERTIES), path, "pptx", content_hash)


def _read_slide(archive: Archive, part: str) -> Slide:
    slide = Slide()
    relations = relations_of(archive, part)
    addresses = {key: target for key, (_, target, is_out) in relations.items() if is_out}
    archive.parse(part, _Shapes(slide, addresses))
    for kind, target, _ in relations.values():
        if kind == "notesSlide" and target:
            archive.parse(target, _Shapes(slide, {}))
    return slide


class _Order:
    """Gathers the slides in the order in which they are shown."""

    def __init__(self) -> None:
        self.slides: list[str] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Take a slide's relation."""
        if name == "sldId":
            self.slides.append(attributes.get("id", ""))

    def end(self, name: str) -> None:
        """Do nothing."""

    def text(self, data: str) -> None:
        """Do nothing."""


class _Shapes:
    """Gathers the paragraphs of a slide's shapes."""

    def __init__(self, slide: Slide, addresses: Mapping[str, str]) -> None:
        self._slide = slide
        self._addresses = addresses
        self._pieces: list[str] = []
        self._cells: list[str] | None = None
        self._kind = ""
        self._link = ""
        self._is_text = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Take the beginning of an element."""
        if name == "sp":
            self._kind = ""
        elif name == "ph":
            self._kind = attributes.get("type", "body")
        elif name == "t":
            self._is_text = True
        elif name == "br":
            self._pieces.append(" ")
        elif name in ("pic", "graphicFrame"):
            self._slide.has_picture = True
        elif name == "tr":
            self._cells = []
        elif name == "hlinkClick":
            self._link = self._addresses.get(attributes.get("id", ""), "")

    def end(self, name: str) -> None:
        """Take the end of an element."""
        if name == "t":
            self._is_text = False
        elif name == "r" and self._link:
            words = self._pieces[-1].strip() if self._pieces else ""
            self._slide.links.append((self._link, words))
            self._link = ""
        elif name == "p":
            text = "".join(self._pieces)
            self._pieces = []
            if self._cells is not None:
                self._cells.append(" ".join(text.split()))
            elif self._kind not in _REPEATED:
                self._slide.add(text, is_title=self._kind in _TITLES)
        elif name == "tr" and self._cells is not None:
            self._slide.add(CELL_MARK.join(filter(None, self._cells)))
            self._cells = None

    def text(self, data: str) -> None:
        """Take text."""
        if self._is_text:
            self._pieces.append(data)

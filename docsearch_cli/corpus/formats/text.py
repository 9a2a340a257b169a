"""Plain text: paragraphs without headings; its name is the only title it has."""

from __future__ import annotations

from docsearch_cli.corpus.encoding import line_number, line_starts
from docsearch_cli.corpus.makefiles import made_in
from docsearch_cli.corpus.naming import title_of_path
from docsearch_cli.corpus.redirects import redirects_in
from docsearch_cli.models import Document, Section


def read_text(path: str, source: str, content_hash: str) -> Document:
    """Read one plain text file.

    Args:
        path: The document's path, which gives its title.
        source: The decoded file.
        content_hash: Hash of the file's bytes.

    Returns:
        The document, with one section unless it is blank.
    """
    text = source.rstrip()
    sections: tuple[Section, ...] = ()
    if text:
        starts = line_starts(source)
        first = line_number(starts, len(text) - len(text.lstrip()))
        last = line_number(starts, len(text) - 1)
        sections = (Section("", 0, first, last, text[starts[first - 1] :]),)
    labels = (*redirects_in(path, source), *made_in(path, source))
    return Document(path, title_of_path(path), "text", content_hash, sections, labels=labels)

"""reStructuredText, read line by line.

docutils reads 136 files a second, needs Sphinx for most real files and may include other files; so
sections, labels and references are found here, by the rules of its specification, and docutils is
the reference in the tests. Literal blocks, code, comments and literals are blanked out first, on a
copy with the same offsets, so what is found afterwards is a title or a reference wherever it is in
a line.
"""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from functools import partial
from itertools import groupby

from docsearch_cli.corpus.anchor_rules import HeadingAnchors
from docsearch_cli.corpus.decoded_file import DecodedFile, document_of, parse_file
from docsearch_cli.corpus.formats.rst_lines import (
    Title,
    blank_unparsed,
    find_labels,
    find_objects,
    find_titles,
)
from docsearch_cli.corpus.formats.rst_links import find_links
from docsearch_cli.corpus.formats.rst_plain import plain_rst
from docsearch_cli.corpus.naming import label_key
from docsearch_cli.corpus.outline import Heading, cut_at_headings
from docsearch_cli.models import Document


def read_rst(path: str, text: str, content_hash: str) -> Document:
    """Read one reStructuredText file.

    Args:
        path: The document's path, for its title when the file has none.
        text: The decoded file.
        content_hash: Hash of the file's bytes.

    Returns:
        The document, its sections not yet cut to size.
    """
    file = parse_file(text)
    lines = file.lines()
    lines[: file.first_line] = [""] * file.first_line
    parsed = blank_unparsed(lines)
    titles = find_titles(parsed)
    labels = find_labels(parsed)
    headings = _headings(file, titles, sorted([*labels, *find_objects(parsed)]))
    names = [title.text for title in titles]
    return document_of(
        file,
        path,
        "rst",
        content_hash,
        names=names,
        sections=cut_at_headings(file, headings, plain_rst),
        links=find_links(parsed, names),
        labels=(label for _, label in labels),
    )


def _headings(
    file: DecodedFile, titles: Sequence[Title], labels: Sequence[tuple[int, str]]
) -> list[Heading]:
    """Return what opens each section, with its slug and the labels that lead to it.

    A label leads to the section it is in, or to the one whose title it is above.
    """
    given = HeadingAnchors()
    headings = [Heading("", 0, file.first_line, [])]
    for title in titles:
        anchors = list(map(label_key, given.anchors_of(title.text)))
        headings.append(Heading(title.text, title.level, title.first_line, anchors))
    bounds = [heading.line for heading in headings[1:]]
    for owner, group in groupby(labels, lambda label: bisect.bisect_right(bounds, label[0])):
        own = list(group)
        # Nothing to read between a label and the title means the same for the labels between them.
        above = len(own)
        if owner < len(bounds):
            end = file.starts[bounds[owner]]
            above = bisect.bisect_left(own, True, key=partial(_is_above, file, end))
        for place, (_, name) in enumerate(own):
            headings[owner + (place >= above)].anchors.append(label_key(name))
    return headings


def _is_above(file: DecodedFile, end: int, label: tuple[int, str]) -> bool:
    """Tell whether there is nothing to read from a label to the offset of the next title."""
    return not plain_rst(file.text[file.starts[label[0]] : end]).strip()

"""reStructuredText, read line by line.

docutils reads 136 files a second, needs Sphinx for most real files and may include other files; so
sections, labels and references are found here, by the rules of its specification, and docutils is
the reference in the tests. Literal blocks, code, comments and literals are blanked out first, on a
copy with the same offsets, so what is found afterwards is a title or a reference wherever it
stands in a line.
"""

from __future__ import annotations

from collections.abc import Iterator

from docsearch_cli.corpus.encoding import line_number, line_starts
from docsearch_cli.corpus.front_matter import parse_front_matter, related_links
from docsearch_cli.corpus.naming import Slugs, first_name, label_key
from docsearch_cli.corpus.plain_rst import plain_rst
from docsearch_cli.corpus.rst_lines import Title, blank_unparsed, find_labels, find_titles
from docsearch_cli.corpus.rst_links import find_links
from docsearch_cli.models import Document, Section


def read_rst(path: str, source: str | bytes, content_hash: str) -> Document:
    """Read one reStructuredText file.

    Args:
        path: The document's path, for its title when the file has none.
        source: The decoded file.
        content_hash: Hash of the file's bytes.

    Returns:
        The document, its sections not yet cut to size.
    """
    assert isinstance(source, str)
    matter = parse_front_matter(source)
    starts = line_starts(source)
    first_line = line_number(starts, matter.end) - 1 if matter.end else 0
    lines = [
        source[start:end].rstrip("\r\n")
        for start, end in zip(starts, [*starts[1:], len(source)], strict=True)
    ]
    lines[:first_line] = [""] * first_line
    parsed = blank_unparsed(lines)
    titles = find_titles(parsed)
    labels = find_labels(parsed)
    sections = tuple(_sections(source, starts, titles, labels, first_line))
    names = [title.text for title in titles]
    return Document(
        path=path,
        title=first_name([matter.title, *names], path),
        markup="rst",
        content_hash=content_hash,
        sections=sections,
        links=(*related_links(source, matter), *find_links(parsed, names)),
        aliases=matter.aliases,
        tags=matter.tags,
        routes=matter.routes,
        labels=tuple(dict.fromkeys(label for _, label in labels)),
    )


def _sections(
    source: str,
    starts: list[int],
    titles: list[Title],
    labels: list[tuple[int, str]],
    first_line: int,
) -> Iterator[Section]:
    slugs = Slugs()
    openings = [Title("", 0, first_line, first_line), *titles]
    anchors_by_title = _labels_by_title(source, starts, openings, labels)
    for index, title in enumerate(openings):
        after = openings[index + 1].first_line if index + 1 < len(openings) else len(starts)
        begin = starts[title.first_line]
        text = source[begin : starts[after] if after < len(starts) else len(source)].rstrip()
        if title.level == 0:
            skipped = len(text) - len(text.lstrip("\r\n"))
            begin, text = begin + skipped, text[skipped:]
        anchors = [slugs.slug_of(title.text)] if title.level else []
        anchors += anchors_by_title[index]
        if text and (title.level or plain_rst(text).strip()):
            yield Section(
                heading=title.text,
                level=title.level,
                line_start=line_number(starts, begin),
                line_end=line_number(starts, begin + len(text) - 1),
                text=text,
                anchors=tuple(dict.fromkeys(map(label_key, anchors))),
            )


def _labels_by_title(
    source: str, starts: list[int], openings: list[Title], labels: list[tuple[int, str]]
) -> list[list[str]]:
    """Give each label to the section it stands in, or to the one whose title it stands above."""
    groups: list[list[str]] = [[] for _ in openings]
    owner = 0
    for line, label in labels:
        while owner + 1 < len(openings) and openings[owner + 1].first_line <= line:
            owner += 1
        is_above = False
        if owner + 1 < len(openings):
            between = source[starts[line] : starts[openings[owner + 1].first_line]]
            is_above = not plain_rst(between).strip()
        groups[owner + is_above].append(label)
    return groups

"""A format of the tests: the first line is the title, ``-> target`` on a line is a link."""

import re

from docsearch_cli.corpus.encoding import line_number, line_starts
from docsearch_cli.corpus.formats.table import Format
from docsearch_cli.corpus.naming import first_name
from docsearch_cli.models import Document, Link, Section

_LINK = re.compile(r"^-> (\S+)[ \t]*$", re.MULTILINE)


def read_toy(path: str, text: str, content_hash: str) -> Document:
    """Read one file."""
    starts = line_starts(text)
    return Document(
        path=path,
        title=first_name(text.splitlines()[:1], path),
        markup="toy",
        content_hash=content_hash,
        sections=(Section("", 0, 1, line_number(starts, len(text.rstrip()) - 1), text.rstrip()),),
        links=tuple(
            Link(found[1], "", line_number(starts, found.start())) for found in _LINK.finditer(text)
        ),
    )


def plain_toy(text: str) -> str:
    """Return a text without its links."""
    return _LINK.sub("", text)


ROW = Format(
    name="toy",
    code=200,
    suffixes=(".toy",),
    read="tests.unit.corpus.formats.toy:read_toy",
    plain="tests.unit.corpus.formats.toy:plain_toy",
)

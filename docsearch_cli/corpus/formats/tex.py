"""TeX and LaTeX, read line by line: headings, labels, references, files taken in.

Macros are not expanded: what a document defines for itself is read as its arguments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from docsearch_cli.corpus.decoded_file import DecodedFile
from docsearch_cli.corpus.encoding import line_number, line_starts
from docsearch_cli.corpus.formats.tex_plain import COMMENT, VERBATIM, plain_tex
from docsearch_cli.corpus.naming import first_name, heading_slug, one_line
from docsearch_cli.corpus.outline import Heading, cut_at_headings
from docsearch_cli.models import Document, Link

_LEVELS = {
    "part": 1,
    "chapter": 1,
    "section": 2,
    "subsection": 3,
    "subsubsection": 4,
    "paragraph": 5,
}
_ARGUMENT = r"(?:\[[^\[\]]{0,300}\][ \t]*)?\{((?:[^{}]|\{[^{}]{0,300}\}){0,500})\}"
_HEADING = re.compile(rf"[ \t]*\\({'|'.join(_LEVELS)})\*?[ \t]*{_ARGUMENT}?")
_TITLE = re.compile(rf"\\title[ \t]*{_ARGUMENT}")
_LABEL = re.compile(r"\\label\{([^{}\r\n]{1,200})\}")
_REFERENCE = re.compile(
    r"\\(?:(?P<ref>(?:page|name|auto|eq|v|c|C)?ref)\*?\{(?P<label>[^{}\r\n]{1,200})\}"
    r"|(?:input|include|subfile|import)\{(?P<file>[^{}\r\n]{1,300})\}"
    r"|(?:href|url)\{(?P<address>[^{}\r\n]{1,500})\}(?:\{(?P<text>[^{}\r\n]{0,300})\})?)"
)
_BEGIN = "\\begin{document}"


def read_tex(path: str, text: str, content_hash: str) -> Document:
    r"""Read one file of TeX.

    Args:
        path: The document's path, for its title when the file has none.
        text: The decoded file.
        content_hash: Hash of the file's bytes.

    Returns:
        The document; what stands before ``\begin{document}`` is not read, but for the title.
    """
    file = DecodedFile(text, line_starts(text))
    lines = list(_without_code(file.lines()))
    begin = text.find(_BEGIN)
    first_line = line_number(file.starts, begin) - 1 if begin >= 0 else 0
    headings = _headings(lines, first_line)
    title = _TITLE.search(text)
    names = [plain_tex(title[1])] if title is not None else []
    return Document(
        path=path,
        title=first_name([*names, *(heading.text for heading in headings[1:])], path),
        markup="tex",
        content_hash=content_hash,
        sections=tuple(cut_at_headings(file, headings, plain_tex)),
        links=tuple(_links(lines)),
        labels=tuple(dict.fromkeys(label for line in lines for label in _LABEL.findall(line))),
    )


def _without_code(lines: Sequence[str]) -> Iterator[str]:
    """Yield the lines without comments, those that are set as they are blank."""
    end = ""
    for line in lines:
        if end:
            yield ""
            end = "" if end in line else end
            continue
        found = VERBATIM.search(line)
        if found is not None and f"\\end{{{found[1]}}}" not in line:
            end = f"\\end{{{found[1]}}}"
        yield COMMENT.sub("", line)


def _headings(lines: Sequence[str], first_line: int) -> list[Heading]:
    headings = [Heading("", 0, first_line, [])]
    for number, line in enumerate(lines):
        found = _HEADING.match(line) if number >= first_line and "\\" in line else None
        if found is not None:
            text = one_line(plain_tex(found[2] or line[found.end() :].strip("{}")))
            anchors = [heading_slug(text)] if text else []
            headings.append(Heading(text, _LEVELS[found[1]], number, anchors))
        headings[-1].anchors.extend(_LABEL.findall(line))
    return headings


def _links(lines: Sequence[str]) -> Iterator[Link]:
    for number, line in enumerate(lines, 1):
        for found in _REFERENCE.finditer(line) if "\\" in line else ():
            if found["ref"]:
                for label in found["label"].split(","):
                    yield Link(label.strip(), "", number, "any")
            elif found["file"]:
                yield Link(found["file"].strip(), "", number)
            else:
                text = one_line(plain_tex(found["text"] or found["address"]))
                yield Link(found["address"].replace("\\", ""), text, number)

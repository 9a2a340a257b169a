"""Descriptions of interfaces and data: OpenAPI, AsyncAPI and JSON Schema, in JSON or YAML.

Other JSON and YAML is data, and not read. A section is a path with a method, a schema, or another
part; its heading says which. Places are lines of the file, so a description is quoted as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from docsearch_cli.corpus.blocks import Block, Line, gather_blocks, line_spans
from docsearch_cli.corpus.decoded_file import DecodedFile
from docsearch_cli.corpus.encoding import line_starts
from docsearch_cli.corpus.naming import first_name, heading_slug, one_line
from docsearch_cli.corpus.outline import Heading, cut_at_headings
from docsearch_cli.corpus.reader_errors import ReaderError
from docsearch_cli.models import Document, Link

SNIFFED_BYTES = 64 * 1024
"""What a description is, it says near its beginning."""
# The parser takes a second for a megabyte.
_MOST_CHARS = 6_000_000
_SIGN = re.compile(
    r"^[ \t{]*[\"']?(?:openapi|swagger|asyncapi)[\"']?[ \t]*:[ \t]*[\"']?\d"
    r"|^[ \t{]*[\"']?\$schema[\"']?[ \t]*:[ \t]*[\"']?https?://json-schema\.org/",
    re.MULTILINE,
)
_METHODS = frozenset(("get", "put", "post", "delete", "options", "head", "patch", "trace"))
_SCHEMAS = frozenset(("definitions", "$defs", "schemas", "properties", "channels", "messages"))
_GROUPS = frozenset(("components", "paths", "webhooks", *_SCHEMAS))
_INTERFACES = (("paths",), ("webhooks",), ("components",))
_MOST_DEPTH = 4
_BRACKET = re.compile(r"[\[\]{}]")
_MOST_NESTED = 500
_REFERENCE = re.compile(r"[\"']?\$ref[\"']?[ \t]*:[ \t]*[\"']?([^\s\"'#,{}]{1,300})")
_MARKS = re.compile(r"^[ \t]*(?:-[ \t]+)?|[\"{}\[\]]|,[ \t]*$|(?<=:)[ \t]*[|>][+-]?[ \t]*$")
_ESCAPE = re.compile(r"\\(?:[nrt]|u00[01][0-9a-fA-F])")
_TEXT = re.compile(
    r"[ \t]*(?:-[ \t]+)?[\"']?(?:description|summary|title|\$comment)[\"']?[ \t]*:[ \t]*[\"']?"
)


def looks_like_schema(text: str) -> bool:
    """Tell whether JSON or YAML describes an interface or data."""
    return _SIGN.search(text, 0, SNIFFED_BYTES) is not None


def read_schema(path: str, text: str, content_hash: str) -> Document:
    """Read one description.

    Args:
        path: The document's path, for its title when nothing in the file gives one.
        text: The decoded file.
        content_hash: Hash of the file's bytes.

    Returns:
        The document.

    Raises:
        ReaderError: If it is damaged, or too large.
    """
    import yaml

    if len(text) > _MOST_CHARS:
        limit = f"{_MOST_CHARS:,} characters"
        raise ReaderError(f"a description of more than {limit}", reason="too-large")
    if _is_deep(text):
        raise ReaderError("nested too deeply")
    file = DecodedFile(text, line_starts(text))
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        root = yaml.compose(text, Loader=loader)
    except (yaml.YAMLError, ValueError) as error:
        raise ReaderError(f"no sound JSON or YAML: {error}") from error
    parts = _Parts()
    parts.gather(root)
    unique = {heading.line: heading for heading in reversed(parts.headings)}
    return Document(
        path=path,
        title=first_name(parts.titles, path),
        markup="schema",
        content_hash=content_hash,
        sections=tuple(
            cut_at_headings(file, [unique[line] for line in sorted(unique)], plain_schema)
        ),
        links=tuple(_links(file.lines())),
    )


def _is_deep(text: str) -> bool:
    """Tell whether a text may be nested so deeply that the parser, which recurses, would crash."""
    depth = deepest = 0
    for found in _BRACKET.finditer(text):
        depth += 1 if found[0] in "[{" else -1
        deepest = max(deepest, depth)
    return deepest > _MOST_NESTED or "- " * _MOST_NESTED in text or "? " * _MOST_NESTED in text


class _Parts:
    """Gathers the parts of a description: a heading for each, and the titles of the whole."""

    def __init__(self) -> None:
        self.headings = [Heading("", 0, 0, [])]
        self.titles: list[str] = []
        self._seen: set[int] = set()

    def gather(self, node: Any, above: tuple[str, ...] = ()) -> None:
        """Add what a node holds, each node once, however often others point at it."""
        if id(node) in self._seen or len(above) > _MOST_DEPTH:
            return
        self._seen.add(id(node))
        is_interface = above[:1] in _INTERFACES
        for key, value in _pairs(node):
            name, line = key.value, key.start_mark.line
            if isinstance(value.value, str):
                if name == "title" and above in ((), ("info",)):
                    self.titles.append(one_line(value.value))
                continue
            if name in _METHODS and is_interface:
                self._add(f"{name.upper()} {above[-1]}{_summary(value)}", line, 2)
            elif above and above[-1] in _SCHEMAS and len(above) <= 2:
                self._add(name, line, 2)
            elif not above:
                self._add(name, line, 1)
            if name in _GROUPS or is_interface or not above:
                self.gather(value, (*above, name))

    def _add(self, text: str, line: int, level: int) -> None:
        text = one_line(text)
        self.headings.append(Heading(text, level, line, [heading_slug(text)]))


def _pairs(node: Any) -> Iterator[tuple[Any, Any]]:
    value = node.value if node is not None and node.id == "mapping" else []
    for key, inside in value:
        if isinstance(key.value, str):
            yield key, inside


def _summary(node: Any) -> str:
    for key, value in _pairs(node):
        if key.value == "summary" and isinstance(value.value, str):
            return f": {value.value}"
    return ""


def _links(lines: list[str]) -> Iterator[Link]:
    for number, line in enumerate(lines, 1):
        if "$ref" in line:
            for target in _REFERENCE.findall(line):
                yield Link(target, "", number)


def plain_schema(text: str) -> str:
    """Return the words of a piece of JSON or YAML, without its marks; lines stay lines."""
    return "\n".join(_ESCAPE.sub(" ", _MARKS.sub("", text[a:b])) for a, b in line_spans(text))


def schema_blocks(text: str) -> Iterator[Block]:
    """Find the lines of a description.

    Args:
        text: Raw text of a section.

    Returns:
        A line's block is what describes, without its key; of any other the line.
    """
    return gather_blocks(text, _lines(text))


def _lines(text: str) -> Iterator[Line]:
    for start, end in line_spans(text):
        said = _TEXT.match(text, start, end)
        if not text[start:end].strip(' \t{}[],"'):
            yield Line(start, end, "gap")
        else:
            yield Line(said.end() if said else start, end, "item" if said else "row")

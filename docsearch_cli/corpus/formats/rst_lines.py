"""The line structure of reStructuredText: what is parsed at all, titles, labels."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from docsearch_cli.corpus.formats.rst_plain import ADORNMENT, LABEL_START, plain_rst_inline
from docsearch_cli.corpus.naming import one_line

_DIRECTIVE = re.compile(r"\.\.[ \t]+(?:\|[^|]+\|[ \t]+)?([\w:.+-]+?)[ \t]?::(?:[ \t]|$)")
_EXPLICIT_TARGET = re.compile(r"\.\.[ \t]+(?:_|\[[^\]]+\]|\|)|__[ \t]")
_COMMENT = re.compile(r"\.\.(?:[ \t]|$)")
_LABEL = re.compile(LABEL_START + r"(?!_)(?:`([^`]+)`|((?:\\.|[^:\\])+)):[ \t]*$")
# Directives whose content is not text with references in it.
_UNPARSED_NAMES = (
    "code code-block sourcecode literalinclude highlight parsed-literal raw math doctest testcode "
    "testsetup testoutput testcleanup prompt ipython graphviz digraph uml plantuml mermaid jinja "
    "productionlist highlightlang meta index csv-table command-output program-output "
    "autoclass automodule"
)
_UNPARSED_DIRECTIVES = frozenset(_UNPARSED_NAMES.split())
_NAME_OPTION = re.compile(r"[ \t]+:name:[ \t]++(\S(?:.*[^ \t])?)[ \t]*$")
_OPTION = re.compile(r"[ \t]+:[\w-]+:(?:[ \t]|$)")
# Keeps a file that is all fields linear.
_MOST_OPTIONS = 30
_OBJECT = re.compile(
    r"[ \t]*\.\.[ \t]+(?:[\w-]+:[\w-]+|attribute|class|confval|data|describe|envvar|exception"
    r"|function|macro|method|object|option|type|var)::[ \t]+([\w.-]+)"
)
_GLOSSARY = re.compile(r"[ \t]*\.\.[ \t]+glossary::")
# docutils reads a shorter line under a longer text as text.
_SURE_ADORNMENT = 4


# Plain text sometimes has an underlined title, but hardly ever a directive, label or role as well.
_UNDERLINED = re.compile(r"^\S[^\n]{0,200}\n([=\-~^\"#*+`])\1{2,}[ \t]*$", re.MULTILINE)
_EXPLICIT_MARKUP = re.compile(
    r"^\.\. (?:[\w:-]{2,40}::(?:[ \t]|$)|_[^:\n]{1,100}:)|:[a-z]{2,20}:`[^`\n]{1,200}`",
    re.MULTILINE,
)
_MOST_SNIFFED_CHARS = 64 * 1024


class Title(NamedTuple):
    """A section title."""

    text: str
    level: int
    first_line: int
    """Index of its first line, overline included, from 0."""
    text_line: int


def looks_like_rst(source: str) -> bool:
    """Tell whether text of an unspecific suffix is reStructuredText, by its titles and marks."""
    start = source[:_MOST_SNIFFED_CHARS].replace("\r\n", "\n")
    return bool(_EXPLICIT_MARKUP.search(start) and _UNDERLINED.search(start))


def indentation(line: str) -> int:
    """Return the column at which a line's text begins, tabs expanded."""
    return len(line.expandtabs(8)) - len(line.expandtabs(8).lstrip())


def blank_unparsed(lines: Sequence[str]) -> list[str]:
    """Blank out what reStructuredText does not parse.

    Args:
        lines: The file's lines.

    Returns:
        As many lines, with literal blocks, code, comments and doctests replaced by blank lines;
        the markers that open them remain.
    """
    parsed: list[str] = []
    unparsed_above = -1  # blank out lines that are indented deeper; -1 for none
    for line in lines:
        stripped = line.strip()
        if not stripped:
            parsed.append("")
            continue
        indent = indentation(line)
        if unparsed_above >= 0:
            if indent > unparsed_above:
                parsed.append("")
                continue
            unparsed_above = -1
        if stripped.startswith(".."):
            directive = _DIRECTIVE.match(stripped)
            if directive:
                if directive[1].lower() in _UNPARSED_DIRECTIVES:
                    unparsed_above = indent
            elif not _EXPLICIT_TARGET.match(stripped) and _COMMENT.match(stripped):
                unparsed_above = indent
                line = ""
        elif stripped.startswith(">>>"):
            line = ""
        elif stripped.endswith("::"):
            unparsed_above = indent
        parsed.append(line)
    return parsed


def find_titles(lines: Sequence[str]) -> list[Title]:
    """Find the section titles; a style's level follows from the order of first appearance.

    Args:
        lines: Parsed lines, see ``blank_unparsed``.

    Returns:
        Titles in order.
    """
    titles: list[Title] = []
    styles: list[tuple[str, bool]] = []
    number = 0
    while number < len(lines):
        found = _title_at(lines, number)
        if found is None:
            number += 1
            continue
        text, mark, has_overline, length = found
        style = mark, has_overline
        if style not in styles:
            styles.append(style)
        text_line = number + has_overline
        titles.append(Title(_plain_title(text), styles.index(style) + 1, number, text_line))
        number += length
    return titles


def _title_at(lines: Sequence[str], number: int) -> tuple[str, str, bool, int] | None:
    """Return a title's text, adornment character, whether it has an overline, and its length."""
    line = lines[number]
    if not line.strip() or number + 1 >= len(lines):
        return None
    following = lines[number + 1]
    if _is_adornment(line):
        if number + 2 >= len(lines) or not following.strip() or _is_adornment(following):
            return None
        under = lines[number + 2].rstrip()
        if under != line.rstrip() or _is_too_short(line, following):
            return None
        return following.strip(), line[0], True, 3
    if not (
        _is_adornment(following) or (len(following) == len(line) == 1 and not following.isalnum())
    ):
        return None
    if line[0].isspace() or _is_too_short(following, line):
        return None
    if number and lines[number - 1].strip() and not _may_precede_title(lines, number - 1):
        return None
    return line.strip(), following[0], False, 2


def _is_adornment(line: str) -> bool:
    return bool(line) and ADORNMENT.fullmatch(line) is not None and len(line.rstrip()) > 1


def _is_too_short(adornment: str, text: str) -> bool:
    length = len(adornment.rstrip())
    return length < _SURE_ADORNMENT and length < _columns(text.strip())


def _columns(text: str) -> int:
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + (wide if not text.isascii() else 0)


def _may_precede_title(lines: Sequence[str], number: int) -> bool:
    """Tell whether a title may follow a line at once: an explicit mark or another title."""
    line = lines[number]
    return line.startswith(("..", "__ ")) or _is_adornment(line) or line[0].isspace()


def _plain_title(text: str) -> str:
    return one_line(plain_rst_inline(text))


def find_labels(lines: Sequence[str]) -> list[tuple[int, str]]:
    """Find the internal targets ``.. _label:``, names of directives, and terms of glossaries.

    Args:
        lines: Parsed lines, see ``blank_unparsed``.

    Returns:
        The index of each label's line and its name as written, backslashes removed; a term has
        ``term:`` in front. One whose address follows on the next line is not a label.
    """
    labels = list(_find_terms(lines))
    for number, line in enumerate(lines):
        if ":name:" in line and (named := _NAME_OPTION.match(line)) and _is_option(lines, number):
            labels.append((number, named[1]))
        if "_" not in line:
            continue
        found = _LABEL.match(line)
        if found is None:
            continue
        if continuation(lines, number):
            continue
        labels.append((number, re.sub(r"\\(.)", r"\1", found[1] or found[2]).strip()))
    return sorted(labels)


def find_objects(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield what domains of Sphinx describe, which are places of the page: ``.. py:class:: Name``.

    Args:
        lines: Parsed lines, see ``blank_unparsed``.

    Yields:
        The index of each line, and the name.
    """
    for number, line in enumerate(lines):
        if "::" in line and (found := _OBJECT.match(line)):
            yield number, found[1]


def continuation(lines: Sequence[str], number: int) -> str:
    """Return the address of a label, or its beginning, where it follows on the next line."""
    line = lines[number]
    following = lines[number + 1] if number + 1 < len(lines) else ""
    column = len(line[: line.index("..")].expandtabs(8))
    return following.strip() if indentation(following) > column else ""


def _is_option(lines: Sequence[str], number: int) -> bool:
    """Tell whether a field belongs to a directive, whose options are right below it."""
    first = max(0, number - _MOST_OPTIONS)
    while number > first and _OPTION.match(lines[number]):
        number -= 1
    return _DIRECTIVE.match(lines[number].strip()) is not None


def _find_terms(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield the terms of glossaries: the lines of the first column, without classifiers."""
    glossary = term_column = -1
    for number, line in enumerate(lines):
        if _GLOSSARY.match(line):
            glossary, term_column = indentation(line), -1
            continue
        if glossary < 0 or not line.strip():
            continue
        column = indentation(line)
        if column <= glossary:
            glossary = -1
        elif not line.strip().startswith((":", "..")):
            term_column = column if term_column < 0 else term_column
            if column == term_column:
                yield number, f"term:{plain_rst_inline(line.partition(' : ')[0].strip())}"

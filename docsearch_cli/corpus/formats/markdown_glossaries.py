"""Glossaries of MyST, whose terms other pages name: ``{term}`wheel` ``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from docsearch_cli.corpus.formats.markdown_links import plain_inline

_OPENING = re.compile(r"[ \t]*(?P<fence>`{3,}|:{3,}|~{3,})\{glossary\}|\{\.glossary\}[ \t]*$")
_DEFINITION = re.compile(r":[ \t]")
_OPTION = re.compile(r":[\w-]+:")


def terms_in(body: str) -> Iterator[tuple[int, str]]:
    """Yield the labels of the terms of all glossaries.

    A glossary is a directive, whose terms are the lines that begin at its margin, or a definition
    list, whose terms are the lines above the definitions.

    Args:
        body: A page's text without its front matter.

    Yields:
        The index of the term's line and its label.
    """
    if "glossary}" not in body:
        return
    fence: str | None = None
    is_inside = is_after_blank = False
    lines = body.split("\n")
    for number, line in enumerate(lines):
        bare = line.strip()
        if not is_inside:
            opening = _OPENING.match(line)
            if opening is not None:
                is_inside, fence = True, opening["fence"]
            continue
        is_at_margin = bool(bare) and not line[0].isspace()
        is_term = is_at_margin and not _DEFINITION.match(line) and not _OPTION.match(line)
        is_defined = is_term and _is_defined(lines, number)
        if fence is not None:
            is_inside = not (bare.startswith(fence) and not bare.strip(fence[0]))
            is_term = is_term and is_inside and (is_after_blank or is_defined)
        else:
            is_inside = is_defined or not (is_term and is_after_blank)
            is_term = is_defined
        if is_term:
            yield number, f"term:{plain_inline(bare, {})}"
        is_after_blank = not bare


def _is_defined(lines: list[str], number: int) -> bool:
    """Tell whether a line is followed by a definition: one with a colon, or one set in."""
    following = [line for line in lines[number + 1 : number + 3] if line.strip()]
    if not following:
        return False
    is_next = bool(lines[number + 1].strip())
    return _DEFINITION.match(following[0]) is not None or (is_next and following[0][0].isspace())

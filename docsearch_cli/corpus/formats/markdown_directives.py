"""What is in directives of MyST whose content is Markdown: notes, tabs, cards."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from docsearch_cli.corpus.formats.markdown_leaf_blocks import Leaf, leaves_of

_NAME = re.compile(r"\{([\w:+-]{1,60})\}")
_PARSED = frozenset(
    (
        *("admonition", "note", "warning", "tip", "hint", "important", "caution", "attention"),
        *("danger", "error", "seealso", "todo", "versionadded", "versionchanged", "deprecated"),
        *("tab", "tab-set", "tab-item", "tabs", "group-tab", "dropdown", "details", "toggle"),
        *("card", "grid", "grid-item", "grid-item-card", "card-carousel", "sidebar", "margin"),
        *("aside", "topic", "epigraph", "pull-quote", "container", "div", "figure", "table"),
        *("list-table", "only", "exercise", "solution", "prf:theorem", "glossary"),
    )
)
_MOST_LEVELS = 8


def with_directives(leaves: Sequence[Leaf], env: dict[str, Any], level: int = 0) -> Sequence[Leaf]:
    """Return the leaves of a document with those inside its directives after each.

    Args:
        leaves: See ``leaves_of``.
        env: The document's reference definitions.
        level: How deep in directives the leaves are.

    Returns:
        The leaves, in the order in which they begin.
    """
    if not any(leaf.directive for leaf in leaves):
        return leaves
    return list(_expanded(leaves, env, level))


def _expanded(leaves: Sequence[Leaf], env: dict[str, Any], level: int) -> Iterator[Leaf]:
    for leaf in leaves:
        yield leaf
        name = _NAME.match(leaf.directive) if leaf.directive else None
        if name is None or name[1] not in _PARSED or level >= _MOST_LEVELS:
            continue
        first = leaf.line + 1
        inner = with_directives(leaves_of(leaf.content, env), env, level + 1)
        for part in inner:
            line, after = first + part.line, first + part.after
            yield part._replace(line=line, after=after, is_nested=True)

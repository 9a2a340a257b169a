"""The names table of an index: which documents go by a title or alias."""

from __future__ import annotations

from pathlib import Path

from docsearch_cli.arrays import rows_of, save_array
from docsearch_cli.graph.titles import name_words, names_of
from docsearch_cli.index.merge import Arrangement
from docsearch_cli.string_table import save_strings


def save_names(folder: Path, arrangement: Arrangement) -> None:
    """Write the names, normalised to words and sorted, with the first node of each document."""
    by_name: dict[str, list[int]] = {}
    first_nodes = arrangement.node_starts.tolist()
    for document, node in zip(arrangement.documents, first_nodes, strict=False):
        for name in () if document.made_by else names_of(document.title, document.aliases):
            words = " ".join(name_words(name))
            if words and node not in by_name.setdefault(words, []):
                by_name[words].append(node)
    names = sorted(by_name, key=lambda name: name.encode("utf-8", "replace"))
    starts, rows = rows_of([by_name[name] for name in names])
    save_strings(folder, "names", names)
    save_array(folder, "names.starts", starts)
    save_array(folder, "names.nodes", rows)

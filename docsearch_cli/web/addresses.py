"""Addresses of the pages: names of documents come from strangers and may hold any character."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from docsearch_cli.graph.nodes import split_node_id


def document_url(path: str, first: int | None = None, last: int | None = None) -> str:
    """Return where a document is read.

    Args:
        path: As the index names it.
        first: The first of the lines to mark; None for none.
        last: The last one; None for the first one alone.

    Returns:
        The address, which leads to the first of the lines.
    """
    address = f"/doc/{quote(path, safe='/')}"
    if first is None:
        return address
    lines = f"{first}" if last in (None, first) else f"{first}-{last}"
    return f"{address}?lines={lines}#L{first}"


def node_url(node: str) -> str:
    """Return where a node is read: its document, from where its part of it begins."""
    path, part = split_node_id(node)
    return document_url(path) + (f"?part={part + 1}" if part else "")


def graph_url(node: str, **fields: str | int) -> str:
    """Return where the graph around a node is shown.

    Args:
        node: Its id.
        **fields: What else the address says.

    Returns:
        The address.
    """
    path, part = split_node_id(node)
    said = {**({"part": part + 1} if part else {}), **fields}
    return f"/graph/{quote(path, safe='/')}{'?' if said else ''}{urlencode(said)}"


def run_url(run_id: str, *parts: str) -> str:
    """Return where a run, or a part of what is shown of it, is."""
    return "/".join(("/runs", run_id, *(quote(part, safe="") for part in parts)))

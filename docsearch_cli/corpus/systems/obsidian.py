"""Obsidian: a link names a note, wherever it lies."""

from __future__ import annotations


def name_in_address(address: str) -> str | None:
    """Return the note that an address names; None if it says in which folder it lies."""
    return address if "/" not in address else None

"""Zola: ``@/`` stands for the folder of the site's content."""

from __future__ import annotations


def address_of(target: str) -> str:
    """Return a link's target with a path from the content's root for ``@/``."""
    return target[1:] if target.startswith("@/") else target

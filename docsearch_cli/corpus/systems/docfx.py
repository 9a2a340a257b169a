"""DocFX: ``~/`` stands for the site's folder, and a host serves many sites."""

from __future__ import annotations


def address_of(target: str) -> str:
    """Return a link's target with a path from the site's root for ``~/``."""
    return target[1:] if target.startswith("~/") else target

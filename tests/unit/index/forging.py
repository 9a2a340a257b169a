"""Indexes as a stranger may make them: what they say is another thing, and every hash is right."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from docsearch_cli.index.store import current_generation


def forge_manifest(home: Path, **changes) -> None:
    """Change what a manifest says, and seal it again."""
    folder = home / "index" / current_generation(home)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest.update(changes)
    text = json.dumps(manifest, indent=1, sort_keys=True)
    (folder / "manifest.json").write_text(text, "utf-8")
    (folder / "manifest.sha256").write_text(hashlib.sha256(text.encode()).hexdigest() + "\n")

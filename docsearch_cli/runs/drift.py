"""What has changed since a run was recorded: the program, the index, the document of a step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docsearch_cli.errors import DocsearchError
from docsearch_cli.files import hash_file
from docsearch_cli.fingerprint import source_digest
from docsearch_cli.index.document_files import file_of
from docsearch_cli.index.manifest import Root
from docsearch_cli.index.places import absolute_path, holder_of_home
from docsearch_cli.index.store import current_digest
from docsearch_cli.runs.trace import Trace


@dataclass(frozen=True, slots=True)
class Drift:
    """What is not as it was when the run was recorded."""

    what: str
    """``code``, ``index`` or ``document``."""
    detail: str


def find_drift(home: Path, trace: Trace) -> list[Drift]:
    """Return how the program and the index differ from those of the run."""
    drift: list[Drift] = []
    latest = trace.latest
    if latest["source"] != source_digest():
        drift.append(Drift("code", f"recorded with {str(latest['source'])[:12]}"))
    if _digest_now(home) != latest["index"]:
        drift.append(Drift("index", f"recorded on {str(latest['index'])[:12]}"))
    return drift


def _digest_now(home: Path) -> str | None:
    """Return the digest of the index that is there; a run is read without one too."""
    try:
        return current_digest(home)
    except DocsearchError:
        return None


def find_document_drift(home: Path, trace: Trace, view: Mapping[str, Any]) -> list[Drift]:
    """Tell whether the document that a step read has changed."""
    path = str(view["path"])
    holder = holder_of_home(home)
    roots = [
        Root(root["name"], absolute_path(root["path"], holder)) for root in trace.facts["roots"]
    ]
    file = file_of(roots, path)
    if file is None:
        return []
    try:
        digest = hash_file(file, follow=True).hex()
    except OSError:
        return [Drift("document", f"{path} is gone or cannot be read")]
    return (
        [Drift("document", f"{path} has changed since")] if digest != view["content_hash"] else []
    )

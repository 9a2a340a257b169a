"""What makes two machines give the same results: the code that steps, indexers and records are of.

A worker is used only if all of it is as it is here. It is compared when a worker is first seen, and
by the worker again before each unit of work.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache

from docsearch_cli import __version__
from docsearch_cli.fingerprint import source_digest, step_source_digest
from docsearch_cli.index.identity import indexer_digest

# What each fact is called where it differs.
_WORDS = {
    "version": "version of docsearch",
    "source": "code of docsearch",
    "step_source": "Python, numpy or stemmer",
    "indexer": "libraries that read documents",
}


@cache
def own_identity() -> Mapping[str, str]:
    """Return the facts of this process, by name; worked out once."""
    return {
        "version": __version__,
        "source": source_digest(),
        "step_source": step_source_digest(),
        "indexer": indexer_digest(),
    }


def write_identity() -> bytes:
    """Return the facts of this process as bytes."""
    return json.dumps(dict(own_identity())).encode("ascii")


def differences(sent: object, own: Mapping[str, str]) -> list[str]:
    """Return in words what another process has otherwise than this one.

    Args:
        sent: What it says of itself, as ``write_identity`` writes it.
        own: The facts of this process.

    Returns:
        A few words for each difference; only the first where one explains the others.
    """
    try:
        if not isinstance(sent, bytes):
            raise TypeError
        theirs = json.loads(sent)
        found = {name: str(theirs[name]) for name in own}
    except (ValueError, KeyError, TypeError, RecursionError):
        return ["it does not say which docsearch it has"]
    differing = [name for name in own if found[name] != own[name]]
    if "version" in differing:
        return [f"its docsearch is {found['version'][:40]!r}, this one is {own['version']!r}"]
    return [
        f"another {_WORDS[name]} ({found[name][:12]}, here {own[name][:12]})" for name in differing
    ]

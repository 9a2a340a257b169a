"""What ``docsearch index`` prints: lines for a person, and the JSON result's data."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docsearch_cli.cli.output import counted, language_counts

if TYPE_CHECKING:
    from docsearch_cli.index.build import BuildResult


def meaning_words() -> str:
    """Return how to search by meaning too, for a person who has just made a first index."""
    from importlib.util import find_spec

    command = "docsearch index --model all-MiniLM-L6-v2"
    if find_spec("sentence_transformers") is not None:
        return f"to search by meaning too: {command}"
    from docsearch_cli.installation import install_hint

    return f"to search by meaning too, {command}; that needs an extra: {install_hint('semantic')}"


def missing_folders(systems: Mapping[str, object], result: BuildResult) -> list[str]:
    """Return the folders that a person set systems for and that are not there."""
    places = {root.name if len(result.roots) > 1 else "": Path(root.path) for root in result.roots}
    missing: list[str] = []
    for folder in systems:
        name, _, inner = folder.partition("/") if "" not in places else ("", "", folder)
        if folder and not (name in places and (places[name] / inner).is_dir()):
            missing.append(folder)
    return sorted(missing)


def result_to_dict(home: Path, result: BuildResult) -> dict[str, Any]:
    """Return what a build did, as the JSON result shows it."""
    return {
        "index": str(home),
        "digest": result.digest,
        "unchanged": result.unchanged,
        "read": result.read,
        "roots": [root.path for root in result.roots],
        "left_out": list(result.left_out),
        "model": result.model,
        "language": result.language,
        "languages": result.languages,
        "counts": result.counts,
        "changes": {
            "added": result.changes.added,
            "changed": result.changes.changed,
            "moved": result.changes.moved,
            "removed": result.changes.removed,
        },
        "skipped": result.skipped,
        "links": {"broken": result.broken_links, "ambiguous": result.ambiguous_links},
        "seconds": round(result.seconds, 3),
    }


def result_lines(result: BuildResult) -> list[str]:
    """Return what a build did, for a person: the first line says most."""
    from docsearch_cli.index.ledger import FRONT_MATTER
    from docsearch_cli.retrieval.languages import DEFAULT_LANGUAGE

    counts = result.counts
    done = "nothing changed" if result.unchanged else f"indexed in {result.seconds:.1f} s"
    if not result.unchanged and result.read < counts["documents"]:
        done += f" ({counted(result.read, 'file')} read)"
    held = (counted(counts[f"{noun}s"], noun) for noun in ("document", "section", "edge"))
    lines = [f"{done}: {', '.join(held)}"]
    if result.changes.before and (changes := result.changes.in_words()):
        lines.append(f"documents: {changes}")
    if len(result.languages) > 1:
        lines.append(f"languages: {language_counts(result.languages)}")
    elif result.language != DEFAULT_LANGUAGE:
        lines.append(f"language: {result.language}")
    if result.model is not None:
        lines.append(f"embeddings: {result.model}")
    if faults := result.skipped.get(FRONT_MATTER):
        lines.append(
            f"warning: the front matter of {counted(faults, 'file')} cannot be read"
            "   (docsearch status)"
        )
    skipped = {reason: n for reason, n in result.skipped.items() if reason != FRONT_MATTER}
    if skipped:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in skipped.items())
        lines.append(f"skipped: {reasons}   (docsearch status --skipped)")
    if result.broken_links or result.ambiguous_links:
        lines.append(
            f"links: {result.broken_links:,} broken, {result.ambiguous_links:,} ambiguous"
            "   (docsearch graph links)"
        )
    return lines

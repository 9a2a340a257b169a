"""``docsearch status``: what is indexed, what was skipped and why."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from docsearch_cli.cli.options import IndexDir, Json, Quiet, home_for_reading
from docsearch_cli.cli.output import Output, counted, language_counts

if TYPE_CHECKING:
    from docsearch_cli.cli.shell_paths import ShellPaths
    from docsearch_cli.corpus.systems.site import Site
    from docsearch_cli.index.reader import IndexReader

# Folders of each system that are shown; --json names all.
_MOST_FOLDERS = 5
# Files whose front matter cannot be read that are shown; --skipped names all.
_MOST_WARNINGS = 10


def command(
    index: IndexDir = None,
    skipped: Annotated[
        bool, typer.Option("--skipped", help="List every file that is skipped, or read in part.")
    ] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Check the checksum of every index file.")
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show what is indexed, what was skipped and why, and whether it is stale.

    \b
    Examples:
      docsearch status
      docsearch status --skipped
    """
    from rich.text import Text

    from docsearch_cli.cli.shell_paths import paths_here
    from docsearch_cli.corpus.walk.found_files import printable
    from docsearch_cli.fingerprint import code_basis
    from docsearch_cli.index.integrity import verify_checksums
    from docsearch_cli.index.ledger import FRONT_MATTER, read_ledger
    from docsearch_cli.index.sites import sites_of
    from docsearch_cli.index.staleness import is_of_other_code, is_stale
    from docsearch_cli.index.store import open_index

    output = Output("status", as_json, quiet)
    home = home_for_reading(index, output)
    reader = open_index(home)
    if verify:
        verify_checksums(reader)
    model = reader.model
    stale = is_stale(reader)
    sites = sites_of(reader).sites.values()
    left_out = [row for row in read_ledger(reader) if row["reason"]]
    if as_json:
        output.result(
            {
                "index": str(home),
                "digest": reader.digest,
                "code_basis": code_basis(),
                "roots": [root.path for root in reader.roots],
                "model": model.name if model is not None else None,
                "language": reader.language,
                "languages": dict(reader.manifest.languages),
                "sites": [
                    {
                        "folder": site.folder,
                        "systems": [system.name for system in site.systems],
                        "source": _source_of(site),
                    }
                    for site in sites
                ],
                "counts": reader.counts,
                "skipped": dict(reader.manifest.skipped),
                "verified": verify,
                "stale": stale,
                "files": list(read_ledger(reader)),
            }
        )
        return
    counts = reader.counts
    for root in reader.roots:
        output.show(Text(f"root     {root.path}"))
    output.show(Text(f"index    {home}   {reader.digest[:12]}"))
    held = (counted(counts[f"{noun}s"], noun) for noun in ("document", "section", "edge", "word"))
    output.show(f"holds    {', '.join(held)}")
    for line in _language_lines(reader):
        output.show(Text(line))
    for line in _site_lines(sites):
        output.show(Text(line))
    if model is not None:
        path = "by numpy" if model.fast else "by sentence-transformers"
        output.show(Text(f"model    {model.name}; questions are encoded {path}"))
    counted_out = {r: n for r, n in reader.manifest.skipped.items() if r != FRONT_MATTER}
    reasons = ", ".join(f"{n:,} {reason}" for reason, n in counted_out.items())
    output.show(f"skipped  {reasons or 'nothing'}")
    paths = paths_here(reader.roots)
    for line in _warning_lines(left_out, paths):
        output.show(Text(line))
    changed = "the documents have changed since"
    gone = [root.path for root in reader.roots if not os.path.exists(root.path)]  # noqa: PTH110
    if gone:
        changed = f"{', '.join(map(printable, gone))} is gone, or has moved"
    elif stale and is_of_other_code(reader):
        changed = "made by another version of docsearch, Python or a library"
    output.show(
        f"stale    {changed}: docsearch index PATH"
        if stale
        else "current  the documents are as they were indexed"
    )
    if code_basis() != "sources":
        known = (
            "the record of its installation" if code_basis() == "record" else "its version alone"
        )
        output.show(f"code     there are no source files: docsearch is known by {known}")
    if verify:
        output.show("checksums match")
    for row in left_out if skipped else []:
        detail = f"  ({row['detail']})" if row["detail"] else ""
        shown = Text(f"   {row['reason']:<12} ")
        shown.append(paths.name(row["path"]), style=paths.style(row["path"]))
        output.show(shown.append(detail))


def _language_lines(reader: IndexReader) -> Iterator[str]:
    """Yield what the documents' words are stemmed in, and why."""
    origin = "as set" if reader.set_language else "detected from the documents"
    documents = reader.manifest.languages
    if len(documents) < 2:
        yield f"language {next(iter(documents), reader.language)}, {origin}"
        return
    if reader.manifest.language_parts:
        parts = "as set" if reader.set_language else "detected"
        origin = f"{parts}, but for what docsearch.toml sets for parts"
    yield f"language {language_counts(documents)}; {origin}"


def _warning_lines(rows: Collection[Mapping[str, Any]], paths: ShellPaths) -> Iterator[str]:
    """Yield which files have front matter that cannot be read: the first of them."""
    from docsearch_cli.index.ledger import FRONT_MATTER

    faulty = [row for row in rows if row["reason"] == FRONT_MATTER]
    for row in faulty[:_MOST_WARNINGS]:
        yield f"warning  {paths.name(row['path'])}: {row['detail']}"
    if len(faulty) > _MOST_WARNINGS:
        more = len(faulty) - _MOST_WARNINGS
        yield f"warning  and {more:,} more such files: docsearch status --skipped"


def _site_lines(sites: Collection[Site]) -> Iterator[str]:
    """Yield what documentation systems there are, and where: the first folders of each."""
    folders: dict[tuple[str, str], list[str]] = {}
    for site in sites:
        names = ", ".join(system.name for system in site.systems) or "none"
        folders.setdefault((names, _source_of(site)), []).append(site.folder or ".")
    for number, ((names, source), found) in enumerate(folders.items()):
        shown = ", ".join(found[:_MOST_FOLDERS])
        more = f" and {len(found) - _MOST_FOLDERS:,} more" if len(found) > _MOST_FOLDERS else ""
        label = "systems" if not number else ""
        how = {"set": ", as set", "guessed": ", guessed", "detected": ""}[source]
        yield f"{label:<8} {names} in {shown}{more}{how}"


def _source_of(site: Site) -> str:
    return "set" if site.is_set else "guessed" if site.is_guess else "detected"

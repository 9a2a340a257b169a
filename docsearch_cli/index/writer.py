"""Writes one generation: its files, and the manifest that lists them with their hashes."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path

from docsearch_cli.corpus.formats.table import format_named
from docsearch_cli.files import hash_file
from docsearch_cli.graph.csr import save_graph
from docsearch_cli.index.documents import save_languages
from docsearch_cli.index.edges import gather_edges
from docsearch_cli.index.identity import BuildSettings
from docsearch_cli.index.incremental import BuildProgress, Content
from docsearch_cli.index.integrity import MANIFEST, SEAL, seal_of
from docsearch_cli.index.ledger import count_by_reason, save_ledger
from docsearch_cli.index.link_report import ways_in
from docsearch_cli.index.links import save_links
from docsearch_cli.index.manifest import Manifest, WrittenFile, most_first
from docsearch_cli.index.mentions import save_mentions
from docsearch_cli.index.merge import save_arrangement, save_keywords
from docsearch_cli.index.name_table import save_names
from docsearch_cli.index.parallel import done_beside
from docsearch_cli.index.places import holder_of_home
from docsearch_cli.index.unread_links import Surroundings, judge
from docsearch_cli.index.vectors import save_vectors

# The keyword index of more sections than this is merged by a process of its own.
_MANY_SECTIONS = 20_000


def write_generation(
    folder: Path,
    home: Path,
    digest: str,
    settings: BuildSettings,
    content: Content,
    report: BuildProgress,
) -> Manifest:
    """Write all files of a generation.

    Args:
        folder: The folder to make.
        home: The ``.docsearch`` folder, for the cache of vectors.
        digest: The generation's digest.
        settings: What decides the index, besides its files.
        content: What goes into it.
        report: Called with how far each stage is.

    Returns:
        The manifest.
    """
    folder.mkdir()
    arrangement = content.arrangement
    report("keyword index", 0, 0)
    section_count = int(arrangement.section_starts[-1])
    node_count = int(arrangement.node_starts[-1])
    with done_beside(
        partial(save_keywords, folder, arrangement, content.sources),
        is_worth_it=section_count > _MANY_SECTIONS,
    ):
        report("graph", 0, 0)
        edges = gather_edges(content)
        save_graph(folder, edges, node_count)
        save_arrangement(folder, arrangement)
        save_languages(folder, content.languages)
        save_names(folder, arrangement)
        save_links(folder, content.links)
        save_mentions(folder, content.mentions)
        save_ledger(folder, content.skipped)
    encoder = settings.encoder() if settings.encoder is not None else None
    if encoder is not None:
        save_vectors(folder, home, content, encoder, partial(report, "embeddings"))
    manifest = Manifest(
        digest=digest,
        indexer=settings.indexer,
        model=encoder.model if encoder is not None else None,
        language=content.language,
        language_is_set=settings.languages.whole is not None,
        language_parts=settings.languages.parts,
        languages=most_first(Counter(content.languages)),
        systems=settings.systems,
        roots=settings.roots,
        counts={
            "documents": len(arrangement.documents),
            "nodes": node_count,
            "sections": section_count,
            "words": sum(document.words for document in arrangement.documents),
            "edges": len(edges.targets),
        },
        skipped=count_by_reason(content.skipped, arrangement.documents),
        broken_links=_broken_links(content, settings),
        ambiguous_links=len(content.links.reported["ambiguous"]),
        files=_hashes(folder),
    )
    text = manifest.to_json(holder_of_home(home))
    (folder / MANIFEST).write_text(text, "utf-8")
    (folder / SEAL).write_text(seal_of(text.encode()), "ascii")
    return manifest


def _broken_links(content: Content, settings: BuildSettings) -> int:
    """Return how many links are broken, as the check of links counts them."""
    documents = content.arrangement.documents
    reported = {kind: list(content.links.reported[kind]) for kind in ("broken", "unknown")}
    around = Surroundings(
        paths=[document.path for document in documents],
        markups=[format_named(document.markup).code for document in documents],
        ways=ways_in(content.links.counts),
        is_divided=len(settings.roots) > 1,
        left_out=lambda: (entry.path for entry in content.skipped),
    )
    judge(reported, around)
    return len(reported["broken"])


def _hashes(folder: Path) -> dict[str, WrittenFile]:
    return {
        path.name: WrittenFile(path.stat().st_size, hash_file(path).hex())
        for path in sorted(folder.iterdir())
    }

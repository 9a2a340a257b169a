"""What an index build does to the documents that were there: added, changed, moved, removed.

A document is known by its file; one whose file is gone is *moved* if its content is a new file's.
An index that would lose most of its documents is a slip more often than not (another folder, one
that is not mounted), so it is only made if that is allowed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from docsearch_cli.errors import CorpusVanishedError, DocumentsRemovedError
from docsearch_cli.index.documents import DocumentRow
from docsearch_cli.index.manifest import Root
from docsearch_cli.index.reader import IndexReader

# More than this share of the documents are only removed if that is allowed.
_MOST_REMOVED = 0.5


@dataclass(frozen=True, slots=True)
class DocumentChanges:
    """Numbers of documents, compared with the index before."""

    before: int = 0
    """Documents of the index before; 0 without one."""
    added: int = 0
    changed: int = 0
    """With another content."""
    moved: int = 0
    """At another place, with the same content."""
    removed: int = 0

    def in_words(self) -> str:
        """Say what has changed, for a person; empty if nothing has."""
        numbers = {
            "added": self.added,
            "changed": self.changed,
            "moved": self.moved,
            "removed": self.removed,
        }
        parts = [f"{count:,} {what}" for what, count in numbers.items() if count]
        if self.removed:
            parts[-1] += f" (of {self.before:,})"
        return ", ".join(parts)


def compare_documents(
    current: IndexReader | None, roots: Sequence[Root], documents: Sequence[DocumentRow]
) -> DocumentChanges:
    """Compare the documents of a build with those of the index before.

    Args:
        current: The index before; None if there is none that can be read.
        roots: Those of the build.
        documents: Those of the build.

    Returns:
        How many are new, other, elsewhere and gone.
    """
    if current is None:
        return DocumentChanges(added=len(documents))
    # The same roots give the same paths; with others the same file may have another path.
    places = None if current.roots == tuple(roots) else (_places(current.roots), _places(roots))
    before = {
        _located(path.decode("utf-8"), places[0] if places else None): content.tobytes().hex()
        for path, content in zip(current.paths.rows(), current.hashes, strict=True)
    }
    now = {
        _located(document.path, places[1] if places else None): document.content_hash
        for document in documents
    }
    gone = Counter(content for place, content in before.items() if place not in now)
    new = Counter(content for place, content in now.items() if place not in before)
    moved = (gone & new).total()
    return DocumentChanges(
        before=len(before),
        added=new.total() - moved,
        changed=sum(now.get(place, content) != content for place, content in before.items()),
        moved=moved,
        removed=gone.total() - moved,
    )


def refuse_removal(
    changes: DocumentChanges,
    current: IndexReader | None,
    roots: Sequence[Root],
    documents: Sequence[DocumentRow],
    *,
    allow_empty: bool,
    allow_removal: bool,
) -> None:
    """Stop where an index would lose what it holds by a slip.

    Args:
        changes: As ``compare_documents`` gave them.
        current: The index before; None if there is none that can be read.
        roots: Those of the build.
        documents: Those of the build.
        allow_empty: Accept that a root, or the index, has lost all its documents.
        allow_removal: Accept that most documents are removed.

    Raises:
        CorpusVanishedError: If a root that held documents no longer holds any, or the index would.
        DocumentsRemovedError: If more than half of the documents would be removed.
    """
    if current is None:
        return
    vanished = _vanished(current, roots, documents)
    if vanished is not None and not allow_empty:
        raise vanished
    is_allowed = allow_removal or vanished is not None
    if changes.removed > _MOST_REMOVED * changes.before and not is_allowed:
        raise DocumentsRemovedError(
            f"{changes.removed:,} of the {changes.before:,} documents in the index are not in"
            f" {', '.join(root.path for root in roots)}",
            hint="check the path; to remove them, add --allow-removal; to keep an index of both,"
            " name every folder, or give --index DIR; the index is as it was",
        )


def _vanished(
    current: IndexReader, roots: Sequence[Root], documents: Sequence[DocumentRow]
) -> CorpusVanishedError | None:
    """Return why the documents of a root are gone: a slip, or no mount; None if none is empty."""
    before = [path.decode("utf-8") for path in current.paths.rows()]
    for root in roots:
        if root not in current.roots:
            continue
        had = sum(_is_below(path, root) for path in before)
        if had and not any(_is_below(document.path, root) for document in documents):
            return CorpusVanishedError(
                f"{root.path} held {had:,} documents when it was indexed and holds none now",
                hint="if that is right, index with --allow-empty; the index is as it was",
            )
    if before and not documents:
        named = ", ".join(root.path for root in roots)
        return CorpusVanishedError(
            f"there is no document in {named}, and the index here holds {len(before):,}",
            hint="check the path; to empty the index, add --allow-empty; the index is as it was",
        )
    return None


def _is_below(path: str, root: Root) -> bool:
    return not root.name or path == root.name or path.startswith(f"{root.name}/")


def _places(roots: Sequence[Root]) -> dict[str, str]:
    return {root.name: root.path for root in roots}


def _located(path: str, places: dict[str, str] | None) -> str:
    """Return a document's file, or its path where the roots are the same."""
    if places is None:
        return path
    if "" in places:
        return f"{places['']}/{path}"
    name, _, inner = path.partition("/")
    return f"{places.get(name, name)}/{inner}" if inner else places.get(name, name)

"""The index on disk: immutable generations, and the one that is current.

    .docsearch/
      .gitignore                  holds "*"
      index/CURRENT               the digest of the generation in use, swapped atomically
      index/<digest>/             one generation: arrays, string tables, manifest.json, ledger.jsonl
      runs/<run-id>/run.db        recorded runs
      cache/                      step results, may be deleted at any time

A generation is never changed after CURRENT names it. Readers never wait; a writer holds a lock.
Whoever reads a generation holds it by a shared lock of its folder, and it is not removed meanwhile.
Nothing here is executed or unpickled.
"""

from __future__ import annotations

import hashlib
import heapq
import json
import os
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Any
from weakref import WeakValueDictionary, finalize

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.arrays import StringTable, damaged, load_array
from docsearch_cli.embed.model import IndexedModel
from docsearch_cli.errors import IndexCorruptError, IndexLockedError, IndexMissingError
from docsearch_cli.graph.csr import GraphArrays, load_graph
from docsearch_cli.graph.nodes import node_id, split_node_id
from docsearch_cli.models import MARKUPS, LedgerEntry, Markup
from docsearch_cli.retrieval.keyword import KeywordIndex, load_keyword_index

# Raise it when the files' meaning changes: an older index is then rebuilt, never misread.
SCHEMA_VERSION = 2
INDEX_FOLDER = ".docsearch"
# A generation is named by its digest; a second one of the same digest has eight digits more.
_DIGEST_CHARS = 32
_GENERATION = re.compile(r"[0-9a-f]{32}(?:[0-9a-f]{8})?")
BUILDING = ".building"
SEEN = ".seen"
# A reader that finds its generation replaced looks again, this many times.
_MOST_SWAPS = 5
MANIFEST = "manifest.json"
# Holds the manifest's own hash; the manifest holds those of all other files.
SEAL = "manifest.sha256"
LEDGER = "ledger.jsonl"
LINK_REPORT = "links.json"


@dataclass(frozen=True, slots=True)
class Root:
    """A folder (or single file) that was indexed."""

    name: str
    """First part of the paths below it; empty when there is only one root."""
    path: str
    """Absolute."""


def name_roots(roots: Sequence[Path]) -> list[Root]:
    """Name each root as the walk prefixes its paths: not at all when there is only one."""
    from docsearch_cli.corpus.walk import root_names

    if len(roots) == 1:
        return [Root("", str(roots[0]))]
    return [Root(name, str(root)) for name, root in zip(root_names(roots), roots, strict=True)]


@dataclass(frozen=True, slots=True)
class SectionInfo:
    """A section without its text."""

    row: int
    node: int
    heading: str
    line_start: int
    line_end: int


class _Hold:
    """Keeps a generation from being removed, for as long as it is there itself."""

    def __init__(self, folder: Path) -> None:
        with suppress(OSError, ImportError):  # where there are no locks, nothing is held
            import fcntl

            descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
            finalize(self, os.close, descriptor)
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)


class IndexReader:
    """One generation, opened by mmap; each part is loaded when it is first asked for."""

    def __init__(self, folder: Path, manifest: Mapping[str, Any], hold: _Hold) -> None:
        self.folder = folder
        self.manifest = manifest
        self._hold = hold

    @property
    def digest(self) -> str:
        """The generation's digest: the same files and the same indexer give the same one."""
        return str(self.manifest["digest"])

    @property
    def language(self) -> str:
        """The language that words are stemmed in."""
        return str(self.manifest["language"])

    @property
    def set_language(self) -> str | None:
        """The language if a person set it; None if it was told by the documents."""
        return self.language if self.manifest["language_is_set"] else None

    @property
    def counts(self) -> dict[str, int]:
        """Numbers of documents, nodes, sections, edges, words and links."""
        return dict(self.manifest["counts"])

    @cached_property
    def roots(self) -> tuple[Root, ...]:
        """The indexed folders."""
        return tuple(Root(root["name"], root["path"]) for root in self.manifest["roots"])

    @cached_property
    def keyword(self) -> KeywordIndex:
        """The keyword index."""
        return load_keyword_index(self.folder)

    @property
    def model(self) -> IndexedModel | None:
        """The model that the sections' vectors are from; None if there are none."""
        facts = self.manifest.get("model")
        return IndexedModel.from_dict(facts) if facts is not None else None

    @cached_property
    def vectors(self) -> NDArray[np.float16]:
        """Vector of each section: (n_sections, dimensions) float16; only where there is a model."""
        vectors = load_array(self.folder, "vectors")
        if self.model is None or vectors.shape != (len(self.section_lines), self.model.dimensions):
            raise damaged(self.folder / "vectors.npy", "it has another shape than recorded")
        return vectors

    @cached_property
    def graph(self) -> GraphArrays:
        """The document graph."""
        return load_graph(self.folder)

    @cached_property
    def paths(self) -> StringTable:
        """Path of each document."""
        return StringTable.load(self.folder, "documents.paths")

    @cached_property
    def titles(self) -> StringTable:
        """Title of each document."""
        return StringTable.load(self.folder, "documents.titles")

    @cached_property
    def other_names(self) -> StringTable:
        """What each document goes by beside its title, as JSON; empty for nothing."""
        return StringTable.load(self.folder, "documents.other_names")

    @cached_property
    def hashes(self) -> NDArray[np.uint8]:
        """sha256 of each document's file: (n_documents, 32)."""
        return load_array(self.folder, "documents.hashes")

    @cached_property
    def votes(self) -> NDArray[np.uint16]:
        """Function words of each language in each document: (n_documents, n_languages)."""
        return load_array(self.folder, "documents.votes")

    @cached_property
    def document_sizes(self) -> NDArray[np.int64]:
        """Bytes of each document's file, and words of its text: (n_documents, 2)."""
        return load_array(self.folder, "documents.sizes")

    @cached_property
    def markups(self) -> NDArray[np.uint8]:
        """Index into ``MARKUPS`` for each document."""
        return load_array(self.folder, "documents.markups")

    @cached_property
    def node_documents(self) -> NDArray[np.int32]:
        """Document of each node."""
        return load_array(self.folder, "nodes.documents")

    @cached_property
    def node_parts(self) -> NDArray[np.int32]:
        """Part number of each node, 0 for the first or only one."""
        return load_array(self.folder, "nodes.parts")

    @cached_property
    def node_starts(self) -> NDArray[np.int64]:
        """First section of each node, and the number of sections at the end."""
        return load_array(self.folder, "nodes.starts")

    @cached_property
    def section_lines(self) -> NDArray[np.int32]:
        """First and last line of each section: (n_sections, 2)."""
        return load_array(self.folder, "sections.lines")

    @cached_property
    def headings(self) -> StringTable:
        """Heading of each section."""
        return StringTable.load(self.folder, "sections.headings")

    @cached_property
    def texts(self) -> StringTable:
        """The file's own text of each section."""
        return StringTable.load(self.folder, "sections.texts")

    @cached_property
    def names(self) -> StringTable:
        """Titles and aliases, normalised to words and sorted."""
        return StringTable.load(self.folder, "names")

    @cached_property
    def name_nodes(self) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Where each name's nodes start, and the nodes."""
        return load_array(self.folder, "names.starts"), load_array(self.folder, "names.nodes")

    @cached_property
    def anchor_starts(self) -> NDArray[np.integer[Any]]:
        """First anchor of each document, and the number of anchors at the end."""
        return load_array(self.folder, "anchors.starts")

    @cached_property
    def anchor_keys(self) -> NDArray[np.uint32]:
        """Key of each anchor, ascending in a document."""
        return load_array(self.folder, "anchors.keys")

    @cached_property
    def anchor_sections(self) -> NDArray[np.int32]:
        """Section of its document that each anchor stands for."""
        return load_array(self.folder, "anchors.sections")

    @cached_property
    def link_counts(self) -> NDArray[np.int32]:
        """Links of each document: resolved, external, local, other: (n_documents, 4)."""
        return load_array(self.folder, "links.counts")

    @cached_property
    def asked_starts(self) -> NDArray[np.integer[Any]]:
        """First of the names that each document's links were looked up by, and their number."""
        return load_array(self.folder, "links.asked_starts")

    @cached_property
    def asked_keys(self) -> NDArray[np.uint32]:
        """Keys of the names that links were looked up by."""
        return load_array(self.folder, "links.asked")

    @cached_property
    def mention_sources(self) -> NDArray[np.int32]:
        """Node of each mention; sorted, then by target."""
        return load_array(self.folder, "mentions.sources")

    @cached_property
    def mention_targets(self) -> NDArray[np.int32]:
        """Document that each mention names."""
        return load_array(self.folder, "mentions.targets")

    @cached_property
    def mention_names(self) -> NDArray[np.bool_]:
        """Whether each mention spells the document as a name."""
        return load_array(self.folder, "mentions.names")

    @property
    def node_count(self) -> int:
        """Number of nodes."""
        return len(self.node_documents)

    def content_hash(self, document: int) -> str:
        """Return the sha256 of a document's file, in hex."""
        return bytes(self.hashes[document]).hex()

    def markup(self, document: int) -> Markup:
        """Return how a document's text is marked up."""
        return MARKUPS[int(self.markups[document])]

    def node_id(self, node: int) -> str:
        """Return a node's id."""
        return node_id(self.paths[int(self.node_documents[node])], int(self.node_parts[node]))

    def node_title(self, node: int) -> str:
        """Return the title of a node's document."""
        return self.titles[int(self.node_documents[node])]

    def node_of_section(self, section: int) -> int:
        """Return the node that holds a section."""
        return int(np.searchsorted(self.node_starts, section, side="right")) - 1

    def section(self, row: int) -> SectionInfo:
        """Return where a section stands."""
        first, last = self.section_lines[row]
        return SectionInfo(
            row, self.node_of_section(row), self.headings[row], int(first), int(last)
        )

    def nodes_named(self, name: str) -> list[int]:
        """Return the nodes whose title or alias is ``name``, given as normalised words."""
        row = self.names.find(name)
        if row is None:
            return []
        starts, nodes = self.name_nodes
        return [int(node) for node in nodes[int(starts[row]) : int(starts[row + 1])]]

    def node_row(self, node: str) -> int | None:
        """Return the row of a node, given its id; None if there is no such node."""
        path, part = split_node_id(node)
        document = self.paths.find(path)
        if document is None:
            return None
        row = int(np.searchsorted(self.node_documents, document)) + part
        return row if row < self.node_count and self.node_id(row) == node else None

    def nodes_of_document(self, path: str) -> range:
        """Return the rows of a document's nodes; none if there is no such document."""
        document = self.paths.find(path)
        if document is None:
            return range(0)
        first, end = np.searchsorted(self.node_documents, [document, document + 1])
        return range(int(first), int(end))

    def ledger(self) -> Iterator[dict[str, Any]]:
        """Yield one row a file, by path: path, status, reason, detail; size_bytes if indexed."""
        indexed = (
            asdict(LedgerEntry(self.paths[row], "indexed", "", size_bytes=int(size)))
            for row, size in enumerate(self.document_sizes[:, 0])
        )
        yield from heapq.merge(indexed, self.skipped(), key=lambda row: str(row["path"]))

    def skipped(self) -> Iterator[dict[str, Any]]:
        """Yield the ledger's rows of what is not in the index."""
        try:
            with (self.folder / LEDGER).open(encoding="utf-8") as handle:
                yield from map(json.loads, handle)
        except ValueError as error:
            raise damaged(self.folder / LEDGER, error) from error

    def link_report(self) -> dict[str, Any]:
        """Return how many links there were, and which were broken or ambiguous."""
        path = self.folder / LINK_REPORT
        try:
            loaded: dict[str, Any] = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise damaged(path, error) from error
        kinds = ("resolved", "external", "local", "other")
        totals = self.link_counts.sum(axis=0, dtype=np.int64).tolist()
        return {**dict(zip(kinds, totals, strict=True)), **loaded}


def open_index(home: Path) -> IndexReader:
    """Open the current generation.

    Args:
        home: The ``.docsearch`` folder.

    Returns:
        The generation, ready to be searched.

    Raises:
        IndexMissingError: If nothing was indexed here.
        IndexCorruptError: If the files are damaged or of another schema version.
    """
    for _ in range(_MOST_SWAPS):
        generation = current_generation(home)
        if generation is None:
            raise IndexMissingError(
                f"there is no index in {home}", hint="make one: docsearch index PATH"
            )
        if not _GENERATION.fullmatch(generation):
            raise damaged(home / "index" / "CURRENT", "it does not name a generation")
        try:
            return open_generation(home / "index" / generation)
        except IndexCorruptError:
            if current_generation(home) == generation:
                raise
    raise IndexCorruptError(f"the index in {home} is replaced faster than it can be opened")


def current_generation(home: Path) -> str | None:
    """Return the name of the generation in use, or None where there is none."""
    try:
        return (home / "index" / "CURRENT").read_text("utf-8", errors="replace").strip()
    except OSError:
        return None


def current_digest(home: Path) -> str | None:
    """Return the digest of the generation in use, or None where there is none."""
    generation = current_generation(home)
    return generation[:_DIGEST_CHARS] if generation is not None else None


def name_generation(home: Path, digest: str) -> str:
    """Return a name for a new generation: its digest, and more if there is one of that name.

    A generation that readers may hold is never written over, not even by an equal one.
    """
    if not (home / "index" / digest).exists():
        return digest
    return digest + secrets.token_hex(4)


def open_generation(folder: Path) -> IndexReader:
    """Open one generation and check that its files have the sizes it was written with.

    Args:
        folder: The generation's folder.

    Returns:
        The generation, ready to be searched.

    Raises:
        IndexCorruptError: If they do not, or its schema version is another one.
    """
    hold = _Hold(folder)  # before anything of it is read: it may be about to be removed
    path = folder / MANIFEST
    try:
        written = path.read_bytes()
        manifest = json.loads(written)
        schema, files = manifest["schema"], manifest["files"]
        expected = {str(name): int(facts["bytes"]) for name, facts in files.items()}
        hashes = [str(facts["sha256"]) for facts in files.values()]
        _ = (  # what is read of it later is there and of the right kind
            {str(root["name"]): str(root["path"]) for root in manifest["roots"]},
            {str(name): int(count) for name, count in manifest["counts"].items()},
            {str(reason): int(count) for reason, count in manifest["skipped"].items()},
            int(manifest["broken_links"]) + int(manifest["ambiguous_links"]),
            hashes,
            str(manifest["language"]) + str(manifest["language_is_set"]),
            IndexedModel.from_dict(manifest["model"]) if manifest.get("model") else None,
        )
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
    ) as error:
        raise damaged(path, error) from error
    if schema != SCHEMA_VERSION:
        raise IndexCorruptError(
            f"the index has schema version {schema}, this docsearch reads {SCHEMA_VERSION}",
            hint="rebuild it: docsearch index PATH --rebuild",
        )
    _check_seal(path, written)
    for name, size in expected.items():
        if Path(name).name != name:
            raise damaged(path, f"it names a file outside: {name!r}")
        try:
            actual = (folder / name).stat().st_size
        except OSError as error:
            raise damaged(folder / name, error.strerror) from error
        if actual != size:
            raise damaged(folder / name, f"it has {actual} bytes, {size} were written")
    reader = IndexReader(folder, manifest, hold)
    _opened[folder] = reader
    return reader


def seal_of(manifest: bytes) -> str:
    """Return what seals a manifest."""
    return hashlib.sha256(manifest).hexdigest() + "\n"


def _check_seal(path: Path, manifest: bytes) -> None:
    seal = path.with_name(SEAL)
    try:
        known = seal.read_text("ascii", errors="replace")
    except OSError as error:
        raise damaged(seal, error.strerror) from error
    if known != seal_of(manifest):
        raise damaged(path, f"its hash is not the one in {SEAL}")


# Generations that this process reads, for telling a damaged one from a bug.
_opened: WeakValueDictionary[Path, IndexReader] = WeakValueDictionary()


def find_damage() -> IndexCorruptError | None:
    """Return what is wrong with an index that this process has opened, if anything is.

    Opening one checks the sizes of its files, not their content, which would take longer than a
    question. So what fails while one is read is only a bug if every checksum is right.
    """
    for reader in list(_opened.values()):
        try:
            verify_checksums(reader)
        except IndexCorruptError as error:
            return error
        except OSError:
            continue
    return None


def verify_checksums(reader: IndexReader) -> None:
    """Read every file of a generation and compare it with its recorded hash.

    Args:
        reader: The generation.

    Raises:
        IndexCorruptError: At the first file that differs.
    """
    for name, facts in reader.manifest["files"].items():
        if hash_file(reader.folder / name) != facts["sha256"]:
            raise damaged(reader.folder / name, "its content is not what was written")


def hash_file(path: Path) -> str:
    """Return a file's sha256 in hex.

    Args:
        path: The file.

    Returns:
        64 hexadecimal digits.

    Raises:
        OSError: If it cannot be read.
    """
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def find_home(start: Path, given: str | None) -> Path:
    """Return the ``.docsearch`` folder to read from.

    Args:
        start: The folder to walk up from.
        given: What ``--index`` or ``DOCSEARCH_INDEX`` says: the folder itself, or one that holds
            a ``.docsearch``. It is used or refused, never replaced by another index.

    Returns:
        The folder; its index may still turn out to be damaged.

    Raises:
        IndexMissingError: If there is none.
    """
    if given is not None:
        home = home_at(Path(given))
        if not (home / "index").is_dir():
            raise IndexMissingError(
                f"there is no index in {given}",
                hint=f"make one: docsearch index PATH --index {given}",
            )
        return home
    for folder in (start, *start.parents):
        if (folder / INDEX_FOLDER / "index" / "CURRENT").exists():
            return folder / INDEX_FOLDER
    raise IndexMissingError(
        f"there is no index in {start} or a folder above it", hint="make one: docsearch index PATH"
    )


def home_at(given: Path) -> Path:
    """Return the ``.docsearch`` folder that a path stands for."""
    if given.name == INDEX_FOLDER or (given / "index" / "CURRENT").is_file():
        return given
    return given / INDEX_FOLDER


def prepare_home(home: Path) -> None:
    """Make the folder with its own ``.gitignore``."""
    (home / "index").mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError), (home / ".gitignore").open("x", encoding="ascii") as handle:
        handle.write("*\n")


def open_lock(path: Path) -> IO[str]:
    """Open a file to be locked, made if need be.

    A link here is not ours: following it would make or change a file elsewhere.

    Args:
        path: The file.

    Returns:
        The open file.

    Raises:
        OSError: If it is a link, or cannot be written.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    return os.fdopen(descriptor, "r+", encoding="ascii", errors="replace")


@contextmanager
def writer_lock(home: Path) -> Iterator[None]:
    """Hold the right to write this index.

    Args:
        home: The ``.docsearch`` folder.

    Raises:
        IndexLockedError: If another process holds it; the message names the process.
    """
    import fcntl

    with open_lock(home / "index" / "lock") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = handle.read(20).strip() or "unknown"
            raise IndexLockedError(
                f"process {holder} is building the index in {home}",
                hint="wait for it to end, then run the command again",
            ) from error
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield


def publish(home: Path, generation: str) -> None:
    """Make a finished generation the current one, atomically.

    The one before stays, for who has read its name and not opened it yet; older ones go unless
    somebody reads them.
    """
    folder = home / "index"
    before = current_generation(home)
    temporary = folder / f"CURRENT.{os.getpid()}"
    with temporary.open("w", encoding="ascii") as handle:
        handle.write(generation + "\n")
        handle.flush()
        os.fsync(handle.fileno())
    temporary.replace(folder / "CURRENT")
    kept = {generation, before}
    for old in sorted(folder.iterdir()):
        is_ours = _GENERATION.fullmatch(old.stem) and old.suffix in ("", SEEN)
        if is_ours and old.stem not in kept:
            _remove_unread(old.with_name(old.stem))


def _remove_unread(generation: Path) -> None:
    """Remove a generation, and what is known of its files, unless somebody holds it."""
    import fcntl

    with suppress(OSError):  # it is gone: only what is known of its files is left
        descriptor = os.open(generation, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _remove(generation)
        except BlockingIOError:
            return
        finally:
            os.close(descriptor)
    _remove(generation.with_name(generation.name + SEEN))


def clear_leftovers(home: Path) -> None:
    """Remove what builds that died have left; the caller holds the writer's lock."""
    for old in sorted((home / "index").iterdir()):
        if old.suffix == BUILDING:
            _remove(old)
        elif old.name.startswith("CURRENT."):
            old.unlink(missing_ok=True)


def _remove(folder: Path) -> None:
    import shutil

    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder, ignore_errors=True)

"""One generation of the index, as searches read it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import finalize

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.arrays import damaged, load_rows, load_starts, load_values
from docsearch_cli.corpus.formats.table import TABLE, format_of_code
from docsearch_cli.graph.edge_kinds import code_of
from docsearch_cli.graph.nodes import node_id, split_node_id
from docsearch_cli.index.document_languages import LanguageSettings
from docsearch_cli.index.manifest import Manifest, Root
from docsearch_cli.models import Markup
from docsearch_cli.retrieval.asked_terms import SectionLanguages
from docsearch_cli.retrieval.keyword import KeywordIndex, load_keyword_index
from docsearch_cli.retrieval.languages import ALL_LANGUAGES
from docsearch_cli.string_table import StringTable

if TYPE_CHECKING:
    from docsearch_cli.embed.model import IndexedModel
    from docsearch_cli.graph.csr import GraphArrays

_LINK = code_of("link")
# The last day that there is, as ``date.toordinal`` counts.
_LAST_DAY = 3_652_059


@dataclass(frozen=True, slots=True)
class SectionInfo:
    """A section without its text."""

    row: int
    node: int
    heading: str
    line_start: int
    line_end: int


class Hold:
    """Keeps a generation from being removed, for as long as this object lives.

    Args:
        folder: The generation's folder.
    """

    def __init__(self, folder: Path) -> None:
        with suppress(OSError, ImportError):  # where there are no locks, nothing is held
            import fcntl

            descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
            finalize(self, os.close, descriptor)
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)


class IndexReader:
    """What a search reads of a generation; each part is opened when it is first asked for.

    Args:
        folder: The generation's folder.
        manifest: Its manifest.
        hold: Keeps it from being removed.
    """

    def __init__(self, folder: Path, manifest: Manifest, hold: Hold) -> None:
        self.folder = folder
        self.manifest = manifest
        self._hold = hold

    @property
    def digest(self) -> str:
        """The generation's digest: the same files and the same indexer give the same one."""
        return self.manifest.digest

    @property
    def language(self) -> str:
        """The language of what is not clearly in another one."""
        return self.manifest.language

    @cached_property
    def document_languages(self) -> NDArray[np.uint8]:
        """Place in ``ALL_LANGUAGES`` of the one that each document's words are stemmed in."""
        languages = load_values(
            self.folder, "documents.languages", np.uint8, (self._count("documents"),)
        )
        if len(languages) and languages.max() >= len(ALL_LANGUAGES):
            raise damaged(self.folder / "documents.languages.npy", "there is no such language")
        return languages

    @cached_property
    def languages(self) -> SectionLanguages:
        """The languages of the sections; that of the index where there is none."""
        starts = self.node_starts[np.flatnonzero(self.node_parts == 0)]
        sizes = np.diff(starts, append=self._count("sections"))
        found = np.flatnonzero(np.bincount(self.document_languages))  # np.unique loads numpy.ma
        counts = [int(sizes[self.document_languages == place].sum()) for place in found]
        order = found[np.lexsort((found, -np.array(counts, np.int64)))].tolist()
        place_of = np.zeros(len(ALL_LANGUAGES), np.uint8)
        place_of[order] = np.arange(len(order))
        names = tuple(ALL_LANGUAGES[place] for place in order)
        sections = np.repeat(place_of[self.document_languages], sizes) if len(order) > 1 else ()
        return SectionLanguages(names or (self.language,), np.array(sections, np.uint8))

    def language_of(self, document: int) -> str:
        """Return the language that a document's words are stemmed in."""
        return ALL_LANGUAGES[int(self.document_languages[document])]

    @property
    def set_languages(self) -> LanguageSettings:
        """The languages that a person set."""
        return LanguageSettings(self.set_language, self.manifest.language_parts)

    @property
    def set_language(self) -> str | None:
        """The language if a person set it; None if it was detected from the documents."""
        return self.language if self.manifest.language_is_set else None

    @property
    def counts(self) -> dict[str, int]:
        """Numbers of documents, nodes, sections, words and edges."""
        return dict(self.manifest.counts)

    @property
    def roots(self) -> tuple[Root, ...]:
        """The indexed folders."""
        return self.manifest.roots

    @cached_property
    def keyword(self) -> KeywordIndex:
        """The keyword index."""
        keyword = load_keyword_index(self.folder)
        if keyword.section_count != self._count("sections"):
            raise damaged(self.folder / "sections.lengths.npy", "there are other sections")
        return keyword

    @property
    def model(self) -> IndexedModel | None:
        """The model that the sections' vectors are from; None if there are none."""
        return self.manifest.model

    @cached_property
    def vectors(self) -> NDArray[np.float16]:
        """Vector of each section: (n_sections, dimensions) float16; only where there is a model."""
        if self.model is None:
            raise damaged(self.folder / "vectors.npy", "there is no model for it")
        shape = (self._count("sections"), self.model.dimensions)
        return load_values(self.folder, "vectors", np.float16, shape)

    @cached_property
    def graph(self) -> GraphArrays:
        """The document graph."""
        from docsearch_cli.graph.csr import load_graph

        return load_graph(self.folder)

    @cached_property
    def paths(self) -> StringTable:
        """Path of each document."""
        return StringTable.load(
            self.folder, "documents.paths", rows=self._count("documents"), may_be_empty=False
        )

    @cached_property
    def titles(self) -> StringTable:
        """Title of each document."""
        return StringTable.load(self.folder, "documents.titles", rows=self._count("documents"))

    @cached_property
    def hashes(self) -> NDArray[np.uint8]:
        """sha256 of each document's file: (n_documents, 32)."""
        return load_values(
            self.folder, "documents.hashes", np.uint8, (self._count("documents"), 32)
        )

    @cached_property
    def document_sizes(self) -> NDArray[np.int64]:
        """Bytes of each document's file, and words of its text: (n_documents, 2)."""
        return load_values(self.folder, "documents.sizes", np.int64, (self._count("documents"), 2))

    @cached_property
    def markups(self) -> NDArray[np.uint8]:
        """Code of each document's format, see ``corpus/formats/table.py``."""
        markups = load_values(
            self.folder, "documents.markups", np.uint8, (self._count("documents"),)
        )
        if not np.isin(markups, tuple(TABLE.by_code)).all():
            raise damaged(self.folder / "documents.markups.npy", "there is no such format")
        return markups

    @cached_property
    def node_documents(self) -> NDArray[np.int32]:
        """Document of each node."""
        documents = load_rows(
            self.folder,
            "nodes.documents",
            below=self._count("documents"),
            count=self._count("nodes"),
        )
        steps = np.diff(documents, prepend=-1, append=self._count("documents"))
        if not ((steps == 0) | (steps == 1)).all():
            raise damaged(self.folder / "nodes.documents.npy", "its numbers do not ascend")
        return documents

    @cached_property
    def node_parts(self) -> NDArray[np.int32]:
        """Part number of each node, 0 for the first or only one."""
        parts: NDArray[np.int32] = load_values(
            self.folder, "nodes.parts", np.int32, (self._count("nodes"),)
        )
        nodes = np.arange(len(parts))
        first_nodes = np.flatnonzero(np.diff(self.node_documents, prepend=-1))
        if not np.array_equal(parts, nodes - first_nodes[self.node_documents]):
            raise damaged(self.folder / "nodes.parts.npy", "it does not count the parts")
        return parts

    @cached_property
    def node_starts(self) -> NDArray[np.int64]:
        """First section of each node, and the number of sections at the end."""
        starts = load_starts(
            self.folder,
            "nodes.starts",
            groups=self._count("nodes"),
            values=self._count("sections"),  # an empty document is a node without any
        )
        return starts.astype(np.int64, copy=False)

    @cached_property
    def section_lines(self) -> NDArray[np.int32]:
        """First and last line of each section: (n_sections, 2)."""
        lines: NDArray[np.int32] = load_values(
            self.folder, "sections.lines", np.int32, (self._count("sections"), 2)
        )
        if not (lines[:, 0] <= lines[:, 1]).all() or (len(lines) and lines[:, 0].min() < 1):
            raise damaged(self.folder / "sections.lines.npy", "a section ends before it begins")
        return lines

    @cached_property
    def sections_above(self) -> NDArray[np.int32]:
        """How far before each section the heading above it stands, 0 for none: (n_sections,)."""
        above: NDArray[np.int32] = load_values(
            self.folder, "sections.above", np.int32, (self._count("sections"),)
        )
        if not ((above >= 0) & (above <= np.arange(len(above)))).all():
            raise damaged(self.folder / "sections.above.npy", "a heading is in no section")
        return above

    @cached_property
    def headings(self) -> StringTable:
        """Heading of each section."""
        return StringTable.load(self.folder, "sections.headings", rows=self._count("sections"))

    @cached_property
    def texts(self) -> StringTable:
        """The file's own text of each section."""
        return StringTable.load(self.folder, "sections.texts", rows=self._count("sections"))

    @cached_property
    def names(self) -> StringTable:
        """Titles and aliases, normalised to words and sorted."""
        return StringTable.load(self.folder, "names")

    @cached_property
    def name_nodes(self) -> tuple[NDArray[np.integer[Any]], NDArray[np.int32]]:
        """Where each name's nodes start, and the nodes."""
        return self._grouped("names", "nodes", groups=len(self.names))

    @cached_property
    def tags(self) -> StringTable:
        """Tags in lower case, sorted; one below another has a ``/`` between them."""
        return StringTable.load(self.folder, "tags", may_be_empty=False)

    @cached_property
    def tag_documents(self) -> tuple[NDArray[np.integer[Any]], NDArray[np.int32]]:
        """Where each tag's documents start, and the documents."""
        return self._grouped("tags", "documents", groups=len(self.tags))

    def _grouped(
        self, name: str, rows: str, *, groups: int
    ) -> tuple[NDArray[np.integer[Any]], NDArray[np.int32]]:
        """Return where each entry's rows start in a table of nodes or documents, and the rows."""
        values = load_rows(self.folder, f"{name}.{rows}", below=self._count(rows))
        starts = load_starts(
            self.folder, f"{name}.starts", groups=groups, values=len(values), may_be_empty=False
        )
        return starts, values

    @cached_property
    def dates(self) -> NDArray[np.int32]:
        """Day that each document is dated, counted as ``date.toordinal``; 0 for none."""
        dates: NDArray[np.int32] = load_values(
            self.folder, "documents.dates", np.int32, (self._count("documents"),)
        )
        if len(dates) and not 0 <= dates.min() <= dates.max() <= _LAST_DAY:
            raise damaged(self.folder / "documents.dates.npy", "there is no such day")
        return dates

    @cached_property
    def glossary(self) -> StringTable:
        """Short forms in lower case, each with a tab and a long form behind it; sorted."""
        return StringTable.load(self.folder, "glossary", may_be_empty=False)

    @cached_property
    def name_share(self) -> float:
        """How much of what leads from page to page is a title spelled as a name: 0 to 1.

        In an encyclopedia nearly all is; in manuals and notes, links and titles that are ordinary
        phrases prevail. 0 where nothing leads anywhere.
        """
        is_name = load_values(self.folder, "mentions.names", np.bool_, (None,))
        links = int(np.count_nonzero(self.graph.kinds == _LINK))
        ways = len(is_name) + links
        return round(float(np.count_nonzero(is_name)) / ways, 3) if ways else 0.0

    @property
    def node_count(self) -> int:
        """Number of nodes."""
        return self._count("nodes")

    def _count(self, noun: str) -> int:
        return self.manifest.counts[noun]

    def content_hash(self, document: int) -> str:
        """Return the sha256 of a document's file, in hex."""
        return bytes(self.hashes[document]).hex()

    def markup(self, document: int) -> Markup:
        """Return how a document's text is marked up."""
        return format_of_code(int(self.markups[document])).name

    def node_id(self, node: int) -> str:
        """Return a node's id."""
        return node_id(self.paths[int(self.node_documents[node])], int(self.node_parts[node]))

    def node_title(self, node: int) -> str:
        """Return the title of a node's document."""
        return self.titles[int(self.node_documents[node])]

    def node_of_section(self, section: int) -> int:
        """Return the node that holds a section."""
        return int(np.searchsorted(self.node_starts, section, side="right")) - 1

    def documents_of_sections(self, sections: Sequence[int]) -> list[int]:
        """Return the document of each of some sections, which is faster than one by one."""
        nodes = np.searchsorted(self.node_starts, sections, side="right") - 1
        found: list[int] = self.node_documents[nodes].tolist()
        return found

    def section(self, row: int) -> SectionInfo:
        """Return where a section stands."""
        first, last = self.section_lines[row]
        return SectionInfo(
            row, self.node_of_section(row), self.headings[row], int(first), int(last)
        )

    def headings_above(self, row: int) -> tuple[str, ...]:
        """Return the headings that a section's own one stands below, topmost first."""
        path: list[str] = []
        while distance := int(self.sections_above[row]):
            row -= distance
            path.append(self.headings[row])
        return tuple(reversed(path))

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

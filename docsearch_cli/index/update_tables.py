"""The arrays of a generation that only an update of the index reads, never a search."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from docsearch_cli.arrays import load_array
from docsearch_cli.string_table import StringTable


class UpdateTables:
    """Each array is opened when it is first asked for.

    Args:
        folder: The generation's folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def other_names(self) -> StringTable:
        """Aliases, labels and routes of each document, as JSON; empty for none."""
        return StringTable.load(self._folder, "documents.other_names")

    @cached_property
    def votes(self) -> NDArray[np.uint16]:
        """Function words of each language in each document: (n_documents, n_languages)."""
        return load_array(self._folder, "documents.votes")

    @cached_property
    def anchor_starts(self) -> NDArray[np.integer[Any]]:
        """First anchor of each document, and the number of anchors at the end."""
        return load_array(self._folder, "anchors.starts")

    @cached_property
    def anchor_keys(self) -> NDArray[np.uint32]:
        """Key of each anchor, ascending in a document."""
        return load_array(self._folder, "anchors.keys")

    @cached_property
    def anchor_sections(self) -> NDArray[np.int32]:
        """Section of its document that each anchor stands for."""
        return load_array(self._folder, "anchors.sections")

    @cached_property
    def link_counts(self) -> NDArray[np.int32]:
        """Links of each document, see ``LinkFacts``: (n_documents, 9)."""
        return load_array(self._folder, "links.counts")

    @cached_property
    def asked_starts(self) -> NDArray[np.integer[Any]]:
        """Where each document's keys in ``asked_keys`` start, and their number at the end."""
        return load_array(self._folder, "links.asked_starts")

    @cached_property
    def asked_keys(self) -> NDArray[np.uint32]:
        """Keys of the names that links were looked up by, ascending in a document."""
        return load_array(self._folder, "links.asked")

    @cached_property
    def mention_sources(self) -> NDArray[np.int32]:
        """Node of each mention; sorted, then by target."""
        return load_array(self._folder, "mentions.sources")

    @cached_property
    def mention_targets(self) -> NDArray[np.int32]:
        """Document that each mention names."""
        return load_array(self._folder, "mentions.targets")

    @cached_property
    def mention_names(self) -> NDArray[np.bool_]:
        """Whether each mention spells the document as a name."""
        return load_array(self._folder, "mentions.names")

"""The documentation systems whose rules are known: one row each, and a module with its rules.

A row says how a system is detected and what its rules are; whoever needs a rule asks the functions
below, which go through all rows. A rule about a syntax that one system alone has (``{% link %}``)
holds everywhere. How pages are served does not show in their text, so that rule holds below the
folder in which a marker of the system lies, or everywhere if the row says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from docsearch_cli.corpus.systems import (
    antora,
    docusaurus,
    github_wiki,
    hugo,
    jekyll,
    sphinx,
)
from docsearch_cli.models import Markup


@dataclass(frozen=True, slots=True)
class System:
    """What is known about one documentation system."""

    name: str
    markers: tuple[str, ...]
    """Names of files or folders: where one lies, the folder and all below it is of the system."""
    is_assumed: bool = False
    """Whether ``served_path`` holds without a marker too: often a site's pages are indexed without
    its configuration."""
    served_path: Callable[[str], str] | None = None
    """Returns the path at which a page is served, given its file's path without suffix."""
    named_page: Callable[[str], str | None] | None = None
    """Returns the name of the page that a link's target names, wherever the page lies; None if the
    target is written in another way."""
    address_of: Callable[[str], str] | None = None
    """Returns a link's target as a plain address."""
    xref_path: Callable[[str], str] | None = None
    """Returns the path that the target of an AsciiDoc cross-reference means."""
    pages_made_of: Callable[[str], Iterator[str]] | None = None
    """Yields the places of the pages that may be made of a file, of which it is then a copy."""
    finds_by_name: bool = False
    """Whether an address without a folder leads to the page of this name, wherever it lies. Markers
    count in the root alone."""
    made_labels: frozenset[str] = frozenset()
    """Labels of pages that no file holds."""
    label_markups: frozenset[Markup] = frozenset()
    """Formats in which headings are labels."""
    fragment_markups: frozenset[Markup] = frozenset()
    """Formats in which a link's fragment may be a label of another page."""
    is_foreign_label: Callable[[str], bool] | None = None
    """Tells whether a label that no page defines is one of another project."""


SYSTEMS: tuple[System, ...] = (
    System(
        name="jekyll",
        markers=("_config.yml",),
        named_page=jekyll.named_page,
        address_of=jekyll.address_of,
    ),
    System(
        name="hugo",
        markers=("hugo.toml", "hugo.yaml", "hugo.json"),
        named_page=hugo.named_page,
    ),
    System(
        name="docusaurus",
        markers=("docusaurus.config.js", "docusaurus.config.ts"),
        is_assumed=True,
        served_path=docusaurus.served_path,
        address_of=docusaurus.address_of,
    ),
    System(
        name="github-wiki",
        markers=("_Sidebar.md",),
        is_assumed=True,
        served_path=github_wiki.served_path,
    ),
    System(
        name="sphinx",
        markers=("conf.py",),
        pages_made_of=sphinx.pages_made_of,
        made_labels=sphinx.MADE_LABELS,
        label_markups=sphinx.LABEL_MARKUPS,
        fragment_markups=sphinx.FRAGMENT_MARKUPS,
        is_foreign_label=sphinx.is_foreign_label,
    ),
    System(name="antora", markers=("antora.yml",), xref_path=antora.path_of_page),
    System(name="obsidian", markers=(".obsidian",), finds_by_name=True),
)
"""In the order in which their rules are applied."""


def named_page(target: str) -> str | None:
    """Return the name of the page that a link's target names in any system's way."""
    for system in SYSTEMS:
        if system.named_page is not None:
            name = system.named_page(target)
            if name is not None:
                return name
    return None


def address_of(target: str) -> str:
    """Return a link's target without what only one system understands."""
    for system in SYSTEMS:
        if system.address_of is not None:
            target = system.address_of(target)
    return target


def xref_path(target: str) -> str:
    """Return the path that the target of an AsciiDoc cross-reference means."""
    for system in SYSTEMS:
        if system.xref_path is not None:
            target = system.xref_path(target)
    return target


def pages_made_of(location: str) -> Iterator[str]:
    """Yield the absolute paths of pages of which a file may be a copy."""
    for system in SYSTEMS:
        if system.pages_made_of is not None:
            yield from system.pages_made_of(location)


def markers_of_named_pages() -> Iterator[str]:
    """Yield the markers that make pages known by name in the root where they lie."""
    for system in SYSTEMS:
        if system.finds_by_name:
            yield from system.markers


def is_made_label(label: str) -> bool:
    """Tell whether a label is one of a page that no file holds."""
    return any(label in system.made_labels for system in SYSTEMS)


def has_heading_labels(markup: Markup) -> bool:
    """Tell whether headings are labels for the links of a document."""
    return any(markup in system.label_markups for system in SYSTEMS)


def has_fragment_labels(markup: Markup) -> bool:
    """Tell whether the fragments of a document's links may be labels of other pages."""
    return any(markup in system.fragment_markups for system in SYSTEMS)


def is_foreign_label(label: str, markup: Markup) -> bool:
    """Tell whether a label that no page defines is one of another project."""
    return any(
        system.is_foreign_label(label)
        for system in SYSTEMS
        if system.is_foreign_label is not None and markup in system.label_markups
    )

"""The documentation systems whose rules are known: one row each, and a module with its rules.

A row says how a system is detected and what its rules are. ``detection.py`` says which rows hold
for a document; rules about a syntax that one system alone has (``{% link %}``) hold everywhere, and
so does how pages are served if the row says so: often a site's pages are indexed without its
configuration. What a rule says besides what is true everywhere is only tried after that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from docsearch_cli.corpus.systems import (
    antora,
    dendron,
    docfx,
    docusaurus,
    github_wiki,
    hugo,
    jekyll,
    logseq,
    mdbook,
    mkdocs,
    obsidian,
    pelican,
    quarto,
    sphinx,
    vitepress,
    zola,
)
from docsearch_cli.corpus.systems.antora import Place, SiteFacts
from docsearch_cli.models import Markup

PlacesOf = Callable[[str, str, SiteFacts, Sequence[SiteFacts]], list[Place] | None]
AnchorRule = Literal[
    "github",
    "python-markdown",
    "pandoc",
    "kramdown",
    "vitepress",
    "vuepress",
    "mdbook",
    "docutils",
    "obsidian",
]
"""How a heading becomes an anchor."""


@dataclass(frozen=True, slots=True)
class System:
    """What is known about one documentation system."""

    name: str
    """Also what a person calls it in ``docsearch.toml``."""
    markers: tuple[str, ...] = ()
    """Paths of files or folders, as the site's folder sees them: where one lies, there is a site
    of the system."""
    weak_markers: tuple[str, ...] = ()
    """Markers that count only where there is none in the same folder or in one above."""
    paired_markers: tuple[str, ...] = ()
    """Markers that count only beside one of the folders ``beside``."""
    beside: tuple[str, ...] = ()
    """Names of folders, one of which a paired marker needs beside it."""
    instead_of: tuple[str, ...] = ()
    """Names of systems whose markers it has too: beside its own they say nothing."""
    is_assumed: bool = False
    """Whether ``served_path`` holds without a marker too: often a site's pages are indexed without
    its configuration."""
    anchor_rules: tuple[AnchorRule, ...] = ("github",)
    """How headings of Markdown become anchors; several where it depends on its configuration."""
    link_hooks: tuple[str, ...] = ()
    """Files that may give links another meaning, as the site's folder sees them: where one is, an
    address of one word that leads nowhere is not known to be broken."""
    content_folders: tuple[str, ...] = ()
    """Folders of the site that are served as its root: an address from the root is looked for in
    each, the site's own folder first."""
    template_folders: tuple[str, ...] = ()
    """Names of folders with what pages are put together from: an address in it that is relative to
    a page is one of pages that lie elsewhere."""
    serves_sources: bool = False
    """Whether its tool makes an address of a page of any ``x.md``, whether that is there or not."""
    shares_host: bool = False
    """Whether sites of the system are made to be served beside others, so that an address from the
    root may be one of another site."""
    made_of: Callable[[str], str | None] | None = None
    """Returns the page, without suffix, beside which the system makes the one of an address."""
    serves_readme_as_index: bool = False
    """Whether a link to ``index.md`` may mean ``README.md``; ``index.html`` may everywhere."""
    permalinks: Callable[[str, str, Sequence[str], Mapping[str, str]], Iterator[str]] | None = None
    """Yields where a page is served by its site's settings alone, given its path without suffix
    from the folder of its content, its title, the addresses of its front matter, the settings."""
    moved: Callable[[str, Mapping[str, str]], str | None] | None = None
    """Returns the path at which a page is served by its site's settings alone, given its path
    without suffix from the folder of its content; None for its own."""
    served_path: Callable[[str], str] | None = None
    """Returns the path at which a page is served, given its file's path without suffix."""
    named_page: Callable[[str], str | None] | None = None
    """Returns the name of the page that a link's target names, wherever the page lies; None if the
    target is written in another way."""
    address_of: Callable[[str], str] | None = None
    """Returns a link's target as a plain address."""
    xref_path: Callable[[str], str] | None = None
    """Returns the path that the target of an AsciiDoc cross-reference means where its site is not
    known."""
    with_attributes: Callable[[str, Mapping[str, str]], str] | None = None
    """Returns a target with values for the attributes in it, given the site's settings."""
    places_of: PlacesOf | None = None
    """Returns the places that a link's target means by the system's own way to name a page, given
    the linking page as its site sees it, the site, and all sites of the system."""
    pages_made_of: Callable[[str], Iterator[str]] | None = None
    """Yields the places of the pages that may be made of a file, of which it is then a copy."""
    name_in_address: Callable[[str], str | None] | None = None
    """Returns the page that an address names, wherever the page lies; None if it says where."""
    has_wiki_links: bool = False
    """Whether ``[[a]]`` is a link; where it is none, one that leads nowhere is text."""
    has_text_first: bool = False
    """Whether ``[[a|b]]`` shows ``a`` and leads to ``b``; elsewhere it is the other way."""
    page_in_link: Callable[[str, Mapping[str, str]], str] | None = None
    """Returns the name of the page in a wiki link's target, given the site's settings."""
    page_names: Callable[[str], Iterator[str]] | None = None
    """Yields names by which wiki links know a page, given its file's path without suffix as the
    site sees it."""
    page_name: Callable[[str], str] | None = None
    """Returns the name that a wiki link means, in the spelling of ``page_names``."""
    has_undated_posts: Callable[[Mapping[str, str]], bool] | None = None
    """Tells by the site's settings whether the address of a post may lack its date."""
    fills_references: bool = False
    """Whether a folder of a reference that holds its index alone is one that a build fills."""
    makes_pages: bool = False
    """Whether a page is there as soon as a wiki link names it, with or without a file."""
    made_pages: frozenset[str] = frozenset()
    """Parts of the addresses of pages that no file holds: lists of all with a tag, feeds."""
    made_labels: frozenset[str] = frozenset()
    """Labels of pages that no file holds."""
    is_made_place: Callable[[str, Mapping[str, str]], bool] | None = None
    """Tells by the site's settings whether an address is that of a place in a page of programs."""
    label_markups: frozenset[Markup] = frozenset()
    """Formats in which headings are labels."""
    fragment_markups: frozenset[Markup] = frozenset()
    """Formats in which a link's fragment may be a label of another page."""
    is_foreign_label: Callable[[str], bool] | None = None
    """Tells whether a label that no page defines is one of another project."""
    has_other_projects: Callable[[Mapping[str, str]], bool] | None = None
    """Tells by the site's settings whether any label that no page defines may be of another
    project."""
    config_files: tuple[str, ...] = ()
    """Names of files in the site's folder that ``settings_in`` reads; ``*`` is anything. A path
    begins with a hidden folder, of which nothing else is read."""
    settings_in: Callable[[str, str], Mapping[str, str]] | None = None
    """Returns what a configuration file says that its rules need, given its name and its text."""


MADE_PAGES = "made-pages"
"""Setting that names, with spaces, pages that a site's configuration makes."""
MADE_FOLDER = "made-folder"
"""Setting that names, with spaces, folders of the site that a build fills with pages."""
MADE_PLACES = "made-places"
"""Setting of a folder to whose pages a program may give any place."""
MOUNTS = "mounts"
"""Setting that names, with spaces, places in the site's root with what is put there from elsewhere,
``guide:tmp/guide``, both as the site's folder sees them."""
BASE = "base"
"""Setting that names the folder of its host in which a site is served."""
CONTENT = "content"
"""Setting that names, with spaces, further folders that are served as the site's root."""
# Lists that generators make of pages' tags and dates, for programs and for people.
_FEEDS = frozenset(
    ("atom.xml", "feed.xml", "index.xml", "llms.txt", "robots.txt", "rss.xml", "sitemap.xml")
)
_LISTS = _FEEDS | {"archive", "archives", "authors", "categories", "page", "series", "tags"}

_SPHINX = System(
    name="sphinx",
    markers=("conf.py",),
    anchor_rules=("github", "docutils"),
    address_of=sphinx.address_of,
    pages_made_of=sphinx.pages_made_of,
    made_labels=sphinx.MADE_LABELS,
    is_made_place=sphinx.is_made_place,
    label_markups=sphinx.LABEL_MARKUPS,
    fragment_markups=sphinx.FRAGMENT_MARKUPS,
    is_foreign_label=sphinx.is_foreign_label,
    has_other_projects=sphinx.has_other_projects,
    config_files=("conf.py",),
    settings_in=sphinx.settings_in,
)

SYSTEMS: tuple[System, ...] = (
    System(
        name="jekyll",
        made_pages=_LISTS,
        template_folders=("_includes", "_layouts"),
        markers=("_config.yml",),
        anchor_rules=("kramdown", "github"),
        served_path=jekyll.served_path,
        named_page=jekyll.named_page,
        address_of=jekyll.address_of,
        has_undated_posts=jekyll.has_undated_posts,
        config_files=("_config.yml",),
        settings_in=jekyll.settings_in,
    ),
    System(
        name="hugo",
        template_folders=("layouts",),
        link_hooks=hugo.LINK_HOOKS,
        made_pages=_LISTS,
        markers=tuple(
            folder + name
            for folder in ("", "config/_default/")
            for name in ("hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json")
        )
        + tuple(f"config/_default/config.{suffix}" for suffix in ("toml", "yaml", "yml", "json")),
        paired_markers=("config.toml", "config.yaml", "config.yml", "config.json"),
        beside=("content", "archetypes"),
        content_folders=("content", "static", "content/en"),
        served_path=hugo.served_path,
        named_page=hugo.named_page,
        name_in_address=hugo.name_in_address,
        page_name=hugo.page_name,
        page_names=hugo.page_names,
        permalinks=hugo.permalinks,
        config_files=tuple(
            f"{name}.{suffix}"
            for name in ("hugo", "config", "module*", "permalinks")
            for suffix in ("toml", "yaml", "yml", "json")
        ),
        settings_in=hugo.settings_in,
    ),
    System(
        name="zola",
        made_pages=_LISTS,
        template_folders=("templates",),
        paired_markers=("config.toml",),
        beside=("templates", "themes"),
        instead_of=("hugo",),
        content_folders=("content", "static"),
        address_of=zola.address_of,
    ),
    System(
        name="pelican",
        made_pages=_LISTS,
        markers=("pelicanconf.py",),
        content_folders=("content",),
        anchor_rules=("python-markdown", "github"),
        address_of=pelican.address_of,
    ),
    System(
        name="docusaurus",
        made_pages=_LISTS,
        markers=docusaurus.CONFIG_FILES,
        is_assumed=True,
        content_folders=("static", "src/pages"),
        served_path=docusaurus.served_path,
        address_of=docusaurus.address_of,
        config_files=docusaurus.CONFIG_FILES,
        settings_in=docusaurus.settings_in,
    ),
    System(
        name="github-wiki",
        markers=("_Sidebar.md", "_Footer.md"),
        weak_markers=("Home.md",),
        is_assumed=True,
        served_path=github_wiki.served_path,
        name_in_address=github_wiki.name_in_address,
        has_wiki_links=True,
        has_text_first=True,
        page_names=github_wiki.page_names,
        page_name=github_wiki.page_name,
    ),
    System(
        name="mkdocs",
        made_pages=_LISTS | {"favicon.ico"},  # that of its themes
        markers=("mkdocs.yml", "mkdocs.yaml", "zensical.toml"),
        anchor_rules=("python-markdown", "github"),
        content_folders=("docs",),
        config_files=mkdocs.CONFIG_FILES,
        settings_in=mkdocs.settings_in,
    ),
    System(
        name="mdbook",
        made_pages=frozenset(("print.html",)),
        markers=("book.toml",),
        anchor_rules=("mdbook",),
        content_folders=("src",),
        serves_readme_as_index=True,
        serves_sources=True,
        config_files=("book.toml",),
        settings_in=mdbook.settings_in,
    ),
    System(
        name="vitepress",
        made_pages=_FEEDS,
        markers=(".vitepress", ".vuepress"),
        anchor_rules=("vitepress", "vuepress", "github"),
        content_folders=("public", "src"),
        moved=vitepress.moved,
        config_files=(".vitepress/config.*", ".vuepress/config.*"),
        settings_in=vitepress.settings_in,
    ),
    System(
        name="quarto",
        made_of=quarto.made_of,
        fills_references=True,
        config_files=("_metadata.yml", "_quarto.yml"),
        settings_in=quarto.settings_in,
        markers=("_quarto.yml",),
        anchor_rules=("pandoc", "github"),
    ),
    _SPHINX,
    replace(
        _SPHINX,
        name="jupyter-book",
        markers=("_toc.yml", "myst.yml"),
        instead_of=("jekyll",),
        made_pages=frozenset(("myst.xref.json", "robots.txt", "sitemap.xml")),
        address_of=None,
        pages_made_of=None,
        config_files=("myst.yml",),
    ),
    System(
        name="antora",
        markers=("antora.yml",),
        shares_host=True,
        xref_path=antora.path_of_page,
        places_of=antora.places_of,
        with_attributes=antora.with_attributes,
        config_files=antora.CONFIG_FILES,
        settings_in=antora.settings_in,
    ),
    System(name="docfx", markers=("docfx.json",), shares_host=True, address_of=docfx.address_of),
    System(
        name="obsidian",
        markers=(".obsidian",),
        anchor_rules=("obsidian", "github"),
        name_in_address=obsidian.name_in_address,
        has_wiki_links=True,
    ),
    System(
        name="logseq",
        markers=("logseq/config.edn",),
        name_in_address=logseq.name_in_address,
        has_wiki_links=True,
        page_names=logseq.page_names,
        page_name=logseq.page_name,
        makes_pages=True,
    ),
    System(
        name="dendron",
        markers=("dendron.yml",),
        has_wiki_links=True,
        has_text_first=True,
        page_in_link=dendron.page_in_link,
        config_files=("dendron.yml",),
        settings_in=dendron.settings_in,
    ),
)
"""In the order in which their rules are applied."""


# Of the rows that have a rule, the rule: each link goes through them.
_NAMED_PAGE = tuple(system.named_page for system in SYSTEMS if system.named_page is not None)
_ADDRESS_OF = tuple(system.address_of for system in SYSTEMS if system.address_of is not None)


def named_page(target: str) -> str | None:
    """Return the name of the page that a link's target names in any system's way."""
    for rule in _NAMED_PAGE:
        name = rule(target)
        if name is not None:
            return name
    return None


def address_of(target: str) -> str:
    """Return a link's target without what only one system understands."""
    for rule in _ADDRESS_OF:
        target = rule(target)
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

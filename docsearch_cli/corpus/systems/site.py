"""A site: a folder with a marker, its systems, and what its configuration says.

A site sees the files below its folder by paths of its own; what it serves as its root, and what it
puts there from elsewhere, its systems' rows and its settings say.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from docsearch_cli.corpus.formats.suffixes import split_suffix
from docsearch_cli.corpus.systems.sphinx import COPIED
from docsearch_cli.corpus.systems.table import (
    BASE,
    CONTENT,
    MADE_FOLDER,
    MADE_PAGES,
    MOUNTS,
    System,
)


@dataclass(frozen=True, slots=True)
class Site:
    """A folder of a corpus and what lies below it, up to other sites."""

    folder: str
    """Its path; empty for the corpus itself."""
    systems: tuple[System, ...]
    """Its systems, in the order of the table."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """What its configuration says, see ``System.settings_in``."""
    is_set: bool = False
    """Whether a person named the systems."""

    is_guess: bool = False
    """Whether only a weak marker says so."""

    content_folders: tuple[str, ...] = field(init=False, compare=False, repr=False)
    """Folders of the corpus that are served as the site's root; they may lie beside its own."""

    def __post_init__(self) -> None:
        names = (name for system in self.systems for name in system.content_folders)
        every = map(self.outer, (*names, *self.settings.get(CONTENT, "").split()))
        object.__setattr__(self, "content_folders", tuple(map(posixpath.normpath, every)))

    @property
    def has_text_first(self) -> bool:
        """Whether ``[[a|b]]`` shows ``a`` and leads to ``b``."""
        return any(system.has_text_first for system in self.systems)

    def content_folder_of(self, path: str) -> str | None:
        """Return the innermost folder served as the root that holds a page; None if none does."""
        folders = (folder for folder in self.content_folders if path.startswith(f"{folder}/"))
        return max(folders, key=len, default=None)

    def place_in_content(self, path: str) -> str | None:
        """Return a page's path from the folder that is served as the root; None if it is not."""
        for content in self.content_folders:
            if path.startswith(f"{content}/"):
                return path[len(content) + 1 :]
        return None

    def moved(self, path: str) -> str | None:
        """Return the path, without suffix, at which the site's configuration serves a page.

        None for its own.
        """
        rules = [system.moved for system in self.systems if system.moved] if self.settings else []
        folder = self.content_folder_of(path) or self.folder
        start = len(folder) + 1 if folder else 0
        for rule in rules:
            place = rule(split_suffix(path)[0][start:], self.settings)
            if place is not None:
                return f"{folder}/{place}" if folder else place
        return None

    def without_base(self, address: str) -> str | None:
        """Return an address from the root of the site for one from its host's; None for others."""
        base = self.settings.get(BASE, "")
        start = f"/{base}/"
        return address[len(start) - 1 :] if base and f"{address}/".startswith(start) else None

    def has_beside_content(self, path: str) -> bool:
        """Tell whether a file lies in the site's folder and in none that it serves."""
        return bool(self.content_folders) and self.place_in_content(path) is None

    @property
    def has_mounts(self) -> bool:
        """Whether the site puts files from other folders among its pages."""
        return MOUNTS in self.settings

    def mounted(self, path: str) -> str | None:
        """Return what is put at a path.

        Args:
            path: Seen from the site's root, or from a folder of the corpus that is served as it.

        Returns:
            The path of the corpus from which it is put there; None if nothing is.
        """
        folders = ("", *(f"{folder}/" for folder in self.content_folders))
        for mount in self.settings.get(MOUNTS, "").split():
            target, _, source = mount.partition(":")
            for folder in folders:
                place = f"{folder}{target}"
                if path == place or path.startswith(f"{place}/"):
                    return posixpath.normpath(self.outer(source + path[len(place) :]))
        return None

    def copied(self, path: str) -> Iterator[str]:
        """Yield where what is served at a path may lie in folders that are copied to the root."""
        for folder in self.settings.get(COPIED, "").split():
            yield posixpath.normpath(self.outer(f"{folder}/{self.inner(path)}"))

    @property
    def serves_readme_as_index(self) -> bool:
        """Whether a link may call a folder's README its index."""
        return any(system.serves_readme_as_index for system in self.systems)

    @property
    def has_wiki_links(self) -> bool:
        """Whether ``[[a]]`` is a link here; it may be where the system is not known."""
        return not self.systems or any(system.has_wiki_links for system in self.systems)

    def is_made_page(self, address: str) -> bool:
        """Tell whether an address is of a page that the site's tool makes of others."""
        if split_suffix(address)[1] not in ("", ".html", ".htm", ".txt"):
            return False  # it names a source
        parts = [part for part in address.split("/") if part not in ("", ".", "..")]
        if parts and split_suffix(parts[-1])[0] in self.settings.get(MADE_PAGES, "").split():
            return True
        if len(parts) == 1 and split_suffix(parts[0])[0] in self._made_labels:
            return True
        # The last part is the name of a page of its own: a page called "tags" is there, or is not.
        lists = parts[:-1] if len(parts) > 1 and "." not in parts[-1] else parts
        return any(not system.made_pages.isdisjoint(lists) for system in self.systems)

    @property
    def _made_labels(self) -> frozenset[str]:
        return frozenset().union(*(system.made_labels for system in self.systems))

    def is_in_made_folder(self, path: str, address: str) -> bool:
        """Tell whether an address in a page leads into a folder that a build fills."""
        made = self.settings.get(MADE_FOLDER, "").split()
        if not made:
            return False
        own = "" if address.startswith("/") else posixpath.dirname(self.inner(path))
        place = posixpath.normpath(posixpath.join(own, address.lstrip("/")))
        return any(place == folder or place.startswith(f"{folder}/") for folder in made)

    def is_made_place(self, address: str) -> bool:
        """Tell whether an address is that of a place in a page that is made of programs."""
        return any(
            system.is_made_place(address, self.settings)
            for system in self.systems
            if system.is_made_place is not None
        )

    def is_template(self, path: str) -> bool:
        """Tell whether a file is a template: its own place says nothing of where its pages lie."""
        folders = self.inner(path).split("/")[:-1]
        return any(folder in folders for s in self.systems for folder in s.template_folders)

    @property
    def serves_sources(self) -> bool:
        """Whether a page may be called by its source's name wherever it is."""
        return any(system.serves_sources for system in self.systems)

    @property
    def shares_host(self) -> bool:
        """Whether an address from the root may be one of other sites on the same host."""
        return any(system.shares_host for system in self.systems)

    @property
    def makes_pages(self) -> bool:
        """Whether a page is there as soon as a wiki link names it."""
        return any(system.makes_pages for system in self.systems)

    @property
    def serves_posts_undated(self) -> bool:
        """Whether the address of a post may lack its date."""
        return any(s.has_undated_posts(self.settings) for s in self.systems if s.has_undated_posts)

    @property
    def has_other_projects(self) -> bool:
        """Whether a label that no page defines may be one of another project."""
        return any(
            s.has_other_projects(self.settings) for s in self.systems if s.has_other_projects
        )

    def with_attributes(self, target: str) -> str:
        """Return a target with values for the attributes in it that the site sets."""
        for system in self.systems:
            if system.with_attributes is not None:
                target = system.with_attributes(target, self.settings)
        return target

    def name_in_address(self, address: str) -> str | None:
        """Return the page that an address names, wherever it lies; None if it names none."""
        for system in self.systems:
            name = system.name_in_address(address) if system.name_in_address else None
            if name:
                return name
        return None

    def inner(self, path: str) -> str:
        """Return a path below the site's folder as the site sees it."""
        return path[len(self.folder) + 1 :] if self.folder else path

    def outer(self, path: str) -> str:
        """Return the corpus's path for one that the site sees."""
        return "/".join(filter(None, (self.folder, path)))


NO_SITE = Site("", ())
"""Where no marker says anything."""

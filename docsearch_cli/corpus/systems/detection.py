"""Which documentation system a document belongs to: the one whose marker lies nearest above it.

A corpus may hold many sites, one in a folder of another. Each begins at a folder with a marker, and
ends where the next one begins. A weak marker, a name that other systems use too, counts only where
nothing else says what a folder is.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from docsearch_cli.corpus.systems import table
from docsearch_cli.corpus.systems.antora import SiteFacts
from docsearch_cli.corpus.systems.configuration import HIDDEN_FOLDERS
from docsearch_cli.corpus.systems.hugo import TOOL
from docsearch_cli.corpus.systems.site import NO_SITE, Site
from docsearch_cli.corpus.systems.table import MADE_PLACES, System

# Generators of all kinds serve such a folder's files from the site's root, programs of a site's own
# those of the others.
_PUBLIC_FOLDERS = ("public", "static", "app", "src/app", "src/pages", "src/routes")
SERVED_NAMES = frozenset(
    folder.rpartition("/")[2]
    for folder in (*_PUBLIC_FOLDERS, *(f for s in table.SYSTEMS for f in s.content_folders))
)
"""Names of the folders that sites serve as their roots."""
_MOST_SITES_TRIED = 5
# Where sites may keep their configuration.
_CONFIG_FOLDERS = ("config/_default", *sorted(HIDDEN_FOLDERS))
# A marker is a file, in a folder of a folder of the site at most.
_MOST_MARKER_PARTS = 3


@dataclass(frozen=True, slots=True)
class DetectedSystems:
    """The sites of a corpus."""

    sites: Mapping[str, Site]
    """Each by its folder, in the order of the folders."""
    made_places: frozenset[str] = frozenset()
    """Folders to whose pages, and to those below, a program may give any place."""
    _site_of_folder: dict[str, Site] = field(default_factory=dict, compare=False, repr=False)

    def site_of(self, path: str) -> Site:
        """Return the site that a document belongs to: the nearest one that it lies in.

        Args:
            path: The document.

        Returns:
            The site; ``NO_SITE`` if there is none.
        """
        folder = path.rpartition("/")[0]
        site = self._site_of_folder.get(folder)
        if site is None:
            site = self._site_of_folder[folder] = self._find(folder)
        return site

    def _find(self, folder: str) -> Site:
        while folder and folder not in self.sites:
            folder = folder.rpartition("/")[0]
        return self.sites.get(folder, NO_SITE)

    def may_have_made_places(self, path: str) -> bool:
        """Tell whether a program may give a document places that are not in it."""
        return bool(self.made_places) and any(
            folder in self.made_places for folder in _folders_above(path)
        )

    def folders_served_at_root(self, path: str, address: str) -> Iterator[str]:
        """Yield the folders in which an address may be looked for, besides those above a document.

        Args:
            path: The document. Its site may be kept in another folder than its pages, so one that
                belongs to no site may belong to any.
            address: The address.

        Yields:
            Folders that a site serves as its root.
        """
        site = self.site_of(path)
        yield from site.content_folders
        if not address.startswith("/"):
            return
        if site is NO_SITE and len(self.sites) <= _MOST_SITES_TRIED:
            for other in self.sites.values():
                if other.content_folders:
                    yield from (other.folder, *other.content_folders)
        folder = path.rpartition("/")[0]
        for above in (*_folders_above(folder), folder):
            yield from ("/".join(filter(None, (above, name))) for name in _PUBLIC_FOLDERS)

    def folders_above(self, path: str, name: str) -> Iterator[str]:
        """Yield the folders of a name in every folder above a document, and in its site's own."""
        folder = path.rpartition("/")[0]
        for above in (*_folders_above(folder), folder, *self.site_of(path).content_folders):
            yield f"{above}/{name}" if above else name

    def paths_as_served(self, path: str, address: str) -> Iterator[str]:
        """Yield the paths that an address means from where a site serves its document.

        Its configuration may say where, and a site may be served in another.

        Args:
            path: The document.
            address: The address.

        Yields:
            Paths of the corpus; none if the address is not relative, or the document is in no
            folder that its site serves as its root.
        """
        own = self.site_of(path)
        moved = own.moved(path)
        if moved is not None and not address.startswith("/"):
            yield posixpath.normpath(posixpath.join(posixpath.dirname(moved), address))
        served = self._served_from(path, address)
        if served is None:
            return
        for folder in (served, *_folders_above(served)):
            site = self.sites.get(folder)
            if site is not None and site is not own:
                inner = site.inner(served)
                yield from (f"{content}/{inner}" for content in site.content_folders)

    def paths_in_other_sites(self, path: str, address: str) -> Iterator[str]:
        """Yield the paths that an address from the host's root means in other sites of its system.

        Such sites are served beside each other: ``/press/install`` is ``install`` in the site below
        a folder ``press``.
        """
        name, slash, rest = address.strip("/").partition("/")
        own = self.site_of(path)
        if not address.startswith("/") or not name:
            return
        for other in self.sites.values():
            if other is own or other.systems != own.systems or name not in other.folder.split("/"):
                continue
            for folder in (other.folder, *other.content_folders):
                yield f"{folder}/{rest}".strip("/") if slash else folder

    def leaves_site(self, path: str, address: str) -> bool:
        """Tell whether an address, as it is served, leads out of its document's site."""
        site = self.site_of(path)
        place = None if address.startswith("/") else site.place_in_content(path)
        if place is None:
            return address.endswith(".html") and self._leaves_own_folder(path, address)
        # Not by the paths of the corpus: a site in a folder "book" is served under any name.
        return posixpath.normpath(posixpath.join(posixpath.dirname(place), address)).startswith(
            "../"
        )

    def _leaves_own_folder(self, path: str, address: str) -> bool:
        """Tell whether a page's address leads out of its site if the page's folder is one's root.

        A page outside what its site serves as its root may be put there by something else.
        """
        site = self.site_of(path)
        inner, slash, own = site.inner(path).partition("/")
        if not (site.content_folders and slash and inner) or address.startswith("/"):
            return False
        return posixpath.normpath(f"{posixpath.dirname(own)}/{address}".lstrip("/")).startswith(
            "../"
        )

    def _served_from(self, path: str, address: str) -> str | None:
        """Return where an address leads from the place at which its document is served."""
        if address.startswith("/"):
            return None
        site = self.site_of(path)
        place = site.place_in_content(path)
        if place is None:
            return None
        folder = site.outer(place).rpartition("/")[0]
        return posixpath.normpath(posixpath.join(folder, address))

    def facts_of(self, site: Site, system: System) -> list[SiteFacts]:
        """Return what the rules of a system need to know of a site, then of all its sites."""
        among = (other for other in self.sites.values() if system in other.systems)
        return [SiteFacts(s.folder, s.settings) for s in (site, *among)]

    def of(self, path: str) -> tuple[System, ...]:
        """Return the systems of a document, in the order of the table."""
        return self.site_of(path).systems

    def served_path(self, path: str, stem: str) -> str:
        """Return the path at which a document, or the folder it stands for, is served.

        Args:
            path: The document.
            stem: Its path without suffix, or that of a folder above it.

        Returns:
            The path; the same one if nothing is known about how it is served.
        """
        own = self.of(path)
        for system in table.SYSTEMS:
            if system.served_path is not None and (
                system in own or (system.is_assumed and not own)
            ):
                stem = system.served_path(stem)
        return stem


def detect_systems(
    paths: Iterable[str],
    settings: Mapping[str, Mapping[str, str]] | None = None,
    named: Mapping[str, tuple[str, ...]] | None = None,
) -> DetectedSystems:
    """Find the markers in a corpus.

    Args:
        paths: Every file of the corpus, whether it is a document or not, and every folder that was
            left out, with a ``/`` at its end.
        settings: What the configuration files among them say, by their paths.
        named: Names of the systems of folders for which a person set them, none included.

    Returns:
        The sites.
    """
    paths = tuple(paths)
    by_name = {system.name: system for system in table.SYSTEMS}
    known: dict[str, dict[str, str]] = {}
    for path in sorted(settings or {}):
        folder = _site_of_configuration(path)
        known.setdefault(folder, {}).update((settings or {})[path])
    found, weak = _marked_folders(paths)
    for folder in sorted(found.keys() & known.keys()):
        tool = by_name.get(known[folder].get(TOOL, ""))
        if tool is not None:
            found[folder] = _as_its_tool(found[folder], tool)
    guessed = {
        folder: weak[folder]
        for folder in weak
        if _nearest(folder, found) is None and not _has_spaced_names(folder, paths)
    }
    found |= guessed
    chosen = {
        folder: tuple(by_name[name] for name in names) for folder, names in (named or {}).items()
    }
    sites: dict[str, Site] = {}
    for folder in sorted({*found, *chosen}):
        systems = found.get(folder, frozenset())
        in_order = tuple(system for system in table.SYSTEMS if system in systems)
        in_order = chosen.get(folder, in_order)
        above = _nearest(folder.rpartition("/")[0], sites) if folder else None
        if above is not None and folder not in chosen and _is_part_of(in_order, sites[above]):
            continue
        is_set = folder in chosen
        is_guess = folder in guessed and not is_set
        sites[folder] = Site(folder, in_order, known.get(folder, {}), is_set, is_guess)
    made = (folder for folder, found in known.items() if MADE_PLACES in found)
    return DetectedSystems(sites, frozenset(made))


def _site_of_configuration(path: str) -> str:
    """Return the folder of the site that a configuration file, or a folder of them, is of."""
    folder = path.rpartition("/")[0]
    for name in _CONFIG_FOLDERS:
        if f"/{folder}".endswith(f"/{name}"):
            return folder[: -len(name)].rstrip("/")
    return folder


def _marked_folders(
    paths: tuple[str, ...],
) -> tuple[dict[str, frozenset[System]], dict[str, frozenset[System]]]:
    """Return the folders with a marker, and those with a weak one, each with its systems."""
    strong = _by_tail((marker, s) for s in table.SYSTEMS for marker in s.markers)
    weak = _by_tail((marker, s) for s in table.SYSTEMS for marker in s.weak_markers)
    found: dict[str, frozenset[System]] = {}
    maybe: dict[str, frozenset[System]] = {}
    beside: list[tuple[str, System]] = []
    paired = _by_tail((marker, s) for s in table.SYSTEMS for marker in s.paired_markers)
    tails = {marker.rpartition("/")[2] for marker in (*strong, *weak, *paired)}
    for path in paths:
        parts = path.rstrip("/").rsplit("/", _MOST_MARKER_PARTS)
        if parts[-1] not in tails:
            continue
        for count in range(min(len(parts), _MOST_MARKER_PARTS), 0, -1):
            marker = "/".join(parts[-count:])
            place = "/".join(parts[:-count])
            for markers, into in ((strong, found), (weak, maybe)):
                if marker in markers:
                    into[place] = into.get(place, frozenset()).union(markers[marker])
            beside += [(place, system) for system in paired.get(marker, ())]
            if marker in strong:
                break
    if beside:
        _add_if_beside(beside, paths, found)
    for folder, systems in found.items():
        found[folder] = frozenset(system for system in systems if not _is_another(system, systems))
    return found, maybe


def _has_spaced_names(folder: str, paths: tuple[str, ...]) -> bool:
    """Tell whether pages in a folder have spaces in their names: no wiki of GitHub's has."""
    start = f"{folder}/" if folder else ""
    names = (path.rpartition("/")[2] for path in paths if path.startswith(start))
    return any(" " in name and name.endswith(".md") for name in names)


def _by_tail(pairs: Iterable[tuple[str, System]]) -> dict[str, list[System]]:
    systems: dict[str, list[System]] = {}
    for marker, system in pairs:
        systems.setdefault(marker, []).append(system)
    return systems


def _add_if_beside(
    beside: list[tuple[str, System]], paths: tuple[str, ...], found: dict[str, frozenset[System]]
) -> None:
    """Add the systems whose markers count only beside certain folders."""
    folders: set[str] = set()
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder and folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    for place, system in beside:
        if any("/".join(filter(None, (place, name))) in folders for name in system.beside):
            found[place] = found.get(place, frozenset()) | {system}


def _as_its_tool(systems: frozenset[System], tool: System) -> frozenset[System]:
    """Return systems with the one whose configuration a file is for those that share its name."""
    names = set(tool.paired_markers)
    sharing = frozenset(system for system in systems if names.intersection(system.paired_markers))
    return systems - sharing | {tool} if sharing else systems


def _is_another(system: System, systems: frozenset[System]) -> bool:
    """Tell whether a marker is in truth that of another system that was found beside it."""
    return any(system.name in other.instead_of for other in systems)


def _folders_above(folder: str) -> Iterator[str]:
    while folder:
        folder = folder.rpartition("/")[0]
        yield folder


def _nearest(folder: str, folders: Mapping[str, object]) -> str | None:
    """Return the nearest of some folders that a folder lies in, itself included."""
    while folder not in folders:
        if not folder:
            return None
        folder = folder.rpartition("/")[0]
    return folder


def _is_part_of(systems: tuple[System, ...], above: Site) -> bool:
    """Tell whether a folder with a marker is a part of the site around it, not one of its own."""
    return systems == above.systems and all(system.name_in_address for system in systems)

"""Where an address leads: as a path, as the site serves it, into what is put there from elsewhere.

Every fallback (another suffix, another case, the site's root instead of the file's folder) is used
only after the exact spelling failed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from docsearch_cli.corpus.formats.suffixes import split_suffix
from docsearch_cli.corpus.links.names import Target
from docsearch_cli.corpus.links.outcome import Outcome
from docsearch_cli.corpus.links.paths import LinkPaths
from docsearch_cli.corpus.links.site_rules import SiteRules
from docsearch_cli.corpus.links.targets import TargetIndex
from docsearch_cli.corpus.links.translations import untranslated
from docsearch_cli.corpus.naming import INDEX_NAMES


class AddressLookup:
    """Looks up addresses.

    Args:
        index: The documents and other files, by name.
        paths: What paths an address may mean.
        rules: The rules of sites, which choose among documents.
    """

    def __init__(self, index: TargetIndex, paths: LinkPaths, rules: SiteRules) -> None:
        self._index = index
        self._paths = paths
        self._rules = rules

    def find(self, document: Target, address: str, fragment: str) -> Outcome:
        """Find what an address means as a path, or as its site serves it.

        Args:
            document: Where it stands.
            address: Without what follows ``?`` or ``#``, not escaped.
            fragment: What follows ``#``.

        Returns:
            What it is; ``missing``, or ``outside`` if it leaves the corpus.
        """
        suffix = split_suffix(document.path)[1]
        paths = self._paths.paths_of(document.path, address)
        site = self._index.systems.site_of(document.path)
        if site.folder and not address.startswith("/"):  # what lies above a site is none of it
            own = f"{site.folder}/"
            paths = [path for path in paths if path == paths[0] or path.startswith(own)]
        if address.startswith("/") and site.is_template(document.path):
            paths = [path for path in paths if not site.is_template(path)]  # no pages of the site
        if address == "/":  # the site's first page, not the README beside its configuration
            paths = [*site.content_folders, *paths]
        slashed = address.replace("\\", "/")
        is_outside = not paths or self._paths.path_of(document.path, slashed) is None
        if not is_outside:
            outcome = self.find_at(document, paths, suffix, fragment)
            if outcome is not None:
                is_readme = address == "/" and document.markup == "html" and not site.systems
                if is_readme and not self._is_html(outcome):
                    return Outcome(kind="external")  # of a host that shows no sources
                return outcome
            # A folder of programs may be shown beside a file, but no site serves it.
            is_shown = not address.startswith("/") or site.has_beside_content(document.path)
            if any(self._index.is_other_file(path) for path in paths) or (
                is_shown and self._index.is_other_folder(paths[0])
            ):
                return Outcome(kind="other")
        for path in self._further_paths(document, slashed, paths):
            outcome = self.find_at(document, [path], suffix, fragment)
            if outcome is not None:
                return outcome
            if self._index.is_other_file(path):
                return Outcome(kind="other")
        return Outcome(kind="outside" if is_outside else "missing")

    def _is_html(self, outcome: Outcome) -> bool:
        number = outcome.number
        return number is not None and self._index.targets[number].markup == "html"

    def find_at(
        self, document: Target, paths: Sequence[str], suffix: str, fragment: str
    ) -> Outcome | None:
        """Find the document at one of some paths.

        Args:
            document: The linking document.
            paths: Paths of the corpus, the likeliest first.
            suffix: The suffix of the linking document, preferred among equals.
            fragment: The place in the document.

        Returns:
            The document; None if there is none.
        """
        for path in paths:
            number = self._index.find_path(path, suffix)
            if number is not None:
                return Outcome(number, fragment)
        named: Outcome | None = None
        for path in paths:
            number = self._index.find_folded_path(path)
            if number is not None:
                named = Outcome(number, fragment)
                if split_suffix(self._index.targets[number].path)[1]:
                    return named
                break  # a page may declare the address that a file without a suffix has
        for path in paths:
            served = self._index.systems.served_path(document.path, path)
            for place in dict.fromkeys((path, served)):
                outcome = self._rules.choose(document, self._index.find_routed(place), fragment)
                if outcome is not None:
                    return outcome
        if named is not None:
            return named
        for path in paths:
            number = self._index.find_folder_page(document.path, path)
            if number is not None:
                return Outcome(number, fragment)
        return None

    def served_with_place(self, document: Target, address: str, place: str) -> Outcome | None:
        """Find the page that an address means as it is served, if that has a place.

        Args:
            document: Where the link stands.
            address: Without what follows ``?`` or ``#``, not escaped.
            place: What follows ``#``.

        Returns:
            The page; None if there is none with the place.
        """
        for path in self._paths.served_paths(document.path, address):
            served = self.find_at(document, [path], "", place)
            if (
                served is not None
                and served.number is not None
                and self._index.find_section(served.number, place) is not None
            ):
                return served
        # Which translation an address without a language means, a site's configuration says.
        site = self._index.systems.site_of(document.path)
        folders = ("", site.folder, *site.content_folders) if address.startswith("/") else ()
        for folder in dict.fromkeys(folders):
            there = self._paths.path_below(folder, document.path, address)
            if there is None:
                continue
            for number in (self._index.find_path(there, ""), *self._index.find_routed(there)):
                if number is not None and self._index.find_section(number, place) is not None:
                    return Outcome(number, place)
        return None

    def find_mounted(self, document: Target, address: str, fragment: str) -> Outcome | None:
        """Find what an address means where its site puts files from other folders."""
        site = self._index.systems.site_of(document.path)
        if not site.settings:
            return None
        paths = self._paths.paths_of(document.path, address)
        for copy in (copy for path in paths for copy in site.copied(path)):
            outcome = self.find_at(document, [copy], "", fragment)
            if outcome is not None or self._index.is_other_file(copy):
                return outcome or Outcome(kind="other")
        for path in paths if site.has_mounts else ():
            source = site.mounted(path)
            if source is None:
                continue
            is_here = self._index.is_folder(source.rpartition("/")[0])
            found = self.find_at(document, [source], "", fragment)
            return found or Outcome(kind="missing" if is_here else "elsewhere")
        return None

    def find_elsewhere(self, document: Target, address: str, fragment: str) -> Outcome | None:
        """Find what an address means that is not seen from its page, or leads into another site."""
        site = self._index.systems.site_of(document.path)
        if not address.startswith("/") and site.is_template(document.path):
            # Its pages lie elsewhere; the only one that is known is the site's first.
            outcome = self.find(document, f"/{address.removeprefix('./')}", fragment)
            found = outcome.number is not None or outcome.kind == "other"
            return outcome if found else Outcome(kind="elsewhere")
        if self._leads_from_copy(document, address, fragment):
            return Outcome(kind="elsewhere")
        for path in self._index.systems.paths_in_other_sites(document.path, address):
            found_there = self.find_at(document, [path], "", fragment)
            if found_there is not None:
                return found_there
        return None

    def _leads_from_copy(self, document: Target, address: str, fragment: str) -> bool:
        """Tell whether an address leads somewhere from the page that a build makes of a source.

        That is the only other document of its name, if one lies in a site and the source in none.
        """
        systems = self._index.systems
        is_page = split_suffix(address)[1] in (".html", ".htm") and document.markup != "html"
        site = systems.site_of(document.path)
        is_source = site.has_beside_content(document.path) or (is_page and not site.systems)
        if not is_source or address.startswith("/"):
            return False
        name = document.path.rpartition("/")[2]
        if split_suffix(name)[0].lower() in INDEX_NAMES:
            return False
        others = [n for n in self._index.find_named(name)
            if self._index.targets[n].path != document.path]  # fmt: skip
        if len(others) != 1:
            return False
        copy = self._index.targets[others[0]]
        own = systems.site_of(copy.path)
        is_in_site = own.place_in_content(copy.path) is not None if site.systems else own.systems
        return bool(is_in_site) and self.find(copy, address, fragment).number is not None

    def _further_paths(self, document: Target, address: str, paths: Sequence[str]) -> Iterator[str]:
        """Yield what an address may mean as it is served, the likeliest first."""
        systems = self._index.systems
        site = systems.site_of(document.path)
        inner = site.without_base(address)
        if inner is not None:
            for folder in (*site.content_folders, site.folder):
                path = self._paths.path_below(folder, document.path, inner)
                if path is not None:
                    yield path
        served = list(self._paths.served_paths(document.path, address))
        yield from served
        for folder in systems.folders_served_at_root(document.path, address):
            path = self._paths.path_below(folder, document.path, address)
            if path is not None:
                yield path
        yield from systems.paths_as_served(document.path, address)
        for path in (*paths, *served):
            yield from untranslated(path)

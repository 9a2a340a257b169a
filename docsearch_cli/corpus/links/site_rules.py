"""Where a link leads by the rules of its site's system alone.

These rules are asked when an address leads nowhere as a path, and for what is no path at all: a
page's name, a label, the address of a post, a page of GitHub beside the repository's files.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from urllib.parse import unquote

from docsearch_cli.corpus.formats.suffixes import split_suffix
from docsearch_cli.corpus.links.names import Target
from docsearch_cli.corpus.links.outcome import Outcome
from docsearch_cli.corpus.links.targets import TargetIndex
from docsearch_cli.corpus.makefiles import made_label
from docsearch_cli.corpus.redirects import redirect_labels
from docsearch_cli.corpus.systems import pelican
from docsearch_cli.corpus.systems.table import has_fragment_labels
from docsearch_cli.models import Link

# Pages that GitHub has beside a repository's files, as addresses in those files reach them.
_GITHUB_PAGE = re.compile(
    r"(?:\.\./)+(?:[\w.-]+/){0,2}(?:issues|pulls?|wiki|releases|discussions|actions|tree|blob|raw"
    r"|commits?|compare|tags|branches|labels|milestones|projects|security|graphs|network|settings"
    r"|stargazers|edit|new|fork|archive|packages|deployments)(?:/|$)"
)

# A folder of an address that names a version of a site.
_VERSION = re.compile(
    r"latest|stable|next|nightly|main|master|dev(?:el)?|edge|v\d+|v?\d+\.[\dx][\w.]*"
)
_WORD = re.compile(r"\w+")
_LABEL = re.compile(r"[\w-]+(?::[\w-]+)*")
_DATE = re.compile(r"(?<=/)(\d{4}|\d{1,2})(?=/)")
# Folders of the references of programs that builds make.
_MADE_FOLDER = re.compile(
    r"_?(?:auto)?api-?(?:docs?|ref(?:erence)?)?|(?:java|js|k|rust|type)doc(?:-api)?"
    r"|_autosummary|_modules|doxygen|_?generated"
)
# Folders of packages of others, whose pages are those of other sites.
_PACKAGES = re.compile(r"(?:^|/)(?:node_modules|bower_components|site-packages|third_party)/")
# The suffix of a program that writes a page of its own name.
_WRITER = ".sh"
# Programs of a host, which answer with pages.
_PROGRAM_FOLDER = "/cgi-bin/"
_QUARTO = ".qmd"
# Lists of a site's pages that are made for programs.
_MADE_FOR_PROGRAMS = frozenset(("llms.txt", "llms-full.txt"))
# The file at the top of a source distribution of Python, which no repository has.
_DISTRIBUTION = "PKG-INFO"
# What is put behind the name of a page by programs that fill in templates.
_TEMPLATE_ENDS = (".in", ".j2", ".jinja", ".tmpl", ".tpl", ".ejs", ".erb", ".mustache")
# A word that a program replaces by an address.
_PLACEHOLDER = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*_(?:URL|URI|HREF|LINK)")


def _made_folder(address: str) -> str:
    """Return the first folder of an address that a build may make; empty if there is none."""
    folders = address.split("/")[:-1]
    places = (n for n, folder in enumerate(folders) if _MADE_FOLDER.fullmatch(folder.lower()))
    place = next(places, None)
    return "" if place is None else "/".join(folders[: place + 1])


class SiteRules:
    """Looks up where links lead by the rules of their sites.

    Args:
        index: The documents and other files, by name.
    """

    def __init__(self, index: TargetIndex) -> None:
        self._index = index

    def choose(self, document: Target, numbers: Sequence[int], fragment: str) -> Outcome | None:
        """Return the nearest of some documents; None if there are none."""
        if not numbers:
            return None
        if len(numbers) > 1:
            numbers = self._index.in_same_language(document.path, numbers)
        chosen = self._index.nearest(document.path, numbers)
        return Outcome(chosen, fragment, candidates=tuple(numbers))

    def find_address(self, document: Target, address: str, fragment: str) -> Outcome | None:
        """Find what an address means that leads nowhere as a path.

        Args:
            document: Where it stands.
            address: Without what follows ``#``, not escaped.
            fragment: What follows.

        Returns:
            What it is; None if no rule knows.
        """
        for numbers in self._by_rule(document, address):
            found = self.choose(document, numbers, fragment)
            if found is not None:
                return found
        if has_fragment_labels(document.markup):
            found = self.choose(document, self._index.find_labelled(address), address)
            if found is not None:
                return found
        site = self._index.systems.site_of(document.path)
        if self._is_unread_page(document, address):
            return Outcome(kind="other")
        if (
            site.is_made_page(address)
            or address.rpartition("/")[2] in _MADE_FOR_PROGRAMS
            or address.startswith(pelican.MADE)
            or self._is_made_of_another(document, address)
            or (has_fragment_labels(document.markup) and site.is_made_place(address))
        ):
            return Outcome(kind="generated")
        if address.startswith("/") and any(
            map(self._index.find_labelled, redirect_labels(address))
        ):
            return Outcome(kind="external")
        if address.startswith(_PROGRAM_FOLDER):
            return Outcome(kind="elsewhere")
        # What Quarto's interlinks look up, which may be set up in any file.
        is_name = "`" in address and document.path.endswith(_QUARTO)
        if (
            is_name
            or site.is_in_made_folder(document.path, address)
            or self._is_in_made_folder(document, address)
        ):
            return Outcome(kind="generated")
        if self.is_of_another_version(document, address):
            return Outcome(kind="elsewhere")
        if address.startswith("/") and _PACKAGES.search(document.path):
            return Outcome(kind="elsewhere")
        if self._is_left_out_of_distribution(document, address):
            return Outcome(kind="elsewhere")
        suffix = split_suffix(address)[1]
        is_served = suffix in ("", ".html", ".htm") or (suffix == ".md" and site.serves_sources)
        if is_served and self._index.systems.leaves_site(document.path, address):
            return Outcome(kind="elsewhere")
        if is_served and address.startswith("/") and site.shares_host:
            return Outcome(kind="elsewhere")
        if site.makes_pages and address.startswith("[["):
            return Outcome(kind="unwritten")
        return Outcome(kind="external") if _GITHUB_PAGE.match(address) else None

    def find_named(self, document: Target, target: str) -> Outcome | None:
        """Find what a target means that names a page in the way of its site's system.

        Args:
            document: Where it stands.
            target: The target.

        Returns:
            What it is; None if it names no page so.
        """
        if target.startswith("xref:") and document.markup == "markdown":  # docfx
            uid = unquote(target[5:]).partition("?")[0].partition("#")[0]
            return self.choose(document, self._index.find_labelled(f"uid:{uid}"), "")
        site = self._index.systems.site_of(document.path)
        address, _, fragment = target.partition("#")
        for system in site.systems:
            if system.places_of is None:
                continue
            own, *sites = self._index.systems.facts_of(site, system)
            places = system.places_of(address, site.inner(document.path), own, [own, *sites])
            if places is None:
                continue
            here = [place for place in places if self._index.is_folder(place.folder)]
            for place in here:
                number = self._index.find_path(place.path, split_suffix(document.path)[1])
                if number is not None:
                    return Outcome(number, unquote(fragment))
                if self._index.is_other_file(place.path):
                    return Outcome(kind="other")
            for place in places:
                former = self.choose(
                    document, self._index.find_routed(place.path), unquote(fragment)
                )
                if former is not None:
                    return former
            return Outcome(kind="missing" if here else "external")
        return None

    def _by_rule(self, document: Target, address: str) -> Iterator[list[int]]:
        name = self._index.systems.site_of(document.path).name_in_address(address)
        if name is not None:
            yield self._of_date(address, self.find_page(document, name))
        yield self._index.find_posts(document.path, split_suffix(address)[0])

    def _of_date(self, address: str, numbers: list[int]) -> list[int]:
        """Return those of several pages in whose paths the date of an address stands, if any."""
        day = "".join(part.zfill(2) for part in _DATE.findall(address)) if len(numbers) > 1 else ""
        dated = [
            number
            for number in numbers
            if day and day in "".join(filter(str.isdigit, self._index.targets[number].path))
        ]
        return dated or numbers

    def is_of_another_version(self, document: Target, address: str) -> bool:
        """Tell whether an address from the root names a version of which there is nothing here."""
        *parts, _ = address.split("/")
        for count, part in enumerate(parts):
            if count and not parts[0] and _VERSION.fullmatch(part):
                folder = "/".join(parts[1 : count + 1])
                folders = (folder, *self._index.systems.folders_above(document.path, folder))
                return not any(map(self._index.is_other_file, folders))
        return False

    def _is_in_made_folder(self, document: Target, address: str) -> bool:
        """Tell whether an address leads into a folder of a reference that a build makes.

        Only where there is nothing of the folder but the page that the build fills: other pages of
        one that is there are there.
        """
        site = self._index.systems.site_of(document.path)
        if not site.systems or site.has_wiki_links:
            return False
        folder = _made_folder(address)
        is_filled = any(system.fills_references for system in site.systems)
        if not folder and is_filled:
            own = document.path.rpartition("/")[0]
            path = posixpath.normpath(posixpath.join(own, address))
            made = "" if address.startswith("/") else _made_folder(path)
            return bool(made) and self._index.has_index_alone(made)
        if not folder:
            return False
        tops = ("", *self._index.systems.folders_above(document.path, ""))
        starts = tops if address.startswith("/") else (document.path.rpartition("/")[0], *tops)
        for start in starts:
            path = posixpath.normpath(posixpath.join(start, folder.lstrip("/")))
            if is_filled and self._index.has_index_alone(path):
                continue
            if self._is_here(path):
                return False
        return True

    def _is_made_of_another(self, document: Target, address: str) -> bool:
        """Tell whether a page is made of what is there: by the site's tool, by a program."""
        stem, suffix = split_suffix(address.rpartition("/")[2])
        if suffix in (".html", ".htm") and self._index.is_other_name(stem + _WRITER):
            return True
        folder = document.path.rpartition("/")[0]
        path = posixpath.normpath(posixpath.join(folder, address.lstrip("/")))
        if suffix and any(self._index.is_other_file(path + end) for end in _TEMPLATE_ENDS):
            return True
        if self._index.find_labelled(made_label(split_suffix(path)[0])):
            return True
        for system in self._index.systems.site_of(document.path).systems:
            source = system.made_of(address) if system.made_of is not None else None
            if source:
                path = posixpath.normpath(posixpath.join(folder, source))
                return self._index.find_path(path, "") is not None
        return False

    def _is_left_out_of_distribution(self, document: Target, address: str) -> bool:
        """Tell whether an address leads to what the source distribution of a package leaves out.

        Such a one has a list of its own at its top, and of a repository the files and folders that
        the package needs: others are not there at all.
        """
        if address.startswith("/"):
            return False
        path = posixpath.normpath(posixpath.join(posixpath.dirname(document.path), address))
        for top in self._index.systems.folders_above(document.path, ""):
            if path.startswith(top) and self._is_here(f"{top}{_DISTRIBUTION}"):
                return not self._is_here(top + path[len(top) :].partition("/")[0])
        return False

    def _is_here(self, path: str) -> bool:
        """Tell whether a file or folder is there, whether it is a document or not."""
        return self._index.is_other_file(path) or self._index.find_path(path, "") is not None

    def _is_built_elsewhere(self, address: str) -> bool:
        """Tell whether a page is made of a source that lies in another folder of the same name."""
        stem, suffix = split_suffix(address)
        parts = [part for part in stem.split("/") if part not in ("", ".", "..")]
        if suffix not in (".html", ".htm") or len(parts) < 2:
            return False
        sources = self._index.find_named("/".join(parts))
        return any(self._index.targets[number].markup != "html" for number in sources)

    def _is_unread_page(self, document: Target, address: str) -> bool:
        """Tell whether an address names a page of the site that is there but was not read."""
        name = self._index.systems.site_of(document.path).name_in_address(address)
        return name is not None and self.is_unread_page(document, name)

    def is_unread_page(self, document: Target, name: str) -> bool:
        """Tell whether a page's name is that of a file that was not read: a hidden one."""
        site = self._index.systems.site_of(document.path)
        spellings = (system.page_name(name) for system in site.systems if system.page_name)
        return any(map(self._index.is_other_name, dict.fromkeys((name, *spellings))))

    def find_page(self, document: Target, name: str) -> list[int]:
        """Return the documents that a page's name means in the system of a document's site."""
        pages = self._index.find_page(document.path, name)
        if pages:
            return pages
        site = self._index.systems.site_of(document.path)
        return self._index.within(site, self._index.find_named(name))

    def readings_of(self, document: Target, link: Link) -> Iterator[Link]:
        """Yield a wiki link as its site reads it: what it leads to, and what it shows.

        Args:
            document: Where it stands.
            link: The link; ``[[a|b]]`` has ``a`` as its target.

        Yields:
            The link, the likeliest reading first; only one where the system is known.
        """
        site = self._index.systems.site_of(document.path)
        turned = replace(link, target=link.text or link.target, text=link.target)
        for reading in (turned, link) if site.has_text_first else (link,):
            for system in site.systems:
                if system.page_in_link is not None:
                    reading = replace(
                        reading, target=system.page_in_link(reading.target, site.settings)
                    )
            yield reading
            if not site.is_guess:
                return

    def missing_page(self, document: Target, name: str) -> Outcome:
        """Return what a page's name is that its folder does not have.

        In a page of no site that is what it is on the site into which a build puts the page.

        Args:
            document: Where it stands.
            name: The path without suffix, as a role of Sphinx names a page.

        Returns:
            Of a page of no site the page of that name, ``elsewhere`` if there is none. If the site
            names other projects, ``external`` for a name with a first folder that is not here and
            ``elsewhere`` for one without folders. Else ``missing``.
        """
        first, slash, _ = name.partition("/")
        site = self._index.systems.site_of(document.path)
        if not site.systems:
            named = self._index.find_named(name)
            if not self._index.has_sites():
                return Outcome(kind="missing")
            systems, targets = self._index.systems, self._index.targets
            pages = [number for number in named if systems.of(targets[number].path)]
            return self.choose(document, pages, "") or Outcome(kind="elsewhere")
        if not first or first.startswith(".") or not site.has_other_projects:
            return Outcome(kind="missing")
        if not slash:
            return Outcome(kind="elsewhere")
        folders = (document.path.rpartition("/")[0], site.folder)
        is_here = any(
            self._index.is_other_file(posixpath.normpath(posixpath.join(folder, first)))
            for folder in dict.fromkeys(folders)
        )
        return Outcome(kind="missing" if is_here else "external")

    def kind_of_missing(self, document: Target, address: str) -> str:
        """Return what an address is that leads to nothing in the corpus.

        Args:
            document: Where it stands.
            address: Without what follows ``?`` or ``#``.

        Returns:
            ``external`` for a word that the site may give another meaning, ``elsewhere`` for one
            that a program replaces, ``generated`` for a page whose source is there, else
            ``missing``.
        """
        if _PLACEHOLDER.fullmatch(address):
            return "elsewhere"
        if self._is_built_elsewhere(address):
            return "generated"
        site = self._index.systems.site_of(document.path)
        if (
            site.has_other_projects
            and has_fragment_labels(document.markup)
            and _LABEL.fullmatch(address)
            and not self._index.is_nearly_labelled(address)
        ):
            return "external"
        hooks = (site.outer(hook) for system in site.systems for hook in system.link_hooks)
        if _WORD.fullmatch(address) and any(
            self._index.find_path(hook, "") is not None or self._index.is_other_file(hook)
            for hook in hooks
        ):
            return "external"
        return "missing"

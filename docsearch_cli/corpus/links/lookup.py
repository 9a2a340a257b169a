"""Where a link leads, by its syntax: an address, a wiki link, a label, a title, a pattern.

Where several documents remain, an order that depends on paths alone decides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote

from docsearch_cli.corpus.formats.manual_references import reference_in
from docsearch_cli.corpus.formats.suffixes import split_suffix
from docsearch_cli.corpus.links.addresses import AddressLookup
from docsearch_cli.corpus.links.anchors import anchor_key
from docsearch_cli.corpus.links.names import Target
from docsearch_cli.corpus.links.outcome import Outcome
from docsearch_cli.corpus.links.paths import LinkPaths
from docsearch_cli.corpus.links.site_rules import SiteRules
from docsearch_cli.corpus.links.targets import TargetIndex
from docsearch_cli.corpus.links.template_addresses import has_template, site_path, without_root
from docsearch_cli.corpus.systems.table import (
    address_of,
    has_fragment_labels,
    has_heading_labels,
    is_foreign_label,
    is_made_label,
    named_page,
    xref_path,
)
from docsearch_cli.models import Link

_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+:|//")
_THEME = re.compile(r"pathto|\|\s*url\b")
_NAMED = re.compile(r"xref:|include::")
# What a wiki link's brackets hold too: a citation.
_NUMBER = re.compile(r"\d{1,3}")
# A page that lists more leads to all of a large folder, and a listing on each page is quadratic.
_MOST_LISTED = 1_000
_CMAKE = ".cmake"
# Where sites of Jekyll and of others keep what their pages include.
_INCLUDE_FOLDERS = ("_includes", "includes", "_partials", "partials", "snippets")


class LinkLookup:
    """Looks up where links lead.

    Args:
        index: The documents and other files, by name.
        paths: What paths an address may mean.
    """

    def __init__(self, index: TargetIndex, paths: LinkPaths) -> None:
        self._index = index
        self._paths = paths
        self._rules = SiteRules(index)
        self._addresses = AddressLookup(index, paths, self._rules)

    def read(self, document: Target, link: Link) -> Link:
        """Return a link as the system of its document reads it.

        Args:
            document: Where it stands.
            link: The link.

        Returns:
            The link; a wiki link may have target and text the other way round.
        """
        if link.syntax != "wiki":
            return link
        readings = list(self._rules.readings_of(document, link))
        if len(readings) == 1:
            return readings[0]
        leading = (r for r in readings if self._resolve(document, r).number is not None)
        return next(leading, link)

    def look_up(self, document: Target, link: Link) -> Sequence[Outcome]:
        """Look up where one link leads.

        Args:
            document: Where it stands.
            link: The link.

        Returns:
            What its target is; several for a pattern that several documents match.
        """
        if link.syntax == "glob":
            return self._match(document, link.target)
        if link.syntax == "listing":
            return self._match_listed(document, link.target)
        return (self._resolve(document, link),)

    def served_with_place(self, document: Target, link: Link, place: str) -> Outcome | None:
        """Find the page with a place that a link means as it is served; None if there is none."""
        if link.syntax != "url" or has_template(link.target):
            return None
        address = link.target.partition("#")[0].partition("?")[0]
        return self._addresses.served_with_place(document, unquote(address), place)

    def _resolve(self, document: Target, link: Link) -> Outcome:
        if link.syntax == "wiki":
            return self._resolve_page(document, link.target)
        if link.syntax == "ref":
            return self._resolve_label(document, link.target)
        if link.syntax == "any":
            outcome = self._resolve_label(document, link.target)
            if outcome.number is None:
                outcome = self._resolve_label(document, f"term:{link.target}")
            return outcome if outcome.number is not None else Outcome(kind="text")
        if link.syntax == "title":
            return self._resolve_title(document, link.target)
        if link.syntax in ("include", "snippet"):
            return self._resolve_include(document, link)
        outcome = self._resolve_address(document, link.target)
        if link.syntax == "doc" and outcome.kind == "missing":
            return self._rules.missing_page(document, link.target)
        manual = reference_in(link.text) if outcome.kind in ("missing", "outside") else ""
        if manual:  # a page of the manual, of which each system has others
            found = self._resolve_title(document, manual)
            return found if found.number is not None else Outcome(kind="elsewhere")
        return outcome

    def _resolve_include(self, document: Target, link: Link) -> Outcome:
        """Resolve an inclusion; only a page is missed, not the listing of a program."""
        number = self.find_included(document, link.target)
        if number is not None:
            return Outcome(number)
        outcome = self._resolve_address(document, link.target, is_included=True)
        is_page = link.syntax == "include" and split_suffix(link.target)[1]
        return outcome if is_page or outcome.kind == "other" else Outcome(kind="text")

    def find_included(self, document: Target, address: str) -> int | None:
        """Return the document that an inclusion means, which may lie in a folder that is set.

        Args:
            document: The including document.
            address: As it is written.

        Returns:
            Its number; None if there is none.
        """
        if "://" in address or has_template(address):
            return None
        outcome = self._resolve_address(document, address, is_included=True)
        number = outcome.number
        if number is not None and self._index.targets[number].path == document.path:
            outcome = Outcome(kind="missing")  # no file takes in itself: another of its name
        for folder in () if address.startswith(".") else _INCLUDE_FOLDERS:
            if outcome.number is None:
                outcome = self._addresses.find(document, f"/{folder}/{address}", "")
        if outcome.number is None and not address.startswith("."):
            named = self._index.find_named(address)
            return named[0] if len(named) == 1 else None
        return outcome.number

    def _match(self, document: Target, target: str) -> Sequence[Outcome]:
        pattern = self._paths.path_of(document.path, target)
        numbers = self._index.find_matching(pattern) if pattern is not None else []
        return [Outcome(number) for number in numbers] or [Outcome(kind="missing")]

    def _match_listed(self, document: Target, target: str) -> Sequence[Outcome]:
        """Return what a page lists: a folder with all below it, or what a pattern matches."""
        stem, suffix = split_suffix(target.rstrip("/"))
        stem = stem.replace("**/*", "**")
        patterns = (stem,) if suffix or "*" in stem else (f"{stem}/**", stem)
        for pattern in patterns:
            outcomes = [
                outcome
                for outcome in self._match(document, pattern)
                if outcome.number is not None
                and self._index.targets[outcome.number].path != document.path
            ]
            if outcomes:
                return outcomes[:_MOST_LISTED]
        return [Outcome(kind="text")]  # also data, of which it makes a list

    def _resolve_address(
        self, document: Target, target: str, *, is_included: bool = False
    ) -> Outcome:
        target = target.strip()
        if target.startswith("<") and target.endswith(">"):
            target = target[1:-1].strip()
        if has_template(target):
            return self._resolve_template(document, target)
        if document.markup == "asciidoc" and "{" in target:
            target = self._index.systems.site_of(document.path).with_attributes(target)
            if "{" in target:  # an attribute that is set in another file
                return Outcome(kind="text")
        # A plain path in an inclusion is seen from the file, not from its module's pages.
        is_path = is_included and ":" not in target
        named = None if is_path else self._rules.find_named(document, target)
        if named is not None:
            return named
        # Another one with a colon is that of ``link:``, which leads elsewhere.
        if document.markup == "asciidoc" and (":" not in target or _NAMED.match(target)):
            target = xref_path(target)
        return self._resolve_plain(document, address_of(target))

    def _resolve_template(self, document: Target, target: str) -> Outcome:
        """Resolve an address with templates; one that stands for nothing known leads elsewhere."""
        written, target = target, without_root(target)
        name = named_page(target)
        if name is not None:
            return self._resolve_page_name(document, name)
        target = address_of(target)
        if not has_template(target):
            is_root = target.partition("#")[0] == "/"
            outcome = self._resolve_plain(document, target.lstrip("/") if is_root else target)
            # A theme names pages of any project, in the way of Sphinx or of MkDocs.
            is_of_theme = outcome.kind == "missing" and _THEME.search(written) is not None
            return Outcome(kind="elsewhere") if is_of_theme else outcome
        path = site_path(target)
        found = self._resolve_plain(document, path) if path is not None else None
        has_page = found is not None and found.number is not None
        return found if found and has_page else Outcome(kind="external")

    def _resolve_plain(self, document: Target, target: str) -> Outcome:
        if _SCHEME.match(target):
            return Outcome(kind="external")
        address, _, fragment = target.partition("#")
        address = address.partition("?")[0]
        fragment = unquote(fragment)
        if not address:
            return self._resolve_fragment(document, fragment)
        outcome = self._addresses.find(document, unquote(address), fragment)
        if outcome.number is None and ("#" in target or "?" in target):
            whole = self._addresses.find(document, unquote(target), "")  # a file named "C#.md"
            outcome = whole if whole.number is not None else outcome
        if outcome.number is None and "%" in address:
            whole = self._addresses.find(document, address, fragment)  # a file named "a%3F.md"
            outcome = whole if whole.number is not None else outcome
        if outcome.kind in ("missing", "outside"):
            decoded = unquote(address)
            outcome = (
                self._addresses.find_mounted(document, decoded, fragment)
                or self._rules.find_address(document, decoded, fragment)
                or self._addresses.find_elsewhere(document, decoded, fragment)
                or outcome
            )
        if outcome.kind == "missing":
            return Outcome(kind=self._rules.kind_of_missing(document, address))
        return outcome

    def _resolve_fragment(self, document: Target, fragment: str) -> Outcome:
        """Resolve ``#x``: a place in the document itself, unless only others have the label."""
        numbers = (
            self._index.find_labelled(fragment) if has_fragment_labels(document.markup) else []
        )
        if not numbers or any(self._index.targets[n].path == document.path for n in numbers):
            return Outcome(kind="local", fragment=fragment)
        if document.anchors.find(anchor_key(fragment)) is not None:
            return Outcome(kind="local", fragment=fragment)
        return Outcome(
            self._index.nearest(document.path, numbers), fragment, candidates=tuple(numbers)
        )

    def _resolve_page_name(self, document: Target, target: str) -> Outcome:
        """Resolve a page by its path from the document or the content's root, else by its name."""
        name, _, fragment = target.partition("#")
        name = name.partition("?")[0].strip()
        if not name:
            return Outcome(kind="local", fragment=fragment)
        for spelling in dict.fromkeys((name, split_suffix(name)[0])):
            outcome = self._addresses.find(document, spelling, fragment)
            if outcome.number is not None:
                return outcome
        for spelling in (name, f"{name}/index", f"{name}/_index"):
            named = self._rules.choose(document, self._index.find_named(spelling), fragment)
            if named is not None:
                return named
        if self._rules.is_of_another_version(document, name):
            return Outcome(kind="elsewhere")
        return outcome

    def _resolve_label(self, document: Target, label: str) -> Outcome:
        numbers = self._index.find_labelled(label)
        place = label
        if not numbers and label.startswith("((") and label.endswith("))"):
            place = f"id:{label[2:-2]}"  # a block of Logseq in an Org file
            numbers = self._index.find_labelled(place)
        own = [n for n in numbers if self._index.targets[n].path == document.path]
        chosen = self._rules.choose(document, own or numbers, place)
        if chosen is not None:
            return chosen
        outcome = self._addresses.find(document, label, "") if label else Outcome(kind="label")
        if outcome.number is not None:
            return outcome
        return self._resolve_implicit_label(document, label)

    def _resolve_implicit_label(self, document: Target, label: str) -> Outcome:
        """Resolve a label that a heading gives its section, or one of a page that is not a file."""
        if is_made_label(label):
            return Outcome(kind="other")
        address, hash_, anchor = label.partition("#")
        if hash_ and address:  # a heading of a page, as MyST names it
            page = self._addresses.find(document, address, anchor)
            number = page.number
            if number is not None and self._index.find_section(number, anchor) is not None:
                return page
        name, colon, heading = label.partition(":")
        if colon and name and heading:
            page = self._addresses.find(document, f"/{name}", heading.strip())
            number = page.number
            if number is not None and self._index.find_section(number, page.fragment) is not None:
                return page
        if has_heading_labels(document.markup) and not label.startswith("term:"):
            chosen = self._rules.choose(document, self._index.find_headed(label), label)
            if chosen is not None:
                return chosen
        # What a module of CMake says of itself is part of CMake's manual.
        if is_foreign_label(label, document.markup) or document.path.endswith(_CMAKE):
            return Outcome(kind="external")
        has_others = self._index.systems.site_of(document.path).has_other_projects
        # A name of an API is more often one of another project than a mistyped one of this.
        is_name = "." in label or "(" in label or label.startswith("term:")
        is_typo = has_others and not is_name and self._index.is_nearly_labelled(label)
        return Outcome(kind="external" if has_others and not is_typo else "label")

    def _resolve_title(self, document: Target, title: str) -> Outcome:
        for numbers, fragment in (
            (self._index.find_titled(title), ""),
            (self._index.find_headed(title), title),
        ):
            chosen = self._rules.choose(document, numbers, fragment)
            if chosen is not None:
                return chosen
        return Outcome(kind="text")

    def _resolve_page(self, document: Target, target: str) -> Outcome:
        name, _, fragment = target.partition("#")
        name = name.strip().replace("\\", "/")
        fragment = fragment.rpartition("#")[2].strip()
        if not name:
            return Outcome(kind="local", fragment=fragment)
        if _SCHEME.match(name) and "//" in name:
            return Outcome(kind="external")
        page = self._rules.choose(document, self._index.find_page(document.path, name), fragment)
        if page is not None:
            return page
        if "/" in name:
            outcome = self._addresses.find(document, name, fragment)
            if outcome.number is not None or outcome.kind == "outside":
                return outcome
        named = self._rules.choose(document, self._named(document, name), fragment)
        if named is not None:
            return named
        if "#" in target:  # a note named "C#"
            named = self._rules.choose(document, self._named(document, target), "")
        if named is None and "^" in name:
            name, _, block = name.partition("^")
            named = self._rules.choose(
                document, self._named(document, name.strip()), f"^{block.strip()}"
            )
        if named is not None:
            return named
        if self._rules.is_unread_page(document, name):
            return Outcome(kind="other")
        site = self._index.systems.site_of(document.path)
        if site.has_wiki_links and site.makes_pages:
            return Outcome(kind="unwritten")
        if site.has_wiki_links and has_template(target):
            return Outcome(kind="elsewhere")  # a program fills in the name
        is_link = site.has_wiki_links and not _NUMBER.fullmatch(name)
        return Outcome(kind="missing" if is_link else "text")

    def _named(self, document: Target, name: str) -> list[int]:
        numbers = self._index.find_named(name) or self._index.find_titled(name)
        site = self._index.systems.site_of(document.path)
        return self._index.within(site, numbers) or numbers

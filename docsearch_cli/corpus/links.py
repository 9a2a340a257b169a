"""Resolve the links of a corpus as editors and site generators do.

A link is resolved inside its root or not at all; an unresolved one is reported and creates
nothing. Every fallback (another suffix, another case, the site's root instead of the file's
folder) is tried only after the exact spelling failed, and where a choice remains it is made by an
order that depends on paths alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import unquote

from docsearch_cli.corpus.anchors import anchor_key
from docsearch_cli.corpus.link_targets import Target, TargetIndex, split_suffix
from docsearch_cli.models import Link

_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+:|//")
_LINK_TAG = re.compile(r"\{%-?\s*link\s+(\S+)\s*-?%\}")
# Hugo's and Jekyll's ways to name a page, wherever it lies.
_PAGE_TAG = re.compile(
    r"\{\{[<%]\s*(?:rel)?ref\s+(?:path=)?[\"'`]?([^\"'`{}]+?)[\"'`]?(?:\s+\w+=[^{}]*)?\s*[>%]\}\}"
    r"|\{%-?\s*post_url\s+(\S+)\s*-?%\}"
)
# The pages that Sphinx makes by itself.
_MADE_BY_SPHINX = frozenset(("genindex", "modindex", "py-modindex", "search"))
# A label of another project: its name, a colon, the label.
_FOREIGN_LABEL = re.compile(r"[\w.-]+:\S")
_TEMPLATE = re.compile(r"\{\{[^{}]*\}\}/?|\{%[^{}]*%\}/?")


@dataclass(frozen=True, slots=True)
class ResolvedLink:
    """A link that leads to a document; repeated links are kept."""

    target: int
    """Number of the document."""
    section: int | None
    """Index among the target's sections, if the link names one that exists."""
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """A link to something inside the corpus that is not there."""

    source_path: str
    line: int
    target: str
    reason: str
    """``missing``, ``outside`` (it leaves the root), ``label`` (no such label) or ``anchor`` (the
    document is there, the place in it is not: it is joined by an edge all the same)."""


@dataclass(frozen=True, slots=True)
class AmbiguousLink:
    """A link that several documents answer to."""

    source_path: str
    line: int
    target: str
    chosen: str
    candidates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DocumentLinks:
    """What became of every link of a document, in their order."""

    resolved: tuple[ResolvedLink, ...]
    broken: tuple[BrokenLink, ...]
    ambiguous: tuple[AmbiguousLink, ...]
    external: int
    """Links that leave the corpus: web addresses, mail, scripts."""
    local: int
    """Links from the document to itself."""
    other: int
    """Links to files and folders of the corpus that are no documents."""
    asked: frozenset[int]
    """Every name that was looked up: while none of them comes or goes, nothing else changes."""


class _Outcome(NamedTuple):
    """What a target turned out to be: a document, or one of the other kinds."""

    number: int | None = None
    fragment: str = ""
    kind: str = "document"
    """``document``, ``external``, ``local``, ``other``, ``missing``, ``outside``, ``label``,
    ``text`` (no link after all)."""
    candidates: tuple[int, ...] = ()


@dataclass(slots=True)
class _Found:
    resolved: list[ResolvedLink] = field(default_factory=list)
    broken: list[BrokenLink] = field(default_factory=list)
    ambiguous: list[AmbiguousLink] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


class LinkResolver:
    """Resolves the links of a corpus.

    Args:
        index: Its documents and other files, by name.
        roots: Names of the roots; with several, a link stays inside the root of its document.
    """

    def __init__(self, index: TargetIndex, roots: Sequence[str]) -> None:
        self._index = index
        self._has_root_names = len(roots) > 1
        self._only_root = roots[0] if len(roots) == 1 else ""

    def resolve(self, number: int, links: Sequence[Link]) -> DocumentLinks:
        """Resolve the links of one document."""
        self._index.asked = set()
        document = self._index.targets[number]
        known: dict[tuple[str, str], _Outcome] = {}
        found = _Found()
        for link in links:
            if link.syntax == "glob":
                self._record_matches(number, document, link, found)
                continue
            key = link.syntax, link.target
            outcome = known.get(key)
            if outcome is None:
                outcome = known[key] = self._resolve(document, link)
            self._record(number, link, outcome, found)
        return DocumentLinks(
            resolved=tuple(found.resolved),
            broken=tuple(found.broken),
            ambiguous=tuple(found.ambiguous),
            external=found.counts["external"],
            local=found.counts["local"],
            other=found.counts["other"],
            asked=frozenset(self._index.asked),
        )

    def _record_matches(self, source: int, document: Target, link: Link, found: _Found) -> None:
        root = self._root_of(document.path)
        folder = root if link.target.startswith("/") else document.path.rpartition("/")[0]
        pattern = _join(folder, link.target.lstrip("/"), root)
        numbers = self._index.find_matching(pattern) if pattern is not None else []
        if not numbers:
            self._record(source, link, _Outcome(kind="missing"), found)
        for number in numbers:
            self._record(source, link, _Outcome(number), found)

    def _record(self, source: int, link: Link, outcome: _Outcome, found: _Found) -> None:
        path = self._index.targets[source].path
        if outcome.number is None:
            if outcome.kind in ("missing", "outside", "label"):
                found.broken.append(BrokenLink(path, link.line, link.target, outcome.kind))
            else:
                found.counts[outcome.kind] += 1
            return
        target = self._index.targets[outcome.number]
        if len(outcome.candidates) > 1:
            paths = sorted(self._index.targets[number].path for number in outcome.candidates)
            found.ambiguous.append(
                AmbiguousLink(path, link.line, link.target, target.path, tuple(paths))
            )
        if outcome.number == source:
            found.counts["local"] += 1
            return
        section = None
        if outcome.fragment:
            section = self._index.find_section(outcome.number, outcome.fragment)
            if section is None:
                found.broken.append(BrokenLink(path, link.line, link.target, "anchor"))
        found.resolved.append(ResolvedLink(outcome.number, section, link.text, link.line))

    def _resolve(self, document: Target, link: Link) -> _Outcome:
        if link.syntax == "wiki":
            return self._resolve_wiki(document, link.target)
        if link.syntax == "ref":
            return self._resolve_label(document, link.target)
        if link.syntax == "any":
            outcome = self._resolve_label(document, link.target)
            if outcome.number is None:
                outcome = self._resolve_label(document, f"term:{link.target}")
            return outcome if outcome.number is not None else _Outcome(kind="text")
        if link.syntax == "title":
            return self._resolve_title(document, link.target)
        return self._resolve_address(document, link.target)

    def _resolve_address(self, document: Target, target: str) -> _Outcome:
        target = target.strip()
        if target.startswith("<") and target.endswith(">"):
            target = target[1:-1].strip()
        if _SCHEME.match(target):
            return _Outcome(kind="external")
        page_tag = _PAGE_TAG.match(target)
        if page_tag:
            name = page_tag[1] or page_tag[2]
            return self._resolve_page_name(document, name + target[page_tag.end() :])
        target = _LINK_TAG.sub(r"/\1", target, count=1).removeprefix("@site")
        target, templates = _TEMPLATE.subn("/", target, count=1)
        if "{{" in target or "{%" in target:
            return _Outcome(kind="external")
        address, _, fragment = target.partition("#")
        address = address.partition("?")[0]
        fragment = unquote(fragment)
        if not address or (templates and address == "/"):
            return self._resolve_fragment(document, fragment)
        outcome = self._find_address(document, unquote(address), fragment)
        if outcome.number is None and ("#" in target or "?" in target):
            whole = self._find_address(document, unquote(target), "")  # a file named "C#.md"
            outcome = whole if whole.number is not None else outcome
        if outcome.kind == "missing" and self._is_in_vault(document.path) and "/" not in address:
            named = self._index.find_named(unquote(address)) if split_suffix(address)[1] else []
            return self._choose(document, named, fragment) or outcome
        return outcome

    def _is_in_vault(self, path: str) -> bool:
        """Tell whether Obsidian keeps the folder: it finds notes by their names alone."""
        root = self._root_of(path)
        return self._index.is_other_file(f"{root}/.obsidian" if root else ".obsidian")

    def _resolve_fragment(self, document: Target, fragment: str) -> _Outcome:
        """Resolve ``#x``: a place in the document itself, unless only others have such a label."""
        numbers = self._index.find_labelled(fragment) if document.markup == "markdown" else []
        if not numbers or any(self._index.targets[n].path == document.path for n in numbers):
            return _Outcome(kind="local")
        if document.anchors.find(anchor_key(fragment)) is not None:
            return _Outcome(kind="local")
        return _Outcome(self._nearest(document.path, numbers), fragment, candidates=tuple(numbers))

    def _resolve_page_name(self, document: Target, target: str) -> _Outcome:
        """Resolve a page by its path from the document or the content's root, else by its name."""
        name, _, fragment = target.partition("#")
        name = name.strip()
        if not name:
            return _Outcome(kind="local")
        outcome = self._find_address(document, name, fragment)
        if outcome.number is not None:
            return outcome
        for spelling in (name, f"{name}/index", f"{name}/_index"):
            named = self._choose(document, self._index.find_named(spelling), fragment)
            if named is not None:
                return named
        return outcome

    def _choose(self, document: Target, numbers: list[int], fragment: str) -> _Outcome | None:
        if not numbers:
            return None
        return _Outcome(self._nearest(document.path, numbers), fragment, candidates=tuple(numbers))

    def _find_address(self, document: Target, address: str, fragment: str) -> _Outcome:
        suffix = split_suffix(document.path)[1]
        spellings = [address]
        if "\\" in address:
            spellings.append(address.replace("\\", "/"))
        paths: list[str] = []
        for spelling in spellings:
            for base in self._bases(document.path, spelling):
                path = _join(base, spelling.lstrip("/"), self._root_of(document.path))
                if path is not None and path not in paths:
                    paths.append(path)
        is_outside = not paths or _join(*self._relative(document.path, spellings[-1])) is None
        if not is_outside:
            outcome = self._find_at(document, paths, suffix, fragment)
            if outcome is not None:
                return outcome
            if any(self._index.is_other_file(path) for path in paths):
                return _Outcome(kind="other")
        for path in self._served_paths(document.path, spellings[-1]):
            outcome = self._find_at(document, [path], suffix, fragment)
            if outcome is not None:
                return outcome
        return _Outcome(kind="outside" if is_outside else "missing")

    def _find_at(
        self, document: Target, paths: Sequence[str], suffix: str, fragment: str
    ) -> _Outcome | None:
        for path in paths:
            number = self._index.find_path(path, suffix)
            if number is not None:
                return _Outcome(number, fragment)
        for path in paths:
            number = self._index.find_folded_path(path)
            if number is not None:
                return _Outcome(number, fragment)
        for path in paths:
            outcome = self._choose(document, self._index.find_routed(path), fragment)
            if outcome is not None:
                return outcome
        return None

    def _served_paths(self, path: str, address: str) -> Iterator[str]:
        """Yield the paths that an address means when it is one of the site, not of its files.

        A page served as a folder has its neighbours one folder up; and the indexed folder may be
        served under its own name.
        """
        stem, suffix = split_suffix(address)
        root = self._root_of(path)
        if address.startswith("/"):
            first, _, rest = address.lstrip("/").partition("/")
            if first == self._only_root and (joined := _join("", rest, "")) is not None:
                yield joined
        elif not suffix and stem:
            own = split_suffix(path)[0]
            if (joined := _join(own, address, root)) is not None:
                yield joined

    def _root_of(self, path: str) -> str:
        return path.partition("/")[0] if self._has_root_names and "/" in path else ""

    def _relative(self, path: str, address: str) -> tuple[str, str, str]:
        root = self._root_of(path)
        base = root if address.startswith("/") else path.rpartition("/")[0]
        return base, address.lstrip("/"), root

    def _bases(self, path: str, address: str) -> Iterator[str]:
        """Yield the folders that an address may be relative to, the likeliest first.

        An absolute address is meant from the site's root, which may be any folder above the
        document; an address that fails in its own folder may be meant so as well.
        """
        folder = path.rpartition("/")[0]
        root = self._root_of(path)
        if not address.startswith("/"):
            yield folder
            if address.startswith((".", "\\")):
                return
        yield root
        parts = folder[len(root) :].strip("/").split("/")
        for count in range(1, len(parts) + 1):
            yield "/".join(filter(None, (root, *parts[:count])))

    def _resolve_label(self, document: Target, label: str) -> _Outcome:
        chosen = self._choose(document, self._index.find_labelled(label), label)
        if chosen is not None:
            return chosen
        outcome = self._find_address(document, label, "") if label else _Outcome(kind="label")
        if outcome.number is not None:
            return outcome
        return self._resolve_implicit_label(document, label)

    def _resolve_implicit_label(self, document: Target, label: str) -> _Outcome:
        """Resolve the label that Sphinx gives a section by its heading, or one of its own pages."""
        if label in _MADE_BY_SPHINX:
            return _Outcome(kind="other")
        name, colon, heading = label.partition(":")
        if colon and name and heading:
            page = self._find_address(document, f"/{name}", heading.strip())
            number = page.number
            if number is not None and self._index.find_section(number, page.fragment) is not None:
                return page
        is_sphinx = document.markup in ("rst", "markdown")
        if is_sphinx and not label.startswith("term:"):
            chosen = self._choose(document, self._index.find_headed(label), label)
            if chosen is not None:
                return chosen
        is_foreign = is_sphinx and _FOREIGN_LABEL.match(label.removeprefix("term:"))
        return _Outcome(kind="external" if is_foreign else "label")

    def _resolve_title(self, document: Target, title: str) -> _Outcome:
        for numbers, fragment in (
            (self._index.find_titled(title), ""),
            (self._index.find_headed(title), title),
        ):
            chosen = self._choose(document, numbers, fragment)
            if chosen is not None:
                return chosen
        return _Outcome(kind="text")

    def _resolve_wiki(self, document: Target, target: str) -> _Outcome:
        name, _, fragment = target.partition("#")
        name = name.strip().replace("\\", "/")
        fragment = fragment.rpartition("#")[2].strip()
        if not name:
            return _Outcome(kind="local")
        if _SCHEME.match(name) and "//" in name:
            return _Outcome(kind="external")
        if "/" in name:
            outcome = self._find_address(document, name, fragment)
            if outcome.number is not None or outcome.kind == "outside":
                return outcome
        named = self._choose(document, self._named(name), fragment)
        if named is not None:
            return named
        if "#" in target:  # a note named "C#"
            named = self._choose(document, self._named(target), "")
        if named is None and "^" in name:
            name, _, block = name.partition("^")
            named = self._choose(document, self._named(name.strip()), f"^{block.strip()}")
        if named is not None:
            return named
        return _Outcome(kind="other" if self._index.is_other_name(name) else "missing")

    def _named(self, name: str) -> list[int]:
        return self._index.find_named(name) or self._index.find_titled(name)

    def _nearest(self, source_path: str, numbers: Sequence[int]) -> int:
        folder = source_path.rpartition("/")[0]

        def distance(number: int) -> tuple[bool, bool, int, str]:
            path = self._index.targets[number].path
            return path.rpartition("/")[0] != folder, "/" in path, path.count("/"), path

        return min(numbers, key=distance)


def _join(base: str, address: str, root: str) -> str | None:
    """Return the path that an address means from a folder; None if it leaves the root."""
    parts = base.split("/") if base else []
    floor = 1 if root else 0
    for part in address.split("/"):
        if part == "..":
            if len(parts) <= floor:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)

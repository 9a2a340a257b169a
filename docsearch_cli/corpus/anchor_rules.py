"""How tools make the anchor of a heading from its text, and how they number repeated ones.

Which tool shows a document is often not known, and many documents are shown by two (a site and
GitHub), so a heading has the anchors that any of the rules gives it. Where two headings have the
same one by different rules, the first counts, and the other is kept under the rule's name: it
counts first where that rule is the one of the document's system.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import cycle

from docsearch_cli.corpus.naming import heading_slug

ANY_PLACE = "\0any"
"""Stands among the anchors of a document whose tool makes places that are not in the file."""

# All rules make the same of these.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9]*+(?:[ -][A-Za-z0-9]++)*+")
# Of these all rules make the same but the last one, which leaves signs as they are.
_NEARLY_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9]*+\)?(?:(?:[,:;]? |-)\(?[A-Za-z0-9]++\)?)*+[?!:]?")
_NOT_WORD = re.compile(r"[^\w\s-]")
_NOT_PANDOC = re.compile(r"[^\w\s.-]")
_HYPHENS = re.compile(r"[-\s]+")
_UP_TO_LETTER = re.compile(r"^[\W\d_]+")
_UP_TO_ASCII_LETTER = re.compile(r"^[^a-zA-Z]+")
_NOT_KRAMDOWN = re.compile(r"[^a-zA-Z0-9 -]")
_NOT_ASCII_WORD = re.compile(r"[^a-z0-9]+")
_COMBINING = re.compile("[\u0300-\u036f]")
_SPECIAL = re.compile(r"[\s~`!@#$%^&*()\-_+=\[\]{}|\\;:\"'\u201c\u201d\u2018\u2019<>,.?/]+")
_SIGNS = re.compile(r"[\W_]+")
_LEADING_DIGIT = re.compile(r"^(?=\d)")
_NUMBERED = re.compile(r"(.*)_(\d+)")
# What stands in a heading and is no part of its name: footnotes, emoji by name.
_EMOJI = re.compile(r":[a-z][\w+-]{1,60}:")
_ASIDE = re.compile(rf"\[\^[^\[\]]{{1,100}}\]|{_EMOJI.pattern}")
# Stands for the picture that a site shows for an emoji's name: a sign that no rule keeps.
_PICTURE = "\N{GRINNING FACE}"


def qualified(rule: str, anchor: str) -> str:
    """Return how an anchor is kept that only counts where a rule is known to be the right one."""
    return f"{rule}\0{anchor}"


def _github(text: str) -> str:
    return heading_slug(text)


def _gitlab(text: str) -> str:
    slug = re.sub("-{2,}", "-", heading_slug(text))
    return f"anchor-{slug}" if slug.isdigit() else slug


def _python_markdown(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return _HYPHENS.sub("-", _NOT_WORD.sub("", plain).strip().lower())


def _python_markdown_unicode(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text)
    return _HYPHENS.sub("-", _NOT_WORD.sub("", plain).strip().lower())


def _pandoc(text: str) -> str:
    words = _NOT_PANDOC.sub("", text.lower()).split()
    return _UP_TO_LETTER.sub("", "-".join(words)) or "section"


def _kramdown(text: str) -> str:
    kept = _NOT_KRAMDOWN.sub("", _UP_TO_ASCII_LETTER.sub("", text))
    return kept.replace(" ", "-").lower() or "section"


def _vitepress(text: str) -> str:
    plain = _COMBINING.sub("", unicodedata.normalize("NFKD", text))
    return _LEADING_DIGIT.sub("_", _SPECIAL.sub("-", plain).strip("-")).lower()


def _docutils(text: str) -> str:
    return _ascii_words(text).lstrip("-0123456789")


def _ascii_words(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode("ascii")
    return _NOT_ASCII_WORD.sub("-", plain).strip("-")


def _words(text: str) -> str:
    return _SIGNS.sub("-", text.lower()).strip("-")


def _docsify(text: str) -> str:
    return _LEADING_DIGIT.sub("_", re.sub("-{2,}", "-", heading_slug(text)))


def _markdown_it(text: str) -> str:
    return "-".join(text.lower().split())


class _InUse(set[str]):
    """The anchors of a document by one rule."""

    def __init__(self, anchors: Iterable[str]) -> None:
        super().__init__(anchors)
        self._repeats: dict[str, int] = {}

    def next_number(self, slug: str) -> int:
        """Return the number of the next repeat."""
        self._repeats[slug] = number = self._repeats.get(slug, 0) + 1
        return number


def _hyphened(slug: str, in_use: _InUse) -> str:
    """Number a repeated anchor as most tools do: ``use``, ``use-1``, ``use-2``."""
    found = slug
    while found in in_use:
        found = f"{slug}-{in_use.next_number(slug)}"
    return found


def _from_two(slug: str, in_use: _InUse) -> str:
    """Number a repeated anchor as VuePress does: ``use``, ``use-2``, ``use-3``."""
    found = slug
    while found in in_use:
        found = f"{slug}-{in_use.next_number(slug) + 1}"
    return found


def _underscored(slug: str, in_use: _InUse) -> str:
    """Number a repeated anchor, or one that is empty, as Python-Markdown does: ``use_1``."""
    found = slug
    counted = _NUMBERED.fullmatch(slug)
    stem, first = (counted[1], int(counted[2])) if counted else (slug, 0)
    while found in in_use or not found:
        found = f"{stem}_{first + in_use.next_number(slug)}"
    return found


@dataclass(frozen=True, slots=True)
class AnchorRule:
    """How one tool, or a family of them, makes the anchors of headings."""

    name: str
    slug: Callable[[str], str]
    """Returns the anchor of a heading's text, before repeated ones are numbered."""
    numbered: Callable[[str, _InUse], str] = _hyphened
    """Returns an anchor unlike those that are in use."""
    is_known_alone: bool = False
    """Whether its numbers count only where it is known to be the rule: those of others differ."""


ANCHOR_RULES: tuple[AnchorRule, ...] = (
    AnchorRule("github", _github),
    AnchorRule("gitlab", _gitlab),
    AnchorRule("python-markdown", _python_markdown, _underscored),
    AnchorRule("python-markdown-unicode", _python_markdown_unicode, _underscored),
    AnchorRule("pymdownx", _github, _underscored),
    AnchorRule("pandoc", _pandoc),
    AnchorRule("kramdown", _kramdown),
    AnchorRule("vitepress", _vitepress),
    AnchorRule("vuepress", _vitepress, _from_two, is_known_alone=True),
    AnchorRule("docutils", _docutils),
    AnchorRule("ascii-words", _ascii_words),  # Zola
    AnchorRule("words", _words),  # Blackfriday, as in older sites of Hugo
    AnchorRule("docsify", _docsify),
    AnchorRule("markdown-it", _markdown_it),
)
"""In the order in which they count where nothing is known of a document's system."""


class HeadingAnchors:
    """Gives the headings of one document their anchors, in the order in which they stand."""

    def __init__(self) -> None:
        self._given: set[str] = set()
        # Most headings are unlike all before them by every rule. What each rule has given is
        # sorted out when one is not.
        self._slugs: list[tuple[str, ...]] = []
        self._in_use: list[_InUse] = []

    def anchors_of(self, text: str) -> list[str]:
        """Return the anchors of the next heading.

        Args:
            text: What a person reads of it.

        Returns:
            GitHub's first, then those of other rules that differ.
        """
        slugs = _slugs_of(text)
        own = dict.fromkeys(slugs)
        if "" not in own and self._given.isdisjoint(own):
            self._slugs.append(slugs)
        else:
            own = dict.fromkeys(self._numbered(slugs))
        if ":" in text or "[^" in text:
            bare = _ASIDE.sub("", text).strip()
            if bare != text.strip():
                own.update(dict.fromkeys(filter(None, _slugs_of(bare))))
            shown = _EMOJI.sub(_PICTURE, text)
            if shown != text:
                own.update(dict.fromkeys(s for s in _slugs_of(shown) if s and _PICTURE not in s))
        self._given.update(own)
        return list(own)

    def _numbered(self, slugs: tuple[str, ...]) -> Iterator[str]:
        """Yield the anchors of a heading of which another one may have some."""
        self._sort_out()
        for rule, slug, in_use in zip(ANCHOR_RULES, cycle(slugs), self._in_use, strict=False):
            if not slug and rule.numbered is not _underscored:
                continue
            anchor = rule.numbered(slug, in_use)
            in_use.add(anchor)
            is_unsure = anchor in self._given or (rule.is_known_alone and anchor != slug)
            yield qualified(rule.name, anchor) if is_unsure else anchor

    def _sort_out(self) -> None:
        """Note for each rule what it has given."""
        if not self._in_use:
            self._in_use = [_InUse(()) for _ in ANCHOR_RULES]
        for slugs in self._slugs:
            for slug, in_use in zip(cycle(slugs), self._in_use, strict=False):
                in_use.add(slug)
        self._slugs.clear()


@lru_cache(maxsize=1024)
def _slugs_of(text: str) -> tuple[str, ...]:
    """Return what each rule makes of a text; one for all if they make the same of it."""
    if _PLAIN.fullmatch(text):
        return (text.lower().replace(" ", "-"),)
    if _NEARLY_PLAIN.fullmatch(text):
        return (*[heading_slug(text)] * (len(ANCHOR_RULES) - 1), _markdown_it(text))
    return tuple(rule.slug(text) for rule in ANCHOR_RULES)

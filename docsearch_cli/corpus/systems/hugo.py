"""Hugo: a shortcode names a page, wherever it lies, and a dated address may hold a page's title."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import unquote

from docsearch_cli.corpus.naming import heading_slug

LINK_HOOKS = (
    "layouts/_markup/render-link.html",
    "layouts/_default/_markup/render-link.html",
)
_REF = re.compile(
    r"\{\{[<%]\s*(?:rel)?ref\s+(?:path=)?[\"'`]?([^\"'`{}]+?)[\"'`]?(?:\s+\w+=[^{}]*)?\s*[>%]\}\}"
)
# What ``permalinks`` make of a post: /blog/2021/01/january-update/.
_DATED = re.compile(r"/(?:[\w-]+/)*\d{4}/(?:\d{1,2}/){0,2}([^/]+)/?")
# Folders of the content of a language, and what is put into the content.
_KEY = r"(?:^|[{,])[ \t-]*[\"']?"
_CONTENT = re.compile(_KEY + r"content[Dd]ir[\"']?[ \t]*[:=][ \t]*[\"']?([\w./-]+)", re.MULTILINE)
_MOUNT_KEY = re.compile(
    _KEY + r"(source|target)[\"']?[ \t]*[:=][ \t]*[\"']?([\w./-]+)", re.MULTILINE
)
_SERVED = re.compile(r"(?:content|static)(?:/([\w./-]+))?")
# The two ends of a mount stand close to each other, in any order.
_MOST_CHARS_APART = 300
_SECTIONS = "sections"
# The address of the site, which Zola needs too, with an underscore.
_BASE = re.compile(r"^[ \t]*[\"']?base(_?)url[\"']?[ \t]*[:=]", re.MULTILINE | re.IGNORECASE)
TOOL = "tool"
"""Setting that names the system whose configuration a file is."""
# Signs that are taken out of an address; a space becomes a hyphen.
_NOT_SERVED = re.compile(r"[^\w./\\#+~%@-]")
# Where the pages of a section are served: blog: /:year/:slug/
_PERMALINKS = re.compile(
    r"^(?:permalinks:[ \t]*|\[permalinks(?:\.page)?\][ \t]*)\r?\n"
    r"((?:[ \t]*(?:[\w-]+|[\"'][\w-]+[\"'])[ \t]*[:=][^\n]*\n?|[ \t]*#[^\n]*\n)*)",
    re.MULTILINE,
)
_PATTERN = re.compile(
    r"^[ \t]*[\"']?([\w-]+)[\"']?[ \t]*[:=][ \t]*[\"']?([\w:/.-]{1,200})", re.MULTILINE
)
_TOKEN = re.compile(r":([a-z]+)")
_PAGE = re.compile(r"(?:(?:^|/)_?index)?\.md$")
_USUAL = ("content", "static", "content/en")
# The expression tries each end of the name with each end of what follows it.
_MOST_CHARS = 500


def named_page(target: str) -> str | None:
    """Return the page that a link's target names by ``ref`` or ``relref``, with what follows it."""
    found = _REF.match(target, 0, _MOST_CHARS)
    return unquote(found[1]) + target[found.end() :] if found else None


def served_path(path: str) -> str:
    """Return the path at which a page is served, given its file's path without suffix."""
    return _NOT_SERVED.sub("", path.replace(" ", "-")) if _NOT_SERVED.search(path) else path


def page_name(title: str) -> str:
    """Return what an address calls a page of a title."""
    return heading_slug(title)


def page_names(stem: str) -> Iterator[str]:
    """Yield the name of a page besides its title, given its file's path without suffix."""
    yield stem.rpartition("/")[2]


def name_in_address(address: str) -> str | None:
    """Return the page that a dated address names; None if it has no date."""
    found = _DATED.fullmatch(address)
    return found[1] if found is not None else None


def settings_in(name: str, text: str) -> Mapping[str, str]:
    """Return what a site's configuration says of where its pages lie and are served.

    Args:
        name: The file's name; one named for a table, as ``permalinks.toml``, holds that alone.
        text: Its text.

    Returns:
        The folders of its content that have other names than usual, its mounts, and the patterns of
        the addresses in a section.
    """
    mounts = list(_mounts(text))
    folders = [folder.strip("/") for folder in _CONTENT.findall(text)]
    folders += [source for source, target in mounts if not target]
    unusual = dict.fromkeys(folder for folder in folders if folder and folder not in _USUAL)
    put = dict.fromkeys(f"{_PAGE.sub('', t)}:{source}" for source, t in mounts if _PAGE.sub("", t))
    whole = "[permalinks]\n" if name.startswith("permalinks.") else ""
    patterns = {
        f"{section}:{pattern}": None
        for table in _PERMALINKS.finditer(whole + text)
        for section, pattern in _PATTERN.findall(table[1])
        if ":" in pattern
    }
    found = {
        "content": " ".join(unusual),
        "mounts": " ".join(put),
        _SECTIONS: " ".join(patterns),
    }
    base = _BASE.search(text) if name.startswith("config.") else None
    if base is not None:
        found[TOOL] = "zola" if base[1] else "hugo"
    return {name: value for name, value in found.items() if value}


def _mounts(text: str) -> Iterator[tuple[str, str]]:
    """Yield the folders that are mounted, each with its place in the content."""
    opened: re.Match[str] | None = None
    for end in _MOUNT_KEY.finditer(text):
        if opened is None or opened[1] == end[1] or end.start() - opened.end() > _MOST_CHARS_APART:
            opened = end
            continue
        source, target = (opened[2], end[2]) if opened[1] == "source" else (end[2], opened[2])
        place = _SERVED.fullmatch(target.strip("/"))
        if place is not None:
            yield source.strip("/"), (place[1] or "").strip("/")
        opened = None


def permalinks(
    stem: str, title: str, declared: Sequence[str], settings: Mapping[str, str]
) -> Iterator[str]:
    """Yield where a page is served because of the pattern of its section.

    Addresses with a date are none of these: such pages are found by their names.

    Args:
        stem: The page's path without suffix, from the folder of its content.
        title: Its title.
        declared: Addresses of its front matter; the first without a slash is its ``slug``.
        settings: What the site's configuration says.

    Yields:
        Addresses from the content's root, without a slash at either end.
    """
    *folders, name = stem.split("/")
    if not folders or _SECTIONS not in settings:
        return
    if name.lower() == "index":
        name = folders.pop()
    section = folders[0] if folders else name
    slug = next((route for route in declared if "/" not in route), "")
    titled = heading_slug(title[:_MOST_CHARS])
    values = {
        "section": section,
        "sections": "/".join(folders),
        "title": titled,
        "slug": slug or titled,
        "filename": name,
        "contentbasename": name,
        "slugorfilename": slug or name,
        "slugorcontentbasename": slug or name,
    }
    for rule in settings[_SECTIONS].split():
        own, _, pattern = rule.partition(":")
        if own == section and all(token in values for token in _TOKEN.findall(pattern)):
            yield _TOKEN.sub(lambda found: values[found[1]], pattern).strip("/")

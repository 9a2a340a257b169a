"""Hugo: a shortcode names a page, wherever it lies, and a dated address may hold a page's title."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
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
_CONTENT = re.compile(r"^[ \t]*content[Dd]ir[ \t]*[:=][ \t]*[\"']?([\w./-]+)", re.MULTILINE)
_MOUNT = re.compile(
    r"^[ \t-]*source[ \t]*[:=][ \t]*[\"']?([\w./-]+)[\"']?[ \t]*\n"
    r"[ \t]*target[ \t]*[:=][ \t]*[\"']?(?:content|static)(?:/([\w./-]+))?[\"']?[ \t]*$",
    re.MULTILINE,
)
# Signs that are taken out of an address; a space becomes a hyphen.
_NOT_SERVED = re.compile(r"[^\w./\\#+~%@-]")
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


def settings_in(_name: str, text: str) -> Mapping[str, str]:
    """Return the folders of a site's content that have other names than usual, and its mounts."""
    mounts = [(found[1].strip("/"), (found[2] or "").strip("/")) for found in _MOUNT.finditer(text)]
    folders = [folder.strip("/") for folder in _CONTENT.findall(text)]
    folders += [source for source, target in mounts if not target]
    unusual = dict.fromkeys(folder for folder in folders if folder and folder not in _USUAL)
    put = dict.fromkeys(f"{_PAGE.sub('', t)}:{source}" for source, t in mounts if _PAGE.sub("", t))
    found = {"content": " ".join(unusual), "mounts": " ".join(put)}
    return {name: value for name, value in found.items() if value}

"""What an address with a template in it stands for.

A template is filled in by the site's tool, so what it stands for is not in the text. Some name the
site's root; those that name a repository or a host lead elsewhere. Of the others nothing is known:
what follows them is a page of the site if there is one.
"""

from __future__ import annotations

import re

_TEMPLATE = re.compile(
    r"\{\{-?[<%]?\s*+(?P<shown>(?:[^{}]|\}(?!\}))*?)\s*[%>]?-?\}\}"
    r"|\{%-?\s*+(?P<done>[^%]*?)\s*-?%\}"
    r"|<%[=-]?\s*+(?P<ruby>[^%]*?)\s*-?%>"
    r"|\$\{\s*+(?P<script>[^{}]*?)\s*\}"
)
_OPENING = re.compile(r"\{[{%]|<%|\$\{|\[-")
# "/x" | relative_url, relURL "/x", url_for('/x'): an address that is written out.
_WRITTEN = re.compile(
    r"(?:(?:rel|abs)(?:lang)?url|(?:relative|absolute)_url|pathto|usebaseurl|\$?withbase)?[\s(]*"
    r"[\"'`](?P<address>[^\"'`]*)[\"'`]\)?(?P<filters>.*)",
    re.DOTALL | re.IGNORECASE,
)
_FILTER = re.compile(
    r"\|\s*(?:(?:relative|absolute|rel|abs)?_?(?:lang)?_?url\b|prepend:\s*[\w.-]*(?:base|url|root)[\w.-]*"
    r"|safeurl|uri_escape|htmlescape)\s*",
    re.IGNORECASE,
)
_ROOT_WORDS = (
    "base basepath baseuri baseurl docroot docsroot pathprefix pathroot pathtoroot prefix relpath "
    "relativepath relativeroot relativerootpath root rootpath rooturl siteprefix siteroot siteurl "
    "sitebaseurl urlbase urlprefix urlroot withbase"
)
_ROOT_NAMES = frozenset(_ROOT_WORDS.split())
_ROOTS = frozenset(("site.url", "site.github.url", "config.site_url"))
_OWN_PAGES = frozenset(("page.url", "page.permalink", ".permalink", ".relpermalink"))
_ELSEWHERE = re.compile(
    r"repo|git|source|src\b|issue|bug|tracker|cdn|host|domain|download|https?|\bapi|edit_?ur|commit|mail",
    re.IGNORECASE,
)
# An address that a program puts together: ' + page + '
_CONCATENATED = re.compile(r"^[\"']\s*\+|\+\s*[\"']$")
# A variable of pandoc's templates.
_PANDOC = re.compile(r"\$[A-Za-z][\w.-]{0,60}\$")
_PRINTF = re.compile(r"%[a-z]")
_NAME = re.compile(r"[\w.$-]+")


def has_template(target: str) -> bool:
    """Tell whether there is a template in a link's target, or whether it is one of ``printf``."""
    if target.isalnum():
        return False
    if _OPENING.search(target) is not None or _PRINTF.fullmatch(target) is not None:
        return True
    if target[0:1] == "$" and _PANDOC.match(target) is not None:
        return True
    return "+" in target and _CONCATENATED.search(target) is not None


def without_root(target: str) -> str:
    """Return a target with a path from the site's root for the templates that name the root.

    Args:
        target: A link's target as it is written.

    Returns:
        ``/x`` for ``{{ site.baseurl }}/x`` and for ``{{ "/x" | relative_url }}``, ``#x`` for
        ``{{ page.url }}#x``; the target itself if it begins with no such template.
    """
    is_rooted = False
    while found := _TEMPLATE.match(target):
        content, rest = _content(found), target[found.end() :]
        if _is_root(content):
            target, is_rooted = rest, True
            continue
        written = _written_address(content)
        if written is not None:
            target, is_rooted = written + rest, True
        elif content.lower() in _OWN_PAGES and rest.startswith("#"):
            target = rest
        break
    # An address that is written out may be one elsewhere.
    if is_rooted and not target.startswith(("/", "#", "?")) and not re.match(r"\w+:", target):
        is_page = target and not has_template(target)
        target = f"/{target}" if is_page or not target else target
    return target


def site_path(target: str) -> str | None:
    """Return what follows the unknown template that a target begins with, as a path of the site.

    Args:
        target: A link's target with a template in it.

    Returns:
        The path, which may be none; None if the template leads elsewhere, or is not the only one.
    """
    found = _TEMPLATE.match(target)
    if found is None or _ELSEWHERE.search(_content(found)):
        return None
    rest = target[found.end() :].lstrip("/")
    return None if not rest or rest.startswith(("#", "?")) or has_template(rest) else f"/{rest}"


def _content(found: re.Match[str]) -> str:
    return next((part for part in found.groups() if part is not None), "")


def _is_root(content: str) -> bool:
    """Tell whether a template names the site's root: by a variable, ``include`` or ``param``."""
    if content.lower() in _ROOTS:
        return True
    names = _NAME.findall(content)
    if not names or len(names) > 2 or "|" in content or "(" in content:
        return False
    last = names[-1].rpartition(".")[2]
    return last.lower().replace("_", "").replace("-", "").lstrip("$") in _ROOT_NAMES


def _written_address(content: str) -> str | None:
    found = _WRITTEN.fullmatch(content)
    if found is None or _FILTER.sub("", found["filters"]).strip():
        return None
    is_called = not content.startswith(("'", '"', "`"))
    return found["address"] if is_called or found["filters"] else None

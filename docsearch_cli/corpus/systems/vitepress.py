"""VitePress: its configuration says where its pages lie, and serves them at other paths.

What it says is read where it stands as text: a folder, and a table of paths. A table that a
program makes is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import chain, zip_longest

_OPTION = r"(?:^|[{{,])[ \t]*[\"']?{}[\"']?[ \t]*:\s*"
_FOLDER = re.compile(_OPTION.format("srcDir") + r"[\"'`]([\w./-]+)[\"'`]", re.MULTILINE)
_BASE = re.compile(_OPTION.format("base") + r"[\"'`]/([\w./-]+)[\"'`]", re.MULTILINE)
_REWRITES = re.compile(_OPTION.format("rewrites") + r"\{([^{}]{0,20000})\}", re.MULTILINE)
_PAIR = re.compile(r"[\"'`]([^\s\"'`,>]{1,200})[\"'`]\s*:\s*[\"'`]([^\s\"'`,>]{1,200})[\"'`]")
_COMMENT = re.compile(r"^[ \t]*//[^\n]*$", re.MULTILINE)
REWRITES = "rewrites"
"""Setting that names, with spaces, paths with where they are served: ``a/:x.md>b/:x.md``."""
# A parameter with what it stands for, or a group without a name.
_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_PARAMETER = re.compile(rf":({_NAME})(?:\(([^()]{{1,20}})\))?([*+?]?)|\(([^()]{{1,20}})\)")
_PARTS = {".*": ".*", ".+": ".+", "[^/]+": "[^/]+", "[^/]*": "[^/]*", r"\w+": r"\w+"}
_WIDE = (".*", ".+")
# More of them in one name, or more than one that takes any number of names, take long to match.
_MOST_IN_NAME = 1
_MOST_PARAMETERS = 8
_MOST_VALUE_CHARS = 1_900


def settings_in(_name: str, text: str) -> Mapping[str, str]:
    """Return the folder of the pages, below what the site is served, and which pages are moved."""
    text = _COMMENT.sub("", text)
    folder, base, table = _FOLDER.search(text), _BASE.search(text), _REWRITES.search(text)
    found: dict[str, str] = {}
    if folder is not None:
        found["content"] = folder[1].removeprefix("./").strip("/")
    if base is not None:
        found["base"] = base[1].strip("/")
    kept = ""
    for source, target in _PAIR.findall(table[1]) if table is not None else ():
        rule = f"{source}>{target}"
        if len(kept) + len(rule) < _MOST_VALUE_CHARS:
            kept = f"{kept} {rule}".lstrip()
    found[REWRITES] = kept
    return {name: value for name, value in found.items() if value and value != "."}


def moved(stem: str, settings: Mapping[str, str]) -> str | None:
    """Return the path at which the site's configuration serves a page.

    Args:
        stem: The page's path without suffix, from the folder of its content.
        settings: What the configuration says.

    Returns:
        The path, without suffix; None for its own.
    """
    for source, target in _rules(settings.get(REWRITES, "")):
        found = source.fullmatch(f"{stem}.md")
        if found is not None:
            names = {name: value or "" for name, value in found.groupdict().items()}
            pieces = _PARAMETER.split(target)[:: _PARAMETER.groups + 1]
            marks = [names.get(f"p{at[1]}", "") for at in _PARAMETER.finditer(target)]
            place = "".join(chain(*zip_longest(pieces, marks, fillvalue="")))
            return place.removesuffix(".md").strip("/") or None
    return None


@lru_cache(maxsize=64)
def _rules(written: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(_compiled(written))


def _compiled(written: str) -> Iterator[tuple[re.Pattern[str], str]]:
    for rule in written.split():
        source, _, target = rule.partition(">")
        pieces: list[str] = []
        names: set[str] = set()
        parts: list[str] = []
        end, is_known = 0, True
        for at in _PARAMETER.finditer(source):
            part = _PARTS.get(at[2] or at[4] or ("[^/]+" if not at[3] else ".*"))
            is_known = is_known and part is not None and at[1] not in names
            pieces.append(re.escape(source[end : at.start()]))
            pieces.append(f"(?P<p{at[1]}>{part})" if at[1] else f"(?:{part})")
            names.add(at[1] or "")
            parts.append(part or "")
            end = at.end()
        in_name = max(name.count("\0") for name in _PARAMETER.sub("\0", source).split("/"))
        is_quick = in_name <= _MOST_IN_NAME and sum(part in _WIDE for part in parts) <= 1
        if is_known and is_quick and len(parts) <= _MOST_PARAMETERS:
            yield re.compile("".join(pieces) + re.escape(source[end:])), target

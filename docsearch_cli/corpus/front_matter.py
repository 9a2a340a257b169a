"""Front matter: the block at the very start of a file, YAML in ``---``, TOML in ``+++``, or JSON.

Only YAML's base loader is used, which makes nothing but strings, lists and mappings, and only
strings of the first two levels are used. So neither a tag nor an alias bomb has an
effect, and ``title: 2024-01-01`` or ``title: yes`` stay what the author typed. A block too large to
parse still counts as front matter if each of its lines looks like it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import PurePosixPath

from docsearch_cli.corpus.encoding import line_number, line_starts
from docsearch_cli.corpus.front_matter_fault import fault_in
from docsearch_cli.corpus.naming import one_line
from docsearch_cli.models import Link
from docsearch_cli.toml_text import read_toml

# Real front matter is a few hundred bytes; a larger block is not worth a parser's time. Python's
# TOML parser takes quadratic time for a key of many dots.
_MOST_CHARS = {"---": 64 * 1024, "+++": 8 * 1024}
_OPENING = re.compile(r"(---|\+\+\+)[ \t]*(?:\r\n|\n|\r)")
_CLOSINGS = {
    "---": re.compile(r"(?:^|(?<=[\r\n]))(?:---|\.\.\.)[ \t]*(?:\r\n|\n|\r|\Z)"),
    "+++": re.compile(r"(?:^|(?<=[\r\n]))\+\+\+[ \t]*(?:\r\n|\n|\r|\Z)"),
}
_JSON_OPENING = re.compile(r"\{\s*\"[\w.-]+\"[ \t]*:")
_REST_OF_LINE = re.compile(r"[ \t]*(?:\r\n|\n|\r|\Z)")
_TITLE_LINES = {
    "---": re.compile(r"^title:[ \t]*(\S[^\r\n]*)", re.MULTILINE),
    "+++": re.compile(r"^title[ \t]*=[ \t]*(\S[^\r\n]*)", re.MULTILINE),
}
_KEY_LINES = {
    "---": re.compile(r"\s*+(?:#[^\r\n]*+[\r\n]++\s*+)*+[\w.\"'-]++[ \t]*+:(?:\s|\Z)"),
    "+++": re.compile(r"\s*+(?:#[^\r\n]*+[\r\n]++\s*+)*+(?:[\w.\"'-]++[ \t]*+=|\[)"),
}
# What a line of front matter may be: a key, an item, a comment, indented text, or a bracket.
_FIELD_LINE = re.compile(r"[ \t\-#\[\]{}\"'|>]|[\w.-]+[ \t]*[:=]|\Z")
# libyaml takes quadratic time for brackets inside brackets. Nobody nests them by hand.
_MOST_BRACKETS_DEEP = 100
_BRACKET = re.compile(r"[\[\]{}]")
# Where a page says its tags, and its date: the first of these that holds one counts.
_TAG_KEYS = ("tags", "tag", "keywords", "categories", "category")
_DATE_KEYS = (
    *("date", "updated", "last_updated", "lastmod", "modified", "last_modified_at"),
    *("created", "published", "publishdate", "pubdate", "ms.date"),
)
_DATE = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?!\d)|(\d{1,2})/(\d{1,2})/(\d{4})(?!\d)")
_ROUTE_KEYS = ("slug", "id", "url", "permalink")
# Each is looked for among all documents; a page lists a folder, or a few files.
_MOST_LISTED = 50
_LANGUAGE_KEYS = ("lang", "language", "locale")
_WIKI_LINK = re.compile(r"\[\[[^\[\]\r\n](?:[^\[\]\r\n]|\[[^\[\]\r\n]{0,300}\]){0,500}\]\]")
_ADDRESS_STARTS = ("/", "./", "../")
_ADDRESS_ENDS = ("/", ".html", ".htm")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What the front matter of one file says."""

    end: int = 0
    """Offset of the first character after it; 0 if the file has none."""
    title: str = ""
    aliases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    dated: str = ""
    """The day that the page is dated, ``YYYY-MM-DD``; empty if it says none."""
    related: tuple[tuple[str, str], ...] = ()
    """Targets with their labels, as written under ``related``; wiki links under any key."""
    listed: tuple[str, ...] = ()
    """Folders, files and patterns of files that the page lists, as Quarto's ``listing`` has it."""
    routes: tuple[str, ...] = ()
    """Addresses that the page has or had, see ``Document.routes``."""
    labels: tuple[str, ...] = ()
    """Names that other pages may use to point here without a path."""
    language: str = ""
    """Name or tag of the language that it says the page is in."""
    fault: str = ""
    """Why a block that looks like front matter could not be read; empty if it could."""


class _FaultError(Exception):
    """Front matter cannot be read; the text says why and where."""


NO_FRONT_MATTER = FrontMatter()


def parse_front_matter(source: str) -> FrontMatter:
    """Read the front matter at the start of ``source``, if there is any.

    A block that is not a mapping is text. One with a syntax error still counts as front matter if
    it has a line ``title: ...``, since such errors (an unquoted colon) are common.

    Args:
        source: Decoded text without a byte order mark.

    Returns:
        The fields; ``end`` is 0 when there is no front matter.
    """
    if source[:1] == "{":
        try:
            end, loaded = _read_json(source)
        except _FaultError as found:
            return FrontMatter(fault=str(found))
        return _front_matter(loaded, end) if loaded else NO_FRONT_MATTER
    opening = _OPENING.match(source)
    if opening is None:
        return NO_FRONT_MATTER
    fence, start = opening[1], opening.end()
    closing = _CLOSINGS[fence].search(source, start)
    if closing is None:
        return NO_FRONT_MATTER
    block = source[start : closing.start()]
    if not block.strip():
        return FrontMatter(end=closing.end())
    if not _KEY_LINES[fence].match(block):
        return NO_FRONT_MATTER
    is_large = len(block) > _MOST_CHARS[fence]
    if is_large and not all(map(_FIELD_LINE.match, block.splitlines())):
        return NO_FRONT_MATTER
    try:
        fields = None if is_large else _LOADERS[fence](block)
        fault = f"it is longer than {_MOST_CHARS[fence]:,} characters" if is_large else ""
    except _FaultError as found:
        fields, fault = None, str(found)
    if fields is None:
        title = _TITLE_LINES[fence].search(block, 0, _MOST_CHARS[fence])
        name = one_line(title[1].strip("\"' ")) if title is not None else ""
        end = closing.end() if name or is_large else 0
        return FrontMatter(end=end, title=name, fault=fault)
    return _front_matter(fields, closing.end())


def _front_matter(fields: dict[str, object], end: int) -> FrontMatter:
    names = _names(fields, ("aliases", "alias"), separators=",")
    former = _names(fields, ("redirect_from",), separators=",")
    return FrontMatter(
        end=end,
        labels=tuple(f"uid:{uid}" for uid in _strings([fields.get("uid")])),
        title=next(iter(_strings([fields.get("title")])), ""),
        aliases=tuple(name for name in names if not _is_address(name)),
        language=next(iter(_strings(map(fields.get, _LANGUAGE_KEYS))), ""),
        tags=_names(fields, _TAG_KEYS, separators=" \t"),
        dated=next(filter(None, (_day(key, fields.get(key)) for key in _DATE_KEYS)), ""),
        related=tuple(dict.fromkeys((*_related(fields.get("related")), *_wiki_links(fields)))),
        listed=tuple(islice(dict.fromkeys(_listed(fields.get("listing"))), _MOST_LISTED)),
        routes=tuple(
            dict.fromkeys(
                (*_routes(fields), *(name for name in names if _may_be_address(name)), *former)
            )
        ),
    )


def _load_yaml(block: str) -> dict[str, object] | None:
    import yaml

    if _brackets_deep(block) > _MOST_BRACKETS_DEEP:
        raise _FaultError("it is nested too deeply")
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        return _lower_keys(yaml.load(block, Loader=loader))  # noqa: S506 - str, list, dict only
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _FaultError(fault_in(error, above=1)) from None


def _brackets_deep(block: str) -> int:
    """Return how deep its brackets are nested at most, those in quoted texts counted too."""
    deepest = depth = 0
    for bracket in _BRACKET.findall(block):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _load_toml(block: str) -> dict[str, object] | None:
    try:
        return _lower_keys(read_toml(block.replace("\r\n", "\n")))
    except (ValueError, RecursionError) as error:
        raise _FaultError(fault_in(error, above=1)) from None


def _read_json(source: str) -> tuple[int, dict[str, object] | None]:
    """Return the fields of JSON at the start of a file, and where the line behind it begins."""
    if not _JSON_OPENING.match(source):
        return 0, None
    import json

    try:
        loaded, end = json.JSONDecoder().raw_decode(source[: _MOST_CHARS["---"]])
    except (ValueError, RecursionError) as error:
        raise _FaultError(fault_in(error, above=0)) from None
    closing = _REST_OF_LINE.match(source, end)
    return (closing.end(), _lower_keys(loaded)) if closing is not None else (0, None)


_LOADERS = {"---": _load_yaml, "+++": _load_toml}


def _lower_keys(loaded: object) -> dict[str, object] | None:
    if not isinstance(loaded, dict):
        return None
    return {key.lower(): value for key, value in loaded.items() if isinstance(key, str)}


def _is_address(alias: str) -> bool:
    """Tell whether an alias is a former address of the page rather than another name."""
    return alias.startswith(_ADDRESS_STARTS) or alias.endswith(_ADDRESS_ENDS)


def _may_be_address(alias: str) -> bool:
    """Tell whether an alias may be one seen from the page's folder, as Hugo takes it."""
    return _is_address(alias) or ("/" in alias and " " not in alias)


def _routes(fields: dict[str, object]) -> Iterator[str]:
    for key in _ROUTE_KEYS:
        for value in _strings([fields.get(key)]):
            if ":" not in value:  # no URL, and no pattern such as /:year/:title
                is_whole = key in ("url", "permalink")
                yield f"/{value.strip('/')}" if is_whole or value.startswith("/") else value


def _wiki_links(fields: dict[str, object]) -> Iterator[tuple[str, str]]:
    for key, value in fields.items():
        if key == "related":
            continue
        for entry in value if isinstance(value, list) else [value]:
            if isinstance(entry, str) and _WIKI_LINK.fullmatch(entry.strip()):
                yield entry.strip(), ""


def _strings(values: Iterable[object]) -> Iterable[str]:
    return (one_line(value) for value in values if isinstance(value, str) and value.strip())


def _names(fields: dict[str, object], keys: tuple[str, ...], separators: str) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for key in keys:
        value = fields.get(key)
        if isinstance(value, str):
            # Only where there is no comma do spaces part names.
            value = re.split("[,]+" if "," in value else f"[{separators}]+", value)
        if isinstance(value, list):
            names.update(dict.fromkeys(name.lstrip("#") for name in _strings(value)))
    names.pop("", None)
    return tuple(names)


def _day(key: str, value: object) -> str:
    """Return the day that a field names, whatever the time of day; empty if it names none."""
    found = _DATE.match(str(value).strip()) if isinstance(value, str | date) else None
    if found is None or (found[6] and key != "ms.date"):  # elsewhere the day may come first
        return ""
    year, month, day = found.group(6, 4, 5) if found[6] else found.group(1, 2, 3)
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""


def _related(value: object) -> Iterable[tuple[str, str]]:
    entries = value if isinstance(value, list) else [value]
    if isinstance(value, str) and "," in value and "[[" not in value:
        entries = value.split(",")
    for entry in entries:
        if isinstance(entry, dict):
            target = next(
                (entry[key] for key in ("url", "href", "path", "link") if key in entry), None
            )
            label = entry.get("title") or entry.get("text") or ""
        else:
            target, label = entry, ""
        if isinstance(target, str) and target.strip():
            yield target.strip(), one_line(label) if isinstance(label, str) else ""


def _listed(value: object) -> Iterator[str]:
    for listing in value if isinstance(value, list) else [value]:
        contents = listing.get("contents") if isinstance(listing, dict) else None
        for entry in contents if isinstance(contents, list) else [contents]:
            if isinstance(entry, dict):
                entry = entry.get("path")
            if isinstance(entry, str) and entry.strip() and not entry.startswith("!"):
                yield entry.strip()


def related_links(source: str, matter: FrontMatter) -> Iterator[Link]:
    """Yield the links of a file's front matter, with their lines."""
    has_links = matter.related or matter.listed
    starts = line_starts(source[: matter.end]) if has_links else []
    for pattern in matter.listed:
        place = source.find(pattern, 0, matter.end)
        if place >= 0:
            yield Link(pattern, "", line_number(starts, place), "listing")
    for target, label in matter.related:
        place = source.find(target, 0, matter.end)
        if place < 0:
            continue
        line = line_number(starts, place)
        if target.startswith("[[") and target.endswith("]]"):
            name, _, alias = target[2:-2].partition("|")
            yield Link(name.strip(), one_line(label or alias or name), line, "wiki")
        else:
            is_name = "/" not in target and not PurePosixPath(target.partition("#")[0]).suffix
            yield Link(target, label, line, "wiki" if is_name else "url")

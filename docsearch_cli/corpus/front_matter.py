"""YAML front matter: the block between two ``---`` lines at the very start of a file.

Only the plain YAML loader is used, which makes strings, lists and mappings and nothing else, and
only strings of the first two levels are looked at. So neither a tag nor an alias bomb has an
effect, and ``title: 2024-01-01`` or ``title: yes`` stay what the author typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from docsearch_cli.corpus.naming import one_line

# Real front matter is a few hundred bytes; a larger block is not worth a YAML parser's time.
_MOST_CHARS = 64 * 1024
_OPENING = re.compile(r"---[ \t]*(?:\r\n|\n|\r)")
_CLOSING = re.compile(r"(?:^|(?<=[\r\n]))(?:---|\.\.\.)[ \t]*(?:\r\n|\n|\r|\Z)")
_TITLE_LINE = re.compile(r"^title:[ \t]*(\S[^\r\n]*)", re.MULTILINE)
_KEY_LINE = re.compile(r"\s*+(?:#[^\r\n]*+[\r\n]++\s*+)*+[\w.\"'-]++[ \t]*+:(?:\s|\Z)")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What the front matter of one file says."""

    end: int = 0
    """Offset of the first character after it; 0 if the file has none."""
    title: str = ""
    aliases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    related: tuple[tuple[str, str], ...] = ()
    """Targets with their labels, as written under ``related``."""


_NONE = FrontMatter()


def parse_front_matter(source: str) -> FrontMatter:
    """Read the front matter at the start of ``source``, if there is any.

    A block that is no YAML mapping is text, not front matter; one with a YAML mistake still counts
    when it has a line ``title: ...``, since such mistakes (an unquoted colon) are common.

    Args:
        source: Decoded text without a byte order mark.

    Returns:
        The fields; ``end`` is 0 when there is no front matter.
    """
    opening = _OPENING.match(source)
    if opening is None:
        return _NONE
    start = opening.end()
    closing = _CLOSING.search(source, start, start + _MOST_CHARS)
    if closing is None or not _KEY_LINE.match(source, start):
        empty = closing is not None and not source[start : closing.start()].strip()
        return FrontMatter(end=closing.end()) if closing is not None and empty else _NONE
    block = source[start : closing.start()]
    fields = _load_mapping(block)
    if fields is None:
        title = _TITLE_LINE.search(block)
        if title is None:
            return _NONE
        return FrontMatter(end=closing.end(), title=one_line(title[1].strip("\"' ")))
    return FrontMatter(
        end=closing.end(),
        title=next(iter(_strings([fields.get("title")])), ""),
        aliases=_names(fields, ("aliases", "alias"), separators=","),
        tags=_names(fields, ("tags", "tag", "keywords"), separators=", \t"),
        related=tuple(_related(fields.get("related"))),
    )


def _load_mapping(block: str) -> dict[str, object] | None:
    import yaml

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        loaded = yaml.load(block, Loader=loader)  # noqa: S506 - builds str, list and dict only
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    if not isinstance(loaded, dict):
        return None
    return {key.lower(): value for key, value in loaded.items() if isinstance(key, str)}


def _strings(values: Iterable[object]) -> Iterable[str]:
    return (one_line(value) for value in values if isinstance(value, str) and value.strip())


def _names(fields: dict[str, object], keys: tuple[str, ...], separators: str) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for key in keys:
        value = fields.get(key)
        if isinstance(value, str):
            value = re.split(f"[{separators}]+", value)
        if isinstance(value, list):
            names.update(dict.fromkeys(name.lstrip("#") for name in _strings(value)))
    names.pop("", None)
    return tuple(names)


def _related(value: object) -> Iterable[tuple[str, str]]:
    entries = value if isinstance(value, list) else [value]
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

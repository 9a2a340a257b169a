"""An entry in a TOML file: a table at its end, or other values in the table that is there.

Nothing else of the file is touched. What cannot be done by whole lines is refused.
"""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import Any

from docsearch_cli.toml_text import read_toml

_HEADER = re.compile(r"[ \t]*\[")


class TomlTableError(ValueError):
    """The file cannot be read, or holds the entry in a form that is not edited."""


def put(text: str, keys: tuple[str, ...], entry: dict[str, Any], *, is_whole: bool = False) -> str:
    """Return a text in which an entry stands under some keys.

    Args:
        text: TOML, or nothing.
        keys: Names of tables, of letters, digits, ``_`` and ``-``.
        entry: Texts and lists of texts.
        is_whole: Whether a table of the same name loses what it has beside, which else is kept.

    Returns:
        The text, otherwise unchanged.

    Raises:
        TomlTableError: If the text cannot be read, or holds the entry in another form than as a
            table with a line for each value.
    """
    try:
        found: Any = read_toml(text)
    except ValueError as error:
        raise TomlTableError(str(error)) from error
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    newline = "\r\n" if "\r\n" in text else "\n"
    header = f"[{'.'.join(keys)}]"
    if found == entry:
        return text
    rows = [header, *(f"{key} = {_shown(value)}" for key, value in entry.items())]
    table = newline.join(rows) + newline
    if found is None:
        parting = "" if not text.strip() else newline if text.endswith("\n") else newline * 2
        return text + parting + table
    lines = text.splitlines(keepends=True)
    start = next((n for n, line in enumerate(lines) if line.strip().startswith(header)), None)
    if start is None or not isinstance(found, dict):
        raise TomlTableError(f"{'.'.join(keys)} is not written as a table {header}")
    end = next((n for n in range(start + 1, len(lines)) if _HEADER.match(lines[n])), len(lines))
    if is_whole:
        lines[start:end] = [table, *_closing_remarks(lines[start:end])]
        return "".join(_without_tables_below(lines, header))
    for key, wanted in entry.items():
        if found.get(key) == wanted:
            continue
        row = f"{key} = {_shown(wanted)}{newline}"
        places = [n for n in range(start + 1, end) if re.match(rf"\s*{key}\s*=", lines[n])]
        if places:
            lines[places[0]] = row
        else:
            lines.insert(start + 1, row)
            end += 1
    return "".join(lines)


def _closing_remarks(lines: list[str]) -> list[str]:
    """Return the empty lines and comments at the end: they belong to what follows."""
    kept = len(lines)
    while kept and (not lines[kept - 1].strip() or lines[kept - 1].lstrip().startswith("#")):
        kept -= 1
    return lines[kept:]


def _without_tables_below(lines: list[str], header: str) -> list[str]:
    """Return lines without the tables whose names begin with that of a header."""
    begins = [n for n, line in enumerate(lines) if n == 0 or _HEADER.match(line)]
    kept = []
    for start, end in pairwise([*begins, len(lines)]):
        table = lines[start:end]
        is_below = table[0].strip().startswith(f"{header[:-1]}.")
        kept += _closing_remarks(table) if is_below else table
    return kept


def _shown(value: Any) -> str:
    """Return a text or a list of texts: JSON writes them as TOML does, but for DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")

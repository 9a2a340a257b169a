"""What the configuration files of sites say that the rules of their systems need.

Configuration is no document, so its row in the ledger is where an index keeps what was read in it,
in words that a person reads too:

    no reader for .yml files; settings of antora: name = press
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import partial

from docsearch_cli.corpus.systems import table
from docsearch_cli.environment import raise_if_starved

HIDDEN_FOLDERS = frozenset(
    file.partition("/")[0]
    for system in table.SYSTEMS
    for file in system.config_files
    if "/" in file
)
"""Names of hidden folders in which sites keep their configuration."""
# What ``*`` stands for in the name of a configuration file in a hidden folder.
_SUFFIXES = ("cjs", "cts", "js", "json", "mjs", "mts", "toml", "ts", "yaml", "yml")
# A configuration file of more characters is not one that a person wrote.
_MOST_CHARS = 200_000
_MOST_VALUE_CHARS = 2_000
# A row of more is not one that a person reads.
_MOST_WORDS_CHARS = 4_000
_WORDS = re.compile(r"settings of [\w-]+: (.+)$")
_PAIR = re.compile(r"([\w.-]+) = ([^,]+)(?:, |$)")
# What may be a value: it must read back as it was written.
_VALUE = re.compile(r"[^\s,]+(?: [^\s,]+)*")


def settings_in_words(path: str, read: Callable[[], str]) -> str:
    """Return what a configuration file says, in words.

    Args:
        path: The file's path.
        read: Returns its text.

    Returns:
        The words; empty if it says nothing that is needed.
    """
    folder, _, name = path.rpartition("/")
    hidden = folder.rpartition("/")[2]
    name = f"{hidden}/{name}" if hidden in HIDDEN_FOLDERS else name
    for system in table.SYSTEMS:
        if system.settings_in is not None and is_one_of(name, system.config_files):
            found = system.settings_in(name, read()[:_MOST_CHARS])
            words = ""
            for key, value in sorted(found.items()):
                is_sane = len(value) <= _MOST_VALUE_CHARS and _VALUE.fullmatch(value)
                pair = f", {key} = {value}" if words else f"{key} = {value}"
                if is_sane and len(words) + len(pair) <= _MOST_WORDS_CHARS:
                    words += pair
            if words:
                return f"settings of {system.name}: {words}"
    return ""


def hidden_settings(folder: str, note: Callable[[str], None]) -> str:
    """Return what the configuration in a hidden folder says, in words.

    Args:
        folder: Where the folder is, ``docs/.vitepress``.
        note: Called with the location of each file that is read, or would be if it were there.

    Returns:
        The words; empty if it says nothing that is needed, or is no such folder.
    """
    hidden = os.path.basename(folder)  # noqa: PTH119 - names need not be UTF-8
    if hidden not in HIDDEN_FOLDERS:
        return ""
    for name in _names_of_configuration(hidden):
        note(os.path.join(folder, name))  # noqa: PTH118 - a file that is not there may come
    for name in sorted(_regular_files(folder)):
        file = os.path.join(folder, name)  # noqa: PTH118
        if any(is_one_of(f"{hidden}/{name}", system.config_files) for system in table.SYSTEMS):
            note(file)
            words = settings_in_words(f"{hidden}/{name}", partial(_text_of, file))
            if words:
                return words
    return ""


def _names_of_configuration(hidden: str) -> Iterator[str]:
    """Yield the names that configuration files in a hidden folder have."""
    for system in table.SYSTEMS:
        for file in system.config_files:
            folder, _, name = file.rpartition("/")
            if folder == hidden:
                yield from (name.replace("*", suffix) for suffix in _SUFFIXES)


def _regular_files(folder: str) -> Iterator[str]:
    try:
        with os.scandir(folder) as entries:
            yield from (entry.name for entry in entries if entry.is_file(follow_symlinks=False))
    except OSError as error:
        raise_if_starved(error, folder)


def _text_of(file: str) -> str:
    try:
        with open(file, "rb") as stream:  # noqa: PTH123
            return stream.read(_MOST_CHARS).decode("utf-8", "replace")
    except OSError as error:
        raise_if_starved(error, file)
        return ""


def is_one_of(name: str, patterns: Sequence[str]) -> bool:
    """Tell whether a file's name is one of some, in which ``*`` stands for anything."""
    return name in patterns or any("*" in p and fnmatchcase(name, p) for p in patterns)


def settings_from_words(detail: str) -> Mapping[str, str]:
    """Return the settings that the detail of a ledger row holds; empty if it holds none."""
    found = _WORDS.search(detail)
    return dict(_PAIR.findall(found[1])) if found else {}

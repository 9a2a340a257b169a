"""What ``.gitignore`` and ``.docsearchignore`` files leave out.

Semantics are git's: the file nearest to an entry decides, the last pattern that matches it wins,
``!`` takes an entry back in, and nothing can be taken back in below a folder that is left out. In
one folder ``.docsearchignore`` has the last word.
"""

from __future__ import annotations

import os
import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

IGNORE_FILE_NAMES = (".gitignore", ".docsearchignore")
"""Files that hold patterns; the one that has the last word comes last."""

# An ignore file is typed by people; more is a mistake or an attack.
_MOST_BYTES = 1_000_000
# Stars in one name, and double stars in a pattern, of what people write; see _is_affordable.
_MOST_STARS = 3
_MOST_DOUBLE_STARS = 2


@dataclass(frozen=True, slots=True)
class _Rules:
    """One ignore file."""

    spec: GitIgnoreSpec
    lines: tuple[str, ...]
    shown: str
    """Its path as shown to a person."""
    prefix: str
    """Path of its folder below the root, ending in ``/`` unless empty."""


@dataclass(frozen=True, slots=True)
class IgnoreFiles:
    """The ignore files that hold for one folder, from the root down."""

    rules: tuple[_Rules, ...] = ()

    def entering(self, directory: str, prefix: str, shown: str) -> IgnoreFiles:
        """Return the ignore files that hold inside a folder.

        Args:
            directory: Where the folder is.
            prefix: Its path below the root, ending in ``/`` unless empty.
            shown: The same as shown to a person.

        Returns:
            These, with the folder's own added.
        """
        added = []
        for name in IGNORE_FILE_NAMES:
            lines = _read_lines(os.path.join(directory, name))  # noqa: PTH118 - hot loop
            if lines:
                added.append(_Rules(_compile(lines), lines, shown + name, prefix))
        return IgnoreFiles((*self.rules, *added)) if added else self

    def reason(self, path: str, *, is_folder: bool) -> str | None:
        """Return the pattern that leaves an entry out, with its file; None if it stays.

        Args:
            path: The entry's path below the root.
            is_folder: Whether it is a folder.

        Returns:
            For example ``build/ (docs/.gitignore)``.
        """
        for rules in reversed(self.rules):
            inner = path[len(rules.prefix) :] + ("/" if is_folder else "")
            result = rules.spec.check_file(inner)
            if result.include is not None:
                if not result.include:
                    return None
                pattern = rules.lines[result.index] if result.index is not None else ""
                return f"{pattern.strip()} ({rules.shown})"
        return None


def _read_lines(file: str) -> tuple[str, ...]:
    try:
        if not os.path.isfile(file):  # noqa: PTH113 - also keeps a named pipe from blocking
            return ()
        with open(file, "rb") as stream:  # noqa: PTH123 - names need not be UTF-8
            text = stream.read(_MOST_BYTES).decode("utf-8-sig", "replace")
    except OSError:
        return ()
    return tuple(text.replace("\r\n", "\n").split("\n"))


def _compile(lines: tuple[str, ...]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    lines = tuple(line if _is_affordable(line) else "" for line in lines)
    try:
        return _compile_all(GitIgnoreSpec, lines)
    except (ValueError, re.error):  # one bad pattern must not switch off the others
        good = tuple(line if _is_pattern(GitIgnoreSpec, line) else "" for line in lines)
        return _compile_all(GitIgnoreSpec, good)


def _is_affordable(line: str) -> bool:
    """Tell whether a pattern is matched in little time, whatever the name.

    The expressions that pathspec makes of a pattern try every way to share a name among its stars:
    four in one name of 250 letters took minutes.
    """
    return line.count("**") <= _MOST_DOUBLE_STARS and all(
        part.count("*") <= _MOST_STARS for part in line.split("/")
    )


def _is_pattern(spec: type[GitIgnoreSpec], line: str) -> bool:
    try:
        _compile_all(spec, (line,))
    except (ValueError, re.error):
        return False
    return True


def _compile_all(spec: type[GitIgnoreSpec], lines: tuple[str, ...]) -> GitIgnoreSpec:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "possible nested set": of no use to who indexes
        return spec.from_lines(lines)

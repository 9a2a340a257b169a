"""What ``.gitignore``, ``.git/info/exclude`` and ``.docsearchignore`` files exclude.

Semantics are git's: the file nearest to an entry decides, the last pattern that matches it wins,
``!`` includes an entry again, and nothing below an excluded folder can be included again. In one
folder ``.docsearchignore`` takes precedence. A root's working tree may begin above the root: see
``git_working_tree.py``.
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from docsearch_cli.corpus.walk.git_working_tree import WorkingTree
from docsearch_cli.corpus.walk.left_alone import GIT_IGNORE
from docsearch_cli.environment import raise_if_starved

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec, Pattern

IGNORE_FILE_NAMES = (GIT_IGNORE, ".docsearchignore")
"""Files that hold patterns, in ascending precedence."""

# An ignore file is typed by people; more is a mistake or an attack.
_MOST_BYTES = 1_000_000
# Most stars in one name, and most double stars in a pattern, that people write; see _is_affordable.
_MOST_STARS = 3
# What documentation is written in, or made into.
_PAGE_SUFFIXES = (".adoc", ".html", ".md", ".mdx", ".rst")
# A path without patterns, but for the end of its name.
_PLAIN_PATH = re.compile(r"[\w.+@-]+(?:[/ ][\w.+@-]+)*(?:\*(?:\.\w+)?)?")
# Every folder in a folder: content/docs/*/
_EVERY_FOLDER = re.compile(r"[\w.+@-]+(?:/[\w.+@-]+)*/\*/")
_MOST_DOUBLE_STARS = 2
# A name or path as git takes it letter by letter, with or without a slash at its ends.
_LITERAL = re.compile(r"!?/?[\w.+@~=,:-]+(?:[ /][\w.+@~=,:-]+)*/?")
# Every name with an ending: *.pyc
_OF_SUFFIX = re.compile(r"!?(?:\*\*/)?\*((?:\.[\w+-]+)+)/?")


class _Entry(NamedTuple):
    """A file or folder, in the spellings that patterns are matched against."""

    name: str
    """Ends in ``/`` if it is a folder, as ``path`` does."""
    path: str
    """Relative to the ignore file's folder."""
    bare: str
    """The path without the slash at its end."""
    parent: str
    """Path of its folder, ending in ``/`` unless empty."""
    is_folder: bool
    keys: tuple[str, ...]
    """Its name, its path behind a slash, and the ends of its name from each dot behind a star."""


def _entry(path: str, *, is_folder: bool) -> _Entry:
    end = "/" if is_folder else ""
    parent, slash, name = path.rpartition("/")
    _, *ends = name.split(".")
    suffixes = (f"*.{'.'.join(ends[place:])}" for place in range(len(ends)))
    keys = (name, f"/{path}", *suffixes)
    return _Entry(name + end, path + end, path, parent + slash, is_folder, keys)


@dataclass(frozen=True, slots=True)
class _Rule:
    """One pattern."""

    line: str
    pattern: Pattern | None
    """None for one that has a key."""
    takes_in: bool
    """Whether it begins with ``!``."""
    is_for_folders: bool
    is_of_name: bool
    """Whether it is matched against an entry's name, in any folder."""
    is_of_inside: bool
    """Whether it ends in ``/**`` and so matches whatever is inside a folder."""
    key: str | None
    """What one of an entry's keys is if it matches; None for one that is tried on every entry."""

    def matches(self, entry: _Entry) -> bool:
        """Tell whether an entry itself is matched.

        The expressions that pathspec makes of patterns also match everything below a folder that
        they match. Git's do not: git does not descend into the folder, which differs where another
        pattern includes the folder again.
        """
        if self.is_for_folders and not entry.is_folder:
            return False
        if self.pattern is None:
            return self.key in entry.keys
        match = self.pattern.match_file
        if self.is_of_name:
            return match(entry.name) is not None
        if self.is_of_inside:
            return match(entry.bare) is not None  # with a slash, it would match the folder as well
        if match(entry.path) is None:
            return False
        return not entry.parent or match(entry.parent) is None


@dataclass(frozen=True, slots=True)
class _Rules:
    """One ignore file."""

    rules: tuple[_Rule, ...]
    """In descending precedence."""
    shown: str
    """Its path as shown to a person."""
    prefix: str
    """Path of its folder below the topmost ignore file's, ending in ``/`` unless empty."""
    places: Mapping[str | None, Sequence[int]] = field(init=False, compare=False, repr=False)
    """Of the patterns with a key, and under None of all others, their places among the rules: of
    100,000 names few are tried for an entry."""

    def __post_init__(self) -> None:
        places: dict[str | None, list[int]] = {}
        for place, rule in enumerate(self.rules):
            places.setdefault(rule.key, []).append(place)
        object.__setattr__(self, "places", places)

    def decisive(self, path: str, *, is_folder: bool) -> _Rule | None:
        """Return the pattern that decides about an entry, if any does."""
        entry = _entry(path[len(self.prefix) :], is_folder=is_folder)
        best = len(self.rules)
        for key in (*entry.keys, None):
            for place in self.places.get(key, ()):
                if place >= best:
                    break
                if self.rules[place].matches(entry):
                    best = place
                    break
        return self.rules[best] if best < len(self.rules) else None

    def without(self, folder: str) -> _Rules:
        """Return this file without the patterns that exclude a folder."""
        entry = _entry(folder[len(self.prefix) :], is_folder=True)
        kept = (rule for rule in self.rules if rule.takes_in or not rule.matches(entry))
        return replace(self, rules=tuple(kept))


@dataclass(frozen=True, slots=True)
class IgnoreFiles:
    """The ignore files that apply to one folder, from the top of its working tree down."""

    rules: tuple[_Rules, ...] = ()
    base: str = ""
    """Path of the root below the working tree's top, ending in ``/`` unless empty."""

    @classmethod
    def above(cls, tree: WorkingTree, shown: str) -> IgnoreFiles:
        """Return the ignore files above a root that apply to it.

        A root that a person names is wanted, so patterns that exclude it or a folder above it do
        not count: ``build/`` hides nothing if ``build`` is the root, nor does ``*`` below it.

        Args:
            tree: The root's working tree.
            shown: The root as shown to a person, ending in ``/`` unless empty.

        Returns:
            The ignore files; none if there is no working tree.
        """
        found, prefixes = cls(), [""]
        for part in tree.parts:
            prefixes.append(f"{prefixes[-1]}{part}/")
        for depth, prefix in enumerate(prefixes):
            found = found._admitting(prefix.rstrip("/"))
            up = shown + "../" * (len(tree.parts) - depth)
            for file in tree.files:
                if file.depth == depth:
                    found = found._adding(file.location, prefix, up + file.name)
        return replace(found, base=prefixes[-1])

    def entering(self, directory: str, prefix: str, shown: str) -> IgnoreFiles:
        """Return the ignore files that apply inside a folder.

        Args:
            directory: Where the folder is.
            prefix: Its path below the root, ending in ``/`` unless empty.
            shown: The same as shown to a person.

        Returns:
            These files, with the folder's own added.
        """
        found = self
        for name in IGNORE_FILE_NAMES:
            file = os.path.join(directory, name)  # noqa: PTH118 - hot loop
            found = found._adding(file, self.base + prefix, shown + name)
        return found

    def reason(self, path: str, *, is_folder: bool) -> str | None:
        """Return the pattern that excludes an entry, with its file; None if it is included.

        Args:
            path: The entry's path below the root.
            is_folder: Whether it is a folder.

        Returns:
            For example ``build/ (docs/.gitignore)``.
        """
        path = self.base + path
        for rules in reversed(self.rules):
            rule = rules.decisive(path, is_folder=is_folder)
            if rule is not None:
                return None if rule.takes_in else f"{rule.line.strip()} ({rules.shown})"
        return None

    def paths_in(self, shown: str) -> Iterator[str]:
        """Yield the paths that one of these files excludes by their names, or how those begin.

        The name of a page means the one in the file's own folder.

        Args:
            shown: The file, as shown to a person.

        Yields:
            Paths as its folder sees them.
        """
        for rules in self.rules:
            if rules.shown == shown:
                for rule in reversed(rules.rules):
                    path = rule.line.strip().strip("/")
                    is_here = not rule.is_of_name or path.endswith(_PAGE_SUFFIXES)
                    is_path = is_here and _PLAIN_PATH.fullmatch(path)
                    is_of_folders = _EVERY_FOLDER.fullmatch(rule.line.strip().lstrip("/"))
                    if not rule.takes_in and (is_path or is_of_folders):
                        yield path

    def _adding(self, file: str, prefix: str, shown: str) -> IgnoreFiles:
        rules = _compile(_read_lines(file))
        return replace(self, rules=(*self.rules, _Rules(rules, shown, prefix))) if rules else self

    def _admitting(self, folder: str) -> IgnoreFiles:
        """Return the ignore files without the patterns that exclude a folder, if it is excluded."""
        if not folder or self.reason(folder, is_folder=True) is None:
            return self
        return replace(self, rules=tuple(rules.without(folder) for rules in self.rules))


def _read_lines(file: str) -> tuple[str, ...]:
    try:
        if not os.path.isfile(file):  # noqa: PTH113 - also keeps a named pipe from blocking
            return ()
        with open(file, "rb") as stream:  # noqa: PTH123 - names need not be UTF-8
            text = stream.read(_MOST_BYTES).decode("utf-8-sig", "replace")
    except OSError as error:
        raise_if_starved(error, file)
        return ()
    return tuple(text.replace("\r\n", "\n").split("\n"))


def _compile(lines: tuple[str, ...]) -> tuple[_Rule, ...]:
    """Return the patterns of a file, the last one first."""
    # Of equal lines the last one decides whatever the others do.
    kept = dict.fromkeys(line for line in reversed(lines) if line and _is_affordable(line))
    lines = tuple(reversed(kept))
    patterns = _patterns_of([line for line in lines if _key(line) is None])
    return tuple(
        _rule(line, patterns.get(line))
        for line in reversed(lines)
        if line in patterns or _key(line) is not None
    )


def _key(line: str) -> str | None:
    """Return what a pattern for one name, one path or one suffix asks for; None for any other."""
    found = _OF_SUFFIX.fullmatch(line)
    if found is not None:
        return f"*{found[1]}"
    if not _LITERAL.fullmatch(line):
        return None
    path = line.removeprefix("!").removesuffix("/")
    return f"/{path.removeprefix('/')}" if "/" in path else path


def _patterns_of(lines: Sequence[str]) -> Mapping[str, Pattern]:
    """Return the pattern of each line that is one."""
    if not lines:
        return {}
    from pathspec import GitIgnoreSpec

    try:
        spec = _compile_all(GitIgnoreSpec, lines)
    except (ValueError, re.error):  # one bad pattern must not disable the others
        lines = [line for line in lines if _is_pattern(GitIgnoreSpec, line)]
        spec = _compile_all(GitIgnoreSpec, lines)
    pairs = zip(lines, spec.patterns, strict=True)
    return {line: pattern for line, pattern in pairs if pattern.include is not None}


def _rule(line: str, pattern: Pattern | None) -> _Rule:
    text = line.strip().removeprefix("!")
    path = text.removesuffix("/")
    return _Rule(
        line=line,
        pattern=pattern,
        takes_in=line.startswith("!") if pattern is None else not pattern.include,
        is_for_folders=text.endswith("/"),
        is_of_name="/" not in path.removeprefix("**/"),
        is_of_inside=path.endswith("/**"),
        key=_key(line),
    )


def _is_affordable(line: str) -> bool:
    """Tell whether a pattern can be matched quickly against any name.

    The expressions that pathspec makes of a pattern attempt every way to distribute a name over its
    stars: four stars and a name of 250 letters took minutes.
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


def _compile_all(spec: type[GitIgnoreSpec], lines: Sequence[str]) -> GitIgnoreSpec:
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # "possible nested set" is of no use to the person who indexes
        return spec.from_lines(lines)

"""The command line that was probably meant, for one that cannot be read.

The words are mended a part at a time: the command, its options, the question. What comes of it is
printed only if it can be read; else the help of the command is suggested. This is the one place
where a wrong command line leads to another.
"""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from pathlib import Path
from typing import Any

import typer

from docsearch_cli.errors import DocsearchError

# What people type for a command that has another name here; words of a group stand after its name.
_MEANT: Mapping[tuple[str, ...], tuple[str, ...]] = {
    **dict.fromkeys([("search",), ("find",), ("query",), ("grep",), ("question",)], ("ask",)),
    **dict.fromkeys([("build",), ("init",), ("add",), ("update",), ("refresh",)], ("index",)),
    **dict.fromkeys([("reindex",), ("scan",)], ("index",)),
    **dict.fromkeys([("list",), ("ls",), ("log",)], ("runs", "list")),
    ("logs",): ("runs", "logs"),
    **dict.fromkeys([("rerun",), ("debug",), ("runs", "show"), ("runs", "open")], ("replay",)),
    **dict.fromkeys([("continue",), ("runs", "resume")], ("resume",)),
    **dict.fromkeys([("evaluate",), ("measure",), ("bench",)], ("eval",)),
    **dict.fromkeys([("settings",), ("options",)], ("config", "show")),
    **dict.fromkeys([("info",), ("stats",)], ("status",)),
    **dict.fromkeys([("check",), ("diagnose",), ("selftest",)], ("doctor",)),
    **dict.fromkeys([("cat",), ("view",), ("print",)], ("show",)),
    **dict.fromkeys([("edit",), ("editor",)], ("open",)),
    ("history",): ("ask", "--history"),
    **dict.fromkeys([("again",), ("last",)], ("ask", "--again")),
    **dict.fromkeys([("verify",), ("runs", "check")], ("runs", "verify")),
    **dict.fromkeys([("diff",), ("compare",), ("runs", "compare")], ("runs", "diff")),
    **dict.fromkeys([("export",), ("runs", "save")], ("runs", "export")),
    **dict.fromkeys([("why",), ("explain",), ("runs", "explain")], ("runs", "why")),
    **dict.fromkeys([("rm",), ("runs", "delete"), ("runs", "remove")], ("runs", "rm")),
    ("runs", "ls"): ("runs", "list"),
    **dict.fromkeys([("links",), ("graph", "check"), ("graph", "broken")], ("graph", "links")),
    **dict.fromkeys([("graph", "show"), ("graph", "info")], ("graph", "stats")),
    **dict.fromkeys([("cache", "rm"), ("cache", "clean"), ("cache", "purge")], ("cache", "clear")),
    **dict.fromkeys([("cache", "show"), ("cache", "info")], ("cache", "stats")),
    **dict.fromkeys(
        [("config", "get"), ("config", "list"), ("config", "print")], ("config", "show")
    ),
    ("version",): ("--version",),
}
# The same for options, where no command has an option of that name.
_MEANT_OPTIONS = {
    **dict.fromkeys(("--agents", "--budget", "--max-steps", "--pages"), "--max-agents"),
    **dict.fromkeys(("--depth", "--max-hops", "--hops", "-d"), "--max-depth"),
    **dict.fromkeys(("--tokens", "--token-budget"), "--max-tokens"),
    **dict.fromkeys(("--fanout", "--branching"), "--fan-out"),
    **dict.fromkeys(("--top", "--top-k", "-k", "--max-results", "--results"), "--limit"),
    **dict.fromkeys(("--dir", "--db", "--index-dir", "-i"), "--index"),
    **dict.fromkeys(("--jobs", "-j", "--processes", "--threads"), "--workers"),
    **dict.fromkeys(("--output-format", "-f"), "--format"),
    **dict.fromkeys(("--silent",), "--quiet"),
    **dict.fromkeys(("--lang",), "--language"),
    **dict.fromkeys(("--embeddings", "--embed", "-m"), "--model"),
}
# How alike a word and a command must be; more so where it may begin a question.
_LEAST_ALIKE = 0.7
_LEAST_ALIKE_OF_SEVERAL = 0.8
# Ways to mend one option, and mended lines that are tried.
_MOST_WAYS = 3
_MOST_LINES = 12
# Characters of a line that is mended: nobody reads a longer one.
_MOST_MENDED = 500
# Its own exception for each thing that is wrong with a line; Typer carries its own copy of Click.
_CLICK_ERROR: Any = typer.BadParameter.__mro__[2]


def suggest_line(words: Sequence[str], root: Any) -> str:
    """Return a command line that can be read, near to one that cannot.

    Args:
        words: What was typed after ``docsearch``.
        root: The command with all commands below it.

    Returns:
        The line, quoted for a shell.
    """
    words = list(words)
    is_long = sum(map(len, words)) > _MOST_MENDED
    if words[:1] == ["help"]:
        words = [*words[1:], "--help"]
    path, rest = _mend_command(words, root)
    command = _find(root, path)
    if "--help" in rest or path[:1] == ["--version"]:
        rest = ["--help"] if "--help" in rest else []
        return _spelled([*path, *rest])
    if not getattr(command, "commands", {}) and not is_long:
        for line in islice(_mended_lines(path[-1], rest, command), _MOST_LINES):
            if _can_be_read(command, line):
                return _spelled([*path, *line])
    return _spelled([*path, "--help"])


def _find(root: Any, path: Sequence[str]) -> Any:
    command = root
    for word in path:
        command = getattr(command, "commands", {}).get(word, command)
    return command


def _mend_command(words: list[str], root: Any) -> tuple[list[str], list[str]]:
    """Return the words of the command that is meant, and those after it."""
    words = _command_first(words, root)
    path: list[str] = []
    command = root
    while getattr(command, "commands", {}) and words and not words[0].startswith("-"):
        meant = _meant(path, words, command)
        if meant is None:
            break
        path, words = list(meant), words[1:]
        command = _find(root, path)
    if path:
        return path, words
    if "--help" in words or all(word.startswith("-") for word in words):
        return [], ["--help"]
    if _is_place(words[0]):
        return ["index"], words
    return (["ask"], words) if len(words) > 1 or " " in words[0] else ([], [])


def _command_first(words: list[str], root: Any) -> list[str]:
    """Return the words with options that stand before the command behind it."""
    if not words or not words[0].startswith("-") or words[0] in ("--help", "-h", "--version"):
        return words
    for place, word in enumerate(words):
        if word in root.commands:
            return [word, *words[:place], *words[place + 1 :]]
    return ["ask", *words] if any(not word.startswith("-") for word in words) else words


def _meant(path: Sequence[str], words: list[str], group: Any) -> tuple[str, ...] | None:
    """Return the words of the command that the next word means below some group."""
    word = words[0]
    if word in group.commands:
        return (*path, word)
    if (exact := _MEANT.get((*path, word))) is not None:
        return exact
    others = [key[-1] for key in _MEANT if list(key[:-1]) == path]
    is_text = not path and (" " in word or len(words) > 2)
    alike = _LEAST_ALIKE_OF_SEVERAL if is_text else _LEAST_ALIKE
    near = difflib.get_close_matches(word, [*group.commands, *others], 1, alike)
    if not near or (not path and _is_place(word)):
        return None
    found: str = near[0]
    return _MEANT.get((*path, found)) or (*path, found)


def _is_place(word: str) -> bool:
    """Tell whether a word is a folder or a file here."""
    try:
        return Path(word).exists()
    except (OSError, ValueError):
        return False


def _mended_lines(name: str, words: list[str], command: Any) -> Iterator[list[str]]:
    """Yield what may have been meant by the words after a command, the likeliest first."""
    read = _read_words(words, command)
    texts = read.texts
    if name == "ask":
        if read.unknown and len(texts) - read.unknown == 1:
            return  # a question, and an option that does not exist
        if not texts and not any({"--again", "--history"} & {*ways} for ways, _ in read.options):
            return  # no question
        texts = [" ".join(texts)] if texts else []
    elif read.unknown:
        return
    if name == "index" and not texts and not _has_index():
        texts = ["."]
    is_dashed = any(text.startswith("-") and text != "-" for text in texts)
    for names in product(*(ways for ways, _ in read.options)):
        options: list[str] = []
        for option, (_, value) in zip(names, read.options, strict=True):
            options += [option, *value]
        yield [*options, "--", *texts] if is_dashed else [*texts, *options]


@dataclass(frozen=True, slots=True)
class _ReadWords:
    """The words after a command, as far as they can be told apart."""

    texts: list[str]
    """What is no option, and what looks like one and is not known."""
    unknown: int
    """How many of those look like an option."""
    options: list[tuple[list[str], list[str]]]
    """The names that each option may mean, and its value if it has one."""


def _read_words(words: list[str], command: Any) -> _ReadWords:
    names = {name: item for item in command.params for name in (*item.opts, *item.secondary_opts)}
    known = {name: item for name, item in names.items() if name.startswith("-")}
    read = _ReadWords([], 0, [])
    left = list(words)
    while left:
        word = left.pop(0)
        if word == "--":
            read.texts.extend(left)
            break
        option, equals, value = word.partition("=")
        ways = _options_meant(option, known)
        if not word.startswith("-") or word == "-" or word[1:2].isdigit():
            read.texts.append(word)
        elif not ways:
            read.texts.append(word)
            read = replace(read, unknown=read.unknown + 1)
        elif equals:
            read.options.append(([f"{way}={value}" for way in ways], []))
        else:
            takes_value = not getattr(known[ways[0]], "is_flag", False)
            read.options.append((ways, [left.pop(0)] if takes_value and left else []))
    return read


def _options_meant(option: str, known: Mapping[str, Any]) -> list[str]:
    """Return the options that one may be, the likeliest first."""
    if option in known:
        return [option]
    meant = _MEANT_OPTIONS.get(option)
    if meant in known:
        return [str(meant)]
    if not option.startswith("--"):
        return []
    names = [name.removeprefix("--") for name in known if name.startswith("--")]  # all share these
    near = difflib.get_close_matches(option.removeprefix("--"), names, _MOST_WAYS, _LEAST_ALIKE)
    return [f"--{name}" for name in near]


def _has_index() -> bool:
    from docsearch_cli.index.home import find_home

    try:
        return find_home(None, None).is_dir()
    except DocsearchError:
        return False


def _can_be_read(command: Any, words: Sequence[str]) -> bool:
    try:
        command.make_context("docsearch", list(words))
    except (_CLICK_ERROR, typer.Exit, DocsearchError):
        return False
    return True


def _spelled(words: Sequence[str]) -> str:
    """Return a command line as a person types it: with double quotes where those are enough."""
    return " ".join(["docsearch", *map(_quoted, words)])


def _quoted(word: str) -> str:
    plain = shlex.quote(word)
    if plain == word or any(mark in word for mark in '"$`\\!\n'):
        return plain
    return f'"{word}"'

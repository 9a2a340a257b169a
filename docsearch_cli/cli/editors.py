"""Editors: what opens a file at a line, and what a link in a terminal leads to.

The setting ``editor`` is ``none``, a name of ``_KNOWN``, an address or a command. ``{path}`` in an
address or command stands for the file's absolute path, ``{line}`` for the line. A command is never
given to a shell. A file's name is hostile: in an address it is percent-encoded, and in a command it
is part of one word that begins with a slash.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote

from docsearch_cli.errors import ConfigError, InputError
from docsearch_cli.whole_numbers import brief

_FIELD = re.compile(r"\{(path|line)\}")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S*\{path\}\S*")


class _Known(NamedTuple):
    address: str
    """What a link leads to; empty for no link."""
    command: str = ""
    """What opens a file; empty for the editor that the environment names."""


_KNOWN = {
    "file": _Known("file://{host}{path}"),
    "none": _Known(""),
    "vscode": _Known("vscode://file{path}:{line}", "code"),
    "vscodium": _Known("vscodium://file{path}:{line}", "codium"),
    "cursor": _Known("cursor://file{path}:{line}", "cursor"),
    "idea": _Known("idea://open?file={path}&line={line}", "idea"),
}
_WITH_PLUS = """vi vim nvim view gvim vis nano pico emacs emacsclient micro kak joe jed mg ne gedit
bbedit"""
_WITH_OPTION = """idea pycharm webstorm goland clion rubymine phpstorm rider rustrover kate mate
xed"""
# How a program takes a line, by its name. One that is not here gets the file alone.
_LINE_OF: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(_WITH_PLUS.split(), ("+{line}", "{path}")),
    **dict.fromkeys(
        ("code", "code-insiders", "codium", "cursor", "windsurf"), ("-g", "{path}:{line}")
    ),
    **dict.fromkeys(("subl", "zed", "zeditor", "hx", "helix", "atom"), ("{path}:{line}",)),
    **dict.fromkeys(_WITH_OPTION.split(), ("--line", "{line}", "{path}")),
}


def address_of(editor: str, file: str, line: int | None) -> str:
    """Return where a link to a file leads.

    Args:
        editor: The setting.
        file: Absolute path, as the operating system takes it.
        line: A line of it; None for none in particular.

    Returns:
        An address of ASCII without white space or control characters; empty for no link.
    """
    known = _KNOWN.get(editor)
    if known is not None:
        template = known.address
    else:
        template = editor if _ADDRESS.fullmatch(editor) else _KNOWN["file"].address
    values = {"path": quote(os.fsencode(file), safe="/"), "line": str(line or 1)}
    host = quote(os.uname().nodename, safe="")
    return quote(_filled(template.replace("{host}", host), values), safe="%/:?&=#@!$'()*+,;[]~")


def command_to_open(
    editor: str,
    file: str,
    line: int | None,
    *,
    is_text: bool,
    is_document: bool = True,
    environment: Mapping[str, str],
) -> list[str]:
    """Return the command that opens a file.

    Args:
        editor: The setting.
        file: Absolute path, as the operating system takes it.
        line: The line to open it at; None for none in particular.
        is_text: Whether a text editor shows it as it was indexed.
        is_document: Whether its name says that it is a document: the system would run a program.
        environment: Variables, among them VISUAL and EDITOR.

    Returns:
        The words of the command.

    Raises:
        ConfigError: If a setting or variable is no command.
        InputError: If only the system could open the file, and it might run it.
    """
    known = _KNOWN.get(editor)
    if known is None and _ADDRESS.fullmatch(editor):
        return [*_opener(is_text=False), address_of(editor, file, line)]
    if known is None:
        return _with_place(editor, "editor", file, line)
    if known.command:
        return _with_place(known.command, "editor", file, line)
    if is_text:
        for variable in ("VISUAL", "EDITOR"):
            if environment.get(variable, "").strip():
                return _with_place(environment[variable], variable, file, line)
    if not is_document:
        raise InputError(
            f"{file} is no file that the system should open: it might run it",
            hint="name an editor: EDITOR=vim docsearch open",
        )
    return [*_opener(is_text=is_text), file]


def _opener(*, is_text: bool) -> list[str]:
    """Return what opens a file or address as the desktop would."""
    if sys.platform == "darwin":
        return ["open", "-t"] if is_text else ["open"]
    return ["xdg-open"]


def _with_place(command: str, origin: str, file: str, line: int | None) -> list[str]:
    """Return a command with the file and, if the program is known to take one, the line."""
    import shlex

    try:
        words = shlex.split(command)
    except ValueError as error:
        raise ConfigError(
            f"{origin} = {brief(command)} is no command: {error}",
            hint="such as EDITOR='code --wait'",
        ) from error
    if not words:
        raise ConfigError(f"{origin} = {brief(command)} is no command", hint="such as EDITOR=vim")
    values = {"path": file, "line": str(line or 1)}
    if any("{path}" in word for word in words):
        return [_filled(word, values) for word in words]
    name = words[0].rpartition("/")[2].lower().removesuffix(".sh")
    place = _LINE_OF.get(name, ("{path}",)) if line is not None else ("{path}",)
    return [*words, *(_filled(word, values) for word in place)]


def _filled(template: str, values: Mapping[str, str]) -> str:
    return _FIELD.sub(lambda field: values[field[1]], template)

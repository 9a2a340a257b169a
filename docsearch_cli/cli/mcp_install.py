"""``docsearch mcp install``: the entry for a client, shown and written."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from docsearch_cli.cli.output import Output, visible_text
from docsearch_cli.errors import ConfigError, UsageError
from docsearch_cli.whole_numbers import brief

if TYPE_CHECKING:
    from collections.abc import Sequence

    from docsearch_cli.mcp_server.clients.installing import Change
    from docsearch_cli.mcp_server.clients.table import Client

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def list_clients(output: Output, name: str) -> None:
    """List the clients that are known, with the file of each.

    Args:
        output: Where to.
        name: What the server is called in them.
    """
    from rich.text import Text

    from docsearch_cli.index.home import current_working_folder
    from docsearch_cli.mcp_server.clients.installing import is_installed
    from docsearch_cli.mcp_server.clients.table import CLIENTS

    folder = current_working_folder()
    rows = []
    for client in CLIENTS:
        file = client.file(in_project=False, folder=folder)
        rows.append(
            {
                "client": client.name,
                "title": client.title,
                "file": str(file),
                "project_file": client.project_file or None,
                "installed": is_installed(client, file, name),
                "source": client.source,
            }
        )
    if output.as_json:
        output.result({"clients": rows})
        return
    for row in rows:
        mark = "*" if row["installed"] else " "
        output.show(Text(f"{mark} {row['client']:<15} {row['file']}"))
    output.note(f"* has an entry {brief(name)}; docsearch mcp install CLIENT writes one")


def install_entry(
    output: Output,
    client_name: str,
    name: str,
    options: Sequence[str],
    *,
    in_project: bool,
    index: str | None,
    is_agreed: bool,
    only_print: bool,
) -> None:
    """Show the change of a client's file, and make it if a person agrees.

    Args:
        output: Where to.
        client_name: The client.
        name: What the server is called there.
        options: Of the server, as the entry has them.
        in_project: Whether the file is the project's.
        index: The folder of the index, as it was given.
        is_agreed: Whether it was agreed to already.
        only_print: Whether nothing is to be written.

    Raises:
        UsageError: If there is no such client, or nobody can be asked.
        IndexMissingError: If there is no index.
        ConfigError: If the file cannot be edited.
    """
    from docsearch_cli.index.home import current_working_folder, find_home
    from docsearch_cli.mcp_server.clients.installing import (
        NotEditableError,
        plan_change,
        snippet,
    )
    from docsearch_cli.mcp_server.clients.table import find_client

    client = find_client(client_name)
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"--name {brief(name)} is not a name for an entry",
            hint="use letters, digits, - and _, at most 64",
        )
    home = find_home(None, index, note=output.note).absolute()
    line = [*server_command(), "mcp", "--index", str(home), *options]
    entry = client.entry(line)
    folder = current_working_folder()
    file = client.file(in_project=in_project, folder=folder)
    if only_print:
        if output.as_json:
            output.result({"client": client.name, "file": str(file), "entry": entry})
            return
        output.note(f"for {file}:")
        _show_rows(output, snippet(client, name, entry))
        return
    is_project = in_project or not client.user_file
    try:
        change = plan_change(client, file, name, entry, project=folder if is_project else None)
    except NotEditableError as error:
        if output.as_json:
            raise
        _show_rows(output, error.snippet)
        hint = "the lines on stdout are what to put there by hand"
        raise ConfigError(error.message, hint=hint) from error
    if change.is_needed:
        _show(output, change)
        if change.had_entry and not output.as_json:
            output.note("the whole entry as it will be:")
            _show_rows(output, snippet(client, name, change.entry))
    if change.kept:
        output.note(
            f"warning: the entry keeps what docsearch did not put there: {', '.join(change.kept)}"
        )
    if change.dropped:
        output.note(f"the entry loses settings that it had: {', '.join(change.dropped)}")
    if change.is_needed:
        if not _is_agreed(output, change, is_agreed):
            output.note("nothing was written")
            return
        change.make()
    if output.as_json:
        output.result(
            {
                "client": client.name,
                "file": str(file),
                "real_file": str(change.real),
                "entry": change.entry,
                "kept": list(change.kept),
                "dropped": list(change.dropped),
                "changed": change.is_needed,
                "diff": change.diff(),
            }
        )
    elif change.is_needed:
        output.note(f"wrote {change.real}")
        output.note(f"next: {client.next_step}")
    else:
        output.note(f"{file} has this entry already: nothing was changed")
    _note_absence(output, client, change)


def server_command() -> list[str]:
    """Return the words that start this program from anywhere, without a shell's settings.

    Clients start it in folders of strangers: no word is looked up there, and no module either.
    """
    from docsearch_cli.installation import find_installation, install_command

    installation = find_installation()
    if installation.kind == "frozen":
        return [sys.executable]
    if installation.kind == "uvx":  # its environment is not kept
        return install_command("mcp", installation)
    python = Path(sys.executable).absolute()  # not where its link leads: that has no packages
    started = Path(sys.argv[0] if os.sep in sys.argv[0] else "")
    for script in (started, python.with_name("docsearch")):
        if script.name == "docsearch" and script.is_file() and os.access(script, os.X_OK):
            return [os.path.realpath(script)]
    return [str(python), "-P", "-m", "docsearch_cli"]


def _show(output: Output, change: Change) -> None:
    from rich.text import Text

    if output.as_json:
        return
    for row in change.diff().splitlines():
        style = {"+": "green", "-": "red", "@": "cyan"}.get(row[:1], "")
        output.show(
            Text(row, style="bold" if row.startswith(("+++", "---")) else style), whole=True
        )


def _show_rows(output: Output, text: str) -> None:
    from rich.text import Text

    for row in text.splitlines():
        output.show(Text(row), whole=True)


def _is_agreed(output: Output, change: Change, is_agreed: bool) -> bool:
    if is_agreed:
        return True
    if output.as_json or sys.stdin is None or not sys.stdin.isatty():
        raise UsageError(
            f"{change.real} is not written without being asked for",
            hint="--yes writes it, --print shows what to put there",
        )
    return typer.confirm(f"Write {visible_text(str(change.real))}?", err=True)


def _note_absence(output: Output, client: Client, change: Change) -> None:
    if change.before is None and client.user_file and not output.as_json:
        output.note(f"there was no such file: is {client.title} installed here?")

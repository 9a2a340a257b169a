"""Plans and makes the change of a client's configuration file.

A change is planned from the file as it is, shown to a person, and made only if the file is still
that. After an edit the whole file is read again: it must say what it said, and the entry, or
nothing is written. So whatever an editor's settings hold, they are not lost.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docsearch_cli.environment import refusals_named
from docsearch_cli.errors import ConfigError
from docsearch_cli.files import replace_file
from docsearch_cli.mcp_server.clients import jsonc, toml_table
from docsearch_cli.mcp_server.clients.table import Client, Entry

# No configuration file is larger.
_MOST_BYTES = 5_000_000
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Change:
    """What would become of a configuration file."""

    file: Path
    """As the client names it; a link is followed when it is written."""
    before: bytes | None
    """None if there is no file."""
    after: bytes

    @property
    def is_needed(self) -> bool:
        """False if the file says all of it already."""
        return self.before != self.after

    def diff(self) -> str:
        """Return the change as a unified diff."""
        old = (self.before or b"").decode("utf-8", "replace")
        new = self.after.decode("utf-8", "replace")
        lines = difflib.unified_diff(
            old.splitlines(),
            new.splitlines(),
            str(self.file) if self.before is not None else "/dev/null",
            str(self.file),
            lineterm="",
        )
        return "\n".join(lines)

    def make(self) -> None:
        """Write the file, whole or not at all; who may read it stays as it was.

        Raises:
            ConfigError: If the file is not as it was when the change was planned.
            AccessError: If it may not be written.
        """
        real = Path(os.path.realpath(self.file))
        with refusals_named(f"{self.file}"):
            if _read(self.file) != self.before:
                raise ConfigError(
                    f"{self.file} was changed meanwhile", hint="run the command again"
                )
            real.parent.mkdir(parents=True, exist_ok=True)
            mode = real.stat().st_mode & 0o777 if self.before is not None else 0o644
            replace_file(real, self.after, mode=mode)
            real.chmod(mode)  # whatever the mask says: a file that others read, they go on reading


def plan_change(client: Client, file: Path, name: str, entry: Entry) -> Change:
    """Return what would become of a file.

    Args:
        client: Whose it is.
        file: The file.
        name: What the server is called there.
        entry: How it is started.

    Returns:
        The change.

    Raises:
        ConfigError: If the file cannot be read, or is not written so that it can be edited; the
            hint has what to put there by hand.
        AccessError: If it may not be read.
    """
    with refusals_named(str(file)):
        before = _read(file)
    keys = (*client.keys, name)
    try:
        text = (before or b"").decode("utf-8")
        mark, text = (_BOM, text[1:]) if text.startswith(_BOM) else ("", text)
        edit = jsonc.put if client.format == "json" else toml_table.put
        edited = edit(text, keys, entry)
        if _data(client, edited) != _with_entry(_data(client, text), keys, entry):
            raise ValueError("it would say something else after")
    except (ValueError, RecursionError) as error:
        raise ConfigError(
            f"{file} is left as it is: {error}",
            hint=f"put this there by hand: {snippet(client, name, entry)}",
        ) from error
    return Change(file, before, before if edited == text and before else (mark + edited).encode())


def snippet(client: Client, name: str, entry: Entry) -> str:
    """Return what a file would hold that held nothing else."""
    edit = jsonc.put if client.format == "json" else toml_table.put
    return edit("", (*client.keys, name), entry).strip()


def is_installed(client: Client, file: Path, name: str) -> bool:
    """Tell whether a file has an entry of a name, as far as it can be read."""
    try:
        found = _data(client, (_read(file) or b"").decode("utf-8").removeprefix(_BOM))
        for key in (*client.keys, name):
            found = found[key]
    except (OSError, ValueError, KeyError, TypeError, RecursionError, ConfigError):
        return False
    return True


def _read(file: Path) -> bytes | None:
    """Return what a file holds; None if there is none, an error if it is no configuration."""
    try:
        with file.open("rb") as handle:
            data = handle.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        return None
    except PermissionError:
        raise
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}") from error
    if len(data) > _MOST_BYTES:
        raise ConfigError(f"{file} is left as it is: it is larger than {_MOST_BYTES:,} bytes")
    return data


def _data(client: Client, text: str) -> Any:
    if not text.strip():
        return {}
    return jsonc.parse(text).data if client.format == "json" else tomllib.loads(text)


def _with_entry(data: Any, keys: tuple[str, ...], entry: Entry) -> Any:
    """Return data with an entry in it, as the file is to say it."""
    if not keys:
        return {**data, **entry} if isinstance(data, dict) else entry
    own = data if isinstance(data, dict) else {}
    return {**own, keys[0]: _with_entry(own.get(keys[0], {}), keys[1:], entry)}

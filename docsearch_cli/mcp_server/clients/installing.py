"""Plans and makes the change of a client's configuration file.

A change is planned from the file as it is, shown to a person, and made only if the file is still
that. After an edit the whole file is read again: it must say what it said, and the entry, or
nothing is written. So whatever an editor's settings hold, they are not lost.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docsearch_cli.environment import refusals_named
from docsearch_cli.errors import ConfigError
from docsearch_cli.files import opened_file, replace_file
from docsearch_cli.mcp_server.clients import jsonc, toml_table
from docsearch_cli.mcp_server.clients.file_diff import unified_diff
from docsearch_cli.mcp_server.clients.table import Client, Entry
from docsearch_cli.toml_text import read_toml

# No configuration file is larger.
_MOST_BYTES = 1_000_000
_BOM = "\ufeff"


class NotEditableError(ConfigError):
    """A file is not written so that an entry can be put into it; ``snippet`` goes there by hand."""

    def __init__(self, message: str, snippet: str) -> None:
        super().__init__(message, hint=f"put this there by hand: {snippet}")
        self.snippet = snippet


@dataclass(frozen=True, slots=True)
class Change:
    """What would become of a configuration file."""

    file: Path
    """As the client names it."""
    real: Path
    """The file that is written: where links lead."""
    before: bytes | None
    """None if there is no file."""
    after: bytes
    entry: Entry
    """All that the entry says after, with what it said beside."""
    kept: tuple[str, ...] = ()
    """What it says beside ours, by name: ``cwd``, ``env.PATH``."""
    dropped: tuple[str, ...] = ()
    """What it said beside ours and says no more, by name."""
    had_entry: bool = False
    """Whether there was an entry of this name."""

    @property
    def is_needed(self) -> bool:
        """False if the file says all of it already."""
        return self.before != self.after

    def diff(self) -> str:
        """Return the change as a unified diff of the file that is written."""
        old = (self.before or b"").decode("utf-8", "replace").splitlines()
        new = self.after.decode("utf-8", "replace").splitlines()
        name = str(self.real)
        lines = unified_diff(old, new, name if self.before is not None else "/dev/null", name)
        return "\n".join(lines)

    def make(self) -> None:
        """Write the file, whole or not at all; who may read it stays as it was.

        Raises:
            ConfigError: If the file is not as it was when the change was planned.
            AccessError: If it may not be written.
        """
        real = self.real
        with refusals_named(f"{real}"):
            if Path(os.path.realpath(self.file)) != real or _read(self.file) != self.before:
                raise ConfigError(
                    f"{self.file} was changed meanwhile", hint="run the command again"
                )
            real.parent.mkdir(parents=True, exist_ok=True)
            mode = real.stat().st_mode & 0o777 if self.before is not None else 0o644
            replace_file(real, self.after, mode=mode)
            real.chmod(mode)  # whatever the mask says: a file that others read, they go on reading


def plan_change(
    client: Client, file: Path, name: str, entry: Entry, *, project: Path | None = None
) -> Change:
    """Return what would become of a file.

    Args:
        client: Whose it is.
        file: The file.
        name: What the server is called there.
        entry: How it is started.
        project: The folder whose file it is; None for a person's own file. Others may have prepared
            a project: no link leads out of it, and nothing that an entry said before is kept.

    Returns:
        The change.

    Raises:
        NotEditableError: If the file is not written so that it can be edited.
        ConfigError: If the file cannot be read, or is not in the project.
        AccessError: If it may not be read.
    """
    real = Path(os.path.realpath(file))
    if project is not None and not real.is_relative_to(os.path.realpath(project)):
        raise ConfigError(
            f"{file} is left as it is, because a link leads out of the project: to {real}",
            hint="remove the link, or leave --project out to write your own file",
        )
    with refusals_named(str(file)):
        before = _read(file)
    keys = (*client.keys, name)
    try:
        text = (before or b"").decode("utf-8")
        mark, text = (_BOM, text[1:]) if text.startswith(_BOM) else ("", text)
        edit = jsonc.put if client.format == "json" else toml_table.put
        data = _data(client, text)
        found = _entry_in(data, keys)
        whole = entry if project is not None or found is None else {**found, **entry}
        edited = edit(text, keys, entry, is_whole=project is not None)
        if _data(client, edited) != _with_entry(data, keys, whole):
            raise ValueError("other settings in it would be changed too")
    except (ValueError, RecursionError) as error:
        reason = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else error
        raise NotEditableError(
            f"{file} is left as it is, because it cannot be edited: {reason}",
            snippet(client, name, entry),
        ) from error
    return Change(
        file,
        real,
        before,
        before if edited == text and before else (mark + edited).encode(),
        whole,
        kept=_names({key: value for key, value in whole.items() if key not in entry}),
        dropped=_names({key: value for key, value in (found or {}).items() if key not in whole}),
        had_entry=found is not None,
    )


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
        with opened_file(file, follow=True) as handle:
            data = handle.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        return None
    except PermissionError:
        raise
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}") from error
    if len(data) > _MOST_BYTES:
        raise ConfigError(
            f"{file} is left as it is, because it is larger than {_MOST_BYTES:,} bytes",
            hint="--print shows what to put there by hand",
        )
    return data


def _data(client: Client, text: str) -> Any:
    if not text.strip():
        return {}
    return jsonc.parse(text).data if client.format == "json" else read_toml(text)


def _entry_in(data: Any, keys: tuple[str, ...]) -> Entry | None:
    """Return the entry that stands under some keys; None if there is none."""
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else None


def _names(settings: Entry) -> tuple[str, ...]:
    """Return the names of settings, with those one level below."""
    names = []
    for key, value in settings.items():
        below = value if isinstance(value, dict) else {}
        names += [f"{key}.{name}" for name in below] or [key]
    return tuple(names)


def _with_entry(data: Any, keys: tuple[str, ...], entry: Entry) -> Any:
    """Return data with an entry in it, as the file is to say it."""
    if not keys:
        return entry
    own = data if isinstance(data, dict) else {}
    return {**own, keys[0]: _with_entry(own.get(keys[0], {}), keys[1:], entry)}

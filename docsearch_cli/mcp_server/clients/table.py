"""The one table of clients: where each keeps its servers, and what an entry looks like there.

A client is one row; the command, the list of clients and docs/mcp.md go by the rows. Where a row's
facts are from stands beside it; they were looked up in November 2026.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from docsearch_cli.errors import UsageError
from docsearch_cli.whole_numbers import brief

FileFormat = Literal["json", "toml"]
"""``json`` may hold comments and commas at the end, as most of these files may."""
Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Client:
    """A program that starts MCP servers."""

    name: str
    """As the command takes it."""
    title: str
    """As its maker spells it."""
    source: str
    """The page that says where its configuration is and what it holds."""
    keys: tuple[str, ...]
    """Where in the file the servers stand, by their names."""
    user_file: str = ""
    """The file of a person on Linux, from the home folder on; empty if there is none."""
    mac_file: str = ""
    """The same on a Mac, where it is another one."""
    project_file: str = ""
    """The file in a project's folder; empty if there is none."""
    format: FileFormat = "json"
    entry: Callable[[list[str]], Entry] = lambda line: {"command": line[0], "args": line[1:]}
    """Makes the entry of a command line."""
    variable: str = ""
    """A variable that names the folder of the person's file, if it is set."""
    next_step: str = "restart it"
    """What a person does then, so that the client has the server."""

    def file(self, *, in_project: bool, folder: Path) -> Path:
        """Return the configuration file, which need not exist.

        Args:
            in_project: Whether that of a project is meant, not that of the person.
            folder: The project's.

        Returns:
            The path.

        Raises:
            UsageError: If the client has no such file.
        """
        if in_project or not self.user_file:
            if not self.project_file:
                raise UsageError(
                    f"{self.title} has no file for a project", hint="leave --project out"
                )
            return folder / self.project_file
        own = self.mac_file if sys.platform == "darwin" and self.mac_file else self.user_file
        given = os.environ.get(self.variable) if self.variable else None
        if given:
            return Path(given) / Path(own).name
        return Path.home() / own


def _typed(line: list[str]) -> Entry:
    return {"type": "stdio", "command": line[0], "args": line[1:]}


_CODE = "Code/User"
_CLINE = "globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json"
_MAC = "Library/Application Support"

CLIENTS: tuple[Client, ...] = (
    Client(
        "claude-desktop",
        "Claude Desktop",
        "https://modelcontextprotocol.io/docs/develop/connect-local-servers",
        ("mcpServers",),
        user_file=".config/Claude/claude_desktop_config.json",
        mac_file=f"{_MAC}/Claude/claude_desktop_config.json",
        next_step="quit Claude Desktop and start it again",
    ),
    Client(
        "claude-code",
        "Claude Code",
        "https://code.claude.com/docs/en/mcp",
        ("mcpServers",),
        user_file=".claude.json",
        project_file=".mcp.json",
        entry=_typed,
        next_step="start a new session of Claude Code; /mcp shows the server",
    ),
    Client(
        "cline",
        "Cline",
        "https://docs.cline.bot/mcp/configuring-mcp-servers",
        ("mcpServers",),
        user_file=f".config/{_CODE}/{_CLINE}",
        mac_file=f"{_MAC}/{_CODE}/{_CLINE}",
        next_step="open the panel MCP Servers of Cline",
    ),
    Client(
        "codex",
        "Codex CLI",
        "https://developers.openai.com/codex/mcp",
        ("mcp_servers",),
        user_file=".codex/config.toml",
        project_file=".codex/config.toml",
        format="toml",
        variable="CODEX_HOME",
        next_step="start Codex CLI again; /mcp shows the server",
    ),
    Client(
        "continue",
        "Continue",
        "https://docs.continue.dev/customize/deep-dives/mcp",
        ("mcpServers",),
        project_file=".continue/mcpServers/docsearch.json",
        next_step="use agent mode; Continue reads the file by itself",
    ),
    Client(
        "cursor",
        "Cursor",
        "https://cursor.com/docs/mcp",
        ("mcpServers",),
        user_file=".cursor/mcp.json",
        project_file=".cursor/mcp.json",
        next_step="restart Cursor",
    ),
    Client(
        "gemini",
        "Gemini CLI",
        "https://geminicli.com/docs/tools/mcp-server/",
        ("mcpServers",),
        user_file=".gemini/settings.json",
        project_file=".gemini/settings.json",
        next_step="start Gemini CLI again; /mcp shows the server",
    ),
    Client(
        "opencode",
        "OpenCode",
        "https://opencode.ai/docs/mcp-servers",
        ("mcp", "servers"),
        user_file=".config/opencode/opencode.json",
        project_file="opencode.json",
        entry=lambda line: {"type": "local", "command": line},
        next_step="start OpenCode again; opencode mcp list shows the server",
    ),
    Client(
        "vscode",
        "VS Code",
        "https://code.visualstudio.com/docs/agents/reference/mcp-configuration",
        ("servers",),
        user_file=f".config/{_CODE}/mcp.json",
        mac_file=f"{_MAC}/{_CODE}/mcp.json",
        project_file=".vscode/mcp.json",
        entry=_typed,
        next_step='run "MCP: List Servers" from the command palette of VS Code',
    ),
    Client(
        "windsurf",
        "Windsurf",
        "https://docs.windsurf.com/windsurf/cascade/mcp",
        ("mcpServers",),
        user_file=".codeium/windsurf/mcp_config.json",
        next_step="refresh the servers in Cascade",
    ),
    Client(
        "zed",
        "Zed",
        "https://zed.dev/docs/ai/mcp",
        ("context_servers",),
        user_file=".config/zed/settings.json",
        project_file=".zed/settings.json",
        next_step="nothing: Zed reads the file by itself",
    ),
)
CLIENT_OF = {client.name: client for client in CLIENTS}


def find_client(name: str) -> Client:
    """Return the row of a client.

    Args:
        name: As it was asked for.

    Returns:
        The row.

    Raises:
        UsageError: If there is no client of this name.
    """
    if name not in CLIENT_OF:
        raise UsageError(f"there is no client {brief(name)}", hint=f"one of {', '.join(CLIENT_OF)}")
    return CLIENT_OF[name]

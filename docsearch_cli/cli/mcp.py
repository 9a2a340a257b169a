"""``docsearch mcp``: the same search for other programs, over the Model Context Protocol."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated

import typer

from docsearch_cli.cli.completion import complete_clients
from docsearch_cli.cli.options import IndexDir, Json, most_option
from docsearch_cli.cli.output import Output
from docsearch_cli.errors import InputError, UsageError

if TYPE_CHECKING:
    from docsearch_cli.service.caps import Caps

app = typer.Typer(
    invoke_without_command=True,
    rich_markup_mode=None,
)
# Where a token is given without every user of the machine seeing it in the list of processes.
TOKEN_VARIABLE = "DOCSEARCH_MCP_TOKEN"  # noqa: S105  the name of a variable


@app.callback()
def serve(
    context: typer.Context,
    index: IndexDir = None,
    http: Annotated[
        bool, typer.Option("--http", help="Serve on a port of this machine, not on stdin.")
    ] = False,
    port: Annotated[
        int,
        typer.Option(
            min=0,
            max=65_535,
            metavar="N",
            help="The port (default: a free one).",
            show_default=False,
        ),
    ] = 0,
    max_agents: Annotated[
        int | None, most_option("Most pages that one exploration may open (default 60).")
    ] = None,
    max_depth: Annotated[
        int | None, most_option("Most links that it may go from a start (default 8).")
    ] = None,
    max_tokens: Annotated[
        int | None, most_option("Most tokens that its agents may read (default 200,000).")
    ] = None,
    answer_tokens: Annotated[
        int | None, most_option("Most tokens of quotes that it may hand back (default 2,000).")
    ] = None,
    deadline: Annotated[
        int | None, most_option("Most seconds that it may take (default 50).")
    ] = None,
    at_once: Annotated[
        int | None, most_option("Most explorations at once; others wait (default 4).")
    ] = None,
    rows: Annotated[
        int | None, most_option("Most hits, edges or runs of one reply (default 50).")
    ] = None,
    characters: Annotated[
        int | None, most_option("Most characters of a document of one reply (default 40,000).")
    ] = None,
) -> None:
    """Serve the index to other programs, over the Model Context Protocol (MCP).

    A client starts this command and speaks with it on stdin and stdout; "docsearch mcp install"
    tells it how. It can search, explore, read pages and their links, and read and replay recorded
    runs. It reads what is indexed and nothing else, never changes a document, and asks no language
    model. What it asks for above the limits given here is cut to them.

    With --http it is served on 127.0.0.1, to whoever has the token, which is printed, or taken from
    DOCSEARCH_MCP_TOKEN.

    \b
    Examples:
      docsearch mcp --index ~/notes --max-agents 30
      docsearch mcp --http --port 8080
      docsearch mcp install claude-code
    """
    if port and not http:
        raise UsageError("--port is for --http", hint="docsearch mcp --http --port N")
    given = {
        "max_agents": max_agents,
        "max_depth": max_depth,
        "max_tokens": max_tokens,
        "answer_tokens": answer_tokens,
        "deadline_s": deadline,
        "explorations": at_once,
        "rows": rows,
        "shown_chars": characters,
    }
    from docsearch_cli.service.caps import Caps

    caps = Caps(**{name: value for name, value in given.items() if value is not None})
    if context.invoked_subcommand is not None:
        context.obj = _Given(index, http, {name: given[name] for name in given if given[name]})
        return
    require_extra()
    _serve(index, caps, port if http else None)


@dataclass(frozen=True, slots=True)
class _Given:
    """What stands before the name of a subcommand."""

    index: str | None
    http: bool
    caps: dict[str, int | None]


# The option that sets each cap.
_OPTION_OF = {
    "max_agents": "--max-agents",
    "max_depth": "--max-depth",
    "max_tokens": "--max-tokens",
    "answer_tokens": "--answer-tokens",
    "deadline_s": "--deadline",
    "explorations": "--at-once",
    "rows": "--rows",
    "shown_chars": "--characters",
}


@app.command("install")
def install(
    context: typer.Context,
    client: Annotated[
        str | None,
        typer.Argument(
            metavar="[CLIENT]",
            help="The client; without one, all that are known are listed.",
            autocompletion=complete_clients,
            show_default=False,
        ),
    ] = None,
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help="What the server is called there.")
    ] = "docsearch",
    project: Annotated[
        bool, typer.Option("--project", help="Write the file of the project in this folder.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Write without asking.")] = False,
    only_print: Annotated[
        bool, typer.Option("--print", help="Show the entry, and write nothing.")
    ] = False,
    index: IndexDir = None,
    as_json: Json = False,
) -> None:
    """Write the entry of this server into a client's configuration.

    The change is shown before anything is written, and nothing else of the file is touched. What
    stands before "install" is part of the entry: docsearch mcp --max-agents 30 install cursor.

    \b
    Examples:
      docsearch mcp install
      docsearch mcp install claude-code --project
      docsearch mcp install cursor --index ~/notes --name notes
    """
    from docsearch_cli.cli.mcp_install import install_entry, list_clients

    given: _Given = context.obj
    output = Output("mcp install", as_json)
    if given.http:
        raise UsageError("a client starts the server on stdin", hint="leave --http out")
    if client is None:
        list_clients(output, name)
        return
    options = [word for cap, value in given.caps.items() for word in (_OPTION_OF[cap], str(value))]
    install_entry(
        output,
        client,
        name,
        options,
        in_project=project,
        index=index or given.index,
        is_agreed=yes,
        only_print=only_print,
    )
    if find_spec("mcp") is None:
        from docsearch_cli.installation import install_hint

        output.note(f"the server needs the extra 'mcp': {install_hint('mcp')}")


def require_extra() -> None:
    """Make sure that the SDK of the protocol is installed.

    Raises:
        InputError: If it is not.
    """
    if find_spec("mcp") is None:
        from docsearch_cli.installation import install_hint

        raise InputError("docsearch mcp needs the extra 'mcp'", hint=install_hint("mcp"))


def _serve(index: str | None, caps: Caps, port: int | None) -> None:
    """Serve until the end of the process; on stdio if there is no port."""
    from docsearch_cli.mcp_server.running import serve_http, serve_stdio
    from docsearch_cli.mcp_server.server import make_server
    from docsearch_cli.service.document_service import DocumentService
    from docsearch_cli.service.loopback import open_socket

    output = Output("mcp")
    service = DocumentService(index, caps, note=output.note)
    try:
        server = make_server(service)
        if port is None:
            if sys.stdin is not None and sys.stdin.isatty():
                output.note(
                    "waiting for a client on stdin: docsearch mcp install sets one up; Ctrl-C ends"
                )
            serve_stdio(server, service)
        token = _token()
        listener = open_socket(port)
        output.note(f"http://127.0.0.1:{listener.getsockname()[1]}/mcp")
        output.note(f"Authorization: Bearer {token}")
        serve_http(server, service, listener, token)
    finally:
        service.close()


def _token() -> str:
    """Return the token that the environment gives, else a new one."""
    import os
    import secrets

    from docsearch_cli.mcp_server.http_guard import LEAST_TOKEN_CHARS

    given = os.environ.get(TOKEN_VARIABLE)
    if given is None:
        return secrets.token_urlsafe(24)
    if len(given) < LEAST_TOKEN_CHARS or not given.isascii() or not given.isprintable():
        raise UsageError(
            f"{TOKEN_VARIABLE} is no token",
            hint=f"use {LEAST_TOKEN_CHARS} or more printable ASCII characters, or leave it out",
        )
    return given

"""A client of the server, in this process."""

import anyio
import pytest

from tests.support import needs
from tests.unit.service.conftest import (  # noqa: F401  fixtures
    docsearch_resume,
    home,
    served_folder,
    service,
)

needs("mcp", reason="comes with the extra 'mcp'")


@pytest.fixture
def talk(service):  # noqa: F811
    """Connects a client to the server, runs a coroutine with it and returns what that does."""
    from mcp import Client

    from docsearch_cli.mcp_server.server import make_server

    def run(scenario):
        async def main():
            # The mode in which messages go through streams, as between processes.
            async with Client(make_server(service), mode="legacy") as client:
                return await scenario(client)

        try:
            return anyio.run(main)
        except BaseExceptionGroup as group:
            error = group
            while isinstance(error, BaseExceptionGroup):
                error = error.exceptions[0]
            raise error from group

    return run


@pytest.fixture
def call(talk):
    """Calls one tool."""

    def run(name, **arguments):
        return talk(lambda client: client.call_tool(name, arguments))

    return run

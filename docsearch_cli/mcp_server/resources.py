"""The resources: each document as text, and each recorded run; listed in pages."""

# No annotations from the future: the SDK reads the types of arguments when a template is made.
import json
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from anyio import to_thread  # noqa: TID253  this module is itself imported inside functions
from mcp.server.context import CallNext, ServerRequestContext  # noqa: TID253
from mcp.server.mcpserver import MCPServer, ResourceSecurity  # noqa: TID253
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError  # noqa: TID253
from mcp.shared.exceptions import MCPError  # noqa: TID253
from mcp_types import INVALID_PARAMS, ListResourcesResult, Resource  # noqa: TID253

from docsearch_cli.errors import DocsearchError, InputError, RunNotFoundError
from docsearch_cli.mcp_server.replies import run_reply
from docsearch_cli.service.document_service import DocumentService
from docsearch_cli.whole_numbers import read_number

DOCUMENT = "docsearch://document/"
RUN = "docsearch://run/"
# Documents of one page of the list.
PAGE_ROWS = 100


class Resources:
    """The resources of one service.

    Args:
        service: Where they are.
    """

    def __init__(self, service: DocumentService) -> None:
        self._service = service

    def document(self, path: str) -> str:
        """Return the text of a document, cut where one call may show no more."""
        try:
            shown = self._service.show(path)
        except InputError as error:
            raise ResourceNotFoundError(error.message) from error
        except DocsearchError as error:
            raise ResourceError(error.message) from error
        text = shown.text.encode("utf-8", "replace").decode()
        if shown.next_line is None:
            return text
        within = f", character {shown.next_char}" if shown.next_char else ""
        return f"{text}\n[cut here: the tool show goes on from line {shown.next_line}{within}]"

    def run(self, run: str) -> str:
        """Return a recorded run as JSON."""
        try:
            reply = run_reply(self._service.run(run), self._service.caps.rows)
        except RunNotFoundError as error:
            raise ResourceNotFoundError(error.message) from error
        except DocsearchError as error:
            raise ResourceError(error.message) from error
        return json.dumps(reply, ensure_ascii=False).encode("utf-8", "replace").decode()

    def register(self, server: MCPServer) -> None:
        """Add the templates to a server, and the list, which the server itself has no pages of.

        Args:
            server: The server.
        """
        # Both are looked up in the index and among the runs, where no name leads to another file.
        looked_up = ResourceSecurity(exempt_params={"path"})
        server.resource(
            DOCUMENT + "{+path}",
            name="document",
            description="The text of an indexed document, by its path in the index.",
            mime_type="text/plain",
            security=looked_up,
        )(self.document)
        server.resource(
            RUN + "{run}",
            name="run",
            description="A recorded exploration: its question and its steps.",
            mime_type="application/json",
        )(self.run)
        server.middleware.append(self._answer_list)

    async def _answer_list(
        self, context: ServerRequestContext[Any, Any], call_next: CallNext
    ) -> Any:
        if context.method != "resources/list" or context.request_id is None:
            return await call_next(context)
        params = dict(context.params or {})
        cursor = params.pop("cursor", None)
        await call_next(replace(context, params=params))  # the server's own checks
        first = read_number(cursor) if isinstance(cursor, str) else 0
        if first is None or first < 0 or (cursor is not None and not isinstance(cursor, str)):
            raise MCPError(INVALID_PARAMS, "the cursor is none of this server's")
        try:
            documents, total = await to_thread.run_sync(
                lambda: self._service.documents(first, PAGE_ROWS)
            )
        except DocsearchError as error:
            raise MCPError(INVALID_PARAMS, error.message) from error
        end = first + PAGE_ROWS
        return ListResourcesResult(
            resources=[
                Resource(
                    uri=DOCUMENT + quote(path),
                    name=path,
                    title=title.encode("utf-8", "replace").decode() or None,
                    mime_type="text/plain",
                )
                for path, title in documents
            ],
            next_cursor=str(end) if end < total else None,
        )

"""The tools: what each takes, within which bounds, and what it calls.

Arguments have bounds in their schemas, so that a model sees them; budgets above the owner's caps
are cut, and the reply says so. What went wrong and is no bug is a tool's error with the hint, for
the model to read.
"""

# No annotations from the future: the SDK reads the types of arguments when a tool is registered.
import json
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Any, Literal

from anyio import to_thread  # noqa: TID253  this module is itself imported inside functions
from mcp.server.mcpserver import Context  # noqa: TID253
from mcp.server.mcpserver.tools import Tool  # noqa: TID253
from mcp_types import CallToolResult, TextContent, ToolAnnotations  # noqa: TID253
from pydantic import Field  # noqa: TID253

from docsearch_cli.errors import DocsearchError
from docsearch_cli.mcp_server.replies import (
    ExploreReply,
    RelatedReply,
    ReplayReply,
    RunsReply,
    SearchReply,
    ShowReply,
    explore_reply,
    related_reply,
    replay_reply,
    run_reply,
    runs_reply,
    search_reply,
    show_reply,
)
from docsearch_cli.mcp_server.schemas import slim_schema
from docsearch_cli.service.document_service import DocumentService, Exploring
from docsearch_cli.service.replies import Place

# Budgets are cut to the caps and not refused; these are the most that any docsearch takes.
Question = Annotated[str, Field(min_length=1, max_length=4_000)]
Path = Annotated[str, Field(min_length=1, max_length=1_000, description="as results name it")]
Limit = Annotated[int, Field(ge=1, le=1_000)]
RunId = Annotated[str, Field(pattern="^[0-9a-f]{1,32}$")]
Paths = Annotated[
    list[Annotated[str, Field(max_length=300)]],
    Field(max_length=16, description="globs; one must fit: guides/*"),
]
Tags = Annotated[
    list[Annotated[str, Field(max_length=300)]],
    Field(max_length=16, description="all must be there"),
]
Day = Annotated[str, Field(max_length=10, description="dated then or later: 2025, 2025-07-14")]
LastDay = Annotated[str, Field(max_length=10, description="dated then or earlier")]
Lines = Annotated[
    str, Field(pattern="^[0-9]{1,9}(-[0-9]{1,9})?$", description="12 or 12-20; pages of a PDF")
]
Direction = Literal["out", "in", "both"]
Kind = Literal["link", "include", "mention", "part", "next"]


class Tools:
    """The tools of one service.

    Args:
        service: What they call.
    """

    def __init__(self, service: DocumentService) -> None:
        self._service = service

    async def search(
        self,
        query: Question,
        limit: Limit = 8,
        paths: Paths = [],  # noqa: B006  never changed; a schema's default
        tags: Tags = [],  # noqa: B006
        since: Day | None = None,
        until: LastDay | None = None,
    ) -> Annotated[CallToolResult, SearchReply]:
        """Find documents by keywords."""

        def call() -> SearchReply:
            found = self._service.search(
                query, limit=limit, paths=paths, tags=tags, since=since, until=until
            )
            return search_reply(found, self._service.staleness())

        return await _answered(call)

    async def explore(
        self,
        context: Context,
        question: Question,
        max_agents: Annotated[int, Field(ge=1, le=2_000, description="pages to open")] = 20,
        max_depth: Annotated[int, Field(ge=0, le=8, description="links from a start")] = 3,
        answer_tokens: Annotated[int, Field(ge=50, le=8_000, description="of quotes")] = 400,
        paths: Paths = [],  # noqa: B006
        tags: Tags = [],  # noqa: B006
        since: Day | None = None,
        until: LastDay | None = None,
    ) -> Annotated[CallToolResult, ExploreReply]:
        """Let agents explore, with a notification for each; cancelling ends the run in order."""
        filters = {"paths": paths, "tags": tags, "since": since, "until": until}
        chosen: dict[str, Any] = {name: value for name, value in filters.items() if value}
        try:
            exploring = await to_thread.run_sync(
                lambda: self._service.explore(
                    question,
                    max_agents=max_agents,
                    max_depth=max_depth,
                    answer_tokens=answer_tokens,
                    **chosen,
                )
            )
        except DocsearchError as error:
            return failed(error)
        try:
            if _wants_progress(context):
                await _report(exploring, context, min(max_agents, self._service.caps.max_agents))
            return await _answered(lambda: explore_reply(exploring.reply()))
        except DocsearchError as error:
            return failed(error)
        finally:
            exploring.stop()  # of one that has ended, nothing

    async def show(
        self,
        path: Path,
        lines: Lines | None = None,
        context: Annotated[int, Field(ge=0, le=200, description="more before and after")] = 0,
        section: Annotated[bool, Field(description="the whole sections of the lines")] = False,
        from_char: Annotated[
            int, Field(ge=0, le=1_000_000_000, description="of the first line; next_char")
        ] = 0,
        more: Annotated[
            list[Annotated[str, Field(max_length=1_020)]],
            Field(max_length=20, description="places in the same reply: guides/a.md:12-20"),
        ] = [],  # noqa: B006
    ) -> Annotated[CallToolResult, ShowReply]:
        """Return lines of a document, and of others."""
        place = Place.read(f"{path}:{lines}" if lines else path)
        show = partial(self._service.show, context=context, whole_section=section)
        show_more = partial(self._service.show_more, context=context, whole_section=section)

        def call() -> ShowReply:
            shown = show(place.path, place.first, place.last, from_char=from_char)
            room = self._service.caps.shown_chars - len(shown.text)
            return show_reply(shown, *show_more([Place.read(text) for text in more], room))

        return await _answered(call)

    async def related(
        self,
        path: Path,
        direction: Direction = "both",
        kinds: Annotated[list[Kind], Field(max_length=5, description="none for all")] = [],  # noqa: B006
        limit: Limit = 20,
    ) -> Annotated[CallToolResult, RelatedReply]:
        """Return the edges of a page."""
        wanted: list[Literal["out", "in"]] = ["out", "in"] if direction == "both" else [direction]
        return await _answered(
            lambda: related_reply(
                self._service.related(path, directions=wanted, kinds=kinds, limit=limit)
            )
        )

    async def runs(
        self, run: RunId | None = None, limit: Limit = 20
    ) -> Annotated[CallToolResult, RunsReply]:
        """List runs, or the steps of one."""

        def call() -> RunsReply:
            if run is not None:
                return run_reply(self._service.run(run), min(limit, self._service.caps.rows))
            return runs_reply(*self._service.runs(limit))

        return await _answered(call)

    async def replay_step(
        self, run: RunId, step: Annotated[str, Field(min_length=1, max_length=64)]
    ) -> Annotated[CallToolResult, ReplayReply]:
        """Run a recorded step again."""
        return await _answered(lambda: replay_reply(self._service.replay_step(run, step)))

    def list(self) -> "list[Tool]":
        """Return the tools, each with the words by which a model chooses it."""
        caps = self._service.caps
        reads = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
        # A run is recorded, which changes nothing that is there.
        records = ToolAnnotations(
            read_only_hint=False,
            destructive_hint=False,
            idempotent_hint=True,
            open_world_hint=False,
        )
        rows: list[tuple[Callable[..., Awaitable[CallToolResult]], ToolAnnotations, str]] = [
            (
                self.search,
                reads,
                "Find documents by keywords, best first, each with its best passage and line"
                f" numbers. Milliseconds; about 90 tokens a hit, at most {caps.rows} hits. Quotes"
                ' and -word work: "exact words" -beta.',
            ),
            (
                self.explore,
                records,
                "Answer a question that needs several pages: agents read the best pages and follow"
                " their links. Returns quotes with line numbers; also names the best section of"
                " each other page that it ranked, to be shown where that is not enough. About a"
                " second; costs no model tokens beyond the reply. At most"
                f" {caps.max_agents} agents, depth"
                f" {caps.max_depth}, {caps.answer_tokens} tokens of quotes.",
            ),
            (
                self.show,
                reads,
                "Read lines of a document, or all of it, and with more several places at once: as"
                " search and explore name them (at most about"
                f" {caps.shown_chars // 4:,} tokens; next_line, and next_char within it, say where"
                " to go on, left what did not fit).",
            ),
            (
                self.related,
                reads,
                "List the pages that a page links to or mentions, and those that do so with it,"
                " with the sentence that says why.",
            ),
            (
                self.runs,
                reads,
                "List recorded explorations, newest first; with run, the steps of one.",
            ),
            (
                self.replay_step,
                reads,
                "Run one step of a recorded exploration again: what it saw, what it decided and"
                " whether that is still the same. The run stays as it is.",
            ),
        ]
        tools = [
            Tool.from_function(function, description=description, annotations=annotations)
            for function, annotations, description in rows
        ]
        for tool in tools:
            tool.parameters = slim_schema(tool.parameters)
            tool.fn_metadata.output_schema = slim_schema(tool.fn_metadata.output_schema or {})
        return tools


def failed(error: DocsearchError) -> CallToolResult:
    """Return a tool's error: what went wrong, and what to try next."""
    text = f"{error.message} ({error.hint})" if error.hint else error.message
    return CallToolResult(content=[TextContent(type="text", text=text)], is_error=True)


def _wants_progress(context: Context) -> bool:
    """Tell whether the client asked for progress: without it, nobody has to be woken for a step."""
    meta = (context.request_context.params or {}).get("_meta")
    return isinstance(meta, dict) and meta.get("progressToken") is not None


async def _report(exploring: Exploring, context: Context, most: int) -> None:
    """Send a notification for each agent that commits, until the last one has."""
    events, opened = iter(exploring), 0
    while (
        event := await to_thread.run_sync(next, events, None, abandon_on_cancel=True)
    ) is not None:
        if event.step is not None:
            opened += 1
            said = f"{event.step.path}: {event.step.decision.replace('_', ' ')}"
            await context.report_progress(opened, most, said)


async def _answered(call: Callable[[], Any]) -> CallToolResult:
    """Call the service in a thread; return its reply as data, and the same as text.

    The protocol asks for the text beside the data, for clients that know no structured replies.
    """
    try:
        # A call that is cancelled is left to end by itself: an exploration is told to stop.
        reply = await to_thread.run_sync(call, abandon_on_cancel=True)
    except DocsearchError as error:
        return failed(error)
    text = json.dumps(reply, ensure_ascii=False, separators=(",", ":"))
    if not text.isascii():  # half a surrogate pair, as a question may hold, is no UTF-8
        text = text.encode("utf-8", "replace").decode()
        reply = json.loads(text)
    return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=reply)

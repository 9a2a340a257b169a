"""What a call of the warm service takes, and of the server over it, without the process's start.

    python -m tests.bench.bench_warm [--set NAME ...] [--questions N]

Each question is new to the process: what is timed is not a cache of answers. An exploration is
given 20 agents, and its time is taken for 20 that it opened; ``again`` asks the same once more,
when the results of steps are cached. ``inline`` runs the steps in the service's own process, to
compare. ``CPU`` is the service's process alone: on a machine that does other things, look at that.
Through the SDK's client in this process, a call has the protocol's cost too.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from docsearch_cli.service.caps import Caps
from docsearch_cli.service.document_service import DocumentService
from docsearch_cli.steps import estimate_tokens
from tests.bench.harness import (
    corpus_of,
    indexed,
    save_results,
    scratch,
    set_is_here,
    show_machine,
    show_table,
    spread,
    verdict,
)

AGENTS = 20
SEARCH_MS = 5.0
EXPLORE_MS = 100.0
OWN_SETS = ("fenwick", "vault")
PUBLIC_SET = "aws-docs-qa"


def timed(call: Callable[[], Any]) -> tuple[float, float, Any]:
    """Return the milliseconds that a call takes, those of this process's CPU, and its result."""
    started, used = time.perf_counter(), time.process_time()
    result = call()
    wall, cpu = time.perf_counter() - started, time.process_time() - used
    return wall * 1000, cpu * 1000, result


def medians(times: Iterable[tuple[float, float]]) -> tuple[float, float]:
    """Return the median of walls and of CPU times."""
    walls, used = zip(*times, strict=True)
    return statistics.median(walls), statistics.median(used)


def explorations(
    service: DocumentService, questions: list[str], **options: Any
) -> tuple[float, float]:
    """Return the medians for 20 agents, of questions of which some are opened by fewer."""
    times = []
    for question in questions:
        wall, cpu, explored = timed(
            lambda asked=question: service.explore(asked, max_agents=AGENTS, **options).reply()
        )
        share = AGENTS / max(1, explored.answer.budget["agents_used"])
        times.append((wall * share, cpu * share))
    return medians(times)


def through_the_server(service: DocumentService, questions: list[str]) -> dict[str, Any]:
    """Return what calls take through the SDK's client, and how long replies are, in tokens."""
    import anyio
    from mcp import Client

    from docsearch_cli.mcp_server.server import make_server

    walls: dict[str, list[float]] = {"search": [], "explore": []}
    sizes: dict[str, list[int]] = {"search": [], "explore": []}

    async def main() -> int:
        async with Client(make_server(service)) as client:
            listed = (await client.list_tools()).tools
            for question in questions:
                for name, arguments in (
                    ("search", {"query": question}),
                    ("explore", {"question": question, "max_agents": AGENTS}),
                ):
                    started = time.perf_counter()
                    result = await client.call_tool(name, arguments)
                    walls[name].append((time.perf_counter() - started) * 1000)
                    sizes[name].append(estimate_tokens(result.content[0].text))
            return sum(
                estimate_tokens(f"{tool.name}{tool.description}{tool.input_schema}")
                for tool in listed
            )

    tools = anyio.run(main)
    return {
        "tools_tokens": tools,
        **{f"{name}_ms": statistics.median(values) for name, values in walls.items()},
        **{f"{name}_tokens": statistics.median(values) for name, values in sizes.items()},
    }


def measure(home: Path, questions: list[str]) -> dict[str, Any]:
    """Measure one index; the first question warms the process up, and is not counted."""
    service = DocumentService(str(home), Caps())
    try:
        first, *rest = questions
        service.search(first)
        service.explore(first).reply()
        searches = medians(
            timed(lambda asked=question: service.search(asked, limit=8))[:2] for question in rest
        )
        return {
            "search": searches,
            "explore": explorations(service, rest),
            "explore again": explorations(service, rest),
            "inline": explorations(service, rest, engine="inline", use_cache=False),
            "inline again": explorations(service, rest, engine="inline"),
            "server": through_the_server(service, rest),
        }
    finally:
        service.close()


def main() -> None:
    """Measure each set, compare with the targets, save."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--set", action="append", help="a set; by default our own and a public one")
    parser.add_argument("--questions", type=int, default=25, help="of each set (25)")
    arguments = parser.parse_args()
    names = arguments.set or [*OWN_SETS, *([PUBLIC_SET] if set_is_here(PUBLIC_SET) else [])]
    show_machine()
    results: dict[str, Any] = {}
    is_met = True
    with scratch() as work:
        for name in names:
            _, asked = corpus_of(name)
            questions = [row["question"] for row in spread(asked, arguments.questions + 1)]
            found = measure(indexed(name, work, indexes=None), questions)
            results[name] = found
            targets = {"search": SEARCH_MS, "explore": EXPLORE_MS, "explore again": EXPLORE_MS}
            rows = []
            for what in ("search", "explore", "explore again", "inline", "inline again"):
                wall, cpu = found[what]
                target = targets.get(what)
                is_met &= target is None or wall <= target
                rows.append(
                    [what, f"{wall:.1f}", f"{cpu:.1f}", verdict(wall, target, at_most=True)]
                )
            show_table(f"{name}: ms, medians", ["call", "wall", "CPU", "target"], rows)
            server = found["server"]
            print(
                f"through the client: search {server['search_ms']:.1f} ms,"
                f" {server['search_tokens']:.0f} tokens; explore {server['explore_ms']:.1f} ms,"
                f" {server['explore_tokens']:.0f} tokens; tools {server['tools_tokens']:.0f} tokens"
            )
    save_results("warm", {"sets": results})
    sys.exit(not is_met)


if __name__ == "__main__":
    main()

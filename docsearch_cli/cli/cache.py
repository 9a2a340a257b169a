"""``docsearch cache``: the results of steps, kept across runs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from docsearch_cli.cli.completion import complete_steps
from docsearch_cli.cli.options import IndexDir, Json, Quiet, Run, home_for_reading
from docsearch_cli.cli.output import Output

app = typer.Typer(help="Inspect or empty the cache.", no_args_is_help=True, rich_markup_mode=None)


def _open(index: str | None, output: Output) -> Any:
    from docsearch_cli.engine.step_cache import open_step_cache

    return open_step_cache(home_for_reading(index, output), output.note)


@app.command("stats")
def stats(index: IndexDir = None, as_json: Json = False, quiet: Quiet = False) -> None:
    """Show how many results are cached, and their size.

    \b
    Examples:
      docsearch cache stats
      docsearch cache stats --json
    """
    output = Output("cache stats", as_json, quiet)
    cache = _open(index, output)
    figures = cache.stats()
    cache.close()
    if as_json:
        output.result(figures)
        return
    output.show(f"{figures['entries']:,} step results, {figures['bytes']:,} bytes")


@app.command("explain")
def explain(
    run: Run,
    step: Annotated[
        str,
        typer.Argument(
            metavar="STEP", help="The step's number or id.", autocompletion=complete_steps
        ),
    ],
    index: IndexDir = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show whether a step's result is cached, and which part of its key differs.

    \b
    Examples:
      docsearch cache explain 7f3a2c10 4
      docsearch cache explain 7f3a 4 --json
    """
    from rich.text import Text

    from docsearch_cli.index.store import open_index
    from docsearch_cli.runs.cache_explain import explain_cache
    from docsearch_cli.runs.catalog import opened_run

    output = Output("cache explain", as_json, quiet)
    home = home_for_reading(index, output)
    cache = _open(index, output)
    try:
        with opened_run(home, run) as store:
            found = explain_cache(home, open_index(home), store, step, cache)
    finally:
        cache.close()
    if as_json:
        parts = [{**asdict(part), "same": part.same} for part in found.parts]
        output.result({**asdict(found), "parts": parts})
        return
    then = "HIT" if found.origin == "cache" else "MISS"
    output.show(Text(f"step {found.step}"))
    output.show(Text(f"in the run  {then}: {found.hit_then}"))
    different = [part.name for part in found.parts if not part.same]
    why = f"; differs in: {', '.join(different)}" if different else ""
    output.show(Text(f"now         {'HIT' if found.hit_now else 'MISS'}{why}"))
    for part in found.parts:
        mark = " " if part.same else "*"
        output.show(Text(f" {mark} {part.name:<14}{part.recorded:<14}{part.now}"))


@app.command("clear")
def clear(index: IndexDir = None, as_json: Json = False, quiet: Quiet = False) -> None:
    """Delete every cached result; runs are kept.

    \b
    Examples:
      docsearch cache clear
      docsearch cache clear --json
    """
    output = Output("cache clear", as_json, quiet)
    cache = _open(index, output)
    dropped = cache.clear()
    cache.close()
    if as_json:
        output.result({"dropped": dropped})
        return
    output.show(f"deleted {dropped:,} results")

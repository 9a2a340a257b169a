"""``docsearch cache``: results of steps kept across runs."""

from __future__ import annotations

from typing import Any

import typer

from docsearch_cli.cli.options import IndexDir, Json, Quiet, home_for_reading
from docsearch_cli.cli.output import Output

app = typer.Typer(help="Look at or empty the cache.", no_args_is_help=True, rich_markup_mode=None)


def _open(index: str | None, output: Output) -> Any:
    from docsearch_cli.engine.cache import StepCache

    return StepCache(home_for_reading(index) / "cache" / "steps", output.note)


@app.command("stats")
def stats(index: IndexDir = None, as_json: Json = False, quiet: Quiet = False) -> None:
    """Show how many results are kept and how large they are.

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
    output.show(f"{figures['entries']:,} results of steps, {figures['bytes']:,} bytes")


@app.command("clear")
def clear(index: IndexDir = None, as_json: Json = False, quiet: Quiet = False) -> None:
    """Drop every result; runs are not touched.

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
    output.show(f"dropped {dropped:,} results")

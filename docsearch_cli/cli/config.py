"""``docsearch config``: every setting, its value and where it came from."""

from __future__ import annotations

import typer

from docsearch_cli.cli.options import IndexDir, Json, Quiet
from docsearch_cli.cli.output import Output

_LLM_MEANINGS = {
    "model": "language model for --agent llm; never taken from a folder's docsearch.toml",
    "base_url": "where it is; the provider's own address if none",
    "key": "never shown",
}
app = typer.Typer(help="Show the settings.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Show the settings."""


@app.command("show")
def show(index: IndexDir = None, as_json: Json = False, quiet: Quiet = False) -> None:
    """Show every setting, its value and where it came from.

    \b
    Examples:
      docsearch config show
      docsearch config show --json
    """
    import os
    from pathlib import Path

    from rich.text import Text

    from docsearch_cli.config import load_settings
    from docsearch_cli.document_settings import AUTO_LANGUAGE, NO_SYSTEM
    from docsearch_cli.errors import IndexMissingError
    from docsearch_cli.index.home import find_home
    from docsearch_cli.llm.access import describe_access
    from docsearch_cli.run_limits import LIMITS

    output = Output("config show", as_json, quiet)
    try:
        beside = find_home(None, index, note=output.note).parent
    except IndexMissingError:
        beside = Path.cwd()
    settings = load_settings({}, beside=beside)
    llm = describe_access(settings.models.llm, os.environ, settings.models.origin)
    personal = settings.personal
    if as_json:
        rows = [
            {
                "name": limit.name,
                "value": settings[limit.name],
                "source": settings.limits[limit.name].origin,
                "least": limit.least,
                "most": limit.most,
                "meaning": limit.meaning,
            }
            for limit in LIMITS
        ]
        points = [{"pattern": p.pattern, "node": p.node} for p in settings.starting_points]
        output.result(
            {
                "settings": rows,
                "language": {"value": settings.language.value, "source": settings.language.origin},
                "languages": {
                    "value": dict(settings.languages.value),
                    "source": settings.languages.origin,
                },
                "systems": {
                    "value": {name: list(names) for name, names in settings.systems.value.items()},
                    "source": settings.systems.origin,
                },
                "starting_points": points,
                "llm": {name: {"value": value, "source": source} for name, value, source in llm},
                "editor": {"value": personal.editor, "source": personal.editor_origin},
                "history": {"value": personal.history, "source": personal.history_origin},
                "synonyms": {word: list(others) for word, others in settings.synonyms.items()},
            }
        )
        return
    for limit in LIMITS:
        setting = settings.limits[limit.name]
        value = limit.words(setting.value) if limit.is_money else str(setting.value)
        most = limit.words(limit.most)
        output.show(
            f"{limit.name:<15} {'none' if limit.is_money and value == most else value:>6}"
            f"  {setting.origin:<24} {limit.meaning} ({limit.words(limit.least)} to {most})"
        )
    language = settings.language.value or AUTO_LANGUAGE
    output.show(
        f"{'language':<15} {language:>6}  {settings.language.origin:<24}"
        " language of new indexes; auto: each document's is found"
    )
    for pattern, name in settings.languages.value.items():
        output.show(f"language of     {pattern}: {name}")
    for name, value, source in llm:
        output.show(f"{name:<15} {value:>6}  {source:<24} {_LLM_MEANINGS[name]}")
    output.show(
        Text(
            f"{'editor':<15} {personal.editor:>6}  {personal.editor_origin:<24}"
            " what docsearch open starts, and where links in a terminal lead"
        )
    )
    output.show(
        f"{'history':<15} {'true' if personal.history else 'false':>6}"
        f"  {personal.history_origin:<24} whether the last answer and questions are remembered"
    )
    for folder, names in settings.systems.value.items():
        output.show(f"system          {folder or '.'}: {', '.join(names) or NO_SYSTEM}")
    for word, others in settings.synonyms.items():
        output.show(f"synonyms        {word}: {', '.join(others)}")
    for point in settings.starting_points:
        output.show(f"start           {point.pattern!r} -> {point.node}")

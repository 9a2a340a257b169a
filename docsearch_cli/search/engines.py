"""The engines that a deep search runs on, made by the name that was asked for."""

from __future__ import annotations

from docsearch_cli.engine.inline import InlineEngine
from docsearch_cli.engine.local import LocalEngine
from docsearch_cli.engine.protocol import Engine
from docsearch_cli.explore import step_functions
from docsearch_cli.search.result import AskOptions

REGISTRY = "docsearch_cli.explore.step_functions"


def make_engine(options: AskOptions) -> Engine:
    """Return the engine that was asked for, not started."""
    if options.engine == "inline" or options.settings["max_agents"] == 0:
        return InlineEngine(step_functions.FUNCTIONS)
    return LocalEngine(options.settings["workers"], REGISTRY)

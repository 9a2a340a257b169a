"""The one table of engines: what ``--engine`` takes, and how each is made.

An engine is one row here and one file. Its options, their check, error message and help text all
derive from the row; its file is imported when a search uses it, so help costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from docsearch_cli.errors import UsageError
from docsearch_cli.whole_numbers import brief

if TYPE_CHECKING:
    from docsearch_cli.engine.protocol import Engine
    from docsearch_cli.index.reader import IndexReader
    from docsearch_cli.search.result import AskOptions

# The module whose functions a search's steps are; a worker process imports it by this name.
REGISTRY = "docsearch_cli.explore.step_functions"
DEFAULT_ENGINE = "local"
# What a search runs on that opens no node: it has no step to send anywhere.
_WITHOUT_STEPS = "inline"


@dataclass(frozen=True, slots=True)
class EngineRow:
    """One engine."""

    name: str
    """As ``--engine`` takes it, and as a run's record names it."""
    meaning: str
    """Where it runs steps, in a word or two, for help."""
    make: Callable[[AskOptions], Engine]
    """Imports its file and returns it, not started."""
    has_processes: bool = False
    """Whether it runs steps in other processes, which take time to start."""
    is_elsewhere: bool = False
    """Whether it runs them on other machines, where the home of the index is not at hand."""
    make_for_units: Callable[[AskOptions, str, IndexReader | None], Engine] | None = None
    """Returns one for what is larger than a step, given the module that holds the functions, as a
    worker imports it, and the index that they read; None if it runs the steps of a search alone."""


def _make_local(options: AskOptions) -> Engine:
    from docsearch_cli.engine.local import LocalEngine

    return LocalEngine(options.settings["workers"], REGISTRY)


def _make_inline(_options: AskOptions) -> Engine:
    from docsearch_cli.engine.inline import InlineEngine
    from docsearch_cli.explore.step_functions import FUNCTIONS

    return InlineEngine(FUNCTIONS)


def _make_dask(options: AskOptions) -> Engine:
    from docsearch_cli.explore.agents.table import find_agent

    if find_agent(options.agent).asks_model or options.answer == "llm":
        raise UsageError(
            "the engine 'dask' runs no step that asks a language model: Dask may run the step of a"
            " worker that is lost again unseen, and it would be paid for twice",
            hint="leave --engine out: steps that wait for a model wait here, side by side",
        )
    from docsearch_cli.cluster.making import make_dask_engine

    engine = make_dask_engine(
        options.scheduler, REGISTRY, options.settings["workers"], options.tell, is_direct=True
    )
    options.tell(
        "a local agent's step takes 2 to 3 ms and its way to a worker and back more than that:"
        " steps go to a cluster where each takes 50 ms or more; whole questions: ask --batch"
    )
    return engine


def _make_dask_for_units(options: AskOptions, registry: str, index: IndexReader | None) -> Engine:
    from docsearch_cli.cluster.making import make_dask_engine

    return make_dask_engine(
        options.scheduler, registry, options.settings["workers"], options.tell, index=index
    )


def _make_local_for_units(options: AskOptions, registry: str, _index: IndexReader | None) -> Engine:
    from docsearch_cli.engine.local import LocalEngine
    from docsearch_cli.engine.worker_process import MOST_UNIT_BYTES

    return LocalEngine(options.settings["workers"], registry, most_result_bytes=MOST_UNIT_BYTES)


def _make_inline_for_units(
    _options: AskOptions, registry: str, _index: IndexReader | None
) -> Engine:
    from importlib import import_module

    from docsearch_cli.engine.inline import InlineEngine

    return InlineEngine(import_module(registry).FUNCTIONS)


ENGINES = {
    row.name: row
    for row in (
        EngineRow(
            "local",
            "processes",
            _make_local,
            has_processes=True,
            make_for_units=_make_local_for_units,
        ),
        EngineRow(
            "dask",
            "a Dask cluster",
            _make_dask,
            has_processes=True,
            is_elsewhere=True,
            make_for_units=_make_dask_for_units,
        ),
        EngineRow("inline", "this process", _make_inline, make_for_units=_make_inline_for_units),
    )
}


def find_engine(name: str) -> EngineRow:
    """Return the row of an engine.

    Args:
        name: As it was asked for.

    Returns:
        The row.

    Raises:
        UsageError: If there is no engine of this name.
    """
    if name not in ENGINES:
        raise UsageError(f"there is no engine {brief(name)}", hint=f"use {_either(list(ENGINES))}")
    return ENGINES[name]


def describe_engines() -> str:
    """Return the engines and what each means, as help shows them."""
    return _either([f"{row.name} ({row.meaning})" for row in ENGINES.values()])


def make_engine(options: AskOptions) -> Engine:
    """Return the engine that was asked for, not started.

    Args:
        options: How to search; one that opens no node starts no process.

    Returns:
        The engine.

    Raises:
        UsageError: If there is no engine of this name.
    """
    row = find_engine(options.engine)
    if row.has_processes and options.settings["max_agents"] == 0:
        row = find_engine(_WITHOUT_STEPS)
    return row.make(options)


def make_engine_for_units(
    options: AskOptions, registry: str, index: IndexReader | None = None
) -> Engine:
    """Return the engine that was asked for, not started, for whole questions and the like.

    Args:
        options: Which engine, and with how many workers.
        registry: The module that holds the functions.
        index: The index that they read; None if they read none.

    Returns:
        The engine.

    Raises:
        UsageError: If there is no engine of this name, or it runs single steps alone.
    """
    make = find_engine(options.engine).make_for_units
    if make is None:
        able = [row.name for row in ENGINES.values() if row.make_for_units is not None]
        raise UsageError(
            f"the engine {options.engine!r} runs the steps of one question alone",
            hint=f"use {_either(able)}",
        )
    return make(options, registry, index)


def start_engine(options: AskOptions) -> Engine:
    """Return the engine that was asked for, started unless its steps are the exception.

    Args:
        options: How to search. Where an agent asks a model, this engine runs only what stands in
            for it, and starts when something has to.

    Returns:
        The engine; the caller closes it.

    Raises:
        UsageError: If there is no engine, or no agent, of this name.
    """
    from docsearch_cli.explore.agents.table import find_agent

    engine = make_engine(options)
    if not find_agent(options.agent).asks_model:
        engine.start()
    return engine


def _either(words: Sequence[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last

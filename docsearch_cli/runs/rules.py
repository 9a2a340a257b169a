"""By whose rules a run is judged: those of the code that recorded it, which may have differed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from docsearch_cli.errors import RunCorruptError, RunDriftError
from docsearch_cli.fingerprint import source_digest
from docsearch_cli.runs.trace import Trace


@contextmanager
def by_its_rules(trace: Trace) -> Iterator[None]:
    """Accuse no run of breaking rules that came after it.

    Args:
        trace: The run, whose hashes fit.

    Raises:
        RunDriftError: If the record is not what the rules say, and other code recorded it.
    """
    try:
        yield
    except RunCorruptError as error:
        others = [by for by in (trace.facts, *trace.resumed) if by["source"] != source_digest()]
        if not others:
            raise
        raise RunDriftError(
            f"{error}; but docsearch {others[0]['version']} recorded this run, by rules that "
            "may have differed",
            hint="its hashes fit; look at it with the docsearch that recorded it",
        ) from error

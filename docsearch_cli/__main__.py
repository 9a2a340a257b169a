"""The entry of the command, also as ``python -m docsearch_cli``.

Small, so that Ctrl-C, SIGTERM and SIGHUP are met with an exit code from the first moment, imports
included: until the command line takes the signals over, nothing has been done that must be undone.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # signal itself takes a millisecond
import os
import sys

_home = os.path.dirname(os.path.dirname(__file__))  # noqa: PTH120  pathlib takes 5 ms
if __name__ == "__main__" and not sys.flags.safe_path and sys.path[0] != _home:
    # "python -m" looks for every module in the current folder first, which may be a stranger's.
    del sys.path[0]

# As errors.py has it, whose import takes ten milliseconds.
_EXIT_INTERRUPTED = 130
# Objects made until garbage is looked for; Python's own number is 700.
_COLLECT_EVERY = 100_000


def main() -> None:
    """Run the command line."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(_signal, name, None)
        if number is not None:
            _signal.signal(number, _end)
    import gc

    # Imports make many objects and no cycles; looking for some takes 8 ms of a simple question.
    gc.set_threshold(_COLLECT_EVERY)
    if getattr(sys, "frozen", False):
        _start_frozen()
    try:
        if sys.getfilesystemencoding() != "utf-8":
            from docsearch_cli.cli.utf8_mode import restart_in_utf8_mode

            restart_in_utf8_mode()
        from docsearch_cli.cli.app import main as run

        run()
    except KeyboardInterrupt:
        _end()


def _end(*_: object) -> None:
    os.write(2, b"docsearch: interrupted\n")
    os._exit(_EXIT_INTERRUPTED)


def _start_frozen() -> None:
    """Be the process that a build without an interpreter was started for, if it is not a user's."""
    import multiprocessing

    from docsearch_cli.engine import FROZEN_WORKER

    multiprocessing.freeze_support()
    if sys.argv[1:2] == [FROZEN_WORKER]:
        from docsearch_cli.engine.worker import main as be_worker

        connection, lifeline, mark, registry = sys.argv[2:]
        be_worker(int(connection), int(lifeline), int(mark), registry)
        raise SystemExit(0)


if __name__ == "__main__":
    main()

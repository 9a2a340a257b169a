"""Ctrl-C, SIGTERM and SIGHUP: each asks the program to end, and it ends in two seconds.

Python turns a signal into an exception wherever the program happens to be, and some places swallow
it. So the request is also kept, and checked where work can end cleanly. Whatever the program is at,
a thread ends it when the time is over: with the exit code, without cleaning up. Nothing depends on
that: an index is swapped in as a whole, a run is committed step by step, and a child never outlives
its parent.
"""

from __future__ import annotations

import _thread
import contextlib
import os
import signal
import sys
import time
from types import FrameType
from typing import TYPE_CHECKING

from docsearch_cli.errors import EXIT_INTERRUPTED, InterruptedByUserError

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
_INTERRUPTED = "interrupted"
# From a signal to the end at the latest: two seconds are promised.
_MOST_S = 1.8
# The same after a second signal to work that was ending gently.
_MOST_S_AT_ONCE = 0.5


class _StopRequest:
    def __init__(self) -> None:
        self.count = 0
        self.is_gentle = False
        self.ending = InterruptedByUserError(_INTERRUPTED)
        self.erasing = b""
        self.next_hook = sys.__unraisablehook__

    def handle(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1
        # The first of these ends the work in order, if it can; the second ends it as it stands.
        exceptions = 1 + self.is_gentle
        if self.count > exceptions:
            _end_process()
        with contextlib.suppress(RuntimeError):  # no thread to be had
            # Not threading.Thread: the signal may have come while its locks were held.
            _thread.start_new_thread(_end_later, (_MOST_S if self.count == 1 else _MOST_S_AT_ONCE,))
        if self.count == exceptions:
            raise KeyboardInterrupt

    def hide_swallowed(self, unraisable: UnraisableHookArgs) -> None:
        """Stay silent on a KeyboardInterrupt that could not be raised where it came: it is kept."""
        if unraisable.exc_type is not KeyboardInterrupt:
            self.next_hook(unraisable)


def _end_later(seconds: float) -> None:
    time.sleep(seconds)
    _end_process()


def _end_process() -> None:
    ending = _request.ending
    text = f"docsearch: {ending.message}\n" + (f"  {ending.hint}\n" if ending.hint else "")
    with contextlib.suppress(OSError):
        os.write(2, _request.erasing + text.encode())
    os._exit(EXIT_INTERRUPTED)


_request = _StopRequest()


def take_over() -> None:
    """Handle the signals from now on: each ends the program at once."""
    _request.count, _request.is_gentle = 0, False
    _request.ending = InterruptedByUserError(_INTERRUPTED)
    if sys.unraisablehook != _request.hide_swallowed:
        _request.next_hook, sys.unraisablehook = sys.unraisablehook, _request.hide_swallowed
    for name in _NAMES:
        with contextlib.suppress(AttributeError, ValueError):
            signal.signal(getattr(signal, name), _request.handle)


def end_gently() -> None:
    """From now on only note the first signal: the work has two seconds to end in order."""
    _request.is_gentle = True


def leave_behind(what: str, hint: str | None = None) -> None:
    """Have whoever ends the program told what it leaves behind, however it ends.

    Args:
        what: What there is or is not, in words.
        hint: The next command, if there is one.
    """
    _request.ending = InterruptedByUserError(f"{_INTERRUPTED}: {what}", hint=hint)


def ending() -> InterruptedByUserError:
    """Return what is said of a command that a signal ends."""
    return _request.ending


def erase_first(sequence: bytes) -> None:
    """Have a process that is ended as it stands clear what it shows for the time being.

    Args:
        sequence: What clears it on the terminal; empty where nothing is shown any more.
    """
    _request.erasing = sequence


def was_asked_to_end() -> bool:
    """Tell whether a signal has come."""
    return _request.count > 0


def stand_down() -> None:
    """Ignore signals from now on: the exit code is decided, and Python's shutdown would die of one.

    It would also die of one that came while ``exec`` ran, as in the import of a dataclass, even if
    the exception was handled since. Executing anything clears that state.
    """
    exec("")  # noqa: S102  nothing is executed
    for name in _NAMES:
        with contextlib.suppress(AttributeError, ValueError):
            signal.signal(getattr(signal, name), signal.SIG_IGN)


def check() -> None:
    """End here if a signal has come, even if its exception was swallowed.

    Raises:
        KeyboardInterrupt: If one has.
    """
    if _request.count:
        raise KeyboardInterrupt

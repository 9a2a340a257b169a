"""Ctrl-C, SIGTERM and SIGHUP: each asks the program to end.

Python turns a signal into an exception wherever the program happens to be, and some places swallow
it. So the request is also kept, and checked where work can end cleanly.
"""

from __future__ import annotations

import contextlib
import signal
import sys
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


class _StopRequest:
    def __init__(self) -> None:
        self.count = 0
        self.is_gentle = False
        self.next_hook = sys.__unraisablehook__

    def handle(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1
        if not self.is_gentle or self.count > 1:
            raise KeyboardInterrupt

    def hide_swallowed(self, unraisable: UnraisableHookArgs) -> None:
        """Stay silent on a KeyboardInterrupt that could not be raised where it came: it is kept."""
        if unraisable.exc_type is not KeyboardInterrupt:
            self.next_hook(unraisable)


_request = _StopRequest()


def take_over() -> None:
    """Handle the signals from now on: each ends the program at once."""
    _request.count, _request.is_gentle = 0, False
    if sys.unraisablehook != _request.hide_swallowed:
        _request.next_hook, sys.unraisablehook = sys.unraisablehook, _request.hide_swallowed
    for name in _NAMES:
        with contextlib.suppress(AttributeError, ValueError):
            signal.signal(getattr(signal, name), _request.handle)


def end_gently() -> None:
    """From now on only note the first signal; the second still ends the program at once."""
    _request.is_gentle = True


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

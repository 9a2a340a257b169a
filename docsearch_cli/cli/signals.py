"""Ctrl-C, SIGTERM and SIGHUP: the same wish, to end.

Python turns a signal into an exception wherever the program happens to be, and some places swallow
it. So the wish is also kept, and looked at where work can end cleanly.
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


class _Wish:
    def __init__(self) -> None:
        self.count = 0
        self.is_gentle = False
        self.next_hook = sys.__unraisablehook__

    def handle(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1
        if not self.is_gentle or self.count > 1:
            raise KeyboardInterrupt

    def hide_swallowed(self, unraisable: UnraisableHookArgs) -> None:
        """Say nothing of a KeyboardInterrupt that could not be raised where it came: it is kept."""
        if unraisable.exc_type is not KeyboardInterrupt:
            self.next_hook(unraisable)


_wish = _Wish()


def take_over() -> None:
    """Handle the signals from now on: each ends what is going on at once."""
    _wish.count, _wish.is_gentle = 0, False
    if sys.unraisablehook != _wish.hide_swallowed:
        _wish.next_hook, sys.unraisablehook = sys.unraisablehook, _wish.hide_swallowed
    for name in _NAMES:
        with contextlib.suppress(AttributeError, ValueError):
            signal.signal(getattr(signal, name), _wish.handle)


def end_gently() -> None:
    """Let the first signal only be noted from now on; the second still ends at once."""
    _wish.is_gentle = True


def was_asked_to_end() -> bool:
    """Tell whether a signal has come."""
    return _wish.count > 0


def stand_down() -> None:
    """Let no signal change an ending that is decided: Python's own end would die of it.

    It would also die of one that came while text was executed, as the import of a dataclass does,
    whoever has met the exception since. Executing anything makes it forget.
    """
    exec("")  # noqa: S102  nothing is executed
    for name in _NAMES:
        with contextlib.suppress(AttributeError, ValueError):
            signal.signal(getattr(signal, name), signal.SIG_IGN)


def check() -> None:
    """End here if a signal has come, wherever its exception went.

    Raises:
        KeyboardInterrupt: If one has.
    """
    if _wish.count:
        raise KeyboardInterrupt

"""Why one file could not be read.

The failure of one file becomes a ledger row, never an error of the whole command.
"""

from __future__ import annotations


class ReaderError(ValueError):
    """The reader of a file rejected it.

    ``reason`` is the stable word of the ledger (``broken``, ``encrypted``, ``undecodable``).
    """

    def __init__(self, message: str, *, reason: str = "broken") -> None:
        super().__init__(message)
        self.reason = reason

"""Caps: the most that a client of a server may ask for, set by who runs the server."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from docsearch_cli.errors import UsageError
from docsearch_cli.run_limits import LIMIT_OF


@dataclass(frozen=True, slots=True)
class Caps:
    """The most of everything that one call may ask for, or is answered with."""

    max_agents: int = 60
    """Nodes that one exploration opens."""
    max_depth: int = 8
    fan_out: int = 20
    max_tokens: int = 200_000
    """Tokens that the agents of one exploration read."""
    answer_tokens: int = 2_000
    """Tokens of quotes that one exploration hands back."""
    deadline_s: int = 50
    """Seconds that one exploration takes: many clients give a call up after a minute."""
    rows: int = 50
    """Documents that one search returns, edges of a page, runs of a list."""
    shown_chars: int = 40_000
    """Characters of a document that one call shows."""
    explorations: int = 4
    """Explorations at once; further ones wait."""

    def __post_init__(self) -> None:
        """Refuse what is out of range.

        Raises:
            UsageError: If a cap is below the least, or above the most, that it bounds.
        """
        for name, value in asdict(self).items():
            limit = LIMIT_OF.get(name)
            least = limit.least if limit is not None else 1
            most = limit.most if limit is not None else 1_000_000
            if not least <= value <= most:
                raise UsageError(
                    f"the cap {name} {value:,} is out of range", hint=f"use {least:,} to {most:,}"
                )

    def clamp(self, name: str, asked: int, clamped: list[str]) -> int:
        """Return a number cut to its cap.

        Args:
            name: A field.
            asked: What a client asks for.
            clamped: Takes a line where it was cut: that never happens in silence.

        Returns:
            The number.
        """
        most = int(getattr(self, name))
        if asked <= most:
            return asked
        clamped.append(f"{name} {asked:,} is above the cap of this server; {most:,} is used")
        return most

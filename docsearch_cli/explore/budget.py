"""The ledger of a run: what was reserved for steps that were sent, what those that ended cost.

A step is paid for before it is sent, with the most that it may cost; when it is committed, what it
did not use is given back. So no number of steps in flight can spend more than there is.
"""

from __future__ import annotations

from dataclasses import dataclass, field


class OverdrawnError(ValueError):
    """A step cost more than was reserved for it: whoever made it broke its word."""


@dataclass(slots=True)
class Ledger:
    """Agents and tokens of one run."""

    _reserved: dict[int, int] = field(default_factory=dict)
    _spent: int = 0
    _agents: int = 0

    @property
    def agents(self) -> int:
        """Steps that were sent; none is ever given back, whatever becomes of it."""
        return self._agents

    @property
    def tokens(self) -> int:
        """Tokens that were read, and those that steps in flight may still read."""
        return self._spent + sum(self._reserved.values())

    def allows(self, tokens: int, *, max_agents: int, max_tokens: int) -> bool:
        """Tell whether one more step, with so many tokens at most, fits the budget."""
        return self._agents < max_agents and self.tokens + tokens <= max_tokens

    def reserve(self, number: int, tokens: int) -> None:
        """Pay for a step before it is sent."""
        self._agents += 1
        self._reserved[number] = tokens

    def settle(self, number: int, tokens: int) -> None:
        """Replace what was reserved for a step by what it cost.

        Args:
            number: The step.
            tokens: What it read; 0 if it failed.

        Raises:
            OverdrawnError: If that is more than was reserved.
        """
        if not 0 <= tokens <= self._reserved[number]:
            raise OverdrawnError(
                f"step {number} read {tokens} tokens, not at most {self._reserved[number]}"
            )
        del self._reserved[number]
        self._spent += tokens

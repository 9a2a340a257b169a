"""The ledger of a run: what is reserved for steps in flight, and what ended steps cost.

Before a step is sent, the most that it may cost is reserved; at its commit, what it did not use is
given back. So no number of steps in flight can overdraw the budget.
"""

from __future__ import annotations

from dataclasses import dataclass, field


class OverdrawnError(ValueError):
    """A step cost more than was reserved for it: its agent read more than it was allowed to."""


@dataclass(slots=True)
class Ledger:
    """Agents and tokens of one run."""

    _reserved: dict[int, int] = field(default_factory=dict)
    _spent: int = 0
    _agents: int = 0

    @property
    def agents(self) -> int:
        """Steps that were sent; an agent is never given back, however its step ends."""
        return self._agents

    @property
    def tokens(self) -> int:
        """Tokens read by ended steps, and the most that steps in flight may read."""
        return self._spent + sum(self._reserved.values())

    def allows(self, tokens: int, *, max_agents: int, max_tokens: int) -> bool:
        """Return whether one more step of at most ``tokens`` fits the budget."""
        return self._agents < max_agents and self.tokens + tokens <= max_tokens

    def reserve(self, number: int, tokens: int) -> None:
        """Reserve the most that a step may cost, before it is sent."""
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

"""The ledger of a run: what is reserved for steps in flight, and what ended steps cost.

Before a step is sent, the most that it may cost is reserved; at its commit, what it did not use is
given back. So no number of steps in flight can overdraw the budget.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from docsearch_cli.steps import NOTHING, Amount


class OverdrawnError(ValueError):
    """A step cost more than was reserved for it: its agent read or asked more than it might."""


@dataclass(slots=True)
class Ledger:
    """Agents, tokens read, and what was asked of a model, of one run."""

    _reserved: dict[int, int] = field(default_factory=dict)
    _granted: dict[int, Amount] = field(default_factory=dict)
    _read: int = 0
    _asked: Amount = NOTHING
    _agents: int = 0

    @property
    def agents(self) -> int:
        """Steps that were sent; an agent is never given back, however its step ends."""
        return self._agents

    @property
    def tokens(self) -> int:
        """Tokens read by ended steps, and the most that steps in flight may read."""
        return self._read + sum(self._reserved.values())

    @property
    def asked(self) -> Amount:
        """What ended steps asked of a model, and the most that steps in flight may ask."""
        return sum(self._granted.values(), self._asked)

    def allows(self, tokens: int, *, max_agents: int, max_tokens: int) -> bool:
        """Return whether one more step of at most ``tokens`` fits the budget."""
        return self._agents < max_agents and self.tokens + tokens <= max_tokens

    def grant(self, least: Amount, most: Amount, whole: Amount, steps: int) -> Amount | None:
        """Return what the next step may ask of a model.

        A step may need all of its attempts and seldom does. So it is not made to wait until there
        is enough for them: what is left is shared among the steps that may be sent now, as long as
        each gets what one request takes.

        Args:
            least: What one request takes.
            most: What all attempts of a step take.
            whole: What the whole run may ask.
            steps: How many steps may be sent now, this one included.

        Returns:
            The grant; None if not even one request fits what is left.
        """
        left = whole - self.asked
        if not least.fits(left):
            return None
        shares = (
            min(full, max(one, rest // max(1, steps)))
            for one, full, rest in (
                (least.requests, most.requests, left.requests),
                (least.tokens, most.tokens, left.tokens),
                (least.micro_usd, most.micro_usd, left.micro_usd),
            )
        )
        return Amount(*shares)

    def reserve(self, number: int, tokens: int, grant: Amount = NOTHING) -> None:
        """Reserve the most that a step may cost, before it is sent."""
        self._agents += 1
        self._reserved[number] = tokens
        self._granted[number] = grant

    def settle(self, number: int, tokens: int, asked: Amount = NOTHING) -> None:
        """Replace what was reserved for a step by what it cost.

        Args:
            number: The step.
            tokens: What it read; 0 if it failed.
            asked: What it asked of a model, however it ended.

        Raises:
            OverdrawnError: If that is more than was reserved.
        """
        if not 0 <= tokens <= self._reserved[number]:
            raise OverdrawnError(
                f"step {number} read {tokens} tokens, not at most {self._reserved[number]}"
            )
        if not (NOTHING.fits(asked) and asked.fits(self._granted[number])):
            raise OverdrawnError(
                f"step {number} asked {asked} of a model, not at most {self._granted[number]}"
            )
        del self._reserved[number], self._granted[number]
        self._read += tokens
        self._asked += asked

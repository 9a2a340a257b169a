"""The limits of a run: each with its default and its bounds, and the record of all their values."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from docsearch_cli.whole_numbers import read_number


@dataclass(frozen=True, slots=True)
class Limit:
    """One number that bounds a run."""

    name: str
    default: int
    least: int
    most: int
    meaning: str
    """A few words for a person."""
    default_words: str = ""
    """Where the default depends on something else: what it is by."""
    is_money: bool = False
    """True for an amount in dollars, kept in millionths."""
    is_for_models: bool = False
    """True for a limit that only an agent has which asks a language model."""

    @property
    def help(self) -> str:
        """The help text of the limit's option."""
        default = self.default_words or self.words(self.default)
        meaning = self.meaning[0].upper() + self.meaning[1:]
        return f"{meaning} (default {default}; at most {self.words(self.most)})."

    def words(self, value: int) -> str:
        """Return a value as a person reads and gives it."""
        return dollars(value) if self.is_money else f"{value:,}"

    def read(self, text: str) -> int | None:
        """Return the value that is typed so; None if that is none."""
        return read_dollars(text) if self.is_money else read_number(text)


# Budgets are design inputs: each has a default that fits a laptop and a cap that nothing passes.
LIMITS = (
    Limit("max_agents", 20, 0, 2_000, "most nodes to open, over all branches; 0 opens none"),
    Limit("max_depth", 3, 0, 8, "most hops from a seed; 0 opens seeds only"),
    Limit("fan_out", 3, 0, 20, "most edges to follow from one node"),
    Limit("seeds", 5, 1, 50, "nodes that a search begins with"),
    Limit("frontier", 500, 1, 5_000, "most nodes found and not yet opened"),
    Limit("proposals", 64, 1, 256, "most edges that an agent is shown and may propose"),
    Limit(
        "window",
        8,
        1,
        64,
        "steps in flight at once; part of the run, not of the machine",
        "a quarter of max_agents, up to 8",
    ),
    Limit("attempts", 3, 1, 6, "most attempts of one step, the first included"),
    Limit("step_timeout_s", 10, 1, 300, "seconds that one attempt of a step may take"),
    Limit("deadline_s", 120, 1, 3_600, "seconds that a run may take"),
    Limit("reading_tokens", 1_200, 50, 20_000, "most tokens of text that one agent reads"),
    Limit("max_tokens", 2_400_000, 50, 40_000_000, "most tokens of text to read, over all agents"),
    Limit("answer_tokens", 400, 50, 8_000, "most tokens of evidence to hand back"),
    Limit(
        "look_agents",
        5,
        0,
        2_000,
        "nodes that are opened first where the question does not decide; 0 searches by keywords",
    ),
    Limit(
        "workers",
        min(os.cpu_count() or 1, 4),
        1,
        64,
        "worker processes; never changes the result",
        "one for each core, up to 4",
    ),
    Limit(
        "max_requests",
        80,
        0,
        100_000,
        "most requests to a language model, over all agents",
        "four for each of max_agents",
        is_for_models=True,
    ),
    Limit(
        "max_cost",
        1_000_000_000_000,
        0,
        1_000_000_000_000,
        "most dollars that a language model may cost",
        "no limit",
        is_money=True,
        is_for_models=True,
    ),
)

LIMIT_OF = {limit.name: limit for limit in LIMITS}

# A file that came with a folder must not decide how much of a machine is used.
_FOLDER_WORKERS_A_CORE = 2
# A budget that is sent out at once goes to the keyword ranking alone: what the first pages lead to
# competes only for agents that are still there.
_WINDOW_SHARE = 4

# A step asks once or twice; the rest is for retries and for reading on.
_REQUESTS_AN_AGENT = 4


def default_requests(max_agents: int) -> int:
    """Return how many requests a budget of agents may send where nobody says."""
    return min(_REQUESTS_AN_AGENT * max_agents, LIMIT_OF["max_requests"].most)


def default_window(max_agents: int) -> int:
    """Return how many steps of a budget are in flight at once where nobody says."""
    return min(LIMIT_OF["window"].default, max(1, -(-max_agents // _WINDOW_SHARE)))


def dollars(micro_usd: int) -> str:
    """Return millionths of a dollar as a person reads them: ``$0.05``."""
    whole, rest = divmod(micro_usd, 1_000_000)
    cents = f"{rest:06d}".rstrip("0").ljust(2, "0")
    return f"${whole:,}.{cents}"


def read_dollars(text: str) -> int | None:
    """Return an amount in dollars in millionths.

    Args:
        text: Digits, perhaps with a point and a dollar sign before them.

    Returns:
        The amount; None if it is none, or is finer than a millionth.
    """
    whole, point, part = text.strip().removeprefix("$").partition(".")
    if not (whole or part) or (point and not part) or len(part) > 6:
        return None
    number = read_number((whole or "0") + part.ljust(6, "0"))
    return number if number is not None and number >= 0 else None


@dataclass(frozen=True, slots=True)
class RunLimits:
    """The value of every limit in one run; ``LIMITS`` says what each bounds."""

    max_agents: int
    max_depth: int
    fan_out: int
    seeds: int
    frontier: int
    proposals: int
    window: int
    attempts: int
    step_timeout_s: int
    deadline_s: int
    reading_tokens: int
    max_tokens: int
    answer_tokens: int
    look_agents: int
    workers: int
    max_requests: int = 0
    """Of a run whose agent asks no model: none."""
    max_cost: int = 0
    """In millionths of a dollar."""

    @classmethod
    def from_dict(cls, data: Mapping[str, int]) -> RunLimits:
        """Return what a record says; an older one knows no look, and has none.

        Args:
            data: A value for each limit.

        Returns:
            The limits, whatever their values.

        Raises:
            TypeError: If a limit is missing, is not known, or is no whole number.
        """
        if not all(type(value) is int for value in data.values()):
            raise TypeError("a limit is no whole number")
        return cls(**{"look_agents": 0, **data})

    def to_dict(self) -> dict[str, int]:
        """Return the values by name, as a record holds them: of an agent that asks a model, all."""
        values = asdict(self)
        return {
            name: value
            for name, value in values.items()
            if value or not LIMIT_OF[name].is_for_models
        }


def folder_workers() -> int:
    """Return how many processes a file may ask for that came with a folder."""
    return min(_FOLDER_WORKERS_A_CORE * (os.cpu_count() or 1), LIMIT_OF["workers"].most)


def clamp_words(name: str, requested: int, value: int) -> str:
    """Return the line that says that a value was cut, and to what."""
    limit = LIMIT_OF[name]
    if name == "workers" and value < limit.most:
        return (
            f"workers {requested:,} is more than a folder's docsearch.toml may ask for, which"
            f" is two for each core; {value:,} is used (--workers goes further)"
        )
    above = "the limit" if value == limit.most else "max_tokens"
    return f"{name} {limit.words(requested)} is above {above}; {limit.words(value)} is used"

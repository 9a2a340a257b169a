"""What is shown of a search while it goes on: budget bars, the tree, what each agent has open.

    run 7f3a2c10
    agents ━━━━━━────── 6/20   tokens read 1.9k/2.4M   time ━─────────── 3/120 s
    plan  4 seeds: 4 keyword
    ├── 1 ✓ guide.md  > Retries  .82  answer  12 ms
    └── 2 → limits.md  .55  2 edges  11 ms
    open  7  buffers.md  Buffers and queues

Where the terminal is low, the newest steps stay, with those that led to them, and the bars shrink
to their numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from docsearch_cli.cli.output import visible_text
from docsearch_cli.cli.run_tree import step_line, token_words
from docsearch_cli.run_limits import LIMIT_OF, dollars

if TYPE_CHECKING:
    from rich.text import Text

    from docsearch_cli.cli.shell_paths import ShellPaths
    from docsearch_cli.explore.step_summary import StepSummary
    from docsearch_cli.run_limits import RunLimits
    from docsearch_cli.search.result import OpenPage

# Cells of a bar.
_BAR_CELLS = 12
# On fewer rows a bar is its number alone, and the plan has no line.
_LOW_ROWS = 14
# Of the rows, at most this part goes to what agents have open.
_OPEN_PART = 4
_GAP = 3
_GUIDES = ("├── ", "└── ", "│   ", "    ")
_PLAIN_GUIDES = ("|-- ", "`-- ", "|   ", "    ")


@dataclass(slots=True)
class RunState:
    """A search, as far as it has come."""

    run_id: str = ""
    plan_line: str = ""
    limits: RunLimits | None = None
    elapsed_s: float = 0.0
    steps: list[StepSummary] = field(default_factory=list)
    """Committed, in their order."""
    open_pages: Sequence[OpenPage] = ()
    spending: Mapping[str, int] = field(default_factory=dict)
    """What of a model's budget is used, see ``spending_budget``; empty if none is asked."""
    is_stopping: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """One part of the budget."""

    name: str
    used: float
    most: float | None
    """None without a limit, or with one that is out of reach."""
    words: str


def budget_bars(state: RunState) -> list[Bar]:
    """Return what is used of each part of a budget."""
    limits, spent = state.limits, state.spending
    if limits is None:
        return []
    read = sum(step.tokens_read for step in state.steps)
    # No agent reads more than its allowance, so most runs cannot come near to this limit: they have
    # no bar, but the number is the limit's, as in the certificate.
    tokens = limits.max_tokens
    is_near = limits.max_agents * limits.reading_tokens > tokens
    bars = [
        _counted("agents", len(state.steps), limits.max_agents),
        Bar(
            "tokens read",
            read,
            tokens if is_near else None,
            f"{token_words(read)}/{token_words(tokens)}",
        ),
        Bar(
            "time",
            state.elapsed_s,
            limits.deadline_s,
            f"{state.elapsed_s:.0f}/{limits.deadline_s} s",
        ),
    ]
    if spent:
        bars.append(_counted("requests", spent["requests"], spent["max_requests"]))
    if "cost_micro_usd" in spent:
        cost, most = spent["cost_micro_usd"], spent["max_cost_micro_usd"]
        is_limited = most < LIMIT_OF["max_cost"].most
        words = f"{dollars(cost)}/{dollars(most)}" if is_limited else dollars(cost)
        bars.append(Bar("cost", cost, most if is_limited else None, words))
    return bars


def _counted(name: str, used: int, most: int) -> Bar:
    return Bar(name, used, most, f"{used}/{most}")


class LiveFrame:
    """Makes frames of a search.

    Args:
        paths: What documents are called here.
        fancy: Whether the terminal shows more than ASCII.
    """

    def __init__(self, paths: ShellPaths, *, fancy: bool) -> None:
        self._paths = paths
        self._fancy = fancy
        self._lines: dict[tuple[int, int], Text] = {}

    def lines(self, state: RunState, columns: int, rows: int) -> list[Text]:
        """Return a frame.

        Args:
            state: What is shown.
            columns: Of the terminal; lines are narrower.
            rows: Of the terminal; there are fewer lines, and at least one.

        Returns:
            The lines.
        """
        from rich.text import Text

        room, most = max(1, columns - 1), max(1, rows - 1)
        is_low = rows < _LOW_ROWS
        stopping = "   stopping: steps under way may end" if state.is_stopping else ""
        head = [Text(f"run {state.run_id}{stopping}", style="bold")]
        if is_low and not stopping:
            head = []
        head += self._bars(budget_bars(state), room, with_bars=not is_low)
        if not is_low:
            head.append(Text(f"plan  {visible_text(state.plan_line)}", style="dim"))
        below = self._open(state.open_pages, max(1, rows // _OPEN_PART))
        head, below = head[:most], below[: max(0, most - len(head) - 1)]
        tree = self._tree(state.steps, room, most - len(head) - len(below))
        found = [*head, *tree, *below]
        for line in found:
            line.truncate(room, overflow="ellipsis")
        return found

    def _bars(self, bars: Sequence[Bar], room: int, *, with_bars: bool) -> list[Text]:
        """Return the bars on as few lines as they fit."""
        from rich.text import Text

        found: list[Text] = []
        for bar in bars:
            item = Text(f"{bar.name} ")
            if with_bars and bar.most is not None:
                item.append_text(self._bar(bar.used, bar.most)).append(" ")
            item.append(bar.words)
            if found and found[-1].cell_len + _GAP + item.cell_len <= room:
                found[-1].append(" " * _GAP).append_text(item)
            else:
                found.append(item)
        return found

    def _bar(self, used: float, most: float) -> Text:
        from rich.text import Text

        full, empty = ("━", "─") if self._fancy else ("#", ".")
        share = min(1.0, used / most) if most else 1.0
        cells = min(_BAR_CELLS - (share < 1), round(share * _BAR_CELLS))
        text = Text(full * cells, style="cyan" if share < 1 else "yellow")
        return text.append(empty * (_BAR_CELLS - cells), style="dim")

    def _open(self, pages: Sequence[OpenPage], most: int) -> list[Text]:
        """Return a line for each page that an agent has open, as far as there is room."""
        from rich.text import Text

        shown = pages if len(pages) <= most else pages[: most - 1]
        found = []
        for page in shown:
            line = Text("open ", style="dim").append(f"{page.step:>3}  ", style="bold")
            line.append(visible_text(self._paths.node(page.node)))
            found.append(
                line.append(f"  {visible_text(' '.join(page.title.split()))}", style="dim")
            )
        if len(shown) < len(pages):
            found.append(Text(f"open  {len(pages) - len(shown)} more", style="dim"))
        return found

    def _tree(self, steps: Sequence[StepSummary], room: int, most: int) -> list[Text]:
        """Return the tree of the newest steps and of those that led to them."""
        from rich.text import Text

        if most <= 0 or not steps:
            return []
        shown = list(steps) if len(steps) <= most else newest_steps(steps, max(1, most - 1))
        found = []
        if len(shown) < min(most, len(steps)):
            found.append(Text(f"{len(steps) - len(shown)} more steps", style="dim"))
        tee, corner, bar, blank = _GUIDES if self._fancy else _PLAIN_GUIDES
        numbers = {step.number for step in shown}
        below: dict[int | None, list[StepSummary]] = {}
        for step in shown:
            below.setdefault(step.parent if step.parent in numbers else None, []).append(step)
        waiting = [(step, "") for step in reversed(below.get(None, []))]
        while waiting:
            step, indent = waiting.pop()
            siblings = below[step.parent if step.parent in numbers else None]
            is_last = siblings[-1] is step
            line = Text(indent + (corner if is_last else tee), style="dim")
            found.append(line.append_text(self._step(step, room - line.cell_len)))
            deeper = indent + (blank if is_last else bar)
            waiting += [(child, deeper) for child in reversed(below.get(step.number, []))]
        return found

    def _step(self, step: StepSummary, room: int) -> Text:
        key = (step.number, room)
        if key not in self._lines:
            self._lines[key] = step_line(step, max(1, room), self._paths, fancy=self._fancy)
        return self._lines[key]


def newest_steps(steps: Sequence[StepSummary], most: int) -> list[StepSummary]:
    """Return the newest steps and those that led to them, as many as fit.

    Args:
        steps: In the order of commits.
        most: How many may be returned; the newest one is in any case.

    Returns:
        The steps, in their order.
    """
    by_number = {step.number: step for step in steps}
    chosen: set[int] = set()
    for step in reversed(steps):
        way: list[int] = []
        number: int | None = step.number
        while number is not None and number in by_number and number not in chosen:
            way.append(number)
            number = by_number[number].parent
        if len(chosen) + len(way) > most:
            break
        chosen.update(way)
    if not chosen:
        return [steps[-1]]
    return [step for step in steps if step.number in chosen]

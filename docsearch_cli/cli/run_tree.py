"""The DAG of a run as a tree: one line a step.

    3  ok  EBSEncryption.md > Encryption by default  .82  answer  12 ms  link "copy", line 41

A line is made of parts in order of importance; on a narrow terminal the less important ones are
left out, a path never: it takes more rows. Marks say what colour says, so nothing is lost without
it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from docsearch_cli.cli.output import is_ascii, visible
from docsearch_cli.cli.screen import screen_of_stdout
from docsearch_cli.cli.wrapping import wrapped
from docsearch_cli.corpus.graphemes import shorten
from docsearch_cli.run_limits import LIMIT_OF, dollars

if TYPE_CHECKING:
    from rich.style import Style
    from rich.text import Text
    from rich.tree import Tree

    from docsearch_cli.cli.shell_paths import ShellPaths
    from docsearch_cli.explore.step_summary import StepSummary

# How a decision is marked and coloured; the ASCII mark serves where the other cannot be shown.
_MARKS = {
    "answer": ("✓", "ok", "green"),
    "expand": ("→", "->", "cyan"),
    "dead_end": ("✗", "x", "dim"),
    "failed": ("!", "!", "red"),
}
# Width of a guide of the tree, a level.
_GUIDE_WIDTH = 4
# A longer heading or edge text leaves too little of the line for the rest.
_MOST_TEXT = 40
_MILLION = 1_000_000


def run_tree(
    header: Sequence[str],
    plan_line: str,
    steps: Sequence[StepSummary],
    paths: ShellPaths,
    *,
    width: int | None = None,
    glyphs: bool | None = None,
    shown: frozenset[int] | None = None,
) -> Tree:
    """Return the tree of a run.

    Args:
        header: Run id, budget, cost: on one line if they fit.
        plan_line: What the search began with.
        steps: The steps committed so far, in order.
        paths: What documents are called here.
        width: Columns to fit into; those of the terminal by default, no bound in a pipe.
        glyphs: Whether to use marks beyond ASCII; by default whether stdout can show them.
        shown: The numbers of the steps that have a line; the others are counted on one. None
            for all; where none has a line, the plan has none either.

    Returns:
        A Rich tree; children stand below the step that proposed them.
    """
    from rich.text import Text
    from rich.tree import Tree

    columns = screen_of_stdout().columns if width is None else width
    fancy = not is_ascii(sys.stdout) if glyphs is None else glyphs
    below = columns - _GUIDE_WIDTH if columns is not None else None
    tree = Tree(Text(_fit(header, columns), style="bold"), guide_style="dim")
    if shown is None or shown:
        tree.add(_in_rows(Text(f"plan  {plan_line}", style="dim"), below))
    branches: dict[int | None, Tree] = {None: tree}
    depth_of: dict[int | None, int] = {None: 0}
    for step in steps:
        if shown is not None and step.number not in shown:
            continue
        parent = step.parent if step.parent in branches else None
        depth = depth_of[parent] + 1
        room = columns - depth * _GUIDE_WIDTH if columns is not None else None
        line = _in_rows(step_line(step, room, paths, fancy=fancy), room)
        branches[step.number] = branches[parent].add(line)
        depth_of[step.number] = depth
    folded = [step for step in steps if shown is not None and step.number not in shown]
    if folded:
        words = _folded_words(folded, more="more " if shown else "")
        tree.add(_in_rows(Text(words, style="dim"), below))
    return tree


def _in_rows(line: Text, room: int | None) -> Text:
    """Return a line of the tree as the rows that it takes."""
    from rich.text import Text

    rows = wrapped(line, room)
    return Text("\n", no_wrap=True, overflow="ignore").join(rows)


def steps_towards(steps: Sequence[StepSummary], ids: frozenset[str]) -> frozenset[int]:
    """Return the numbers of some steps and of those that led to them.

    Args:
        steps: The steps of a run.
        ids: Ids of the ones that matter.

    Returns:
        Their numbers.
    """
    by_number = {step.number: step for step in steps}
    towards: set[int] = set()
    for step in steps:
        number: int | None = step.number if step.id in ids else None
        while number is not None and number in by_number and number not in towards:
            towards.add(number)
            number = by_number[number].parent
    return frozenset(towards)


def _folded_words(steps: Sequence[StepSummary], *, more: str) -> str:
    """Return how many steps have no line, and what became of them."""
    decisions = [step.decision for step in steps]
    counts = [
        f"{decisions.count(decision)} {words}"
        for decision, words in (
            ("answer", "with a lesser answer" if more else "with an answer"),
            ("expand", "led on"),
            ("dead_end", "dead ends" if decisions.count("dead_end") > 1 else "dead end"),
            ("failed", "failed"),
        )
        if decision in decisions
    ]
    noun = "step" if len(steps) == 1 else "steps"
    return f"{len(steps)} {more}{noun}: {', '.join(counts)} (--tree shows all)"


def step_line(step: StepSummary, room: int | None, paths: ShellPaths, *, fancy: bool) -> Text:
    """Return one step's line, cut to ``room`` columns as far as its path allows."""
    from rich.text import Text

    from docsearch_cli.runs.words import edge_words

    glyph, plain, style = _MARKS[step.decision]
    parts: list[tuple[int, str, Style | str]] = [
        # (importance, text, style); 0 is never left out
        (0, f"{step.number:>2}", "bold"),
        (0, glyph if fancy else f"{plain:<2}", style),
        (0, paths.node(step.node), paths.style(step.node, style=style)),
        (4, f"> {shorten(step.heading, _MOST_TEXT)}" if step.heading else "", style),
        (1, f"{step.score:.2f}".lstrip("0") or "0", style),
        (2, _outcome(step), style),
        (3, "cached" if step.cached else f"{step.ms:.0f} ms", "dim"),
        (5, edge_words(step), "dim"),
        (1, "degraded" if step.status == "degraded" else "", "yellow"),
        (2, f"{step.attempts} attempts" if step.attempts > 1 else "", "yellow"),
    ]
    parts = [(weight, str(visible(text)), part_style) for weight, text, part_style in parts if text]
    while room is not None and _width(parts) > room and max(part[0] for part in parts) > 0:
        least = max(part[0] for part in parts)
        parts = [part for part in parts if part[0] != least]
    line = Text(no_wrap=True, overflow="ignore")
    for place, (_, text, part_style) in enumerate(parts):
        line.append("  " if place else "")
        line.append(text, style=part_style)
    return line


def _outcome(step: StepSummary) -> str:
    """Say in words what a step decided; of one that a stopped run never ended, that it did not."""
    from docsearch_cli.runs.words import DECISION_WORDS

    if step.status == "running":
        return DECISION_WORDS["running"]
    return _edges(step.follows) if step.decision == "expand" else DECISION_WORDS[step.decision]


def seed_words(seeds: Sequence[Mapping[str, Any]]) -> str:
    """Return what a search began with, in words."""
    names = {"title": "named in the question", "start": "starting point", "keyword": "keyword"}
    sources = [str(seed["source"]) for seed in seeds]
    counts = [
        f"{sources.count(source)} {name}" for source, name in names.items() if source in sources
    ]
    noun = "seed" if len(seeds) == 1 else "seeds"
    return f"{len(seeds)} {noun}: {', '.join(counts)}" if seeds else "no seeds"


def run_header(run_id: str, budget: Mapping[str, int], seconds: float) -> list[str]:
    """Return what stands above the tree of a run that has ended.

    Args:
        run_id: The run.
        budget: What was used of it.
        seconds: How long it took, to a thousandth as a record has it.

    Returns:
        The parts.
    """
    return [f"run {run_id}", *budget_words(budget), f"{seconds:.2f} s"]


def budget_words(budget: Mapping[str, int]) -> list[str]:
    """Return a budget and what was used of it, in words."""
    read, returned = token_words(budget["tokens_read"]), token_words(budget["tokens_returned"])
    return [
        f"agents {budget['agents_used']}/{budget['max_agents']}",
        f"depth {budget['depth_reached']}/{budget['max_depth']}",
        f"{read} tokens read, {returned} quoted",
        *_model_words(budget),
    ]


def _model_words(budget: Mapping[str, int]) -> list[str]:
    """Return what a language model was asked, and what that cost; nothing where none was."""
    if "requests" not in budget:
        return []
    cached = f" and {budget['cached_replies']} cached" if budget["cached_replies"] else ""
    words = [
        f"requests {budget['requests']}/{budget['max_requests']}{cached}",
        f"{token_words(budget['model_tokens'])} tokens of the model",
    ]
    if "cost_micro_usd" not in budget:
        return [*words, "cost not known"]
    most = budget["max_cost_micro_usd"]
    of = f" of {dollars(most)}" if most < LIMIT_OF["max_cost"].most else ""
    return [*words, f"{dollars(budget['cost_micro_usd'])}{of}"]


def token_words(count: int) -> str:
    """Return a number of tokens as a person writes it."""
    if count >= _MILLION:
        return f"{count / _MILLION:.1f}M"
    return f"{count / 1000:.1f}k" if count >= 1000 else str(count)


def _fit(parts: Sequence[str], columns: int | None) -> str:
    """Return the parts on one line, or on as many lines as they need."""
    lines = [""]
    for part in parts:
        longer = f"{lines[-1]}   {part}" if lines[-1] else part
        if columns is None or len(longer) <= columns or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(part)
    return "\n".join(lines)


def _width(parts: Sequence[tuple[int, str, Style | str]]) -> int:
    from rich.cells import cell_len

    return sum(cell_len(text) for _, text, _ in parts) + 2 * (len(parts) - 1)


def _edges(count: int) -> str:
    return f"{count} edge" if count == 1 else f"{count} edges"


def tree_rows(tree: Tree | None) -> int:
    """Return how many rows a tree takes, with the blank one above it and what it ended with."""
    return 0 if tree is None else 2 + _rows(tree)


def _rows(tree: Tree) -> int:
    return str(tree.label).count("\n") + 1 + sum(_rows(child) for child in tree.children)

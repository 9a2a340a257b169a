"""What ``docsearch eval`` refuses before anything is measured."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from docsearch_cli.cli.output import Output, counted
from docsearch_cli.errors import InputError, UsageError
from docsearch_cli.whole_numbers import brief, read_number

if TYPE_CHECKING:
    from docsearch_cli.evaluation.questions import GoldQuestion
    from docsearch_cli.index.reader import IndexReader


def refuse_model_options(*, model: str, limits: tuple[int | None, ...], dry_run: bool) -> None:
    """Refuse options that say something of a language model where none is asked.

    Args:
        model: The model that was named; empty for none.
        limits: What was said of what it may cost.
        dry_run: Whether an estimate was asked for.

    Raises:
        UsageError: If one was given.
    """
    if model or dry_run or any(limit is not None for limit in limits):
        raise UsageError(
            "no language model is asked, so there is none to name and no cost to limit or estimate",
            hint="--model, --max-cost and the like go with --agent llm or --answer llm",
        )


def read_budgets(text: str) -> list[int]:
    """Return the budgets that ``--agents`` names, ascending, each once.

    Args:
        text: Numbers with commas.

    Returns:
        The budgets.

    Raises:
        UsageError: If one is none.
    """
    from docsearch_cli.run_limits import LIMIT_OF

    most = LIMIT_OF["max_agents"].most
    budgets = {read_number(part) for part in text.split(",")}
    found = sorted(budget for budget in budgets if budget is not None and 0 <= budget <= most)
    if len(found) < len(budgets):
        raise UsageError(
            f"--agents {brief(text)} is not a list of budgets",
            hint=f"for example 0,5,10,20,40; each at most {most:,}",
        )
    return found


def check_targets(questions: Path, *targets: Path | None) -> None:
    """Refuse files that cannot or should not be written.

    Args:
        questions: The file of questions.
        targets: Files to write; None for one that was not asked for.

    Raises:
        UsageError: If one would overwrite another.
        InputError: If one cannot be written.
    """
    taken = {questions.resolve()}
    for target in targets:
        if target is None:
            continue
        if target.resolve() in taken:
            raise UsageError(f"{target} would be overwritten", hint="name another file")
        if target.is_dir():
            raise InputError(f"{target} cannot be written: it is a folder", hint="name a file")
        if not target.resolve().parent.is_dir():
            raise InputError(
                f"{target} cannot be written: its folder does not exist", hint="make the folder"
            )
        taken.add(target.resolve())


@dataclass(frozen=True, slots=True)
class GoldDocuments:
    """How many gold documents questions have, and how many of them no search can find."""

    gold_documents: int
    not_indexed: int


def check_gold(
    output: Output, questions: Path, gold: list[GoldQuestion], reader: IndexReader
) -> GoldDocuments:
    """Refuse questions whose gold documents say nothing of this index; note those it lacks.

    A set that was made for a larger corpus can be measured with: what is missing counts as not
    found. One without a single document of this index would measure nothing.

    Args:
        output: Told what is not in the index.
        questions: The file.
        gold: What is in it.
        reader: The index.

    Returns:
        The gold documents of all questions; one of two questions counts twice.

    Raises:
        InputError: If no question has gold documents, or none of them is in the index.
    """
    if not any(question.gold for question in gold):
        raise InputError(
            f"{questions.name} has no question with gold documents",
            hint='give some questions "gold": the paths of the documents that answer them',
        )
    paths = sorted(path for question in gold for path in question.gold)
    unknown = [path for path in paths if reader.paths.find(path) is None]
    if len(unknown) == len(paths):
        raise InputError(
            f"no gold document of {questions.name} is in the index, such as {brief(unknown[0])}",
            hint=f"paths are written as the index has them, such as {brief(reader.paths[0])};"
            " another index: --index DIR",
        )
    if unknown:
        output.note(
            f"{len(unknown):,} of {counted(len(paths), 'gold document')} are not in the index, such"
            f" as {brief(unknown[0])}: they count as not found under every budget"
        )
    return GoldDocuments(len(paths), len(unknown))

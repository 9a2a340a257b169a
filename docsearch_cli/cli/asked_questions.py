"""Questions that were asked here before: the last one again, and the list of them."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from docsearch_cli.cli.options import home_for_reading
from docsearch_cli.cli.output import time_words
from docsearch_cli.cli.screen import NARROW, screen_of_stdout
from docsearch_cli.errors import UsageError

if TYPE_CHECKING:
    from docsearch_cli.cli.output import Output


def question_to_ask(output: Output, given: str | None, index: str | None, *, again: bool) -> str:
    """Return the question of a command line.

    Args:
        output: Told which question is asked again.
        given: The one that was given.
        index: What ``--index`` says.
        again: Whether the last one is to be asked again.

    Returns:
        The question.

    Raises:
        UsageError: If there is none, or one too many.
        InputError: If no question is remembered.
    """
    if not again:
        if given is None:
            raise UsageError("there is no question", hint="docsearch ask --help")
        return given
    if given is not None:
        raise UsageError(
            "--again asks the last question, and another one was given",
            hint="leave one of them out",
        )
    from docsearch_cli.search.asked import read_asked

    question = read_asked(home_for_reading(index, output)).questions[0].question
    output.note(f"again: {question}")
    return question


def show_history(output: Output, index: str | None) -> None:
    """Print the questions that are remembered, the latest first.

    Args:
        output: Where to; its limit says how many.
        index: What ``--index`` says.

    Raises:
        InputError: If none is.
    """
    from rich.text import Text

    from docsearch_cli.search.asked import read_asked

    questions = read_asked(home_for_reading(index, output)).questions[: output.limit]
    if output.as_json:
        output.result({"questions": [asdict(item) for item in questions]})
        return
    columns = screen_of_stdout().columns
    is_narrow = columns is not None and columns < NARROW
    for item in questions:
        run = item.run_id or ""
        asked = "" if is_narrow else f"{time_words(item.asked_at)}  {item.mode:<6}  "
        line = Text(f"{asked}{run:<8}  {item.question}")
        if columns is not None:
            line.truncate(columns, overflow="ellipsis")
        output.show(line)

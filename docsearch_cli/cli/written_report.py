"""Writing a report into a file, all of it or nothing."""

from __future__ import annotations

from pathlib import Path

from docsearch_cli.environment import refusal
from docsearch_cli.errors import InputError
from docsearch_cli.files import is_there, replace_file


def check_new(target: Path) -> None:
    """Refuse a file that is there already.

    Args:
        target: The file to write.

    Raises:
        InputError: If it exists.
    """
    if is_there(target):
        raise InputError(f"{target} exists already", hint="name another file")


def write_report(target: Path, page: str, *, is_new: bool = False) -> int:
    """Write a page, and return how many bytes it has.

    Args:
        target: The file.
        page: The HTML.
        is_new: Whether a file that was made meanwhile is left alone.

    Returns:
        The size.

    Raises:
        InputError: If it cannot be written.
    """
    if is_new:
        check_new(target)
    data = page.encode()
    try:
        replace_file(target, data, sync=False)
    except OSError as error:
        what = f"{target} cannot be written"
        raise refusal(error, what) or InputError(f"{what}: {error.strerror}") from error
    return len(data)

"""Writing into a file that a person named, all of it or nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from docsearch_cli.environment import refusal
from docsearch_cli.errors import InputError
from docsearch_cli.files import is_there


def check_new(target: Path) -> None:
    """Refuse a file that is there already.

    Args:
        target: The file to write.

    Raises:
        InputError: If it exists.
    """
    if is_there(target):
        raise InputError(f"{target} exists already", hint="name another file")


def write_new_file(target: Path, text: str) -> int:
    """Write a file that is not there yet; see ``write_file``.

    Args:
        target: The file.
        text: Its content.

    Returns:
        Its size in bytes.

    Raises:
        InputError: If it exists, or cannot be written.
    """
    check_new(target)
    return write_file(target, [text])


def write_file(target: Path, pieces: Iterable[str]) -> int:
    """Write a file, all of it or none.

    A link in its place is replaced, not followed: it may have come with a folder and lead anywhere.
    A pipe or a device, as ``/dev/stdout``, is written to.

    Args:
        target: The file.
        pieces: Its content.

    Returns:
        Its size in bytes.

    Raises:
        InputError: If it cannot be written.
    """
    is_device = target.is_absolute() and target.parts[1:2] in (("dev",), ("proc",))
    is_other = is_device or (target.exists() and not target.is_file())
    place = target if is_other else target.with_name(f"{target.name}.{os.getpid()}")
    try:
        with place.open("wb" if is_other else "xb") as stream:
            size = sum(stream.write(piece.encode("utf-8", "replace")) for piece in pieces)
        if not is_other:
            place.replace(target)
    except OSError as error:
        what = f"{target} cannot be written"
        raise refusal(error, what) or InputError(
            f"{what}: {error.strerror}", hint="name another file"
        ) from error
    finally:
        if not is_other:
            place.unlink(missing_ok=True)
    return size

"""What a record holds as bytes: JSON spelled in one way, and the hashes of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from docsearch_cli.errors import RunCorruptError
from docsearch_cli.steps import canonical_json


@contextmanager
def making_sense() -> Iterator[None]:
    """Report whatever error a foreign record causes as a damaged record.

    Raises:
        RunCorruptError: If what is read here is not what docsearch writes.
    """
    try:
        yield
    except (
        KeyError,
        IndexError,
        TypeError,
        AttributeError,
        ValueError,
        OverflowError,
        RecursionError,
        AssertionError,
    ) as error:
        raise RunCorruptError(
            f"the run's record makes no sense: {type(error).__name__}: {error}"
        ) from error


def read_canonical(data: bytes) -> Any:
    """Return the value that JSON stands for, if it is spelled as docsearch spells it.

    Args:
        data: The JSON.

    Returns:
        The value.

    Raises:
        ValueError: If it is no JSON, spelled otherwise, or holds what is no number; also
            RecursionError where it is nested too deeply.
    """
    value = json.loads(data, parse_constant=_refuse_constant)
    if canonical_json(value) != data:
        raise ValueError("it is not spelled as docsearch spells it")
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def blob_hash(data: bytes) -> str:
    """Return the name of a blob: the algorithm and the digest of its bytes."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def chain_hash(before: str, kind: str, text: str) -> str:
    """Return an event's hash, which covers all events before it."""
    return blob_hash(f"{before}\0{kind}\0{text}".encode())

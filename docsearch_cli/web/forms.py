"""What a browser sends: fields of an address or of a form, read within limits.

Fields come from whoever can reach the port. A field that is too long, or no number where one is
wanted, is an error that names the field.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar
from urllib.parse import parse_qsl

from docsearch_cli.errors import UsageError
from docsearch_cli.whole_numbers import brief, read_number

Value = TypeVar("Value", bound=str)

# Fields of one form or address; ours have under twenty.
_MOST_FIELDS = 64
# Characters of any field but a question, which has a limit of its own.
_MOST_CHARS = 2_000
_FIRST_LINE = 1
_MOST_LINE = 2**31 - 1


class Fields:
    """The fields of one request.

    Args:
        pairs: Names and values, in order.
    """

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._pairs = tuple(pairs)

    @classmethod
    def of(cls, encoded: bytes) -> Fields:
        """Read what is URL-encoded.

        Args:
            encoded: A query, or the body of a form.

        Returns:
            The fields; what is no UTF-8 in them is replaced.

        Raises:
            UsageError: If there are too many.
        """
        try:
            pairs = parse_qsl(
                encoded.decode("latin-1"),
                keep_blank_values=True,
                errors="replace",
                max_num_fields=_MOST_FIELDS,
            )
        except ValueError as error:
            raise UsageError(f"more than {_MOST_FIELDS} fields") from error
        return cls(pairs)

    def text(self, name: str, *, most: int = _MOST_CHARS) -> str:
        """Return a field's text, without blanks around it.

        Args:
            name: The field.
            most: The most characters that it may have.

        Returns:
            The text of the first of this name; empty if there is none.

        Raises:
            UsageError: If it is too long.
        """
        found = next((value for key, value in self._pairs if key == name), "").strip()
        if len(found) > most:
            raise UsageError(f"{name} has {len(found):,} characters; at most {most:,} are read")
        return found

    def parts(self, name: str) -> list[str]:
        """Return what a field says, separated by commas or line ends; empty parts are left out."""
        parts = self.text(name).replace("\n", ",").split(",")
        return [part.strip() for part in parts if part.strip()]

    def number(self, name: str) -> int | None:
        """Return a field's whole number.

        Args:
            name: The field.

        Returns:
            The number; None if the field is empty or missing.

        Raises:
            UsageError: If it is something else.
        """
        text = self.text(name)
        if not text:
            return None
        number = read_number(text)
        if number is None:
            raise UsageError(f"{name} {brief(text)} is not a whole number")
        return number

    def values(self, name: str, allowed: Iterable[str]) -> list[str]:
        """Return all values of a field that may be given several times.

        Args:
            name: The field.
            allowed: The values that there are.

        Returns:
            What was given, in order.

        Raises:
            UsageError: If one is not among them.
        """
        known = list(allowed)
        given = [value for key, value in self._pairs if key == name]
        for value in given:
            if value not in known:
                raise UsageError(
                    f"{name} {brief(value)} is not known", hint=f"one of {', '.join(known)}"
                )
        return given

    def choice(self, name: str, allowed: Iterable[Value], default: Value) -> Value:
        """Return a field that has one of a few values.

        Args:
            name: The field.
            allowed: The values.
            default: What an empty or missing field means.

        Returns:
            The value.

        Raises:
            UsageError: If it is another one.
        """
        text, known = self.text(name) or default, list(allowed)
        for value in known:
            if value == text:
                return value
        raise UsageError(f"{name} {brief(text)} is not known", hint=f"one of {', '.join(known)}")


def read_lines(text: str) -> tuple[int, int] | None:
    """Read lines as an address has them: ``12`` or ``12-14``.

    Args:
        text: What was given.

    Returns:
        The first and the last line; None if nothing was given.

    Raises:
        UsageError: If it is something else.
    """
    if not text:
        return None
    first, dash, last = text.partition("-")
    numbers = read_number(first), read_number(last if dash else first)
    if None in numbers or not all(_FIRST_LINE <= n <= _MOST_LINE for n in numbers if n is not None):
        raise UsageError(f"{brief(text)} is no line or span of lines", hint="write 12 or 12-14")
    start, end = numbers
    assert start is not None  # checked above
    assert end is not None
    if end < start:
        raise UsageError(f"{brief(text)} ends before it begins", hint=f"write {end}-{start}")
    return start, end

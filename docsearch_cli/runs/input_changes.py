"""Changing one field of a recorded input, as ``replay --set`` asks for."""

from __future__ import annotations

import json
from typing import Any

from docsearch_cli.errors import UsageError
from docsearch_cli.whole_numbers import brief


def apply_change(facts: Any, change: str) -> None:
    """Replace one field of an input, in place.

    Args:
        facts: The input.
        change: ``name=value``, or ``name.0.name=value`` for a field further down; the value is
            JSON, or else taken as text.

    Raises:
        UsageError: If it has another form, or there is no such field.
    """
    name, equals, text = change.partition("=")
    if not equals or not name:
        raise UsageError(f"--set {brief(change)} is not name=value")
    try:
        value = json.loads(text)
    except ValueError:
        value = text
    *way, last = name.split(".")
    place = facts
    try:
        for part in way:
            place = place[int(part)] if isinstance(place, list) else place[part]
        key: Any = int(last) if isinstance(place, list) else last
        before = place[key]  # raises if there is no such field
        if not _is_alike(before, value):
            raise UsageError(
                f"{name} cannot be {brief(text)}: it is {json.dumps(before)[:80]}",
                hint="the value is JSON, of the same kind as the one it replaces",
            )
        place[key] = value
    except (KeyError, IndexError, ValueError, TypeError) as error:
        fields = ", ".join(sorted(facts)) if isinstance(facts, dict) else "none"
        raise UsageError(
            f"the step's input has no field {brief(name)}", hint=f"its fields: {fields}"
        ) from error


def _is_alike(before: Any, value: Any) -> bool:
    """Tell whether a value is of the kind that a field holds, its items included."""
    if isinstance(before, list):
        known = before[0] if before else None
        return isinstance(value, list) and all(
            _is_alike(known, item) if known is not None else isinstance(item, str | dict)
            for item in value
        )
    if isinstance(before, bool) or isinstance(value, bool):
        return isinstance(before, bool) and isinstance(value, bool)
    if isinstance(before, int | float):
        return isinstance(value, int | float)
    return type(before) is type(value)

"""The fields in which two pieces of plain data differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that has another value now."""

    field: str
    recorded: Any
    now: Any


def find_differences(recorded: Any, now: Any, field: str = "") -> list[Difference]:
    """Return the fields in which two outputs differ, in order."""
    if isinstance(recorded, dict) and isinstance(now, dict):
        return [
            difference
            for name in sorted({*recorded, *now})
            for difference in find_differences(
                recorded.get(name), now.get(name), f"{field}.{name}" if field else name
            )
        ]
    if isinstance(recorded, list) and isinstance(now, list) and len(recorded) == len(now):
        return [
            difference
            for place, (one, other) in enumerate(zip(recorded, now, strict=True))
            for difference in find_differences(one, other, f"{field}.{place}")
        ]
    return [] if recorded == now else [Difference(field, recorded, now)]

"""Whether an event has the shape that ``events.py`` describes: each field, its type, no other."""

from __future__ import annotations

import math
from types import NoneType, UnionType
from typing import (
    Any,
    Literal,
    NotRequired,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from docsearch_cli.errors import RunCorruptError
from docsearch_cli.runs.events import (
    AskedFacts,
    CommitFacts,
    Fingerprints,
    FixedEnded,
    FixedPlanned,
    KeptFacts,
    RepliedFacts,
    RunFinished,
    RunStarted,
)
from docsearch_cli.runs.store import Event

# No number of a record comes near it.
_MOST_NUMBER = 2**53
_SHAPES: dict[str, Any] = {
    "run_started": RunStarted,
    "fixed_planned": FixedPlanned,
    "fixed_ended": FixedEnded,
    "commit": CommitFacts,
    "kept": KeptFacts,
    "asked": AskedFacts,
    "replied": RepliedFacts,
    "run_resumed": Fingerprints,
    "run_finished": RunFinished,
}


def check_shape(event: Event) -> None:
    """Check that an event holds what one of its kind does, and nothing else.

    Args:
        event: As it was read.

    Raises:
        RunCorruptError: If a field is missing, is not known, or is of another type.
    """
    fault = _fault(event.data, _SHAPES[event.kind], event.kind)
    if fault:
        raise RunCorruptError(f"event {event.seq} of the run has another shape: {fault}")


def _fault(value: Any, hint: Any, where: str) -> str:
    """Return what is wrong with a value; nothing if it is of its type."""
    if hint is Any:
        return ""
    if is_typeddict(hint):
        return _fault_of_fields(value, hint, where)
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Literal:
        return "" if value in inner else f"{where} is none of {', '.join(map(str, inner))}"
    if origin in (Union, UnionType):
        return "" if any(not _fault(value, one, where) for one in inner) else f"{where}: its type"
    if origin not in (list, dict):
        return "" if _is_plain(value, hint) else f"{where} is no {hint.__name__}"
    if not isinstance(value, origin):
        return f"{where} is no {origin.__name__}"
    items = value.items() if origin is dict else enumerate(value)
    faults = (_fault(item, inner[-1], f"{where}.{key}") for key, item in items)
    return next(filter(None, faults), "")


def _fault_of_fields(value: Any, shape: Any, where: str) -> str:
    if not isinstance(value, dict):
        return f"{where} is no object"
    hints = get_type_hints(shape, include_extras=True)
    left_out = {
        name
        for name, hint in hints.items()
        if get_origin(hint) is NotRequired and name not in value
    }
    if odd := sorted((hints.keys() - left_out) ^ value.keys()):
        return f"{where} lacks, or has beside what it should, {', '.join(odd)}"
    for name in value:
        hint = hints[name]
        hint = get_args(hint)[0] if get_origin(hint) is NotRequired else hint
        if fault := _fault(value[name], hint, f"{where}.{name}"):
            return fault
    return ""


def _is_plain(value: Any, kind: type) -> bool:
    """Tell whether a value is of a type; a whole number is a number too, True is none."""
    if type(value) is int:
        return kind in (int, float) and abs(value) < _MOST_NUMBER
    if type(value) is float:
        return kind is float and math.isfinite(value)
    return value is None if kind is NoneType else type(value) is kind

"""JSON schemas without what tells a model nothing: each conversation begins with all of them."""

from __future__ import annotations

from typing import Any

# Hold schemas by name, so a name in them is no keyword.
_NAMED = ("properties", "$defs")


def slim_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema that means the same, without titles, descriptions of classes and null unions.

    Args:
        schema: As pydantic makes it. An optional argument is one that may be left out or null.

    Returns:
        The schema. Definitions that are used are kept, and nothing in it is shared with the given
        one.
    """
    slim: dict[str, Any] = _slim(schema)
    for definition in slim.get("$defs", {}).values():
        definition.pop("description", None)
    slim.pop("description", None)
    return slim


def _slim(node: Any) -> Any:
    if isinstance(node, list):
        return [_slim(item) for item in node]
    if not isinstance(node, dict):
        return node
    found: dict[str, Any] = {}
    choices = [choice for choice in node.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) == 1:
        node = {**choices[0], **{key: node[key] for key in node if key != "anyOf"}}
        if node.get("default", ...) is None:
            del node["default"]
    for key, value in node.items():
        if key == "title":
            continue
        if key in _NAMED:
            found[key] = {name: _slim(item) for name, item in value.items()}
        else:
            found[key] = _slim(value)
    return found

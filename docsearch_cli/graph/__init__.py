"""Builds the document graph, stores it as arrays, analyses it."""

__all__: list[str] = []

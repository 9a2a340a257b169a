"""Turns text into vectors."""

__all__: list[str] = []

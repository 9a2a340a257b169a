"""Asks questions with known answers and measures the results."""

__all__: list[str] = []

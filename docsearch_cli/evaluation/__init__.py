"""Asks questions with known answers, and measures what came of them."""

__all__: list[str] = []

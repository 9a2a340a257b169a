"""Ranks sections for a question: tokens, keyword scores."""

__all__: list[str] = []

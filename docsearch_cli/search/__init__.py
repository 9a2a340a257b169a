"""Answers a question: by one keyword search, or by exploring the graph."""

__all__: list[str] = []

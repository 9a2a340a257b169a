"""Builds, stores and opens the index of a corpus."""

__all__: list[str] = []

"""Finds the files of a corpus, except those that ignore files exclude."""

__all__: list[str] = []

"""Finds the files of a corpus, without those that ignore files leave out."""

__all__: list[str] = []

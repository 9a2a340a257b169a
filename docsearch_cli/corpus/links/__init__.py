"""Resolves links inside a corpus as editors and site generators do."""

__all__: list[str] = []

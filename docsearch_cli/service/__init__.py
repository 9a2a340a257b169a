"""Serves other programs from one process: an index kept open, under the caps of its owner."""

__all__: list[str] = []

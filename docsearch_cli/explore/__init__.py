"""Decides what to open next and what to keep; knows no process, file or clock."""

__all__: list[str] = []

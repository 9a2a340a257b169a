"""Budgeted exploration of a document graph: index a folder, ask it, replay any step."""

__all__ = ["__version__"]

__version__ = "0.1.0"

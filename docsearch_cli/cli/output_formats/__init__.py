"""How the result of a search is printed: one table, and a file for each format."""

__all__: list[str] = []

"""The formats in which the graph is handed to other programs, one module each."""

__all__: list[str] = []

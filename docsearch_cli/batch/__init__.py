"""Many questions: read from a file, asked side by side as units of work, answers kept as they come."""

__all__: list[str] = []

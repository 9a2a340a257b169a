"""Many questions: read from a file, asked side by side, each answer kept as it comes."""

__all__: list[str] = []

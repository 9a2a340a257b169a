"""The command line: the only code that prints."""

__all__: list[str] = []

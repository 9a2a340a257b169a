"""Writes the server's entry into the configuration of programs that are its clients."""

__all__: list[str] = []

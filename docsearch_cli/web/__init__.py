"""The local page: a person asks, reads and compares in a browser on the same machine."""

__all__: list[str] = []

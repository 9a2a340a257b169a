"""Rules of documentation systems: how each names, serves and links its pages."""

__all__: list[str] = []

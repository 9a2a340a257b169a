"""File formats: each read into a document, and its markup into plain text."""

__all__: list[str] = []

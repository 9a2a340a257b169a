"""Turn a folder into documents: walk it, read each file, cut sections, resolve links."""

__all__: list[str] = []

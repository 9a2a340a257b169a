"""Speaks the Model Context Protocol: the service of ``service/`` as tools and resources."""

__all__: list[str] = []

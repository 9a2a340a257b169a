"""Language models as an option: what is asked of one, what comes back, and what it costs."""

__all__: list[str] = []

"""Records runs and replays them."""

__all__: list[str] = []

"""Units of work on the workers of a Dask cluster; loaded only where one is asked for."""

__all__: list[str] = []

"""Runs steps under limits on a pool of processes; knows no search words."""

__all__: list[str] = []

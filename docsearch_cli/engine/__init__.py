"""Runs steps under limits on a pool of processes; knows no search words."""

__all__: list[str] = []

FROZEN_WORKER = "--be-a-worker"
"""The first word of the command line by which a frozen build starts a worker of its own."""

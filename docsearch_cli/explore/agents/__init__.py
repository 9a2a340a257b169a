"""Agents: what decides at one node, as a pure function of what it is shown."""

__all__: list[str] = []

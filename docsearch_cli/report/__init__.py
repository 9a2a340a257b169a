"""Pictures of what was measured, as files that need nothing else."""

__all__: list[str] = []

"""Reports: a run or an evaluation as one self-contained HTML file, for people without docsearch."""

__all__: list[str] = []

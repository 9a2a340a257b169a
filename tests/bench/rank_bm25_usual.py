"""rank-bm25 as most people use it, to stand beside ``docsearch ask --simple``.

    python rank_bm25_usual.py build FOLDER FILE
    python rank_bm25_usual.py query FILE QUESTION

Whole files, lower-cased words, pickled once and loaded for each question.
"""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

from rank_bm25 import BM25Okapi


def build(folder: str, file: str) -> None:
    """Read every file of a folder and pickle the ranking."""
    paths = sorted(path for path in Path(folder).rglob("*") if path.is_file())
    texts = [path.read_text("utf-8", "replace").lower().split() for path in paths]
    with Path(file).open("wb") as handle:
        pickle.dump((BM25Okapi(texts), [str(path) for path in paths]), handle)


def query(file: str, question: str) -> None:
    """Load the ranking and print the five best paths."""
    with Path(file).open("rb") as handle:
        ranking, paths = pickle.load(handle)
    for path in ranking.get_top_n(question.lower().split(), paths, n=5):
        print(path)


if __name__ == "__main__":
    {"build": build, "query": query}[sys.argv[1]](*sys.argv[2:4])

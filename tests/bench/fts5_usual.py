"""SQLite's full-text search as most people use it, to stand beside ``docsearch ask --simple``.

    python fts5_usual.py build FOLDER FILE
    python fts5_usual.py query FILE QUESTION

Whole files, stemmed, each row with its text; any word of the question, ordered by SQLite's bm25.
"""

from __future__ import annotations

import re
import sqlite3
import sys
from contextlib import closing
from pathlib import Path


def build(folder: str, file: str) -> None:
    """Read every file of a folder into a table."""
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(
            "CREATE VIRTUAL TABLE pages USING"
            " fts5(path UNINDEXED, body, tokenize = 'porter unicode61')"
        )
        database.executemany(
            "INSERT INTO pages VALUES (?, ?)",
            (
                (str(path), path.read_text("utf-8", "replace"))
                for path in sorted(Path(folder).rglob("*"))
                if path.is_file()
            ),
        )


def query(file: str, question: str) -> None:
    """Print the five best paths."""
    words = " OR ".join(f'"{word}"' for word in re.findall(r"\w+", question))
    with closing(sqlite3.connect(file)) as database:
        for (path,) in database.execute(
            "SELECT path FROM pages WHERE pages MATCH ? ORDER BY rank LIMIT 5", (words,)
        ):
            print(path)


if __name__ == "__main__":
    {"build": build, "query": query}[sys.argv[1]](*sys.argv[2:4])

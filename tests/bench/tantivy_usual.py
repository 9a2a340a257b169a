"""Tantivy as most people use it from Python, to stand beside ``docsearch ask --simple``.

    python tantivy_usual.py build FOLDER INDEX
    python tantivy_usual.py query INDEX QUESTION

Whole files, stemmed as English; any word of the question, tantivy's own BM25.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import tantivy


def build(folder: str, index: str) -> None:
    """Read every file of a folder into an index."""
    schema = tantivy.SchemaBuilder()
    schema.add_text_field("path", stored=True, tokenizer_name="raw")
    schema.add_text_field("body", tokenizer_name="en_stem")
    Path(index).mkdir(parents=True)
    writer = tantivy.Index(schema.build(), path=index).writer()
    for path in sorted(Path(folder).rglob("*")):
        if path.is_file():
            body = path.read_text("utf-8", "replace")
            writer.add_document(tantivy.Document(path=str(path), body=body))
    writer.commit()
    writer.wait_merging_threads()


def query(index: str, question: str) -> None:
    """Print the five best paths."""
    opened = tantivy.Index.open(index)
    searcher = opened.searcher()
    # Words alone: a question's marks are operators to the parser. It joins words by OR.
    parsed = opened.parse_query(" ".join(re.findall(r"\w+", question)).lower(), ["body"])
    for _, address in searcher.search(parsed, 5).hits:
        print(searcher.doc(address)["path"][0])


if __name__ == "__main__":
    {"build": build, "query": query}[sys.argv[1]](*sys.argv[2:4])

"""What a reading process takes of a document is what it is found by and shown with."""

import pytest

from docsearch_cli.index.extract import tokens_of
from docsearch_cli.models import Document
from docsearch_cli.retrieval.tokens import tokenize
from tests.unit.index.small import index_of

FILES = {
    "a.md": "# Windmill\n\n*Grain* is ground.\n\n## Sluice\n\nWater runs.\n\n## Sluice\n\nDry.\n",
    "b.txt": "no heading at all\n",
}


@pytest.fixture
def index(tmp_path):
    return index_of(tmp_path, FILES)


@pytest.mark.parametrize(
    ("word", "sections"),
    [("grain", [0]), ("sluice", [1, 2]), ("windmill", [0, 1, 2]), ("water", [1]), ("absent", [])],
)
def test_a_section_is_found_by_its_text_its_heading_and_the_title(index, word, sections):
    (term,) = tokenize(word, index.language)

    assert index.keyword.sections_with(term).tolist() == sections


def test_the_title_counts_twice():
    document = Document("a.md", "mill", "markdown", "", ())

    assert list(tokens_of(document, ["gear", ""], ["stone", "oven"], "none")) == [
        ["mill", "mill", "gear", "stone"],
        ["mill", "mill", "oven"],
    ]


def test_a_section_keeps_its_own_text_its_heading_and_its_lines(index):
    sections = [index.section(row) for row in range(4)]

    assert [section.heading for section in sections] == ["Windmill", "Sluice", "Sluice", ""]
    assert [(section.line_start, section.line_end) for section in sections] == [
        (1, 3),
        (5, 7),
        (9, 11),
        (1, 1),
    ]
    assert index.texts[0] == "# Windmill\n\n*Grain* is ground."


def test_sizes_are_bytes_of_the_file_and_words_that_a_person_reads(index):
    assert index.document_sizes.tolist() == [
        [len(FILES["a.md"]), 9],
        [len(FILES["b.txt"]), 4],
    ]
    assert index.counts["words"] == 13


def test_a_long_document_is_cut_into_nodes(tmp_path, monkeypatch):
    monkeypatch.setattr("docsearch_cli.graph.nodes.NODE_WORDS", 12)
    index = index_of(tmp_path, {"a.md": "".join(f"# H{n}\n\n{'word ' * 8}\n\n" for n in range(3))})

    assert index.node_starts.tolist() == [0, 1, 2, 3]
    assert [index.node_id(row) for row in range(3)] == ["a.md", "a.md//2", "a.md//3"]

import pytest

from docsearch_cli.corpus.formats.markdown import read_markdown
from docsearch_cli.corpus.formats.markdown_glossaries import terms_in

DEFINED = "Warp\n: Threads along.\n\nWeft\n: Threads across\nthat go over.\n"
SET_IN = "Warp\n  Threads along.\n\nWeft\n  Threads across.\n"


@pytest.mark.parametrize(
    "page",
    [
        f":::{{glossary}}\n{DEFINED}:::\n",
        f"```{{glossary}}\n:sorted:\n\n{SET_IN}```\n",
        f"{{.glossary}}\n{DEFINED}",
        "{.glossary}\nWarp\n\n: Threads along.\n\nWeft\n: x\n",
    ],
)
def test_terms_of_a_glossary_are_labels(page: str) -> None:
    page += "\nNo term\n\nNeither\n: one\n" if page[0] != "{" else "\nNo term\n\nNeither\n"

    assert [label for _, label in terms_in(page)] == ["term:Warp", "term:Weft"]


def test_definitions_elsewhere_are_no_terms() -> None:
    assert list(terms_in(f"{DEFINED}\nA {{glossary}} of words.\n")) == []


def test_terms_are_shown_text_with_the_line_of_their_section() -> None:
    document = read_markdown("a.md", "---\nt: 1\n---\n# A\n\n{.glossary}\n*Warp* `x`\n: y\n", "")

    assert document.labels == ("term:Warp x",)
    assert "term:warp x" in document.sections[0].anchors

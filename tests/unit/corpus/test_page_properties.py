import pytest

from docsearch_cli.corpus.formats.markdown import read_markdown
from docsearch_cli.corpus.page_properties import NO_PROPERTIES, parse_page_properties


@pytest.mark.parametrize(
    ("value", "aliases"),
    [
        ("Invoices, Bills", ("Invoices", "Bills")),
        ("[[Invoices]], [[Bills, old]]", ("Invoices", "Bills, old")),
        ("Rechnungen，Belege", ("Rechnungen", "Belege")),
        ("", ()),
    ],
)
def test_aliases_are_separated_by_commas(value: str, aliases: tuple[str, ...]) -> None:
    assert parse_page_properties(f"icon:: x\nalias:: {value}\n\n- text").aliases == aliases


@pytest.mark.parametrize("lead", ["", "\n\n", "- ", "\ufeff"])
def test_title_and_tags(lead: str) -> None:
    found = parse_page_properties(f"{lead}title:: Who [[pays]]?\ntags:: #oil, [[harbour]]\n- x")

    assert (found.title, found.tags) == ("Who pays?", ("oil", "harbour"))


@pytest.mark.parametrize("body", ["- text\n- title:: x", "", "C++ std::title:: x", "a b:: c"])
def test_properties_come_first(body: str) -> None:
    assert parse_page_properties(body) == NO_PROPERTIES


def test_a_page_goes_by_its_properties() -> None:
    document = read_markdown("pages/q17.md", "title:: Oil\nalias:: Grease\n\n- # Not it\n", "")

    assert (document.title, document.aliases) == ("Oil", ("Grease",))
    assert "title:: Oil" in document.sections[0].text

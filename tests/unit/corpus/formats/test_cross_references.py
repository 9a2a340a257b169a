import pytest

from docsearch_cli.corpus.formats.markdown import read_markdown

BLOCK = "64e6a1b2-0000-4000-8000-00000000abcd"


@pytest.mark.parametrize(
    ("source", "label"),
    [
        ("# One\n\n## Two {#sec-two}\n", "sec-two"),
        ("# One\n\n## Two\n\n![x](x.png){#fig-plan width=50%}\n", "fig-plan"),
        ("# One\n\n## Two\n\n```{python}\n#| label: fig-plan\nx\n```\n", "fig-plan"),
        ("# One\n\n## Two\n\n```{figure} x.png\n:name: plan\n```\n", "plan"),
        ("# One\n\n## Two\n\n```{math}\n:label: euler\nx\n```\n", "euler"),
        ("# One\n\n## Two\n\n{#quote .x}\n> text\n", "quote"),
        ("# One\n\n## Two\n\n[a span]{#span} x\n", "span"),
        (f"# One\n\n## Two\n\n- block\n  id:: {BLOCK}\n", f"(({BLOCK}))"),
    ],
)
def test_an_id_is_a_label_and_a_place(source: str, label: str) -> None:
    document = read_markdown("a.md", source, "")

    assert document.labels == (label,)
    assert label in document.sections[1].anchors


@pytest.mark.parametrize("source", ["## Two {#two}\n", "x {#two} y\n", "label: two\n"])
def test_other_ids_are_places_of_their_page_alone(source: str) -> None:
    assert read_markdown("a.md", source, "").labels == ()


@pytest.mark.parametrize(
    ("source", "target", "syntax"),
    [
        ("see @sec-two.", "sec-two", "any"),
        ("see [-@fig-plan] there", "fig-plan", "any"),
        ("see \\@ref(fig:plan)", "fig:plan", "any"),
        (f"- see (({BLOCK}))", f"(({BLOCK}))", "ref"),
        (f"- {{{{embed (({BLOCK}))}}}}", f"(({BLOCK}))", "ref"),
    ],
)
def test_references_by_id(source: str, target: str, syntax: str) -> None:
    links = read_markdown("a.md", f"# One\n\n{source}\n", "").links

    assert [(link.target, link.syntax, link.line) for link in links] == [(target, syntax, 3)]


@pytest.mark.parametrize(
    "source",
    ["`@sec-two`", "```\n@sec-two\n```", "a@sec-two", "@doe2020", "((text))", "@section-two"],
)
def test_what_is_no_reference(source: str) -> None:
    assert read_markdown("a.md", f"# One\n\n{source}\n", "").links == ()

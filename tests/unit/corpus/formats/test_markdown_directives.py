import time

import pytest

from docsearch_cli.corpus.formats.markdown import read_markdown


def test_links_and_headings_in_a_directive_are_those_of_the_page() -> None:
    document = read_markdown(
        "a.md",
        "# A\n\n````{tab-set}\n```{tab-item} One\n:name: x\n\n### Path A\n\n[t](b.md)\n```\n````\n"
        "\n[u](c.md)\n",
        "",
    )

    assert [(link.target, link.line) for link in document.links] == [("b.md", 9), ("c.md", 13)]
    assert {"path-a", "x"} <= set(document.sections[0].anchors)
    assert len(document.sections) == 1


@pytest.mark.parametrize("name", ["code-block", "literalinclude", "math", "mermaid", "unknown"])
def test_a_directive_of_code_holds_no_link(name: str) -> None:
    assert read_markdown("a.md", f"```{{{name}}}\n[t](b.md)\n# H\n```\n", "").links == ()


def test_label_in_a_directive_between_colons() -> None:
    document = read_markdown("a.md", "# A\n\n:::{note}\n(here)=\n## B\n:::\n", "")

    assert document.labels == ("here",)


def test_directives_in_directives_take_linear_time() -> None:
    marks = [f"{'`' * (2_003 - level)}{{note}}\n" for level in range(1_000)]
    began = time.process_time()

    read_markdown("a.md", "".join(marks) + "[t](b.md)\n", "")

    assert time.process_time() - began < 20

import time

import pytest

from docsearch_cli.corpus.formats.markdown import read_markdown
from docsearch_cli.corpus.formats.markdown_includes import includes_in


def found(body: str) -> list[tuple[str, int, str]]:
    return [(link.target, link.line, link.syntax) for link in includes_in(body, 1)]


@pytest.mark.parametrize(
    ("written", "target", "syntax"),
    [
        ("{{< include _x.qmd >}}", "_x.qmd", "include"),
        ("{{#include x.md}}", "x.md", "include"),
        ("{{#include ../x.md:3:9}}", "../x.md", "include"),
        ("{{#include x.md:anchor}}", "x.md", "include"),
        (":::{include} x.md\n:::", "x.md", "include"),
        ("<!--@include: ./x.md{3,9}-->", "./x.md", "include"),
        ("<!-- @include: ./x.md#part -->", "./x.md", "include"),
        ("[!INCLUDE [a title](x.md)]", "x.md", "include"),
        ("```{r child='x.Rmd'}\n```", "x.Rmd", "include"),
        ('--8<-- "x.md"', "x.md", "snippet"),
        ("    -8<- 'x.md:2:5'", "x.md", "snippet"),
        ('{% include "x.md" %}', "x.md", "snippet"),
        ("{% include x.md a=b %}", "x.md", "snippet"),
        ("{%- include_relative x.md -%}", "x.md", "snippet"),
        ("{% include x.html %}", "x.html", "snippet"),
        ('{%\n  include-markdown "../x.md"\n  start="a"\n%}', "../x.md", "snippet"),
        ('{{% include file="x.md" %}}', "x.md", "snippet"),
        ('{{< readfile "x.md" >}}', "x.md", "snippet"),
        ("{!x.md!}", "x.md", "snippet"),
        ("{{folder/x.md}}", "folder/x.md", "snippet"),
        ("<<[x.md]", "x.md", "snippet"),
        ("import Part from './_x.mdx';", "./_x.mdx", "snippet"),
    ],
)
def test_every_way_to_take_in_a_file(written: str, target: str, syntax: str) -> None:
    assert found(f"text\n\n{written}\n") == [(target, 3, syntax)]


@pytest.mark.parametrize(
    "written",
    [
        "```\n{{< include _x.qmd >}}\n```",
        "~~~~\n--8<-- 'x.md'\n~~~\n{{#include x.md}}\n~~~~",
        "`{{< include _x.qmd >}}` takes it in",
        "{{{< include _x.qmd >}}}",
        "{{</* include x.md */>}}",
        "--8<-- 'https://x.org/y.md'",
        "--8<-- '; x.md'",
        "{% include figure.html src='x' %}",
        "{% include {{ page.x }} %}",
        "import React from 'react';",
        "we include x.md",
    ],
)
def test_what_only_looks_like_an_inclusion(written: str) -> None:
    assert found(f"{written}\n") == []


def test_block_of_snippets_with_the_line_of_its_beginning() -> None:
    assert [name for name, _, _ in found("a\n--8<--\nx.md\n; y.md\n\nz.md\n--8<--\n")] == [
        "x.md",
        "z.md",
    ]


def test_lines_after_code_are_their_own() -> None:
    text = "```\nlong code\n\n```\n\n```{r child='x.Rmd'}\n```\n\n{{#include y.md}}\n"

    assert [(name, line) for name, line, _ in found(text)] == [("x.Rmd", 6), ("y.md", 9)]


def test_lines_count_those_of_the_front_matter_and_end_in_any_way() -> None:
    document = read_markdown("a.md", "---\r\na: b\r\n---\r\n\r\n{{#include x.md}}\r\n", "")

    assert [(link.target, link.line) for link in document.links] == [("x.md", 5)]
    assert document.includes == ("x.md",)


@pytest.mark.parametrize(
    "sign", ["--8<--\n", "{% include ", "{{< include", "[!INCLUDE [", "{!", "```"]
)
def test_hostile_inclusions_take_linear_time(sign: str) -> None:
    began = time.process_time()

    found(sign * 50_000)

    assert time.process_time() - began < 10

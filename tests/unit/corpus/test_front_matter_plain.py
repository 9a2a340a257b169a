import pytest
from hypothesis import given
from hypothesis import strategies as st

from docsearch_cli.corpus.formats.table import format_named
from docsearch_cli.corpus.front_matter_plain import front_matter_end, plain_front_matter
from docsearch_cli.corpus.plain_text import plain_text, sentences
from docsearch_cli.models import Document

YAML = """---
title: "Care of kilns"
description: How a quokka fires clay. It takes nine hours.
keywords: [wombat, "bandicoot den"]
author: Jane Numbat
layout: page
draft: false
weight: 12
redirect_from:
  - /old/address
# a comment
tags:
- dingo
summary: >
  A folded text
  on two lines.
---
"""
TOML = """+++
title = "Care of kilns"
keywords = ["wombat", "dingo"]
weight = 3
[params]
author = "Jane Numbat"
+++
"""
JSON = """{
  "title": "Care of kilns",
  "keywords": ["wombat", "dingo"],
  "draft": true,
  "author": "Jane Numbat"
}
"""


def read(source: str, markup: str = "markdown") -> Document:
    return format_named(markup).reader()("x", source, "")


def units(source: str, markup: str = "markdown") -> list[tuple[int, str]]:
    return [
        (section.line_start + unit.line_offset_start, unit.plain)
        for section in read(source, markup).sections
        for unit in sentences(section.text, markup)
        if unit.kind == "field"
    ]


def test_fields_of_yaml_are_units_on_their_lines() -> None:
    assert units(YAML + "\n# Care\n\nWarm.\n") == [
        (2, "Care of kilns"),
        (3, "How a quokka fires clay."),
        (3, "It takes nine hours."),
        (4, 'wombat, "bandicoot den"'),
        (5, "author: Jane Numbat"),
        (13, "dingo"),
        (15, "A folded text"),
        (16, "on two lines."),
    ]


@pytest.mark.parametrize(
    ("source", "author"),
    [(TOML, (6, 'author = "Jane Numbat"')), (JSON, (5, 'author": "Jane Numbat"'))],
)
def test_fields_of_toml_and_json_are_units_on_their_lines(
    source: str, author: tuple[int, str]
) -> None:
    found = units(source + "\nWarm.\n")

    assert [line for line, _ in found[:2]] == [2, 3]
    assert found[0][1] == "Care of kilns"
    assert found[-1] == author
    assert len(found) == 3


@pytest.mark.parametrize("markup", ["markdown", "rst", "asciidoc", "html"])
def test_every_format_with_front_matter_reads_it_as_the_beginning_of_its_text(markup: str) -> None:
    (section,) = read(YAML + "\nThe kiln is warm.\n", markup).sections

    assert section.text.startswith(YAML)
    assert section.line_start == 1
    plain = plain_text(section.text, markup)
    assert "wombat" in plain
    assert "The kiln is warm." in plain
    assert "layout" not in plain


def test_a_file_of_front_matter_alone_has_a_section() -> None:
    (section,) = read(YAML).sections

    assert (section.line_start, section.line_end) == (1, 17)


def test_front_matter_without_words_makes_no_section() -> None:
    assert read("---\nlayout: page\ndraft: true\n---\n").sections == ()


def test_front_matter_that_is_cut_is_read_to_its_end() -> None:
    assert front_matter_end(YAML[:100]) == 100
    assert front_matter_end("---\n\nA rule, and text: more.\n") == 0
    assert front_matter_end("text") == 0


@given(st.text(alphabet="-+{}[]:=\"'# abc,\n\t", max_size=200))
def test_any_text_has_as_many_plain_lines(text: str) -> None:
    assert plain_front_matter(text).count("\n") == text.count("\n")
    for unit in sentences("---\na: b\n" + text, "markdown"):
        assert unit.plain


@pytest.mark.parametrize("piece", ["a: b\n", "- ", "\n", "# x\n", "[", '"', "{", " "])
def test_front_matter_takes_linear_time(piece: str) -> None:
    source = "---\na: b\n" + piece * (300_000 // len(piece))
    plain_text(source, "markdown")
    plain_text("{" + piece * (300_000 // len(piece)), "markdown")

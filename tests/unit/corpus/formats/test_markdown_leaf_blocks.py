"""What the patterns pass over or read themselves must be what markdown-it would have made of it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docsearch_cli.corpus.formats import markdown, markdown_leaf_blocks, markdown_links
from docsearch_cli.corpus.formats.markdown import read_markdown
from docsearch_cli.corpus.formats.markdown_leaf_blocks import Leaf, leaves_of
from docsearch_cli.corpus.formats.markdown_links import (
    links_in,
    links_in_fence,
    links_in_html,
    parser,
)
from docsearch_cli.models import Link
from tests.support import usual_or_soak

# Parts of texts, with "¦" between them.
_BLOCK_PARTS = (
    "\n¦\n\n¦  ¦    ¦ ¦\t¦- ¦+ ¦* ¦1. ¦12) ¦> ¦# ¦## ¦####### ¦#¦```¦~~~¦```py¦````¦`¦``¦---¦==="
    "¦***¦- - -¦|¦|a|b|¦|---|---|¦a|b¦---|---¦[¦]¦(¦)¦![¦[[¦]]¦[a]¦[a]: /u¦[b]: <x y> 'T'¦[b]:"
    "¦[a](b.md)¦[x](<a b> \"t\")¦[x](y 'z')¦[c][a]¦![i](p.md)¦[[n|l]]¦![[n]]¦<a href='q.md'>¦</a>"
    "¦<div>¦</div>¦<b>¦<!--¦-->¦<?x¦?>¦<!D>¦<![CDATA[¦]]>¦<pre>¦</pre>¦<script>¦</script>¦<textarea>"
    "¦<http://x.y>¦<¦<a¦>¦\\¦\\[¦\\`¦\\\n¦&amp;¦&¦word¦foo bar¦é¦_¦**¦a_b¦{#id}¦](u)¦]["
    "¦\xa0¦\x0c¦\u2028"
    "¦setext\n---¦t\n===¦    code¦  - n\n    - m¦<title>¦  \n"
    "¦(l)=¦(l)=\n¦(m n)=  \n¦\n(l)=\n¦)=¦{ref}`¦{doc}`x <y>`¦{ref}`a\nb`¦}`¦[x][Page title]¦[Page]["
    "¦```{toctree}\n¦```{toctree}\n:glob:\nb*\nself\n```\n¦~~~{toctree} |\n¦````{include} x.md\n"
    "¦``` {include} z.md\n¦> ```{include} y.md\n¦{/* #id */}¦{: #id}¦{{< code >}}¦~~~~~~~~\n"
)
_INLINE_PARTS = (
    '[¦]¦(¦)¦](¦![¦[[¦]]¦|¦a¦b c¦\\¦\\*¦\\_¦\\]¦\\[¦`¦``¦ ¦  ¦\n¦*¦**¦_¦~~¦u¦"t"¦"¦!¦x.md¦x.pdf'
    "¦#f¦é¦\xa0"
    '¦%%¦&¦&amp;¦&x=1¦(y)¦ "t")¦[l](u)¦[`c`](v)¦![i](z.md)¦<¦>¦\\\n¦` s `¦[n|m]¦\t¦~¦_a_¦{'
    "¦][¦[x][Page title]¦{ref}`¦{doc}`x`¦(l)=¦{#id}"
)


def texts_of(parts: str) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(parts.split("¦")), max_size=30).map("".join)


Seen = tuple[list[Leaf], list[Link], list[tuple[int, str]]]


def seen_in(leaves: list[Leaf], env: dict[str, Any]) -> Seen:
    """Return the headings and directives, the links and the labels of leaves."""
    links: list[Link] = []
    for leaf in leaves:
        if leaf.directive:
            links += links_in_fence(leaf.directive, leaf.content, leaf.line)
        elif leaf.is_html:
            links += links_in_html(leaf.content, leaf.line)
        else:
            links += links_in(leaf.content, env, leaf.line)
    shown = [leaf for leaf in leaves if leaf.level or leaf.directive]
    return shown, links, list(markdown._labels(leaves, 0))


def parsed_whole(text: str, env: dict[str, Any]) -> list[Leaf]:
    return list(markdown_leaf_blocks._leaves_of_tokens(parser().parse(text, env), 0))


@settings(max_examples=usual_or_soak(100, 400), deadline=None)
@given(texts_of(_BLOCK_PARTS))
def test_headings_links_and_labels_are_those_of_parsing_everything(text: str) -> None:
    env: dict[str, Any] = {}
    whole_env: dict[str, Any] = {}

    found = seen_in(leaves_of(text, env), env)

    assert found == seen_in(parsed_whole(text, whole_env), whole_env)


@settings(max_examples=usual_or_soak(100, 400), deadline=None)
@given(texts_of(_INLINE_PARTS))
def test_links_that_need_no_parser_are_those_of_the_parser(text: str) -> None:
    content = text.strip()
    simple = markdown_links._simple_targets(content)

    assert simple is None or simple == list(
        markdown_links._targets(markdown_links._inline_tokens(content, {}))
    )


@pytest.mark.parametrize(
    "text",
    [
        "a\n===\n",
        "# a | b\n--- | ---\n[x](y.md) | z\n",
        "``` a | b\n---|---\n[x](y.md)|z\n",
        "- a | b\n--- | ---\n",
        "- a\n\n\n  [x](y.md)\n",
        "- a\nlazy [x](y.md)\n2. b\n",
        "a\n2. [x](y.md)\n",
        "- - # deep\n",
        "1. a\n\n   ```\n   # no\n   ```\n\n   ## nested\n\n# top\n",
        "<!--\n\n# no\n\n-->\n\n# yes\n",
        "<div>\n# no\n\n# yes\n</div>\n",
        "```\n[x](y.md)\n",
        "~~~ `\n# no\n~~~~\n# yes\n",
        '[a]( "t")\n',
        "[r]\n\n[r]: z.md\n",
        "    # code\n\n    [x](y.md)\n",
        "(a)=\n",
        "text\n\n(a)=\n(b)=\ntext\n",
        "(a)=\n# One\n",
        "(a)=\nOne\n===\n",
        "- (a)=\n  text\n",
        "> (a)=\n",
        "|(a)=|\n|----|\n",
        "see {ref}`x`\n",
        "- see\n  {ref}`x\n  y`\n",
        "[x][Page title]\n",
        "```{toctree}\na\nb <c>\n```\n# top\n",
        "```{toctree}\na\n",
        "```{toctree}\na\n\n\n",
        "```{toctree}",
        "~~~{include} a|b.md\n~~~\n",
        "``` {include} a.md\n```\n",
        "``` {include} `a`.md\n```\n",
        "- a\n\n  ```{toctree}\n  b\n  ```\n",
        "> ```{include} a.md\n> ```\n",
        "# One {/* #id */}\n",
    ],
)
def test_hard_cases_are_read_as_markdown_it_does(text: str) -> None:
    env: dict[str, Any] = {}
    whole_env: dict[str, Any] = {}

    found = seen_in(leaves_of(text, env), env)

    assert found == seen_in(parsed_whole(text, whole_env), whole_env)


class _Counting:
    """A pattern that counts the characters its searches go over."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern = pattern
        self.characters = 0

    def search(self, text: str, start: int = 0) -> re.Match[str] | None:
        found = self._pattern.search(text, start)
        self.characters += (found.end() if found else len(text)) - start
        return found


@pytest.mark.parametrize(
    "make",
    [
        lambda n: "# heading\n" * n,
        lambda n: "- [text](page.md)\n" * n,
        lambda n: "> [text](page.md)\n\n" * n,
        lambda n: "```\nx\n```\n" * n,
        lambda n: "- item\n\n  text\n\n" * n + "# end\n",
    ],
)
def test_each_character_is_looked_at_a_few_times_however_many_there_are(
    make: Callable[[int], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = make(300)
    counting = {
        name: _Counting(pattern)
        for name, pattern in (
            ("sign", markdown_leaf_blocks._PATTERNS.sign),
            ("_HEADING_SIGN", markdown_leaf_blocks._HEADING_SIGN),
            ("_STRETCH_END", markdown_leaf_blocks._STRETCH_END),
        )
    }
    monkeypatch.setattr(markdown_leaf_blocks._PATTERNS, "sign", counting.pop("sign"))
    for name, pattern in counting.items():
        monkeypatch.setattr(markdown_leaf_blocks, name, pattern)

    leaves_of(text, {})

    assert markdown_leaf_blocks._PATTERNS.sign.characters <= 3 * len(text)
    assert all(pattern.characters <= 3 * len(text) for pattern in counting.values())


def test_what_holds_nothing_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise AssertionError("a block was parsed")

    monkeypatch.setattr(markdown_leaf_blocks._Walk, "_parse_block", refuse)
    text = (
        "# One\n\ntext\n- a\n  - b\n\n|a|b|\n|-|-|\n\n```\n# no\n\n[x](y)\n```\n\nsee [x](y.md)\n"
    )

    assert [leaf.content for leaf in leaves_of(text, {})] == ["One", "see [x](y.md)"]


def test_a_directive_and_a_label_need_no_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise AssertionError("a block was parsed")

    monkeypatch.setattr(markdown_leaf_blocks._Walk, "_parse_block", refuse)
    leaves = leaves_of("text\n\n(one)=\n\n```{toctree}\na\n```\n", {})

    assert [leaf.content for leaf in leaves] == ["(one)=", "a\n"]
    assert leaves[1] == Leaf("a\n", 4, 7, directive="{toctree}")


# Each took hours or for ever: 10^12 steps, or 2^100.
@pytest.mark.parametrize(
    "source",
    [
        "# a #" + " " * 1_000_000 + "x",
        "# a {" + " " * 1_000_000 + "x",
        "---\n" + "#\n\n\n" * 100 + "!\n---\n",
        "+++\n" + "#\n\n\n" * 100 + "!\n+++\n",
        "{{<" + " " * 1_000_000 + "x",
        "(a)=\n" * 100_000 + "# One\n",
        "~" * 1_000_000 + "|",
        "x\n" + " " * 1_000_000 + "x",
    ],
    ids=[
        "spaces in a heading",
        "an open id",
        "front matter",
        "front matter in TOML",
        "spaces in a shortcode",
        "labels above a heading",
        "tildes",
        "spaces in a line",
    ],
)
def test_hostile_files_are_read(source: str) -> None:
    assert read_markdown("note.md", source, "").path == "note.md"

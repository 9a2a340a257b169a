import time

import pytest

from docsearch_cli.corpus.formats.html import read_html
from docsearch_cli.corpus.formats.templates import join_templates, show_templates


@pytest.mark.parametrize(
    "address",
    [
        "]({{ a b }}/c)",
        "]({% link a.md %})",
        "](x/{{ 'a (b)' | c }}/{{ d e }})",
        "](<% a b %>)",
        "](${ a b }/c)",
        "[x]: {{ a b }}/c",
        'href="{{ "a" | b }}"',
    ],
)
def test_nothing_in_a_template_ends_an_address(address: str) -> None:
    joined = join_templates(address)
    begin = min(address.find(mark) for mark in ("{{", "{%", "<%", "${") if mark in address)

    assert len(joined) == len(address)
    assert not set(" '\"()") & set(joined[begin : max(map(joined.rfind, "}%"))])
    assert show_templates(joined) == address


@pytest.mark.parametrize("text", ["{{ a b }} text", "a {% if x %} b", "[t](u v)", "`{{ a }}`"])
def test_templates_elsewhere_are_left_alone(text: str) -> None:
    assert join_templates(text) == text


def test_templates_in_html() -> None:
    document = read_html("a.html", '<p>x <a href="{{ "/b c" | relative_url }}">t</a></p>', "")

    assert [(link.target, link.text) for link in document.links] == [
        ('{{ "/b c" | relative_url }}', "t")
    ]


@pytest.mark.parametrize("sign", ["]({{", "]({{ a }}", "](${", "](x{%", "[a]: {{", "href={{"])
def test_hostile_templates_take_linear_time(sign: str) -> None:
    began = time.process_time()

    join_templates(sign * 50_000)

    assert time.process_time() - began < 5

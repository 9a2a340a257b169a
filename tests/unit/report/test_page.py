import hashlib
import re
from base64 import b64encode

import pytest

from docsearch_cli.report.page import asset, environment, ms, number, percent, render_page, words
from tests.unit.report.pages import Page


@pytest.fixture
def page(monkeypatch):
    """A page from the base template alone."""
    return render_page("base.html", title="a title")


def test_a_page_lets_nothing_in_but_its_own_style_and_script(page):
    (policy,) = [
        item["content"]
        for item in Page(page).all("meta")
        if item.get("http-equiv") == "Content-Security-Policy"
    ]
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
    script = re.search(r"<script>(.*?)</script>", page, re.DOTALL)[1]
    hashes = [
        b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, script)
    ]

    assert policy == (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )


def test_the_policy_comes_before_what_it_rules(page):
    assert page.index("Content-Security-Policy") < page.index("<style>") < page.index("<script>")


def test_style_and_script_name_nothing_outside():
    for name in ("report.css", "report.js"):
        assert not re.search(r"https?:|url\(|@import|innerHTML|eval\(|fetch\(", asset(name)), name


def test_values_are_escaped_and_checked():
    made = environment().from_string("<p>{{ text }}</p>{% if number %}{{ number }}{% endif %}")

    assert made.render(text="<b>\x1b", number=7) == "<p>&lt;b&gt;␛</p>7"


def test_a_name_that_a_template_does_not_know_is_an_error():
    with pytest.raises(Exception, match="undefined"):
        environment().from_string("{{ nothing }}").render()


def test_numbers_are_written_for_people():
    assert [number(item) for item in (None, 12_345, 0.5, 2.0, 1 / 3)] == [
        "–", "12,345", "0.5", "2", "0.333",
    ]  # fmt: skip
    assert [ms(item) for item in (None, 0.25, 12.5, 1_234.4, 65_432)] == [
        "–", "0.2 ms", "12 ms", "1,234 ms", "65.4 s",
    ]  # fmt: skip
    assert (percent(None), percent(0.1234)) == ("–", "12.3")
    assert [words(1, "step"), words(2_000, "step"), words(2, "hash", "hashes")] == [
        "1 step", "2,000 steps", "2 hashes",
    ]  # fmt: skip

"""The anchors that the tools themselves make of the same headings."""

import time
from itertools import cycle, islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docsearch_cli.corpus.anchor_rules import ANCHOR_RULES, HeadingAnchors, _slugs_of, qualified
from tests.support import usual_or_soak

RULES = {rule.name: rule for rule in ANCHOR_RULES}


@pytest.mark.parametrize(
    ("rule", "heading", "anchor"),
    [
        ("github", "Warp, Weft & Selvedge", "warp-weft--selvedge"),
        ("github", "Über Größe", "über-größe"),
        ("gitlab", "Warp & Weft", "warp-weft"),
        ("gitlab", "2024", "anchor-2024"),
        ("python-markdown", "Warp, Weft & Selvedge", "warp-weft-selvedge"),
        ("python-markdown", "Über Garne", "uber-garne"),
        ("python-markdown", "概要", ""),
        ("python-markdown", "a -- b", "a-b"),
        ("python-markdown-unicode", "Ein 概要", "ein-概要"),
        ("pandoc", "3. Links & Images v1.2", "links-images-v1.2"),
        ("pandoc", "33", "section"),
        ("kramdown", "2. What's New? (é)", "whats-new-"),
        ("kramdown", "概要", "section"),
        ("vitepress", "<Content />", "content"),
        ("vitepress", "1. Élan & more", "_1-elan-more"),
        ("docutils", "3. What's New?", "what-s-new"),
        ("ascii-words", "3. What's New?", "3-what-s-new"),
        ("words", "Größe & so_on", "größe-so-on"),
        ("docsify", "1 & 2", "_1-2"),
        ("markdown-it", "What's  new?", "what's-new?"),
    ],
)
def test_rule(rule: str, heading: str, anchor: str) -> None:
    assert RULES[rule].slug(heading) == anchor


def anchors(*headings: str) -> list[list[str]]:
    given = HeadingAnchors()
    return [given.anchors_of(heading) for heading in headings]


def test_plain_heading_has_one_anchor_by_all_rules() -> None:
    assert anchors("Set up", "Knots") == [["set-up"], ["knots"]]


def test_repeated_headings_are_numbered_in_every_way() -> None:
    own = [[a for a in heading if "\0" not in a] for heading in anchors("Use", "Use", "Use")]

    assert own == [["use"], ["use-1", "use_1"], ["use-2", "use_2"]]


def test_numbers_that_begin_with_two_count_where_the_rule_is_known() -> None:
    _, second, third = anchors("Use", "Use", "Use")

    assert qualified("vuepress", "use-2") in second
    assert qualified("vuepress", "use-3") in third


def test_headings_that_a_rule_leaves_empty_are_numbered() -> None:
    first, second = anchors("概要", "背景")

    assert "_1" in first
    assert "_2" in second


def test_number_that_is_taken_is_passed_over() -> None:
    assert anchors("Use", "Use 1", "Use")[2][:1] == ["use-2"]


def test_anchor_of_an_earlier_heading_counts_only_by_its_rule() -> None:
    second, third = anchors("Use", "Use", "Use 1")[1:]

    assert "use-1" in second
    assert "use-1" not in third
    assert qualified("python-markdown", "use-1") in third


def test_what_is_no_part_of_the_name_may_be_left_out() -> None:
    assert "tea" in anchors("Tea[^1]")[0]
    assert {"rocket-tea", "tea"} <= set(anchors(":rocket: Tea")[0])


def test_heading_is_numbered_by_each_rule_as_all_before_it_count() -> None:
    given = HeadingAnchors()
    firsts = [given.anchors_of(text) for text in ("Use", "Use & care", "Wash: how", "Use 1")]

    assert firsts[1] == list(dict.fromkeys(rule.slug("Use & care") for rule in ANCHOR_RULES))
    assert "use--care-1" in given.anchors_of("Use & care")
    assert "use-care_1" not in firsts[1]
    assert "use-2" in given.anchors_of("Use")
    assert "wash-how_1" in given.anchors_of("Wash: how")


def test_very_many_equal_headings_take_linear_time() -> None:
    began = time.process_time()

    anchors(*["A & B"] * 20_000)

    assert time.process_time() - began < 20


@settings(max_examples=usual_or_soak(375, 1500), deadline=None)
@given(st.lists(st.sampled_from(["ab", "Cd", "1", " ", "-", "(", ")", ",", ":", "?", ".", "é"])))
def test_the_short_way_makes_what_each_rule_makes(pieces):
    text = "".join(pieces)
    made = _slugs_of(text)

    assert [rule.slug(text) for rule in ANCHOR_RULES] == list(
        islice(cycle(made), len(ANCHOR_RULES))
    )


def test_an_emoji_by_name_leaves_what_its_picture_leaves() -> None:
    anchors = HeadingAnchors().anchors_of(":lock: Security")

    assert {"-security", "security", "lock-security"} <= set(anchors)
    assert anchors[0] == "lock-security"
    assert not any("\N{GRINNING FACE}" in anchor for anchor in anchors)

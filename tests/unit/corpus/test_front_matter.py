import time

import pytest

from docsearch_cli.corpus.front_matter import parse_front_matter


def test_fields_are_read() -> None:
    matter = parse_front_matter(
        "---\ntitle: A: no\n---\n".replace("A: no", '"A: yes"')
        .replace("---\n", "---\naliases: [One, Two]\ntags:\n- x\n- y\nkeywords: z, w\n", 1)
    )  # fmt: skip

    assert matter.title == "A: yes"
    assert matter.aliases == ("One", "Two")
    assert matter.tags == ("x", "y", "z", "w")


def test_alias_may_be_one_string() -> None:
    assert parse_front_matter("---\nalias: Doggo, Woofer\n---\n").aliases == ("Doggo", "Woofer")


def test_end_is_after_the_closing_line() -> None:
    source = "---\r\ntitle: T\r\n---\r\nbody"

    assert source[parse_front_matter(source).end :] == "body"


def test_unquoted_colon_does_not_cost_the_title() -> None:
    matter = parse_front_matter("---\ntitle: Foo: a bar\nx: [\n---\nbody")

    assert matter.title == "Foo: a bar"


@pytest.mark.parametrize(
    "source",
    [
        "\n---\ntitle: T\n---\n",
        "---\ntitle: T\n",
        "---\njust text\n---\n",
        "----\ntitle: T\n----\n",
        "# A\n\n---\nx: y\n---\ntext",
        "---\n- a\n- b\n---\n",
    ],
)
def test_other_text_between_rules_is_no_front_matter(source: str) -> None:
    assert parse_front_matter(source).end == 0


def test_values_stay_what_the_author_typed() -> None:
    assert parse_front_matter("---\ntitle: 2024-13-45\n---\n").title == "2024-13-45"
    assert parse_front_matter("---\ntitle: yes\n---\n").title == "yes"


def test_alias_bomb_is_harmless() -> None:
    levels = "\n".join(
        f"l{level}: &l{level} [{', '.join([f'*l{level - 1}'] * 9)}]" for level in range(1, 30)
    )
    began = time.monotonic()

    matter = parse_front_matter(f"---\ntitle: T\nl0: &l0 [x]\n{levels}\naliases: *l29\n---\n")

    assert time.monotonic() - began < 2
    assert matter.title == "T"
    assert matter.aliases == ()


@pytest.mark.parametrize(
    "value", ["[" * 30_000, "{a: " * 10_000, "!!python/object/apply:os.system"]
)
def test_hostile_yaml_is_no_front_matter_or_inert(value: str) -> None:
    parse_front_matter(f"---\nkey: {value}\n---\nbody")


def test_related_targets_keep_their_labels() -> None:
    matter = parse_front_matter(
        "---\nrelated:\n- a.md\n- '[[B]]'\n- url: c.md\n  title: See C\n- 3\n---\n"
    )

    assert matter.related == (("a.md", ""), ("[[B]]", ""), ("c.md", "See C"), ("3", ""))

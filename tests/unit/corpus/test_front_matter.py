import time
from pathlib import Path

import pytest

from docsearch_cli.corpus.front_matter import FrontMatter, parse_front_matter


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
    began = time.process_time()

    matter = parse_front_matter(f"---\ntitle: T\nl0: &l0 [x]\n{levels}\naliases: *l29\n---\n")

    assert time.process_time() - began < 2
    assert matter.title == "T"
    assert matter.aliases == ()


@pytest.mark.parametrize("value", ["[" * 30_000, "{a: " * 10_000])
def test_hostile_yaml_is_no_front_matter(value: str) -> None:
    matter = parse_front_matter(f"---\nkey: {value}\n---\nbody")

    assert matter == FrontMatter(fault=matter.fault)
    assert matter.fault


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("---\ntags: [a\nkey: b: c\n---\ntext\n", "line 3: "),
        ("---\ntitle: a: b\nx: y\n---\n", "line 2: mapping values are not allowed"),
        ('---\r\nok: 1\r\nbad: "open\r\n---\r\n', "line "),
        ("+++\ntitle = 'a'\nbad = = 2\n+++\n", "line 3: "),
        ('{"title": "a",\n "b": }\n', "line 2: "),
        ("---\nkey: {}\n---\n".format("[" * 5_000), ""),
        ("---\n" + "key: value\n" * 9_000 + "---\n", "it is longer than 65,536 characters"),
    ],
)
def test_front_matter_that_cannot_be_read_says_where_and_why(source: str, fault: str) -> None:
    found = parse_front_matter(source).fault

    assert found.startswith(fault)
    assert found
    assert "\n" not in found


@pytest.mark.parametrize(
    "source", ["", "text", "---\ntitle: a\n---\n", "---\n---\n", "---\n\nNo keys\n\n---\n", "{ a }"]
)
def test_what_is_read_or_is_no_front_matter_has_no_fault(source: str) -> None:
    assert parse_front_matter(source).fault == ""


def test_a_tag_of_yaml_makes_no_object(tmp_path: Path) -> None:
    made = tmp_path / "made"
    source = f"---\ntitle: !!python/object/apply:os.mkdir ['{made}']\naliases: [A]\n---\nbody"

    matter = parse_front_matter(source)

    assert (matter.title, matter.aliases) == ("", ("A",))
    assert not made.exists()


def test_related_targets_keep_their_labels() -> None:
    matter = parse_front_matter(
        "---\nrelated:\n- a.md\n- '[[B]]'\n- url: c.md\n  title: See C\n- 3\n---\n"
    )

    assert matter.related == (("a.md", ""), ("[[B]]", ""), ("c.md", "See C"), ("3", ""))


def test_toml_is_read() -> None:
    source = (
        "+++\n# a comment\ntitle = 'T = 1'\naliases = ['/old/', 'Nick']\ntags = ['a', '#b']\n"
        "related = ['a.md']\nurl = '/x/'\ndate = 2024-01-01\n[params]\nslug = 'no'\n+++\nbody"
    )

    matter = parse_front_matter(source)

    assert source[matter.end :] == "body"
    assert (matter.title, matter.aliases, matter.tags) == ("T = 1", ("Nick",), ("a", "b"))
    assert (matter.related, matter.routes) == ((("a.md", ""),), ("/x", "/old/"))


def test_toml_with_a_mistake_or_a_key_twice_keeps_its_title() -> None:
    assert parse_front_matter('+++\ntitle = "T"\nx = [\n+++\nbody').title == "T"
    assert parse_front_matter('+++\ntitle = "T"\ntitle = "U"\n+++\nbody').title == "T"
    assert parse_front_matter("+++\njust text\n+++\nbody").end == 0


def test_yaml_with_a_key_twice_takes_the_last() -> None:
    assert parse_front_matter("---\ntitle: A\ntitle: B\n---\n").title == "B"


@pytest.mark.parametrize("tags", ["'#a #b'", "a, b", "[a, '#b']", "\n- a\n- b", "'#a, #b'"])
def test_tags_in_every_form(tags: str) -> None:
    assert parse_front_matter(f"---\ntags: {tags}\n---\n").tags == ("a", "b")


def test_addresses_are_routes_and_no_names() -> None:
    matter = parse_front_matter(
        "---\nslug: short\nid: 2024\npermalink: /p/:year/\naliases: [/old/, was.html, TCP/IP]\n"
        "redirect_from: /gone\n---\n"
    )

    assert matter.routes == ("short", "2024", "/old/", "was.html", "TCP/IP", "/gone")
    assert matter.aliases == ("TCP/IP",)


def test_an_alias_seen_from_the_page_is_a_route_and_no_name() -> None:
    matter = parse_front_matter("---\naliases:\n- ../../mill/spin\n- ./card\n- Old name\n---\n")

    assert matter.routes == ("../../mill/spin", "./card")
    assert matter.aliases == ("Old name",)


def test_wiki_link_under_any_key_is_related() -> None:
    matter = parse_front_matter("---\nup: '[[A]]'\nsee: ['[[B|b]]', text]\nrelated: '[[A]]'\n---\n")

    assert matter.related == (("[[A]]", ""), ("[[B|b]]", ""))


@pytest.mark.parametrize("fence", ["---", "+++"])
def test_front_matter_of_a_megabyte_is_not_parsed_and_is_no_text(fence: str) -> None:
    sign = ":" if fence == "---" else " ="
    lines = "\n".join(f'key{number}{sign} "{number:060}"' for number in range(14_000))
    source = f'{fence}\ntitle{sign} "T"\n{lines}\n{fence}\nbody'
    began = time.process_time()

    matter = parse_front_matter(source)

    assert time.process_time() - began < 2
    assert matter.title == "T"
    assert source[matter.end :] == "body"


def test_text_between_two_far_rules_is_no_front_matter() -> None:
    source = "---\nnote: this\n\n" + "Some prose goes here.\n" * 5000 + "\n---\nbody"

    assert parse_front_matter(source).end == 0


@pytest.mark.parametrize(
    "block",
    [
        "x = " + "[" * 8_000,
        "x = " + "{a = " * 1_500,
        "a." * 4_000 + "a = 1",
        "a." * 30_000 + "a = 1",
        "[[a]]\n" * 1_300,
        '"' * 8_000,
        "x = '''" + "'" * 8_000,
        "[" + "a." * 4_000 + "a]",
    ],
)
def test_hostile_toml_is_bounded(block: str) -> None:
    began = time.process_time()

    parse_front_matter(f"+++\ny = 1\n{block}\n+++\nbody")

    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "value",
    [
        "!!python/object/apply:os.system ['exit 1']",
        "!!python/object/new:os.system [x]",
        "!!python/name:os.system",
    ],
)
def test_tags_of_yaml_are_never_followed(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: str) -> int:
        raise AssertionError("it was run")

    monkeypatch.setattr("os.system", fail)

    assert parse_front_matter(f"---\ntitle: T\nkey: {value}\n---\nbody").title == "T"


def test_json_at_the_start_is_front_matter() -> None:
    source = '{\n  "title": "T",\n  "Tags": ["a", "b"],\n  "aliases": ["Tee"]\n}\n\ntext\n'
    matter = parse_front_matter(source)

    assert (matter.title, matter.tags, matter.aliases) == ("T", ("a", "b"), ("Tee",))
    assert source[matter.end :] == "\ntext\n"


@pytest.mark.parametrize(
    "source",
    [
        '{"title": "T"} text',
        '{"title": "T"',
        "{% include x %}\n",
        "{ text }\n",
        "{}\n",
        '{"a": ' + "[" * 100_000,
    ],
)
def test_other_braces_at_the_start_are_text(source: str) -> None:
    assert parse_front_matter(source).end == 0


@pytest.mark.parametrize(
    ("fields", "tags"),
    [
        ("keywords: slow start, cold start", ("slow start", "cold start")),
        ("tags: [a]\ncategories: b c\ncategory: d", ("a", "b", "c", "d")),
        ("tags: project/alpha", ("project/alpha",)),
    ],
)
def test_keywords_and_categories_are_tags(fields: str, tags: tuple[str, ...]) -> None:
    assert parse_front_matter(f"---\n{fields}\n---\n").tags == tags


@pytest.mark.parametrize(
    ("fields", "day"),
    [
        ("date: 2024-01-31", "2024-01-31"),
        ("date: 2024-1-3T10:00:00+02:00", "2024-01-03"),
        ("Date: '2024/01/31 10:00'", "2024-01-31"),
        ("lastmod: 2024-02-01\ndate: 2024-01-31", "2024-01-31"),
        ("date: soon\nupdated: 2024-02-01", "2024-02-01"),
        ("date: 2024-02-30\ncreated: 2024-03-01", "2024-03-01"),
        ("ms.date: 07/04/2024", "2024-07-04"),
        ("date: 07/04/2024", ""),
        ("date: 20240131", ""),
        ("date: [2024-01-31]", ""),
        ("title: 2024-01-31", ""),
    ],
)
def test_the_day_of_a_page_is_that_of_the_first_field_that_names_one(fields: str, day: str) -> None:
    assert parse_front_matter(f"---\n{fields}\n---\n").dated == day


def test_dates_of_toml_and_json_count_as_those_of_yaml() -> None:
    assert parse_front_matter("+++\ndate = 2024-01-31T10:00:00Z\n+++\n").dated == "2024-01-31"
    assert parse_front_matter('{"date": "2024-01-31"}\n').dated == "2024-01-31"

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docsearch_cli.index.path_patterns import PathPattern, allows_path
from docsearch_cli.retrieval.conditions import Condition


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("guides", "guides/a.md"),
        ("guides/*", "guides/deep/a.md"),
        ("guides/*", "docs/guides/a.md"),
        ("guides/", "guides/a.md"),
        ("./guides", "guides/a.md"),
        ("setup", "guides/setup.md"),
        ("guides/setup", "docs/guides/setup.md"),
        ("*.md", "docs/a.md"),
        ("Guides/A.MD", "guides/a.md"),
        ("docs/**/a.md", "docs/a.md"),
        ("docs/**/a.md", "docs/x/y/a.md"),
        ("/docs/a.md", "docs/a.md"),
        ("**", "a.md"),
        ("docs\\a.md", "docs/a.md"),
        ("a?[0-9].md", "ab1.md"),
        ("[slug].md", "s.md"),
    ],
)
def test_a_pattern_matches(pattern, path):
    assert PathPattern(pattern).matches(path)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("guide", "guides/a.md"),
        ("guides/*", "guides"),
        ("/guides", "docs/guides/a.md"),
        ("*.md", "a.mdx"),
        ("api", "capitals/therapist.md"),
        ("docs/*/a.md", "docs/x/y/a.md"),
    ],
)
def test_a_pattern_does_not_match(pattern, path):
    assert not PathPattern(pattern).matches(path)


def test_of_several_paths_one_is_enough_and_none_may_be_excluded():
    conditions = [
        Condition("path", "a"),
        Condition("path", "b"),
        Condition("path", "b/old", excludes=True),
        Condition("tag", "x"),
    ]

    assert [allows_path(conditions, path) for path in ("a/1", "b/1", "b/old/1", "c/1")] == [
        True, True, False, False,
    ]  # fmt: skip
    assert allows_path([], "c/1")


@given(st.text(alphabet="ab*?[]/.\\", max_size=30), st.text(alphabet="ab/.", max_size=30))
def test_any_pattern_is_answered(pattern, path):
    assert PathPattern(pattern).matches(path) in (True, False)


def test_time_is_bounded_for_a_hostile_pattern():
    assert not PathPattern("*a" * 40 + "/" + "**/" * 40 + "*b" * 40).matches("a" * 200 + "/a" * 60)


def test_several_stars_for_folders_in_a_row_are_one():
    pattern = PathPattern("**/" * 50_000 + "x.md")

    assert pattern.matches("a/b/x.md")
    assert not pattern.matches("a/b/y.md")
    assert not PathPattern("/a/**/**/x.md").matches("b/a/x.md")

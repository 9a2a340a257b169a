"""TOML of strangers: what it says, and no key that takes minutes."""

import pytest

from docsearch_cli.toml_text import read_toml


def test_what_it_says():
    assert read_toml("[a.b]\nc = 'one. two.'\n") == {"a": {"b": {"c": "one. two."}}}


def test_dots_on_many_lines_are_no_fault():
    assert len(read_toml("".join(f"k{n} = '...'\n" for n in range(1_000)))) == 1_000


@pytest.mark.parametrize("key", ["a.", '"=".', "'a'. "])
def test_a_key_of_very_many_parts_is_refused(key):
    with pytest.raises(ValueError, match="line 2 has more than 2,000 dots"):
        read_toml(f"x = 1\n{key * 100_000}a = 1\n")


def test_what_is_no_toml_is_an_error():
    with pytest.raises(ValueError, match="line 1"):
        read_toml("a = \n")

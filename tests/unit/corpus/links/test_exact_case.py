"""Of names that differ in case alone a link takes the one that it spells."""

import pytest

from tests.unit.corpus.links.test_resolver import resolve


def targets(files, **options):
    report = resolve(files, **options)
    found = {edge.target_path for edge in report.edges if edge.source_path == "z.md"}
    return sorted(found), report


@pytest.mark.parametrize(
    ("link", "found"),
    [
        ("[[time]]", "time.md"),
        ("[[Time]]", "Time.md"),
        ("[[time.md]]", "time.md"),
        ("[x](time.md)", "time.md"),
        ("[x](Time.md)", "Time.md"),
        ("[x](Time)", "Time.md"),
    ],
)
def test_a_link_takes_the_page_whose_name_it_spells(link, found):
    files = {"time.md": "# a\n", "Time.md": "# b\n", "z.md": f"{link}\n"}
    found_targets, report = targets(files)

    assert found_targets == [found]
    assert not report.ambiguous


def test_a_link_takes_the_title_that_it_spells():
    files = {"a.md": "# Time\n", "b.md": "# time\n", "z.md": "[[time]]\n"}

    assert targets(files)[0] == ["b.md"]


def test_a_path_of_a_note_is_taken_in_its_case():
    files = {"x/in/Time.md": "# a\n", "y/in/time.md": "# b\n", "z.md": "[[in/time]]\n"}

    assert targets(files)[0] == ["y/in/time.md"]


def test_a_name_in_no_such_case_is_ambiguous():
    files = {"time.md": "# a\n", "Time.md": "# b\n", "z.md": "[[TIME]]\n"}

    assert len(targets(files)[1].ambiguous) == 1


@pytest.mark.parametrize("link", ["[[TIME]]", "[x](TIME.md)"])
def test_a_name_that_only_one_page_has_needs_no_case(link):
    found, report = targets({"time.md": "# a\n", "z.md": f"{link}\n"})

    assert found == ["time.md"]
    assert not report.ambiguous


@pytest.mark.parametrize(
    "link", ["[[Array[0]]]", "[[Array[0]|first]]", "see [[Array[0]]] there", "![[Array[0]]]"]
)
def test_a_note_may_have_brackets_in_its_name(link):
    assert targets({"Array[0].md": "# Array\n", "z.md": f"{link}\n"})[0] == ["Array[0].md"]


def test_brackets_around_a_link_are_no_part_of_it():
    assert targets({"x.md": "# X\n", "z.md": "[[[x]]] and [[[y]\n"})[0] == ["x.md"]

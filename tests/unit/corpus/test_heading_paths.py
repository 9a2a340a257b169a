import pytest

from docsearch_cli.corpus.heading_paths import distances_above
from docsearch_cli.models import Section


@pytest.mark.parametrize(
    ("levels", "distances"),
    [
        ([], []),
        ([0], [0]),
        ([0, 1, 2, 2], [0, 0, 1, 2]),
        ([1, 2, 3, 3, 2, 3], [0, 1, 1, 2, 4, 1]),
        ([1, 2, 2, 2, 3], [0, 1, 2, 3, 1]),  # the pieces of a long section have one level
        ([3, 2, 1, 4], [0, 0, 0, 1]),
    ],
)
def test_how_far_before_a_section_the_heading_above_it_stands(levels, distances):
    sections = [Section("H", level, 1, 1, "text") for level in levels]

    assert distances_above(sections) == distances

import subprocess
import sys

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from docsearch_cli.corpus.graphemes import shorten, whole_until
from docsearch_cli.corpus.naming import one_line
from docsearch_cli.corpus.sentence_ends import cut_long

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
FLAG = "\U0001f1eb\U0001f1f7"
ACCENTS = "e\u0301\u0323"
CLUSTERS = [FAMILY, FLAG, ACCENTS, "\r\n", "\u1112\u1161\u11ab", "\u0915\u0940"]
PARTS = [*CLUSTERS, "a", " ", "\u4e2d", "\u0600"]
TEXTS = st.lists(st.sampled_from(PARTS), max_size=12).map("".join)


def places(text):
    return {0, len(text), *(match.end() for match in regex.finditer(r"\X", text))}


@pytest.mark.parametrize("cluster", CLUSTERS)
def test_no_cluster_is_cut(cluster):
    text = f"ab{cluster}cd"

    for end in range(2, 2 + len(cluster)):
        assert whole_until(text, end) == 2
    assert whole_until(text, 2 + len(cluster)) == 2 + len(cluster)


@given(TEXTS, st.integers(0, 60))
def test_a_text_is_cut_at_the_last_place_between_clusters(text, end):
    cut = whole_until(text, end)
    before = [place for place in places(text) if 0 < place <= end]

    assert cut == (end if end >= len(text) or not before else max(before))


def test_one_cluster_alone_is_cut_since_nothing_else_is_left():
    assert whole_until("e" + "\u0301" * 1000, 300) == 300


def test_flags_in_a_row_are_paired_from_their_start():
    assert whole_until(FLAG * 40, 41) == 40


def test_shortened_texts_end_behind_a_cluster():
    assert shorten(f"a b\n{FAMILY}{FAMILY}", 12) == "a b ..."
    assert shorten("short", 12) == "short"
    assert one_line("a" * 298 + FAMILY) == "a" * 298


@pytest.mark.parametrize("cluster", [FAMILY, FLAG, ACCENTS])
def test_a_sentence_without_an_end_is_cut_between_clusters(cluster):
    text = "b" + cluster * 600
    spans = list(cut_long(text, 0, len(text)))

    assert len(spans) > 2
    assert {place for span in spans for place in span} <= places(text)


def test_a_text_of_plain_letters_loads_no_tables():
    code = (
        "import sys; from docsearch_cli.corpus.graphemes import shorten; "
        "shorten('K\\xe4fer ' * 99, 50); print('regex' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)

    assert done.stdout == "False\n"

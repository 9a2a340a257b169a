"""What a worker says of its code: a difference is named, and whatever is no answer is one."""

import json

import pytest

from docsearch_cli.cluster.identity import differences, own_identity, write_identity


def test_the_same_code_has_no_differences():
    assert differences(write_identity(), own_identity()) == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("version", "its docsearch is '0'"),
        ("source", "another code of docsearch (0, here"),
        ("step_source", "another Python, numpy or stemmer"),
        ("indexer", "another libraries that read documents"),
    ],
)
def test_what_differs_is_named(name, words):
    sent = json.dumps({**own_identity(), name: "0"}).encode()

    (said,) = differences(sent, own_identity())
    assert words in said


@pytest.mark.parametrize("sent", [None, "text", b"", b"{", b"[]", b"{}", b"[" * 100_000, b"\xff"])
def test_what_is_no_answer_differs(sent):
    assert differences(sent, own_identity()) == ["it does not say which docsearch it has"]

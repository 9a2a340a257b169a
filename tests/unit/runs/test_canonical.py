import pytest

from docsearch_cli.errors import InputError, RunCorruptError
from docsearch_cli.runs.canonical import blob_hash, chain_hash, making_sense, read_canonical
from docsearch_cli.steps import canonical_json


def test_what_a_foreign_record_provokes_is_called_by_its_name():
    with pytest.raises(RunCorruptError, match=r"makes no sense: KeyError: 'x'"), making_sense():
        {}["x"]
    with pytest.raises(InputError), making_sense():
        raise InputError("of our own")


@pytest.mark.parametrize("data", [b'{"a":1,"b":[0.5,null]}', b'"\xc3\xa9"', b"[]"])
def test_what_docsearch_spells_is_read(data):
    assert canonical_json(read_canonical(data)) == data


@pytest.mark.parametrize(
    "data", [b'{"b":1,"a":2}', b"[1, 2]", b"1.0e1", b"NaN", b"[Infinity]", b"{"]
)
def test_what_is_spelled_otherwise_is_refused(data):
    with pytest.raises(ValueError, match=r"spelled|no number|Expecting"):
        read_canonical(data)


def test_a_chained_hash_covers_what_was_before():
    first = chain_hash("", "commit", "{}")

    assert chain_hash(first, "commit", "{}") != first
    assert first == blob_hash(b"\0commit\0{}")

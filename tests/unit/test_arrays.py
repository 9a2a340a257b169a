import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from docsearch_cli.arrays import (
    StringTable,
    load_array,
    rows_of,
    save_array,
    save_strings,
)
from docsearch_cli.errors import IndexCorruptError

in_folder = hypothesis_settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def table(folder, rows):
    save_strings(folder, "t", rows)
    return StringTable.load(folder, "t")


def test_an_array_is_read_as_written(tmp_path):
    save_array(tmp_path, "a", np.array([3, 1, 2], dtype=np.int32))

    assert load_array(tmp_path, "a").tolist() == [3, 1, 2]


def test_an_empty_array_is_read_as_written(tmp_path):
    save_array(tmp_path, "a", np.zeros(0, dtype=np.float32))

    assert len(load_array(tmp_path, "a")) == 0


def test_a_missing_array_is_named(tmp_path):
    with pytest.raises(IndexCorruptError, match=r"a\.npy"):
        load_array(tmp_path, "a")


@pytest.mark.parametrize("size", [0, 5, 130])
def test_a_truncated_array_is_named(tmp_path, size):
    save_array(tmp_path, "a", np.arange(100))
    path = tmp_path / "a.npy"
    path.write_bytes(path.read_bytes()[:size])

    with pytest.raises(IndexCorruptError, match=r"a\.npy"):
        load_array(tmp_path, "a")


def test_an_array_of_objects_is_never_unpickled(tmp_path):
    np.save(tmp_path / "a.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)

    with pytest.raises(IndexCorruptError, match=r"a\.npy"):
        load_array(tmp_path, "a")


@in_folder
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_strings_are_read_as_written(tmp_path, rows):
    found = table(tmp_path, rows)

    assert [found[row] for row in range(len(found))] == rows


def test_an_empty_table_has_no_rows(tmp_path):
    found = table(tmp_path, [])

    assert len(found) == 0
    assert found.find("a") is None


def test_a_table_of_empty_strings_keeps_its_rows(tmp_path):
    assert len(table(tmp_path, ["", ""])) == 2


def test_lone_surrogates_do_not_break_a_table(tmp_path):
    assert table(tmp_path, ["bad\udcff.md"])[0] == "bad?.md"


@in_folder
@given(st.sets(st.text(st.characters(exclude_categories=["Cs"])), min_size=1), st.data())
def test_every_row_of_a_sorted_table_is_found(tmp_path, rows, data):
    ordered = sorted(rows, key=str.encode)
    wanted = data.draw(st.sampled_from(ordered))

    assert table(tmp_path, ordered).find(wanted) == ordered.index(wanted)


@pytest.mark.parametrize("text", ["", "aa", "b", "zz", "é"])
def test_what_is_not_in_a_table_is_not_found(tmp_path, text):
    assert table(tmp_path, ["a", "ab", "c"]).find(text) is None


def test_a_table_whose_blob_is_short_is_named(tmp_path):
    save_strings(tmp_path, "t", ["abc", "def"])
    (tmp_path / "t.utf8").write_bytes(b"abc")

    with pytest.raises(IndexCorruptError, match=r"t\.utf8"):
        StringTable.load(tmp_path, "t")


def test_a_table_whose_blob_is_missing_is_named(tmp_path):
    save_strings(tmp_path, "t", ["abc"])
    (tmp_path / "t.utf8").unlink()

    with pytest.raises(IndexCorruptError, match=r"t\.utf8"):
        StringTable.load(tmp_path, "t")


def test_groups_are_flattened_with_their_starts():
    starts, flat = rows_of([[3, 1], [], [2]])

    assert (starts.tolist(), flat.tolist()) == ([0, 2, 2, 3], [3, 1, 2])


def test_no_groups_flatten_to_nothing():
    starts, flat = rows_of([])

    assert (starts.tolist(), flat.tolist()) == ([0], [])

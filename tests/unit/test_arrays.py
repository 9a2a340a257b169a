import numpy as np
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from docsearch_cli.arrays import (
    ArrayWriter,
    load_array,
    load_rows,
    load_starts,
    load_values,
    rows_of,
    save_array,
    save_starts,
)
from docsearch_cli.errors import IndexCorruptError

in_folder = hypothesis_settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


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


def test_groups_are_flattened_with_their_starts():
    starts, flat = rows_of([[3, 1], [], [2]])

    assert (starts.tolist(), flat.tolist()) == ([0, 2, 2, 3], [3, 1, 2])


def test_no_groups_flatten_to_nothing():
    starts, flat = rows_of([])

    assert (starts.tolist(), flat.tolist()) == ([0], [])


@pytest.mark.parametrize("parts", [[], [[]], [[1, 2], [], [3]]])
def test_an_array_written_piece_by_piece_is_the_same_file(tmp_path, parts):
    values = np.array([value for part in parts for value in part], np.uint16)
    with ArrayWriter(tmp_path, "a", np.uint16) as writer:
        for part in parts:
            writer.extend(np.array(part, np.uint16))
    save_array(tmp_path, "b", values)

    assert (tmp_path / "a.npy").read_bytes() == (tmp_path / "b.npy").read_bytes()


def test_a_column_of_a_table_is_written_piece_by_piece(tmp_path):
    with ArrayWriter(tmp_path, "a", np.int32) as writer:
        writer.extend(np.arange(6, dtype=np.int32).reshape(3, 2)[:, 1])

    assert load_array(tmp_path, "a").tolist() == [1, 3, 5]


def test_values_of_another_type_are_not_written(tmp_path):
    with ArrayWriter(tmp_path, "a", np.uint16) as writer, pytest.raises(AssertionError):
        writer.extend(np.zeros(1, np.int32))


@pytest.mark.parametrize(
    ("last", "dtype"), [(0, np.uint32), ((1 << 32) - 1, np.uint32), (1 << 32, np.int64)]
)
def test_starts_take_four_bytes_each_where_that_is_enough(tmp_path, last, dtype):
    save_starts(tmp_path, "s", np.array([0, last], np.int64))
    found = load_starts(tmp_path, "s")

    assert (found.dtype, found.tolist()) == (dtype, [0, last])


GOOD = np.array([0, 2, 2, 5], np.int64)
BAD_STARTS = {
    "not from 0": ([1, 2, 5], {}),
    "not to the end": ([0, 2, 4], {"values": 5}),
    "beyond the end": ([0, 2, 6], {"values": 5}),
    "falls": ([0, 3, 2, 5], {}),
    "a group too few": ([0, 2, 5], {"groups": 3}),
    "a group too many": ([0, 2, 5], {"groups": 1}),
    "an empty group": ([0, 2, 2, 5], {"may_be_empty": False}),
    "nothing at all": ([], {}),
    "two dimensions": ([[0, 2, 5]], {}),
}


def test_starts_are_read_as_written(tmp_path):
    save_array(tmp_path, "s", GOOD)

    assert load_starts(tmp_path, "s", groups=3, values=5).tolist() == GOOD.tolist()
    assert load_starts(tmp_path, "s").tolist() == GOOD.tolist()


@pytest.mark.parametrize("kind", BAD_STARTS)
def test_starts_that_lead_elsewhere_are_named(tmp_path, kind):
    values, options = BAD_STARTS[kind]
    save_array(tmp_path, "s", np.array(values, np.int64))

    with pytest.raises(IndexCorruptError, match=r"s\.npy"):
        load_starts(tmp_path, "s", **options)


@pytest.mark.parametrize("dtype", [np.int32, np.float64, np.uint64])
def test_starts_of_another_type_are_named(tmp_path, dtype):
    save_array(tmp_path, "s", GOOD.astype(dtype))

    with pytest.raises(IndexCorruptError, match=r"s\.npy"):
        load_starts(tmp_path, "s")


@pytest.mark.parametrize(
    ("values", "good"),
    [([0, 2], True), ([], True), ([3], False), ([-1], False), ([0, 3], False), ([2, -1], False)],
)
def test_rows_lie_within_what_they_lead_to(tmp_path, values, good):
    save_array(tmp_path, "r", np.array(values, np.int32))

    if good:
        assert load_rows(tmp_path, "r", below=3).tolist() == values
        assert load_rows(tmp_path, "r", below=3, count=len(values)).tolist() == values
    else:
        with pytest.raises(IndexCorruptError, match=r"r\.npy"):
            load_rows(tmp_path, "r", below=3)
    with pytest.raises(IndexCorruptError, match=r"r\.npy"):
        load_rows(tmp_path, "r", below=3, count=len(values) + 1)


@pytest.mark.parametrize(
    ("dtype", "shape", "good"),
    [
        (np.int32, (2, 3), True),
        (np.int32, (None, 3), True),
        (np.int32, (None, None), True),
        (np.int64, (2, 3), False),
        (np.uint32, (2, 3), False),
        (np.int32, (2, 2), False),
        (np.int32, (None,), False),
        (np.int32, (2, 3, None), False),
    ],
)
def test_values_have_their_type_and_shape(tmp_path, dtype, shape, good):
    save_array(tmp_path, "v", np.zeros((2, 3), np.int32))

    if good:
        assert load_values(tmp_path, "v", dtype, shape).shape == (2, 3)
    else:
        with pytest.raises(IndexCorruptError, match=r"v\.npy"):
            load_values(tmp_path, "v", dtype, shape)


def test_an_array_cannot_be_written_to(tmp_path):
    save_array(tmp_path, "a", np.zeros(2, np.int32))

    with pytest.raises(ValueError, match="read-only"):
        load_array(tmp_path, "a")[0] = 1


def test_the_error_says_how_to_mend_it(tmp_path):
    with pytest.raises(IndexCorruptError) as raised:
        load_array(tmp_path, "a")
    assert "--rebuild" in raised.value.hint

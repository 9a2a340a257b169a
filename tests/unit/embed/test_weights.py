import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from docsearch_cli.embed.model_folder import UnsupportedModelError
from docsearch_cli.embed.weights import Weights
from tests.support import usual_or_soak
from tests.unit.embed.tiny_bert import write_raw, write_safetensors

VALUES = np.array([[1.5, -2.0, 0.25], [1024.0, 0.0, -0.5]], dtype=np.float32)
DATA = VALUES.tobytes()
GOOD = {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.safetensors"


@pytest.mark.parametrize("dtype", ["F32", "F16", "BF16"])
def test_a_tensor_is_read_as_written(path, dtype):
    write_safetensors(path, {"other": VALUES * 2, "a": VALUES}, dtype)

    assert np.array_equal(Weights(path).floats("a", (2, 3)), VALUES)


def test_a_tensor_of_float32_is_a_view_of_the_file(path):
    write_safetensors(path, {"a": VALUES})

    read = Weights(path).floats("a", (2, 3))

    assert not read.flags.owndata
    assert not read.flags.writeable


def test_a_tensor_may_stand_at_an_odd_place(path):
    write_safetensors(path, {"a": VALUES, "b": VALUES}, gap=1)

    read = Weights(path).floats("b", (2, 3))

    assert np.array_equal(read, VALUES)
    assert read.flags.aligned


def test_what_is_never_read_may_have_any_dtype(path):
    header = {"a": GOOD, "ids": {"dtype": "I64", "shape": [1], "data_offsets": [24, 32]}}
    write_raw(path, json.dumps(header).encode(), DATA + b"\0" * 8)
    weights = Weights(path)

    assert np.array_equal(weights.floats("a", (2, 3)), VALUES)
    with pytest.raises(UnsupportedModelError, match=r"model\.safetensors: ids has the dtype I64"):
        weights.floats("ids", (1,))


def test_an_empty_tensor_is_read(path):
    write_safetensors(path, {"a": np.zeros((0, 3), np.float32)})

    assert Weights(path).floats("a", (0, 3)).shape == (0, 3)


def test_a_missing_tensor_is_named(path):
    write_safetensors(path, {"a": VALUES})

    with pytest.raises(UnsupportedModelError, match=r"model\.safetensors: there is no b"):
        Weights(path).floats("b", (2, 3))


def test_another_shape_is_named(path):
    write_safetensors(path, {"a": VALUES})

    with pytest.raises(UnsupportedModelError, match=r"a has the shape \(2, 3\), not \(3, 2\)"):
        Weights(path).floats("a", (3, 2))


@pytest.mark.parametrize(
    "described",
    [
        {**GOOD, "data_offsets": [0, 25]},
        {**GOOD, "data_offsets": [1, 25]},
        {**GOOD, "data_offsets": [24, 0]},
        {**GOOD, "data_offsets": [-24, 0]},
        {**GOOD, "data_offsets": [2**70, 2**70 + 24]},
        {**GOOD, "data_offsets": [0, 24.0]},
        {**GOOD, "data_offsets": [False, 24]},
        {**GOOD, "data_offsets": ["0", "24"]},
        {**GOOD, "data_offsets": [0]},
        {**GOOD, "data_offsets": [0, 20]},
        {**GOOD, "shape": [2, -3]},
        {**GOOD, "shape": "23"},
        {**GOOD, "shape": None},
        {**GOOD, "dtype": 4},
        {**GOOD, "dtype": "F16"},
        {**GOOD, "dtype": "F64"},
        {**GOOD, "dtype": "|O"},
        {"dtype": "F32", "shape": [2, 3]},
        {},
        [],
        None,
    ],
)
def test_a_tensor_described_wrongly_is_refused(path, described):
    write_raw(path, json.dumps({"a": described}).encode(), DATA)

    with pytest.raises(UnsupportedModelError, match=r"model\.safetensors: .*\ba\b"):
        Weights(path).floats("a", (2, 3))


def test_a_shape_beyond_any_memory_is_refused(path):
    shape = (2**40, 2**40)
    write_raw(path, json.dumps({"a": {**GOOD, "shape": shape}}).encode(), DATA)

    with pytest.raises(UnsupportedModelError, match=r"model\.safetensors: a has 24 bytes"):
        Weights(path).floats("a", shape)


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"{",
        b"[]",
        b"12",
        b"nonsense",
        b"\xff\xfe{}",
        b'{"a": ' + b"[" * 100_000,
        b'{"a": ' + b"9" * 5_000 + b"}",
    ],
)
def test_a_header_that_is_no_object_is_refused(path, header):
    write_raw(path, header, DATA)

    with pytest.raises(UnsupportedModelError, match=r"model\.safetensors: damaged"):
        Weights(path)


@pytest.mark.parametrize("length", [0, 1, 1000, 2**31, 2**63, 2**64 - 1])
def test_a_wrong_header_length_is_refused(path, length):
    write_raw(path, json.dumps({"a": GOOD}).encode(), DATA, length)

    with pytest.raises(UnsupportedModelError, match=r"model\.safetensors: damaged"):
        Weights(path)


def test_a_file_cut_short_anywhere_is_refused(path):
    write_safetensors(path, {"a": VALUES, "b": VALUES})
    whole = path.read_bytes()

    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        with pytest.raises(UnsupportedModelError, match=r"model\.safetensors: damaged"):
            Weights(path)


def test_a_missing_file_is_named(path):
    with pytest.raises(UnsupportedModelError, match=r"model\.safetensors: there is no such file"):
        Weights(path)


def test_a_folder_of_that_name_is_no_file(path):
    path.mkdir()

    with pytest.raises(UnsupportedModelError, match=r"model\.safetensors: there is no such file"):
        Weights(path)


@hypothesis_settings(
    max_examples=usual_or_soak(75, 300),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(place=st.integers(0, 200), byte=st.integers(0, 255))
def test_one_wrong_byte_gives_numbers_or_a_named_error(path, place, byte):
    write_safetensors(path, {"a": VALUES, "b": VALUES})
    damaged = bytearray(path.read_bytes())
    damaged[place % len(damaged)] = byte
    path.write_bytes(damaged)

    try:
        read = Weights(path).floats("a", (2, 3))
    except UnsupportedModelError as error:
        assert str(error).startswith("model.safetensors: ")
    else:
        assert read.shape == (2, 3)

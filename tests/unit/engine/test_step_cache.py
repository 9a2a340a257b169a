import pytest

from docsearch_cli.engine.step_cache import open_step_cache, step_key


def test_a_key_made_of_equal_parts_is_the_same_key():
    part = "abc"
    again = "".join(["a", "bc"])

    assert step_key(part, part, {"x": b"1", "y": b"2"}) == step_key(
        again, again, {"y": b"2", "x": b"1"}
    )


@pytest.mark.parametrize(
    "other",
    [
        ("g@1", "source", {"x": b"1"}),
        ("f@1", "newer", {"x": b"1"}),
        ("f@1", "source", {"x": b"2"}),
        ("f@1", "source", {"y": b"1"}),
        ("f@1", "source", {}),
        ("f@1source", "", {"x": b"1"}),
        ("f@1", "source", {"x1": b""}),
        ("f@1", "source", {"x": b"1", "y": b""}),
    ],
)
def test_a_key_depends_on_function_code_and_every_part(other):
    assert step_key("f@1", "source", {"x": b"1"}) != step_key(*other)


def test_a_key_is_what_it_was_in_earlier_versions():
    """Results that are cached stay known: their keys do not change unseen."""
    key = step_key("f@1", "source", {"b": b"2", "a": b"1"})

    assert key == "f416baebdc1fd43c5c5659344ba12f1ffb63b391ee7c31d293ed8e3fe3160565"


def test_the_cache_of_steps_is_in_a_folder_of_its_own(tmp_path):
    cache = open_step_cache(tmp_path, lambda text: None)
    cache.set("k", b"value", "digest")
    cache.close()

    assert [path.name for path in tmp_path.iterdir()] == ["cache"]
    assert (tmp_path / "cache" / "steps" / "cache.db").exists()


def test_a_cache_that_cannot_be_made_is_reported(tmp_path):
    (tmp_path / "cache").touch()
    warnings = []
    open_step_cache(tmp_path, warnings.append).set("k", b"value", "digest")

    assert len(warnings) == 1
    assert "step cache" in warnings[0]

import pytest

from docsearch_cli.index.places import absolute_path, holder_of, holder_of_home, stored_path


@pytest.mark.parametrize(
    ("path", "holder", "stored"),
    [
        ("/p", "/p", "."),
        ("/p/docs", "/p", "docs"),
        ("/p/docs/a b", "/p", "docs/a b"),
        ("/p", "/p/docs", ".."),
        ("/p", "/p/docs/inner", "../.."),
        ("/q", "/p", "/q"),
        ("/pq", "/p", "/pq"),
        ("/p", "/pq", "/p"),
        ("/", "/p", "/"),
        ("/p", "/", "/p"),
    ],
)
def test_a_path_is_stored_as_seen_from_the_holder_and_found_again(path, holder, stored):
    assert stored_path(path, holder) == stored
    assert absolute_path(stored, holder) == path


def test_a_generation_is_held_by_the_folder_of_its_home(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    home = tmp_path / "link" / ".docsearch"

    assert holder_of_home(home) == str(tmp_path / "real")
    assert holder_of(home / "index" / "0123") == str(tmp_path / "real")

import pytest

from docsearch_cli.corpus.systems.dated import Post, post_of_address, post_of_file

LOOM = Post("loom-two", 2022, 4, 25)


@pytest.mark.parametrize(
    "stem",
    [
        "blog/2022-04-25-loom-two",
        "blog/2022-04-25-loom-two/index",
        "blog/2022/04/25/loom-two",
        "blog/2022/04-25-loom-two",
        "_posts/2022-4-25-loom-two",
        "2022-04-25-loom-two",
    ],
)
def test_files_named_by_their_date(stem: str) -> None:
    assert post_of_file(stem) == LOOM


@pytest.mark.parametrize("stem", ["blog/loom-two", "2022-04-25", "v1-2-3/x", "12022-04-25-x"])
def test_files_without_a_date(stem: str) -> None:
    assert post_of_file(stem) is None


@pytest.mark.parametrize(
    ("address", "matches"),
    [
        ("/blog/2022/04/25/loom-two", True),
        ("/blog/2022/04/25/loom-two/", True),
        ("/2022/4/25/loom-two", True),
        ("/news/2022/04/loom-two", True),
        ("/2022/loom-two", True),
        ("/blog/2022-04-25-loom-two", True),
        ("/blog/2022/04/26/loom-two", False),
        ("/blog/2021/loom-two", False),
    ],
)
def test_an_address_has_the_date_of_its_post(address: str, matches: bool) -> None:
    post = post_of_address(address)

    assert post is not None
    assert post.name == "loom-two"
    assert post.is_dated()
    assert post.matches(LOOM) is matches


def test_an_address_need_have_no_date() -> None:
    assert post_of_address("/blog/loom-two") == Post("loom-two")
    assert not Post("loom-two").is_dated()

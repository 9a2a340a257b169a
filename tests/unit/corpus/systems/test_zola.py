from docsearch_cli.corpus.systems.zola import address_of


def test_the_content_is_named_by_a_sign() -> None:
    assert address_of("@/docs/a.md#x") == "/docs/a.md#x"
    assert address_of("@site/a.md") == "@site/a.md"

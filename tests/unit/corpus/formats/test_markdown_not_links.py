from docsearch_cli.corpus.formats.markdown import read_markdown


def test_what_vuepress_takes_in_of_a_program_is_no_link() -> None:
    source = "@[code{1-3} sh](@snippets/a.sh) and [b](b.md)\n\n@[coder](c.md)\n"
    links = read_markdown("a.md", source, "").links

    assert [link.target for link in links] == ["b.md", "c.md"]

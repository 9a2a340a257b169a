from docsearch_cli.corpus.formats.html_tags import Comment, Tag, scan_markup


def tags(text: str) -> list[tuple[str, bool, str]]:
    return [
        (found.name, found.is_end, text[found.start : found.end])
        for found in scan_markup(text)
        if isinstance(found, Tag)
    ]


def test_tags_have_their_places() -> None:
    assert tags("a<B c='1'>d</b >e<br/>") == [
        ("b", False, "<B c='1'>"),
        ("b", True, "</b >"),
        ("br", False, "<br/>"),
    ]


def test_sign_that_begins_no_tag_is_text() -> None:
    assert tags("1 < 2 <3 <> </> a<b") == []


def test_comments_and_raw_text_hold_no_tags() -> None:
    text = "<!-- <p> --><script>'<p>'</script><![CDATA[<p>]]><?php <p ?><title><p></title>"

    assert [name for name, _, _ in tags(text)] == ["script", "script", "title", "title"]
    assert sum(isinstance(found, Comment) for found in scan_markup(text)) == 3


def test_unclosed_comment_reaches_the_end() -> None:
    assert tags("<!-- <p> <b>") == []


def test_attributes_are_decoded_and_the_first_one_wins() -> None:
    (tag,) = scan_markup("<a HREF='x?a&amp;b' href=no disabled title=\"1 > 0\" k = v>")

    assert isinstance(tag, Tag)
    assert tag.attributes() == {"href": "x?a&b", "disabled": "", "title": "1 > 0", "k": "v"}

import pytest

from docsearch_cli.corpus.formats.org import read_org
from docsearch_cli.corpus.plain_text import plain_text, sentences
from docsearch_cli.models import Document
from tests.resolving import resolve_links


def read(source: str, path: str = "my-page.org") -> Document:
    return read_org(path, source, "")


PAGE = """\
:PROPERTIES:
:ID: abc-1
:ROAM_ALIASES: "Other name" Short
:END:
#+TITLE: The /Guide/
#+filetags: :one:two:

Intro.

* TODO [#A] First part                     :x:
:PROPERTIES:
:CUSTOM_ID: first
:END:
Text with *bold* and =code=.
  See [[./b.org][two
words]], 1. and - and.
- item one. Two.
# a comment [[no.org]]

#+BEGIN_SRC org
,* no title
[[no.org]]
#+END_SRC

** Deeper
<<spot>> text
| a | b |
|---+---|
: literal
"""


def test_sections_begin_at_headings() -> None:
    document = read(PAGE)

    assert [(s.level, s.heading, s.line_start, s.line_end) for s in document.sections] == [
        (0, "", 1, 8), (1, "First part", 10, 23), (2, "Deeper", 25, 29),
    ]  # fmt: skip
    assert all(section.text in PAGE for section in document.sections)


def test_names_come_from_keywords_and_drawers() -> None:
    document = read(PAGE)

    assert (document.title, document.aliases) == ("The Guide", ("Other name", "Short"))
    assert (document.tags, document.labels) == (("one", "two", "x"), ("id:abc-1",))
    assert document.sections[1].anchors == ("first-part", "first")
    assert document.sections[2].anchors == ("deeper", "spot")


def test_text_without_marks() -> None:
    units = [u.plain for s in read(PAGE).sections for u in sentences(s.text, "org")]

    assert units == [
        "The Guide", "one two", "Intro.", "First part", "Text with bold and code.",
        "See two words, 1. and - and.", "item one.", "Two.",
        ",* no title", "no.org", "Deeper", "text", "a b", "literal",
    ]  # fmt: skip
    assert "CUSTOM_ID" not in plain_text(read(PAGE).sections[1].text, "org")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("[[file:x.org::*Heading][text]]", ("x.org#Heading", "text", 1, "url")),
        ("[[file:x.org::#id][text]]", ("x.org#id", "text", 1, "url")),
        ("[[file:x.org::12]]", ("x.org", "file:x.org::12", 1, "url")),
        ("[[./sub/x.org][two\nwords]]", ("./sub/x.org", "two words", 1, "url")),
        ("[[https://x.org/a][t]]", ("https://x.org/a", "t", 1, "url")),
        ("a\nhttps://x.org/a.", ("https://x.org/a", "https://x.org/a", 2, "url")),
        ("<https://x.org/a>", ("https://x.org/a", "https://x.org/a", 1, "url")),
        ("[[id:abc-1][t]]", ("id:abc-1", "t", 1, "ref")),
        ("[[roam:A title]]", ("A title", "roam:A title", 1, "title")),
        ("[[*Here]]\n* Here", ("#Here", "*Here", 1, "url")),
        ("[[Here][t]]\n* Here", ("#Here", "t", 1, "url")),
        ("[[Some note][t]]", ("Some note", "t", 1, "wiki")),
        ('#+INCLUDE: "part.org::*X" src', ("part.org", "", 1, "include")),
        ("=[[file:x.org]]=", None),
        (": [[file:x.org]]", None),
        ("#+begin_example\n[[file:x.org]]\n#+end_example", None),
        ("# [[file:x.org]]", None),
        ("[[./a=b.org]] and [[./c=d.org]]", ("./a=b.org", "./a=b.org", 1, "url")),
    ],
)
def test_every_way_to_write_a_link(source: str, expected: tuple[str, str, int, str] | None) -> None:
    found = [(link.target, link.text, link.line, link.syntax) for link in read(source).links]

    assert found[:1] == ([expected] if expected else [])


def test_links_resolve() -> None:
    pages = {
        "a.org": "[[file:b.org::*Part two][b]] [[id:ABC-2]] [[roam:Bee]] [[file:no.org]] [[id:x]]",
        "b.org": "#+TITLE: Bee\n* One\n* Part two\n:PROPERTIES:\n:ID: abc-2\n:END:\n",
    }
    report = resolve_links([read(source, path) for path, source in pages.items()])

    assert [edge.target_section for edge in report.edges] == [2, 2, None]
    assert [row.target for row in report.broken] == ["no.org", "id:x"]

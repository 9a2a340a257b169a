import warnings

import pytest

from docsearch_cli.corpus.formats.rst import read_rst
from docsearch_cli.models import Document


def read(source: str) -> Document:
    return read_rst("my-page.rst", source, "")


def links(source: str) -> list[tuple[str, str, int, str]]:
    return [(link.target, link.text, link.line, link.syntax) for link in read(source).links]


TITLES = """\
#####
Guide
#####

Intro.

First
=====
Text::

    Not a title
    ===========

Deep ``x``
----------
- item

Second
======

.. note::

   Inside
   ------
"""


def test_levels_follow_the_order_of_adornments() -> None:
    assert [(s.level, s.heading, s.line_start, s.line_end) for s in read(TITLES).sections] == [
        (1, "Guide", 1, 5),
        (2, "First", 7, 12),
        (3, "Deep x", 14, 16),
        (2, "Second", 18, 24),
    ]


@pytest.mark.parametrize(
    "source",
    [
        TITLES,
        "Title\n=====\n\ntext\n\n----\n\ntext\n",
        "A\n=\n\nB\n=\n",
        "Long title here\n===\n\ntext\n",
        "===\nOver\n===\n\nUnder\n-----\n",
        "中文标题\n========\n\ntext\n",
        ".. _label:\n\nTitle\n=====\ntext\n",
        "para\nnot title\n=========\n",
        ".. code-block:: x\n\n   A\n   =\n\nReal\n====\n",
        ".. comment\n   A\n   =\n\nReal\n====\n",
        "Say::\n\n  A\n  =\n\nReal\n====\n",
    ],
)
def test_titles_are_those_that_docutils_finds(source: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import docutils.core
        from docutils import nodes
        from docutils.parsers.rst import Directive, directives

    class Ignored(Directive):
        has_content = True
        optional_arguments = 1

        def run(self) -> list[nodes.Node]:
            return []

    directives.register_directive("code-block", Ignored)
    settings = {"report_level": 5, "halt_level": 6, "doctitle_xform": False}
    tree = docutils.core.publish_doctree(source, settings_overrides=settings)

    expected = [node[0].astext() for node in tree.findall(nodes.section)]

    assert [section.heading for section in read(source).sections if section.level] == expected


def test_title_falls_back_to_the_file_name() -> None:
    assert read("just text\n").title == "my page"


def test_label_above_a_title_is_an_anchor_of_its_section() -> None:
    document = read(
        "Top\n===\n\ntext\n\n.. _My Label:\n.. _other-one:\n\nNext\n----\n\n.. _in:\n\nx\n"
    )

    assert document.labels == ("My Label", "other-one", "in")
    assert document.sections[0].anchors == ("top",)
    assert document.sections[1].anchors == ("next", "my label", "other-one", "in")


def test_section_of_nothing_but_labels_and_comments_is_left_out() -> None:
    document = read(".. Copyright\n   by us.\n\n.. _a:\n\nTitle\n=====\n")

    assert [section.heading for section in document.sections] == ["Title"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("`text <a.html>`_", ("a.html", "text", 1, "url")),
        ("`text <a.html>`__", ("a.html", "text", 1, "url")),
        ("a\n`two\nlines <https://x.org/a\nb>`_", ("https://x.org/ab", "two lines", 2, "url")),
        ("`Py`_\n\n.. _Py: https://py.org", ("https://py.org", "Py", 1, "url")),
        ("See py_.\n\n.. _py:\n   https://python.org", ("https://python.org", "py", 1, "url")),
        ("See `A b`_.\n\n.. _`A B`: x.html", ("x.html", "A b", 1, "url")),
        ("`t <py_>`_\n\n.. _py: x.html", ("x.html", "t", 1, "url")),
        ("`one`__\n\n__ x.html", ("x.html", "one", 1, "url")),
        ("`one`__\n\n__ `A b`_\n\n.. _A b: x.html", ("x.html", "one", 1, "url")),
        ("Top\n===\n\n`Top`_", ("#top", "Top", 4, "url")),
        (":doc:`/guide/start`", ("/guide/start", "/guide/start", 1, "doc")),
        (":doc:`Start <../start>`", ("../start", "Start", 1, "doc")),
        (":ref:`My  Label`", ("my label", "My Label", 1, "ref")),
        (":ref:`text <My-Label>`", ("my-label", "text", 1, "ref")),
        (":std:ref:`x`", ("x", "x", 1, "ref")),
        (":any:`x`", ("x", "x", 1, "any")),
        (":term:`My Term`", ("term:my term", "My Term", 1, "ref")),
        (":download:`data <d.zip>`", ("d.zip", "data", 1, "url")),
        ("see https://x.org/a.", ("https://x.org/a", "https://x.org/a", 1, "url")),
        (".. include:: part.rst", ("part.rst", "", 1, "include")),
        (".. image:: x.png\n   :target: a.html", ("a.html", "", 2, "url")),
        (".. note:: read :doc:`a`", ("a", "a", 1, "doc")),
        (":external+warp:doc:`x <guide/y>`", ("warp:guide/y", "x", 1, "ref")),
    ],
)  # fmt: skip
def test_every_way_to_write_a_reference(source: str, expected: tuple[str, str, int, str]) -> None:
    assert links(source) == [expected]


@pytest.mark.parametrize(
    "source",
    [
        "``:doc:`a```",
        "``x_ and `y <z>`_``",
        "::\n\n  :doc:`a`\n",
        "Say::\n\n  `t <a>`_\n",
        ".. code-block:: rst\n\n   :ref:`a`\n",
        ".. a comment with :ref:`x`\n   and `t <a>`_\n",
        ">>> x = `a <b>`_",
        ":ref:`!x`",
        "snake_case and trailing_ word",
        "`interpreted <text>`",
        ":class:`Foo <bar>`",
    ],
)
def test_what_only_looks_like_a_reference(source: str) -> None:
    assert links(source) == []


def test_entries_of_a_table_of_contents_are_links() -> None:
    source = (
        "T\n=\n\n.. toctree::\n   :maxdepth: 2\n   :glob:\n\n   intro\n   Use it <usage/index>\n"
        "   api/*\n   self\n\nend\n"
    )

    assert links(source) == [
        ("intro", "", 8, "entry"), ("usage/index", "Use it", 9, "entry"), ("api/*", "", 10, "glob"),
    ]  # fmt: skip


def test_sign_of_a_pattern_is_a_character_without_the_option() -> None:
    assert links(".. toctree::\n\n   what?\n") == [("what?", "", 3, "entry")]


def test_terms_and_names_of_directives_are_labels() -> None:
    document = read(
        "Top\n===\n\n.. figure:: x.png\n   :alt: x\n   :name: Fig One\n\n:name: Bob\n\n"
        "Words\n-----\n.. glossary::\n   :sorted:\n\n   source *dir*\n   other : noun\n"
        "      Where it is.\n\n   last\n      x\n\nend\n"
    )

    assert document.labels == ("Fig One", "term:source dir", "term:other", "term:last")
    assert document.sections[0].anchors == ("top", "fig one")
    assert document.sections[1].anchors[1:] == ("term:source dir", "term:other", "term:last")


def test_line_numbers_hold_with_carriage_returns() -> None:
    assert links("a\r\n\r\nb :doc:`x`\r\n") == [("x", "x", 3, "doc")]


def test_ring_of_aliases_ends() -> None:
    assert links("a_\n\n.. _a: b_\n.. _b: a_\n") == []


def test_spaces_in_an_entry_or_a_role_are_passed_in_one_go() -> None:
    spaces = " " * 300_000
    source = f".. toctree::\n\n   a{spaces}b\n   Name{spaces}<page>\n\n:doc:`N    <other>`\n"

    links = read_rst("a.rst", source, "").links

    assert [(link.text, link.target) for link in links if link.text] == [
        ("Name", "page"),
        ("N", "other"),
    ]


@pytest.mark.parametrize(
    "item",
    [
        "* .. _in-item:\n\n  text\n",
        "* .. _in-item:\n  text\n",
        "2. .. _in-item:\n\n   text\n",
        ".. list-table::\n\n   * - .. _in-item:\n\n       text\n     - text\n",
    ],
)
def test_label_in_an_item_of_a_list_leads_to_its_section(item: str) -> None:
    document = read(f"Guide\n=====\n\nPart\n----\n\n{item}\nSee in-item_.\n")

    assert document.labels == ("in-item",)
    assert "in-item" in document.sections[1].anchors
    assert [link.target for link in document.links] == ["#in-item"]


def test_address_of_a_label_in_an_item_may_follow_on_the_next_line() -> None:
    source = (
        "* .. _one: https://example.org/1\n* .. _two:\n     https://example.org/2\n\none_ two_\n"
    )

    assert [link[0] for link in links(source)] == ["https://example.org/1", "https://example.org/2"]
    assert read(source).labels == ()


def test_escaped_brackets_hold_no_address() -> None:
    source = (
        "the `\\<search\\>`_ element, `the \\<b\\> <c\\>.html>`_\n\n"
        ".. _`\\<search\\>`: https://example.org/search\n"
    )

    assert links(source) == [
        ("https://example.org/search", "<search>", 1, "url"),
        ("c>.html", "the <b>", 1, "url"),
    ]


def test_the_page_itself_in_its_table_of_contents_is_no_link() -> None:
    assert links(".. toctree::\n\n   Overview <self>\n   self\n") == []

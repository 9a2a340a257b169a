import unicodedata
from collections.abc import Callable

import pytest

from docsearch_cli.corpus.formats.markdown import read_markdown
from docsearch_cli.corpus.formats.rst import read_rst
from docsearch_cli.models import Document
from tests.loading import Corpus
from tests.resolving import LinkReport, resolve_links

Files = dict[str, str | bytes]


def documents(files: dict[str, str]) -> list[Document]:
    return [
        (read_rst if path.endswith(".rst") else read_markdown)(path, source, "")
        for path, source in sorted(files.items())
    ]


def resolve(files: dict[str, str], *others: str, roots: dict[str, str] | None = None) -> LinkReport:
    return resolve_links(documents(files), other_files=frozenset(others), roots=roots)


def edges(files: dict[str, str], *others: str) -> list[tuple[str, str]]:
    return [(edge.source_path, edge.target_path) for edge in resolve(files, *others).edges]


def test_url_with_balanced_parentheses_resolves() -> None:
    files = {"a.md": "[x](Hop_(networking).md)", "Hop_(networking).md": "x"}

    assert edges(files) == [("a.md", "Hop_(networking).md")]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("[t](<a (b).md>)", "a (b).md"),
        ("[t](a%20b.md)", "a b.md"),
        ('[t](c.md "title")', "c.md"),
        ("[t](c.md#part)", "c.md"),
        ("[t](c.md?raw=1)", "c.md"),
        ("[t](./c.md)", "c.md"),
        ("[t](sub/../c.md)", "c.md"),
        ("[t](/c.md)", "c.md"),
        ("[t](.\\c.md)", "c.md"),
        ("[t](sub\\c.md)", "sub/c.md"),
        ("[t](<C# notes.md>)", "C# notes.md"),
        ("[t](100%25.md)", "100%.md"),
        ("[t](c)", "c.md"),
        ("[t](c.html)", "c.md"),
        ("[t](c.md)", "c.html"),
        ("[t](C.MD)", "c.md"),
        *(
            (f"[t]({spelled})", f"c{suffix}")
            for suffix in (".mkd", ".mkdn", ".mdown")
            for spelled in ("c", "c.html", f"c{suffix}")
        ),
        ("[t](c.html)", "c.rst.txt"),
        ("[t](c.rst)", "c.rst.txt"),
        ("[t](sub/)", "sub/index.md.txt"),
        ("[[c]]", "c.md.txt"),
        ("[t](sub)", "sub/index.md"),
        ("[t](sub/)", "sub/README.md"),
        ("[t](sub/)", "sub/_index.md"),
        ("[t]({{ site.baseurl }}/c.html)", "c.md"),
        ("[t]({% link sub/c.md %})", "sub/c.md"),
        ("<a href='{{ site.url }}/c.html'>t</a>", "c.md"),
        ("[[c]]", "c.md"),
        ("[[C]]", "c.md"),
        ("[[c.md]]", "c.md"),
        ("[[sub/c]]", "sub/c.md"),
        ("[[c]]", "deep/down/c.md"),
        ("[[down/c]]", "deep/down/c.md"),
        ("[[c#head|label]]", "c.md"),
        ("[[C#]]", "C#.md"),
    ],
)
def test_every_spelling_of_a_target(written: str, name: str) -> None:
    assert edges({"a.md": written, name: "x"}) == [("a.md", name)]


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("../x/My%20Note.md", "x/My Note.md"),
        ("/abs-from-root.md", "abs-from-root.md"),
        (".\\win\\path.md", "d/win/path.md"),
        ("/en/foo.html", "d/en/foo.md"),
        ("d/foo.md", "d/foo.md"),
        ("foo.md", "foo.md"),
    ],
)
def test_target_as_seen_from_a_folder(target: str, name: str) -> None:
    assert edges({"d/a.md": f"[t]({target})", name: "x"}) == [("d/a.md", name)]


@pytest.mark.parametrize("target", ["../../x.md", "../../../etc/passwd", "%2e%2e/%2e%2e/x.md"])
def test_link_out_of_the_root_is_broken(target: str) -> None:
    report = resolve({"d/a.md": f"[t]({target})", "x.md": "x"})

    assert [broken.reason for broken in report.broken] == ["outside"]
    assert report.edges == ()


def test_link_that_names_another_root_where_that_is_not_leads_nowhere() -> None:
    files = {"one/a.md": "[t](../two/b.md) [u](/c.md)", "one/c.md": "x", "two/b.md": "x"}

    report = resolve(files, roots={"one": "/home/one", "two": "/srv/two"})

    assert [edge.target_path for edge in report.edges] == ["one/c.md"]
    assert [broken.reason for broken in report.broken] == ["outside"]


@pytest.mark.parametrize(
    ("written", "target"),
    [
        ("[t](../bb/b.md)", "bb/b.md"),
        ("[t](../bb/b)", "bb/b.md"),
        ("[t](../BB/b.md)", None),
        ("[t](../bb/)", "bb/index.md"),
        ("[t](..\\bb\\b.md)", "bb/b.md"),
        ("[t](d/../../bb/b.md)", "bb/b.md"),
        ("[t](../aa/c.md)", "aa/c.md"),
        ("[t](../bb-2/b.md)", None),
        ("[t](../../srv/bb/b.md)", None),
        ("[t](../../../srv/bb/b.md)", "bb-2/b.md"),
        ("[t](../../../../../srv/bb/b.md)", "bb-2/b.md"),
        ("[t](../note.md)", "one.md"),
        ("[t](../one.md)", None),
        ("[t](/../bb/b.md)", None),
        ("[t](../../../etc/passwd)", None),
    ],
)
def test_link_into_another_root_leads_to_what_is_at_that_place(
    written: str, target: str | None
) -> None:
    roots = {
        "aa": "/home/me/aa",
        "bb": "/home/me/bb",
        "bb-2": "/srv/bb",
        "one.md": "/home/me/note.md",
    }
    names = ("aa/c.md", "bb/b.md", "bb/index.md", "bb-2/b.md", "one.md")
    files = {"aa/a.md": written, **dict.fromkeys(names, "x")}

    report = resolve(files, roots=roots)

    assert [edge.target_path for edge in report.edges] == ([target] if target else [])
    assert len(report.broken) == (target is None)


def test_what_is_missing_in_another_root_is_not_outside() -> None:
    files = {"aa/a.md": "[t](../bb/c.md) [u](../bb/x.png)", "bb/b.md": "x"}

    report = resolve(files, "bb/x.png", roots={"aa": "/home/aa", "bb": "/home/bb"})

    assert [broken.reason for broken in report.broken] == ["missing"]
    assert report.other == 1


def test_links_of_single_files_lead_to_what_is_at_that_place() -> None:
    roots = {"a.md": "/home/a.md", "b.md": "/home/b.md", "c.md": "/srv/c.md", "d": "/home/d"}
    files = {"a.md": "[t](b.md) [u](c.md) [v](../srv/c.md) [w](d/e.md) [x](/b.md)", "b.md": "x"}
    files |= {"c.md": "x", "d/e.md": "[t](../a.md)"}

    report = resolve(files, roots=roots)

    assert [(edge.source_path, edge.target_path) for edge in report.edges] == [
        ("a.md", "b.md"),
        ("a.md", "c.md"),
        ("a.md", "d/e.md"),
        ("a.md", "b.md"),
        ("d/e.md", "a.md"),
    ]
    assert [broken.target for broken in report.broken] == ["c.md"]


def test_link_leads_into_a_root_within_its_own() -> None:
    files = {"inner/b.md": "[t](../a.md)", "x/a.md": "[t](inner/b.md)"}

    report = resolve(files, "x/inner/", roots={"inner": "/home/x/inner", "x": "/home/x"})

    assert [edge.target_path for edge in report.edges] == ["x/a.md", "inner/b.md"]


def test_link_that_leaves_the_only_root_and_returns_is_followed() -> None:
    files = {"a.md": "[t](../docs/b.md) [u](../other/b.md)", "b.md": "x"}

    report = resolve(files, roots={"docs": "/home/docs"})

    assert [edge.target_path for edge in report.edges] == ["b.md"]
    assert [broken.reason for broken in report.broken] == ["outside"]


def test_composed_and_decomposed_names_are_equal() -> None:
    name = unicodedata.normalize("NFD", "phénomène.md")

    assert edges({"a.md": "[t](phénomène.md) [[phénomène]]", name: "x"}) == [("a.md", name)] * 2


def test_case_decides_before_it_is_ignored() -> None:
    files = {"a.md": "[t](readme.md) [u](Readme.md)", "README.md": "x", "readme.md": "x"}

    report = resolve(files)

    assert [edge.target_path for edge in report.edges] == ["readme.md"]
    assert [broken.target for broken in report.broken] == ["Readme.md"]


def test_broken_link_is_reported_and_creates_nothing() -> None:
    report = resolve({"a.md": "# A\n[t](missing.md)"})

    assert report.edges == ()
    (broken,) = report.broken
    assert (broken.source_path, broken.line, broken.target, broken.reason) == (
        "a.md", 2, "missing.md", "missing",
    )  # fmt: skip


def test_fragment_leads_to_its_section() -> None:
    files = {
        "a.md": "[t](b.md#two) [u](b.md#gone) [[b#Two]] [[b#^id]] [v](b.md#named)",
        "b.md": "# One\n\n## Two\ntext ^id\n\n## Three\n<a name='named'></a>",
    }

    assert [edge.target_section for edge in resolve(files).edges] == [1, None, 1, 1, 2]


def test_links_to_the_document_itself_are_local() -> None:
    report = resolve({"a.md": "# H\n[[#H]] [t](#h) [u](a.md#h) [[a]]"})

    assert (report.edges, report.broken, report.local) == ((), (), 4)


@pytest.mark.parametrize(
    "target",
    ["https://x.org", "//x.org/a", "mailto:a@b.c", "javascript:void(0)", "data:text/x,y", "tel:1"],
)
def test_addresses_elsewhere_are_external(target: str) -> None:
    assert resolve({"a.md": f"[t]({target})"}).external == 1


def test_other_files_of_the_corpus_are_not_broken() -> None:
    report = resolve(
        {"a.md": "[t](x.py) [u](img/b.png) [v](img) [w](out/c.html)", "img/n.md": "x"},
        "x.py", "img/b.png", "out/",
    )  # fmt: skip

    assert (report.broken, report.other) == ((), 4)


def test_repeated_links_are_kept_with_their_lines() -> None:
    report = resolve({"a.md": "[t](b.md)\n\n[u](b.md)", "b.md": "[back](a.md)"})

    assert [(e.source_path, e.text, e.line) for e in report.edges] == [
        ("a.md", "t", 1), ("a.md", "u", 3), ("b.md", "back", 1),
    ]  # fmt: skip


def test_ambiguous_note_name_goes_to_the_same_folder_first() -> None:
    files = {"x/n.md": "1", "y/a.md": "[[n]]", "y/n.md": "2"}

    report = resolve(files)

    assert report.edges[0].target_path == "y/n.md"
    assert report.ambiguous[0].candidates == ("x/n.md", "y/n.md")


def test_ambiguous_note_name_goes_to_the_shortest_then_the_smallest_path() -> None:
    assert edges({"q/a.md": "[[n]]", "x/y/n.md": "1", "z/n.md": "2"}) == [("q/a.md", "z/n.md")]
    assert edges({"q/a.md": "[[n]]", "w/n.md": "1", "z/n.md": "2"}) == [("q/a.md", "w/n.md")]
    assert edges({"q/a.md": "[[n]]", "n.md": "1", "z/n.md": "2"}) == [("q/a.md", "n.md")]


def test_note_is_found_by_title_or_alias_when_no_file_has_the_name() -> None:
    files = {"a.md": "[[The Title]] [[Nick]]", "b.md": "---\naliases: [nick]\n---\n# The Title"}

    assert edges(files) == [("a.md", "b.md")] * 2


def test_source_format_wins_over_the_built_page() -> None:
    assert edges({"a.md": "[t](c)", "c.html": "x", "c.md": "y"}) == [("a.md", "c.md")]


def test_label_and_document_references_resolve() -> None:
    files = {
        "index.rst": ":ref:`the label` :doc:`guide/start` :doc:`/guide/start` "
        ":any:`guide/start` :ref:`no`",
        "guide/start.rst": "Start\n=====\n\n.. _The Label:\n\nPart\n----\n"
        ":doc:`/index` :doc:`../index`",
    }

    report = resolve(files)

    assert [(e.source_path, e.target_path, e.target_section) for e in report.edges] == [
        ("guide/start.rst", "index.rst", None),
        ("guide/start.rst", "index.rst", None),
        ("index.rst", "guide/start.rst", 1),
        ("index.rst", "guide/start.rst", None),
        ("index.rst", "guide/start.rst", None),
        ("index.rst", "guide/start.rst", None),
    ]
    assert [(broken.target, broken.reason) for broken in report.broken] == [("no", "label")]


def test_every_link_is_counted_once(corpus_of: Callable[[Files], Corpus]) -> None:
    corpus = corpus_of(
        {"a.md": "[1](b.md) [2](c.md) [3](#top) [4](https://x.org) [5](d.py) [6](../y)", "b.md": "",
         "d.py": ""}
    )  # fmt: skip
    skipped = frozenset(row.path for row in corpus.ledger if row.status == "skipped")

    report = resolve_links(corpus.documents, other_files=skipped)

    counts = len(report.edges), len(report.broken), report.external, report.local, report.other
    assert counts == (1, 2, 1, 1, 1)


def test_hub_of_many_links_takes_linear_time() -> None:
    files = {f"n{number}.md": "[hub](hub.md)" for number in range(2000)}
    files["hub.md"] = "\n".join(f"- [{number}](n{number}.md)" for number in range(2000))

    assert len(resolve(files).edges) == 4000


def test_place_in_the_same_page_that_is_not_there_is_reported() -> None:
    source = (
        "# Head\n\n[h](#nothere) [z](a.md#nope) [[#nohead]] [[a#nowhere]]\n\n"
        "[h](#head) [i](#raw) [j](#by-name) [k](a.md#Head) [[#Head]] [[#^block]] [l](#x)\n\n"
        '<div id="raw"></div> <a name="by-name"></a>\n\n## Two {#x}\n\ntext ^block\n'
    )

    report = resolve({"a.md": source})

    assert [(broken.target, broken.reason) for broken in report.broken] == [
        ("#nothere", "anchor"),
        ("a.md#nope", "anchor"),
        ("#nohead", "anchor"),
        ("a#nowhere", "anchor"),
    ]
    assert report.local == 11


@pytest.mark.parametrize("address", ["#", "#top", "#Top", "a.md#", "#/route", "#:~:text=x", "?x"])
def test_what_is_no_anchor_is_not_reported(address: str) -> None:
    assert resolve({"a.md": f"# Head\n\n[t]({address})\n"}).broken == ()


def test_anchor_above_the_first_heading_leads_to_its_section() -> None:
    report = resolve({"a.md": '<a id="up"></a>\n\n# Head\n\n[t](#up)\n', "b.md": "[t](a.md#up)"})

    assert report.broken == ()
    assert [edge.target_section for edge in report.edges] == [0]

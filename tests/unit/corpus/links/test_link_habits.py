"""Links as the tools of documentation sites write them, each resolved as its own tool does."""

import time
import unicodedata

import pytest

from docsearch_cli.corpus.formats.html import read_html
from docsearch_cli.corpus.formats.markdown import read_markdown
from docsearch_cli.corpus.formats.rst import read_rst
from tests.resolving import LinkReport, resolve_links

_READERS = {".rst": read_rst, ".html": read_html}


def resolve(files: dict[str, str], *others: str, root: str = "") -> LinkReport:
    documents = [
        _READERS.get(path[path.rfind(".") :], read_markdown)(path, source, "")
        for path, source in sorted(files.items())
    ]
    roots = {root: f"/home/{root}"} if root else {}
    return resolve_links(documents, other_files=frozenset(others), roots=roots)


def target_of(written: str, files: dict[str, str], *, source: str, root: str = "") -> str | None:
    """Return where the only link leads, with the heading of the section if it names one."""
    report = resolve({source: written, **files}, root=root)
    edges = [edge for edge in report.edges if edge.source_path == source]
    assert len(edges) + len(report.broken) <= 1, report
    if not edges:
        return None
    return edges[0].target_path + (f" {edges[0].target_section}" if edges[0].target_section else "")


SPHINX = {
    "doc/guide/start.rst": (
        "Start\n=====\n\n.. _The Label:\n\nPart One\n--------\n\ntext\n\nOther\n-----\n\n"
        ".. _a-figure:\n\n.. figure:: x.png\n   :name: fig-name\n\n   caption\n"
    ),
    "doc/glossary.rst": (
        "Glossary\n========\n\ntext\n\nWords\n-----\n\n"
        ".. glossary::\n\n   source dir\n      Where.\n"
    ),
    "doc/release-1.2.rst": "Release\n=======\n",
    "doc/api/one.rst": "One\n===\n",
}


@pytest.mark.parametrize(
    ("written", "target"),
    [
        (":ref:`The Label`", "doc/guide/start.rst 1"),
        (":ref:`text <the label>`", "doc/guide/start.rst 1"),
        (":ref:`a-figure`", "doc/guide/start.rst 2"),
        (":numref:`fig-name`", "doc/guide/start.rst 2"),
        (":ref:`guide/start:Part One`", "doc/guide/start.rst 1"),
        (":ref:`t <guide/start:Other>`", "doc/guide/start.rst 2"),
        (":ref:`Part One`", "doc/guide/start.rst 1"),
        (":doc:`guide/start`", "doc/guide/start.rst"),
        (":doc:`/guide/start`", "doc/guide/start.rst"),
        (":doc:`release-1.2`", "doc/release-1.2.rst"),
        (":doc:`Start <./guide/../guide/start>`", "doc/guide/start.rst"),
        (":term:`Source Dir`", "doc/glossary.rst 1"),
        (":term:`that <source dir>`", "doc/glossary.rst 1"),
        (":any:`the label`", "doc/guide/start.rst 1"),
        (":any:`guide/start`", "doc/guide/start.rst"),
        (":any:`source dir`", "doc/glossary.rst 1"),
        (":any:`json.dumps`", None),
        (".. toctree::\n\n   One page <api/one>", "doc/api/one.rst"),
        (".. toctree::\n\n   api/one.rst", "doc/api/one.rst"),
        (".. toctree::\n   :glob:\n\n   api/*", "doc/api/one.rst"),
        (".. toctree::\n   :glob:\n\n   /api/*", None),
        (".. include:: api/one.rst", "doc/api/one.rst"),
    ],
)
def test_sphinx(written: str, target: str | None) -> None:
    assert target_of(written, SPHINX, source="doc/index.rst") == target


def test_pattern_of_a_table_of_contents_leads_to_all_that_match() -> None:
    files = {"a.rst": ".. toctree::\n   :glob:\n\n   x/*\n   **/q?\n   no/*\n", "x/1.rst": "1",
        "x/2.rst": "2", "x/y/3.rst": "3", "x/y/q4.rst": "4"}  # fmt: skip

    report = resolve(files)

    assert [edge.target_path for edge in report.edges] == ["x/1.rst", "x/2.rst", "x/y/q4.rst"]
    assert [(row.target, row.reason) for row in report.broken] == [("no/*", "missing")]


def test_hostile_pattern_takes_linear_time() -> None:
    began = time.process_time()
    signs = "**a*" * 200

    resolve({"a.rst": f".. toctree::\n   :glob:\n\n   {signs}\n", f"{'a' * 250}.rst": "x"})

    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        (":ref:`genindex`", "other"),
        (":ref:`python:comparisons`", "external"),
        (":term:`python:iterable`", "external"),
        (":ref:`gone`", "label"),
        (":ref:`guide/start:Gone`", "label"),
        (":term:`gone`", "label"),
    ],
)
def test_labels_that_sphinx_or_another_project_defines_are_not_broken(
    written: str, kind: str
) -> None:
    report = resolve({"a.rst": written, **SPHINX})

    assert (report.other, report.external) == (kind == "other", kind == "external")
    assert [row.reason for row in report.broken] == ([kind] if kind == "label" else [])


def test_anchors_of_html_that_sphinx_built() -> None:
    page = (
        '<section id="part"><span id="the-label"></span><h2>Part'
        '<a class="headerlink" href="#part">\u00b6</a></h2><dl><dt id="mod.f">f()</dt></dl>'
        "</section>"
    )
    report = resolve(
        {"a.html": "<a href='b.html#the-label'>x</a><a href='b.html#mod.f'>y</a>",
            "b.html": f"<h1>B</h1>{page}"}
    )  # fmt: skip

    assert [edge.target_section for edge in report.edges] == [1, 1]
    assert report.broken == ()


MKDOCS = {
    "docs/guide/start.md": "# Start\n\n## Part One\n",
    "docs/guide/other.md": "# Other page\n",
    "docs/api/index.md": "# API\n",
}


@pytest.mark.parametrize(
    ("written", "target"),
    [
        ("[x](other.md)", "docs/guide/other.md"),
        ("[x](../api/index.md)", "docs/api/index.md"),
        ("[x](../other/)", "docs/guide/other.md"),
        ("[x](../../api/)", "docs/api/index.md"),
        ("[x](../start/#part-one)", None),
        ("[x][Other page]", "docs/guide/other.md"),
        ("[Other page][]", "docs/guide/other.md"),
        ("[`x`][Other page]", "docs/guide/other.md"),
        ("[x][no such page]", None),
        ("[x][Other page]\n\n[Other page]: ../api/index.md", "docs/api/index.md"),
        ("`[x][Other page]` and a[x][Other page]", None),
    ],
)
def test_mkdocs(written: str, target: str | None) -> None:
    assert target_of(written, MKDOCS, source="docs/guide/here.md") in (
        target,
        "docs/guide/start.md 1",
    )


def test_reference_that_no_page_answers_is_text() -> None:
    report = resolve({"a.md": "[x][no such page]"})

    assert report == LinkReport((), (), (), 0, 0, 0)


def test_link_of_the_site_is_tried_after_the_link_of_the_files() -> None:
    files = {"g/a.md": "[x](../b/)", "g/b.md": "near", "b.md": "by the file"}

    assert [edge.target_path for edge in resolve(files).edges] == ["b.md"]


DOCUSAURUS = {
    "site/docs/01-intro.md": "# Intro\n",
    "site/docs/02-guides/03_install.md": "# Install\n\n## Linux {#on-linux}\n",
    "site/docs/02-guides/named.md": "---\nid: other-name\n---\n# Named\n",
    "site/docs/02-guides/slug.md": "---\nslug: /short\n---\n# Slug\n",
    "site/docs/02-guides/near.md": "---\nslug: beside\n---\n# Near\n",
    "site/docs/extra/extra.md": "# Extra\n",
    "site/versioned_docs/version-1.0/old.md": "# Old\n",
    "site/docs/2021-01-02-date.md": "# Dated\n",
}


@pytest.mark.parametrize(
    ("written", "target"),
    [
        ("[x](./01-intro.md)", "site/docs/01-intro.md"),
        ("[x](/docs/intro)", "site/docs/01-intro.md"),
        ("[x](./intro)", "site/docs/01-intro.md"),
        ("[x](/docs/guides/install#on-linux)", "site/docs/02-guides/03_install.md 1"),
        ("[x](guides/install.md)", "site/docs/02-guides/03_install.md"),
        ("[x](/docs/guides/other-name)", "site/docs/02-guides/named.md"),
        ("[x](/docs/short)", "site/docs/02-guides/slug.md"),
        ("[x](/docs/guides/beside)", "site/docs/02-guides/near.md"),
        ("[x](/docs/extra)", "site/docs/extra/extra.md"),
        ("[x](@site/docs/01-intro.md)", "site/docs/01-intro.md"),
        ("[x](/docs/1.0/old)", "site/versioned_docs/version-1.0/old.md"),
        ("[x](/docs/date)", None),
        ("[x](/docs/2021-01-02-date)", "site/docs/2021-01-02-date.md"),
    ],
)
def test_docusaurus(written: str, target: str | None) -> None:
    assert target_of(written, DOCUSAURUS, source="site/docs/here.mdx") == target


def test_folder_that_is_indexed_alone_is_served_under_its_name() -> None:
    files = {"guides/a.md": "# A\n"}

    assert target_of("[x](/docs/guides/a)", files, source="here.md", root="docs") == "guides/a.md"
    assert target_of("[x](/other/guides/a)", files, source="here.md", root="docs") is None


def test_id_in_a_comment_of_mdx_is_an_anchor() -> None:
    document = read_markdown("a.mdx", "# Set up {/* #install */}\n", "")

    assert document.sections[0].heading == "Set up"
    assert document.sections[0].anchors == ("set-up", "install")


HUGO = {
    "content/en/posts/first.md": "---\ntitle: F\n---\n# First\n\n## Part\n",
    "content/en/posts/bundle/index.md": "# Bundle\n",
    "content/en/posts/_index.md": "# Posts\n",
    "content/en/about.md": "+++\ntitle = 'About us'\nurl = '/who/we/are/'\n+++\ntext\n",
    "content/en/posts/slug.md": "---\nslug: other\naliases: [/old/place/, Nick]\n---\n# S\n",
    "content/en/My Page.md": "# My page\n",
}


@pytest.mark.parametrize(
    ("written", "target"),
    [
        ('[x]({{< ref "first.md" >}})', "content/en/posts/first.md"),
        ('[x]({{< ref "first" >}})', "content/en/posts/first.md"),
        ('[x]({{< ref "/posts/first.md" >}})', "content/en/posts/first.md"),
        ('[x]({{% relref "posts/first.md#part" %}})', "content/en/posts/first.md 1"),
        ('[x]({{< relref "first.md" >}}#part)', "content/en/posts/first.md 1"),
        ('[x]({{< relref path="first.md" lang="en" >}})', "content/en/posts/first.md"),
        ("[x]({{<ref first.md>}})", "content/en/posts/first.md"),
        ('[x]({{< ref "bundle" >}})', "content/en/posts/bundle/index.md"),
        ('[x]({{< ref "#here" >}})', None),
        ("[x](/posts/)", "content/en/posts/_index.md"),
        ("[x](/en/posts/bundle/)", "content/en/posts/bundle/index.md"),
        ("[x](/posts/first/#part)", "content/en/posts/first.md 1"),
        ("[x](/who/we/are/)", "content/en/about.md"),
        ("[x](/posts/other/)", "content/en/posts/slug.md"),
        ("[x](/old/place/)", "content/en/posts/slug.md"),
        ("[x](/my-page/)", "content/en/My Page.md"),
        ("[x](../../posts/first/)", "content/en/posts/first.md"),
    ],
)
def test_hugo(written: str, target: str | None) -> None:
    assert target_of(written, HUGO, source="content/en/docs/here.md") == target


def test_shortcode_around_code_holds_no_heading_and_no_link() -> None:
    document = read_markdown(
        "a.md",
        '# A\n\n{{< code-toggle file="x" >}}\n[[menu.main]]\n# comment\n[t](b.md)\n'
        "{{< /code-toggle >}}\n\n[u](c.md)\n\n{{< highlight go >}}\n\n## B\n",
        "",
    )

    assert [section.heading for section in document.sections] == ["A", "B"]
    assert [(link.target, link.line) for link in document.links] == [("c.md", 9)]


@pytest.mark.parametrize(
    ("written", "target"),
    [
        ("[x]({% post_url 2016-07-26-name %})", "_posts/2016-07-26-name.md"),
        ("[x](/about/)", "pages/a.md"),
        ("[x](/was.html)", "pages/a.md"),
    ],
)
def test_jekyll(written: str, target: str) -> None:
    files = {
        "_posts/2016-07-26-name.md": "# Name\n",
        "pages/a.md": "---\npermalink: /about/\nredirect_from:\n- /was.html\n---\nx\n",
    }

    assert target_of(written, files, source="index.md") == target


TEMPLATES = {
    "two.md": "# Two\n",
    "docs/x.md": "# X\n\n## Part\n",
    "_posts/2016-07-26-name.md": "# Name\n",
}


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("[x]({{ site.baseurl }}/two/)", "two.md"),
        ("[x]({{ '/docs/x' | relative_url }}#part)", "docs/x.md"),
        ("[x]({{ site.baseurl }}{% link docs/x.md %})", "docs/x.md"),
        ("[x]({{ site.baseurl }}{% post_url 2016-07-26-name %})", "_posts/2016-07-26-name.md"),
        ("[x]({{ page.version }}/two)", "two.md"),
        ("[x]({{ site.repository }}/two)", "external"),
        ("[x]({{ site.repository }}/issues/1)", "external"),
        ("[x]({{% param github_repo %}}/blob/main/x.html)", "external"),
        ("[x]({{ page.version }}/gone)", "external"),
        ("[x](https://x.org/{{ page.version }})", "external"),
        ("[x](%s)", "external"),
        ("[x]({{ 'https://x.org' | absolute_url }})", "external"),
        ("[x]({{ site.baseurl }}/gone/)", "broken"),
        ("[x]({{ '/gone' | relative_url }})", "broken"),
    ],
)
def test_templates(written: str, found: str) -> None:
    report = resolve({"here.md": written, **TEMPLATES})

    assert [edge.target_path for edge in report.edges] == ([found] if "." in found else [])
    assert report.external == (found == "external")
    assert len(report.broken) == (found == "broken")


ANCHORS = (
    "# Parts\n\n## Warp, Weft & Selvedge\n\nx\n\n## Über Garne\n\nx\n\n## Knots\n\nx\n\n"
    "## Knots\n\ny\n\n## 概要\n\nz\n\n## 2. `<Content />`\n\nz\n"
)


@pytest.mark.parametrize(
    "fragment",
    [
        "warp-weft--selvedge", "warp-weft-selvedge", "Warp,%20Weft%20&%20Selvedge", "über-garne",
        "uber-garne", "%C3%BCber-garne", "knots-1", "knots_1", "_1", "概要", "content",
        "_2-content", "2-content-", "user-content-knots",
    ],
)  # fmt: skip
def test_anchor_that_any_tool_makes_is_found(fragment: str) -> None:
    report = resolve({"a.md": f"[x](parts.md#{fragment})", "parts.md": ANCHORS})

    assert report.broken == ()


@pytest.mark.parametrize(
    "fragment", ["", "top", ":~:text=x", "/route", "!route", "tab/linux", "fn1", "fnref:1", "fn:1"]
)
def test_fragment_that_is_no_anchor_is_not_broken(fragment: str) -> None:
    assert resolve({"a.md": f"[x](#{fragment})\n"}).broken == ()


def test_footnotes_of_another_page_are_not_broken() -> None:
    assert resolve({"a.md": "[x](b.md#fn:7)", "b.md": "# B\n"}).broken == ()


def test_what_a_domain_of_sphinx_describes_is_a_place() -> None:
    page = "A\n=\n\n.. config:setting:: file-enabled\n\n   x\n\n`y <#file-enabled>`_ `z <#gone>`_\n"

    assert [row.target for row in resolve({"a.rst": page}).broken] == ["#gone"]


@pytest.mark.parametrize("fragment", ["warp", "knots-3", "uber", "_3", "gone"])
def test_anchor_that_no_tool_makes_is_broken(fragment: str) -> None:
    report = resolve({"a.md": f"[x](parts.md#{fragment})", "parts.md": ANCHORS})

    assert [row.reason for row in report.broken] == ["anchor"]


def test_page_of_a_collection_of_jekyll_is_served_without_the_underscore() -> None:
    files = {
        "_config.yml": "",
        "_docs/deep/x.md": "# X\n",
        "_includes/y.md": "# Y\n",
        "a.md": "[x](/docs/deep/x/) [y](/includes/y/)",
    }
    pages = {path: text for path, text in files.items() if path.endswith(".md")}

    in_jekyll, elsewhere = resolve(pages, "_config.yml"), resolve(pages)

    assert [edge.target_path for edge in in_jekyll.edges] == ["_docs/deep/x.md"]
    assert [row.target for row in in_jekyll.broken] == ["/includes/y/"]
    assert elsewhere.edges == ()


def test_what_lies_beside_a_book_is_of_another_site() -> None:
    files = {"src/a/b.md": "[x](../../std/index.html) [y](../std/index.html) [z](/std/index.html)"}

    in_book, elsewhere = resolve(files, "book.toml"), resolve(files)

    assert [row.reason for row in in_book.broken] == ["missing", "missing"]
    assert [row.reason for row in in_book.unknown] == ["elsewhere"]
    assert [row.reason for row in elsewhere.broken] == ["missing"] * 3


@pytest.mark.parametrize(
    ("others", "broken"),
    [
        (("hugo.toml",), ["g", "gone.md"]),
        (("hugo.toml", "layouts/_markup/render-link.html"), ["gone.md"]),
        (("layouts/_markup/render-link.html",), ["g", "gone.md"]),
    ],
)
def test_word_that_a_hook_of_hugo_may_explain_is_not_broken(
    others: tuple[str, ...], broken: list[str]
) -> None:
    report = resolve({"content/a.md": "[term](g) [x](gone.md)"}, *others)

    assert [row.target for row in report.broken] == broken


MADE = {
    "macro.md": "# A\n\n## <!-- md:option b -->\n",
    "ref.md": "# Any\n\n::: package.module\n",
    "auto.md": "# A\n\n```{automodule} package\n```\n",
    "mdx.mdx": "# A\n\n<Options of='x' />\n",
    "part.md": "# A\n\n{{#include ref.md}}\n",
    "filled.md": "# A\n\n::: {#gallery .wide}\n:::\n",
    "plain.md": "# Any\n\n`::: package.module` and <Tip>x</Tip>\n",
}


@pytest.mark.parametrize(("page", "broken"), [(page, page == "plain.md") for page in MADE])
def test_place_that_a_tool_may_make_is_not_broken(page: str, broken: bool) -> None:
    report = resolve({"z.md": f"[x]({page}#package.module)", **MADE})

    assert bool(report.broken) == broken


@pytest.mark.parametrize(
    ("marker", "written", "broken"),
    [
        ("mkdocs.yml", "[[module.imports]]", False),
        ("hugo.toml", "[[params.versions]]", False),
        (".obsidian/", "[[gone]]", True),
        ("x.png", "[[gone]]", True),
        ("x.png", "as said in [[1]]", False),
    ],
)
def test_double_brackets_are_text_where_no_tool_reads_them(
    marker: str, written: str, broken: bool
) -> None:
    assert bool(resolve({"a.md": written}, marker).broken) == broken


VAULT = {
    "notes/deep/Topic.md": "# Head line\n\ntext\n\n## Part: one\n\nsaid ^b1\n",
    "notes/v1.2 notes (draft).md": "x",
    "A B.md": "---\naliases: [Ally, Bee]\n---\nx",
    unicodedata.normalize("NFD", "phénomène.md"): "x",
}


@pytest.mark.parametrize(
    ("written", "target"),
    [
        ("[[Topic]]", "notes/deep/Topic.md"),
        ("[[topic]]", "notes/deep/Topic.md"),
        ("[[deep/Topic]]", "notes/deep/Topic.md"),
        ("[[notes/deep/Topic.md]]", "notes/deep/Topic.md"),
        ("[[Topic#Part: one|see]]", "notes/deep/Topic.md 1"),
        ("[[Topic#Part one]]", "notes/deep/Topic.md 1"),
        ("[[Topic#Head line#Part one]]", "notes/deep/Topic.md 1"),
        ("[[Topic#^b1]]", "notes/deep/Topic.md 1"),
        ("[[Topic^b1]]", "notes/deep/Topic.md 1"),
        ("![[Topic#Part one]]", "notes/deep/Topic.md 1"),
        ("[[v1.2 notes (draft)]]", "notes/v1.2 notes (draft).md"),
        ("[x](notes/v1.2%20notes%20(draft).md)", "notes/v1.2 notes (draft).md"),
        ("[[a b]]", "A B.md"),
        ("[[ally]]", "A B.md"),
        ("[[phénomène]]", unicodedata.normalize("NFD", "phénomène.md")),
        ("---\nup: '[[Topic]]'\n---\nx", "notes/deep/Topic.md"),
        ("---\nrelated: [Topic]\n---\nx", "notes/deep/Topic.md"),
        ("---\nrelated: ['A B']\n---\nx", "A B.md"),
        ("---\nrelated: notes/deep/Topic.md#part-one\n---\nx", "notes/deep/Topic.md 1"),
    ],
)
def test_obsidian(written: str, target: str) -> None:
    assert target_of(written, VAULT, source="here.md") == target


def test_path_of_one_name_is_a_note_of_the_vault_but_of_no_other_folder() -> None:
    files = {"x/a.md": "[t](Topic.md#part-one) [u](Topic) [v](y/Topic.md)", **VAULT}

    in_vault, elsewhere = resolve(files, ".obsidian/"), resolve(files)

    assert [edge.target_path for edge in in_vault.edges] == ["notes/deep/Topic.md"] * 2
    assert [row.target for row in in_vault.broken] == ["y/Topic.md"]
    assert elsewhere.edges == ()


MYST = {
    "guide/start.md": (
        "(the-label)=\n(second)=\n# Start\n\ntext\n\n(in-text)=\nmore\n\n(part)=\n## Part\n"
    ),
    "guide/other.md": "# Other\n",
}


@pytest.mark.parametrize(
    ("written", "target"),
    [
        ("{ref}`the-label`", "guide/start.md"),
        ("{ref}`text <part>`", "guide/start.md 1"),
        ("{std:ref}`second`", "guide/start.md"),
        ("{ref}`in-text`", "guide/start.md"),
        ("{doc}`guide/other`", "guide/other.md"),
        ("{doc}`Other </guide/other>`", "guide/other.md"),
        ("[text](#part)", "guide/start.md 1"),
        ("```{toctree}\n:maxdepth: 2\n\nOther <guide/other>\n```", "guide/other.md"),
        ("```{toctree}\n:glob:\n\nguide/o*\n```", "guide/other.md"),
        ("```{include} guide/other.md\n```", "guide/other.md"),
        ("``{ref}`the-label` ``", None),
        ("```\n{ref}`the-label`\n```", None),
        ("{py:class}`Foo`", None),
        ("(part)=\n# Here\n\n[text](#part)", None),
    ],
)
def test_myst(written: str, target: str | None) -> None:
    assert target_of(written, MYST, source="index.md") == target


def test_lines_of_mysts_references_are_their_own() -> None:
    document = read_markdown(
        "a.md", "# A\n\ntext\n{ref}`x`\n\n```{toctree}\n:maxdepth: 1\n\none\ntwo\n```\n", ""
    )

    assert [(link.target, link.line) for link in document.links] == [
        ("x", 4),
        ("one", 9),
        ("two", 10),
    ]

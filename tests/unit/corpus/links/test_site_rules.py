"""Links as the system of a tree means them, which its markers tell."""

import pytest

from docsearch_cli.corpus.formats.asciidoc import read_asciidoc
from docsearch_cli.corpus.formats.html import read_html
from docsearch_cli.corpus.formats.markdown import read_markdown
from docsearch_cli.corpus.formats.org import read_org
from docsearch_cli.corpus.formats.text import read_text
from docsearch_cli.corpus.systems import sphinx
from docsearch_cli.corpus.systems.detection import detect_systems
from tests.resolving import LinkReport, resolve_links

READERS = {".adoc": read_asciidoc, ".org": read_org}


def resolve(files: dict[str, str], *markers: str) -> LinkReport:
    documents = [
        READERS.get(path[path.rfind(".") :], read_markdown)(path, source, "")
        for path, source in sorted(files.items())
    ]
    return resolve_links(documents, other_files=frozenset(markers))


def targets(files: dict[str, str], *markers: str, source: str) -> list[str | None]:
    """Return where the links of a document lead; None for each broken one."""
    report = resolve(files, *markers)
    edges = [edge.target_path for edge in report.edges if edge.source_path == source]
    return [*edges, *[None for link in report.broken if link.source_path == source]]


WIKI = {
    "Known-limits.md": "# Things\n",
    "guides/Set-Up.md": "# Putting it up\n",
    "guides/Who-Pays%3F.md": "# Money\n",
    "_Sidebar.md": "x",
}


@pytest.mark.parametrize(
    ("written", "target"),
    [
        ("[[how to|Set-Up]]", "guides/Set-Up.md"),
        ("[[Set Up]]", "guides/Set-Up.md"),
        ("[[set up]]", "guides/Set-Up.md"),
        ("[x](Set-Up)", "guides/Set-Up.md"),
        ("[x](set-up#part)", "guides/Set-Up.md"),
        ("[x](../wiki/Set-Up)", "guides/Set-Up.md"),
        ("[x](/me/loom/wiki/Set-Up)", "guides/Set-Up.md"),
        ("[[Known limits]]", "Known-limits.md"),
        ("[[x|Known limits]]", "Known-limits.md"),
        ("[[Who Pays?]]", "guides/Who-Pays%3F.md"),
        ("[x](Who-Pays%3F)", "guides/Who-Pays%3F.md"),
        ("[[Set Up|no such page]]", None),
        ("[x](no-such-page)", None),
    ],
)
def test_pages_of_a_wiki_of_github(written: str, target: str | None) -> None:
    files = {"history/Log.md": written, **WIKI}
    found = resolve(files)
    edges = [edge for edge in found.edges if edge.source_path == "history/Log.md"]

    assert [edge.target_path for edge in edges] == [target] * (target is not None)
    broken = [link.reason for link in found.broken if link.reason == "missing"]
    assert broken == ["missing"] * (target is None)


def test_the_text_of_a_wiki_link_is_what_it_shows() -> None:
    (edge,) = resolve({"a.md": "[[how to|Set-Up]]", **WIKI}).edges

    assert edge.text == "how to"


def test_a_wiki_that_is_only_guessed_is_read_either_way() -> None:
    files = {"Home.md": "[[Set-Up|how to]] [[how to|Set-Up]]", "Set-Up.md": "x"}

    assert targets(files, source="Home.md") == ["Set-Up.md", "Set-Up.md"]


def test_elsewhere_the_page_comes_first() -> None:
    files = {"a.md": "[[b|c]]", "b.md": "x", "c.md": "x"}

    assert targets(files, ".obsidian/", source="a.md") == ["b.md"]
    assert targets(files, source="a.md") == ["b.md"]
    assert targets(files, "dendron.yml", source="a.md") == ["c.md"]


LOGSEQ = {
    "pages/Crew___Duty.md": "- x",
    "pages/old%2Fways.md": "- x",
    "pages/Payments.md": "alias:: Invoices\n\n- x",
    "pages/q17.md": "title:: Who pays?\n\n- x",
    "journals/2022_04_25.md": "- x",
    "pages/blocks.md": "- x\n  id:: 64e6a1b2-0000-4000-8000-00000000abcd\n",
    "pages/more.org": "* x\n:PROPERTIES:\n:id: 64e6a1b2-0000-4000-8000-00000000ffff\n:END:\n",
}


@pytest.mark.parametrize(
    ("written", "target"),
    [
        ("[[Crew/Duty]]", "pages/Crew___Duty.md"),
        ("[[crew/duty]]", "pages/Crew___Duty.md"),
        ("[[old/ways]]", "pages/old%2Fways.md"),
        ("[[Invoices]]", "pages/Payments.md"),
        ("[[Who pays?]]", "pages/q17.md"),
        ("#[[Who pays?]]", "pages/q17.md"),
        ("[x]([[Who pays?]])", "pages/q17.md"),
        ("[[Apr 25th, 2022]]", "journals/2022_04_25.md"),
        ("((64e6a1b2-0000-4000-8000-00000000abcd))", "pages/blocks.md"),
        ("{{embed ((64e6a1b2-0000-4000-8000-00000000abcd))}}", "pages/blocks.md"),
        ("((64e6a1b2-0000-4000-8000-00000000ffff))", "pages/more.org"),
    ],
)
def test_pages_and_blocks_of_logseq(written: str, target: str) -> None:
    files = {"pages/hub.md": f"- {written}\n", **LOGSEQ}

    assert targets(files, "logseq/config.edn", source="pages/hub.md") == [target]


def test_a_page_of_logseq_needs_no_file_but_a_block_does() -> None:
    files = {
        "pages/a.md": "- [[No page]] [x]([[None/Either]])\n"
        "- ((64e6a1b2-0000-4000-8000-000000000000))\n"
    }
    report = resolve(files, "logseq/config.edn")

    assert [link.reason for link in report.broken] == ["label"]


def test_inclusions_of_dendron() -> None:
    files = {"a.md": "![[dendron://vault/b.c#part,1:#*]]", "b.c.md": "# B\n\n## Part\n"}
    report = resolve(files, "dendron.yml")

    assert [(edge.target_path, edge.target_section) for edge in report.edges] == [("b.c.md", 1)]
    assert report.broken == ()


@pytest.mark.parametrize(
    ("written", "post"),
    [
        ("[x](/blog/2022/04/25/loom#part)", "site/blog/2022-04-25-loom.md"),
        ("[x](/2020/01/02/mill.html)", "site/_posts/2020-01-02-mill.md"),
        ("[x](/2020/01/02/mill/)", "site/_posts/2020-01-02-mill.md"),
        ("[x](/notes/2020/01/mill)", "site/_posts/2020-01-02-mill.md"),
        ("[x](/2020/01/03/mill)", None),
        ("[x](/mill)", None),
    ],
)
def test_posts_are_served_under_their_date(written: str, post: str | None) -> None:
    files = {
        "site/a.md": written,
        "site/blog/2022-04-25-loom.md": "## Part\n",
        "site/_posts/2020-01-02-mill.md": "x",
    }

    assert targets(files, "site/_config.yml", source="site/a.md") == [post]


def test_a_readme_is_served_as_the_index_of_its_folder() -> None:
    files = {"src/a.md": "[x](glaze/index.html#blue) [y](glaze/index.md)"}
    files["src/glaze/README.md"] = "## Blue\n"

    assert targets(files, "book.toml", source="src/a.md") == ["src/glaze/README.md"] * 2
    assert targets(files, source="src/a.md") == ["src/glaze/README.md", None]


@pytest.mark.parametrize(
    ("written", "target"),
    [
        ("[text](lime-off)", "b.md"),
        ("[](lime-off)", "b.md"),
        ("[text](how/to)", "b.md"),
        ("[text](project:b.md)", "b.md"),
        ("[text](project:#lime-off)", "b.md"),
        ("{external+other:ref}`x`", "external"),
        ("[text](no-label)", None),
    ],
)
def test_labels_of_myst(written: str, target: str | None) -> None:
    files = {"a.md": written, "b.md": "# B\n\n(lime-off)=\n(how/to)=\n## Off\n"}
    report = resolve(files, "conf.py")

    assert [edge.target_path for edge in report.edges] == [target] * (target == "b.md")
    assert report.external == (target == "external")
    assert len(report.broken) == (target is None)


def test_references_of_quarto() -> None:
    files = {"a.qmd": "See @sec-two and @sec-none.\n", "b.qmd": "# B\n\n## Two {#sec-two}\n"}
    report = resolve(files, "_quarto.yml")

    assert [(edge.target_path, edge.target_section) for edge in report.edges] == [("b.qmd", 1)]
    assert report.broken == ()


def test_pages_of_docfx_have_uids() -> None:
    files = {
        "a.md": "[x](xref:shop.intro) <xref:shop.intro?text=x> [y](xref:System.String)\n",
        "b.md": "---\nuid: Shop.Intro\n---\n# B\n",
    }
    report = resolve(files, "docfx.json")

    assert [edge.target_path for edge in report.edges] == ["b.md", "b.md"]
    assert report.external == 1


def test_pages_of_antora_are_seen_from_their_module() -> None:
    files = {
        "modules/mill/pages/deep/a.adoc": "xref:b.adoc[] xref:roll:c.adoc[] xref:else:d.adoc[]\n",
        "modules/mill/pages/b.adoc": "= B\n",
        "modules/mill/pages/deep/b.adoc": "= Another B\n",
        "modules/roll/pages/c.adoc": "= C\n\nxref:none.adoc[]\n",
        "modules/mill/nav.adoc": "* xref:b.adoc[]\n",
    }
    report = resolve(files, "antora.yml")

    assert [(edge.source_path, edge.target_path) for edge in report.edges] == [
        ("modules/mill/nav.adoc", "modules/mill/pages/b.adoc"),
        ("modules/mill/pages/deep/a.adoc", "modules/mill/pages/b.adoc"),
        ("modules/mill/pages/deep/a.adoc", "modules/roll/pages/c.adoc"),
    ]
    assert [link.target for link in report.broken] == ["none.adoc"]
    assert report.external == 1


def test_what_looks_like_a_wiki_link_is_text_where_there_are_none() -> None:
    files = {"a.md": "[[toc]] [[b]]", "b.md": "x"}

    assert targets(files, ".vitepress/", source="a.md") == ["b.md"]
    assert targets(files, source="a.md") == ["b.md", None]


def test_pages_that_are_not_read_are_there() -> None:
    files = {"docs/a.md": "[x](/help) [y](/tags/loom) [z](/files/plan.zip) [u](/none)"}
    others = ["docusaurus.config.js", "src/pages/help.tsx", "static/files/plan.zip"]
    report = resolve(files, *others)

    assert [link.target for link in report.broken] == ["/none"]
    assert (report.other, [link.target for link in report.unknown]) == (2, ["/tags/loom"])


def test_a_hidden_page_of_a_wiki_is_there() -> None:
    report = resolve({"a.md": "[x](.NET-setup)", **WIKI}, ".NET-setup.md")

    assert [link.target for link in report.broken] == []


@pytest.mark.parametrize("address", ["../../issues", "../../../issues/new", "../../blob/main/x.c"])
def test_pages_of_github_beside_the_files_are_elsewhere(address: str) -> None:
    report = resolve({"a.md": f"[x]({address}) [y](../../none)"})

    assert report.external == 1
    assert [link.target for link in report.broken] == ["../../none"]


def test_a_link_leads_to_the_page_in_its_language() -> None:
    files = {
        "docs/de/a.md": "[[Setup]]",
        "docs/en/x/Setup.md": "x",
        "docs/de/x/y/Setup.md": "x",
        "docs/b.de.md": "[x](c.md)",
        "docs/c.de.md": "x",
        "docs/c.fr.md": "x",
    }
    report = resolve(files)

    assert [(edge.source_path, edge.target_path) for edge in report.edges] == [
        ("docs/b.de.md", "docs/c.de.md"),
        ("docs/de/a.md", "docs/de/x/y/Setup.md"),
    ]
    assert report.ambiguous == ()


def test_sites_of_one_corpus_keep_to_themselves() -> None:
    page = {"Home.md": "[[Set Up]]", "Set-Up.md": "x", "_Footer.md": "x"}
    files = {f"{site}/{name}": text for site in ("one", "two") for name, text in page.items()}
    report = resolve(files)

    assert [(edge.source_path, edge.target_path) for edge in report.edges] == [
        ("one/Home.md", "one/Set-Up.md"),
        ("two/Home.md", "two/Set-Up.md"),
    ]
    assert report.ambiguous == ()


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("../b.md", "docs/en/b.md"),
        ("../c.html", "docs/en/c.md"),
        ("../none.md", None),
    ],
)
def test_a_page_without_a_translation_is_the_one_in_english(
    address: str, target: str | None
) -> None:
    files = {"docs/de/x/a.md": f"[x]({address})", "docs/en/b.md": "x", "docs/en/c.md": "x"}

    assert targets(files, source="docs/de/x/a.md") == [target]


def test_collections_of_jekyll_are_served_without_their_underscore() -> None:
    files = {"a.md": "[x](/docs/deep/b/) [y](/guides/c.html)", "_docs/deep/b.md": "x"}
    files["_guides/c.md"] = "x"

    assert targets(files, "_config.yml", source="a.md") == ["_docs/deep/b.md", "_guides/c.md"]


def test_a_book_may_be_served_inside_another() -> None:
    files = {
        "src/ch1.md": "[up](../else/x.html) [down](old/ch1.html)",
        "old/src/ch1.md": "[x](../ch1.html) [y](../none.html) [z](none.html) [u](../none.md)",
    }
    report = resolve(files, "book.toml", "old/book.toml")

    assert [(edge.source_path, edge.target_path) for edge in report.edges] == [
        ("old/src/ch1.md", "src/ch1.md"),
        ("src/ch1.md", "old/src/ch1.md"),
    ]
    elsewhere = [link.target for link in report.unknown]
    assert elsewhere == ["../none.html", "../none.md", "../else/x.html"]
    assert [link.target for link in report.broken] == ["none.html"]


def test_feeds_and_lists_are_made_by_the_tool() -> None:
    report = resolve({"content/a.md": "[x](/tags/) [y](/index.xml) [z](/series/z)"}, "hugo.toml")

    assert [link.reason for link in report.unknown] == ["generated"] * 3
    assert report.broken == ()


SPHINX_PAGE = "{ref}`gone` {term}`gone` {ref}`here`\n\n(here)=\n# Here\n"


@pytest.mark.parametrize(
    ("configuration", "count"),
    [
        ('intersphinx_mapping = {\n    "python": ("https://docs.python.org/3", None),\n}', 0),
        ('intersphinx_mapping: dict[str, tuple] = {"x": 1}', 0),
        ('intersphinx_mapping["x"] = 1', 0),
        ("intersphinx_mapping = {}", 2),
        ('project = "x"', 2),
    ],
)
def test_a_label_that_no_page_defines_may_be_one_of_a_project_that_the_site_names(
    configuration: str, count: int
) -> None:
    settings = {"docs/conf.py": sphinx.settings_in("conf.py", configuration)}
    found = resolve_links(
        [read_markdown("docs/a.md", SPHINX_PAGE, "")],
        systems=detect_systems(["docs/a.md", "docs/conf.py"], settings),
    )

    assert [link.reason for link in found.broken] == ["label"] * count


@pytest.mark.parametrize("written", ["[[.NET Tool]]", "[x](.NET-Tool)"])
def test_a_page_of_a_wiki_that_is_hidden_is_there(written: str) -> None:
    files = {"a.md": written, "_Sidebar.md": "x"}

    assert not resolve(files, "tools/.NET-Tool.md").broken
    assert resolve(files, "tools/.NET-Toy.md").broken


@pytest.mark.parametrize(
    ("written", "is_broken"),
    [
        ("/docs/engine/latest/x/", False),
        ("/docs/v1.2/x", False),
        ("/v2/x", False),
        ("/blog/2015/x", True),
        ("/docs/next/x", True),  # a folder that is here
        ("docs/latest/x", True),
        ("/docs/x/latest", True),
    ],
)
def test_a_version_of_which_nothing_is_here_is_elsewhere(written: str, is_broken: bool) -> None:
    files = {"docs/a.md": f"[x]({written})", "docs/next/b.md": "# B\n"}

    assert bool(resolve(files).broken) == is_broken


@pytest.mark.parametrize(
    ("marker", "is_broken"),
    [
        ("src/app/rules/page.tsx", False),
        ("app/rules/page.js", False),
        ("src/routes/rules/+page.svelte", False),
        ("src/app/rules/layout.tsx", True),
    ],
)
def test_a_program_called_page_serves_its_folder(marker: str, is_broken: bool) -> None:
    assert bool(resolve({"docs/a.md": "[x](/rules/)"}, marker).broken) == is_broken


def test_an_address_that_the_host_sends_on_is_not_broken() -> None:
    documents = [
        read_markdown("a.md", "[x](/old/page/#y) [x](/api/v1) [x](/gone) [x](old/page)", ""),
        read_text("static/_redirects", "/old/page /new\n/api/* /b\n", ""),
    ]

    assert [link.target for link in resolve_links(documents).broken] == ["/gone", "old/page"]


@pytest.mark.parametrize(
    ("written", "is_broken"),
    [
        ("../reference/x.html", False),
        ("x.html", True),
        ("../reference/x.md", True),
        ("sub/../x.html", True),
    ],
)
def test_a_page_beside_a_books_pages_may_be_put_among_them(written: str, is_broken: bool) -> None:
    files = {"moved/a.md": f"[x]({written})", "src/b.md": "# B\n"}

    assert bool(resolve(files, "book.toml").broken) == is_broken


@pytest.mark.parametrize(
    ("page", "is_broken"),
    [
        ("<script setup>\nimport List from './List.vue'\n</script>\n\n<List />\n", False),
        ("import List from '@site/src/List'\n\n<List />\n", False),
        ("::: mkdocs-click\n    :module: tool.cli\n", False),
        ("import List from './_list.mdx'\n\n<List />\n", True),
        ("<List />\n", True),
        ("::: mkdocs-click\n", True),
    ],
)
def test_content_that_a_program_makes_may_have_any_place(page: str, is_broken: bool) -> None:
    files = {"a.md": "[x](b.md#made)", "b.md": page, "_list.mdx": "text\n"}

    assert bool(resolve(files).broken) == is_broken


@pytest.mark.parametrize("index", ["content/_index.md", "content/en/_index.md"])
def test_the_root_of_a_site_is_the_page_of_its_content(index: str) -> None:
    files = {"content/en/a.md": "[x](/#dates)", index: "# Dates\n", "README.md": "# How\n"}

    assert targets(files, "hugo.yaml", source="content/en/a.md") == [index]


@pytest.mark.parametrize(
    ("written", "target"), [("LICENSE.md", None), ("rules.md", "docs/rules.md")]
)
def test_what_lies_above_a_site_is_none_of_it(written: str, target: str | None) -> None:
    files = {
        "docs/content/a.md": f"[x]({written})",
        "LICENSE.md": "# L\n",
        "docs/rules.md": "# R\n",
    }

    assert targets(files, "docs/hugo.yaml", source="docs/content/a.md") == [target]


def test_shortcodes_in_html_may_make_any_place() -> None:
    documents = [
        read_markdown("a.md", "[x](b.html#dates) [x](c.html#dates)", ""),
        read_html("b.html", "<h1>B</h1>\n{{< home/calendar >}}\n", ""),
        read_html("c.html", "<h1>C</h1>\n", ""),
    ]

    assert [link.target for link in resolve_links(documents).broken] == ["c.html#dates"]


@pytest.mark.parametrize(
    ("written", "is_broken"),
    [
        ("cmd/run_it.md", False),
        ("/docs/cmd/run_it/", False),
        ("cmd/halt.md", True),
        ("run.md", True),
    ],
)
def test_files_that_builds_make_are_known_by_how_their_names_begin(
    written: str, is_broken: bool
) -> None:
    assert bool(resolve({"docs/a.md": f"[x]({written})"}, "docs/cmd/run*").broken) == is_broken


@pytest.mark.parametrize(
    ("marker", "made"), [("mkdocs.yml", "img/favicon.ico"), ("book.toml", "../print.html")]
)
def test_files_that_a_tool_adds_to_a_site_are_there(marker: str, made: str) -> None:
    files = {"docs/src/a.md": f"[x]({made}) [x](img/gone.ico)"}

    assert [link.target for link in resolve(files, marker).broken] == ["img/gone.ico"]

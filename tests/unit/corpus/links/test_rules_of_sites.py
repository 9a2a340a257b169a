"""Links as systems serve their pages: former names, routes, spelled addresses, made pages."""

import time

import pytest

from docsearch_cli.corpus.formats.asciidoc import read_asciidoc
from docsearch_cli.corpus.formats.html import read_html
from docsearch_cli.corpus.formats.markdown import read_markdown
from docsearch_cli.corpus.formats.rst import read_rst
from docsearch_cli.corpus.formats.text import read_text
from docsearch_cli.corpus.makefiles import made_in
from docsearch_cli.corpus.systems.detection import detect_systems
from docsearch_cli.models import Document
from tests.cpu_time import cpu_s, grows_linearly
from tests.resolving import LinkReport, resolve_links

READERS = {".adoc": read_asciidoc, ".rst": read_rst, ".redirects": read_text, ".html": read_html}


def resolve(
    files: dict[str, str], *others: str, settings: dict[str, dict[str, str]] | None = None
) -> LinkReport:
    documents: list[Document] = [
        READERS.get(path[path.rfind(".") :], read_markdown)(path, source, "")
        for path, source in sorted(files.items())
    ]
    systems = detect_systems((*files, *others), settings)
    return resolve_links(documents, other_files=frozenset(others), systems=systems)


def outcomes(report: LinkReport) -> tuple[list[str], list[str], list[str]]:
    """Return where links lead, what is broken, and what is unknown."""
    return (
        [edge.target_path for edge in report.edges],
        [link.target for link in report.broken],
        [link.target for link in report.unknown],
    )


def test_a_page_of_antora_is_found_by_its_former_names() -> None:
    files = {
        "modules/old/pages/a.adoc": "xref:b.adoc[] xref:mill:c.adoc#x[] xref:mill:none.adoc[]\n",
        "modules/mill/pages/new.adoc": "= New\n:page-aliases: old:b.adoc, c.adoc\n\n[#x]\ntext\n",
    }
    found = outcomes(resolve(files, "antora.yml"))

    page = "modules/mill/pages/new.adoc"
    assert found == ([page, page], ["xref:mill:none.adoc"], [])


def test_an_address_of_the_host_may_be_of_another_component_of_antora() -> None:
    files = {"modules/mill/pages/a.adoc": "link:/blog/x/[] link:none.html[]\n"}

    assert outcomes(resolve(files, "antora.yml")) == ([], ["none.html"], ["/blog/x/"])


def test_a_link_of_asciidoc_may_have_any_scheme() -> None:
    report = resolve({"a.adoc": "link:bitcoin:bc1q3p[x] link:none.html[y]\n"})

    assert (report.external, [link.target for link in report.broken]) == (1, ["none.html"])


def test_folders_of_docusaurus_are_served_where_its_configuration_says() -> None:
    files = {
        "site/blog/post.md": "[a](/cli/add) [b](/press/start) [c](/press) [d](/cli/none)",
        "docs/cli/add.md": "x",
        "site/press-docs/start.md": "x",
        "site/press-docs/intro.md": "---\nslug: /\n---\nx",
    }
    settings = {"content": "../docs", "mounts": "press:press-docs"}
    config = "site/docusaurus.config.ts"
    found = outcomes(resolve(files, config, settings={config: settings}))

    pages = ["docs/cli/add.md", "site/press-docs/start.md", "site/press-docs/intro.md"]
    assert found == (pages, ["/cli/none"], [])


def test_an_address_of_hugo_spells_spaces_in_two_ways() -> None:
    files = {
        "content/a.md": "[a](/the-guides/get-started/) [c](/the-guides/get-stopped/) "
        '[b]({{< ref "The%20Guides/Get started.md" >}})',
        "content/The Guides/Get started.md": "x",
    }
    found = outcomes(resolve(files, "hugo.toml"))

    page = "content/The Guides/Get started.md"
    assert found == ([page, page], ["/the-guides/get-stopped/"], [])


def test_redirects_of_hugo_stand_in_a_template() -> None:
    files = {
        "content/a.md": "[a](/api/cpp/x.html) [b](/none)",
        "layouts/index.redirects": "/api/*  https://example.org/:splat\n",
    }
    report = resolve(files, "hugo.toml")

    assert (report.external, [link.target for link in report.broken]) == (1, ["/none"])


def test_a_book_is_left_though_its_folder_has_the_name_of_another() -> None:
    files = {"book/src/guide/a.md": "[x](../../book/ch07.html) [y](../none.html)"}

    assert outcomes(resolve(files, "book/book.toml")) == (
        [],
        ["../none.html"],
        ["../../book/ch07.html"],
    )


def test_names_of_programs_are_places_in_pages_that_sphinx_makes() -> None:
    files = {"a.md": "[x](loom.threads.Warp) [y](loom.processors) [z](none.rst) [g](genindex)"}
    made = outcomes(resolve(files, "conf.py", settings={"conf.py": {"programs": "yes"}}))
    plain = outcomes(resolve(files, "conf.py"))

    assert made == ([], ["none.rst"], ["loom.threads.Warp", "loom.processors", "genindex"])
    assert plain == ([], ["loom.threads.Warp", "loom.processors", "none.rst"], ["genindex"])


@pytest.mark.parametrize(
    ("page", "address", "other", "is_known"),
    [
        ("node_modules/loom/README.md", "/css/x", "x.css", False),
        ("docs/README.md", "/css/x", "x.css", True),
        ("docs/a.md", "/dev/x/", "x.css", False),
        ("docs/a.md", "/development/x/", "x.css", True),
        ("docs/a.md", "howto.html", "docs/howto/howto.sh", False),
        ("docs/a.md", "howto.html", "docs/howto/howto.py", True),
    ],
)
def test_what_others_make_is_not_known_to_be_broken(
    page: str, address: str, other: str, is_known: bool
) -> None:
    _, broken, unknown = outcomes(resolve({page: f"[x]({address})"}, other))

    assert (broken, unknown) == (([address], []) if is_known else ([], [address]))


def test_feeds_of_vitepress_are_made() -> None:
    found = outcomes(resolve({"a.md": "[x](/rss.xml) [y](/none.xml)"}, ".vitepress/"))

    assert found == ([], ["/none.xml"], ["/rss.xml"])


def test_a_file_beside_the_content_may_show_a_folder_of_programs_from_the_root() -> None:
    files = {"plans/a.md": "[x](/scripts/rules/)", "content/b.md": "[y](/scripts/rules/)"}
    report = resolve(files, "hugo.toml", "scripts/rules/x.mjs")

    assert [link.source_path for link in report.broken] == ["content/b.md"]
    assert report.other == 1


def test_a_page_that_hugo_names_may_be_of_another_version() -> None:
    files = {"content/a.md": '[a]({{< ref "/latest/b" >}}) [c]({{< ref "/later/b" >}})'}

    assert outcomes(resolve(files, "hugo.toml")) == (
        [],
        ['{{< ref "/later/b" >}}'],
        ['{{< ref "/latest/b" >}}'],
    )


def test_a_plain_inclusion_of_antora_is_seen_from_its_file() -> None:
    files = {
        "modules/mill/partials/shared/all.adoc": "include::one.adoc[]\n\ninclude::none.adoc[]\n",
        "modules/mill/partials/shared/one.adoc": "text\n",
        "modules/mill/pages/a.adoc": "include::partial$shared/all.adoc[]\n",
    }
    found = outcomes(resolve(files, "antora.yml"))

    assert found == (
        ["modules/mill/partials/shared/all.adoc", "modules/mill/partials/shared/one.adoc"],
        ["none.adoc"],
        [],
    )


def test_an_alias_of_hugo_is_seen_from_the_folder_above_its_page() -> None:
    files = {
        "content/en/docs/setup/rules/spin.md": "---\naliases: [../../rules/spin, ../old]\n---\nx",
        "content/en/a.md": "[a](/docs/rules/spin/) [b](/docs/setup/old/) [c](/docs/old/)",
    }
    page = "content/en/docs/setup/rules/spin.md"

    assert outcomes(resolve(files, "hugo.toml")) == ([page, page], ["/docs/old/"], [])


@pytest.mark.parametrize(
    ("pattern", "address"),
    [
        ("/:slug/", "/short/"),
        ("/news/:title", "/news/the-long-title"),
        ("/:section/:slugorfilename/", "/posts/short/"),
        ("/n/:contentbasename.html", "/n/2024-file.html"),
        ("/:sections/x/:filename/", "/posts/2024/x/2024-file/"),
    ],
)
def test_a_page_of_hugo_is_served_where_the_pattern_of_its_section_says(
    pattern: str, address: str
) -> None:
    files = {
        "content/posts/2024/2024-file.md": "---\ntitle: The long title\nslug: short\n---\nx",
        "content/a.md": f"[a]({address}) [b](/none/short/)",
    }
    settings = {"hugo.yaml": {"sections": f"posts:{pattern} other:/:filename/"}}
    found = outcomes(resolve(files, "hugo.yaml", settings=settings))

    assert found == (["content/posts/2024/2024-file.md"], ["/none/short/"], [])


def test_a_site_with_themes_is_of_the_tool_that_its_configuration_is_for() -> None:
    files = {
        "content/posts/file.md": "---\ntitle: The title\n---\nx",
        "content/a.md": "[a](/2017/03/02/the-title/)",
    }
    others = ("config.toml", "themes/x/theme.toml")

    hugo = resolve(files, *others, settings={"config.toml": {"tool": "hugo"}})
    zola = resolve(files, *others, settings={"config.toml": {"tool": "zola"}})

    assert outcomes(hugo) == (["content/posts/file.md"], [], [])
    assert outcomes(zola) == ([], ["/2017/03/02/the-title/"], [])


def test_a_template_is_no_page_of_its_site() -> None:
    files = {
        "layouts/shortcodes/home/calendar.html": '<a href="/community/#meetings">x</a>',
        "layouts/shortcodes/home/community.html": "x",
    }

    assert outcomes(resolve(files, "hugo.toml")) == ([], ["/community/#meetings"], [])


def test_a_reference_of_quarto_with_its_index_alone_is_filled_by_a_build() -> None:
    files = {
        "api/core/index.qmd": "{{< include _index.qmd >}}\n",
        "api/express/index.qmd": "x\n",
        "docs/a.qmd": "[a](../api/core/Session.qmd#x) [b](../api/core/index.qmd) [c](none.qmd)\n",
    }
    unknown = ["_index.qmd", "../api/core/Session.qmd#x"]
    assert outcomes(resolve(files, "_quarto.yml")) == (
        ["api/core/index.qmd"],
        ["none.qmd"],
        unknown,
    )

    files["api/core/Other.qmd"] = "x\n"
    assert outcomes(resolve(files, "_quarto.yml"))[1] == ["_index.qmd", "../api/core/Session.qmd#x",
        "none.qmd"]  # fmt: skip


def test_a_name_that_a_program_fills_in_is_no_broken_wiki_link() -> None:
    files = {"T.md": '[[<% tp.date.now("YYYY") %>]] [[{{date}}]] [[Nowhere]]\n'}

    unknown = ['<% tp.date.now("YYYY") %>', "{{date}}"]
    assert outcomes(resolve(files, ".obsidian/")) == ([], ["Nowhere"], unknown)


def test_attributes_that_a_component_of_antora_sets_stand_in_addresses() -> None:
    files = {
        "modules/mill/pages/a.adoc": "xref:{where}:b.adoc[] xref:{unknown}/c.adoc[] "
        "xref:{where}:none.adoc[]\n\ninclude::{parts}x.adoc[]\n",
        "modules/roll/pages/b.adoc": "x\n",
        "modules/mill/partials/x.adoc": "x\n",
    }
    settings = {"antora.yml": {"attributes": "where=roll parts=partial$"}}
    found = outcomes(resolve(files, "antora.yml", settings=settings))

    pages = ["modules/roll/pages/b.adoc", "modules/mill/partials/x.adoc"]
    assert found == (pages, ["xref:{where}:none.adoc"], [])


def test_a_link_of_myst_may_say_that_it_leads_out_of_the_project() -> None:
    files = {"a.md": "[a](b.md){.external} [a](c.md){.button} [a](d.md){.external target=x}\n"}
    report = resolve(files, "conf.py")

    assert (report.external, outcomes(report)) == (2, ([], ["c.md"], []))


def test_a_dated_address_of_hugo_may_name_a_post_by_its_slug() -> None:
    files = {
        "content/blog/0728-x/index.md": "---\ntitle: Another\nslug: version-2.11\n---\nx",
        "content/a.md": "[a](/2021/07/28/version-2.11/) [b](/2021/07/28/version-2.12/)",
    }
    found = outcomes(resolve(files, "hugo.toml"))

    assert found == (["content/blog/0728-x/index.md"], ["/2021/07/28/version-2.12/"], [])


def test_folders_that_sphinx_copies_are_served_at_the_root() -> None:
    files = {
        "source/spec/index.md": "[a](x.json) [b](notes.html) [c](none.json)\n",
        "extra/spec/notes.html": "x",
    }
    others = ("source/conf.py", "extra/spec/x.json")
    report = resolve(files, *others, settings={"source/conf.py": {"copied": "../extra"}})

    assert (report.other, outcomes(report)) == (1, (["extra/spec/notes.html"], ["none.json"], []))


@pytest.mark.parametrize("filled", ["{{ settings }}", "{{settings}} "])
def test_a_variable_that_is_a_block_of_its_own_may_hold_any_place(filled: str) -> None:
    files = {"docs/a.md": f"# A\n\n{filled}\n\ntext\n", "docs/b.md": "[a](a.md#x)\n"}

    assert outcomes(resolve(files, "mkdocs.yml")) == (["docs/a.md"], [], [])
    files["docs/a.md"] = "# A\n\nsaid {{ settings }}\n"
    assert outcomes(resolve(files, "mkdocs.yml")) == (["docs/a.md"], ["a.md#x"], [])


def test_a_page_of_another_project_is_one_in_a_folder_that_is_not_here() -> None:
    files = {
        "docs/a.rst": "A\n=\n\n:doc:`re <library/re>` :doc:`x <guide/none>` :doc:`y <none>`\n",
        "docs/guide/b.rst": "B\n=\n",
    }
    settings = {"docs/conf.py": {"other-projects": "yes"}}
    report = resolve(files, "docs/conf.py", settings=settings)

    assert report.external == 1
    assert [link.target for link in report.broken] == ["guide/none"]
    assert [(link.target, link.reason) for link in report.unknown] == [("none", "elsewhere")]
    assert len(resolve(files, "docs/conf.py").broken) == 3


def test_a_page_that_takes_in_a_file_of_its_own_name_means_another_one() -> None:
    files = {
        "docs/start/install.md": '# A\n\n--8<-- "install.md"\n',
        "docs/snippets/install.md": "## Run it\n",
        "docs/b.md": "[a](start/install.md#run-it) [b](start/install.md#none)\n",
    }
    report = resolve(files, "mkdocs.yml")

    assert [link.target for link in report.broken] == ["start/install.md#none"]
    assert ("docs/start/install.md", "docs/snippets/install.md") in [
        (edge.source_path, edge.target_path) for edge in report.edges
    ]


def test_related_pages_in_one_line_are_several() -> None:
    files = {"a.md": "---\nrelated: b, c, none\n---\nx\n", "b.md": "x", "c.md": "x"}

    assert outcomes(resolve(files, ".obsidian/")) == (["b.md", "c.md"], ["none"], [])


def test_every_folder_in_a_folder_may_be_what_a_build_makes() -> None:
    files = {
        "content/docs/_index.md": "[a](main/start/) [b](none/) [c](here/none.md) [d](here/a.md)\n",
        "content/docs/here/a.md": "x",
    }
    report = resolve(files, "hugo.toml", "content/docs/*")

    assert report.other == 1
    assert outcomes(report) == (["content/docs/here/a.md"], ["none/", "here/none.md"], [])


def test_of_posts_of_one_title_the_one_of_the_date_is_meant() -> None:
    post = "---\ntitle: Round-up\n---\nx"
    files = {
        "content/blog/2023/0807-up/index.md": post,
        "content/blog/2024/0805-up/index.md": post,
        "content/a.md": "[a](/2024/08/05/round-up/) [b](/2023/8/round-up/)",
    }
    report = resolve(files, "hugo.toml")

    assert report.ambiguous == ()
    assert outcomes(report)[0] == [
        "content/blog/2024/0805-up/index.md",
        "content/blog/2023/0807-up/index.md",
    ]


def test_a_place_that_one_translation_of_an_address_has_is_there() -> None:
    files = {
        "content/de/a.md": "[a](/guide#when) [b](/guide#wann) [c](/guide#none)\n",
        "content/de/guide.md": "# Wann\n",
        "content/en/guide.md": "# When\n",
    }
    report = resolve(files, "hugo.toml")

    assert [link.target for link in report.broken] == ["/guide#none"]
    assert [edge.target_path for edge in report.edges] == [
        "content/en/guide.md",
        "content/de/guide.md",
        "content/de/guide.md",
    ]


def test_an_address_of_a_source_is_not_that_of_a_folder_of_its_name() -> None:
    files = {
        "docs/a/b.md": "[x](guide.md) [y](../guide.md) [z](../guide) [w](../guide.html)",
        "docs/guide/_index.md": "x",
    }
    page = "docs/guide/_index.md"

    assert outcomes(resolve(files)) == ([page, page], ["guide.md", "../guide.md"], [])


def test_a_shortcode_of_hugo_may_name_a_folder_as_a_source() -> None:
    files = {
        "content/docs/a.md": '[x]({{< ref "guide.md" >}})',
        "content/docs/guide/_index.md": "x",
    }
    found = outcomes(resolve(files, "hugo.toml"))

    assert found == (["content/docs/guide/_index.md"], [], [])


def test_a_page_of_quarto_leads_to_what_it_lists() -> None:
    files = {
        "index.qmd": "---\nlisting:\n  - contents: posts\n"
        "  - contents: ['talks/*.qmd', x.yml]\n---\n",
        "posts/a/index.qmd": "x",
        "posts/b.md": "x",
        "talks/c.qmd": "x",
        "talks/in/d.qmd": "x",
        "other/e.qmd": "x",
    }
    report = resolve(files, "_quarto.yml")

    assert outcomes(report) == (["posts/a/index.qmd", "posts/b.md", "talks/c.qmd"], [], [])


CONFIG = "docs/.vitepress/"


def test_pages_of_vitepress_are_found_where_its_configuration_serves_them() -> None:
    files = {
        "docs/src/packages/mill/src/guide.md": "[a](/mill/reel) [b](../loom/warp) [c](./none)",
        "docs/src/packages/mill/src/reel.md": "x",
        "docs/src/packages/loom/src/warp.md": "[d](/manual/mill/guide) [e](/mill/guide.html)",
    }
    settings = {"base": "manual", "content": "src", "rewrites": "packages/:p/src/:x*>:p/:x*"}
    found = outcomes(resolve(files, CONFIG, settings={CONFIG: settings}))

    guide = "docs/src/packages/mill/src/guide.md"
    warp, reel = "docs/src/packages/loom/src/warp.md", "docs/src/packages/mill/src/reel.md"
    assert found == ([guide, guide, reel, warp], ["./none"], [])


def test_a_reference_that_a_build_of_quarto_writes_is_not_known() -> None:
    files = {
        "blog/a/index.qmd": "[x](`mill.Reel`) [y](/api/reel.qmd) [z](../../api/) [w](/none.qmd)",
    }
    settings = {"_quarto.yml": {"made-folder": "api"}}
    found = outcomes(resolve(files, "_quarto.yml", settings=settings))

    assert found == ([], ["/none.qmd"], ["`mill.Reel`", "/api/reel.qmd", "../../api/"])


def test_a_name_of_a_program_in_quarto_and_a_program_of_a_host_are_not_known() -> None:
    files = {"a.qmd": "[](:class:`~mill.Reel`) [y](/cgi-bin/man?1+ls) [z](none.qmd)"}
    found = outcomes(resolve(files))

    assert found == ([], ["none.qmd"], [":class:`~mill.Reel`", "/cgi-bin/man?1+ls"])


def test_a_page_whose_template_is_there_is_made_by_a_program() -> None:
    files = {"man/a.md": "[x](b.md) [y](c.md)"}

    assert outcomes(resolve(files, "man/b.md.in")) == ([], ["c.md"], ["b.md"])


def test_a_source_beside_the_pages_of_a_book_is_read_where_its_copy_lies() -> None:
    files = {
        "man/run.md": "[x](../guide/a.md) [y](../guide/b.md)",
        "src/commands/run.md": "x",
        "src/guide/a.md": "x",
    }

    assert outcomes(resolve(files, "book.toml")) == ([], ["../guide/b.md"], ["../guide/a.md"])


def test_a_page_may_be_packed() -> None:
    files = {"a.md": "[x](b.md) [y](b)", "b.md.gz": "# B"}

    assert outcomes(resolve(files))[0] == ["b.md.gz"]


def test_a_neighbour_in_a_numbered_folder_is_named_without_number() -> None:
    files = {"03-core/01-a.md": "[x](./warp) [y](./weft)", "03-core/05-warp.md": "x"}

    assert outcomes(resolve(files)) == (["03-core/05-warp.md"], ["./weft"], [])


def test_an_id_of_asciidoc_may_have_a_colon_and_lie_in_another_page() -> None:
    files = {"a.adoc": "See <<sec:warp>> and <<sec:none>>.\n", "b.adoc": "[[sec:warp]]\n== Warp\n"}

    assert outcomes(resolve(files)) == (["b.adoc"], [], [])


def test_a_label_of_myst_may_be_of_another_project() -> None:
    files = {"a.md": "[x](icon-links) [y](none.md)"}
    settings = {"conf.py": {"other-projects": "yes"}}
    report = resolve(files, "conf.py", settings=settings)

    assert ([link.target for link in report.broken], report.external) == (["none.md"], 1)


def test_an_id_in_attributes_may_have_escaped_underscores() -> None:
    assert not resolve({"a.md": "CSS^[x](#_fn_1)^\n\n^x^{#\\_fn_1} text\n"}).broken


def test_a_template_of_a_theme_may_name_a_page_that_is_not_here() -> None:
    files = {"theme/a.html": "<a href=\"{{ 'about/x/#y' | url }}\">x</a>"}

    assert outcomes(resolve(files)) == ([], [], ["{{ 'about/x/#y' | url }}"])


def test_many_listings_on_a_page_take_time_in_proportion() -> None:
    listed = ", ".join(f"'*{number}.qmd'" for number in range(3_000))
    files = {"index.qmd": f"---\nlisting:\n  contents: [{listed}]\n---\n"}
    files |= {f"p{number}.qmd": "x" for number in range(1_500)}
    began = time.process_time()
    report = resolve(files, "_quarto.yml")

    assert time.process_time() - began < 10
    assert len(report.edges) <= 50 * 1_000
    assert "p7.qmd" in {edge.target_path for edge in report.edges}


def test_places_of_a_page_of_front_matter_alone_are_those_of_its_layout() -> None:
    files = {"a.md": "[x](b.md#y) [x](c.md#y)", "b.md": "---\ntitle: B\n---\n\n", "c.md": "c"}

    assert outcomes(resolve(files)) == (["b.md", "c.md"], ["c.md#y"], [])


def test_what_is_shown_as_output_is_no_link() -> None:
    files = {"a.md": '{{< output >}}\n<a href="/x">x</a>\n{{< /output >}}\n\n[y](none.md)\n'}

    assert outcomes(resolve(files)) == ([], ["none.md"], [])


def test_a_list_of_pages_for_programs_is_made() -> None:
    assert outcomes(resolve({"a.md": "[x](/llms.txt) [y](/y.txt)"})) == (
        [],
        ["/y.txt"],
        ["/llms.txt"],
    )


def test_a_page_is_made_of_a_source_of_its_name_in_another_folder() -> None:
    files = {
        "api/over.html": '<a href="../guide/index.html">x</a> <a href="../other/index.html">y</a>'
        '<a href="../index.html">z</a>',
        "src/guide/index.adoc": "= Guide\n",
    }

    assert outcomes(resolve(files)) == (
        [],
        ["../other/index.html", "../index.html"],
        ["../guide/index.html"],
    )


def test_what_a_source_distribution_leaves_out_is_elsewhere() -> None:
    files = {
        "README.md": "[a](docs/a.md) [b](web/x.md) [c](LICENSE.md)",
        "docs/a.md": "[d](../SECURITY.md) [e](gone.md) [f](../README.md)",
    }
    expected = ["web/x.md", "LICENSE.md", "../SECURITY.md"]

    assert outcomes(resolve(files, "PKG-INFO"))[1:] == (["gone.md"], expected)
    read = {"PKG-INFO": "Metadata-Version: 2.1\n", **files}
    assert outcomes(resolve(read))[1:] == (["gone.md"], expected)
    assert outcomes(resolve(files))[1:] == ([*expected, "gone.md"], [])


def test_labels_of_a_part_are_those_of_the_page_that_takes_it_in() -> None:
    files = {
        "CHANGES.rst": "A\n=\n\n:term:`their thing` :ref:`none`\n",
        "docs/changes.rst": ".. include:: ../CHANGES.rst\n",
    }
    settings = {"docs/conf.py": {"other-projects": "yes"}}

    assert outcomes(resolve(files, "docs/conf.py", settings=settings))[1] == []
    assert len(outcomes(resolve(files, "docs/conf.py"))[1]) == 2


def test_labels_in_a_module_of_cmake_are_those_of_its_manual() -> None:
    document = read_rst("FindLoom.cmake", ":ref:`lists <CMake Language Lists>`\n", "")

    assert resolve_links([document]).broken == ()


def test_a_page_that_a_makefile_makes_is_made() -> None:
    files = {
        "doc/a.rst": "A\n=\n\n.. toctree::\n\n   news\n   none\n\n:doc:`upgrade`\n",
        "doc/b.md": "[x](news.html) [y](../README.md) [z](out.html)",
    }
    makefile = (
        "x = doc/none.rst\nall: doc/out.html\n$(srcdir)/doc/news.rst doc/upgrade.rst: NEWS\n"
        "\tcp doc/none.rst: .\n./README.md :: x\n"
    )
    documents = [
        *(READERS.get(path[-4:], read_markdown)(path, text, "") for path, text in files.items()),
        read_text("Makefile.am", makefile, ""),
    ]
    report = resolve_links(sorted(documents, key=lambda document: document.path))

    assert outcomes(report) == (
        [],
        ["none", "out.html"],
        ["news", "upgrade", "news.html", "../README.md"],
    )


def test_a_role_may_name_a_heading_of_a_page_as_a_link_does() -> None:
    files = {"a.md": "{ref}`b.md#the-end` {ref}`b.md#none`", "b.md": "# B\n\n## The end\n"}

    assert outcomes(resolve(files, "conf.py")) == (["b.md"], ["b.md#none"], [])


def test_a_comment_of_myst_holds_no_link() -> None:
    files = {"a.md": "% see [x](gone.md)\n\n[y](none.md) 5 % [z](b.md)\n", "b.md": "x"}

    assert outcomes(resolve(files)) == (["b.md"], ["none.md"], [])


def test_pages_of_a_gallery_are_made() -> None:
    files = {"docs/a.rst": "A\n=\n\n.. toctree::\n\n   auto/index\n   api/x\n   none/x\n"}
    settings = {"docs/conf.py": {"made-folder": "auto api"}}

    assert outcomes(resolve(files, "docs/conf.py", settings=settings))[1:] == (
        ["none/x"],
        ["auto/index", "api/x"],
    )


def test_a_page_of_no_site_names_pages_of_the_site_that_it_is_put_into() -> None:
    files = {"NEWS.rst": "A\n=\n\n:doc:`rapi` :doc:`made`\n", "doc/rapi.rst": "R\n=\n"}

    assert outcomes(resolve(files, "doc/conf.py")) == (["doc/rapi.rst"], [], ["made"])
    assert outcomes(resolve(files)) == ([], ["rapi", "made"], [])


def test_the_root_of_a_page_of_html_is_no_readme() -> None:
    page = '<a href="/">home</a>'

    assert outcomes(resolve({"t/a.html": page, "README.md": "x"})) == ([], [], [])
    assert outcomes(resolve({"t/a.html": page, "index.html": "x"}))[0] == ["index.html"]


@pytest.mark.parametrize("piece", [" ", "a ", "a:\n", "x.html ", "\n"])
def test_a_hostile_makefile_takes_linear_time(piece: str) -> None:
    def cost_s(count: int) -> float:
        return cpu_s(lambda: made_in("Makefile", "a" + piece * count))

    assert grows_linearly(cost_s, 100_000)

"""Links into what is there only when a site has been built, and into other repositories."""

import pytest

from docsearch_cli.corpus.formats.asciidoc import read_asciidoc
from docsearch_cli.corpus.formats.html import read_html
from docsearch_cli.corpus.formats.markdown import read_markdown
from docsearch_cli.corpus.formats.notebook import read_notebook
from docsearch_cli.corpus.formats.rst import read_rst
from docsearch_cli.corpus.redirects import redirects_from_words, redirects_in_words
from docsearch_cli.corpus.systems import table
from docsearch_cli.corpus.systems.configuration import is_one_of
from docsearch_cli.corpus.systems.detection import detect_systems
from docsearch_cli.models import Document
from tests.resolving import LinkReport, resolve_links

READERS = {".adoc": read_asciidoc, ".html": read_html, ".ipynb": read_notebook, ".rst": read_rst}


def read(path: str, source: str) -> Document:
    return READERS.get(path[path.rfind(".") :], read_markdown)(path, source, "")


def resolve(files: dict[str, str], configuration: dict[str, str] | None = None) -> LinkReport:
    """Resolve the links of pages beside configuration files, given by their texts."""
    others = set(configuration or {})
    settings = {
        path: dict(system.settings_in(path.rpartition("/")[2], text))
        for path, text in (configuration or {}).items()
        for system in reversed(table.SYSTEMS)
        if is_one_of(path.rpartition("/")[2], system.config_files)
        and system.settings_in is not None
    }
    documents = [read(path, source) for path, source in sorted(files.items())]
    sent_on = {
        sent
        for path, text in (configuration or {}).items()
        for sent in redirects_from_words(path, f"x; {redirects_in_words(path, lambda t=text: t)}")
    }
    return resolve_links(
        documents,
        other_files=frozenset(others | sent_on),
        systems=detect_systems((*files, *others), settings),
    )


def outcome(report: LinkReport, target: str) -> str:
    """Return what became of a link: where it leads, or why it leads nowhere."""
    reasons = [link.reason for link in (*report.broken, *report.unknown) if link.target == target]
    return reasons[0] if reasons else ", ".join(edge.target_path for edge in report.edges)


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("api/crate.html", "generated"),
        ("/api/index.html", "generated"),
        ("./generated/loom.Loom.md", "generated"),
        ("reference/loom.md", "missing"),
        ("javadoc", "missing"),
    ],
)
def test_a_reference_of_which_nothing_is_here_is_made_by_a_build(address: str, found: str) -> None:
    assert outcome(resolve({"docs/a.md": f"[x]({address})"}, {"mkdocs.yml": ""}), address) == found


def test_a_page_of_a_reference_that_is_here_may_be_missing() -> None:
    files = {"docs/a.md": "[x](api/gone.md)", "docs/api/loom.md": "# Loom\n"}

    assert outcome(resolve(files, {"mkdocs.yml": ""}), "api/gone.md") == "missing"


def test_notes_have_no_reference_that_a_build_makes() -> None:
    assert outcome(resolve({"a.md": "[x](api/gone.md)"}), "api/gone.md") == "missing"


def test_a_source_is_no_page_that_a_tool_makes_of_others() -> None:
    report = resolve({"content/a.md": "[x](/tags/loom/) [y](/archive/gone.md)"}, {"hugo.toml": ""})

    assert [link.target for link in report.unknown] == ["/tags/loom/"]
    assert [link.target for link in report.broken] == ["/archive/gone.md"]


def test_addresses_in_templates_are_seen_from_pages_that_lie_elsewhere() -> None:
    files = {
        "layouts/home.html": '<a href="./guide/">x</a> <a href="../shop/">y</a> <a href="/z">z</a>',
        "content/guide/_index.md": "# Guide\n",
    }
    report = resolve(files, {"hugo.toml": ""})

    assert [edge.target_path for edge in report.edges] == ["content/guide/_index.md"]
    assert [(link.target, link.reason) for link in report.unknown] == [("../shop/", "elsewhere")]
    assert [link.target for link in report.broken] == ["/z"]


def test_a_page_named_by_a_shortcode_may_have_a_query() -> None:
    files = {
        "content/a.md": '[x]({{< relref "/commands" >}}?group=list)',
        "content/commands/get.md": "x",
        "content/commands/_index.md": "# Commands\n",
    }

    assert outcome(resolve(files, {"hugo.toml": ""}), "x") == "content/commands/_index.md"


def test_a_dated_address_names_a_post_by_its_title() -> None:
    files = {
        "content/blog/2021-01-06-january.md": "---\ntitle: January 2021 Update\n---\nx\n",
        "content/a.md": "[x](/blog/2021/01/january-2021-update/) [y](/blog/2021/01/gone/)",
    }
    report = resolve(files, {"hugo.toml": ""})

    assert [edge.target_path for edge in report.edges] == ["content/blog/2021-01-06-january.md"]
    assert [link.target for link in report.broken] == ["/blog/2021/01/gone/"]


@pytest.mark.parametrize(
    ("configuration", "is_there"),
    [
        (
            {"hugo.yaml": "module:\n  mounts:\n    - source: pages/en\n      target: content\n"},
            True,
        ),
        ({"hugo.toml": '[languages.en]\ncontentDir = "pages/en"\n'}, True),
        ({"config/_default/hugo.toml": 'contentDir = "pages/en"\n'}, True),
        ({"hugo.yaml": "mounts:\n    - source: pages/en\n      target: assets/x\n"}, False),
        ({"mkdocs.yml": "docs_dir: pages/en\n"}, True),
        ({"book.toml": '[book]\nsrc = "pages/en"\n'}, True),
        ({"book.toml": '[book]\ntitle = "x"\n'}, False),
    ],
)
def test_the_folder_of_the_pages_is_the_one_that_is_set(
    configuration: dict[str, str], is_there: bool
) -> None:
    files = {"pages/en/guide/loom.md": "# Loom\n", "README.md": "[x](/guide/loom)"}

    assert bool(resolve(files, configuration).edges) == is_there


@pytest.mark.parametrize(
    ("permalink", "is_there"),
    [
        ("permalink: /:title/", True),
        ("permalink: none", True),
        ("permalink: /blog/:categories/:title.html", True),
        ("permalink: /:year/:title/", False),
        ("permalink: pretty", False),
        ("title: x", False),
    ],
)
def test_posts_of_jekyll_are_served_as_its_configuration_says(
    permalink: str, is_there: bool
) -> None:
    files = {"_posts/2022-04-25-loom.md": "# Loom\n", "a.md": "[x](/loom/)"}

    assert bool(resolve(files, {"_config.yml": permalink}).edges) == is_there


def test_numbers_belong_to_the_names_of_pages_where_the_system_has_none() -> None:
    files = {"docs/_steps/10-end.md": "# End\n", "docs/a.md": "[x](/steps/10-end/)"}

    assert outcome(resolve(files, {"docs/_config.yml": ""}), "x") == "docs/_steps/10-end.md"


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("/dotnet/core/tools/", "elsewhere"),
        ("/dotnet/core/tools.md", "missing"),
        ("~/gone.md", "missing"),
        ("~/b.md", "docs/b.md"),
        ("gone", "missing"),
    ],
)
def test_sites_of_docfx_share_a_host(address: str, found: str) -> None:
    files = {"docs/in/a.md": f"[x]({address})", "docs/b.md": "# B\n"}

    assert outcome(resolve(files, {"docs/docfx.json": ""}), address) == found


def test_a_site_beside_another_is_named_by_its_folder() -> None:
    files = {
        "docs/a.md": "[x](/press/roll) [y](/press/gone) [z](/other/roll)",
        "packages/press/docs/roll.md": "# Roll\n",
    }
    report = resolve(files, {"docs/myst.yml": "", "packages/press/docs/myst.yml": ""})

    assert [edge.target_path for edge in report.edges] == ["packages/press/docs/roll.md"]
    assert [link.target for link in report.broken] == ["/press/gone", "/other/roll"]


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("penguins-preview.html", "generated"),
        ("penguins.embed-preview.html", "generated"),
        ("gone-preview.html", "missing"),
    ],
)
def test_quarto_makes_a_page_of_a_notebook_that_another_takes_in(address: str, found: str) -> None:
    files = {"in/a.qmd": f"[x]({address})", "in/penguins.qmd": "# Penguins\n"}

    assert outcome(resolve(files, {"_quarto.yml": ""}), address) == found


def test_pages_that_a_configuration_of_sphinx_makes_are_there() -> None:
    made = "html_additional_pages = {'contents': 'contents.html'}\n"
    report = resolve({"a.md": "[x](contents.html) [y](gone.html)"}, {"conf.py": made})

    assert [link.target for link in report.unknown] == ["contents.html"]
    assert [link.target for link in report.broken] == ["gone.html"]


def test_a_template_of_a_theme_names_pages_of_any_project() -> None:
    source = """<a href="{{ pathto('genindex-all') }}">x</a><a href="' + pathto('y') + '">y</a>"""
    report = resolve({"theme/genindex.html": source})

    assert [link.reason for link in report.unknown] == ["elsewhere"]
    assert report.broken == ()


@pytest.mark.parametrize(
    ("label", "found"),
    [
        ("install-guid", "label"),
        ("instal-guide", "label"),
        ("install_guide", "label"),
        ("python-tutorial", "a.md"),
        ("loom.Install", "a.md"),
    ],
)
def test_a_label_that_is_nearly_one_of_the_project_is_mistyped(label: str, found: str) -> None:
    files = {
        "a.md": f"{{ref}}`{label}` {{ref}}`install-guide`",
        "b.md": "(install-guide)=\n# Installing\n\n(loom.Instal)=\n",
    }
    others = 'intersphinx_mapping = {"python": ("https://docs.python.org/3", None)}'
    report = resolve(files, {"conf.py": others})

    assert outcome(report, label) == (found if found == "label" else "b.md")


def test_a_label_of_the_page_itself_comes_first() -> None:
    files = {"a.md": "(one)=\n# One\n", "b.md": "{ref}`one`\n\n(one)=\n# One\n"}
    report = resolve(files)

    assert (report.edges, report.ambiguous, report.local) == ((), (), 1)


CELLS = (
    '{"cells": [{"cell_type": "markdown", "source": ["(top)=\\n", "# Cars\\n"]},'
    ' {"cell_type": "code", "source": ["#| label: tbl:cars\\n", "show()\\n"]}]}'
)


def test_labels_in_cells_of_a_notebook_are_found_from_other_pages() -> None:
    files = {"a.md": "[x](#tbl:cars) [y](#top) [z](#gone)", "cars.ipynb": CELLS}
    report = resolve(files, {"myst.yml": ""})

    assert [edge.target_path for edge in report.edges] == ["cars.ipynb", "cars.ipynb"]
    assert [link.target for link in report.broken] == ["#gone"]


VAULTS = "workspace:\n    vaults:\n        -\n            fsPath: vault\n            name: main\n"


@pytest.mark.parametrize(
    ("link", "broken", "external"),
    [
        ("[[x|dendron://other/a.c]]", 0, 1),
        ("[[x|dendron://main/a.c]]", 1, 0),
        ("[[x|dendron://vault/a.c]]", 1, 0),
        ("[[x|a.c]]", 1, 0),
        ("[[x|dendron://main/a.b]]", 0, 0),
    ],
)
def test_notes_of_a_vault_that_is_not_here_are_elsewhere(
    link: str, broken: int, external: int
) -> None:
    files = {"vault/a.md": link, "vault/a.b.md": "# B\n"}
    report = resolve(files, {"dendron.yml": VAULTS})

    assert (len(report.broken), report.external) == (broken, external)


def test_a_heading_that_is_a_link_is_called_by_what_it_shows() -> None:
    files = {
        "a.md": "[x](b.md#how-to) [y](b.md#how)",
        "b.md": "# B\n\n## [[How to|c.d]]\n",
        "c.d.md": "# D\n",
    }
    report = resolve(files, {"dendron.yml": ""})

    assert [link.target for link in report.broken] == ["b.md#how"]


def test_tabs_are_places_below_their_heading() -> None:
    tabs = '# Tabs\n\n### Logo\n\n=== "Icon, bundled"\n\n    x\n'
    files = {
        "a.md": "[x](b.md#logo-icon-bundled) [y](b.md#icon-bundled) [z](b.md#no)",
        "b.md": tabs,
    }

    assert [link.target for link in resolve(files).broken] == ["b.md#no"]


@pytest.mark.parametrize(
    ("fragment", "is_broken"),
    [
        ("tag/Account/operation/get", False),
        ("operations/get", False),
        ("/route", False),
        (":~:text=x", False),
        ("tag", True),
        ("taginstall/x", True),
    ],
)
def test_routes_of_a_reference_are_no_places(fragment: str, is_broken: bool) -> None:
    files = {"a.md": f"[x](b.md#{fragment})", "b.md": "# B\n"}

    assert bool(resolve(files).broken) == is_broken


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("ENGLISH_VERSION_URL", "elsewhere"),
        ("BASE_LINK", "elsewhere"),
        ("CODE_OF_CONDUCT", "missing"),
        ("URL", "missing"),
    ],
)
def test_a_word_that_a_program_replaces_is_no_page(word: str, found: str) -> None:
    assert outcome(resolve({"a.md": f"[x]({word})"}), word) == found


@pytest.mark.parametrize(
    ("name", "text", "address"),
    [
        ("book.toml", '[output.html.redirect]\n"old.html" = "new.html"\n[rust]\n', "old.html"),
        (
            "mkdocs.yml",
            "plugins:\n  - redirects:\n      redirect_maps:\n        'old.md': new.md\n  - x:\n",
            "/old/",
        ),
        ("netlify.toml", '[[redirects]]\nfrom = "/old/*"\nto = "/new"\n', "/old/x"),
        ("vercel.json", '{"redirects": [{"source": "/old", "destination": "/new"}]}', "/old"),
        ("docusaurus.config.js", "redirects: [{from: ['/a', '/old'], to: '/new'}]", "/old"),
    ],
)
def test_addresses_that_a_configuration_sends_on_are_there(
    name: str, text: str, address: str
) -> None:
    folder = "src" if name == "book.toml" else "docs"
    files = {f"{folder}/a.md": f"[x]({address}) [y](none.html) [z](/none)"}
    report = resolve(files, {name: text})

    assert [link.target for link in report.broken] == ["none.html", "/none"]


def test_a_table_ends_where_the_next_one_begins() -> None:
    text = '[output.html.redirect]\n"a.html" = "b.html"\n[other]\n"c.html" = "d.html"\n'

    assert redirects_in_words("book.toml", lambda: text) == "sends on: a.html"
    assert redirects_in_words("other.toml", lambda: text) == ""


@pytest.mark.parametrize(
    ("meta", "leads"),
    [
        ('<meta http-equiv="refresh" content="0; url=b.html">', True),
        ("<META HTTP-EQUIV=Refresh CONTENT='5;URL=b.html'>", True),
        ('<meta http-equiv="refresh" content="300">', False),
        ('<meta name="refresh" content="0; url=b.html">', False),
    ],
)
def test_a_page_that_sends_its_readers_on_leads_there(meta: str, leads: bool) -> None:
    files = {"a.html": f"<head>{meta}</head><p>Moved.</p>", "b.html": "<h1>B</h1>"}

    assert bool(resolve(files).edges) == leads


MOUNTS = "mounts:\n  - source: tmp/spec\n    target: content/docs/spec\n"


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({}, "elsewhere"),
        ({"tmp/spec/api.md": "# API\n"}, "tmp/spec/api.md"),
        ({"tmp/spec/other.md": "# Other\n"}, "missing"),
    ],
)
@pytest.mark.parametrize("address", ["/docs/spec/api/", "../docs/spec/api.md"])
def test_what_hugo_mounts_lies_where_it_is_mounted_from(
    files: dict[str, str], found: str, address: str
) -> None:
    pages = {"content/blog/a.md": f"[x]({address}) [y](/docs/gone/)", **files}
    report = resolve(pages, {"hugo.toml": "", "config/_default/module.yaml": MOUNTS})

    assert outcome(report, address) == found
    assert outcome(report, "/docs/gone/") == "missing"


def test_a_folder_of_programs_is_there() -> None:
    documents = [read("a.md", "[x](tests/) [y](./tests) [z](test)")]
    report = resolve_links(documents, other_files=frozenset(["tests/in/test_one.py"]))

    assert (report.other, [link.target for link in report.broken]) == (2, ["test"])


def test_repeated_sections_of_asciidoctor_are_numbered() -> None:
    links = "xref:b.adoc#_use_2[x] xref:b.adoc#_use_3[y] xref:b.adoc#use-2[z]\n"
    report = resolve({"a.adoc": links, "b.adoc": "= B\n\n== Use\n\nx\n\n== Use\n\ny\n"})

    assert [link.target.rpartition("#")[2] for link in report.broken] == ["_use_3"]


def test_a_mounted_file_is_a_page() -> None:
    mounts = "- source: tmp/spec.md\n  target: content/docs/spec/_index.md\n"
    report = resolve({"content/a.md": "[x](/docs/spec/)"}, {"hugo.toml": mounts})

    assert outcome(report, "/docs/spec/") == "elsewhere"


def test_a_page_of_no_translation_is_found_from_where_it_is_served() -> None:
    files = {
        "content/ja/docs/agent/start.md": "[x](../setup) [y](../gone)",
        "content/en/docs/agent/setup.md": "# Setup\n",
    }
    report = resolve(files, {"hugo.toml": ""})

    assert [edge.target_path for edge in report.edges] == ["content/en/docs/agent/setup.md"]
    assert [link.target for link in report.broken] == ["../gone"]


@pytest.mark.parametrize(
    ("configuration", "found"), [({"book/book.toml": ""}, "elsewhere"), ({}, "generated")]
)
def test_a_source_of_a_page_is_read_as_the_page(configuration: dict[str, str], found: str) -> None:
    files = {
        "man/loom-add.md": "[x](../reference/features.html) [y](../reference/gone.html)",
        "book/src/commands/loom-add.md": "# loom add\n",
        "book/src/reference/features.md": "# Features\n",
    }
    report = resolve(files, configuration)

    assert outcome(report, "../reference/features.html") == found
    assert outcome(report, "../reference/gone.html") == "missing"


def test_a_part_of_a_source_is_read_as_the_page() -> None:
    files = {
        "man/loom-add.md": "# loom add\n\n{{> options-roll }}\n",
        "man/includes/options-roll.md": "[x](../reference/features.html) [y](../gone.html)",
        "book/src/commands/loom-add.md": "# loom add\n",
        "book/src/reference/features.md": "# Features\n",
    }
    report = resolve(files, {"book/book.toml": ""})

    assert outcome(report, "../reference/features.html") == "elsewhere"
    assert outcome(report, "../gone.html") == "missing"


def test_a_place_is_looked_for_where_the_page_is_served() -> None:
    files = {
        "content/site/_index.md": "# Site\n",
        "content/site/build/_index.md": "# Build\n\n## Kinds\n",
        "content/site/build/scripts.md": "[x](../#kinds) [y](../#gone)",
    }
    report = resolve(files, {"hugo.toml": ""})

    assert [link.target for link in report.broken] == ["../#gone"]
    assert [edge.target_path for edge in report.edges if edge.target_section] == [
        "content/site/build/_index.md"
    ]


def test_a_page_named_as_its_folder_names_the_neighbours_of_the_folder() -> None:
    files = {
        "docs/rolls/rolls.md": "[x](./rolls/policy) [y](./rolls/gone)",
        "docs/rolls/policy.md": "# Policy\n",
    }
    report = resolve(files, {"docusaurus.config.js": ""})

    assert [edge.target_path for edge in report.edges] == ["docs/rolls/policy.md"]
    assert [link.target for link in report.broken] == ["./rolls/gone"]


def test_an_address_that_a_page_declares_precedes_a_file_in_another_case() -> None:
    files = {
        "a.md": "[x](/gemfile)",
        "reference/gem.md": "---\npermalink: /gemfile\n---\n# Gems\n",
        "Gemfile": "not this\n",
    }

    assert outcome(resolve(files, {"_config.yml": ""}), "x") == "reference/gem.md"


def test_a_shortcode_may_make_places() -> None:
    files = {
        "content/a.md": '[x](#loom) [y](b.md#loom)\n\n{{% define "loom" %}}x{{% /define %}}\n',
        "content/b.md": "# B\n\n{{< note >}}x{{< /note >}}\n",
        "layouts/shortcodes/define.html": '<dt id="{{ urlize (.Get 0) }}">x</dt>',
        "layouts/shortcodes/note.html": '<p id="note">x</p>',
    }

    assert [link.target for link in resolve(files, {"hugo.toml": ""}).broken] == ["b.md#loom"]


def test_lists_of_pelican_are_made_wherever_they_are_named() -> None:
    report = resolve({"a.md": "[x]({tag}loom) [y]({static}gone.png)"})

    assert [link.reason for link in report.unknown] == ["generated"]
    assert [link.target for link in report.broken] == ["{static}gone.png"]


def test_an_object_of_sphinx_is_a_place_with_and_without_its_domain() -> None:
    source = "B\n=\n\n.. data:: PATH\n\n   x\n\n.. py:data:: NAME\n\n   y\n\n.. image:: GONE\n"
    links = "`x <b.html#PATH>`_ `y <b.html#NAME>`_ `z <b.html#GONE>`_\n"
    report = resolve({"a.rst": links, "b.rst": source}, {"conf.py": ""})

    assert [link.target for link in report.broken if link.reason == "anchor"] == ["b.html#GONE"]


def test_a_label_may_end_a_paragraph() -> None:
    files = {"a.md": "{ref}`loom` {ref}`gone`", "b.md": "x\n(loom)=\n# Loom\n\ny (gone)= z\n"}
    report = resolve(files, {"conf.py": ""})

    assert [edge.target_path for edge in report.edges] == ["b.md"]
    assert [link.target for link in report.broken] == ["gone"]

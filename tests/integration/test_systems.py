"""Documentation systems: told by their markers, shown by status, set by docsearch.toml."""

import pytest

SITES = {
    "wiki/_Sidebar.md": "[[Set up|Setting-Up]]\n",
    "wiki/sub/Setting-Up.md": "# How to begin\n",
    "vault/Start.md": "[[Oven|the big one]]\n",
    "vault/Oven.md": "## Heat\n\n## Cleaning\n",
    "vault/logseq/config.edn": "{}\n",
    "press/antora.yml": "name: printing\n",
    "press/modules/mill/pages/a.adoc": "= A\n\nxref:printing:roll:b.adoc[] xref:ink::c.adoc[]\n",
    "press/modules/roll/pages/b.adoc": "= B\n",
    "plain.md": "# Plain\n",
}


@pytest.fixture
def sites(index_of, tmp_path):
    index_of(SITES)
    return tmp_path


def shown(inline) -> dict[str, list[str]]:
    rows = inline("status", "--json").data["sites"]
    return {row["folder"]: [*row["systems"], row["source"]] for row in rows}


def broken(inline) -> list[tuple[str, str]]:
    rows = inline("graph", "links", "--json").data["broken"]
    return [(row["source_path"], row["target"]) for row in rows]


def test_every_site_is_read_by_its_own_rules(sites, inline):
    assert shown(inline) == {
        "press": ["antora", "detected"],
        "vault": ["logseq", "detected"],
        "wiki": ["github-wiki", "detected"],
    }
    assert broken(inline) == []
    assert inline("graph", "links", "--json").data["external"] == 1


def test_status_shows_the_sites(sites, inline):
    out = inline("status").stdout

    assert "systems  antora in press\n" in out
    assert "         github-wiki in wiki\n" in out


def test_a_person_corrects_a_guess(sites, inline):
    toml = '[systems]\nwiki = "obsidian"\n"./vault/" = ["logseq"]\npress = "none"\n'
    (sites / "docsearch.toml").write_text(toml)
    inline("index", "docs", "--verify")

    assert shown(inline) == {
        "press": ["set"],
        "vault": ["logseq", "set"],
        "wiki": ["obsidian", "set"],
    }
    assert broken(inline) == [
        ("press/modules/mill/pages/a.adoc", "xref:printing:roll:b.adoc"),
        ("press/modules/mill/pages/a.adoc", "xref:ink::c.adoc"),
        ("wiki/_Sidebar.md", "Set up"),
    ]
    assert inline("index", "docs").stdout.startswith("nothing changed")
    assert "system          wiki: obsidian\n" in inline("config", "show").stdout

    (sites / "docsearch.toml").unlink()
    inline("index", "docs", "--verify")

    assert broken(inline) == []


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ('[systems]\nwiki = "sfinx"\n', "there is no documentation system 'sfinx'"),
        ("[systems]\nwiki = 3\n", "is no name: 3"),
        ('systems = "sphinx"\n', "is not a table"),
    ],
)
def test_what_is_no_system_is_refused(sites, inline, toml, words):
    (sites / "docsearch.toml").write_text(toml)
    ended = inline("index", "docs")

    assert ended.code == 3
    assert words in ended.stderr


def test_a_folder_of_a_set_system_that_is_not_there_is_named(sites, inline):
    (sites / "docsearch.toml").write_text('[systems]\nwiki = "obsidian"\nwikki = "obsidian"\n')
    ended = inline("index", "docs")

    assert ended.code == 0
    assert "[systems] names 'wikki', which is no folder" in ended.stderr
    assert "'wiki'," not in ended.stderr


def test_what_a_configuration_file_says_is_read_again_when_it_changes(sites, inline):
    (sites / "docs/press/antora.yml").write_text("name: other\n")
    assert inline("status", "--json").data["stale"]
    inline("index", "docs", "--verify")

    assert inline("graph", "links", "--json").data["external"] == 2


def test_links_are_read_anew_where_a_marker_comes_or_goes(sites, inline):
    (sites / "docs/wiki/_Sidebar.md").rename(sites / "docs/wiki/sidebar.md")
    ended = inline("index", "docs", "--verify")

    assert "verified" in ended.stdout
    assert broken(inline) == [("wiki/sidebar.md", "Set up")]

    (sites / "docs/wiki/_Footer.md").write_text("x\n")
    ended = inline("index", "docs", "--verify")

    assert "verified" in ended.stdout
    assert broken(inline) == []


def test_a_note_goes_by_the_name_of_its_file(index_of, inline):
    index_of(
        {
            "Keys and locks.md": "---\npublish: true\n---\n\n## Oiling\n\nx\n\n## Storing\n\ny\n",
            "Porch.md": "# Porch\n\nRead Keys and Locks first.\n",
        }
    )

    assert inline("graph", "links", "--json").data["orphans"] == []


def test_a_shortcode_that_comes_or_goes_makes_its_places_so(index_of, tmp_path, inline):
    template = '<dt id="{{ urlize (.Get 0) }}">x</dt>\n'
    index_of(
        {
            "hugo.toml": "",
            "content/a.md": "# A\n\n[x](b.md#loom)\n",
            "content/b.md": "# B\n",
            "layouts/shortcodes/define.html": template,
        }
    )
    assert broken(inline) == [("content/a.md", "b.md#loom")]

    page = tmp_path / "docs/content/b.md"
    page.write_text('# B\n\n{{% define "loom" %}}x{{% /define %}}\n')
    inline("index", "docs", "--verify")
    assert broken(inline) == []

    (tmp_path / "docs/layouts/shortcodes/define.html").write_text("<dt>x</dt>\n")
    inline("index", "docs", "--verify")
    assert broken(inline) == [("content/a.md", "b.md#loom")]

    (tmp_path / "docs/layouts/shortcodes/define.html").write_text(template)
    inline("index", "docs", "--verify")
    page.write_text("# B\n")
    assert "verified" in inline("index", "docs", "--verify").stdout
    assert broken(inline) == [("content/a.md", "b.md#loom")]


def test_filters_of_a_folder_may_give_its_pages_any_place(index_of, tmp_path, inline):
    index_of(
        {
            "_quarto.yml": "project: website\n",
            "reference/_metadata.yml": "search: false\n",
            "reference/in/b.qmd": "# B\n",
            "a.qmd": "[x](reference/in/b.qmd#loom)\n",
        }
    )
    assert broken(inline) == [("a.qmd", "reference/in/b.qmd#loom")]

    metadata = tmp_path / "docs/reference/_metadata.yml"
    metadata.write_text("filters:\n  - reference.lua\n")
    inline("index", "docs", "--verify")
    assert broken(inline) == []

    metadata.write_text("search: false\n")
    assert "verified" in inline("index", "docs", "--verify").stdout
    assert broken(inline) == [("a.qmd", "reference/in/b.qmd#loom")]

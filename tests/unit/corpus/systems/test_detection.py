import pytest

from docsearch_cli.corpus.systems.detection import detect_systems
from docsearch_cli.corpus.systems.site import NO_SITE
from docsearch_cli.corpus.systems.table import SYSTEMS, System


def names(paths: list[str], path: str) -> list[str]:
    return [system.name for system in detect_systems(paths).of(path)]


@pytest.mark.parametrize(
    ("system", "marker"),
    [(system, marker) for system in SYSTEMS for marker in system.markers],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_a_system_is_detected_in_the_folder_of_its_marker_and_below(
    system: System, marker: str
) -> None:
    paths = [f"site/{marker}", "site/deep/down/page.md", "other.md"]

    assert names(paths, "site/page.md") == [system.name]
    assert names(paths, "site/deep/down/page.md") == [system.name]
    assert names(paths, "site") == names(paths, "other/page.md") == []


def test_the_nearest_marker_decides() -> None:
    paths = ["hugo.toml", "manual/conf.py", "manual/.obsidian/", "manual/x/page.rst"]

    assert names(paths, "manual/x/page.rst") == ["sphinx", "obsidian"]
    assert names(paths, "page.md") == ["hugo"]


def test_a_file_of_another_name_is_no_marker() -> None:
    assert names(["site/myconf.py", "site/conf.py.md"], "site/page.md") == []


def test_a_weak_marker_counts_where_nothing_else_says_what_a_folder_is() -> None:
    wiki = ["wiki/Home.md", "wiki/Known-limits.md"]

    assert names(wiki, "wiki/x.md") == ["github-wiki"]
    assert detect_systems(wiki).site_of("wiki/x.md").is_guess
    assert names([*wiki, "mkdocs.yml"], "wiki/x.md") == ["mkdocs"]
    assert names([*wiki, "wiki/Known limits.md"], "wiki/x.md") == []


@pytest.mark.parametrize(
    ("paths", "system"),
    [
        (["config.toml", "content/a.md"], ["hugo"]),
        (["config.toml", "content/a.md", "templates/x.html"], ["zola"]),
        (["config.toml", "src/a.md"], []),
        (["config/_default/hugo.yaml", "content/a.md"], ["hugo"]),
        (["_config.yml", "_toc.yml"], ["jupyter-book"]),
        (["logseq/config.edn"], ["logseq"]),
        (["other/config.edn"], []),
    ],
)
def test_what_lies_beside_a_marker_decides(paths: list[str], system: list[str]) -> None:
    assert names(paths, "x.md") == system


def test_a_marker_in_a_folder_of_a_folder_is_one_of_the_site() -> None:
    sites = detect_systems(["a/config/_default/hugo.toml", "a/content/x.md"]).sites

    assert list(sites) == ["a"]


def test_a_folder_of_a_wiki_is_a_part_of_it_and_not_a_wiki_of_its_own() -> None:
    paths = ["wiki/_Sidebar.md", "wiki/guides/_Sidebar.md", "mkdocs.yml", "sub/mkdocs.yml"]

    assert list(detect_systems(paths).sites) == ["", "sub", "wiki"]


def test_a_person_may_name_the_systems_of_a_folder() -> None:
    named = {"manual": ("sphinx", "obsidian"), "x": ()}
    systems = detect_systems(["mkdocs.yml", "x/conf.py", "x/y/conf.py"], named=named)

    assert [system.name for system in systems.of("manual/a.md")] == ["sphinx", "obsidian"]
    assert systems.of("x/a.md") == ()
    assert [system.name for system in systems.of("x/y/a.md")] == ["sphinx"]
    assert [system.name for system in systems.of("a.md")] == ["mkdocs"]
    assert systems.site_of("x/a.md").is_set
    assert not systems.site_of("a.md").is_set


def test_a_site_knows_what_its_configuration_says() -> None:
    systems = detect_systems(["a/antora.yml"], {"a/antora.yml": {"name": "press"}})
    site = systems.site_of("a/modules/x.adoc")

    assert site.settings == {"name": "press"}
    assert (site.inner("a/modules/x.adoc"), site.outer("y.adoc")) == ("modules/x.adoc", "a/y.adoc")
    assert systems.site_of("b/x.adoc") == NO_SITE


def test_lists_that_the_tool_makes_are_pages() -> None:
    site = detect_systems(["hugo.toml"]).site_of("content/a.md")

    assert site.is_made_page("/tags/")
    assert site.is_made_page("/en/tags/looms/")
    assert not site.is_made_page("/guides/tags-and-more/")
    assert not site.is_made_page("/guides/tags.md/x")
    assert not NO_SITE.is_made_page("/tags/x")


def test_folders_that_are_served_as_the_root() -> None:
    systems = detect_systems(["site/hugo.toml"])

    assert list(systems.folders_served_at_root("site/content/a.md", "x"))[:2] == [
        "site/content",
        "site/static",
    ]
    assert list(systems.folders_served_at_root("docs/a.md", "x")) == []
    outside = list(systems.folders_served_at_root("docs/a.md", "/x"))
    assert {"site", "site/content", "static", "docs/public"} <= set(outside)


def test_a_page_is_served_as_its_own_systems_and_the_assumed_ones_do() -> None:
    systems = detect_systems([])

    assert systems.served_path("02-a b/01-c d.md", "02-a b/01-c d") == "a-b/c-d"
    assert systems.served_path("plain.md", "plain") == "plain"


def test_an_address_may_lead_out_of_its_site_as_it_is_served() -> None:
    systems = detect_systems(["book.toml", "old/book.toml"])

    assert systems.leaves_site("src/a/b.md", "../../c.html")
    assert not systems.leaves_site("src/a/b.md", "../c.html")
    assert not systems.leaves_site("src/a/b.md", "/c.html")
    assert not systems.leaves_site("README.md", "../c.html")
    assert systems.leaves_site("old/src/a.md", "../c.html")
    assert list(systems.paths_as_served("old/src/a.md", "../c.html")) == ["src/c.html"]
    assert list(systems.paths_as_served("src/a.md", "old/c.html")) == ["old/src/c.html"]
    assert list(systems.paths_as_served("README.md", "old/c.html")) == []

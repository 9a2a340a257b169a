import pytest

from docsearch_cli.corpus.systems.antora import (
    Place,
    SiteFacts,
    path_of_page,
    places_of,
    settings_in,
)

HERE = SiteFacts("docs", {"name": "press", "version": "2.0"})
OLD = SiteFacts("old", {"name": "press", "version": "1.0"})
INK = SiteFacts("ink", {})
PAGE = "modules/mill/pages/deep/a.adoc"


def paths(target: str, path: str = PAGE) -> list[str] | None:
    places = places_of(target, path, HERE, [HERE, OLD, INK])
    return None if places is None else [place.path for place in places]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("b.adoc", ["docs/modules/mill/pages/b.adoc"]),
        ("sub/b.adoc", ["docs/modules/mill/pages/sub/b.adoc"]),
        ("xref:roll:b.adoc", ["docs/modules/roll/pages/b.adoc"]),
        ("xref:roll:page$b.adoc", ["docs/modules/roll/pages/b.adoc"]),
        ("xref:ink::b.adoc", ["ink/modules/ROOT/pages/b.adoc"]),
        (
            "xref:press:roll:b.adoc",
            ["docs/modules/roll/pages/b.adoc", "old/modules/roll/pages/b.adoc"],
        ),
        (
            "xref:1.0@press:roll:b.adoc",
            ["old/modules/roll/pages/b.adoc", "docs/modules/roll/pages/b.adoc"],
        ),
        ("xref:paper::b.adoc", []),
        ("include::partial$x.adoc", ["docs/modules/mill/partials/x.adoc"]),
        ("include::roll:example$x.adoc", ["docs/modules/roll/examples/x.adoc"]),
        ("./b.adoc", None),
        ("../b.adoc", None),
        ("pictures/b.png", None),
        ("include::x.adoc", None),
        ("https://example.org/b.adoc", None),
    ],
)
def test_places_that_a_name_means(target: str, expected: list[str] | None) -> None:
    assert paths(target) == expected


def test_a_page_needs_the_folder_it_lies_in() -> None:
    assert places_of("xref:roll:sub/b.adoc", PAGE, HERE, [HERE]) == [
        Place("docs/modules/roll/pages/sub/b.adoc", "docs/modules/roll/pages/sub")
    ]


def test_navigation_and_partials_name_pages_of_their_module() -> None:
    assert paths("b.adoc", "modules/mill/nav.adoc") == ["docs/modules/mill/pages/b.adoc"]
    assert paths("b.adoc", "modules/mill/partials/x.adoc") == ["docs/modules/mill/pages/b.adoc"]
    assert paths("b.adoc", "other/x.adoc") is None


def test_where_no_site_is_known_a_name_is_a_path_below_a_folder_of_modules() -> None:
    assert path_of_page("xref:mill:a.adoc") == "/modules/mill/pages/a.adoc"
    assert path_of_page("include::partial$a.adoc") == "/partials/a.adoc"
    assert path_of_page("a.adoc") == "a.adoc"


def test_name_and_version_of_a_component() -> None:
    assert settings_in("antora.yml", "name: press # ours\nversion: '2.0'\ntitle: Press\n") == {
        "name": "press",
        "version": "2.0",
    }
    assert settings_in("antora.yml", "version: ~\n") == {"version": "~"}

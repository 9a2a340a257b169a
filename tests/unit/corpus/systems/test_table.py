import pytest

from docsearch_cli.corpus.systems import table


@pytest.mark.parametrize(
    ("target", "page"),
    [
        ('{{< ref "install.md" >}}', "install.md"),
        ('{{% relref path="a/b" lang="en" %}}#part', "a/b#part"),
        ("{% post_url 2024-01-02-news %}#x", "2024-01-02-news#x"),
        ("install.md", None),
        ("{{ page.url }}", None),
    ],
)
def test_pages_named_by_a_tag(target: str, page: str | None) -> None:
    assert table.named_page(target) == page


@pytest.mark.parametrize(
    ("target", "address"),
    [
        ("{% link a/b.md %}", "/a/b.md"),
        ("{{ base }}{%- link a.md -%}#x", "{{ base }}/a.md#x"),
        ("@site/docs/a.md", "/docs/a.md"),
        ("a.md", "a.md"),
    ],
)
def test_addresses_are_freed_of_what_one_system_understands(target: str, address: str) -> None:
    assert table.address_of(target) == address


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("other:page.adoc", "/modules/other/pages/page.adoc"),
        ("2.0@comp:mod:page$deep/page.adoc", "/comp/modules/mod/pages/deep/page.adoc"),
        ("comp::page.adoc", "/comp/modules/ROOT/pages/page.adoc"),
        ("page.adoc", "page.adoc"),
        ("https://example.org/a:b", "https://example.org/a:b"),
    ],
)
def test_paths_of_cross_references(target: str, path: str) -> None:
    assert table.xref_path(target) == path


def test_labels_of_sphinx() -> None:
    assert table.is_made_label("genindex")
    assert not table.is_made_label("guide")
    assert table.is_foreign_label("python:glossary", "rst")
    assert table.is_foreign_label("term:python:list", "markdown")
    assert not table.is_foreign_label("term:list", "rst")
    assert not table.is_foreign_label("python:glossary", "org")
    assert table.has_heading_labels("rst")
    assert not table.has_heading_labels("asciidoc")
    assert table.has_fragment_labels("markdown")
    assert not table.has_fragment_labels("rst")


def test_a_kept_source_is_a_copy_of_its_page() -> None:
    assert list(table.pages_made_of("/x/_sources/a/b.rst.txt")) == [
        "/x/a/b.html",
        "/x/a/b/index.html",
    ]
    assert list(table.pages_made_of("/x/a/b.rst.txt")) == []
    assert list(table.pages_made_of("/x/_sources/b.txt")) == []


def test_systems_have_names_of_their_own_and_markers() -> None:
    names = [system.name for system in table.SYSTEMS]

    assert len(set(names)) == len(names)
    assert all(system.markers or system.paired_markers for system in table.SYSTEMS)

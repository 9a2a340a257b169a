import pytest

from docsearch_cli.corpus.links.template_addresses import has_template, site_path, without_root


@pytest.mark.parametrize(
    ("target", "address"),
    [
        ("{{ site.baseurl }}/x", "/x"),
        ("{{site.baseurl}}x", "/x"),
        ("{{ site.url }}{{ site.baseurl }}/x", "/x"),
        ("{{ site.baseurl }}", "/"),
        ("{{- base_url -}}/x", "/x"),
        ("{% include base_path %}/x", "/x"),
        ("{{ page.root }}/x", "/x"),
        ("{{< baseurl >}}x", "/x"),
        ("${baseUrl}docs/x", "/docs/x"),
        ("<%= base_url %>/x", "/x"),
        ("{{ '/x' | relative_url }}#y", "/x#y"),
        ('{{ "x.md" | url }}', "/x.md"),
        ("{{ '/x' | prepend: site.baseurl }}", "/x"),
        ('{{< relurl "x/" >}}', "/x/"),
        ("{{ pathto('x') }}", "/x"),
        ("{{ 'https://a.b/c' | absolute_url }}", "https://a.b/c"),
        ("{{ page.url }}#x", "#x"),
        ("{{ site.baseurl }}{% link x.md %}", "{% link x.md %}"),
        ("{{ site.repository }}/x", "{{ site.repository }}/x"),
        ("{{ page.url }}/x", "{{ page.url }}/x"),
        ("{{ 'x' | asset }}", "{{ 'x' | asset }}"),
        ("{{ url_for('x') }}", "{{ url_for('x') }}"),
        ("x/{{ site.baseurl }}", "x/{{ site.baseurl }}"),
        ("plain/x", "plain/x"),
    ],
)
def test_templates_of_the_root(target: str, address: str) -> None:
    assert without_root(target) == address


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("{{ page.version }}/x", "/x"),
        ("{{ site.docs }}x#y", "/x#y"),
        ("{{ site.github.repository_url }}/x", None),
        ("{{% param github_repo %}}/x", None),
        ("{{ site.download_host }}/x", None),
        ("{{ page.version }}", None),
        ("{{ page.version }}#x", None),
        ("{{ a }}/{{ b }}/x", None),
        ("x/{{ a }}", None),
        ("{{ unclosed", None),
    ],
)
def test_what_an_unknown_template_may_stand_for(target: str, path: str | None) -> None:
    assert site_path(target) == path


@pytest.mark.parametrize(
    ("target", "has_any"), [("$appurl$", True), ("$base$/x", True), ("$5", False), ("a$b$", False)]
)
def test_a_variable_of_pandoc_is_a_template(target: str, has_any: bool) -> None:
    assert has_template(target) is has_any

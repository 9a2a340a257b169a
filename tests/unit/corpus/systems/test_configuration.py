import pytest

from docsearch_cli.corpus.systems.configuration import settings_from_words, settings_in_words
from tests.cpu_time import cpu_s, grows_linearly


def words(text: str, path: str = "docs/antora.yml") -> str:
    return settings_in_words(path, lambda: text)


def test_settings_are_kept_in_words_and_read_back() -> None:
    found = words("name: press\nversion: 2.0\n")

    assert found == "settings of antora: name = press, version = 2.0"
    assert settings_from_words(f"no reader for .yml files; {found}") == {
        "name": "press",
        "version": "2.0",
    }


@pytest.mark.parametrize("value", ["x" * 2_001, "a,b"])
def test_a_value_that_would_not_read_back_is_left_out(value: str) -> None:
    assert words(f"name: {value}\nversion: 1\n") == "settings of antora: version = 1"


def test_other_files_and_other_details_hold_no_settings() -> None:
    assert words("name: press\n", "docs/other.yml") == ""
    assert words("title: x\n") == ""
    assert settings_from_words("no reader for .yml files") == {}


@pytest.mark.parametrize(
    ("path", "text", "sections"),
    [
        ("hugo.yaml", "a: 1\npermalinks:\n  # x\n  blog: '/:year/:slug/'\n  p: /:title\nb: 2\n",
            "blog:/:year/:slug/ p:/:title"),
        ("hugo.yml", "permalinks:\n  page:\n    posts: /p/:filename\n  section:\n    posts: /x\n",
            "posts:/p/:filename"),
        ("config.toml", '[permalinks]\nposts = "/:title/"\n[permalinks.page]\nd = "/:slug"\n[x]\n',
            "posts:/:title/ d:/:slug"),
        ("config/_default/permalinks.toml", "posts = '/:title/'\n", "posts:/:title/"),
    ],
)  # fmt: skip
def test_hugo_says_where_the_pages_of_a_section_are_served(
    path: str, text: str, sections: str
) -> None:
    assert words(text, path) == f"settings of hugo: sections = {sections}"


@pytest.mark.parametrize(
    ("text", "tool"),
    [('baseURL = "https://x"\n', "hugo"), ("baseurl= '/'\n", "hugo"), ("base_url = '/'", "zola")],
)
def test_the_address_of_a_site_tells_whose_configuration_it_is(text: str, tool: str) -> None:
    assert words(text, "config.toml") == f"settings of hugo: tool = {tool}"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("hugo.toml", '[[module.mounts]]\ntarget = "content/in"\nlang = "de"\nsource = "docs"\n'),
        ("hugo.json", '{"module": {"mounts": [{"source": "docs", "target": "content/in"}]}}'),
        ("hugo.yaml", "module:\n  mounts:\n    - target: content/in\n      source: docs\n"),
        ("hugo.toml", 'mounts = [{ source = "docs", target = "content/in" }]\n'),
    ],
)
def test_mounts_of_hugo_are_read_in_any_order_and_form(path: str, text: str) -> None:
    assert words(text, path) == "settings of hugo: mounts = in:docs"


@pytest.mark.parametrize(
    "text", ["[de]\ncontentDir = 'de-docs'\n", '{"de": {"contentDir": "de-docs"}}']
)
def test_each_language_of_hugo_may_have_its_folder(text: str) -> None:
    assert words(text, "hugo.toml") == "settings of hugo: content = de-docs"


def test_antora_says_which_attributes_its_pages_share() -> None:
    text = (
        "name: press\nasciidoc:\n  attributes:\n    parts: partial$\n    rel: '2.1@'\n    t: a b\n"
    )

    assert words(text) == "settings of antora: attributes = parts=partial$ rel=2.1, name = press"


@pytest.mark.parametrize("path", ["hugo.yaml", "config.toml", "antora.yml"])
@pytest.mark.parametrize(
    "piece",
    ["permalinks:\n", "permalinks:\n  a: b\n", "[permalinks]\n", "  a: :b\n", "a" * 50, " ", "\n",
        "  attributes:\n", "  attributes:\n    a: b\n", "    a: $", "base"],
)  # fmt: skip
def test_hostile_configuration_takes_linear_time(path: str, piece: str) -> None:
    def cost_s(count: int) -> float:
        text = f"permalinks:\n  attributes:\n{piece * count}"
        return cpu_s(lambda: words(text, path))

    assert grows_linearly(cost_s, 8_000)


@pytest.mark.parametrize(
    ("text", "folder"),
    [
        ("quartodoc:\n  package: mill\n  dir: api\n", "api"),
        ("quartodoc:\n  package: mill\n\nx: 1\ndir: y\n", "reference"),
        ("filters:\n  - interlinks\n", "reference"),
    ],
)
def test_quartodoc_fills_a_folder_with_pages(text: str, folder: str) -> None:
    assert words(text, "_quarto.yml") == f"settings of quarto: made-folder = {folder}"

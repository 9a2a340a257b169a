import pytest

from docsearch_cli.corpus.systems.sphinx import address_of, is_made_place, settings_in
from tests.cpu_time import cpu_s, grows_linearly


@pytest.mark.parametrize(
    ("target", "address"),
    [
        ("project:a.md#x", "a.md#x"),
        ("project:#label", "#label"),
        ("path:../x.txt", "../x.txt"),
        ("project://x", "project://x"),
        ("inv:python#x", "inv:python#x"),
    ],
)
def test_pages_of_the_project_may_be_named_as_such(target: str, address: str) -> None:
    assert address_of(target) == address


def test_pages_may_be_made_of_programs() -> None:
    found = settings_in("conf.py", 'extensions = ["sphinx.ext.autodoc"]\n')

    assert found == {"programs": "yes"}
    assert is_made_place("loom.threads.Warp()", found)
    assert not is_made_place("loom.md", found)
    assert not is_made_place("loom.threads.Warp", {})


@pytest.mark.parametrize(
    ("text", "has_others"),
    [
        ("intersphinx_mapping = {'a': ('b', None)}\n", True),
        ("intersphinx_mapping['a'] = ('b', None)\n", True),
        ("theirs_intersphinx_enable = [\n    'attrs',\n]\n", True),
        ("intersphinx_mapping: dict[str, str] = {}\n", False),
        ("intersphinx_enable = []\n", False),
    ],
)
def test_other_projects_are_named_in_several_ways(text: str, has_others: bool) -> None:
    assert ("other-projects" in settings_in("conf.py", text)) is has_others


def test_folders_that_are_copied_to_the_root_are_settings() -> None:
    text = "html_extra_path = [\n    \"../extra\",\n    'robots',\n]\n"

    assert settings_in("conf.py", text) == {"copied": "../extra robots"}


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("theme = {'overwrite': True}\nexclude_patterns = ['old/notes.md']\n", None),
        ("p.write_text(x)\nexclude_patterns = [\n 'old/notes.md',\n]\n", None),
        ("exclude_patterns += ['notes.md']\nopen('list.md', 'w').write(x)\n", "list"),
        ("(here / 'in' / 'list.rst').write_text(x)\n", "list"),
    ],
)
def test_only_pages_that_are_written_are_made(text: str, made: str | None) -> None:
    assert settings_in("conf.py", text).get("made-pages") == made


def test_folders_that_extensions_fill_are_made() -> None:
    text = """sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": ["./auto_examples"],
}
autoapi_root = "reference/api"
"""

    assert settings_in("conf.py", text)["made-folder"] == "auto_examples reference/api"


@pytest.mark.parametrize("before", ["gallery_dirs=", "autoapi_root =", "exclude_patterns = ["])
@pytest.mark.parametrize("piece", [" ", "\n", "[", "['"])
def test_hostile_configuration_takes_linear_time(before: str, piece: str) -> None:
    def cost_s(count: int) -> float:
        return cpu_s(lambda: settings_in("conf.py", before + piece * count))

    assert grows_linearly(cost_s, 40_000)

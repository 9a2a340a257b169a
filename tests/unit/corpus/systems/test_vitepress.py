from pathlib import Path

import pytest

from docsearch_cli.corpus.systems.configuration import hidden_settings, settings_from_words
from docsearch_cli.corpus.systems.vitepress import moved, settings_in
from tests.cpu_time import cpu_s, grows_linearly

CONFIG = """import { defineConfig } from 'vitepress'
export default defineConfig({
  title: 'Loom', base: '/loom/',
  // srcDir: 'old',
  srcDir: "./src",
  rewrites: {
    'packages/:pkg/src/(.*)': ':pkg/index.md',
    "a.md": 'b/c.md',
  },
})
"""


def test_the_configuration_says_where_pages_lie_and_are_served() -> None:
    assert settings_in("config.ts", CONFIG) == {
        "base": "loom",
        "content": "src",
        "rewrites": "packages/:pkg/src/(.*)>:pkg/index.md a.md>b/c.md",
    }
    assert (
        settings_in("config.ts", "export default { database: '/x/', base: '/', srcDir: '.' }") == {}
    )


@pytest.mark.parametrize(
    ("rewrites", "stem", "place"),
    [
        ("a.md>b/c.md", "a", "b/c"),
        ("packages/:pkg/src/:slug*>:pkg/:slug*", "packages/x/src/y/z", "x/y/z"),
        ("packages/:pkg/src/(.*)>:pkg/index.md", "packages/x/src/y", "x/index"),
        (":a/:b.md>:b/:a.md", "x/y", "y/x"),
        ("a/:x.md>b/:x.md", "a/x/y", None),
        ("a/:x([a-z]{2}).md>b/:x.md", "a/xy", None),
        ("a/:x/:x.md>b/:x.md", "a/b/b", None),
        (":a-:b.md>:b/:a.md", "x-y", None),
        ("a/:x².md>b/:x².md", "a/b", None),
        # What would take a hostile path's length to the power of three, and more, is no rule.
        (":a([^/]+):b([^/]+):c([^/]+).md>:a/:b/:c.md", "xyz", None),
        (":a*/:b*/x.md>:b/:a.md", "a/b/x", None),
    ],
)
def test_a_page_is_moved_as_a_rule_says(rewrites: str, stem: str, place: str | None) -> None:
    assert moved(stem, {"rewrites": rewrites}) == place


def test_the_configuration_in_a_hidden_folder_is_read_and_no_link_followed(tmp_path: Path) -> None:
    folder = tmp_path / ".vitepress"
    folder.mkdir()
    (tmp_path / "elsewhere.js").write_text("export default { base: '/secret/' }")
    (folder / "config.js").symlink_to(tmp_path / "elsewhere.js")
    read: list[str] = []

    assert hidden_settings(str(folder), read.append) == ""

    (folder / "config.mts").write_text(CONFIG)
    words = hidden_settings(str(folder), read.append)

    assert settings_from_words(words)["base"] == "loom"
    # Those that are not there are noted too: they may come.
    assert {str(folder / "config.mts"), str(folder / "config.ts")} <= set(read)
    assert str(folder / "config.js") in read  # the link may become a file
    assert hidden_settings(str(tmp_path), read.append) == ""


@pytest.mark.parametrize(
    "piece", ["rewrites: {", "'a': 'b',", "base: '", ":a", " ", "\n", "{", ","]
)
def test_hostile_configuration_takes_linear_time(piece: str) -> None:
    def cost_s(count: int) -> float:
        return cpu_s(lambda: moved("a/" * 50, settings_in("config.ts", piece * count)))

    assert grows_linearly(cost_s, 16_000)

import pytest

from docsearch_cli.corpus.systems.docusaurus import served_path, settings_in


@pytest.mark.parametrize(
    ("path", "served"),
    [
        ("02-guides/01-intro", "guides/intro"),
        ("1. first/2 - second", "first/second"),
        ("01-a 02-b/c 03-d", "a 02-b/c 03-d"),
        ("2024-05-06-news", "2024-05-06-news"),
        ("release/1.2", "release/1.2"),
        ("versioned_docs/version-2.0/02-setup", "docs/2.0/setup"),
        ("site/versioned_docs/version-2.0/setup", "site/docs/2.0/setup"),
        ("versioned_docs/version-2.0", "versioned_docs/version-2.0"),
        ("plain/path", "plain/path"),
    ],
)
def test_a_page_is_served_without_numbers_and_version_folders(path: str, served: str) -> None:
    assert served_path(path) == served


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("docs: {'path': './docs', 'routeBasePath': '/'}", {"content": "docs"}),
        ("docs: {path: '../docs', sidebar: 'x', routeBasePath: '/'}", {"content": "../docs"}),
        ("{routeBasePath: 'press', path: './press-docs'}", {"mounts": "press:press-docs"}),
        ("{path: 'community', routeBasePath: 'community'}", {}),
        ("{routeBasePath: '/'}", {"content": "docs"}),
        ("{path: 'blog'}", {}),
        ("{routeBasePath: '/', x: '" + " " * 700 + "', path: 'far'}", {"content": "docs"}),
    ],
)
def test_folders_are_served_below_routes(text: str, settings: dict[str, str]) -> None:
    assert settings_in("docusaurus.config.ts", text) == settings
